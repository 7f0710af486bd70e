"""Logistic regression of labels on functions of the score, fitted to tallied cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from plimsoll.stats.calibration_cells import POOLED, Cells
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.resample import pool_starts

CLIP = 1e-15
"""Scores are kept this far from 0 and 1 before a logarithm is taken."""
_ROUNDS = 100
_TOLERANCE = 1e-18
"""Newton decrement, relative to the loss, at which a fit has arrived."""


@dataclass(frozen=True, eq=False)
class Design:
    """What the linear predictor is made of: ``features`` (m, k) and an ``offset`` (m,) added to it."""

    features: FloatArray
    offset: FloatArray

    @staticmethod
    def of(*columns: FloatArray, offset: FloatArray | None = None) -> Design:
        """Put columns (m,) side by side; without an offset it is 0."""
        features = np.stack(columns, axis=1)
        return Design(features, np.zeros(features.shape[0]) if offset is None else offset)

    def predictor(self, coefficients: FloatArray) -> FloatArray:
        """Return the linear predictor, shape (m,)."""
        eta: FloatArray = self.features @ coefficients + self.offset
        return eta

    def without(self, at: int, value: float) -> Design:
        """Return the design with one coefficient fixed."""
        fixed = self.offset + self.features[:, at] * value
        return Design(np.delete(self.features, at, axis=1), fixed)

    def pooled(self, cells: Cells, limit: int = POOLED) -> tuple[Design, Cells]:
        """Return design and cells pooled alike to at most ``limit`` cells.

        The mean of a feature is taken, not the feature of the mean score, so that a pool that
        reaches from 1e-9 to 1e-3 keeps its logits.
        """
        if cells.scores.size <= limit:
            return self, cells
        start = pool_starts(cells.weights, limit)
        columns = np.column_stack([self.features, self.offset]) * cells.weights[:, None]
        means = np.add.reduceat(columns, start) / np.add.reduceat(cells.weights, start)[:, None]
        few = Design(np.ascontiguousarray(means[:, :-1]), np.ascontiguousarray(means[:, -1]))
        return few, cells.pooled(limit)


@dataclass(frozen=True, eq=False)
class Fit:
    """Maximum-likelihood coefficients (k,), their information matrix (k, k) and the loss.

    ``loss`` is minus the log-likelihood. ``converged`` is false where the maximum lies at infinity.
    """

    coefficients: FloatArray
    information: FloatArray
    loss: float
    converged: bool

    @property
    def covariance(self) -> FloatArray:
        """Inverse of the information, (k, k)."""
        inverse = np.asarray(np.linalg.inv(self.information), dtype=np.float64)
        return inverse


def logit(scores: FloatArray) -> FloatArray:
    """Return log(p / (1 - p)) of probabilities clipped to [1e-15, 1 - 1e-15]."""
    logits: FloatArray = special.logit(np.clip(scores, CLIP, 1 - CLIP))
    return logits


def loss_of(
    design: Design, coefficients: FloatArray, weights: FloatArray, positives: FloatArray
) -> float:
    """Return minus the log-likelihood."""
    eta = design.predictor(coefficients)
    softplus = np.maximum(eta, 0) + np.log1p(np.exp(-np.abs(eta)))
    return float(weights @ softplus - positives @ eta)


def fit_logistic(
    design: Design,
    weights: FloatArray,
    positives: FloatArray,
    start: FloatArray | None = None,
) -> Fit:
    """Fit labels by Newton steps that are halved until the loss falls.

    ``weights`` (m,) are rows of each cell and ``positives`` (m,) how many of them are positive, both
    possibly fractions; ``start`` (k,) is where to begin.
    """
    theta = np.zeros(design.features.shape[1]) if start is None else start
    loss = loss_of(design, theta, weights, positives)
    information = np.zeros((theta.size, theta.size))
    for _ in range(_ROUNDS):
        with np.errstate(over="ignore", invalid="ignore"):  # a step too far is seen by the loss
            mu = special.expit(design.predictor(theta))
        score = design.features.T @ (positives - weights * mu)
        information = (design.features * (weights * mu * (1 - mu))[:, None]).T @ design.features
        try:
            step = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
        except np.linalg.LinAlgError:
            return Fit(theta, information, loss, False)
        gain = float(step @ score)
        if not np.isfinite(gain):
            return Fit(theta, information, loss, False)
        if gain <= _TOLERANCE * max(1.0, loss):
            return Fit(theta, information, loss, True)
        reached = _descend(design, weights, positives, theta, step, loss)
        if reached is None:
            return Fit(theta, information, loss, gain <= 1e-6)
        theta, loss = reached
    return Fit(theta, information, loss, False)


def refit_without_groups(design: Design, cells: Cells, fit: Fit, rounds: int = 3) -> FloatArray:
    """Return the coefficients (G, k) when each group is left out in turn, from ``fit`` on.

    All groups take ``rounds`` Newton steps at once; the first one is the infinitesimal jackknife.
    """
    if cells.by_group is None:
        raise ValueError("leaving out groups needs cells with a group axis")
    positives = cells.positives - cells.by_group[1]
    weights = cells.weights - cells.by_group.sum(axis=0)
    k = design.features.shape[1]
    products = (design.features[:, :, None] * design.features[:, None, :]).reshape(-1, k * k)
    theta = np.tile(fit.coefficients, (cells.groups, 1))
    # A whisper of a ridge: a group may hold all rows of a label.
    ridge = 1e-9 * np.trace(fit.information) / k * np.eye(k)
    for _ in range(rounds):
        mu = special.expit(theta @ design.features.T + design.offset)
        score = (positives - weights * mu) @ design.features
        information = ((weights * mu * (1 - mu)) @ products).reshape(-1, k, k)
        theta = theta + np.linalg.solve(information + ridge, score[:, :, None])[:, :, 0]
    return theta


def sandwich(design: Design, cells: Cells, fit: Fit) -> FloatArray:
    """Return the covariance (k, k) of the coefficients that holds if the model is wrong, too.

    Huber and White: inverse information x spread of the row scores x inverse information.
    """
    mu = special.expit(design.predictor(fit.coefficients))
    spread = cells.squared[0] * mu**2 + cells.squared[1] * (1 - mu) ** 2
    middle = (design.features * spread[:, None]).T @ design.features
    covariance: FloatArray = fit.covariance @ middle @ fit.covariance
    return covariance


def _descend(
    design: Design,
    weights: FloatArray,
    positives: FloatArray,
    theta: FloatArray,
    step: FloatArray,
    loss: float,
) -> tuple[FloatArray, float] | None:
    for _ in range(40):
        found = loss_of(design, theta + step, weights, positives)
        if found <= loss + 1e-13 * abs(loss):
            return theta + step, found
        step = step / 2
    return None
