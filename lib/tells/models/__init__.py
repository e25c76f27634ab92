"""The networks, each as small as the thesis describes it (thesis 4.3 to 4.6, 5.3, 5.4)."""

from __future__ import annotations

from torch import nn

from tells.models.series import DetectorLSTM, SpeechLSTM, SpeechMLP
from tells.models.video import EmotionCNN3D, SimpleCNN3D

__all__ = [
    "MODELS",
    "DetectorLSTM",
    "EmotionCNN3D",
    "SimpleCNN3D",
    "SpeechLSTM",
    "SpeechMLP",
    "count_parameters",
]

MODELS: dict[str, type[nn.Module]] = {
    model.__name__: model
    for model in (SpeechMLP, SpeechLSTM, SimpleCNN3D, EmotionCNN3D, DetectorLSTM)
}


def count_parameters(model: nn.Module) -> int:
    """Trainable parameters of a network. Chapter: 05_3_2_speech_experiment_2."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
