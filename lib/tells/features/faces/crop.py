"""Faces cut out of pictures, all of one size (thesis 4.6.2, 5.4)."""

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
    part = _with_edges(image, left, top, right, bottom)
    x0, x1, y0, y1 = x0 - left, x1 - left, y0 - top, y1 - top
    # The box is square, so its height says how often it may be halved and still be large enough.
    while y1 - y0 >= 2 * rows and x1 - x0 >= 2 * columns:
        half = part.shape[1] // 2, part.shape[0] // 2
        part = cv2.resize(part[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
        x0, x1, y0, y1 = x0 / 2, x1 / 2, y0 / 2, y1 / 2
    picture = Image.fromarray(part)
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BICUBIC, (x0, y0, x1, y1)))


def part_of(image: np.ndarray, half: str | None) -> tuple[np.ndarray, tuple[int, int]]:
    """The half of a split screen, or the whole picture, and its upper left corner (x, y)."""
    width = image.shape[1]
    if half is None or width < 2:
        return image, (0, 0)
    x = 0 if half == "left" else width - width // 2
    return image[:, x : x + width // 2], (x, 0)


def check_half(half: str | None) -> None:
    """Refuse what is no half of a picture."""
    if half not in (None, "left", "right"):
        raise TellsError(f"half must be left, right or None; got {half!r}.")


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


def _with_edges(image: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """A part of a picture, which is continued where the part reaches out of it."""
    height, width = image.shape
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return image[top:bottom, left:right]
    rows = np.arange(top, bottom).clip(0, height - 1)
    columns = np.arange(left, right).clip(0, width - 1)
    return image[rows[:, None], columns]
