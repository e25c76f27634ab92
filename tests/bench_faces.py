"""How much finding faces costs beside decoding; `bench.py` calls it, and so can you.

`python tests/bench_faces.py` shows an actor of the understudy, and `... CLIP` the person of a clip
whose face is in the middle of the picture.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np

from tells import media
from tells.features.faces import Faces
from understudy.head import Head, Pose, load_basis, units
from understudy.people import PEOPLE
from video_fixtures import clip

WIDTH, HEIGHT = 1080, 1920  # px, of many clips of DFDC
FRAMES = 150
RATE = 30  # frames/s
NOISE = 5  # grey values; gives about 3 Mbit/s, as clips of DFDC have on average
REPETITIONS = 5


def actor() -> list[np.ndarray]:
    """An actor of the understudy who speaks and nods, RGB."""
    drawn = []
    head = Head(load_basis(), PEOPLE["Ses01M"].appearance)
    for i in range(30):
        out = np.empty((360, 360, 3), np.uint8)
        turn = (0.15 * np.sin(i / 9), 0.08 * np.sin(i / 5), 0.05 * np.sin(i / 7))
        head.draw(Pose(units(jawOpen=0.3 + 0.3 * np.sin(i / 2)), turn, (0.0, 0.0)), out)
        drawn.append(out)
    return drawn


def person(path: str) -> list[np.ndarray]:
    """The frames of a clip, RGB."""
    with media.frames(path, colour=True) as frames:
        return [frame.image for frame in frames]


def scene(
    faces: list[np.ndarray], *, side: int = 800, frames: int = FRAMES
) -> Iterator[np.ndarray]:
    """A phone's pictures of somebody who moves before a background that moves, with noise.

    Args:
        faces: pictures with a face in the middle, RGB; shown forwards and backwards in turn.
        side: of the square in which they are shown, in pixels.
        frames: how many pictures.
    """
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 200, (60, 40, 3), dtype=np.uint8)
    wall = cv2.resize(coarse, (WIDTH + 200, HEIGHT + 200), interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, NOISE, (HEIGHT + 99, WIDTH + 99, 1)).astype(np.int16)
    order = [*range(len(faces)), *reversed(range(len(faces)))]
    for i in range(frames):
        x, y = (round(100 + 90 * f(i / 20)) for f in (np.sin, np.cos))
        picture = wall[y : y + HEIGHT, x : x + WIDTH].astype(np.int16)
        face = faces[order[i % len(order)]]
        edge = min(face.shape[:2])
        top, left = (face.shape[0] - edge) // 2, (face.shape[1] - edge) // 2
        face = cv2.resize(face[top : top + edge, left : left + edge], (side, side))
        u, v = round(140 + 60 * np.sin(i / 15)), round(500 + 40 * np.sin(i / 11))
        picture[v : v + side, u : u + side] = face
        y, x = rng.integers(0, 99, 2)  # a piece of the noise that was not seen before
        picture += noise[y : y + HEIGHT, x : x + WIDTH]
        yield picture.clip(0, 255).astype(np.uint8)


def ratio(ours: Callable[[], object], theirs: Callable[[], object]) -> float:
    """Median of how fast we are against them, in processor time, native threads included.

    They take turns, so that both see the same machine.
    """
    ratios = []
    for _ in range(REPETITIONS):
        moments = [time.process_time()]
        for action in (theirs, ours):
            action()
            moments.append(time.process_time())
        ratios.append((moments[1] - moments[0]) / (moments[2] - moments[1]))
    return median(ratios)


def film(
    path: Path,
    faces: list[np.ndarray] | None = None,
    *,
    frames: int = FRAMES,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    sound: np.ndarray | None = None,
) -> Path:
    """Write a clip of `scene`: H.264, 5 s of 1080 x 1920 if not asked otherwise; its path."""
    how = {"keys": 250, "b_frames": 3, "options": {"preset": "medium", "crf": "23"}}
    pictures = scene(faces or actor(), frames=frames)
    if size != (WIDTH, HEIGHT):
        pictures = (cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in pictures)
    return clip(path, pictures, RATE, "libx264", sound=sound, **how)


def faces_against_decoding(faces: list[np.ndarray] | None = None) -> float:
    """Speed of going from a video to its faces, in speeds of decoding the same video alone.

    Args:
        faces: pictures with a face in the middle, RGB; None: an actor of the understudy.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = film(Path(folder) / "clip.mp4", faces)
        extractor = Faces()
        report = extractor(path).report  # also loads the libraries
        assert report["found"] == report["frames"] == FRAMES, report
        return ratio(lambda: extractor(path), lambda: decode(path))


def decode(path: Path) -> None:
    """Decode a video with one thread, and look at nothing."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_count = 1
        for _ in container.decode(video=0):
            pass


if __name__ == "__main__":
    figure = faces_against_decoding(*map(person, sys.argv[1:]))
    print(f"faces: speed from file to stored faces against bare decoding: {figure:.3f}")
