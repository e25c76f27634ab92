"""Balanced accuracy, confusion matrices and ROC curves (thesis 5.1)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import sklearn.metrics
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.scores import predict as predict


class Roc(NamedTuple):
    """A receiver operating characteristic: one point for each threshold, and the area under it.

    The first threshold is infinite: nothing is called positive there, which is the point (0, 0).
    """

    fpr: np.ndarray  # (t,) false positive rate, thesis eq. 5.7
    tpr: np.ndarray  # (t,) true positive rate, thesis eq. 5.1
    thresholds: np.ndarray  # (t,) falling
    auc: float


class Counts(NamedTuple):
    """Hits and errors of one class against all others."""

    tp: int
    fn: int
    fp: int
    tn: int


def balanced_accuracy(
    labels: ArrayLike,
    predictions: ArrayLike,
    *,
    classes: Sequence[Hashable] | None = None,
    absent: Literal["raise", "ignore"] = "raise",
) -> float:
    r"""Mean recall: every class counts the same, however many samples it has.

    With $m_n$ samples of class $n$, of which $r_n$ are predicted correctly,

    $$BA = \frac{1}{N} \sum_{n=1}^{N} \frac{r_n}{m_n},$$

    which for two classes is the mean of the true positive and the true negative rate (thesis
    eq. 5.3 and 5.4). Guessing gives 1 / N.

    Args:
        labels: shape (n,); the true classes.
        predictions: shape (n,); the predicted classes.
        classes: the N classes; None takes those that occur in `labels`.
        absent: what to do about a class without a sample in `labels`, whose recall is unknown:
            `raise`, or `ignore` it, which is the mean over the others.

    Returns:
        In [0, 1].

    Raises:
        TellsError: lengths differ, a value is missing or not among `classes`, or a class is
            absent.

    >>> balanced_accuracy(["sad", "sad", "angry"], ["sad", "angry", "angry"])
    0.75

    Thesis: 5.1. Chapter: 05_1_metrics.
    """
    if classes is None:
        present = pd.unique(np.asarray(labels, dtype=object))
        predictions = np.asarray(predictions, dtype=object)
        # A prediction outside the labels' classes is an error like any other: one more column.
        classes = [*present, *(c for c in pd.unique(predictions) if c not in set(present))]
        absent = "ignore"
    matrix = confusion_matrix(labels, predictions, classes=classes)
    n_by_class = matrix.sum(axis=1)
    missing = [c for c, n in zip(classes, n_by_class, strict=True) if n == 0]
    if missing and absent == "raise":
        raise _absent(missing)
    return float(np.mean(np.diag(matrix)[n_by_class > 0] / n_by_class[n_by_class > 0]))


def true_positive_rate(
    labels: ArrayLike, predictions: ArrayLike, *, positive: Hashable = "fake"
) -> float:
    r"""Share of the positives that are found: recall, sensitivity; $TP / (TP + FN)$.

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        predictions: shape (n,).
        positive: the positive class.

    Returns:
        In [0, 1].

    Raises:
        TellsError: lengths differ, a value is missing, or no label is positive.

    >>> true_positive_rate(["fake", "fake", "real"], ["fake", "real", "real"])
    0.5

    Thesis: 5.1, eq. 5.1. Chapter: 05_1_metrics.
    """
    tp, fn, _, _ = _binary_counts(labels, predictions, positive)
    if tp + fn == 0:
        raise _absent([positive])
    return tp / (tp + fn)


def true_negative_rate(
    labels: ArrayLike, predictions: ArrayLike, *, positive: Hashable = "fake"
) -> float:
    r"""Share of the negatives that are left alone: specificity; $TN / (TN + FP)$.

    The false positive rate of a ROC curve is 1 minus this rate (thesis eq. 5.8).

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        predictions: shape (n,).
        positive: the positive class.

    Returns:
        In [0, 1].

    Raises:
        TellsError: lengths differ, a value is missing, or every label is positive.

    Thesis: 5.1, eq. 5.2. Chapter: 05_1_metrics.
    """
    _, _, fp, tn = _binary_counts(labels, predictions, positive)
    if tn + fp == 0:
        raise _absent([f"not {positive}"])
    return tn / (tn + fp)


def confusion_matrix(
    labels: ArrayLike,
    predictions: ArrayLike,
    *,
    classes: Sequence[Hashable],
    normalise: bool = False,
) -> np.ndarray:
    """How many samples of each true class (row) were taken for each class (column).

    With the classes (real, fake) it is the thesis's eq. 5.5: TN and FP above FN and TP.

    Args:
        labels: shape (n,); the true classes.
        predictions: shape (n,).
        classes: the k classes, in the order of the rows and columns.
        normalise: divide each row by its sum, so that the diagonal holds the recalls; the row of
            a class without samples is NaN.

    Returns:
        Shape (k, k); int64, or float64 if normalised.

    Raises:
        TellsError: lengths differ, there is no sample, or a value is missing or not among
            `classes`.

    Thesis: 5.1, eq. 5.5 and 5.6. Chapter: 05_1_metrics.
    """
    true, predicted = _codes(labels, predictions, classes)
    matrix = sklearn.metrics.confusion_matrix(true, predicted, labels=np.arange(len(classes)))
    if not normalise:
        return matrix.astype(np.int64)
    n_by_class = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, n_by_class, out=np.full(matrix.shape, np.nan), where=n_by_class > 0)


def one_vs_rest_counts(matrix: ArrayLike, classes: Sequence[str]) -> dict[str, Counts]:
    """Each class of a confusion matrix as a binary problem: it is positive, all others negative.

    TP is the class's cell on the diagonal, FN the rest of its row, FP the rest of its column and
    TN everything else. (The thesis's eq. 5.6 marks those cells; its second and third matrix have
    rows and columns exchanged against the first, and leave some of TN's cells out.)

    Args:
        matrix: shape (k, k), counts; rows = true class.
        classes: the k classes.

    Returns:
        The counts by class; the four of each sum to the number of samples.

    Thesis: 5.1, eq. 5.6. Chapter: 05_1_metrics.
    """
    matrix = np.asarray(matrix)
    tp = np.diag(matrix)
    fn, fp = matrix.sum(axis=1) - tp, matrix.sum(axis=0) - tp
    tn = matrix.sum() - tp - fn - fp
    return {c: Counts(*map(int, cells)) for c, *cells in zip(classes, tp, fn, fp, tn, strict=True)}


def roc_curve_one_vs_rest(
    labels: ArrayLike, probabilities: ArrayLike, *, classes: Sequence[str]
) -> dict[str, Roc]:
    """For each class the trade of hits against false alarms as its threshold falls.

    Args:
        labels: shape (n,); the true classes.
        probabilities: shape (n, k); a column for each of `classes`.
        classes: the k classes.

    Returns:
        One curve for each class: its samples are positive, all others negative.

    Raises:
        TellsError: shapes differ, a value is missing or not among `classes`, or a class is absent.

    Thesis: 5.1, eq. 5.7 and 5.8. Chapter: 05_1_metrics.
    """
    columns = np.asarray(probabilities, dtype=float)
    true, _ = _codes(labels, labels, classes)
    if columns.shape != (len(true), len(classes)):
        raise TellsError(
            f"probabilities must have shape ({len(true)}, {len(classes)}), a row for each label "
            f"and a column for each class; got {columns.shape}."
        )
    if not np.isfinite(columns).all():
        raise TellsError("probabilities must be finite; got NaN or infinity: mend the model first.")
    missing = [c for i, c in enumerate(classes) if not (true == i).any()]
    if missing:
        raise _absent(missing)
    rocs = {}
    for i, name in enumerate(classes):
        fpr, tpr, thresholds = sklearn.metrics.roc_curve(true == i, columns[:, i])
        rocs[name] = Roc(fpr, tpr, thresholds, float(sklearn.metrics.auc(fpr, tpr)))
    return rocs


def macro_auc(labels: ArrayLike, probabilities: ArrayLike, *, classes: Sequence[str]) -> float:
    """Mean over the classes of the area under each one's curve against the rest.

    The area is the probability that a sample of the class gets a higher score for it than a
    sample of another class does; 0.5 is guessing, whatever the number of classes.

    Args:
        labels: shape (n,); the true classes.
        probabilities: shape (n, k); a column for each of `classes`.
        classes: the k classes.

    Returns:
        In [0, 1].

    Raises:
        TellsError: as `roc_curve_one_vs_rest`.

    Thesis: 5.1. Chapter: 05_1_metrics.
    """
    rocs = roc_curve_one_vs_rest(labels, probabilities, classes=classes)
    return float(np.mean([roc.auc for roc in rocs.values()]))


def _codes(
    labels: ArrayLike, predictions: ArrayLike, classes: Sequence[Hashable]
) -> tuple[np.ndarray, np.ndarray]:
    """Both as positions in `classes`."""
    true, predicted = (np.asarray(v, dtype=object) for v in (labels, predictions))
    if true.shape != predicted.shape or true.ndim != 1 or len(true) == 0:
        raise TellsError(
            "labels and predictions must be two lists of one length, with at least one sample; "
            f"got shapes {true.shape} and {predicted.shape}."
        )
    index = pd.Index(list(classes), dtype=object).dropna()
    codes = []
    for name, values in (("labels", true), ("predictions", predicted)):
        code = index.get_indexer(pd.Index(values, dtype=object))
        if (code < 0).any():
            raise TellsError(
                f"{name} must be among the classes {', '.join(map(str, classes))}; got "
                f"{values[code < 0][0]!r} in {(code < 0).sum()} of {len(code)} samples."
            )
        codes.append(code)
    return codes[0], codes[1]


def _binary_counts(labels: ArrayLike, predictions: ArrayLike, positive: Hashable) -> Counts:
    both = [np.asarray(values, dtype=object) for values in (labels, predictions)]
    if any(pd.isna(values).any() for values in both):
        raise TellsError("labels and predictions must not hold missing values: drop those rows.")
    matrix = confusion_matrix(*(values == positive for values in both), classes=(True, False))
    return one_vs_rest_counts(matrix, ("positive", "negative"))["positive"]


def _absent(missing: Sequence[Hashable]) -> TellsError:
    return TellsError(
        f"labels must hold every class; no sample of {', '.join(map(str, missing))}, so its rate "
        "is unknown: use a larger test set, leave the class out, or pass absent='ignore' where "
        "it is offered."
    )
