"""Something to paint a face on: where each of its pixels lies on the head, and brushes."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy import ndimage

from understudy.head.atlas import DENSITY, FACE_SHAPE, on_face
from understudy.head.basis import SKIN, Basis
from understudy.head.seen import look
from understudy.head.shape import rest

FINE = 500  # pixels for each dm of the sheet that frontal strokes are drawn on
SHEET = (-1.0, 8.7, 1.0, 6.1)  # dm: left, top, right, bottom of that sheet


def step(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """Rise smoothly from 0 at `low` to 1 at `high`, or fall where `high` is less."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bell(value: np.ndarray, middle: float, width: float) -> np.ndarray:
    """Return a bell curve that is 1 in the middle."""
    return np.exp(-0.5 * ((value - middle) / width) ** 2)


def noise(rng: np.random.Generator, shape: tuple[int, int], size: float | tuple) -> np.ndarray:
    """Return smooth noise of unit variance that repeats at its edges, grains of `size` pixels."""
    field = ndimage.gaussian_filter(
        rng.standard_normal(shape).astype(np.float32), size, mode="wrap", truncate=3
    )
    return field / field.std()


@dataclass(frozen=True, eq=False)
class Canvas:
    """The face's piece of the texture.

    Attributes:
        x, y, z: shape `FACE_SHAPE`, dm on the head of `shape.rest`; x is the middle's distance.
        side: shape `FACE_SHAPE`, 1 on the actor's left, -1 on the right.
        rims: shape `FACE_SHAPE`, dm to the edge of the nearest eye's lids, mouth or nostril.
        lips, lids, ears: shape `FACE_SHAPE`, masks in [0, 1].
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    side: np.ndarray
    rims: np.ndarray
    lips: np.ndarray
    lids: np.ndarray
    ears: np.ndarray

    def pressed(self, sheet: np.ndarray) -> np.ndarray:
        """Press a sheet drawn from the front on the face, shape `FACE_SHAPE`."""
        left, top = SHEET[:2]
        columns = (self.x * self.side - left) * FINE
        rows = (top - self.y) * FINE
        flat = cv2.remap(
            sheet, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR
        )
        return flat * step(0.5, 0.75, self.z)


def sheet() -> np.ndarray:
    """Return an empty sheet for strokes as seen from the front."""
    left, top, right, bottom = SHEET
    return np.zeros((round((top - bottom) * FINE), round((right - left) * FINE)), np.float32)


def stroke(on: np.ndarray, points: np.ndarray, strength: float, width: float) -> None:
    """Draw a line through points in dm, shape (n, 2), `width` dm wide."""
    left, top = SHEET[:2]
    pixels = np.stack([points[:, 0] - left, top - points[:, 1]], 1) * FINE
    cv2.polylines(
        on,
        [np.rint(pixels * 16).astype(np.int32)],
        False,
        float(strength),
        max(1, round(width * FINE)),
        cv2.LINE_AA,
        4,
    )


@lru_cache(1)
def canvas(basis: Basis) -> Canvas:
    """Find where each pixel of the face's piece lies on the head; the last answer is kept."""
    rows, columns = FACE_SHAPE
    skin = basis.parts == SKIN
    corners = on_face(basis.corners[skin]) * [columns, rows]
    faces = basis.faces[skin]
    inside = ((corners > -1) & (corners < [columns + 1, rows + 1])).all((1, 2))
    corners, faces = corners[inside], faces[inside]
    flat = np.zeros((4 * len(faces), 3), np.float32)
    flat[:, :2] = corners.reshape(-1, 2)
    quads = np.arange(4 * len(faces), dtype=np.int32).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    _, hit, weights = look([(triangles, flat, np.ones(len(triangles), bool))], FACE_SHAPE)
    points = rest(basis)[faces.reshape(-1)]
    drawn = hit >= 0
    share = np.concatenate([weights[drawn], 1 - weights[drawn].sum(1, keepdims=True)], 1)
    where = np.zeros((*FACE_SHAPE, 3), np.float32)
    where[drawn] = np.einsum("pc,pcd->pd", share, points[triangles[hit[drawn]]])
    parts, _ = ndimage.label(~drawn)
    outside = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    rims = ndimage.distance_transform_edt(drawn | np.isin(parts, outside)) / DENSITY
    nearest = ndimage.distance_transform_edt(~drawn, return_distances=False, return_indices=True)
    where = where[tuple(nearest)]
    masks = {name: getattr(basis, name) / np.float32(255) for name in ("lips", "lids", "ears")}
    x, y, z = np.moveaxis(where, 2, 0)
    return Canvas(np.abs(x), y, z, np.sign(x), rims.astype(np.float32), **masks)
