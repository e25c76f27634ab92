"""Metrics of score tables, their intervals, and what tells two detectors apart (thesis 5.1).

Score = P(class) everywhere; for detection the positive class is Fake. `tells.results` keeps what
is computed here as a record.
"""

from tells.metrics.classification import (
    Counts,
    balanced_accuracy,
    confusion_matrix,
    one_vs_rest_counts,
    true_negative_rate,
    true_positive_rate,
)
from tells.metrics.curves import (
    Calibration,
    Roc,
    best_threshold,
    calibration_curve,
    equal_error_rate,
    roc_curve,
    roc_curve_of,
    roc_curves,
)
from tells.metrics.intervals import bootstrap_interval
from tells.metrics.resampling import Interval
from tells.metrics.scores import (
    by_utterance,
    check_scores,
    classes_of,
    load_scores,
    most_confident_errors,
    predict,
    predict_at_threshold,
    probabilities,
    write_scores,
)
from tells.metrics.significance import (
    AucDifference,
    DeLong,
    auc_difference,
    bootstrap_difference,
    delong_test,
    verdict,
)
from tells.metrics.subgroups import by_group, by_method, by_modality
from tells.metrics.summary import Evaluation, evaluate

__all__ = [
    "AucDifference",
    "Calibration",
    "Counts",
    "DeLong",
    "Evaluation",
    "Interval",
    "Roc",
    "auc_difference",
    "balanced_accuracy",
    "best_threshold",
    "bootstrap_difference",
    "bootstrap_interval",
    "by_group",
    "by_method",
    "by_modality",
    "by_utterance",
    "calibration_curve",
    "check_scores",
    "classes_of",
    "confusion_matrix",
    "delong_test",
    "equal_error_rate",
    "evaluate",
    "load_scores",
    "most_confident_errors",
    "one_vs_rest_counts",
    "predict",
    "predict_at_threshold",
    "probabilities",
    "roc_curve",
    "roc_curve_of",
    "roc_curves",
    "true_negative_rate",
    "true_positive_rate",
    "verdict",
    "write_scores",
]
