"""The camera: a person before a backdrop, in the scene's light, as planes of Y, U and V.

Only the rectangle of the head is drawn for each frame. A face that fills much of a large picture
is drawn smaller and enlarged, as a cheap camera would do it.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np

from understudy.dfdc.scene import Scene, draw_table, paint_backdrop
from understudy.expression import signals
from understudy.film import Planes, picture_planes
from understudy.head import Framing, Head, Pose, View
from understudy.head.draw import HEAD_WIDTH, LEVEL

FINEST = 110  # pixels for each dm at most; beyond, a picture is drawn smaller and enlarged
HEM = 4.55  # dm, the height at which the shoulders must be out of sight
EYES = 7.45  # dm
EDGE = 2  # pixels of U and V around the head that are enlarged along, so that no seam shows
GRAINS = 5  # pictures of noise that take turns


class Set(NamedTuple):
    """A scene that is ready to be filmed; all that no pose changes."""

    scene: Scene
    enlarged: int  # how many pixels of the clip each drawn pixel makes, in both directions
    view: View
    still: np.ndarray  # (rows, columns, 3), RGB, the shoulders before the backdrop
    framing: Framing
    light: np.ndarray  # (1, 256, 3), uint8: what each brightness becomes


def build_set(scene: Scene, head: Head, rng: np.random.Generator) -> Set:
    """Build a scene around a person; `rng` is for the backdrop's forms and colours."""
    scale = scene.face * scene.width / HEAD_WIDTH
    enlarged = math.ceil(scale / FINEST)
    margin = math.ceil(scene.sway * scene.width)
    width, height = (
        2 * math.ceil((side + 2 * margin) / (2 * enlarged)) for side in (scene.width, scene.height)
    )
    scale /= enlarged
    middle = scene.y * height + (EYES - LEVEL) * scale
    framing = Framing(scale, scene.x * width, middle)
    backdrop = paint_backdrop(scene.backdrop, height, width, rng)
    view = head.before(backdrop, framing)
    still = view.still.copy()
    draw_table(still, round(middle + (LEVEL - HEM) * scale), rng)
    tint = scene.brightness * (1 + scene.warmth * np.array([1.0, 0.25, -1.0]))
    light = np.clip(np.rint(np.arange(256)[:, None] * tint), 0, 255).astype(np.uint8)[None]
    return Set(scene, enlarged, view, still, framing, light)


class Camera:
    """Films one head in a set, frame by frame."""

    def __init__(self, built: Set, head: Head) -> None:
        self._set, self._head = built, head
        self.picture = built.still.copy()  # (rows, columns, 3), RGB before the light
        self.shown = (slice(0, 0), slice(0, 0))  # where the head is in it
        rows, columns = (built.enlarged * side for side in self.picture.shape[:2])
        self._planes = [np.zeros((rows, columns), np.uint8)]
        self._planes += [np.zeros((rows // 2, columns // 2), np.uint8) for _ in range(2)]
        self.changed = (slice(0, self.picture.shape[0]), slice(0, self.picture.shape[1]))
        self.develop()

    def draw(self, pose: Pose) -> None:
        """Draw the head in a pose where it was before."""
        self.picture[self.shown] = self._set.still[self.shown]
        before = self.shown
        self.shown = self._head.appear(self._set.view, pose, self.picture)
        changed = []  # and some pixels more: an even number from an even one on
        for old, new, length in zip(before, self.shown, self.picture.shape[:2], strict=True):
            spans = [span for span in (old, new) if span.stop > span.start] or [new]
            first, last = min(span.start for span in spans), max(span.stop for span in spans)
            changed.append(slice(max(first - 2 * EDGE, 0), min(last + 2 * EDGE, length)))
        self.changed = tuple(changed)

    def develop(self) -> None:
        """Bring what has changed in `picture` to the clip's size and colours."""
        part = cv2.LUT(self.picture[self.changed], self._set.light)
        for plane, values, down in zip(self._planes, picture_planes(part), (1, 2, 2), strict=True):
            _place(plane, values, [s.start // down for s in self.changed], self._set.enlarged)

    def planes(self, left: int, top: int) -> Planes:
        """Return the clip's Y, U and V, cut out so many pixels from the edge."""
        scene = self._set.scene
        return [
            plane[
                top // down : top // down + scene.height // down,
                left // down : left // down + scene.width // down,
            ]
            for plane, down in zip(self._planes, (1, 2, 2), strict=True)
        ]


def _place(plane: np.ndarray, values: np.ndarray, start: list[int], enlarged: int) -> None:
    """Enlarge a part and put it in its place, without the edge that its neighbours would shape."""
    rows, columns = values.shape
    if enlarged > 1:
        values = cv2.resize(values, (columns * enlarged, rows * enlarged))
    (top, bottom), (left, right) = (
        (0 if first == 0 else 1, 0 if first + length == whole // enlarged else 1)
        for first, length, whole in zip(start, (rows, columns), plane.shape, strict=True)
    )
    inner = np.s_[
        top * enlarged : (rows - bottom) * enlarged, left * enlarged : (columns - right) * enlarged
    ]
    first_row, first_column = (start[0] + top) * enlarged, (start[1] + left) * enlarged
    cut = values[inner]
    plane[first_row : first_row + cut.shape[0], first_column : first_column + cut.shape[1]] = cut


def camera_path(built: Set, frames: int, rng: np.random.Generator) -> np.ndarray:
    """Return how the camera moves: `left` and `top` for each frame, shape (frames, 2)."""
    scene = built.scene
    rows, columns = (built.enlarged * side for side in built.still.shape[:2])
    room = np.array([columns - scene.width, rows - scene.height])
    if not scene.sway:
        return np.broadcast_to(room // 2, (frames, 2))
    phase = np.linspace(0, 0.35 * frames / 30, frames)
    drift = np.stack([signals.wander(phase, rng) for _ in range(2)], 1)
    return np.rint(np.clip(room / 2 * (1 + drift / 2.5), 0, room)).astype(int)


def grain(scene: Scene, rng: np.random.Generator) -> Planes:
    """Return noise for Y, pictures that take turns; none where there is light."""
    if not scene.grain:
        return []
    shape = (scene.height, scene.width)
    return [
        np.rint(scene.grain * rng.standard_normal(shape, np.float32)).astype(np.int8)
        for _ in range(GRAINS)
    ]
