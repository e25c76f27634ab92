"""BlazeFace, the detector of the thesis, and how large pictures are shown to it (thesis 4.7.2)."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple, Self

import cv2
import numpy as np

from tells.assets import DIGEST, MODEL
from tells.errors import TellsError
from tells.files import replacing

MEMBER = "mediapipe/modules/face_detection/face_detection_short_range.tflite"  # of the wheel

_CONFIDENCE = 0.5  # least score of a face
_TALKATIVE = 20  # calls in a process; in one of the first few it warns of something harmless, once
_calls = itertools.count()
_LARGEST = 256  # px; the network sees 128 x 128, so more than twice that is only slower


class Face(NamedTuple):
    """A box around a face, in pixels from the picture's top left corner, and its score in 0-1."""

    x0: float
    y0: float
    x1: float
    y1: float
    score: float = 1.0

    @property
    def side(self) -> float:
        """Length of a side; BlazeFace gives squares."""
        return (self.x1 - self.x0 + self.y1 - self.y0) / 2

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box, x and y."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def center_distance(self, other: Face) -> float:
        """Distance of the centres, in sides of the smaller box."""
        (x, y), (u, v) = self.centre, other.centre
        return float(np.hypot(x - u, y - v)) / max(min(self.side, other.side), 1.0)

    def size_ratio(self, other: Face) -> float:
        """Ratio of the sides, the larger over the smaller."""
        small, large = sorted((max(self.side, 1.0), max(other.side, 1.0)))
        return large / small


class Window(NamedTuple):
    """A part of a picture that is shown to the detector, in whole pixels."""

    x: int
    y: int
    width: int
    height: int


# What finds the faces of a small grey picture; tests put something simpler in BlazeFace's place.
Detect = Callable[[np.ndarray], list[Face]]


class BlazeFace:
    """Google's short-range BlazeFace on grey pictures; a context manager.

    Args:
        model: the network's file, which `make assets` gets.

    Raises:
        TellsError: the file is missing, or is another one.

    Thesis: 4.7.2. Chapter: 05_4_4_video_experiment_4.
    """

    def __init__(self, model: Path = MODEL) -> None:
        try:
            network = model.read_bytes()
        except OSError as error:
            raise TellsError(f"The face detector is not at {model}; run `make assets`.") from error
        if hashlib.sha256(network).hexdigest() != DIGEST:
            raise TellsError(
                f"{model} is not the face detector that was asked for; remove it and run "
                "`make assets`."
            )
        # Here, because it takes a second and most commands need no faces.
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        self._image = mediapipe.Image
        self._format = mediapipe.ImageFormat.SRGB
        options = vision.FaceDetectorOptions(
            BaseOptions(model_asset_buffer=network), min_detection_confidence=_CONFIDENCE
        )
        # MediaPipe has a timer in each of its threads send SIGPROF, for a profiler that is off, and
        # trusts that it stays ignored. Lightning, after training, sets all signals back to what
        # Python knows of them, and the next one would end the process ("Profiling timer expired"):
        # threads that start here never receive it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        try:
            with _silence():
                self._detector = vision.FaceDetector.create_from_options(options)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def __call__(self, grey: np.ndarray) -> list[Face]:
        """The faces of a picture, shape (height, width), uint8; 256 pixels or less are enough."""
        image = self._image(self._format, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))
        with _silence() if next(_calls) < _TALKATIVE else nullcontext():
            detections = self._detector.detect(image).detections
        faces = []
        for detection in detections:
            box, score = detection.bounding_box, detection.categories[0].score
            right, bottom = box.origin_x + box.width, box.origin_y + box.height
            faces.append(Face(box.origin_x, box.origin_y, right, bottom, score))
        return faces

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with _silence():
            self._detector.close()


def detect_in_window(image: np.ndarray, window: Window, detect: Detect) -> list[Face]:
    """Faces in a window of a picture, in pixels of the picture; boxes may reach out of the window.

    The window is halved until the detector can take it in.
    """
    x, y, width, height = window
    view, factor = image[y : y + height, x : x + width], 1
    while max(view.shape) > _LARGEST:  # by two each time: the one size for which this is quick
        half = view.shape[1] // 2, view.shape[0] // 2
        view = cv2.resize(view[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
        factor *= 2
    return [
        Face(x + factor * x0, y + factor * y0, x + factor * x1, y + factor * y1, score)
        for x0, y0, x1, y1, score in detect(np.ascontiguousarray(view))
    ]


def unpack_model(wheel: str | Path, out: str | Path = MODEL) -> Path:
    """Take BlazeFace out of the wheel of mediapipe 0.10.21; newer wheels have no models in them.

    Args:
        wheel: the wheel's file.
        out: where the network goes.

    Returns:
        `out`.

    Raises:
        TellsError: the wheel is missing, is no wheel, or has another network or none in it.

    Thesis: 4.7.2. Chapter: 05_4_4_video_experiment_4.
    """
    expected = "wheel must be that of mediapipe 0.10.21, with the BlazeFace network in it"
    try:
        with zipfile.ZipFile(wheel) as archive:
            network = archive.read(MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise TellsError(f"{expected}; got {wheel} ({error}).") from error
    if hashlib.sha256(network).hexdigest() != DIGEST:
        raise TellsError(f"{expected}; {wheel} has another network.")
    with replacing(out) as beside:
        beside.write_bytes(network)
    return Path(out)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep native code, which knows nothing of `sys.stderr`, from writing to the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
