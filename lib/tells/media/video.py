"""Frames of a video with their real times, upright (thesis 4.6)."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.format import VideoFormat

from tells.media.decoding import Decoder, Timed
from tells.media.files import DAMAGE, MediaError, check_span, unreadable

_UNKNOWN = 2  # FFmpeg's number for colours that are not described


class Frame(NamedTuple):
    """A picture and the moment at which it is shown."""

    time: float  # s from the beginning of the file
    image: np.ndarray  # (height, width) uint8 luma or (height, width, 3) uint8 RGB, read-only


class VideoInfo(NamedTuple):
    """What a video stream says about itself."""

    width: int  # pixels of the upright picture
    height: int
    rate: float  # frames a second on average, as declared


class Frames(AbstractContextManager):
    """The frames of a span, decoded one at a time; iterable once, and a context manager.

    Times rise strictly and all images have one shape. Whatever that cost, and whatever the file
    has lost, is counted while iterating.

    Attributes:
        info: the stream.
        flaws: reason -> count, from the key frame on which the span depends.
            "damaged" frames, in part guessed by the decoder;
            "undecodable" packets; packets with "no picture" in them; "unreadable" places;
            "gap": places without a picture for 1.5 periods of a rate that was steady so far, or
            for 0.25 s where it was not; frames "missing" that the file claims to hold;
            "no timestamp": frames timed one period after the one before;
            "repeated" and "out of order": frames left out because their time was not after that
            of the one before; "resized": frames scaled to the size of the first.
    """

    def __init__(self, path: Path, start: float, end: float | None, colour: bool) -> None:
        self._decoder = Decoder(path)
        self.flaws = self._decoder.flaws
        try:
            timed = self._decoder.read(start)
            first = next(timed, None)
            if first is None or (end is not None and first[0] >= end):
                raise MediaError(path, self._nothing(first, start, end))
            size, turn = (first[1].width, first[1].height), orientation(first[1])
            upright_size = reversed(size) if turn.transposed else size
            self.info = VideoInfo(*upright_size, float(self._decoder.rate))
        except BaseException:
            self.close()
            raise
        self._frames = self._images(itertools.chain([first], timed), end, colour, size, turn)

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file before its end; images that were handed out stay valid."""
        self._decoder.close()

    def _nothing(self, first: Timed | None, start: float, end: float | None) -> str:
        """Why there is no frame in the span."""
        if start > 0 or first is not None:
            claimed, _ = self._decoder.declared()
            claim = f", although it claims {claimed:g} s" if claimed and claimed > start else ""
            until = "on" if end is None else f"to {end:g}"
            return f"no frames from second {start:g} {until}{claim}"
        if self._decoder.error is None:
            return "holds no frame that can be decoded"
        return unreadable("video", self._decoder.error)

    def _images(
        self,
        timed: Iterator[Timed],
        end: float | None,
        colour: bool,
        size: tuple[int, int],
        turn: Orientation,
    ) -> Iterator[Frame]:
        """Frames as upright arrays, in the size of the first whatever the file does later."""
        time = 0.0
        with closing(self._decoder):
            for time, frame in timed:
                if end is not None and time >= end:
                    return
                try:
                    if (frame.width, frame.height) != size:
                        self.flaws["resized"] += 1
                        frame = frame.reformat(*size, threads=1)
                    image = _pixels(frame, colour)
                except DAMAGE:
                    self.flaws["undecodable"] += 1
                else:
                    yield Frame(time, upright(image, turn))
            self._decoder.missing(time, end)


def frames(
    path: str | Path, *, start: float = 0.0, end: float | None = None, colour: bool = False
) -> Frames:
    """Decode a span of the first video stream of a file.

    Any container and codec that FFmpeg knows, at constant or variable rate. Times are the file's
    own: second 0 is where the earliest of its streams begins, picture or sound, so `audio` of the
    same span is what is heard meanwhile; the first frame may therefore come a little later. A span
    is found through the key frame before it, and holds the same frames as the same part of the
    whole. One frame is in memory at a time, besides those that the decoder itself refers to.

    Args:
        path: the file; a regular one, not a pipe, an address or a list of other files.
        start: frames that are shown from this second on.
        end: frames that are shown before this second; None reads to the end.
        colour: RGB; otherwise the luma plane as it is stored, which costs no conversion.

    Returns:
        An iterable of `Frame`; its `info` says what the stream is, its `flaws` what was wrong.

    Raises:
        MediaError: the file is missing, empty, no media file, without a video stream, too large,
            or holds no frame that can be decoded in the span.
        TellsError: the span makes no sense.

    Thesis: 4.6. Chapter: 05_4_1_video_experiment_1.

    Example:
        >>> with frames("clip.mp4", start=2.0, end=4.0) as span:  # doctest: +SKIP
        ...     brightness = [frame.image.mean() for frame in span]
        ...     damaged = span.flaws
    """
    check_span(start, end)
    return Frames(Path(path), start, end, colour)


class Orientation(NamedTuple):
    """How a stored picture becomes upright: exchange the axes first, then reverse them."""

    transposed: bool = False
    reverse_x: bool = False
    reverse_y: bool = False


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


def upright(image: np.ndarray, turn: Orientation) -> np.ndarray:
    """Turn and mirror an image; the same one, read-only, where nothing is to be done."""
    if turn.transposed:
        image = cv2.transpose(image)
    if turn.reverse_x or turn.reverse_y:
        # OpenCV's code: 1 reverses x, 0 reverses y, -1 both.
        image = cv2.flip(image, 1 - turn.reverse_y - turn.reverse_x * turn.reverse_y)
    image.flags.writeable = False  # the decoder may still predict the next frames from it
    return image


def _pixels(frame: av.VideoFrame, colour: bool) -> np.ndarray:
    """A frame in full-range RGB, shape (height, width, 3), or its luma, (height, width); uint8.

    The luma of 8-bit YUV is the decoder's own plane, not a copy: nothing is converted, and video
    range (16 to 235) stays as it is. Deeper formats are converted to 8 bits, others to grey.
    """
    target, ranges = "rgb24", {}
    if not colour:
        target = _convert_to(frame.format.name)
        if frame.planes[0].line_size < 0:  # stored from the bottom up
            target = target or "yuv420p"
        # The same range before and after: 10-bit luma of 940 becomes 235, not 255.
        ranges = {"src_color_range": frame.color_range, "dst_color_range": frame.color_range}
    if target is not None:
        try:
            frame = frame.reformat(format=target, threads=1, **ranges)
        except av.error.FFmpegError:  # a description of its colours that makes no sense
            frame.colorspace, frame.color_primaries, frame.color_trc = _UNKNOWN, _UNKNOWN, _UNKNOWN
            frame = frame.reformat(format=target, threads=1, **ranges)
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    if colour:
        return rows[:, : plane.width * 3].reshape(plane.height, plane.width, 3)
    return rows[:, : plane.width]


@functools.cache
def _convert_to(name: str) -> str | None:
    """The format in which its first plane is 8-bit luma; None where that is so already."""
    pixels = VideoFormat(name)
    first, *rest = pixels.components
    if not any(component.is_chroma for component in rest) and name != "gray":
        return "gray"
    alone = first.bits == 8 and not any(component.plane == 0 for component in rest)
    return None if alone else "yuv420p"
