"""Metrics, their intervals, the record of a result, and its comparison with the thesis (5.1).

Score = P(class) everywhere; for detection the positive class is Fake. Every figure and number of
the book is drawn from a record (`records`), so it can be redrawn without the media.
"""

from tells.evaluation.comparison import comparison_points, comparison_table, style, thesis_numbers
from tells.evaluation.intervals import Interval, bootstrap_interval, bootstrap_intervals
from tells.evaluation.metrics import (
    Counts,
    Roc,
    balanced_accuracy,
    confusion_matrix,
    macro_auc,
    one_vs_rest_counts,
    roc_curve_one_vs_rest,
    true_negative_rate,
    true_positive_rate,
)
from tells.evaluation.records import (
    Record,
    evaluate,
    read,
    read_scores,
    scores_path,
    versions,
    write,
)
from tells.evaluation.scores import (
    by_utterance,
    check_scores,
    classes_of,
    misjudged,
    predict,
    probabilities,
)

__all__ = [
    "Counts",
    "Interval",
    "Record",
    "Roc",
    "balanced_accuracy",
    "bootstrap_interval",
    "bootstrap_intervals",
    "by_utterance",
    "check_scores",
    "classes_of",
    "comparison_points",
    "comparison_table",
    "confusion_matrix",
    "evaluate",
    "macro_auc",
    "misjudged",
    "one_vs_rest_counts",
    "predict",
    "probabilities",
    "read",
    "read_scores",
    "roc_curve_one_vs_rest",
    "scores_path",
    "style",
    "thesis_numbers",
    "true_negative_rate",
    "true_positive_rate",
    "versions",
    "write",
]
