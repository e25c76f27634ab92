"""A clip on disk: H.264 and AAC in MP4, encoded once or twice."""

from pathlib import Path

import av
import numpy as np

from understudy.dfdc.camera import Planes
from understudy.dfdc.faces import FRAMES
from understudy.dfdc.plan import Coding
from understudy.iemocap import RATE
from understudy.voice import limit

PRESET = "ultrafast"  # encoding is half of the work as it is
GROUP = 60  # frames from one key frame to the next at most
BITEXACT = "+bitexact"


class Clip:
    """An MP4 file that grows."""

    def __init__(self, path: Path, width: int, height: int, coding: Coding) -> None:
        """Begin a file.

        Args:
            path: of the file.
            width: pixels, even.
            height: pixels, even.
            coding: how it is encoded.
        """
        self._file = av.open(str(path), "w", format="mp4", container_options={"fflags": BITEXACT})
        self._video = self._file.add_stream("libx264", rate=FRAMES)
        _set_up(self._video, width, height, coding)
        self._audio = self._file.add_stream("aac", rate=RATE, layout="mono")
        self._audio.bit_rate = coding.sound
        self._audio.codec_context.options = {"flags": BITEXACT}
        self._before = _Generation(width, height, coding) if coding.twice else None
        self._shown = self._heard = 0

    def expose(self, planes: Planes) -> None:
        """Add a picture: Y, U and V, uint8."""
        frame = av.VideoFrame(planes[0].shape[1], planes[0].shape[0], "yuv420p")
        for plane, values in zip(frame.planes, planes, strict=True):
            rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
            rows[:, : values.shape[1]] = values
        for shown in self._before.pass_on(frame) if self._before else [frame]:
            self._encode(shown)

    def hear(self, samples: np.ndarray) -> None:
        """Add sound: what has not been heard yet of the sound up to now, (n,) in [-1, 1]."""
        fresh = np.rint(limit(samples[self._heard :]) * 32767).astype(np.int16)
        if not fresh.size:
            return
        frame = av.AudioFrame.from_ndarray(fresh[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._heard
        self._heard = len(samples)
        self._file.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Write what the encoders still hold, and the index."""
        for frame in self._before.pass_on(None) if self._before else []:
            self._encode(frame)
        for stream in (self._video, self._audio):
            self._file.mux(stream.encode())
        self._file.close()

    def _encode(self, frame: av.VideoFrame) -> None:
        frame.pts, frame.time_base = self._shown, 1 / FRAMES
        frame.pict_type = 0  # or the second encoder would place key frames where the first did
        self._shown += 1
        self._file.mux(self._video.encode(frame))


class _Generation:
    """Encodes pictures and decodes them again."""

    def __init__(self, width: int, height: int, coding: Coding) -> None:
        self._encoder = av.CodecContext.create("libx264", "w")
        self._encoder.framerate, self._encoder.time_base = FRAMES, 1 / FRAMES
        _set_up(self._encoder, width, height, coding)
        self._decoder = av.CodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._count = 0

    def pass_on(self, frame: av.VideoFrame | None) -> list[av.VideoFrame]:
        """Take one picture, or None at the end, and return those that are ready."""
        if frame is not None:
            frame.pts, frame.time_base = self._count, 1 / FRAMES
            self._count += 1
        packets = self._encoder.encode(frame)
        ready = [shown for packet in packets for shown in self._decoder.decode(packet)]
        return ready + (self._decoder.decode(None) if frame is None else [])


def _set_up(stream: object, width: int, height: int, coding: Coding) -> None:
    """Set the properties that a stream and a bare encoder share."""
    coder = getattr(stream, "codec_context", stream)
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.gop_size, coder.thread_count = GROUP, 1
    coder.options = {"preset": PRESET, "crf": str(coding.factor), "flags": BITEXACT}
