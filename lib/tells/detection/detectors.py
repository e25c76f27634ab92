"""What all detectors share, those that are networks, and the scores of clips (thesis 4.5, 5.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from tells.corpora import DETECTION_CLASSES
from tells.detection.consistency import FORMAT as CONSISTENCY
from tells.detection.consistency import ConsistencyDetector
from tells.detection.statistics import FORMAT as STATISTICS
from tells.detection.statistics import StatisticsDetector
from tells.errors import TellsError
from tells.features import FrameWindows, Windows
from tells.training import Checkpoint, TrainingOptions, fit, predict

_KEYS = ["segment", "file", "utterance", "group", "label"]
_P = [f"p_{name}" for name in DETECTION_CLASSES]


class Detector(Protocol):
    """What tells real clips from fake ones."""

    def fit(
        self,
        windows: Windows | FrameWindows,
        split: Mapping[str, pd.DataFrame],
        path: str | Path,
        *,
        data: str = "",
    ) -> Self:
        """Learn from `train`, choose on `validation`, never read `test`; save to `path`."""

    def predict_proba(self, windows: Windows | FrameWindows, part: pd.DataFrame) -> np.ndarray:
        """P(real) and P(fake) of some rows of the windows' table, shape (len(part), 2)."""


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
        """Train and save, as `tells.training.fit` does and with its errors."""
        columns = {"columns": windows.shape[2]} if isinstance(windows, Windows) else {}
        self.checkpoint = fit(
            self.model,
            {**columns, **self.arguments, "classes": len(DETECTION_CLASSES)},
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
        if self.checkpoint is None:
            raise TellsError("the detector must be fitted first; call fit, or load a saved one.")
        return predict(self.checkpoint, windows, part, group="source")[_P].to_numpy()


def load(path: str | Path) -> Detector:
    """The detector that its `fit` wrote; it scores as before, to the last bit.

    Args:
        path: as given to `fit`, with or without `.json`.

    Raises:
        TellsError: a file is missing or damaged, or is no detector.

    Thesis: 5.5.
    """
    path = Path(path).with_suffix(".json")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TellsError(
            f"{path}: no such detector; run the chapter that fits it first."
        ) from error
    except (OSError, ValueError) as error:
        raise TellsError(f"{path}: the detector is damaged; run its chapter again.") from error
    known = {STATISTICS: StatisticsDetector, CONSISTENCY: ConsistencyDetector}
    if isinstance(content, dict) and (kind := known.get(content.get("format"))):
        return kind.of(content, path)
    checkpoint = Checkpoint.load(path)
    if checkpoint.classes != DETECTION_CLASSES:
        raise TellsError(
            f"a detector's classes must be {', '.join(DETECTION_CLASSES)}; this checkpoint has "
            f"{', '.join(checkpoint.classes)}: load one that a detection chapter saved."
        )
    arguments = {k: v for k, v in checkpoint.arguments.items() if k != "classes"}
    return NetworkDetector(checkpoint.model, arguments, checkpoint=checkpoint)


def scores(detector: Detector, windows: Windows | FrameWindows, part: pd.DataFrame) -> pd.DataFrame:
    """A score table with one row for each clip, as `tells.metrics` takes it.

    Where a clip has several windows, such as groups of seven frames, its probabilities are their
    mean.

    Args:
        detector: a fitted one.
        windows: all windows.
        part: the rows of `windows.table` to score, for example the test folder; columns
            `utterance` (the clip), `source` (its original, whose fakes are no independent
            evidence) and `label`.

    Returns:
        Columns `segment`, `file`, `utterance`, `group` (the source), `label`, `p_real`, `p_fake`.

    Raises:
        TellsError: there is nothing to score.

    Thesis: 5.5. Chapter: 05_5_1_audio_detection.
    """
    if len(part) == 0:
        raise TellsError("part holds no clip; there is nothing to score.")
    table = part.reset_index()[["utterance", "file", "source", "label"]].astype(object)
    table = table.rename(columns={"source": "group"})
    table[_P] = detector.predict_proba(windows, part)
    clips = table.groupby("utterance", sort=False)
    found = clips[["file", "group", "label"]].first().join(clips[_P].mean()).reset_index()
    return found.assign(segment=found["utterance"])[[*_KEYS, *_P]]


def fuse_scores(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Decision-level fusion: the mean of two detectors' probabilities, clip by clip.

    Args:
        one: a score table.
        other: a score table of the same clips, in any order.

    Returns:
        A score table in the order of `one`.

    Raises:
        TellsError: the clips, or what is said of them, differ.

    Thesis: 4.5.2, 5.5.3.
    """
    first, second = (table.set_index("segment") for table in (one, other))
    if odd := sorted(set(first.index) ^ set(second.index)):
        raise TellsError(
            f"both tables must score the same clips; {len(odd)} are in one only, such as {odd[0]}: "
            "score the clips that both modalities have."
        )
    second = second.loc[first.index]
    for name in ("group", "label"):
        if not first[name].equals(second[name]):
            raise TellsError(f"both tables must give each clip the same {name}; they differ.")
    return one.assign(**{name: (first[name] + second[name]).to_numpy() / 2 for name in _P})
