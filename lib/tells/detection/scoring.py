"""From a detector to one score for each clip, and from two of them to one (thesis 4.5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import pandas as pd

from tells.corpora import DETECTION_CLASSES
from tells.errors import TellsError
from tells.features import FrameWindows, Windows

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
    table = pd.DataFrame(detector.predict_proba(windows, part), columns=_P)
    table["utterance"] = part["utterance"].to_numpy(dtype=object)
    table["file"] = part.index.get_level_values("file").to_numpy(dtype=object)
    table["group"] = part["source"].to_numpy(dtype=object)
    table["label"] = part["label"].to_numpy(dtype=object)
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
    if set(first.index) != set(second.index):
        odd = sorted(set(first.index) ^ set(second.index))
        raise TellsError(
            f"both tables must score the same clips; {len(odd)} are in one only, such as {odd[0]}: "
            "score the clips that both modalities have."
        )
    second = second.loc[first.index]
    for name in ("group", "label"):
        if not first[name].equals(second[name]):
            raise TellsError(f"both tables must give each clip the same {name}; they differ.")
    return one.assign(**{name: (first[name] + second[name]).to_numpy() / 2 for name in _P})
