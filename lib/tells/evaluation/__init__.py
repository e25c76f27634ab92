"""Metrics, their intervals, the record of a result, and its comparison with the thesis (5.1).

Score = P(class) everywhere; for detection the positive class is Fake. Every figure and number of
the book is drawn from a record (`records`), so it can be redrawn without the media.
"""

from tells.evaluation.breakdown import by_method, by_quadrant
from tells.evaluation.calibration import Calibration, calibration_curve
from tells.evaluation.comparison import (
    comparison_points,
    comparison_table,
    data_name,
    folds_name,
)
from tells.evaluation.difference import Difference, compare
from tells.evaluation.evidence import EVIDENCE, publish
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
from tells.evaluation.paired import DeLong, bootstrap_difference, delong_test
from tells.evaluation.provenance import versions
from tells.evaluation.records import (
    Record,
    read,
    read_scores,
    scores_path,
    write,
)
from tells.evaluation.scores import (
    by_utterance,
    check_scores,
    classes_of,
    misjudged,
    predict,
    predict_at,
    probabilities,
    write_scores,
)
from tells.evaluation.summary import Detection, evaluate, evaluate_detection
from tells.evaluation.tables import style, with_interval
from tells.evaluation.thesis import thesis_numbers
from tells.evaluation.thresholds import best_threshold, equal_error_rate, roc_curve

__all__ = [
    "EVIDENCE",
    "Calibration",
    "Counts",
    "DeLong",
    "Detection",
    "Difference",
    "Interval",
    "Record",
    "Roc",
    "balanced_accuracy",
    "best_threshold",
    "bootstrap_difference",
    "bootstrap_interval",
    "bootstrap_intervals",
    "by_method",
    "by_quadrant",
    "by_utterance",
    "calibration_curve",
    "check_scores",
    "classes_of",
    "compare",
    "comparison_points",
    "comparison_table",
    "confusion_matrix",
    "data_name",
    "delong_test",
    "equal_error_rate",
    "evaluate",
    "evaluate_detection",
    "folds_name",
    "macro_auc",
    "misjudged",
    "one_vs_rest_counts",
    "predict",
    "predict_at",
    "probabilities",
    "publish",
    "read",
    "read_scores",
    "roc_curve",
    "roc_curve_one_vs_rest",
    "scores_path",
    "style",
    "thesis_numbers",
    "true_negative_rate",
    "true_positive_rate",
    "versions",
    "with_interval",
    "write",
    "write_scores",
]
