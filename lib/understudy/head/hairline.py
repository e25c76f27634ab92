"""Where the hair grows."""

import numpy as np

from understudy.head.canvas import bell, step
from understudy.head.looks import Look

NAPE_TO_BROW = [-0.9, -0.55, -0.1, 0.25, 0.45, 0.62, 0.80, 0.95]  # dm, z
HEIGHT = [6.80, 6.85, 7.00, 7.40, 7.42, 7.38, 7.62, 7.90]  # dm above which hair grows there
FRONT = {"receding": 8.22, "bald": 9.0, "cropped": 8.08, "short": 8.10, "tied": 8.04, "bob": 7.93}
USUAL_FRONT = 8.05  # dm above which it grows over the forehead
SWEEP = {"long": 0.30, "short": 0.10, "tied": 0.10}  # dm that it falls towards the temples


def depth(look: Look, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return how far inside the hairline a point of the head is, in dm; outside is negative.

    Args:
        look: the person.
        x: dm on the head of `shape.rest`, the distance to the middle.
        y: dm, upwards.
        z: dm, ahead.
    """
    sweep = SWEEP.get(look.hair, 0.0) * (0.35 - step(0.05, 0.62, x))
    front = FRONT.get(look.hair, USUAL_FRONT) + sweep
    temples = 0.30 if look.hair == "receding" else 0.07 if look.sex == "M" else 0.03
    ahead = step(NAPE_TO_BROW[-1], NAPE_TO_BROW[-1] + 0.15, z)
    height = np.interp(z, NAPE_TO_BROW, HEIGHT)
    height = height + ahead * (front - height)
    inside = y - height - temples * bell(x, 0.45, 0.16) * step(0.6, 1.0, z)
    if look.hair == "bald":
        inside = np.minimum(inside, 7.85 - y + 0.3 * step(0.3, -0.5, z))
    if look.hair == "receding":
        crown = (x / 0.42) ** 2 + ((z - 0.25) / 0.55) ** 2
        inside = np.where(y > 8.1, np.minimum(inside, 0.16 * (crown - 1)), inside)
    ear = step(0.66, 0.72, x) * step(7.68, 7.58, y) * step(-0.12, -0.02, z) * step(0.80, 0.70, z)
    return np.where(ear > 0.5, -0.2, inside)
