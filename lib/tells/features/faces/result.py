"""What becomes of a clip, and what became of a corpus (thesis 4.7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

COUNTS = ("frames", "found", "interpolated", "missing", "multiple_faces")
_OLD_COUNTS = {"several": "multiple_faces"}


class FaceTrack(NamedTuple):
    """The faces of a clip, for `tells.features.extract`.

    Attributes:
        features: shape (n, rows, columns), uint8, one picture for each frame.
        seconds: duration of what was decoded.
        arrays: `times` (n,), float64, s on the file's clock, as `tells.media.frames` gives them;
            `boxes` (n, 4), float32, x0, y0, x1, y1 in pixels of the picture; `found` (n,), bool,
            false where the box is a guess.
        report: `frames`, which are `found`, `interpolated` or `missing`; `multiple_faces`, those
            with somebody else in the picture; and what was damaged in the file, by reason.
    """

    features: np.ndarray
    seconds: float
    arrays: dict[str, np.ndarray]
    report: dict[str, int]


def face_track(
    crops: np.ndarray,
    times: np.ndarray,
    boxes: np.ndarray,
    found: np.ndarray,
    *,
    span: tuple[float, float | None],
    rate: float,
    report: Mapping[str, int],
) -> FaceTrack:
    """Put a result together.

    Args:
        crops: shape (n, rows, columns).
        times: shape (n,).
        boxes: shape (n, 4).
        found: shape (n,).
        span: what was asked for; an end of None means the end of the file.
        rate: frames a second; the last frame is shown for as long as that says.
        report: counts.
    """
    start, end = span
    last = float(times[-1]) + 1 / rate
    seconds = (last if end is None else min(last, end)) - start
    arrays = {"times": times, "boxes": boxes.astype(np.float32), "found": found}
    return FaceTrack(crops, seconds, arrays, dict(report))


def coverage(reports: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    """In how many frames of each clip the face was found, and where it was not.

    Args:
        reports: for each clip the report that the store keeps.

    Returns:
        A row for each clip, in the order of `reports`, with whole numbers in the columns `frames`,
        `found`, `interpolated`, `missing`, `multiple_faces` and one for each kind of damage, and
        `share`, the found part of the frames. `sum` of it is the corpus.

    Thesis: 4.7.2. Chapter: 05_4_4_video_experiment_4.
    """
    # faces that an older version stored say `several`
    reports = {
        clip: {_OLD_COUNTS.get(key, key): n for key, n in report.items()}
        for clip, report in reports.items()
    }
    damage = dict.fromkeys(key for report in reports.values() for key in report)
    columns = list(dict.fromkeys((*COUNTS, *damage)))
    rows = [[report.get(column, 0) for column in columns] for report in reports.values()]
    index = pd.Index(list(reports), name="clip")
    table = pd.DataFrame(rows, index=index, columns=columns, dtype=int)
    return table.assign(share=table["found"] / table["frames"])
