"""Detectors: from emotional features, or from faces themselves, to P(fake) (thesis 4.5, 5.5).

A detector is one object with `fit` and `predict_proba`, whichever model is inside:
`NetworkDetector` for `LSTM_II` and the 3DCNN, `StatisticsDetector` for the best of LazyPredict's
classifiers, `ConsistencyDetector` for how far voice and face agree. `fit` saves it, and `load`
reads it. `scores` makes the table of a clip's P(fake) that `tells.metrics` takes, and `fuse_scores`
is decision-level fusion.
"""

from tells.detection.consistency import MEASURES, ConsistencyDetector, consistency_measures
from tells.detection.detectors import Detector, NetworkDetector, fuse_scores, load, scores
from tells.detection.statistics import StatisticsDetector

__all__ = [
    "MEASURES",
    "ConsistencyDetector",
    "Detector",
    "NetworkDetector",
    "StatisticsDetector",
    "consistency_measures",
    "fuse_scores",
    "load",
    "scores",
]
