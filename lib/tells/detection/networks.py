"""Detectors that are networks: `LSTM_II` on emotional features, the 3DCNN on faces (thesis 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from tells.corpora import DETECTION_CLASSES
from tells.errors import TellsError
from tells.features import FrameWindows, Windows
from tells.training import Checkpoint, TrainingOptions, fit, predict


@dataclass
class NetworkDetector:
    """A network with two outputs, real and fake.

    Attributes:
        model: a key of `tells.models.MODELS`: `DetectorLSTM` on emotional features, or
            `EmotionCNN3D` on groups of seven faces.
        arguments: what the network is built with, beside its classes and its columns.
        options: how to train.
        pretrained: a network that was trained on emotions, from whose weights training goes on with
            a new output (thesis 5.5.2); None begins anew.
        checkpoint: what was trained; None before `fit`.

    Thesis: 4.6.3, 5.5.1, 5.5.2. Chapter: 05_5_1_audio_detection.
    """

    model: str
    arguments: dict[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    options: TrainingOptions = field(default_factory=TrainingOptions)
    pretrained: Checkpoint | None = None
    checkpoint: Checkpoint | None = None

    def fit(
        self,
        windows: Windows | FrameWindows,
        split: Mapping[str, pd.DataFrame],
        path: str | Path,
        *,
        data: str = "",
    ) -> Self:
        """Train, and save; the epoch that is best on `validation` is kept.

        Args:
            windows: all windows.
            split: rows of `windows.table`.
            path: of the trained network, where what was trained before is found again.
            data: what the corpus is called, for the checkpoint.

        Raises:
            TellsError: see `tells.training.fit`.
        """
        self.checkpoint = fit(
            self.model,
            {**_columns(windows), **self.arguments, "classes": len(DETECTION_CLASSES)},
            windows,
            split,
            DETECTION_CLASSES,
            path,
            data=data,
            options=self.options,
            pretrained=self.pretrained,
        )
        return self

    def predict_proba(self, windows: Windows | FrameWindows, part: pd.DataFrame) -> np.ndarray:
        """P(real) and P(fake) of some windows, shape (len(part), 2).

        Raises:
            TellsError: the detector was not fitted, or takes other features.
        """
        found = predict(self._trained(), windows, part, group="source")
        return found[[f"p_{name}" for name in DETECTION_CLASSES]].to_numpy()

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Self:
        """The detector that a checkpoint holds.

        Raises:
            TellsError: its classes are not real and fake.
        """
        if checkpoint.classes != DETECTION_CLASSES:
            raise TellsError(
                f"a detector's classes must be {', '.join(DETECTION_CLASSES)}; this checkpoint has "
                f"{', '.join(checkpoint.classes)}: load one that a detection chapter saved."
            )
        arguments = {k: v for k, v in checkpoint.arguments.items() if k != "classes"}
        return cls(checkpoint.model, arguments, checkpoint=checkpoint)

    def _trained(self) -> Checkpoint:
        if self.checkpoint is None:
            raise TellsError("the detector must be fitted first; call fit, or load a saved one.")
        return self.checkpoint


def _columns(windows: Windows | FrameWindows) -> dict[str, int]:
    return {"columns": windows.shape[2]} if isinstance(windows, Windows) else {}
