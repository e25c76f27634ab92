"""A decoded frame becomes an array: its luma or its colours, upright."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.format import VideoFormat

_UNKNOWN = 2  # FFmpeg's number for colours that are not described


class Orientation(NamedTuple):
    """How a stored picture becomes upright: exchange the axes first, then reverse them."""

    transposed: bool = False
    reverse_x: bool = False
    reverse_y: bool = False

    @property
    def rotation(self) -> int:
        """Degrees clockwise: 0, 90, 180 or 270; of a mirrored picture, after it was mirrored."""
        if self.transposed:
            return 270 if self.reverse_y else 90
        return 180 if self.reverse_x and self.reverse_y else 0


def orientation(frame: av.VideoFrame) -> Orientation:
    """What the display matrix of a frame asks for, to the nearest quarter turn."""
    try:
        matrix = np.frombuffer(frame.side_data["DISPLAYMATRIX"], np.int32)
    except (KeyError, ValueError):  # none; or beside it data of a kind that PyAV does not know
        return Orientation()
    # A pixel at (x, y) is shown at (a x + c y, b x + d y), y downwards.
    a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
    if math.hypot(a, d) >= math.hypot(b, c):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)


def grey(frame: av.VideoFrame) -> np.ndarray:
    """The luma of a frame, shape (height, width), uint8, read-only.

    Of 8-bit YUV it is the decoder's own plane, not a copy: nothing is converted, and video range
    (16 to 235) stays as it is. Other formats are converted: deeper ones to 8 bits, others to grey.
    """
    layout = _layout(frame.format.name)
    if layout != "luma" or frame.planes[0].line_size < 0:  # negative: stored from the bottom up
        # The same range before and after: 10-bit luma of 940 becomes 235, not 255.
        ranges = {"src_color_range": frame.color_range, "dst_color_range": frame.color_range}
        frame = _converted(frame, "gray" if layout == "other" else "yuv420p", **ranges)
    return _rows(frame, 1)


def rgb(frame: av.VideoFrame) -> np.ndarray:
    """The colours of a frame, shape (height, width, 3), uint8, full range, read-only."""
    return _rows(_converted(frame, "rgb24"), 3)


def upright(image: np.ndarray, turn: Orientation) -> np.ndarray:
    """Turn and mirror an image; the same one where nothing is to be done."""
    if turn.transposed:
        image = cv2.transpose(image)
    if turn.reverse_x or turn.reverse_y:
        # OpenCV's code: 1 reverses x, 0 reverses y, -1 both.
        image = cv2.flip(image, 1 - turn.reverse_y - turn.reverse_x * turn.reverse_y)
    image.flags.writeable = False
    return image


def _converted(frame: av.VideoFrame, pixels: str, **ranges: int) -> av.VideoFrame:
    """A frame in another pixel format."""
    try:
        return frame.reformat(format=pixels, threads=1, **ranges)
    except av.error.FFmpegError:  # a description of its colours that makes no sense
        frame.colorspace, frame.color_primaries, frame.color_trc = _UNKNOWN, _UNKNOWN, _UNKNOWN
        return frame.reformat(format=pixels, threads=1, **ranges)


@functools.cache
def _layout(name: str) -> str:
    """What a pixel format is: "luma" (a plane of 8 bits), "chroma" (other YUV) or "other"."""
    pixels = VideoFormat(name)
    first, *rest = pixels.components
    if any(component.is_chroma for component in rest) or name == "gray":
        alone = first.bits == 8 and not any(component.plane == 0 for component in rest)
        return "luma" if alone else "chroma"
    return "other"


def _rows(frame: av.VideoFrame, channels: int) -> np.ndarray:
    """The first plane of a frame as an array that shares its memory and keeps it alive."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    image = rows[:, : plane.width * channels]
    if channels > 1:
        image = image.reshape(plane.height, plane.width, channels)
    image.flags.writeable = False  # the decoder may still predict the next frames from it
    return image
