"""The shape of the hair: what stands up from the scalp, hangs down, or is tied behind."""

import numpy as np

from understudy.head.atlas import place
from understudy.head.canvas import step
from understudy.head.hairline import depth
from understudy.head.looks import Look
from understudy.head.model import Model, halves, still

THICK = {  # dm: over the scalp
    "cropped": 0.035, "short": 0.15, "tied": 0.06, "bob": 0.12, "long": 0.10,
    "receding": 0.06, "bald": 0.0,
}  # fmt: skip
TIPS = {"bob": 6.45, "long": 5.55}  # dm: the height at which hanging hair ends
OPENING = {"bob": 58.0, "long": 62.0}  # degrees from the front at which it begins
COLUMNS, ROWS = 34, 12


def raised(look: Look, base: np.ndarray, facing: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return the scalp with its hair, shape (n, 3).

    Args:
        look: the person.
        base: shape (n, 3), the head.
        facing: shape (n, 3), its normals.
        rest: shape (n, 3), the same vertices of `shape.rest`.
    """
    inside = depth(look, np.abs(rest[:, 0]), rest[:, 1], rest[:, 2])
    top = step(7.5, 8.3, rest[:, 1])
    lumps = 1 + 0.12 * np.sin(7 * rest[:, 0] + look.shape) * np.sin(5 * rest[:, 2] + 2 * look.shape)
    thick = THICK[look.hair] * step(-0.02, 0.35, inside) * (0.45 + 0.55 * top) * lumps
    return base + (thick[:, None] * facing).astype(np.float32)


def hanging(look: Look, scalp: np.ndarray) -> list[Model]:
    """Return the hair that is more than the scalp's own shape.

    Args:
        look: the person.
        scalp: shape (n, 3), the head's skin with its raised hair.
    """
    if look.hair in TIPS:
        return [_curtain(look, scalp)]
    if look.hair == "tied":
        return [_bun(scalp)]
    return []


def _curtain(look: Look, scalp: np.ndarray) -> Model:
    """Hair that lies on the head and hangs down from its widest places."""
    rng = np.random.default_rng((look.shape, 2))
    crown = scalp[scalp[:, 1] > 7.3]
    top, wide = crown[:, 1].max(), np.abs(crown[:, 0]).max()
    back, front = crown[:, 2].min(), crown[:, 2].max()
    centre = np.array([0, top - 0.95, (back + front) / 2 - 0.05])
    radii = np.array([wide + 0.02, 0.97, (front - back) / 2 + 0.02])
    opening = np.radians(OPENING[look.hair])
    around = np.linspace(opening, 2 * np.pi - opening, COLUMNS)  # 0 is ahead
    locks = 1 + 0.025 * np.repeat(rng.standard_normal(COLUMNS // 2), 2)
    lying = ROWS // 3
    up = np.radians(np.linspace(62, 0, lying))
    tip = TIPS[look.hair] + top - 8.5
    points = np.empty((ROWS, COLUMNS, 3))
    for row in range(lying):
        lean = np.cos(up[row])
        points[row] = centre + radii * np.stack(
            [
                lean * np.sin(around) * locks,
                np.full(COLUMNS, np.sin(up[row])),
                lean * np.cos(around) * locks,
            ],
            1,
        )
    last = points[lying - 1]
    for row in range(lying, ROWS):
        t = (row - lying + 1) / (ROWS - lying)
        narrow = 1 - 0.13 * t + 0.02 * np.sin(9 * t + np.arange(COLUMNS) // 3)
        if look.hair == "bob":
            narrow = 1 + 0.05 * np.sin(2.6 * t) - 0.10 * t**3
        points[row] = (
            last * [1, 0, 1] * narrow[..., None] if np.ndim(narrow) else last * [narrow, 0, narrow]
        )
        points[row, :, 1] = last[:, 1] + t * (
            tip + 0.05 * rng.standard_normal(COLUMNS) - last[:, 1]
        )
        if look.hair == "long":
            points[row, :, 2] += (
                0.55 * step(0.35, 1.0, np.array(t)) * step(0.2, 0.9, np.cos(around))
            )
    grid = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    faces = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], -1).reshape(
        -1, 4
    )
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS] / [[[ROWS - 1]], [[COLUMNS - 1]]]
    edge = np.minimum(columns, 1 - columns) * COLUMNS
    cover = np.minimum(np.interp(rows, [0, 0.08, 0.85, 1], [0.4, 1.1, 1.1, 0.0]), 0.35 + 0.4 * edge)
    at = place("hair", np.stack([columns, rows], -1).reshape(-1, 2))
    follow = step(5.3, 6.9, points[..., 1]) * 0.6 + 0.4
    return still(
        points.reshape(-1, 3), halves(faces), halves(at[faces]), 2, cover.ravel(), follow.ravel()
    )


def _bun(scalp: np.ndarray) -> Model:
    """A knot of hair high on the back of the head."""
    crown = scalp[scalp[:, 1] > 7.6]
    middle = np.array([0, crown[:, 1].max() - 0.02, crown[:, 2].min() + 0.42])
    radii = np.array([0.40, 0.34, 0.36])
    up, around = np.mgrid[0:9, 0:17] * [[[np.pi / 8]], [[np.pi / 8]]]
    points = middle + radii * np.stack(
        [np.sin(up) * np.sin(around), np.cos(up), np.sin(up) * np.cos(around)], -1
    )
    grid = np.arange(9 * 17).reshape(9, 17)
    faces = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], -1).reshape(
        -1, 4
    )
    at = place("hair", np.stack([around / 6.3, up / 3.2], -1).reshape(-1, 2))
    full = np.ones(points.shape[0] * points.shape[1])
    return still(points.reshape(-1, 3), halves(faces), halves(at[faces]), 1, full, full)
