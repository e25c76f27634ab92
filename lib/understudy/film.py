"""Films that grow: IEMOCAP's split screens as its cameras and DivX saw them, and DFDC's clips."""

from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from understudy.dfdc.plan import Coding
from understudy.expression import FRAMES, Poses
from understudy.files import replacing
from understudy.head import Head
from understudy.performance import RATE

WIDTH, HEIGHT = 720, 480  # of a split screen
TOP, LEFTS = 120, (5, 365)  # where the two halves lie inside black borders
ROWS, COLUMNS = 240, 350  # of a half
# How long a picture serves, in `frame_repeat`s: of who listens and of who speaks, left and right.
# Whoever listens moves slowly; and the left half, the marker wearer's, is the one that experiments
# look at. It saves half of the drawing, which is most of the work.
SERVES = ((3, 1), (3, 2))
QUANTISER = 3  # MPEG-4's, 1-31
SPLIT_SCREEN_OPTIONS = {
    "flags": "+qscale+bitexact",
    "global_quality": str(118 * QUANTISER),  # 118 is FFmpeg's FF_QP2LAMBDA
    "motion_est": "epzs",
}
SPLIT_SCREEN_GROUP = 15  # frames from one key frame to the next
BLACK = (16, 128, 128)  # Y, U, V

CLIP_FRAMES = Fraction(30)  # a second
CLIP_GROUP = 60  # frames from one key frame to the next at most
PRESET = "ultrafast"  # encoding is half of the work as it is
BITEXACT = "+bitexact"
Planes = list[np.ndarray]  # Y, U and V, uint8; U and V have half as many rows and columns


class Film:
    """A file of pictures and sound that grows; the same bytes every time."""

    def __init__(
        self, path: Path, container: str, video: str, frames: Fraction, audio: str, layout: str
    ) -> None:
        """Begin a file; format, encoders and the channels' layout are named as FFmpeg does."""
        options = {"fflags": BITEXACT}
        self._file = av.open(str(path), "w", format=container, container_options=options)
        self._video = self._file.add_stream(video, rate=frames)
        self._audio = self._file.add_stream(audio, rate=RATE, layout=layout)
        self._frames, self._shown, self._heard = frames, 0, 0

    def show(self, frame: av.VideoFrame) -> None:
        """Add a picture."""
        frame.pts, frame.time_base = self._shown, 1 / self._frames
        frame.pict_type = 0  # or a second encoder would place key frames where the first did
        self._shown += 1
        self._file.mux(self._video.encode(frame))

    def hear(self, sound: np.ndarray) -> None:
        """Add sound: what has not been heard yet of the sound up to now, (n, channels) int16."""
        fresh = np.ascontiguousarray(sound[self._heard :]).reshape(1, -1)
        if fresh.size:
            layout = self._audio.layout.name
            frame = av.AudioFrame.from_ndarray(fresh, format="s16", layout=layout)
            frame.sample_rate, frame.pts = RATE, self._heard
            self._heard = len(sound)
            self._file.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Write what the encoders still hold, and the index."""
        for stream in (self._video, self._audio):
            self._file.mux(stream.encode())
        self._file.close()


def planes_of(frame: av.VideoFrame) -> Planes:
    """Return Y, U and V of a frame to write to; rows may be longer than the picture's."""
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        for plane in frame.planes
    ]


