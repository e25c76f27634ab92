"""Hair: where it grows, its strands, and its shape: raised, hanging down, or tied behind."""

import cv2
import numpy as np

from understudy.head.mesh import Mesh, halves, still
from understudy.head.texture import bell, noise, place, smoothstep
from understudy.people import Appearance

TILE = 256  # pixels; a power of two, for the renderer takes remainders by masks
NAPE_TO_BROW = [-0.9, -0.55, -0.1, 0.25, 0.45, 0.62, 0.80, 0.95]  # dm, z
HEIGHT = [6.80, 6.85, 7.00, 7.40, 7.42, 7.38, 7.62, 7.90]  # dm above which hair grows there
FRONT = {"receding": 8.22, "bald": 9.0, "cropped": 8.08, "short": 8.10, "tied": 8.04, "bob": 7.93}
USUAL_FRONT = 8.05  # dm above which it grows over the forehead
SWEEP = {"long": 0.30, "short": 0.10, "tied": 0.10}  # dm that it falls towards the temples
THICK = {  # dm: over the scalp
    "cropped": 0.035, "short": 0.15, "tied": 0.06, "bob": 0.12, "long": 0.10,
    "receding": 0.06, "bald": 0.0,
}  # fmt: skip
TIPS = {"bob": 6.45, "long": 5.55}  # dm: the height at which hanging hair ends
OPENING = {"bob": 58.0, "long": 62.0}  # degrees from the front at which it begins
COLUMNS, ROWS = 34, 12


