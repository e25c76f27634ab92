"""From a video to one face for each frame (thesis 4.6.2, 4.7.2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass, field, fields
from itertools import islice
from pathlib import Path

import numpy as np

from tells import media
from tells.errors import TellsError
from tells.features.faces.boxes import interpolate_boxes, smoothed
from tells.features.faces.crop import check_half, crop_and_resize, one_thread, part_of
from tells.features.faces.detector import BlazeFace, Detect, Face, tool
from tells.features.faces.result import COUNTS, FaceTrack, face_track
from tells.features.faces.track import TRIAL, Tracker

SIZE = (80, 60)  # rows and columns of a face, thesis 4.6.2

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
        options = f"smooth {self.smooth:g} s, gap {self.max_gap:g} s, share {self.min_share:g}"
        return f"{tool()}, {self.name}, {options}, 1"

    @property
    def columns(self) -> list[str]:
        """None: a row is a picture."""
        return []

    def __call__(self, path: str | Path, start: float = 0.0, end: float | None = None) -> FaceTrack:
        """The faces of a span of a video.

        Raises:
            media.MediaError: the video cannot be decoded, or the face is seen too seldom.
            TellsError: the detector's file is missing.
        """
        with one_thread():
            return self._track(Path(path), start, end)

    def _track(self, path: Path, start: float, end: float | None) -> FaceTrack:
        with self.detector() as detect, media.frames(path, start=start, end=end) as frames:
            seen = self._follow(frames, detect)
        n, times = len(seen.times), np.array(seen.times)
        found = np.isin(np.arange(n), list(seen.boxes))
        self._check_share(path, found)
        boxes = np.full((n, 4), np.nan)
        boxes[found] = [box for _, box in sorted(seen.boxes.items())]
        filled = interpolate_boxes(boxes, times, self.max_gap)
        boxes = smoothed(filled.boxes, times, self.smooth)
        if self.smooth:
            seen.crops.clear()
        if len(seen.crops) < n:
            with media.frames(path, start=start, end=end) as again:
                self._complete(seen.crops, boxes, again, path)
        counts = (
            n,
            found.sum(),
            filled.interpolated.sum(),
            filled.missing.sum(),
            seen.multiple_faces,
        )
        return face_track(
            np.stack([seen.crops[i] for i in range(n)]),
            times,
            boxes + np.tile(seen.corner, 2),
            found,
            span=(start, end),
            rate=frames.info.rate,
            report=dict(zip(COUNTS, map(int, counts), strict=True)) | frames.flaws,
        )

    def _follow(self, frames: media.Frames, detect: Detect) -> _FirstPass:
        """Go through the clip, and cut the face out wherever it is seen."""
        seen = _FirstPass()
        tracker = Tracker(detect, frames.info.rate)
        recent: deque[np.ndarray] = deque(maxlen=TRIAL)

        def keep(faces: list[tuple[int, Face]]) -> None:
            for i, face in faces:
                seen.boxes[i] = np.array(face[:4])
                seen.crops[i] = crop_and_resize(recent[i - len(seen.times)], seen.boxes[i], SIZE)

        for time, image in _in_runs(frames):
            part, seen.corner = part_of(image, self.half)
            recent.append(part)
            seen.times.append(time)
            keep(tracker.step(part))
        keep(tracker.finish())
        seen.multiple_faces = sum(tracker.multiple_faces)
        return seen

    def _complete(
        self, crops: dict[int, np.ndarray], boxes: np.ndarray, frames: media.Frames, path: Path
    ) -> None:
        """Go through the clip again, up to the last frame whose face is not cut out yet."""
        todo = set(range(len(boxes))) - crops.keys()
        for i, (_, image) in enumerate(islice(frames, max(todo) + 1)):
            if i in todo:
                crops[i] = crop_and_resize(part_of(image, self.half)[0], boxes[i], SIZE)
        if len(crops) < len(boxes):
            raise media.MediaError(path, "gives fewer frames when it is decoded a second time")

    def _check_share(self, path: Path, found: np.ndarray) -> None:
        n, hits = len(found), int(found.sum())
        if hits == 0:
            raise media.MediaError(path, f"no face in any of {n} frames")
        if hits < self.min_share * n:
            raise media.MediaError(
                path, f"a face in {hits} of {n} frames, less than {self.min_share:g} of them"
            )


def _in_runs(frames: media.Frames) -> Iterator[media.Frame]:
    """The same frames, several decoded before the first is looked at.

    Frame by frame, the decoder and the detector push each other's data out of the processor's
    caches, which costs up to a tenth.
    """
    n = max(1, min(_AHEAD, _AHEAD_PIXELS // (frames.info.width * frames.info.height)))
    rest = iter(frames)
    while run := list(islice(rest, n)):
        yield from run


@dataclass
class _FirstPass:
    """What the first pass through a clip gave."""

    times: list[float] = field(default_factory=list)
    boxes: dict[int, np.ndarray] = field(default_factory=dict)
    crops: dict[int, np.ndarray] = field(default_factory=dict)
    corner: tuple[int, int] = (0, 0)  # of the half of the picture, in which boxes are counted
    multiple_faces: int = 0
