"""One texture for a whole head: where each part's piece lies, and what the face is painted on."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy import ndimage

from understudy.head.basis import FACE, FACE_SHAPE, SKIN, Basis
from understudy.head.mesh import halves
from understudy.head.shape import rest
from understudy.head.visibility import z_buffer

PIECE = 256  # rows and columns of every other piece; they stand in a column beside the face
SHAPE = (1280, 896)
PIECES = ("eye", "teeth", "mouth", "shirt", "hair")
NECK = (0.3, 0.975)  # a place in the whole texture, below the face: plain skin
MARGIN = 10  # pixels of a piece that are not used, so that neighbours never shine through
DENSITY = 215  # pixels of the face's piece for each dm of skin
LEVELS = 4
FINE = 500  # pixels for each dm of the sheet that frontal strokes are drawn on
SHEET = (-1.0, 8.7, 1.0, 6.1)  # dm: left, top, right, bottom of that sheet


def on_face(corners: np.ndarray) -> np.ndarray:
    """Return places in the face's piece, in [0, 1] where they are on it, shape (..., 2)."""
    left, top, right, bottom = FACE
    return (corners - [left, top]) / [right - left, bottom - top]


def face_place(places: np.ndarray) -> np.ndarray:
    """Return where places in the face's piece are in the whole texture, shape (..., 2)."""
    return places * [FACE_SHAPE[1] / SHAPE[1], FACE_SHAPE[0] / SHAPE[0]]


def place(piece: str, at: np.ndarray) -> np.ndarray:
    """Return where places in a piece, in [0, 1], are in the whole texture, shape (..., 2)."""
    inner = MARGIN + np.clip(at, 0, 1) * (PIECE - 2 * MARGIN)
    corner = [FACE_SHAPE[1], PIECES.index(piece) * PIECE]
    return (inner + corner) / [SHAPE[1], SHAPE[0]]


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of a piece's pixels, (256, 256) each: 0 and 1 where its margins begin."""
    at = (np.arange(PIECE, dtype=np.float32) + 0.5 - MARGIN) / (PIECE - 2 * MARGIN)
    return np.meshgrid(at, at)


def assemble(face: np.ndarray, neck: np.ndarray, pieces: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Put the pieces together.

    Args:
        face: shape `FACE_SHAPE` and 4: red, green, blue and gloss from 0 to 255.
        neck: shape (4,), the same for the skin that has no piece of its own.
        pieces: shape (256, 256, 4) each, by name.

    Returns:
        The texture, uint8, and smaller ones of half the size each.
    """
    whole = np.zeros((*SHAPE, 4), np.float32)
    whole[:] = neck
    whole[: FACE_SHAPE[0], : FACE_SHAPE[1]] = face
    for number, name in enumerate(PIECES):
        whole[number * PIECE : (number + 1) * PIECE, FACE_SHAPE[1] :] = pieces[name]
    levels = [np.clip(np.rint(whole), 0, 255).astype(np.uint8)]
    for _ in range(LEVELS - 1):
        rows, columns = levels[-1].shape[:2]
        levels.append(
            cv2.resize(levels[-1], (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
        )
    return levels


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
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
    """The face's piece of the texture; every array has the shape `FACE_SHAPE`."""

    x: np.ndarray  # dm on the head of `shape.rest`, from the middle
    y: np.ndarray  # dm, upwards
    z: np.ndarray  # dm, ahead
    side: np.ndarray  # 1 on the actor's left, -1 on the right
    rims: np.ndarray  # dm to the edge of the nearest eye's lids, mouth or nostril
    lips: np.ndarray  # a mask in [0, 1]
    lids: np.ndarray  # the same
    ears: np.ndarray  # the same

    def pressed(self, sheet: np.ndarray) -> np.ndarray:
        """Press a sheet drawn from the front on the face, shape `FACE_SHAPE`."""
        left, top = SHEET[:2]
        columns = (self.x * self.side - left) * FINE
        rows = (top - self.y) * FINE
        flat = cv2.remap(
            sheet, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR
        )
        return flat * smoothstep(0.5, 0.75, self.z)


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
    triangles = halves(np.arange(4 * len(faces), dtype=np.int32).reshape(-1, 4))
    _, hit, weights = z_buffer([(triangles, flat, np.ones(len(triangles), bool))], FACE_SHAPE)
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
