"""What happens to the vertices of a frame: they move, turn and are lit; compiled by numba.

None of the compiled functions holds the GIL or keeps anything, so that threads may share them.
"""

import math

import numpy as np
from numba import njit

COMPILED = {"nogil": True, "cache": True, "fastmath": True, "error_model": "numpy"}
CREASE = np.float32(14.0)  # how much darker a fold gets, for each dm by which it deepens
DARKEST_CREASE = np.float32(0.55)
BRIGHTEST = np.float32(2.6)  # no light is stronger; light of strength 1 stays as it is
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)


@njit(**COMPILED)
def move(
    base: np.ndarray,
    weights: np.ndarray,
    starts: np.ndarray,
    numbers: np.ndarray,
    moves: np.ndarray,
    follow: np.ndarray,
    rotation: np.ndarray,
    shift: np.ndarray,
    camera: np.ndarray,
    world: np.ndarray,
    screen: np.ndarray,
) -> tuple[float, float, float, float]:
    """Bend a face, turn the head, and look at it.

    Args:
        base: (n, 3), the face at rest.
        weights: (52,), of the face units.
        starts: (53,), where each unit's vertices start in `numbers` and `moves`.
        numbers: (k,), vertices that a unit moves.
        moves: (k, 3), by how much.
        follow: (n,), how far a vertex goes along with the head; 0 = stays with the shoulders.
        rotation: (4, 3), the head's rotation, and as its last row the point it turns about.
        shift: (2,), the head's way in x and y.
        camera: (6,), pixels for each dm, x and y of the picture's middle, height of the point
            that is seen there, distance, and depth of the plane where the scale holds.
        world: (n, 3), written: the vertices.
        screen: (n, 3), written: x and y in pixels, and depth, which grows towards the viewer.

    Returns:
        The least and the greatest x, then y, on the screen.
    """
    for v in range(base.shape[0]):
        for c in range(3):
            world[v, c] = base[v, c]
    for u in range(weights.shape[0]):
        w = weights[u]
        if w > 0:
            for k in range(starts[u], starts[u + 1]):
                v = numbers[k]
                world[v, 0] += w * moves[k, 0]
                world[v, 1] += w * moves[k, 1]
                world[v, 2] += w * moves[k, 2]
    scale, middle, centre, level, distance, plane = camera
    left, right, top, bottom = np.float32(1e9), np.float32(-1e9), np.float32(1e9), np.float32(-1e9)
    for v in range(base.shape[0]):
        f = follow[v]
        x = world[v, 0] - rotation[3, 0]
        y = world[v, 1] - rotation[3, 1]
        z = world[v, 2] - rotation[3, 2]
        tx = rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z
        ty = rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z
        tz = rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z
        x = rotation[3, 0] + x + f * (tx - x + shift[0])
        y = rotation[3, 1] + y + f * (ty - y + shift[1])
        z = rotation[3, 2] + z + f * (tz - z)
        world[v, 0] = x
        world[v, 1] = y
        world[v, 2] = z
        near = scale * distance / (distance + plane - z)
        x = middle + x * near
        y = centre - (y - level) * near
        screen[v, 0] = x
        screen[v, 1] = y
        screen[v, 2] = z
        left, right = min(left, x), max(right, x)
        top, bottom = min(top, y), max(bottom, y)
    return left, right, top, bottom


@njit(**COMPILED)
def normals(
    world: np.ndarray,
    triangles: np.ndarray,
    degree: np.ndarray,
    facing: np.ndarray,
) -> None:
    """Find which way each vertex faces and how deep a fold it lies in.

    Args:
        world: (n, 3).
        triangles: (m, 3), vertices anticlockwise as seen from outside.
        degree: (n,), how many triangles a vertex has.
        facing: (n, 4), written: the normal, and the fold's depth in dm.
    """
    mean = np.zeros_like(world)
    facing[:] = ZERO
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        xi, yi, zi = world[i, 0], world[i, 1], world[i, 2]
        ax, ay, az = world[j, 0] - xi, world[j, 1] - yi, world[j, 2] - zi
        bx, by, bz = world[k, 0] - xi, world[k, 1] - yi, world[k, 2] - zi
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        sx, sy, sz = 3 * xi + ax + bx, 3 * yi + ay + by, 3 * zi + az + bz
        for v in (i, j, k):
            facing[v, 0] += nx
            facing[v, 1] += ny
            facing[v, 2] += nz
            mean[v, 0] += sx
            mean[v, 1] += sy
            mean[v, 2] += sz
    for v in range(world.shape[0]):
        x, y, z = facing[v, 0], facing[v, 1], facing[v, 2]
        scale = ONE / math.sqrt(max(x * x + y * y + z * z, np.float32(1e-20)))
        x, y, z = x * scale, y * scale, z * scale
        part = ONE / (3 * max(degree[v], ONE))
        facing[v, 0], facing[v, 1], facing[v, 2] = x, y, z
        facing[v, 3] = (
            x * (mean[v, 0] * part - world[v, 0])
            + y * (mean[v, 1] * part - world[v, 1])
            + z * (mean[v, 2] * part - world[v, 2])
        )


@njit(**COMPILED)
def light(
    facing: np.ndarray,
    fold: np.ndarray,
    room: np.ndarray,
    key: np.ndarray,
    lamps: np.ndarray,
    lit: np.ndarray,
) -> None:
    """Light the vertices.

    Args:
        facing: (n, 4), as `normals` wrote it.
        fold: (n,), how deep a fold each lies in at rest, in dm.
        room: (n,), how much of the room's light reaches each.
        key: (n,), how much of the key light reaches each.
        lamps: (7, 3): directions of key, fill and rim light; colours of key, fill and sky; half
            way between key light and viewer.
        lit: (n, 4), written: what red, green and blue of the texture are to be multiplied by,
            and what is to be added for each part of gloss. Both are roots of the light's strength,
            for the texture's numbers are roots, nearly, too.
    """
    for v in range(facing.shape[0]):
        x, y, z = facing[v, 0], facing[v, 1], facing[v, 2]
        if z < 0:
            x, y, z = -x, -y, -z
        taken = min(max(CREASE * (facing[v, 3] - fold[v]), ZERO), DARKEST_CREASE)
        open_ = room[v] * (ONE - taken)
        direct = key[v] * (HALF + HALF * open_)
        to_key = x * lamps[0, 0] + y * lamps[0, 1] + z * lamps[0, 2]
        to_fill = x * lamps[1, 0] + y * lamps[1, 1] + z * lamps[1, 2]
        to_rim = x * lamps[2, 0] + y * lamps[2, 1] + z * lamps[2, 2]
        fill = open_ * (
            max(to_fill + np.float32(0.4), ZERO) * np.float32(1 / 1.4) + HALF * max(to_rim, ZERO)
        )
        sky = open_ * (np.float32(0.65) + np.float32(0.35) * y)
        for c in range(3):
            wrap = np.float32(0.42) - np.float32(0.13) * np.float32(c)  # red goes further in skin
            strength = max(to_key + wrap, ZERO) / (ONE + wrap) * direct * lamps[3, c]
            strength += fill * lamps[4, c] + sky * lamps[5, c]
            lit[v, c] = math.sqrt(BRIGHTEST * strength / (BRIGHTEST - ONE + strength))
        shine = max(x * lamps[6, 0] + y * lamps[6, 1] + z * lamps[6, 2], ZERO)
        shine = shine * shine
        shine = shine * shine
        lit[v, 3] = shine * shine * direct
