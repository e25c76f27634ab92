"""A face swap: the face of somebody else on the original's head, pose and expression.

What gives it away differs in strength from fake to fake: a seam, a softer picture, a tint that does
not quite match, and a face that trembles from frame to frame.
"""

from typing import NamedTuple

import cv2
import numpy as np

from understudy.dfdc.camera import Camera, Set
from understudy.head import UNITS, Framing, Head, Pose
from understudy.head.draw import FINE, HEAD_WIDTH
from understudy.head.mesh import turned

OVAL = np.array(  # dm on the head: around the face, inside its outline
    [
        (0.00, 7.93, 1.25), (0.26, 7.90, 1.18), (0.47, 7.76, 1.00), (0.56, 7.50, 0.86),
        (0.56, 7.20, 0.82), (0.51, 6.92, 0.86), (0.40, 6.68, 0.98), (0.22, 6.53, 1.12),
        (0.00, 6.49, 1.18),
    ]
)  # fmt: skip
FACE = np.concatenate([OVAL, OVAL[-2:0:-1] * [-1, 1, 1]])
CHIN, DROP = 6.9, 0.32  # dm: what is lower falls so far with an open jaw
REACH = 1.15  # dm around the face's middle that the other face is drawn in


class Fault(NamedTuple):
    """How bad a swap is."""

    loss: float  # size at which the other face is drawn, of the picture's
    feather: float  # dm, softness of the seam
    tremble: float  # pixels of the drawn picture, from frame to frame
    match: float  # how far the tint is brought to the original's, 0-1


def draw_fault(rng: np.random.Generator) -> Fault:
    """Draw how bad a swap is."""
    return Fault(
        rng.uniform(0.4, 0.75), rng.uniform(0.03, 0.10), rng.uniform(0.15, 0.6),
        rng.uniform(0.75, 0.95),
    )  # fmt: skip


class Swap:
    """Puts another face on a head that a camera has drawn."""

    def __init__(self, built: Set, head: Head, how: Fault, rng: np.random.Generator) -> None:
        """Prepare to put the donor's head into the original's set, with the faults of `how`."""
        self._set, self._head, self._how, self._rng = built, head, how, rng
        framing, side = built.framing, 2 * int(REACH * built.framing.scale * how.loss)
        grow = 2 * REACH * framing.scale / side
        corner = [framing.x - grow * side / 2, framing.y - grow * side / 2]
        matrix = np.array([[grow, 0, corner[0]], [0, grow, corner[1]]])
        behind = cv2.warpAffine(
            built.still, matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        self._grow = grow
        self._view = head.before(behind, Framing(framing.scale / grow, side / 2, side / 2))
        self._drawn = behind

    def draw(self, pose: Pose, camera: Camera) -> None:
        """Put the face on the head that the camera has just drawn in the same pose."""
        camera_of = self._set.view.camera
        mask, corner = _mask(_outline(pose, camera_of), self._how.feather, camera_of[0] / FINE)
        rows, columns = (
            slice(max(start, head.start), min(start + length, head.stop, limit))
            for start, length, head, limit in zip(
                corner[::-1], mask.shape, camera.shown, camera.picture.shape[:2], strict=True
            )
        )
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        mask = mask[
            rows.start - corner[1] : rows.stop - corner[1],
            columns.start - corner[0] : columns.stop - corner[0],
        ]
        target = camera.picture[rows, columns]
        source = self._source(pose, rows, columns)
        inside = mask > 0.5
        if inside.any():
            # bring the mean and the contrast of the other face to those of the original's
            theirs, own = source[inside], target[inside]
            contrast = own.std(0) / np.maximum(theirs.std(0), 1)
            full = (source - theirs.mean(0)) * np.clip(contrast, 0.6, 1.6) + own.mean(0)
            tinted = source + self._how.match * (full - source)
            mixed = target + mask[..., None] * (tinted - target)
            camera.picture[rows, columns] = np.clip(mixed, 0, 255)

    def _source(self, pose: Pose, rows: slice, columns: slice) -> np.ndarray:
        """The other face in the same place, float32 RGB."""
        self._drawn[:] = self._view.still
        self._head.appear(self._view, Pose(pose.units, pose.rotation), self._drawn)
        framing, side, grow = self._set.framing, len(self._drawn), self._grow
        moved = np.multiply(pose.shift, HEAD_WIDTH * framing.scale)
        at = np.array([framing.x, framing.y]) + moved - grow * side / 2
        at += self._rng.normal(0, self._how.tremble, 2) - [columns.start, rows.start]
        matrix = np.array([[grow, 0, at[0]], [0, grow, at[1]]])
        size = (columns.stop - columns.start, rows.stop - rows.start)
        return cv2.warpAffine(
            self._drawn, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)


def _outline(pose: Pose, camera: np.ndarray) -> np.ndarray:
    """The face's outline on the picture, shape (n, 2), pixels."""
    turn = turned(*pose.rotation)
    points = FACE.copy()
    jaw = pose.units[UNITS.index("jawOpen")]
    points[:, 1] -= DROP * jaw * np.clip((CHIN - points[:, 1]) / 0.4, 0, 1)
    points = (points - turn[3]) @ turn[:3].T + turn[3]
    points[:, :2] += np.multiply(pose.shift, [HEAD_WIDTH, -HEAD_WIDTH])
    scale, x, y, level, distance, plane = camera
    near = scale * distance / (distance + plane - points[:, 2])
    return np.stack([x + points[:, 0] * near, y - (points[:, 1] - level) * near], 1) / FINE


def _mask(outline: np.ndarray, feather: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """A soft mask in [0, 1] around an outline, and where its corner lies: x and y."""
    soft = max(feather * scale, 0.6)
    pad = int(3 * soft) + 2
    corner = np.floor(outline.min(0)).astype(int) - pad
    width, height = np.ceil(outline.max(0)).astype(int) + pad - corner
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(16 * (outline - corner)).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255, corner
