"""A detector's trade of hits against false alarms, and the threshold that settles it."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
import sklearn.metrics
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.classification import Roc

_DEFAULT = 0.5


def roc_curve(labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake") -> Roc:
    """The ROC curve of a detector: `roc_curve_one_vs_rest` of its positive class alone.

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        scores: shape (n,); P(positive), or any score that grows with it.
        positive: the positive class.

    Returns:
        The curve and the area under it.

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
    """The ROC curve of a detector's score table.

    Args:
        scores: columns `label` and `p_fake`.

    Thesis: 5.1, figure 5.4. Chapter: 05_5_1_audio_detection.
    """
    return roc_curve(scores["label"], scores["p_fake"])


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
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        scores: shape (n,); P(positive), or any score that grows with it.
        positive: the positive class.

    Returns:
        The rate in [0, 1] and its threshold, in the units of `scores`. 0.5 is guessing.

    Raises:
        TellsError: lengths differ, a value is missing, or a class is absent.

    >>> equal_error_rate(["real", "real", "fake", "fake"], [0.25, 0.75, 0.5, 1.0])
    (0.5, 0.625)

    Thesis: none; section 5.1 has no such rate. Chapter: 05_1_metrics.
    """
    true, score = binarise(labels, scores, positive)
    fpr, tpr, falling = sklearn.metrics.roc_curve(true, score, drop_intermediate=False)
    gap = fpr + tpr - 1  # rises from -1 to 1
    highest, *others = falling[1:]
    between = (falling[1:-1] + falling[2:]) / 2
    cuts = np.array([highest, *between, others[-1] if others else highest])
    return float(np.interp(0, gap, fpr)), float(np.interp(0, gap, cuts))


def best_threshold(labels: ArrayLike, scores: ArrayLike, *, positive: Hashable = "fake") -> float:
    """The threshold with the best balanced accuracy; to be chosen on the validation folder.

    The candidates are 0, 0.5, 1 and the middle between each two neighbouring scores. Of equally
    good ones the nearest to 0.5 is taken, and of two equally near the lower. So a detector of
    which the validation folder knows nothing better, a constant one for example, keeps 0.5.

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        scores: shape (n,); P(positive).
        positive: the positive class.

    Returns:
        A threshold in [0, 1] for `predict_at_threshold`: greater scores are called positive.

    Raises:
        TellsError: lengths differ, a value is missing, or a class is absent.

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
