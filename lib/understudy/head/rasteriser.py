"""What happens to the pixels of a frame: triangles fill them; compiled by numba."""

import numpy as np
from numba import njit

from understudy.head.vertices import COMPILED, HALF, ONE, ZERO

WHITE = np.float32(255)
NINTH = 7282  # of 2 ** 16; exact for sums of nine bytes


@njit(**COMPILED)
def ceiling(x: float) -> int:
    """Round up. Numba makes `math.ceil` a call, which takes a fifth of the time of `fill`."""
    n = np.int32(x)
    return n + (np.float32(n) < x)


@njit(**COMPILED)
def fill(
    triangles: np.ndarray,
    screen: np.ndarray,
    kinds: np.ndarray,
    cover: np.ndarray,
    places: np.ndarray,
    lit: np.ndarray,
    atlas: np.ndarray,
    strands: np.ndarray,
    depth: np.ndarray,
    picture: np.ndarray,
) -> None:
    """Draw triangles.

    Args:
        triangles: (m, 3).
        screen: (n, 3), x and y in pixels, and depth.
        kinds: (m,), 0 = seen from the front only, 1 = from both sides and cut out where `cover`
            falls below 0, 2 = where it falls below the strands of hair.
        cover: (n,).
        places: (m, 3, 2), of the corners in the texture, in its pixels.
        lit: (n, 4), as `light` wrote it.
        atlas: (rows, columns, 4), uint8: red, green, blue and gloss.
        strands: (256, 256), in [0, 1].
        depth: (height, width), of what is drawn; nearer triangles replace it.
        picture: (height, width, 3), uint8, written where a triangle is seen.
    """
    height, width = depth.shape
    lowest, rightmost = np.float32(atlas.shape[0] - 1), np.float32(atlas.shape[1] - 1)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1 = screen[i, 0], screen[i, 1], screen[j, 0], screen[j, 1]
        x2, y2 = screen[k, 0], screen[k, 1]
        area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
        kind = kinds[t]
        if area == 0 or (area > 0 and kind == 0):
            continue  # on the screen y runs down, so that what faces the viewer has area < 0
        top = max(0, ceiling(min(y0, y1, y2) - HALF))
        bottom = min(height, ceiling(max(y0, y1, y2) - HALF))
        first = max(0, ceiling(min(x0, x1, x2) - HALF))
        last = min(width, ceiling(max(x0, x1, x2) - HALF))
        if top >= bottom or first >= last:
            continue
        # how the weights of the first two corners change along a row, and from row to row
        per = ONE / area
        ax, ay = (y1 - y2) * per, (x2 - x1) * per
        bx, by = (y2 - y0) * per, (x0 - x2) * per
        # an edge that goes down on the screen bounds the triangle on the left if area < 0
        turn = ONE if area < 0 else -ONE
        down0, down1, down2 = turn * (y1 - y0), turn * (y2 - y1), turn * (y0 - y2)
        lean0 = (x1 - x0) / (y1 - y0) if y1 != y0 else ZERO
        lean1 = (x2 - x1) / (y2 - y1) if y2 != y1 else ZERO
        lean2 = (x0 - x2) / (y0 - y2) if y0 != y2 else ZERO
        # what is interpolated: at the third corner, and its changes along a row and between rows
        z2 = screen[k, 2]
        zi, zj = screen[i, 2] - z2, screen[j, 2] - z2
        zx, zy = ax * zi + bx * zj, ay * zi + by * zj
        u2, v2 = places[t, 2, 0], places[t, 2, 1]
        ui, uj = places[t, 0, 0] - u2, places[t, 1, 0] - u2
        ux, uy = ax * ui + bx * uj, ay * ui + by * uj
        vi, vj = places[t, 0, 1] - v2, places[t, 1, 1] - v2
        vx, vy = ax * vi + bx * vj, ay * vi + by * vj
        r2, g2, b2, s2 = lit[k, 0], lit[k, 1], lit[k, 2], lit[k, 3]
        ri, rj = lit[i, 0] - r2, lit[j, 0] - r2
        rx, ry = ax * ri + bx * rj, ay * ri + by * rj
        gi, gj = lit[i, 1] - g2, lit[j, 1] - g2
        gx, gy = ax * gi + bx * gj, ay * gi + by * gj
        bi, bj = lit[i, 2] - b2, lit[j, 2] - b2
        cx, cy = ax * bi + bx * bj, ay * bi + by * bj
        si, sj = lit[i, 3] - s2, lit[j, 3] - s2
        sx, sy = ax * si + bx * sj, ay * si + by * sj
        h2 = cover[k]
        hi, hj = cover[i] - h2, cover[j] - h2
        hx, hy = ax * hi + bx * hj, ay * hi + by * hj
        # An edge bounds a row on one side; on the other, the box stands for it. Which side it is
        # does not change from row to row, so that nothing need be decided within the loop.
        from_, to = np.float32(first), np.float32(last)
        for y in range(np.uint32(top), np.uint32(bottom)):
            py = np.float32(y) + HALF
            edge0 = x0 + (py - y0) * lean0 - HALF
            edge1 = x1 + (py - y1) * lean1 - HALF
            edge2 = x2 + (py - y2) * lean2 - HALF
            low = max(
                from_,
                edge0 if down0 > 0 else from_,
                edge1 if down1 > 0 else from_,
                edge2 if down2 > 0 else from_,
            )
            high = min(
                to,
                edge0 if down0 < 0 else to,
                edge1 if down1 < 0 else to,
                edge2 if down2 < 0 else to,
            )
            if low >= high:
                continue
            left, right = np.uint32(ceiling(low)), np.uint32(ceiling(high))
            off, down = np.float32(left) + HALF - x2, py - y2
            depths, pixels = depth[y], picture[y]
            for x in range(left, right):
                z = z2 + zx * off + zy * down
                if z > depths[x]:
                    u = u2 + ux * off + uy * down
                    v = v2 + vx * off + vy * down
                    kept = True
                    if kind > 0:
                        c = h2 + hx * off + hy * down
                        if kind == 2:
                            c -= strands[int(v * 4) & 255, int(u * 8) & 255]
                        kept = c >= 0
                    if kept:
                        depths[x] = z
                        # rounding in slivers may lead out of the texture
                        texel = atlas[
                            np.uint32(min(max(v, ZERO), lowest)),
                            np.uint32(min(max(u, ZERO), rightmost)),
                        ]
                        shine = (s2 + sx * off + sy * down) * texel[3]
                        red = (r2 + rx * off + ry * down) * texel[0] + shine
                        green = (g2 + gx * off + gy * down) * texel[1] + shine
                        blue = (b2 + cx * off + cy * down) * texel[2] + shine
                        pixels[x, 0] = np.uint8(min(red, WHITE))
                        pixels[x, 1] = np.uint8(min(green, WHITE))
                        pixels[x, 2] = np.uint8(min(blue, WHITE))
                off += ONE


