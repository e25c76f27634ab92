"""Whether a detector's probabilities are frequencies: reliability, its error, the Brier score."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import sklearn.metrics
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.thresholds import binarise

BINS = 10


class Calibration(NamedTuple):
    """What a detector said, and how often it was so, in bins of about equally many clips."""

    predicted: np.ndarray  # (bins,) mean P(fake) of each bin, rising
    observed: np.ndarray  # (bins,) share of fakes in it
    n: np.ndarray  # (bins,) clips
    error: float  # expected calibration error, in [0, 1]
    brier: float  # Brier score, in [0, 1]


def calibration_curve(
    labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake", bins: int = BINS
) -> Calibration:
    r"""Reliability of probabilities, by bins that hold about equally many clips.

    Of the clips to which a calibrated detector gives P(fake) = 0.8, eight in ten are fake. With
    $n_b$ of the $n$ clips in bin $b$, their mean score $\bar p_b$ and share of fakes
    $\bar y_b$, the expected calibration error and the Brier score (Brier 1950) are

    $$ECE = \sum_b \frac{n_b}{n} \left|\bar y_b - \bar p_b\right|,$$

    $$BS = \frac{1}{n} \sum_i (p_i - y_i)^2.$$

    Bins end at quantiles of the scores, so that none is nearly empty (Nixon et al. 2019); equal
    scores share a bin, so there may be fewer bins than were asked for. The error depends on their
    number and is never negative: of n clips of a perfectly calibrated detector it is up to
    $0.4 \sqrt{bins / n}$ on average, 0.26 for 24 clips in ten bins.

    A detector trained on as many fakes as reals can be calibrated on no other mix.

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        scores: shape (n,); P(positive).
        positive: the positive class.
        bins: how many at most.

    Raises:
        TellsError: lengths differ, a value is missing, a score is not a probability, a class is
            absent, or no bin was asked for.

    Thesis: none; section 5.5 shows no calibration. Chapter: 05_1_metrics.
    """
    true, p = binarise(labels, scores, positive)
    if p.min() < 0 or p.max() > 1:
        raise TellsError(
            f"scores must be probabilities in [0, 1]; got {p.min():.4g} to {p.max():.4g}."
        )
    if bins < 1:
        raise TellsError(f"bins must be at least 1; got {bins}.")
    _, own = np.unique(bins_of(p, bins), return_inverse=True)
    n = np.bincount(own)
    predicted, observed = np.bincount(own, weights=p) / n, np.bincount(own, weights=true) / n
    error = float(n @ np.abs(observed - predicted) / len(p))
    return Calibration(
        predicted, observed, n, error, float(sklearn.metrics.brier_score_loss(true, p))
    )


def bins_of(scores: np.ndarray, bins: int = BINS) -> np.ndarray:
    """The number of each score's bin, shape (n,); some may have no score."""
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    return np.searchsorted(np.quantile(scores, inner), scores)
