"""Boxes of a clip's faces, and what is cut out of its pictures (thesis 4.6.2, 4.7.2, 5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image

from tells.errors import TellsError


def crop_and_resize(image: np.ndarray, box: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A box of a picture, bicubically brought to a size.

    The box need not lie at whole pixels; where it reaches out of the picture, the picture's edge is
    continued. Where the box is larger than the size asked for, the bicubic kernel is widened, as it
    must be if fine structure shall not turn into false coarse structure.

    Args:
        image: shape (height, width), uint8.
        box: x0, y0, x1, y1 in pixels.
        size: rows and columns of the result; the aspect of the box is not kept.

    Returns:
        Shape `size`, uint8.

    Thesis: 4.6.2, 5.4.3, 5.4.4. Chapter: 05_4_3_video_experiment_3.
    """
    rows, columns = size
    x0, y0, x1, y1 = (float(edge) for edge in box)
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    # Two pixels more on each side, for the kernel; it then sees what is really there.
    margin = 2 * max(1.0, (y1 - y0) / rows, (x1 - x0) / columns)
    left, top = int(np.floor(x0 - margin)), int(np.floor(y0 - margin))
    right, bottom = int(np.ceil(x1 + margin)), int(np.ceil(y1 + margin))
    height, width = image.shape
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        part = image[top:bottom, left:right]
    else:  # continue the edge
        lines = np.arange(top, bottom).clip(0, height - 1)
        part = image[lines[:, None], np.arange(left, right).clip(0, width - 1)]
    x0, x1, y0, y1 = x0 - left, x1 - left, y0 - top, y1 - top
    while y1 - y0 >= 2 * rows and x1 - x0 >= 2 * columns:
        half = part.shape[1] // 2, part.shape[0] // 2
        part = cv2.resize(part[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
        x0, x1, y0, y1 = x0 / 2, x1 / 2, y0 / 2, y1 / 2
    picture = Image.fromarray(part)
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BICUBIC, (x0, y0, x1, y1)))


def check_half(half: str | None) -> None:
    """Refuse what is no half of a picture."""
    if half not in (None, "left", "right"):
        raise TellsError(f"half must be left, right or None; got {half!r}.")


def half_columns(width: int, half: str | None) -> slice:
    """The columns of the half of a split screen, or of the whole picture."""
    if half is None or width < 2:
        return slice(0, width)
    x = 0 if half == "left" else width - width // 2
    return slice(x, x + width // 2)


def interpolate_boxes(
    boxes: np.ndarray, times: np.ndarray, max_gap: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw straight lines over gaps of NaN in boxes (n, 4); at both ends, hold the nearest box.

    Gives all boxes, and which of them lie in a gap longer than `max_gap` seconds, as it lasts from
    the frame in which the face was last seen to the one in which it is seen again (figure 4.5).
    """
    absent = np.isnan(boxes[:, 0])
    seen = np.flatnonzero(~absent)
    filled = np.stack([np.interp(times, times[seen], column[seen]) for column in boxes.T], axis=1)
    after = np.searchsorted(seen, np.arange(len(boxes)))  # number of the next frame with a face
    ends = np.concatenate([times[:1], times[seen], times[-1:]])
    return filled, absent & (ends[after + 1] - ends[after] > max_gap)


def smoothed(boxes: np.ndarray, times: np.ndarray, seconds: float) -> np.ndarray:
    """Mean of the boxes, (n, 4), in a window around each frame; shorter at both ends of a clip."""
    begin = np.searchsorted(times, times - seconds / 2 - 1e-9)
    end = np.searchsorted(times, times + seconds / 2 + 1e-9, side="right")
    sums = np.concatenate([np.zeros((1, 4)), np.cumsum(boxes, axis=0, dtype=np.float64)])
    return (sums[end] - sums[begin]) / (end - begin)[:, None]


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenCV to one thread, in the whole process.

    Its idle threads wait by spinning; beside pictures as small as these that is most of the work.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
