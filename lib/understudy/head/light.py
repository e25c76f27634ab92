"""The light that a head stands in: its lamps, and what it keeps from itself."""

from dataclasses import replace

import numpy as np

from understudy.head.looks import Look
from understudy.head.model import Model
from understudy.head.seen import look as look_at

SIDE = 200  # pixels of the pictures taken from all round
REACH = 2.9  # dm around the middle of the head that they show
MIDDLE = np.array([0, 7.0, 0.3])
NEAR = 0.05  # dm by which something must lie in front to shade
ROUND = 56  # directions that the light of the room comes from
KEY_SPREAD = 0.28  # of the key light's directions
KEY_COUNT = 12
DEEPEST = 0.14  # light that reaches even the darkest corner
GOLDEN = np.pi * (3 - np.sqrt(5))


def lamps(look: Look) -> np.ndarray:
    """Return the lights of a person's room, as `vertices.light` takes them, shape (7, 3)."""
    rng = np.random.default_rng((look.shape, 3))
    side = 1 if look.shape % 2 else -1
    key = np.array([side * rng.uniform(0.40, 0.60), 0.55, 0.75])
    fill = np.array([-side * 0.70, 0.10, 0.65])
    rim = np.array([-side * 0.55, 0.35, -0.75])
    ways = np.stack([way / np.linalg.norm(way) for way in (key, fill, rim)])
    warm = rng.uniform(-0.03, 0.05)
    colours = [
        [0.88 * (1 + warm), 0.84, 0.79 * (1 - warm)],
        [0.29, 0.31, 0.34],
        [0.30, 0.305, 0.31],
    ]
    half = ways[0] + [0, 0, 1]
    return np.vstack([ways, colours, half / np.linalg.norm(half)]).astype(np.float32)


def shaded(model: Model, others: list[Model], lights: np.ndarray) -> Model:
    """Return a model with what it and others keep from it of the room's and of the key light."""
    points = model.base
    normals = model.facing(points)[:, :3]
    reached, possible = np.zeros(len(points)), np.full(len(points), 1e-6)
    for k in range(ROUND):
        height = 1 - 2 * (k + 0.5) / ROUND
        if height < -0.75:
            continue
        flat = np.sqrt(1 - height**2)
        way = np.array([np.cos(GOLDEN * k) * flat, height, np.sin(GOLDEN * k) * flat])
        weight = np.maximum(normals @ way, 0) * (0.6 + 0.4 * max(0, height) + 0.25 * max(0, way[2]))
        reached += weight * _seen([model, *others], points, way)
        possible += weight
    lit = np.zeros(len(points))
    rng = np.random.default_rng(0)
    for _ in range(KEY_COUNT):
        way = lights[0] + KEY_SPREAD * rng.standard_normal(3)
        lit += _seen([model, *others], points, way / np.linalg.norm(way)) / KEY_COUNT
    room = DEEPEST + (1 - DEEPEST) * np.clip(reached / possible, 0, 1)
    return replace(model, room=room.astype(np.float32), key=lit.astype(np.float32)).settled()


def _seen(models: list[Model], points: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Return which points nothing hides from one who looks from far away, shape (n,)."""
    ones = [(m.triangles, _from(m.base, way), np.ones(len(m.triangles), bool)) for m in models]
    depth, _, _ = look_at(ones, (SIDE, SIDE))
    x, y, z = _from(points, way).T
    columns, rows = (np.clip(axis.astype(int), 0, SIDE - 1) for axis in (x, y))
    return depth[rows, columns] < z + NEAR


def _from(points: np.ndarray, way: np.ndarray) -> np.ndarray:
    up = np.array([0.0, 1.0, 0.0]) if abs(way[1]) < 0.95 else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, way)
    right /= np.linalg.norm(right)
    x, y, z = ((points - MIDDLE) @ axis for axis in (right, np.cross(way, right), way))
    scale = SIDE / (2 * REACH)
    return np.stack([SIDE / 2 + scale * x, SIDE / 2 - scale * y, z], 1).astype(np.float32)
