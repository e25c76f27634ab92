"""Detectors from disk: networks as safetensors, trees as text, other classifiers by skops."""

from __future__ import annotations

import json
from pathlib import Path

from tells.detection.networks import NetworkDetector
from tells.detection.statistics import FORMAT, StatisticsDetector
from tells.errors import TellsError
from tells.training import Checkpoint


def load(path: str | Path) -> NetworkDetector | StatisticsDetector:
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
    if isinstance(content, dict) and content.get("format") == FORMAT:
        return StatisticsDetector.of(content, path)
    return NetworkDetector.of(Checkpoint.load(path))
