"""Logistic regression of labels on functions of the score, fitted to tallied cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from plimsoll.stats.calibration_cells import POOLED, Cells, pool_starts

Floats = npt.NDArray[np.float64]

CLIP = 1e-15
"""Scores are kept this far from 0 and 1 before a logarithm is taken."""
_ROUNDS = 100
_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Fit:
    """Maximum-likelihood coefficients (k,), their information matrix (k, k) and the loss.

    ``loss`` is minus the log-likelihood. ``converged`` is false where the maximum lies at infinity.
    """

    coefficients: Floats
    information: Floats
    loss: float
    converged: bool

    @property
    def covariance(self) -> Floats:
        """Inverse of the information, (k, k)."""
        return np.linalg.inv(self.information)


def logit(scores: Floats) -> Floats:
    """Return log(p / (1 - p)) of probabilities clipped to [1e-15, 1 - 1e-15]."""
    p = np.clip(scores, CLIP, 1 - CLIP)
    return special.logit(p)


def pooled_features(cells: Cells, features: Floats, limit: int = POOLED) -> tuple[Floats, Cells]:
    """Return features (at most ``limit``, k) and cells pooled alike.

    The mean of a feature is taken, not the feature of the mean score, so that a pool that reaches
    from 1e-9 to 1e-3 keeps its logits.
    """
    if cells.scores.size <= limit:
        return features, cells
    start = pool_starts(cells.weights, limit)
    sums = np.add.reduceat(features * cells.weights[:, None], start, axis=0)
    return sums / np.add.reduceat(cells.weights, start)[:, None], cells.pooled(limit)


def fit_logistic(
    features: Floats,
    negatives: Floats,
    positives: Floats,
    *,
    offset: Floats | None = None,
    start: Floats | None = None,
) -> Fit:
    """Fit labels to ``features`` (m, k) by Newton steps that are halved until the loss falls.

    ``negatives`` and ``positives`` (m,) may be fractions; ``offset`` (m,) is added to the linear
    predictor; ``start`` (k,) is where to begin.
    """
    base = np.zeros(features.shape[0]) if offset is None else offset
    weights = negatives + positives
    theta = np.zeros(features.shape[1]) if start is None else start.astype(np.float64)
    loss = _loss(theta, features, base, weights, positives)
    for _ in range(_ROUNDS):
        score, information = _derivatives(theta, features, base, weights, positives)
        step = _solve(information, score)
        if step is None:
            return Fit(theta, information, loss, False)
        gain = float(step @ score)
        if gain <= _TOLERANCE**2 * max(1.0, abs(loss)):
            return Fit(theta, information, loss, True)
        theta, loss, moved = _descend(theta, step, loss, gain, features, base, weights, positives)
        if not moved:
            return Fit(theta, information, loss, gain <= 1e-6)
    return Fit(theta, information, loss, False)


def refit_without_groups(
    features: Floats, cells: Cells, fit: Fit, *, offset: Floats | None = None, rounds: int = 3
) -> Floats:
    """Return the coefficients (G, k) when each group is left out in turn, from ``fit`` on.

    All groups take ``rounds`` Newton steps at once; the first one is the infinitesimal jackknife.
    """
    if cells.by_group is None:
        raise ValueError("leaving out groups needs cells with a group axis")
    base = np.zeros(features.shape[0]) if offset is None else offset
    positives = cells.positives - cells.by_group[1]
    weights = cells.weights - cells.by_group.sum(axis=0)
    k = features.shape[1]
    products = (features[:, :, None] * features[:, None, :]).reshape(-1, k * k)
    theta = np.tile(fit.coefficients, (cells.groups, 1))
    for _ in range(rounds):
        mu = special.expit(theta @ features.T + base)
        score = (positives - weights * mu) @ features
        information = ((weights * mu * (1 - mu)) @ products).reshape(-1, k, k)
        ridge = 1e-9 * np.trace(fit.information) / k * np.eye(k)
        theta = theta + np.linalg.solve(information + ridge, score[:, :, None])[:, :, 0]
    return theta


def sandwich(features: Floats, cells: Cells, fit: Fit, *, offset: Floats | None = None) -> Floats:
    """Return the covariance (k, k) of the coefficients that holds if the model is wrong, too.

    Huber and White: inverse information x spread of the row scores x inverse information.
    """
    base = np.zeros(features.shape[0]) if offset is None else offset
    mu = special.expit(features @ fit.coefficients + base)
    spread = cells.squared[0] * mu**2 + cells.squared[1] * (1 - mu) ** 2
    middle = (features * spread[:, None]).T @ features
    covariance: Floats = fit.covariance @ middle @ fit.covariance
    return covariance


def _loss(
    theta: Floats, features: Floats, base: Floats, weights: Floats, positives: Floats
) -> float:
    eta = features @ theta + base
    softplus = np.maximum(eta, 0) + np.log1p(np.exp(-np.abs(eta)))
    return float(weights @ softplus - positives @ eta)


def _derivatives(
    theta: Floats, features: Floats, base: Floats, weights: Floats, positives: Floats
) -> tuple[Floats, Floats]:
    mu = special.expit(features @ theta + base)
    score = features.T @ (positives - weights * mu)
    information = (features * (weights * mu * (1 - mu))[:, None]).T @ features
    return score, information


def _solve(information: Floats, score: Floats) -> Floats | None:
    try:
        step = np.linalg.solve(information, score)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _descend(
    theta: Floats,
    step: Floats,
    loss: float,
    gain: float,
    features: Floats,
    base: Floats,
    weights: Floats,
    positives: Floats,
) -> tuple[Floats, float, bool]:
    for _ in range(40):
        tried = theta + step
        found = _loss(tried, features, base, weights, positives)
        if found <= loss + 1e-13 * abs(loss):
            return tried, found, True
        step = step / 2
    return theta, loss, False
