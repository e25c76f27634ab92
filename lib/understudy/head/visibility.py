"""What hides what: which triangle is seen where, and which light reaches which vertex.

Building a head needs to know, drawing it does not.
"""

import math
from dataclasses import replace

import numpy as np
from numba import njit

from understudy.head.mesh import Mesh, turned
from understudy.head.pose import FURTHEST_TURN, units
from understudy.people import Appearance

FAR = np.float32(-1e9)
SIDE = 200  # pixels of the pictures taken from all round
REACH = 2.9  # dm around the middle of the head that they show
MIDDLE = np.array([0, 7.0, 0.3])
NEAR = 0.05  # dm by which something must lie in front to shade
ROUND = 56  # directions that the light of the room comes from
KEY_SPREAD = 0.28  # of the key light's directions
KEY_COUNT = 12
DEEPEST = 0.14  # light that reaches even the darkest corner
GOLDEN = np.pi * (3 - np.sqrt(5))
MOUTHS = (  # with `LIDS`, what shows all of a face that is ever seen
    units(),
    units(jawOpen=1.0),
    units(jawOpen=0.5, mouthFunnel=0.6),
    units(mouthSmile=1.0, mouthUpperUp=0.6, mouthLowerDown=0.6, jawOpen=0.2),
    units(tongueOut=0.8, jawOpen=0.6),
)
LIDS = (units(), units(eyeBlink=1.0), units(eyeWide=1.0, browInnerUp=1.0), units(eyeLookUp=1.0))


@njit(nogil=True, cache=True)
def _fill_z_buffer(
    triangles: np.ndarray,
    screen: np.ndarray,
    both: np.ndarray,
    depth: np.ndarray,
    hit: np.ndarray,
    inside: np.ndarray,
) -> None:
    """Find the triangle that is seen in each pixel.

    Args:
        triangles: (m, 3).
        screen: (n, 3), x and y in pixels, and depth.
        both: (m,), bool, whether a triangle is seen from behind, too.
        depth: (height, width), of what is seen; nearer triangles replace it.
        hit: (height, width), int32, written: the triangle that is seen.
        inside: (height, width, 2), written: weights of that triangle's first two corners.
    """
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = (
            screen[triangles[t, 0]],
            screen[triangles[t, 1]],
            screen[triangles[t, 2]],
        )
        area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
        if area == 0 or (area > 0 and not both[t]):
            continue
        for y in range(
            max(0, math.ceil(min(y0, y1, y2) - 0.5)),
            min(height, math.floor(max(y0, y1, y2) + 0.5)),
        ):
            for x in range(
                max(0, math.ceil(min(x0, x1, x2) - 0.5)),
                min(width, math.floor(max(x0, x1, x2) + 0.5)),
            ):
                px, py = x + 0.5, y + 0.5
                w0 = ((x1 - px) * (y2 - py) - (y1 - py) * (x2 - px)) / area
                w1 = ((x2 - px) * (y0 - py) - (y2 - py) * (x0 - px)) / area
                w2 = 1 - w0 - w1
                z = w0 * z0 + w1 * z1 + w2 * z2
                if w0 >= 0 and w1 >= 0 and w2 >= 0 and z > depth[y, x]:
                    depth[y, x] = z
                    hit[y, x] = t
                    inside[y, x, 0] = w0
                    inside[y, x, 1] = w1