@njit(**COMPILED)
def resolve(
    fine: np.ndarray,
    top: int,
    bottom: int,
    left: int,
    right: int,
    out: np.ndarray,
) -> None:
    """Average 3 x 3 fine pixels into 2 x 2.

    Args:
        fine: (3 rows, 3 columns, 3), uint8.
        top: the first row of blocks of 2 x 2 pixels to write.
        bottom: the row of blocks to stop at.
        left: the first column of blocks.
        right: the column of blocks to stop at.
        out: (2 rows, 2 columns, 3), uint8, written within these.
    """
    for y in range(np.uint32(top), np.uint32(bottom)):
        above, middle, below = fine[3 * y], fine[3 * y + 1], fine[3 * y + 2]
        upper, lower = out[2 * y], out[2 * y + 1]
        for x in range(np.uint32(left), np.uint32(right)):
            for c in range(3):
                w, m, e = middle[3 * x, c], middle[3 * x + 1, c], middle[3 * x + 2, c]
                nw, n, ne = above[3 * x, c], above[3 * x + 1, c], above[3 * x + 2, c]
                sw, s, se = below[3 * x, c], below[3 * x + 1, c], below[3 * x + 2, c]
                half = m + 4  # and what rounds the ninth
                upper[2 * x, c] = (4 * nw + 2 * (n + w) + half) * NINTH >> 16
                upper[2 * x + 1, c] = (4 * ne + 2 * (n + e) + half) * NINTH >> 16
                lower[2 * x, c] = (4 * sw + 2 * (s + w) + half) * NINTH >> 16
                lower[2 * x + 1, c] = (4 * se + 2 * (s + e) + half) * NINTH >> 16