def hairline_depth(
    appearance: Appearance, x: np.ndarray, y: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """Return how far inside the hairline a point of the head is, in dm; outside is negative.

    Args:
        appearance: the person's.
        x: dm on the head of `shape.rest`, the distance to the middle.
        y: dm, upwards.
        z: dm, ahead.
    """
    sweep = SWEEP.get(appearance.hair, 0.0) * (0.35 - smoothstep(0.05, 0.62, x))
    front = FRONT.get(appearance.hair, USUAL_FRONT) + sweep
    temples = 0.30 if appearance.hair == "receding" else 0.07 if appearance.sex == "M" else 0.03
    ahead = smoothstep(NAPE_TO_BROW[-1], NAPE_TO_BROW[-1] + 0.15, z)
    height = np.interp(z, NAPE_TO_BROW, HEIGHT)
    height = height + ahead * (front - height)
    inside = y - height - temples * bell(x, 0.45, 0.16) * smoothstep(0.6, 1.0, z)
    if appearance.hair == "bald":
        inside = np.minimum(inside, 7.85 - y + 0.3 * smoothstep(0.3, -0.5, z))
    if appearance.hair == "receding":
        crown = (x / 0.42) ** 2 + ((z - 0.25) / 0.55) ** 2
        inside = np.where(y > 8.1, np.minimum(inside, 0.16 * (crown - 1)), inside)
    ear = (
        smoothstep(0.66, 0.72, x)
        * smoothstep(7.68, 7.58, y)
        * smoothstep(-0.12, -0.02, z)
        * smoothstep(0.80, 0.70, z)
    )
    return np.where(ear > 0.5, -0.2, inside)


def strand_tile(rng: np.random.Generator) -> np.ndarray:
    """Return strands that run downwards, evenly spread over [0, 1], and repeat at the edges."""
    field = noise(rng, (TILE, TILE), (22, 0.9)) + 0.5 * noise(rng, (TILE, TILE), (40, 4))
    ranks = np.argsort(np.argsort(field.ravel()))
    return (ranks.reshape(field.shape) / field.size).astype(np.float32)


def combed_strands(
    appearance: Appearance, x: np.ndarray, y: np.ndarray, z: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return strands over the head, in [0, 1].

    Args:
        appearance: the person's.
        x: dm on the head of `shape.rest`, to the actor's left.
        y: dm, upwards.
        z: dm, ahead.
        rng: where the strands come from.
    """
    if appearance.hair in ("cropped", "bald"):
        across, along = 3.0 * x, 1.2 * y + 1.2 * z  # too short to lie in a direction
        strands = strand_tile(rng)
        strands = (strands + strands.T) / 2
    else:
        strands = strand_tile(rng)
        around = np.arctan2(x, y - 7.3)
        if appearance.hair in ("tied", "receding"):
            across, along = 1.6 * around, 0.25 * z  # combed back
        else:
            across, along = 2.0 * z + 0.5 * y, 0.25 * around  # to both sides of a parting
    columns = np.mod(across * TILE, TILE).astype(np.float32)
    rows = np.mod(along * TILE, TILE).astype(np.float32)
    return cv2.remap(strands, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def raised_scalp(
    appearance: Appearance, base: np.ndarray, facing: np.ndarray, rest: np.ndarray
) -> np.ndarray:
    """Return the scalp with its hair, shape (n, 3).

    Args:
        appearance: the person's.
        base: shape (n, 3), the head.
        facing: shape (n, 3), its normals.
        rest: shape (n, 3), the same vertices of `shape.rest`.
    """
    inside = hairline_depth(appearance, np.abs(rest[:, 0]), rest[:, 1], rest[:, 2])
    top = smoothstep(7.5, 8.3, rest[:, 1])
    lumps = 1 + 0.12 * np.sin(7 * rest[:, 0] + appearance.seed) * np.sin(
        5 * rest[:, 2] + 2 * appearance.seed
    )
    thick = THICK[appearance.hair] * smoothstep(-0.02, 0.35, inside) * (0.45 + 0.55 * top) * lumps
    return base + (thick[:, None] * facing).astype(np.float32)


def hanging_hair(appearance: Appearance, scalp: np.ndarray) -> list[Mesh]:
    """Return the hair that is more than the scalp's own shape.

    Args:
        appearance: the person's.
        scalp: shape (n, 3), the head's skin with its raised hair.
    """
    if appearance.hair in TIPS:
        return [_curtain(appearance, scalp)]
    if appearance.hair == "tied":
        return [_bun(scalp)]
    return []


def _curtain(appearance: Appearance, scalp: np.ndarray) -> Mesh:
    """Hair that lies on the head and hangs down from its widest places."""
    rng = np.random.default_rng((appearance.seed, 2))
    crown = scalp[scalp[:, 1] > 7.3]
    top, wide = crown[:, 1].max(), np.abs(crown[:, 0]).max()
    back, front = crown[:, 2].min(), crown[:, 2].max()
    centre = np.array([0, top - 0.95, (back + front) / 2 - 0.05])
    radii = np.array([wide + 0.02, 0.97, (front - back) / 2 + 0.02])
    opening = np.radians(OPENING[appearance.hair])
    around = np.linspace(opening, 2 * np.pi - opening, COLUMNS)  # 0 is ahead
    locks = 1 + 0.025 * np.repeat(rng.standard_normal(COLUMNS // 2), 2)
    lying = ROWS // 3
    up = np.radians(np.linspace(62, 0, lying))
    tip = TIPS[appearance.hair] + top - 8.5
    points = np.empty((ROWS, COLUMNS, 3))
    for row in range(lying):
        x, z = np.cos(up[row]) * np.sin(around) * locks, np.cos(up[row]) * np.cos(around) * locks
        points[row] = centre + radii * np.stack([x, np.full(COLUMNS, np.sin(up[row])), z], 1)
    last = points[lying - 1]
    for row in range(lying, ROWS):
        t = (row - lying + 1) / (ROWS - lying)
        if appearance.hair == "bob":
            narrow = np.full(COLUMNS, 1 + 0.05 * np.sin(2.6 * t) - 0.10 * t**3)
        else:
            narrow = 1 - 0.13 * t + 0.02 * np.sin(9 * t + np.arange(COLUMNS) // 3)
        end = tip + 0.05 * rng.standard_normal(COLUMNS)
        points[row] = last * narrow[:, None]
        points[row, :, 1] = last[:, 1] + t * (end - last[:, 1])
        if appearance.hair == "long":
            behind = smoothstep(0.2, 0.9, np.cos(around))
            points[row, :, 2] += 0.55 * smoothstep(0.35, 1.0, np.array(t)) * behind
    faces = _grid_faces(ROWS, COLUMNS)
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS] / [[[ROWS - 1]], [[COLUMNS - 1]]]
    edge = np.minimum(columns, 1 - columns) * COLUMNS
    cover = np.minimum(np.interp(rows, [0, 0.08, 0.85, 1], [0.4, 1.1, 1.1, 0.0]), 0.35 + 0.4 * edge)
    at = place("hair", np.stack([columns, rows], -1).reshape(-1, 2))
    follow = smoothstep(5.3, 6.9, points[..., 1]) * 0.6 + 0.4
    return still(
        points.reshape(-1, 3), halves(faces), halves(at[faces]), 2, cover.ravel(), follow.ravel()
    )


def _bun(scalp: np.ndarray) -> Mesh:
    """A knot of hair high on the back of the head."""
    crown = scalp[scalp[:, 1] > 7.6]
    middle = np.array([0, crown[:, 1].max() - 0.02, crown[:, 2].min() + 0.42])
    radii = np.array([0.40, 0.34, 0.36])
    up, around = np.mgrid[0:9, 0:17] * [[[np.pi / 8]], [[np.pi / 8]]]
    points = middle + radii * np.stack(
        [np.sin(up) * np.sin(around), np.cos(up), np.sin(up) * np.cos(around)], -1
    )
    faces = _grid_faces(9, 17)
    at = place("hair", np.stack([around / 6.3, up / 3.2], -1).reshape(-1, 2))
    full = np.ones(points.shape[0] * points.shape[1])
    return still(points.reshape(-1, 3), halves(faces), halves(at[faces]), 1, full, full)


def _grid_faces(rows: int, columns: int) -> np.ndarray:
    """The quadrilaterals of a grid of vertices, shape (m, 4)."""
    grid = np.arange(rows * columns).reshape(rows, columns)
    corners = [grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]]
    return np.stack(corners, -1).reshape(-1, 4)
