"""Everything that a record says of a score table."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from tells.errors import TellsError
from tells.metrics.classification import confusion_matrix
from tells.metrics.curves import best_threshold
from tells.metrics.intervals import (
    OF_DETECTION,
    bootstrap_interval,
    of_classes,
    reflected,
    weighted_statistics,
)
from tells.metrics.resampling import bootstrap, clusters_of
from tells.metrics.scores import (
    DETECTION,
    by_utterance,
    check_scores,
    classes_of,
    predict,
    predict_at_threshold,
    significant,
)


class Evaluation(NamedTuple):
    """What `evaluate` gives, named as in `Record`: `Record(**found._asdict(), ...)`."""

    metrics: dict[str, dict[str, float]]  # {name: {"value", "low", "high"}}
    confusion_matrix: list[list[int]]  # of the most probable class; rows = true class
    threshold: float | None = None  # of the validation folder; of a detector alone
    confusion_matrix_at_threshold: list[list[int]] | None = None


def evaluate(
    scores: pd.DataFrame,
    validation: pd.DataFrame | None = None,
    *,
    n: int = 2000,
    seed: int = 0,
) -> Evaluation:
    """The metrics and the confusion matrices of a record.

    Args:
        scores: the test set's score table, or the pooled one of a study; its classes are those of
            its columns, in the matrix's order, and each must occur in `label`.
        validation: of a detector, the validation folder's, on which the threshold is chosen.
        n: number of resamples for the 95 % intervals (see `bootstrap_interval`).
        seed: of the resampling.

    Returns:
        `balanced_accuracy`, `balanced_accuracy_utterance` (probabilities averaged over an
        utterance's windows), `macro_auc` and `auc_<class>`, and the matrix of counts. Of a
        detector also `equal_error_rate`, `brier`, `calibration_error` and
        `balanced_accuracy_validation_threshold`, the validation folder's threshold
        (`best_threshold`) and the matrix there. The intervals take the threshold as given. Of a
        study, each value is the mean over its seeds, of which the matrices are the sums.

    Raises:
        TellsError: a table is unusable (see `check_scores`) or lacks a class, or both share a
            source.

    Thesis: 5.1, 5.5. Chapter: 05_1_metrics.
    """
    classes = classes_of(scores)
    check_scores(scores, classes)
    names, threshold, at_threshold = of_classes(classes), None, None
    if validation is not None:
        check_scores(validation, DETECTION)
        if shared := set(scores["group"]) & set(validation["group"]):
            raise TellsError(
                f"validation must share no source with the test scores; {len(shared)} are in both, "
                f"as {min(shared)}: split by source."
            )
        # as a record keeps it, so that whoever reads it finds the same matrix
        threshold = significant(best_threshold(validation["label"], validation["p_fake"]))
    if threshold is not None or "threshold" in scores:
        names += OF_DETECTION
        said = predict_at_threshold(scores, threshold)
        at_threshold = confusion_matrix(scores["label"], said, classes=classes).tolist()
    clusters = clusters_of(scores)
    compute = weighted_statistics(scores, names, clusters, threshold)
    found = dict(zip(names, bootstrap(compute, clusters, n=n, seed=seed), strict=True))
    if (name := "calibration_error") in found:
        found[name] = reflected(found[name])
    found["balanced_accuracy_utterance"] = bootstrap_interval(
        "balanced_accuracy", by_utterance(scores), n=n, seed=seed
    )
    values = {
        name: {"value": one.value, "low": one.low, "high": one.high} for name, one in found.items()
    }
    matrix = confusion_matrix(scores["label"], predict(scores, classes), classes=classes).tolist()
    return Evaluation(values, matrix, threshold, at_threshold)
