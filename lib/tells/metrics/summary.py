"""Everything that a record says of a score table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from tells.errors import TellsError
from tells.metrics.classification import Roc, confusion_matrix, roc_curve_one_vs_rest
from tells.metrics.intervals import Interval, bootstrap_interval, bootstrap_intervals
from tells.metrics.resampling import OF_DETECTION
from tells.metrics.scores import (
    DETECTION,
    by_utterance,
    check_scores,
    classes_of,
    predict,
    predict_at_threshold,
    probabilities,
    significant,
)
from tells.metrics.thresholds import best_threshold


class Detection(NamedTuple):
    """What `evaluate_detection` gives, named as in `Record`: `Record(**result._asdict(), ...)`."""

    metrics: dict[str, dict[str, float]]
    confusion_matrix: list[list[int]]  # at 0.5; rows = true class, (real, fake)
    threshold: float  # of the validation folder
    confusion_matrix_at_threshold: list[list[int]]


def evaluate(
    scores: pd.DataFrame,
    *,
    classes: Sequence[str],
    n: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[dict[str, dict[str, float]], list[list[int]]]:
    """The metrics and the confusion matrix of a record.

    Args:
        scores: the test set's score table.
        classes: the classes, in the matrix's order; each must occur in `label`.
        n: number of resamples for the intervals (see `bootstrap_interval`).
        level: of confidence.
        seed: of the resampling.

    Returns:
        `{name: {"value", "low", "high"}}` for `balanced_accuracy`, `balanced_accuracy_utterance`
        (probabilities averaged over an utterance's windows), `macro_auc` and `auc_<class>`; and
        the matrix of counts, rows = true class.

    Raises:
        TellsError: the table is unusable (see `check_scores`) or lacks a class.

    Thesis: 5.1. Chapter: 05_1_metrics.
    """
    check_scores(scores, classes)
    options: dict[str, Any] = {"classes": classes, "n": n, "level": level, "seed": seed}
    intervals = bootstrap_intervals(scores, **options)
    intervals["balanced_accuracy_utterance"] = bootstrap_interval(
        "balanced_accuracy", by_utterance(scores, classes), **options
    )
    matrix = confusion_matrix(scores["label"], predict(scores, classes), classes=classes)
    return _as_dicts(intervals), matrix.tolist()


def evaluate_detection(
    scores: pd.DataFrame,
    validation: pd.DataFrame,
    *,
    n: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Detection:
    """The metrics and both confusion matrices of a detector's record.

    Args:
        scores: the test folder's score table, classes `real` and `fake`.
        validation: the validation folder's, on which the threshold is chosen.
        n: number of resamples for the intervals over sources (see `bootstrap_interval`).
        level: of confidence.
        seed: of the resampling.

    Returns:
        The metrics of `evaluate`, and `equal_error_rate`, `brier`, `calibration_error` and
        `balanced_accuracy_validation_threshold`; the matrix at 0.5; the validation folder's
        threshold (`best_threshold`) and the matrix there. The intervals take the threshold as
        given.

    Raises:
        TellsError: a table is unusable (see `check_scores`) or lacks a class, or both share a
            source.

    Thesis: 5.1, 5.5. Chapter: 05_1_metrics.
    """
    check_scores(validation, DETECTION)
    metrics, matrix = evaluate(scores, classes=DETECTION, n=n, level=level, seed=seed)
    if shared := set(scores["group"]) & set(validation["group"]):
        raise TellsError(
            f"validation must share no source with the test scores; {len(shared)} are in both, as "
            f"{min(shared)}: split by source."
        )
    # as a record keeps it, so that whoever reads it finds the same matrix
    threshold = significant(best_threshold(validation["label"], validation["p_fake"]))
    intervals = bootstrap_intervals(
        scores,
        OF_DETECTION,
        classes=DETECTION,
        n=n,
        level=level,
        seed=seed,
        threshold=threshold,
    )
    there = confusion_matrix(
        scores["label"], predict_at_threshold(scores, threshold), classes=DETECTION
    )
    return Detection(metrics | _as_dicts(intervals), matrix, threshold, there.tolist())


def _as_dicts(intervals: dict[str, Interval]) -> dict[str, dict[str, float]]:
    return {
        name: {"value": one.value, "low": one.low, "high": one.high}
        for name, one in intervals.items()
    }


def roc_curves(scores: pd.DataFrame) -> dict[str, Roc]:
    """The ROC curve of each class of a score table against all others.

    Args:
        scores: a score table; its classes are those of its columns.

    Thesis: 5.1, 5.3. Chapter: 05_3_2_speech_experiment_2.
    """
    classes = classes_of(scores)
    return roc_curve_one_vs_rest(scores["label"], probabilities(scores, classes), classes=classes)
