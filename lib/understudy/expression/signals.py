"""Curves that faces and heads follow: wandering, lag, events, all over many moments at once."""

import numpy as np


def wander(phase: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Drift about zero without aim, twice as fine as the phase and half as far on top.

    Args:
        phase: shape (n,), growing from 0 by 1 for each change of mind.
        rng: where it goes.

    Returns:
        Shape (n,), with a standard deviation of about 1.
    """
    return 0.9 * _spline(phase, rng) + 0.45 * _spline(2.3 * phase, rng)


def _spline(phase: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A uniform cubic B-spline through the neighbourhood of random knots, of unit variance."""
    index = phase.astype(int)
    knots = 1.45 * rng.standard_normal(int(phase[-1]) + 5)
    t = phase - index
    parts = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return sum(part * knots[index + k] for k, part in enumerate(parts)) / 6


def follow(target: np.ndarray, frames: float) -> np.ndarray:
    """Lag behind a target as a head lags behind the eyes.

    Args:
        target: shape (n,).
        frames: until half of a jump is made up for, about.
    """
    ages = np.arange(int(6 * frames))
    kernel = ages * np.exp(-ages / (0.6 * frames))
    padded = np.concatenate([np.full(len(ages) - 1, target[0]), target])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def arrivals(rate: np.ndarray, times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the times of events that keep a distance from each other, such as blinks.

    Args:
        rate: shape (n,), events a second.
        times: shape (n,), s, evenly spaced.
        rng: where the distances come from.

    Returns:
        Shape (events,), s.
    """
    expected = np.cumsum(rate) * (times[1] - times[0])
    gaps = rng.gamma(3.0, 1 / 3, int(2 * expected[-1]) + 8)
    events = np.cumsum(gaps)
    return np.interp(events[events < expected[-1]], expected, times)


def bumps(events: np.ndarray, heights: np.ndarray, times: np.ndarray, width: float) -> np.ndarray:
    """Add a bell for each event.

    Args:
        events: shape (k,), s.
        heights: shape (k,).
        times: shape (n,), s.
        width: standard deviation in s.

    Returns:
        Shape (n,).
    """
    return np.exp(-0.5 * ((times[:, None] - events) / width) ** 2) @ heights
