"""The video stream of a file, decoded in order of presentation from a moment on."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Discard

from tells.media.files import (
    DAMAGE,
    MAX_PIXELS,
    MAX_SIDE,
    MediaError,
    beginning,
    moving_pictures,
    open_file,
)

Timed = tuple[float, av.VideoFrame]  # s on the clock of the file, frame

_LEADS = (0.0, 2.0, 10.0)  # s before the start to which it seeks, in turn, before it gives up
_FAILURES = 8  # in a row, after which the rest of a file counts as unreadable
_STEPS = 8  # frames that came at a steady rate: then one that is missing is noticed
_GAP_SECONDS = 0.25  # else only what is missing so long: a head moves on meanwhile
# What may be missing of a declared duration: of the stream's; of the whole file's, whose sound
# may outlast its picture.
_MISSING_SECONDS = (0.25, 0.5)
_MISSING_SHARE = (0.0, 0.1)
# Pictures that build on the one before although they are marked as key frames.
_NEVER_SEEK = frozenset({"apng", "gif"})
# Packets that hold no picture of their own are part of these formats.
_HIDDEN = frozenset({"vp8"})


class Decoder:
    """One video stream, opened when `read` begins.

    Attributes:
        flaws: reason -> count, as `Frames` lists them.
        error: the last that FFmpeg reported.
        stream: PyAV's.
        rate: frames a second.
    """

    stream: av.VideoStream
    rate: Fraction

    def __init__(self, path: Path) -> None:
        self.flaws: Counter[str] = Counter()
        self.error: Exception | None = None
        self._path = path
        self._container: InputContainer | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self._container is not None:
            self._container.close()

    def _open(self) -> None:
        """Get the first stream of moving pictures ready to be decoded from its beginning."""
        self._container = open_file(self._path, "video")
        stream = next(iter(moving_pictures(self._container)), None)
        if stream is None:
            cover = " but a cover picture" if self._container.streams.video else ""
            raise MediaError(self._path, f"has no video stream{cover}")
        if stream.codec_context is None:
            raise MediaError(self._path, "its pictures are coded in a way that is not known")
        width, height = stream.codec_context.width, stream.codec_context.height
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise MediaError(
                self._path,
                f"its pictures claim {width} x {height} pixels; at most {MAX_SIDE} a side and "
                f"{MAX_PIXELS:,} in all are decoded",
            )
        for other in self._container.streams:
            if other is not stream:
                other.discard = Discard.all
        # One thread: clips are decoded in parallel by processes, each as small as it can be, and
        # an error then always strikes the same frame.
        stream.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        rates = stream.average_rate, stream.guessed_rate, Fraction(25)
        self.rate = next(rate for rate in rates if rate is not None and rate > 0)
        self.stream, self._zero = stream, beginning(self._container)

    def declared(self) -> tuple[float | None, bool]:
        """Second at which the video ends, as declared, and whether by the stream itself."""
        stream, zero = self.stream, self._zero or Fraction(0)
        if stream.duration and stream.time_base:
            end = (stream.start_time or 0) + stream.duration
            return float(end * stream.time_base - zero), True
        if self._container.duration and self._container.duration > 0:
            # From a header, which says when the file ends, on the clock of its timestamps.
            return float(Fraction(self._container.duration, av.time_base) - zero), False
        return None, False

    def missing(self, last: float, end: float | None) -> None:
        """Count the frames that should follow the last one, whose time is given."""
        declared, own = self.declared()
        if declared is None or "missing" in self.flaws:
            return
        period = float(1 / self.rate)
        tolerance = max(_MISSING_SECONDS[not own], _MISSING_SHARE[not own] * declared, 2.5 * period)
        missing = (declared if end is None else min(declared, end)) - last - period
        if missing > tolerance:
            self.flaws["missing"] += math.ceil(missing * self.rate)

    def read(self, start: float) -> Iterator[Timed]:
        """Frames at or after `start`, times rising strictly; seeks where that is safe."""
        self._open()
        last, steps = None, deque(maxlen=_STEPS)
        for time, frame in self._rising(self._from(start)):
            if last is not None:
                if len(steps) == _STEPS and max(steps) < 1.25 * min(steps):
                    gap = 1.5 * max(steps)
                else:
                    gap = max(_GAP_SECONDS, 2.5 * float(1 / self.rate))
                if time >= start and time - last > gap:
                    self.flaws["gap"] += 1
                steps.append(time - last)
            if time >= start:
                yield time, frame
            last = time

    def _from(self, start: float) -> Iterator[Timed]:
        """Frames from a key frame at or before `start`, or from the first frame.

        A seek may land late, between key frames, or on a frame before which others are shown that
        need what was skipped. So only a key frame that is shown by `start` counts, and what comes
        before it is dropped; failing that, the file is decoded from its beginning.
        """
        flags = av.format.Flags(self._container.format.flags)
        untimed = self._zero is None or av.format.Flags.no_timestamps in flags
        if start > 0 and not untimed and self.stream.codec_context.name not in _NEVER_SEEK:
            for lead in _LEADS:
                self.flaws.clear()
                place = (Fraction(start - lead) + self._zero) / self.stream.time_base
                try:
                    self._container.seek(math.floor(place), stream=self.stream)
                except av.error.FFmpegError as error:
                    self.error = error
                    continue
                frames = self._timed(start, whole=False)
                key = next((one for one in frames if one[1].key_frame or one[0] > start), None)
                if key is not None and key[0] <= start:
                    yield key
                    yield from frames
                    return
            self._container.close()
            self.flaws.clear()
            self._open()
        yield from self._timed(start, whole=True)

    def _timed(self, start: float, whole: bool) -> Iterator[Timed]:
        """Frames as the decoder gives them; of a whole file it also counts what it did not give."""
        codec, owed, read, interlaced = self.stream.codec_context, 0, 0, False
        # Where a seek leads to a frame without a time, it leads nowhere.
        time = -1 / self.rate if whole else math.inf
        for packet in self._packets():
            if packet is not None:
                read += 1
                owed += not packet.is_discard
                stamp = packet.dts if packet.pts is None else packet.pts
                timed = stamp is not None and self._zero is not None and packet.is_keyframe
                if timed and stamp * self.stream.time_base - self._zero < start:
                    self.flaws.clear()  # nothing before a key frame can harm the span
            try:
                # An empty one repeats a picture; the decoder would take it for the end.
                frames = codec.decode(packet) if packet is None or packet.size else ()
            except DAMAGE as error:
                self.error = error
                self.flaws["undecodable"] += 1
                owed -= packet is not None
                continue
            owed -= len(frames)
            for frame in frames:
                time = self._time(frame, time)
                interlaced = interlaced or frame.interlaced_frame  # a packet may hold one field
                if frame.is_corrupt:
                    self.flaws["damaged"] += 1
                yield float(time), frame
        if whole and owed > 0 and not interlaced and codec.name not in _HIDDEN:
            self.flaws["no picture"] += owed
        if whole and self._container.format.name == "avi" and self.stream.frames > read:
            # Its chunks are numbered, not timed: one that is lost leaves no gap.
            self.flaws["missing"] += self.stream.frames - read

    def _packets(self) -> Iterator[av.Packet | None]:
        """Packets to the end of the file, across places that cannot be read; then None."""
        failures = 0
        while failures < _FAILURES:
            try:
                for packet in self._container.demux(self.stream):
                    failures = 0
                    if packet.size or packet.dts is not None:  # PyAV's last is empty
                        yield packet
                break
            except DAMAGE as error:
                self.error = error
                self.flaws["unreadable"] += 1
                failures += 1
        yield None

    def _time(self, frame: av.VideoFrame, last: Fraction | float) -> Fraction | float:
        """Second at which a frame is shown.

        AVI stores no times but the order of its chunks, one a period. FFmpeg guesses presentation
        times from that, wrongly where DivX packed two frames into a chunk; the chunk at which the
        decoder hands a frame out is right in any case.
        """
        chunks = self._container.format.name == "avi"
        stamp = frame.dts if chunks else frame.pts
        if stamp is None:
            if not chunks:
                self.flaws["no timestamp"] += 1
            return last + 1 / self.rate
        shown = stamp * self.stream.time_base
        if self._zero is None:
            self._zero = shown
        return shown - self._zero

    def _rising(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Leave out frames that are shown when their time has passed, as players do.

        Each waits for its successor: of two in the wrong order, it is the first that is out of
        place when the second still follows what came before. So one wild timestamp costs one
        frame, not all that follow.
        """
        last, held = -math.inf, None
        for timed in frames:
            if held is None or timed[0] > held[0]:
                if held is not None:
                    yield held
                    last = held[0]
                held = timed
            elif timed[0] == held[0]:
                self.flaws["repeated"] += 1
            else:
                self.flaws["out of order"] += 1
                if timed[0] > last:
                    held = timed
        if held is not None:
            yield held
