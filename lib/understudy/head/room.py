"""The wall behind a person, out of focus."""

import cv2
import numpy as np

from understudy.head.looks import Look


def wall(look: Look, height: int, width: int) -> np.ndarray:
    """Paint a dim room, shape (height, width, 3), uint8 RGB; the same at every size."""
    rng = np.random.default_rng((look.shape, 5))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    x -= width / height / 2
    side = 1 if look.shape % 2 else -1
    glow = np.exp(-(((x - 0.35 * side) / 0.7) ** 2 + ((y - 0.25) / 0.6) ** 2))
    picture = np.multiply.outer(0.50 + 0.45 * glow, np.float32(look.wall))
    for _ in range(rng.integers(3, 6)):  # doors, shelves, pictures
        middle, reach = rng.uniform(-0.8, 0.8), rng.uniform(0.06, 0.22)
        top, bottom = sorted(rng.uniform(-0.1, 1.1, 2))
        box = (np.abs(x - middle) < reach) & (y > top) & (y < bottom)
        soft = cv2.GaussianBlur(box.astype(np.float32), (0, 0), 0.022 * height)
        shade = np.float32(look.wall) * rng.uniform(0.35, 1.0) + rng.normal(0, 12, 3)
        picture += 0.55 * soft[..., None] * (shade - picture)
    return np.clip(picture, 0, 255).astype(np.uint8)
