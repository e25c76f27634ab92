"""Which triangle is seen where: what building a head needs to know and drawing it does not."""

import math

import numpy as np
from numba import njit

FAR = np.float32(-1e9)


@njit(nogil=True, cache=True)
def seen(
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


def look(
    models: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    shape: tuple[int, int],
    *,
    behind: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Look at triangles.

    Args:
        models: `triangles`, `screen` and `both` of each, as `seen` takes them.
        shape: of the picture.
        behind: the depth of each pixel of what was looked at before and still stands there.

    Returns:
        The depth of each pixel, the triangle of the last model or -1, and the weights of its
        first two corners.
    """
    depth = np.full(shape, FAR) if behind is None else behind.copy()
    inside = np.zeros((*shape, 2), np.float32)
    for triangles, screen, both in models:
        hit = np.full(shape, -1, np.int32)
        seen(triangles, screen, both, depth, hit, inside)
    return depth, hit, inside
