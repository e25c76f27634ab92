"""Detectors: from emotional features, or from faces themselves, to P(fake) (thesis 4.5, 5.5).

A detector is one object with `fit`, `predict_proba` and `save`, whichever model is inside:
`NetworkDetector` for `LSTM_II` and the 3DCNN, `StatisticsDetector` for the best of LazyPredict's
classifiers. `scores` makes the table of a clip's P(fake) that `tells.metrics` takes, and
`fuse_scores` is decision-level fusion.
"""

from tells.detection.networks import NetworkDetector
from tells.detection.saved import load
from tells.detection.scoring import Detector, fuse_scores, scores
from tells.detection.statistics import StatisticsDetector

__all__ = [
    "Detector",
    "NetworkDetector",
    "StatisticsDetector",
    "fuse_scores",
    "load",
    "scores",
]
