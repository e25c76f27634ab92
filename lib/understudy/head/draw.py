"""An actor's head, drawn."""

import threading
from typing import NamedTuple

import cv2
import numpy as np

from understudy.head.basis import Basis
from understudy.head.bust import Bust, build_bust
from understudy.head.mesh import turned
from understudy.head.painting import paint_wall
from understudy.head.pose import Pose
from understudy.head.rasteriser import fill, resolve
from understudy.head.texture import DENSITY
from understudy.head.visibility import FAR
from understudy.people import Appearance

FINE = 1.5  # fine pixels for each pixel of the picture, in both directions
TALL, WIDE = 3.9, 2.6  # dm that a picture shows at least
HEAD_WIDTH = 1.5  # dm, the measure of a pose's shift
LEVEL = 7.18  # dm, of what is seen in the middle of the picture, a little below the eyes
MIDDLE = 0.52  # of the picture's height, where that is seen
KEPT = 3  # sizes of pictures that a thread can draw in turn without delay
DISTANCE, PLANE = 11.0, 0.6  # dm from the camera; the depth at which the scale holds

_LOCAL = threading.local()


class Framing(NamedTuple):
    """Where a picture shows a person."""

    scale: float  # pixels for each dm
    x: float  # pixels from the left to the middle of the face
    y: float  # pixels from above to what lies `LEVEL` high


class View(NamedTuple):
    """A person in a picture of one size: all that no pose changes."""

    camera: np.ndarray  # (6,), as `vertices.move` takes it
    atlas: np.ndarray
    places: np.ndarray  # (m, 3, 2), of the head's corners in that texture, in its pixels
    depth: np.ndarray  # (rows, columns), of the torso in fine pixels
    picture: np.ndarray  # (rows, columns, 3), the torso before the wall in fine pixels
    still: np.ndarray  # (height, width, 3), the same in the picture's pixels


class Scratch(NamedTuple):
    """Where one thread draws."""

    depth: np.ndarray
    picture: np.ndarray
    out: np.ndarray


class Head:
    """A person's head and shoulders before a wall; several threads may draw it at a time."""

    def __init__(self, basis: Basis, appearance: Appearance) -> None:
        """Build a person, which takes about a second."""
        self._bust = build_bust(basis, appearance)
        self._appearance = appearance
        self._views: dict[tuple[int, int], View] = {}
        self._lock = threading.Lock()

    def draw(self, pose: Pose, out: np.ndarray) -> None:
        """Draw the person.

        Args:
            pose: what the head does; held within its limits.
            out: shape (height, width, 3), uint8 RGB, of any size; all of it is written.

        Raises:
            UnderstudyError: the pose has a wrong shape, or is not finite.
        """
        height, width = out.shape[:2]
        with self._lock:
            view = self._views.get((height, width))
            if view is None:  # before the wall of the person, in the middle of the picture
                rows, columns = 3 * ((height + 1) // 2), 3 * ((width + 1) // 2)
                behind = paint_wall(self._appearance, rows, columns)
                scale = min(height / TALL, width / WIDE)
                framing = Framing(scale, width / 2, height * MIDDLE)
                view = _view(self._bust, behind, framing, height, width)
                self._views[height, width] = view
        out[:] = view.still
        self.appear(view, pose, out)

    def before(self, picture: np.ndarray, framing: Framing) -> View:
        """Put the person before a picture.

        Args:
            picture: shape (height, width, 3), uint8 RGB, both even.
            framing: where the person is in it.

        Returns:
            What `appear` needs; its `still` shows the shoulders, which never move.
        """
        height, width = picture.shape[:2]
        fine = cv2.resize(picture, (3 * width // 2, 3 * height // 2))
        return _view(self._bust, fine, framing, height, width)

    def appear(self, view: View, pose: Pose, out: np.ndarray) -> tuple[slice, slice]:
        """Draw what moves of the person.

        Args:
            view: what `before` returned.
            pose: what the head does; held within its limits.
            out: shape of `view.still`, uint8 RGB; written where the head is.

        Returns:
            The rows and columns that were written, each an even number from an even one on, unless
            the picture's edge cuts them.

        Raises:
            UnderstudyError: the pose has a wrong shape, or is not finite.
        """
        pose = pose.held()
        scratch = _scratch_for(view)
        shown = self._bust.head
        shift = np.float32([pose.shift[0] * HEAD_WIDTH, -pose.shift[1] * HEAD_WIDTH])
        world, screen, bounds = shown.moved(pose.units, turned(*pose.rotation), shift, view.camera)
        # what moves, in blocks of 3 x 3 fine pixels
        rows, columns = (side // 3 for side in view.depth.shape)
        left, right, top, bottom = (int(edge // 3) for edge in bounds)
        top, left = max(0, top), max(0, left)
        bottom, right = max(top, min(rows, bottom + 1)), max(left, min(columns, right + 1))
        fine = np.s_[3 * top : 3 * bottom, 3 * left : 3 * right]
        scratch.depth[fine], scratch.picture[fine] = view.depth[fine], view.picture[fine]
        fill(
            shown.triangles, screen, shown.kinds, shown.cover, view.places,
            shown.lit(world, self._bust.lamps), view.atlas, self._bust.strands,
            scratch.depth, scratch.picture,
        )  # fmt: skip
        resolve(scratch.picture, top, bottom, left, right, scratch.out)
        coarse = np.s_[2 * top : 2 * bottom, 2 * left : 2 * right]
        out[coarse] = scratch.out[: out.shape[0], : out.shape[1]][coarse]
        return coarse


def _scratch_for(view: View) -> Scratch:
    """Where this thread draws pictures of the view's size; it keeps the last few for all heads."""
    kept = _LOCAL.__dict__.setdefault("scratches", {})
    shape = view.depth.shape
    scratch = kept.pop(shape, None) or _scratch(*shape)
    while len(kept) >= KEPT:
        del kept[next(iter(kept))]
    kept[shape] = scratch
    return scratch


def _scratch(rows: int, columns: int) -> Scratch:
    return Scratch(
        np.full((rows, columns), FAR),
        np.zeros((rows, columns, 3), np.uint8),
        np.zeros((rows * 2 // 3, columns * 2 // 3, 3), np.uint8),
    )


def _view(bust: Bust, behind: np.ndarray, framing: Framing, height: int, width: int) -> View:
    """Draw what never moves before `behind`, which is in fine pixels."""
    scale = FINE * framing.scale
    camera = np.float32([scale, FINE * framing.x, FINE * framing.y, LEVEL, DISTANCE, PLANE])
    level = int(np.clip(np.floor(np.log2(DENSITY / scale) + 0.5), 0, len(bust.atlas) - 1))
    atlas, torso = bust.atlas[level], bust.torso
    size = np.float32([atlas.shape[1], atlas.shape[0]])
    world, screen, _ = torso.moved(
        np.zeros(52, np.float32), turned(0, 0, 0), np.zeros(2, np.float32), camera
    )
    scratch = _scratch(*behind.shape[:2])
    scratch.picture[:] = behind
    fill(
        torso.triangles, screen, torso.kinds, torso.cover, torso.places * size,
        torso.lit(world, bust.lamps), atlas, bust.strands, scratch.depth, scratch.picture,
    )  # fmt: skip
    resolve(scratch.picture, 0, behind.shape[0] // 3, 0, behind.shape[1] // 3, scratch.out)
    still = np.ascontiguousarray(scratch.out[:height, :width])
    return View(camera, atlas, bust.head.places * size, scratch.depth, scratch.picture, still)
