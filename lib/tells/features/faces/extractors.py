"""From a video to one picture of a face for each frame (thesis 4.6.2, 4.7.2, 5.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass, fields
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from tells import media
from tells.assets import DIGEST
from tells.errors import TellsError
from tells.features.faces.crop import (
    check_half,
    crop_and_resize,
    half_columns,
    interpolate_boxes,
    one_thread,
    smoothed,
)
from tells.features.faces.detector import BlazeFace, Detect, Face
from tells.features.faces.tracking import TRIAL, Tracker
from tells.features.store import Extraction

SIZE = (80, 60)  # rows and columns of a face, thesis 4.6.2

_COUNTS = ("frames", "found", "interpolated", "missing", "multiple_faces")
_OLD_COUNTS = {"several": "multiple_faces"}  # in faces that an older version stored
_AHEAD = 8  # frames that are decoded in one go
_AHEAD_PIXELS = 2**25  # of all of them, at most


@dataclass(frozen=True)
class Faces:
    """An extractor of faces by BlazeFace, for `tells.features.extract`.

    One row for each frame, whatever happens: where the face was not seen, the box is drawn from the
    boxes before and after, the frame is marked, and the report counts it as interpolated, or as
    missing if the gap was longer than `max_gap`. A clip in which the face is seen too seldom is an
    error with the numbers. The square box is brought to 80 x 60 as the thesis does it, which makes
    faces narrow. Pixels that are not square stay as they are stored.

    A clip is decoded once, and as far as its last gap a second time: memory does not grow with the
    length of a gap.

    Attributes:
        half: `left` or `right` part of a split screen; IEMOCAP's marker wearer sits left. None: the
            whole picture.
        smooth: s, the window over which boxes are averaged; the thesis does not smooth.
        max_gap: s without a face up to which the boxes between count as interpolated.
        min_share: of the frames, in which the face must be found.
        detector: opens what finds faces, as a context manager.

    Thesis: 4.6.2, 4.7.2, 5.4.4. Chapter: 05_4_4_video_experiment_4.
    """

    half: str | None = None
    _: KW_ONLY
    smooth: float = 0.0
    max_gap: float = 0.5
    min_share: float = 0.5
    detector: Callable[[], AbstractContextManager[Detect]] = BlazeFace

    spans = True

    def __post_init__(self) -> None:
        check_half(self.half)
        if not (self.smooth >= 0 and self.max_gap >= 0):
            raise TellsError(
                f"smooth and max_gap must be 0 s or more; got {self.smooth} and {self.max_gap}."
            )
        if not 0 <= self.min_share <= 1:
            raise TellsError(f"min_share must lie between 0 and 1; got {self.min_share}.")

    @property
    def name(self) -> str:
        """`faces`, with the half of the picture, and the options that are not the usual ones."""
        usual = {one.name: one.default for one in fields(self)}
        options = {name: getattr(self, name) for name in ("smooth", "max_gap", "min_share")}
        others = [f"{name}-{value:g}" for name, value in options.items() if value != usual[name]]
        return "-".join(["faces", *([self.half] if self.half else []), *others])

    @property
    def version(self) -> str:
        """The detector and our way with it; another version makes stored faces stale."""
        tool = f"mediapipe {version('mediapipe')}, BlazeFace {DIGEST[:8]}"
        options = f"smooth {self.smooth:g} s, gap {self.max_gap:g} s, share {self.min_share:g}"
        return f"{tool}, {self.name}, {options}, 1"

    @property
    def columns(self) -> list[str]:
        """None: a row is a picture."""
        return []

    def __call__(
        self, path: str | Path, start: float = 0.0, end: float | None = None
    ) -> Extraction:
        """The faces of a span of a video.

        Returns:
            `features`: shape (n, 80, 60), uint8, a picture for each frame.
            `arrays`: `times` (n,), float64, s on the file's clock, as `tells.media.frames` gives
            them; `boxes` (n, 4), float32, x0, y0, x1, y1 in pixels of the picture; `found` (n,),
            bool, false where the box is a guess.
            `report`: `frames`, which are `found`, `interpolated` or `missing`; `multiple_faces`,
            those with somebody else in the picture; and what was damaged in the file, by reason.

        Raises:
            media.MediaError: the video cannot be decoded, or the face is seen too seldom.
            TellsError: the detector's file is missing.
        """
        path, span = Path(path), {"start": start, "end": end}
        with one_thread():
            with self.detector() as detect, media.frames(path, **span) as frames:
                columns = half_columns(frames.info.width, self.half)
                times, seen, crops, multiple_faces = _first_pass(frames, columns, detect)
            n, hits = len(times), len(seen)
            if hits == 0:
                raise media.MediaError(path, f"no face in any of {n} frames")
            if hits < self.min_share * n:
                reason = f"a face in {hits} of {n} frames, less than {self.min_share:g} of them"
                raise media.MediaError(path, reason)
            found = np.isin(np.arange(n), list(seen))
            boxes = np.full((n, 4), np.nan)
            boxes[found] = [box for _, box in sorted(seen.items())]
            boxes, missing = interpolate_boxes(boxes, np.array(times), self.max_gap)
            boxes = smoothed(boxes, np.array(times), self.smooth)
            if self.smooth:
                crops.clear()
            if todo := set(range(n)) - crops.keys():
                with media.frames(path, **span) as again:
                    for i, (_, image) in enumerate(islice(again, max(todo) + 1)):
                        if i in todo:
                            crops[i] = crop_and_resize(image[:, columns], boxes[i], SIZE)
            if len(crops) < n:
                reason = "gives fewer frames when it is decoded a second time"
                raise media.MediaError(path, reason)
        boxes = boxes + np.tile([columns.start, 0], 2)
        counts = n, hits, n - hits - missing.sum(), missing.sum(), multiple_faces
        return _extraction(
            [crops[i] for i in range(n)], times, boxes, found, counts, frames, **span
        )


@dataclass(frozen=True)
class StaticCrop:
    """An extractor that cuts the same place out of each frame, for `tells.features.extract`.

    The crop is centred in the left half of IEMOCAP's split screen, 720 x 480, where the speaker's
    window lies around x = 180, y = 240. Pixels are those of the file, square or not.

    Attributes:
        height: rows of the crop: 100 in experiments I and II, 110 in experiment III.
        width: columns of the crop: 93 and 95.
        size: rows and columns to which it is brought bicubically, (80, 60) in experiment III; None
            leaves it as it is.
        half: of the picture, in which the crop is centred; None: the whole picture.

    Thesis: 5.4.1, 5.4.2, 5.4.3. Chapter: 05_4_1_video_experiment_1, 05_4_3_video_experiment_3.
    """

    height: int
    width: int
    size: tuple[int, int] | None = None
    half: str | None = "left"

    spans = True

    def __post_init__(self) -> None:
        check_half(self.half)
        for name, value in (("height", self.height), ("width", self.width)):
            if value < 1:
                raise TellsError(f"{name} must be 1 pixel or more; got {value}.")
        if self.size is not None and min(self.size) < 1:
            raise TellsError(f"size must be two whole numbers of pixels; got {self.size}.")

    @property
    def name(self) -> str:
        """`crop-100x93-left`: sizes in rows and columns, and the half of the picture."""
        size = [f"{self.size[0]}x{self.size[1]}"] if self.size else []
        return "-".join(["crop", f"{self.height}x{self.width}", *size, self.half or "whole"])

    @property
    def version(self) -> str:
        """Another version makes stored crops stale."""
        return f"{self.name}, 1"

    @property
    def columns(self) -> list[str]:
        """None: a row is a picture."""
        return []

    def __call__(
        self, path: str | Path, start: float = 0.0, end: float | None = None
    ) -> Extraction:
        """The crops of a span of a video, as `Faces` gives its faces; all are `found`.

        Raises:
            media.MediaError: the video cannot be decoded, or its picture is smaller than the crop.
        """
        path, crops, times = Path(path), [], []
        with one_thread(), media.frames(path, start=start, end=end) as frames:
            columns = half_columns(frames.info.width, self.half)
            width, height = columns.stop - columns.start, frames.info.height
            if width < self.width or height < self.height:
                where = f"{self.half} half of the picture" if self.half else "picture"
                raise media.MediaError(
                    path,
                    f"the {where}, {width} x {height} pixels, is smaller than the crop, "
                    f"{self.width} x {self.height}",
                )
            x, y = columns.start + (width - self.width) // 2, (height - self.height) // 2
            for time, image in frames:
                crop = image[y : y + self.height, x : x + self.width].copy()
                if self.size:
                    whole = np.array([0, 0, self.width, self.height])
                    crop = crop_and_resize(crop, whole, self.size)
                crops.append(crop)
                times.append(time)
        n = len(times)
        boxes, found = (
            np.array([[x, y, x + self.width, y + self.height]] * n),
            np.ones(n, dtype=bool),
        )
        counts = n, n, 0, 0, 0
        return _extraction(crops, times, boxes, found, counts, frames, start=start, end=end)


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
    rows = [
        {_OLD_COUNTS.get(key, key): n for key, n in report.items()} for report in reports.values()
    ]
    columns = list(dict.fromkeys([*_COUNTS, *(key for row in rows for key in row)]))
    values = [[row.get(column, 0) for column in columns] for row in rows]
    index = pd.Index(list(reports), name="clip")
    table = pd.DataFrame(values, index=index, columns=columns, dtype=int)
    return table.assign(share=table["found"] / table["frames"])


def _first_pass(
    frames: media.Frames, columns: slice, detect: Detect
) -> tuple[list[float], dict[int, np.ndarray], dict[int, np.ndarray], int]:
    """Times of all frames, boxes and crops of those with the face, and how many have another."""
    times, boxes, crops = [], {}, {}
    tracker = Tracker(detect, frames.info.rate)
    recent: deque[np.ndarray] = deque(maxlen=TRIAL)

    def keep(faces: list[tuple[int, Face]]) -> None:
        for i, face in faces:
            boxes[i] = np.array(face[:4])
            crops[i] = crop_and_resize(recent[i - len(times)], boxes[i], SIZE)

    # Several frames are decoded before the first is looked at: one by one, the decoder and the
    # detector push each other's data out of the processor's caches, which costs up to a tenth.
    ahead = max(1, min(_AHEAD, _AHEAD_PIXELS // (frames.info.width * frames.info.height)))
    rest = iter(frames)
    while run := list(islice(rest, ahead)):
        for time, image in run:
            recent.append(image[:, columns])
            times.append(time)
            keep(tracker.step(recent[-1]))
    keep(tracker.finish())
    return times, boxes, crops, sum(tracker.multiple_faces)


def _extraction(
    crops: list[np.ndarray],
    times: list[float],
    boxes: np.ndarray,
    found: np.ndarray,
    counts: tuple[int, ...],
    frames: media.Frames,
    *,
    start: float,
    end: float | None,
) -> Extraction:
    """Put a result together; the last frame is shown for as long as the rate says."""
    last = times[-1] + 1 / frames.info.rate
    seconds = (last if end is None else min(last, end)) - start
    arrays = {"times": np.array(times), "boxes": boxes.astype(np.float32), "found": found}
    report = dict(zip(_COUNTS, map(int, counts), strict=True)) | dict(frames.flaws)
    return Extraction(np.stack(crops), seconds, arrays, report)
