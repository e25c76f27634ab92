"""Train a network on windows of features, and keep what was trained (thesis 5.2)."""

from tells.training.baseline import linear_svm
from tells.training.checkpoint import Checkpoint
from tells.training.data import Scaler, oversample
from tells.training.fit import TrainingOptions, fit
from tells.training.predict import predict

__all__ = ["Checkpoint", "Scaler", "TrainingOptions", "fit", "linear_svm", "oversample", "predict"]