def z_buffer(
    meshes: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    shape: tuple[int, int],
    *,
    behind: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find what is nearest to the viewer in each pixel.

    Args:
        meshes: `triangles`, `screen` and `both` of each, as `_fill_z_buffer` takes them.
        shape: of the picture.
        behind: the depth of each pixel of what was looked at before and still stands there.

    Returns:
        The depth of each pixel, the triangle of the last mesh or -1, and the weights of its
        first two corners.
    """
    depth = np.full(shape, FAR) if behind is None else behind.copy()
    inside = np.zeros((*shape, 2), np.float32)
    for triangles, screen, both in meshes:
        hit = np.full(shape, -1, np.int32)
        _fill_z_buffer(triangles, screen, both, depth, hit, inside)
    return depth, hit, inside


def lamps(appearance: Appearance) -> np.ndarray:
    """Return the lights of a person's room, as `vertices.light` takes them, shape (7, 3)."""
    rng = np.random.default_rng((appearance.seed, 3))
    side = 1 if appearance.seed % 2 else -1
    key = np.array([side * rng.uniform(0.40, 0.60), 0.55, 0.75])
    fill = np.array([-side * 0.70, 0.10, 0.65])
    rim = np.array([-side * 0.55, 0.35, -0.75])
    directions = np.stack([direction / np.linalg.norm(direction) for direction in (key, fill, rim)])
    warm = rng.uniform(-0.03, 0.05)
    colours = [
        [0.88 * (1 + warm), 0.84, 0.79 * (1 - warm)],
        [0.29, 0.31, 0.34],
        [0.30, 0.305, 0.31],
    ]
    half = directions[0] + [0, 0, 1]
    return np.vstack([directions, colours, half / np.linalg.norm(half)]).astype(np.float32)


def shaded(mesh: Mesh, others: list[Mesh], lights: np.ndarray) -> Mesh:
    """Return a mesh with what it and others keep from it of the room's and of the key light."""
    points = mesh.base
    normals = mesh.facing(points)[:, :3]
    reached, possible = np.zeros(len(points)), np.full(len(points), 1e-6)
    for k in range(ROUND):
        height = 1 - 2 * (k + 0.5) / ROUND
        if height < -0.75:
            continue
        flat = np.sqrt(1 - height**2)
        direction = np.array([np.cos(GOLDEN * k) * flat, height, np.sin(GOLDEN * k) * flat])
        strength = 0.6 + 0.4 * max(0, height) + 0.25 * max(0, direction[2])
        weight = np.maximum(normals @ direction, 0) * strength
        reached += weight * _unoccluded([mesh, *others], points, direction)
        possible += weight
    lit = np.zeros(len(points))
    rng = np.random.default_rng(0)
    for _ in range(KEY_COUNT):
        direction = lights[0] + KEY_SPREAD * rng.standard_normal(3)
        direction /= np.linalg.norm(direction)
        lit += _unoccluded([mesh, *others], points, direction) / KEY_COUNT
    room = DEEPEST + (1 - DEEPEST) * np.clip(reached / possible, 0, 1)
    return replace(mesh, room=room.astype(np.float32), key=lit.astype(np.float32)).settled()


def _unoccluded(meshes: list[Mesh], points: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return which points nothing hides from one who looks from far away, shape (n,)."""
    seen = [
        (m.triangles, _orthographic(m.base, direction), np.ones(len(m.triangles), bool))
        for m in meshes
    ]
    depth, _, _ = z_buffer(seen, (SIDE, SIDE))
    x, y, z = _orthographic(points, direction).T
    columns, rows = (np.clip(axis.astype(int), 0, SIDE - 1) for axis in (x, y))
    return depth[rows, columns] < z + NEAR


def _orthographic(points: np.ndarray, direction: np.ndarray) -> np.ndarray:
    up = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.95 else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, direction)
    right /= np.linalg.norm(right)
    x, y, z = ((points - MIDDLE) @ axis for axis in (right, np.cross(direction, right), direction))
    scale = SIDE / (2 * REACH)
    return np.stack([SIDE / 2 + scale * x, SIDE / 2 - scale * y, z], 1).astype(np.float32)


def ever_visible(mesh: Mesh, torso: Mesh) -> np.ndarray:
    """Return which triangles any face shows, at any angle, shape (m,), and their neighbours."""
    rng = np.random.default_rng(0)
    side = 420
    camera = np.float32([130, side / 2, side / 2, 7.2, 11, 0.6])
    shown = np.zeros(len(mesh.triangles), bool)
    loose = mesh.kinds == 2  # one can look through it
    shirt = torso.triangles[(torso.cover[torso.triangles] > 0).all(1)]
    worn = (
        shirt,
        torso.moved(units(), turned(0, 0, 0), np.zeros(2, np.float32), camera)[1],
        shirt[:, 0] < 0,
    )
    for k in range(30):
        turn = turned(*np.multiply(rng.uniform(-1, 1, 3), FURTHEST_TURN))
        weights = np.clip(MOUTHS[k % len(MOUTHS)] + LIDS[k % len(LIDS)], 0, 1)
        shift = rng.uniform(-0.4, 0.4, 2).astype(np.float32)  # dm
        _, screen, _ = mesh.moved(weights, turn, shift, camera)
        solid, hair = (
            (mesh.triangles[which], screen, mesh.kinds[which] > 0) for which in (~loose, loose)
        )
        depth = None
        for meshes, which in (([worn, solid], ~loose), ([hair], loose)):
            depth, hit, _ = z_buffer(meshes, (side, side), behind=depth)
            shown[np.flatnonzero(which)[hit[hit >= 0]]] = True
    touched = np.zeros(len(mesh.base), bool)
    touched[mesh.triangles[shown]] = True
    return touched[mesh.triangles].any(1)
