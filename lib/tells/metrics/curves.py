"""Curves of scores against labels, ROC and calibration, and the thresholds read off them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd
import sklearn.metrics
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.scores import classes_of

BINS = 10
_DEFAULT = 0.5


class Roc(NamedTuple):
    """A receiver operating characteristic: one point for each threshold, and the area under it.

    The first threshold is infinite: nothing is called positive there, which is the point (0, 0).
    """

    fpr: np.ndarray  # (t,) false positive rate, thesis eq. 5.7
    tpr: np.ndarray  # (t,) true positive rate, thesis eq. 5.1
    thresholds: np.ndarray  # (t,) falling
    auc: float


class Calibration(NamedTuple):
    """What a detector said, and how often it was so, in bins of about equally many clips."""

    predicted: np.ndarray  # (bins,) mean P(fake) of each bin, rising
    observed: np.ndarray  # (bins,) share of fakes in it
    n: np.ndarray  # (bins,) clips
    error: float  # expected calibration error, in [0, 1]
    brier: float  # Brier score, in [0, 1]


def roc_curve(labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake") -> Roc:
    """The trade of hits against false alarms as the threshold falls.

    The area under the curve is the probability that a positive gets a higher score than a
    negative; 0.5 is guessing.

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        scores: shape (n,); P(positive), or any score that grows with it.
        positive: the positive class.

    Raises:
        TellsError: lengths differ, a value is missing, or a class is absent.

    >>> roc_curve(["real", "fake", "real", "fake"], [0.1, 0.4, 0.6, 0.9]).auc
    0.75

    Thesis: 5.1, eq. 5.7 and 5.8; figure 5.4. Chapter: 05_1_metrics.
    """
    true, score = binarise(labels, scores, positive)
    fpr, tpr, thresholds = sklearn.metrics.roc_curve(true, score)
    return Roc(fpr, tpr, thresholds, float(sklearn.metrics.auc(fpr, tpr)))


def roc_curve_of(scores: pd.DataFrame) -> Roc:
    """The `roc_curve` of a detector's score table; of pooled scores, the mean over the seeds.

    Args:
        scores: columns `label` and `p_fake`.

    Thesis: 5.1, figure 5.4. Chapter: 05_5_1_audio_detection.
    """
    return _mean_roc(scores, "fake")


def roc_curves(scores: pd.DataFrame) -> dict[str, Roc]:
    """The `roc_curve` of each class of a score table against all others; see `roc_curve_of`.

    Args:
        scores: a score table; its classes are those of its columns.

    Raises:
        TellsError: as `roc_curve`.

    Thesis: 5.1, 5.3. Chapter: 05_3_2_speech_experiment_2.
    """
    return {name: _mean_roc(scores, name) for name in classes_of(scores)}


def _mean_roc(scores: pd.DataFrame, positive: str) -> Roc:
    """The curve of a class; of several seeds, hits averaged at each rate of false alarms."""
    parts = [one for _, one in scores.groupby("seed")] if "seed" in scores else [scores]
    rocs = [roc_curve(one["label"], one[f"p_{positive}"], positive=positive) for one in parts]
    if len(rocs) == 1:
        return rocs[0]
    fpr = np.unique(np.concatenate([roc.fpr for roc in rocs]))
    tpr = np.mean([np.interp(fpr, roc.fpr, roc.tpr) for roc in rocs], axis=0)
    fpr, tpr = np.append(0.0, fpr), np.append(0.0, tpr)  # the first point, before any hit
    thresholds = np.full(len(fpr), np.nan)  # each seed has its own
    return Roc(fpr, tpr, thresholds, float(np.mean([roc.auc for roc in rocs])))


def equal_error_rate(
    labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake"
) -> tuple[float, float]:
    """Error rate at the threshold where misses and false alarms are equally frequent.

    As the threshold falls, the false positive rate rises and the miss rate, 1 - TPR, falls. Of
    finitely many clips the two need not be equal at any threshold. The rate is then where the
    straight line between the two neighbouring points of the ROC curve crosses the diagonal
    FPR = 1 - TPR, as the area under the curve follows those lines too; the threshold is
    interpolated likewise, between cuts that lie midway between neighbouring scores.

    Args:
        labels: shape (n,); as in `roc_curve`.
        scores: shape (n,); P(positive), or any score that grows with it.
        positive: the positive class.

    Returns:
        The rate in [0, 1] and its threshold, in the units of `scores`. 0.5 is guessing.

    Raises:
        TellsError: as `roc_curve`.

    >>> equal_error_rate(["real", "real", "fake", "fake"], [0.25, 0.75, 0.5, 1.0])
    (0.5, 0.625)

    Thesis: none; section 5.1 has no such rate. Chapter: 05_1_metrics.
    """
    true, score = binarise(labels, scores, positive)
    fpr, tpr, falling = sklearn.metrics.roc_curve(true, score, drop_intermediate=False)
    gap = fpr + tpr - 1  # rises from -1 to 1
    cuts = np.array([falling[1], *(falling[1:-1] + falling[2:]) / 2, falling[-1]])
    return float(np.interp(0, gap, fpr)), float(np.interp(0, gap, cuts))


def best_threshold(labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake") -> float:
    """The threshold with the best balanced accuracy; to be chosen on the validation folder.

    The candidates are 0, 0.5, 1 and the middle between each two neighbouring scores. Of equally
    good ones the nearest to 0.5 is taken, and of two equally near the lower. So a detector of
    which the validation folder knows nothing better, a constant one for example, keeps 0.5.

    Args:
        labels: shape (n,); as in `roc_curve`.
        scores: shape (n,); P(positive).
        positive: the positive class.

    Returns:
        A threshold in [0, 1] for `predict_at_threshold`: greater scores are called positive.

    Raises:
        TellsError: as `roc_curve`.

    >>> best_threshold(["real", "real", "fake", "fake"], [0.1, 0.2, 0.3, 0.9])
    0.25

    Thesis: none; section 5.5 does not say which threshold it took. Chapter: 05_1_metrics.
    """
    true, score = binarise(labels, scores, positive)
    known = np.unique(score)
    cuts = np.unique([*(known[:-1] + known[1:]) / 2, 0, _DEFAULT, 1])
    hits = 1 - np.searchsorted(np.sort(score[true]), cuts, side="right") / true.sum()
    left_alone = np.searchsorted(np.sort(score[~true]), cuts, side="right") / (~true).sum()
    balanced = (hits + left_alone) / 2
    best = cuts[np.isclose(balanced, balanced.max(), rtol=0, atol=1e-12)]
    return float(best[np.abs(best - _DEFAULT).argmin()])


def calibration_curve(
    labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake", bins: int = BINS
) -> Calibration:
    r"""Whether probabilities are frequencies, by bins that hold about equally many clips.

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
        labels: shape (n,); as in `roc_curve`.
        scores: shape (n,); P(positive).
        positive: the positive class.
        bins: how many at most.

    Raises:
        TellsError: as `roc_curve`; a score is not a probability, or no bin was asked for.

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
    brier = float(sklearn.metrics.brier_score_loss(true, p))
    return Calibration(predicted, observed, n, error, brier)


