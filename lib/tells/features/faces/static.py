"""The thesis's first crops, at a place that nobody looked for (thesis 5.4.1-5.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tells import media
from tells.errors import TellsError
from tells.features.faces.crop import check_half, crop_and_resize, one_thread, part_of
from tells.features.faces.result import FaceTrack, face_track


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

    def __call__(self, path: str | Path, start: float = 0.0, end: float | None = None) -> FaceTrack:
        """The crops of a span of a video; `found` is true throughout, for nothing is looked for.

        Raises:
            media.MediaError: the video cannot be decoded, or its picture is smaller than the crop.
        """
        path = Path(path)
        crops, times, boxes = [], [], []
        with one_thread(), media.frames(path, start=start, end=end) as frames:
            for time, image in frames:
                part, (x, y) = part_of(image, self.half)
                x0, y0 = (part.shape[1] - self.width) // 2, (part.shape[0] - self.height) // 2
                if x0 < 0 or y0 < 0:
                    raise media.MediaError(path, self._too_small(part))
                crop = part[y0 : y0 + self.height, x0 : x0 + self.width]
                if self.size:
                    box = np.array([0, 0, self.width, self.height])
                    crop = crop_and_resize(crop, box, self.size)
                crops.append(crop.copy())
                times.append(time)
                boxes.append([x + x0, y + y0, x + x0 + self.width, y + y0 + self.height])
        n = len(times)
        report = {"frames": n, "found": n, "interpolated": 0, "missing": 0, "multiple_faces": 0}
        return face_track(
            np.stack(crops),
            np.array(times),
            np.array(boxes),
            np.ones(n, dtype=bool),
            span=(start, end),
            rate=frames.info.rate,
            report=report | frames.flaws,
        )

    def _too_small(self, part: np.ndarray) -> str:
        where = f"{self.half} half of the picture" if self.half else "picture"
        height, width = part.shape
        return (
            f"the {where}, {width} x {height} pixels, is smaller than the crop, "
            f"{self.width} x {self.height}"
        )
