"""Frames of a video with their real times (thesis 4.6)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import av
import numpy as np

from tells.errors import TellsError
from tells.media import pictures
from tells.media.decoding import Decoder, Timed
from tells.media.errors import MediaError
from tells.media.files import DAMAGE, unreadable


class Frame(NamedTuple):
    """A picture and the moment at which it is shown."""

    time: float  # s from the beginning of the file
    image: np.ndarray  # (height, width) uint8 luma or (height, width, 3) uint8 RGB, read-only


class VideoInfo(NamedTuple):
    """What a video stream says about itself."""

    width: int  # pixels of the upright picture
    height: int
    rate: float  # frames a second on average, as declared
    duration: float | None  # s; None where the file does not say
    pixel_aspect: float  # width over height of one pixel of the upright picture
    rotation: int  # degrees clockwise that made it upright: 0, 90, 180 or 270
    codec: str  # FFmpeg's name


class Frames:
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
            self._turn = pictures.orientation(first[1])  # of the stream: it does not change
            self.info = self._describe(first[1])
        except BaseException:
            self.close()
            raise
        self._frames = self._images(itertools.chain([first], timed), end, colour)

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file before its end; images that were handed out stay valid."""
        self._decoder.close()

    def _nothing(self, first: tuple | None, start: float, end: float | None) -> str:
        """Why there is no frame in the span."""
        if start > 0 or first is not None:
            claimed, _ = self._decoder.declared()
            claim = f", although it claims {claimed:g} s" if claimed and claimed > start else ""
            until = "on" if end is None else f"to {end:g}"
            return f"no frames from second {start:g} {until}{claim}"
        if self._decoder.error is None:
            return "holds no frame that can be decoded"
        return unreadable("video", self._decoder.error)

    def _describe(self, first: av.VideoFrame) -> VideoInfo:
        stream = self._decoder.stream
        turn = self._turn
        width, height, aspect = first.width, first.height, stream.sample_aspect_ratio or 1
        if turn.transposed:
            width, height, aspect = height, width, 1 / aspect
        return VideoInfo(
            width=width,
            height=height,
            rate=float(self._decoder.rate),
            duration=self._decoder.declared()[0],
            pixel_aspect=float(aspect),
            rotation=turn.rotation,
            codec=stream.codec_context.codec.canonical_name,
        )

    def _images(self, timed: Iterator[Timed], end: float | None, colour: bool) -> Iterator[Frame]:
        convert = pictures.rgb if colour else pictures.grey
        time = 0.0
        with self._decoder:
            for time, frame in timed:
                if end is not None and time >= end:
                    return
                try:
                    image = convert(self._sized(frame))
                except DAMAGE:
                    self._decoder.count("undecodable")
                else:
                    yield Frame(time, pictures.upright(image, self._turn))
            self._decoder.missing(time, end)

    def _sized(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A frame in the size of the first, whatever the file does in mid-stream."""
        width, height = self.info.width, self.info.height
        if self._turn.transposed:
            width, height = height, width
        if (frame.width, frame.height) == (width, height):
            return frame
        self._decoder.count("resized")
        return frame.reformat(width=width, height=height, threads=1)


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
    if start < 0 or (end is not None and end <= start):
        raise TellsError(f"start must be 0 or more and lie before end; got {start} s and {end} s.")
    return Frames(Path(path), start, end, colour)