def picture_planes(picture: np.ndarray) -> Planes:
    """Return Y, U and V of a picture, uint8 RGB, whose rows and columns are even in number."""
    rows, columns = picture.shape[:2]
    yuv = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).reshape(-1)
    parts = np.split(yuv, (rows * columns, rows * columns * 5 // 4))
    return [p.reshape(rows // k, columns // k) for p, k in zip(parts, (1, 2, 2), strict=True)]


class SplitScreen(Film):
    """A dialog in AVI: both actors side by side."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "avi", "mpeg4", FRAMES, "pcm_s16le", "stereo")
        coder = self._video.codec_context
        coder.width, coder.height, coder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        coder.codec_tag, coder.gop_size, coder.thread_count = "DIVX", SPLIT_SCREEN_GROUP, 1
        coder.qmin = coder.qmax = QUANTISER
        coder.options = SPLIT_SCREEN_OPTIONS
        # One frame for all: MPEG-4 without B-frames has done with a frame when it returns.
        self.frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        self._planes = planes_of(self.frame)
        for plane, value in zip(self._planes, BLACK, strict=True):
            plane[:] = value
        # Chroma is shared by pairs of columns, so that an odd border is converted along.
        self._half = np.zeros((ROWS, COLUMNS + 2, 3), np.uint8)

    def draw(self, half: int, head: Head, poses: Poses, index: int) -> None:
        """Draw one half of the picture."""
        head.draw(poses[index], self._half[:, 1:-1])
        parts = picture_planes(self._half)
        for plane, part, down in zip(self._planes, parts, (1, 2, 2), strict=True):
            top, left = TOP // down, (LEFTS[half] - 1) // down
            plane[top : top + part.shape[0], left : left + part.shape[1]] = part


def film_dialog(
    path: Path,
    heads: tuple[Head, Head],
    poses: tuple[Poses, Poses],
    sound: np.ndarray,
    shot: Callable[[int], object],
    *,
    frame_repeat: int = 1,
) -> None:
    """Draw, encode and write one dialog, frame by frame.

    Args:
        path: of the AVI file; it is whole or not there.
        heads: of the actor on the left, who wears the markers, and of the one on the right.
        poses: theirs, of equal length.
        sound: shape (n, 2), int16, the dialog at 16 kHz.
        shot: called with a number of frames each time so many more are written.
        frame_repeat: frames that the quickest pictures last; 2 is half of the drawing.

    Raises:
        UnderstudyError: the disk is full, or the folder cannot be written to.
    """
    with replacing(path) as beside, closing(SplitScreen(beside)) as film:
        for index in range(len(poses[0])):
            for half, (head, pose) in enumerate(zip(heads, poses, strict=True)):
                if index % (frame_repeat * SERVES[half][int(pose.turn[index] > 0)]) == 0:
                    film.draw(half, head, pose, index)
            film.show(film.frame)
            if (index + 1) % SPLIT_SCREEN_GROUP == 0:
                film.hear(sound[: round((index + 1) / FRAMES * RATE)])
                shot(SPLIT_SCREEN_GROUP)
        film.hear(sound)
        shot(len(poses[0]) % SPLIT_SCREEN_GROUP)


class ClipFilm(Film):
    """A clip of DFDC: H.264 and AAC in MP4, encoded once or twice."""

    def __init__(self, path: Path, width: int, height: int, coding: Coding) -> None:
        """Begin a file; width and height are in pixels, and even."""
        super().__init__(path, "mp4", "libx264", CLIP_FRAMES, "aac", "mono")
        _set_up(self._video.codec_context, width, height, coding)
        self._audio.bit_rate = coding.sound
        self._audio.codec_context.options = {"flags": BITEXACT}
        self._encoder = self._decoder = None
        if coding.twice:
            self._encoder = av.CodecContext.create("libx264", "w")
            self._encoder.framerate, self._encoder.time_base = CLIP_FRAMES, 1 / CLIP_FRAMES
            _set_up(self._encoder, width, height, coding)
            self._decoder = av.CodecContext.create("h264", "r")
            self._decoder.thread_count = 1
        self._taken = 0

    def expose(self, planes: Planes) -> None:
        """Add a picture."""
        frame = av.VideoFrame(planes[0].shape[1], planes[0].shape[0], "yuv420p")
        for rows, values in zip(planes_of(frame), planes, strict=True):
            rows[:, : values.shape[1]] = values
        if self._encoder:
            frame.pts, frame.time_base = self._taken, 1 / CLIP_FRAMES
            self._taken += 1
            self._show_decoded(self._encoder.encode(frame))
        else:
            self.show(frame)

    def close(self) -> None:
        """Write what the encoders still hold, and the index."""
        if self._encoder:
            self._show_decoded([*self._encoder.encode(None), None])
        super().close()

    def _show_decoded(self, packets: list[av.Packet | None]) -> None:
        for packet in packets:
            for frame in self._decoder.decode(packet):
                self.show(frame)


def _set_up(coder: av.VideoCodecContext, width: int, height: int, coding: Coding) -> None:
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.gop_size, coder.thread_count = CLIP_GROUP, 1
    coder.options = {"preset": PRESET, "crf": str(coding.factor), "flags": BITEXACT}