def bins_of(scores: np.ndarray, bins: int = BINS) -> np.ndarray:
    """The number of each score's bin, shape (n,); some may have no score."""
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    return np.searchsorted(np.quantile(scores, inner), scores)


def binarise(
    labels: ArrayLike, scores: ArrayLike, positive: Hashable
) -> tuple[np.ndarray, np.ndarray]:
    """Which labels are positive, (n,) of bool, and the scores, (n,) of float, both checked."""
    true, score = np.asarray(labels, dtype=object), np.asarray(scores, dtype=float)
    if true.shape != score.shape or true.ndim != 1 or len(true) == 0:
        raise TellsError(
            "labels and scores must be two lists of one length, with at least one sample; got "
            f"shapes {true.shape} and {score.shape}."
        )
    if (holes := pd.isna(true) | ~np.isfinite(score)).any():
        raise TellsError(
            "labels and scores must be known and finite; got missing or infinite values in "
            f"{holes.sum()} of {len(true)} samples: drop those rows."
        )
    is_positive = (true == positive).astype(bool)
    if is_positive.all() or not is_positive.any():
        absent = f"not {positive}" if is_positive.all() else str(positive)
        raise TellsError(
            f"labels must hold both classes; no sample of {absent} among {len(true)}: use a larger "
            "set, or say which class is positive."
        )
    return is_positive, score
