"""A dialog on film: both actors side by side, as IEMOCAP's cameras and DivX saw them."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import av
import cv2
import numpy as np

from understudy.expression import FRAMES, Poses
from understudy.files import placed
from understudy.head import Head
from understudy.iemocap import RATE

WIDTH, HEIGHT = 720, 480
TOP, LEFTS = 120, (5, 365)  # where the two halves lie inside black borders
ROWS, COLUMNS = 240, 350  # of a half
# How long a picture serves, in `hold`s: of who listens and of who speaks, left and right. Whoever
# listens moves slowly; and the left half, the marker wearer's, is the one that experiments look at.
# It saves half of the drawing, which is most of the work.
SERVES = ((3, 1), (3, 2))
QUALITY = 3  # MPEG-4's quantiser, 1-31
ENCODER = {
    "flags": "+qscale+bitexact",
    "global_quality": str(118 * QUALITY),  # 118 is FFmpeg's FF_QP2LAMBDA
    "motion_est": "epzs",
}
GROUP = 15  # frames from one key frame to the next
BLACK = (16, 128, 128)  # Y, U, V


def shoot(
    path: Path,
    heads: tuple[Head, Head],
    poses: tuple[Poses, Poses],
    sound: np.ndarray,
    shot: Callable[[int], object],
    *,
    hold: int = 1,
) -> None:
    """Draw, encode and write one dialog, frame by frame.

    Args:
        path: of the AVI file; it is whole or not there.
        heads: of the actor on the left, who wears the markers, and of the one on the right.
        poses: theirs, of equal length.
        sound: shape (n, 2), int16, the dialog at 16 kHz.
        shot: called with a number of frames each time so many more are written.
        hold: frames that the quickest pictures last; 2 is half of the drawing.

    Raises:
        UnderstudyError: the disk is full, or the folder cannot be written to.
    """
    with placed(path) as beside, closing(_Film(beside)) as film:
        for index in range(len(poses[0])):
            for half, (head, pose) in enumerate(zip(heads, poses, strict=True)):
                if index % (hold * SERVES[half][int(pose.turn[index] > 0)]) == 0:
                    film.draw(half, head, pose, index)
            film.expose(index)
            if (index + 1) % GROUP == 0:
                film.hear(sound[: round((index + 1) / FRAMES * RATE)])
                shot(GROUP)
        film.hear(sound)
        shot(len(poses[0]) % GROUP)


class _Film:
    """An AVI file that grows."""

    def __init__(self, path: Path) -> None:
        self._file = av.open(
            str(path), "w", format="avi", container_options={"fflags": "+bitexact"}
        )
        self._video = self._file.add_stream("mpeg4", rate=FRAMES)
        self._video.width, self._video.height, self._video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        coder = self._video.codec_context
        coder.codec_tag, coder.gop_size, coder.thread_count = "DIVX", GROUP, 1
        coder.qmin = coder.qmax = QUALITY
        coder.options = ENCODER
        self._audio = self._file.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        self._heard = 0
        # One frame for all: MPEG-4 without B-frames has done with a frame when it returns.
        self._frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        self._planes = [
            np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
            for plane in self._frame.planes
        ]
        for plane, value in zip(self._planes, BLACK, strict=True):
            plane[:] = value
        # Chroma is shared by pairs of columns, so that an odd border is converted along.
        self._half = np.zeros((ROWS, COLUMNS + 2, 3), np.uint8)

    def draw(self, half: int, head: Head, poses: Poses, index: int) -> None:
        """Draw one half of the picture."""
        head.draw(poses[index], self._half[:, 1:-1])
        yuv = cv2.cvtColor(self._half, cv2.COLOR_RGB2YUV_I420).reshape(-1)
        size = self._half.shape[0] * self._half.shape[1]
        parts = np.split(yuv, (size, size + size // 4))
        for plane, part, scale in zip(self._planes, parts, (1, 2, 2), strict=True):
            rows, columns = ROWS // scale, (COLUMNS + 2) // scale
            top, left = TOP // scale, (LEFTS[half] - 1) // scale
            plane[top : top + rows, left : left + columns] = part.reshape(rows, columns)

    def expose(self, index: int) -> None:
        """Add the picture as it is."""
        self._frame.pts, self._frame.time_base = index, 1 / FRAMES
        self._file.mux(self._video.encode(self._frame))

    def hear(self, sound: np.ndarray) -> None:
        """Add sound: what has not been heard yet of the sound up to now, (n, 2) int16."""
        fresh = np.ascontiguousarray(sound[self._heard :]).reshape(1, -1)
        if not fresh.size:
            return
        frame = av.AudioFrame.from_ndarray(fresh, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE, self._heard
        self._heard = len(sound)
        self._file.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Write what the encoders still hold, and the index."""
        for stream in (self._video, self._audio):
            self._file.mux(stream.encode())
        self._file.close()
