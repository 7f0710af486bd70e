"""Noise: the sensor adds what is not there. Gaussian noise, shot noise, impulse noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, pdtr

from plimsoll.core.stress import Draws
from plimsoll.probes.images.fields import normal, uniform
from plimsoll.probes.images.tables import numbers

Floats = npt.NDArray[np.float64]
MANY = 30.0
"""Above this mean the Poisson distribution is read off a normal one with a cubic correction."""


def gaussian_noise(images: Floats, severity: float, draws: Draws) -> Floats:
    """Add ``c x N(0, 1)`` to every value: what a sensor reads in the dark, or when it is warm."""
    (sd,) = numbers("gaussian_noise", severity, *images.shape[1:3])
    return images + sd * normal(draws, images.shape[1:], "values")


def shot_noise(images: Floats, severity: float, draws: Draws) -> Floats:
    """Count photons: ``Poisson(x / c) x c``, of mean x and variance c x, so bright parts scatter most."""
    (per_photon,) = numbers("shot_noise", severity, *images.shape[1:3])
    if per_photon <= 0.0:
        return images.copy()
    u = uniform(draws, images.shape[1:], "values")
    return poisson(u, np.maximum(images, 0.0) / per_photon) * per_photon


def impulse_noise(images: Floats, severity: float, draws: Draws) -> Floats:
    """Make a share of the values black or white, either as likely: bits that flip, dead pixels."""
    (share,) = numbers("impulse_noise", severity, *images.shape[1:3])
    shape = images.shape[1:]
    hit = uniform(draws, shape, "which") < share
    white = uniform(draws, shape, "white") < 0.5
    return np.where(hit, white.astype(np.float64), images)


def poisson(u: Floats, mean: Floats) -> Floats:
    """Return the Poisson quantiles of shares ``u`` between 0 and 1, in the shape of ``u``.

    The smallest k with P(X <= k) >= u. Starts at the expansion of Cornish and Fisher (1937,
    doi:10.2307/1400905) and steps up or down until k is the one; above a mean of 30 the expansion,
    rounded, is within 1 of it and stands.
    """
    z = ndtri(u)
    root = np.sqrt(mean)
    guess = np.floor(mean + root * z + (z * z - 1.0) / 6.0 + 0.5 + _third(z, root))
    out: Floats = np.maximum(guess, 0.0)
    few = np.flatnonzero((mean > 0.0) & (mean <= MANY))
    flat, shares, means = out.ravel(), u.ravel()[few], mean.ravel()[few]
    flat[few] = _settled(flat[few], shares, means)
    flat[(mean <= 0.0).ravel()] = 0.0
    return flat.reshape(u.shape)


def _third(z: Floats, root: Floats) -> Floats:
    """Return the third term of the expansion; nothing where the mean is next to nothing."""
    out: Floats = (z - z**3) / (72.0 * np.maximum(root, 0.5))
    return out


def _settled(k: Floats, u: Floats, mean: Floats) -> Floats:
    """Return the quantiles from guesses that are near: down while k - 1 would do, up while k does not."""
    k = k.copy()
    for step in (-1.0, 1.0):
        going = np.arange(k.size)
        while going.size:
            at = k[going] - 1.0 if step < 0 else k[going]
            enough = np.where(at < 0.0, False, pdtr(np.maximum(at, 0.0), mean[going]) >= u[going])
            going = going[enough if step < 0 else ~enough]
            k[going] += step
    return k
