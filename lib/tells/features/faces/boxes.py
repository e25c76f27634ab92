"""Boxes for the frames in which no face was seen (thesis 4.7.2)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class InterpolatedBoxes(NamedTuple):
    """Boxes of all frames of a clip.

    Attributes:
        boxes: shape (n, 4).
        interpolated: shape (n,), bool: not seen, but seen shortly before and after.
        missing: shape (n,), bool: not seen, and in too long a gap to be guessed well.
    """

    boxes: np.ndarray
    interpolated: np.ndarray
    missing: np.ndarray


def interpolate_boxes(boxes: np.ndarray, times: np.ndarray, max_gap: float) -> InterpolatedBoxes:
    """Draw straight lines over gaps; before the first box and after the last, hold it.

    Args:
        boxes: shape (n, 4), NaN where no face was seen; at least one row is not.
        times: shape (n,), of the frames, in seconds.
        max_gap: s without a face from which on frames count as missing. A gap lasts from the frame
            in which the face was last seen to the one in which it is seen again.

    Thesis: 4.7.2 (figure 4.5). Chapter: 05_4_4_video_experiment_4.
    """
    seen = np.flatnonzero(~np.isnan(boxes[:, 0]))
    filled = np.stack([np.interp(times, times[seen], column[seen]) for column in boxes.T], axis=1)
    after = np.searchsorted(seen, np.arange(len(boxes)))  # number of the next frame with a face
    until = times[seen[np.minimum(after, len(seen) - 1)]]
    since = times[seen[np.maximum(after - 1, 0)]]
    until = np.where(after == len(seen), times[-1], until)
    since = np.where(after == 0, times[0], since)
    absent = np.isnan(boxes[:, 0])
    short = until - since <= max_gap
    return InterpolatedBoxes(filled, absent & short, absent & ~short)


def smoothed(boxes: np.ndarray, times: np.ndarray, seconds: float) -> np.ndarray:
    """The mean of the boxes within a window around each frame; shorter at both ends of a clip.

    Args:
        boxes: shape (n, 4).
        times: shape (n,), in seconds.
        seconds: length of the window; 0 changes nothing.
    """
    begin = np.searchsorted(times, times - seconds / 2 - 1e-9)
    end = np.searchsorted(times, times + seconds / 2 + 1e-9, side="right")
    sums = np.concatenate([np.zeros((1, 4)), np.cumsum(boxes, axis=0, dtype=np.float64)])
    return (sums[end] - sums[begin]) / (end - begin)[:, None]
