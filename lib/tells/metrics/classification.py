"""Confusion matrices and the rates that they hold (thesis 5.1)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import sklearn.metrics
from numpy.typing import ArrayLike

from tells.errors import TellsError


class Counts(NamedTuple):
    """Hits and errors of one class against all others."""

    tp: int
    fn: int
    fp: int
    tn: int


def confusion_matrix(
    labels: ArrayLike, predictions: ArrayLike, *, classes: Sequence[Hashable]
) -> np.ndarray:
    """How many samples of each true class (row) were taken for each class (column).

    With the classes (real, fake) it is the thesis's eq. 5.5: TN and FP above FN and TP.

    Args:
        labels: shape (n,); the true classes.
        predictions: shape (n,).
        classes: the k classes, in the order of the rows and columns.

    Returns:
        Shape (k, k); int64.

    Raises:
        TellsError: lengths differ, there is no sample, or a value is missing or not among
            `classes`.

    Thesis: 5.1, eq. 5.5 and 5.6. Chapter: 05_1_metrics.
    """
    both = {"labels": labels, "predictions": predictions}
    both = {name: np.asarray(values, dtype=object) for name, values in both.items()}
    shapes = [values.shape for values in both.values()]
    if shapes[0] != shapes[1] or len(shapes[0]) != 1 or shapes[0] == (0,):
        raise TellsError(
            "labels and predictions must be two lists of one length, with at least one sample; "
            f"got shapes {shapes[0]} and {shapes[1]}."
        )
    index = pd.Index(list(classes), dtype=object).dropna()
    codes = []
    for name, values in both.items():
        code = index.get_indexer(pd.Index(values, dtype=object))
        if (code < 0).any():
            raise TellsError(
                f"{name} must be among the classes {', '.join(map(str, classes))}; got "
                f"{values[code < 0][0]!r} in {(code < 0).sum()} of {len(code)} samples."
            )
        codes.append(code)
    matrix = sklearn.metrics.confusion_matrix(*codes, labels=np.arange(len(classes)))
    return matrix.astype(np.int64)


def balanced_accuracy(labels: ArrayLike, predictions: ArrayLike) -> float:
    r"""Mean recall: every class counts the same, however many samples it has.

    With $m_n$ samples of class $n$, of which $r_n$ are predicted correctly,

    $$BA = \frac{1}{N} \sum_{n=1}^{N} \frac{r_n}{m_n},$$

    which for two classes is the mean of the true positive and the true negative rate (thesis
    eq. 5.3 and 5.4). Guessing gives 1 / N.

    Args:
        labels: shape (n,); the true classes, N of which occur.
        predictions: shape (n,); one that is none of the N is an error like any other.

    Returns:
        In [0, 1].

    Raises:
        TellsError: lengths differ, there is no sample, or a value is missing.

    >>> balanced_accuracy(["sad", "sad", "angry"], ["sad", "angry", "angry"])
    0.75

    Thesis: 5.1. Chapter: 05_1_metrics.
    """
    present, predicted = (pd.unique(np.asarray(v, dtype=object)) for v in (labels, predictions))
    classes = [*present, *(c for c in predicted if c not in set(present))]
    matrix = confusion_matrix(labels, predictions, classes=classes)[: len(present)]
    return float(np.mean(np.diag(matrix) / matrix.sum(axis=1)))


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
    return _recall(labels, predictions, positive, of_positives=True)


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
    return _recall(labels, predictions, positive, of_positives=False)


def _recall(
    labels: ArrayLike, predictions: ArrayLike, positive: Hashable, *, of_positives: bool
) -> float:
    """Recall of the positive class, or of all that is not positive."""
    both = [np.asarray(values, dtype=object) for values in (labels, predictions)]
    if any(pd.isna(values).any() for values in both):
        raise TellsError("labels and predictions must not hold missing values: drop those rows.")
    right = [values == positive if of_positives else values != positive for values in both]
    (hits, misses), _ = confusion_matrix(*right, classes=(True, False))
    if hits + misses == 0:
        raise TellsError(
            f"labels must hold every class; no sample of {'' if of_positives else 'not '}{positive}"
            ", so its rate is unknown: use a larger test set, or leave the class out."
        )
    return float(hits / (hits + misses))


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
