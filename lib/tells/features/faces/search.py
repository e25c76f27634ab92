"""Where in a picture the faces are, when nothing is known yet (thesis 4.7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil
from typing import NamedTuple

import numpy as np

from tells.features.faces.detector import Detect, Face, Window, detect_in_window

SHARES = (1.0, 0.6, 0.4)  # sides of the tiles, in shorter sides of the picture

_AROUND = 3.0  # side of the window in which a face is followed, in sides of its box
_SURE = 0.75  # a score from which on smaller tiles are not looked at
_SAME = 0.5  # sides; boxes whose centres are nearer than that are of one face


class Search(NamedTuple):
    """What a search found: the faces, best first, and the size of tile that showed the best."""

    faces: list[Face]
    share: float


def search(image: np.ndarray, detect: Detect) -> Search:
    """Look for faces in ever smaller tiles of a picture.

    BlazeFace was made for a face that fills much of the picture: of a whole frame of 1920 x 1080 it
    often sees nothing. Tiles of one size overlap by half. Each face is looked at again, in a window
    three times its box, and what is not seen twice is dropped. A size that shows a face with a
    score of 0.75 or more ends the search; otherwise all sizes count. At 16:9 these are 3, 15 and 32
    tiles.

    Args:
        image: shape (height, width), uint8.
        detect: finds the faces of a small picture.

    Thesis: 4.7.2. Chapter: 05_4_4_video_experiment_4.
    """
    seen: list[tuple[Face, float]] = []
    for share in SHARES:
        seen += [(face, share) for face in faces_in_tiles(image, share, detect)]
        if any(face.score >= _SURE for face, _ in seen):
            break
    shares = dict(reversed(seen))
    faces = distinct(shares)
    return Search(faces, shares[faces[0]] if faces else SHARES[0])


def faces_in_tiles(image: np.ndarray, share: float, detect: Detect) -> list[Face]:
    """Faces that tiles of one size show, each seen again in a window of its own, best first."""
    height, width = image.shape
    found = [
        face
        for tile in tiles(width, height, share)
        for face in detect_in_window(image, tile, detect)
    ]
    again = []
    for face in distinct(found):
        seen = detect_in_window(image, window_around(face, width, height), detect)
        again += [other for other in seen if face.center_distance(other) < _SAME][:1]
    return distinct(again)


def distinct(faces: Iterable[Face]) -> list[Face]:
    """Faces without the worse of any two whose centres are within half a side, best first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(face.center_distance(other) >= _SAME for other in kept):
            kept.append(face)
    return kept


def tiles(width: int, height: int, share: float) -> Iterator[Window]:
    """Squares that cover a picture and overlap by half or more.

    Args:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        share: side of a tile, in shorter sides of the picture.
    """
    side = max(1, round(share * min(width, height)))
    for y in _starts(height, side):
        for x in _starts(width, side):
            yield Window(x, y, side, side)


def window_around(face: Face, width: int, height: int) -> Window:
    """The square three times as wide as a face's box, moved and cut to lie in the picture."""
    side = max(1, round(_AROUND * face.side))
    x, y = face.centre
    columns, rows = min(side, width), min(side, height)
    left = min(max(round(x - side / 2), 0), width - columns)
    top = min(max(round(y - side / 2), 0), height - rows)
    return Window(left, top, columns, rows)


def _starts(length: int, side: int) -> list[int]:
    n = ceil((length - side) / (side / 2)) + 1
    return [round(start) for start in np.linspace(0, length - side, n)]
