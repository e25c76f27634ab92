"""Where a clip is filmed: the picture, the face's place in it, the light, the camera's hand.

What is behind people (walls, bricks, shelves, curtains, a garden) is painted once for a clip.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

NEAREST = {"landscape": 0.30, "portrait": 0.46}  # width of the head, of the picture's
FARTHEST = {"landscape": 0.10, "portrait": 0.17}
LEAST = 48  # pixels, width of any head
DARK = 0.3  # probability of a dark room
GRAINY = 1_000_000  # pixels; in larger pictures noise would take all of the time, and of the disk
MOVING = 0.5  # probability of a camera in somebody's hand
TONES = ((176, 168, 152), (138, 150, 160), (160, 142, 124), (120, 132, 120), (186, 182, 178))


def plain(y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A bare wall of one tone with the light of a lamp or a window on it."""
    tone = np.float32(TONES[rng.integers(len(TONES))])
    at = rng.uniform(-0.6, 0.6), rng.uniform(-0.2, 0.6)
    glow = np.exp(-(((x - at[0]) / 0.9) ** 2 + ((y - at[1]) / 0.8) ** 2))
    return (0.62 + 0.42 * glow)[..., None] * tone


def wallpaper(y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vertical stripes."""
    wide = rng.uniform(0.05, 0.12)
    stripe = 0.5 + 0.5 * np.tanh(6 * np.sin(2 * np.pi * x / wide))
    return plain(y, x, rng) * (1 - rng.uniform(0.08, 0.2) * stripe)[..., None]


def bricks(y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A brick wall."""
    high = rng.uniform(0.045, 0.07)
    row = np.floor(y / high).astype(int)
    along = x / (3 * high) + 0.5 * (row % 2)
    column = np.floor(along).astype(int)
    shades = rng.uniform(0.75, 1.1, (64, 64))[row % 64, column % 64]
    edge = np.minimum(_distance_to_integer(y / high), 3 * _distance_to_integer(along))
    mortar = np.clip(1 - edge / 0.09, 0, 1)[..., None]
    brick = shades[..., None] * np.float32([150, 88, 70]) * rng.uniform(0.7, 1.0)
    light = plain(y, x, rng) / 170
    return light * (brick + mortar * (np.float32([168, 160, 150]) - brick))


def shelf(y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Books."""
    picture = plain(y, x, rng) * 0.5
    boards = rng.uniform(0.2, 0.28)
    for shelf in range(int(y.max() / boards) + 1):
        left = float(x.min())
        while left < x.max():
            wide, high = rng.uniform(0.018, 0.05), rng.uniform(0.6, 0.92) * boards
            colour = np.float32(rng.uniform(40, 170)) + rng.uniform(-45, 45, 3).astype(np.float32)
            book = (x > left) & (x < left + wide * 0.94)
            book &= (y < (shelf + 0.97) * boards) & (y > (shelf + 0.97) * boards - high)
            picture[book] = np.clip(colour, 15, 220)
            left += wide if rng.random() > 0.06 else 3 * wide
        picture[(y > (shelf + 0.97) * boards) & (y < (shelf + 1) * boards)] = (92, 66, 48)
    return picture


def curtain(y: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Folds of cloth."""
    phase = 2 * np.pi * x / rng.uniform(0.07, 0.14) + 1.5 * np.sin(7 * x + rng.uniform(0, 6))
    fold = 0.78 + 0.22 * np.sin(phase + 0.3 * np.sin(3 * y))
    return plain(y, x, rng) * fold[..., None]


def garden(y: np.ndarray, _: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Leaves and light, out of focus."""
    height, width = y.shape
    side = min(height, width)
    picture = np.full((height, width, 3), (86, 112, 70), np.float32)
    for _ in range(220):
        middle = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        colour = np.float32([70, 100, 50]) * rng.uniform(0.4, 1.7) + rng.uniform(0, 40, 3)
        radius = int(side * rng.uniform(0.015, 0.07))
        cv2.circle(picture, middle, radius, tuple(map(float, colour)), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 0.008 * side)


BACKDROPS: dict[str, Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]] = {
    "plain": plain,
    "wallpaper": wallpaper,
    "bricks": bricks,
    "shelf": shelf,
    "curtain": curtain,
    "garden": garden,
}


def paint_backdrop(kind: str, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Paint one of `BACKDROPS`, a little out of focus, shape (height, width, 3), uint8 RGB."""
    side = min(height, width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.clip(BACKDROPS[kind](y / side, (x - width / 2) / side, rng), 0, 255).astype(
        np.uint8
    )
    return cv2.GaussianBlur(picture, (0, 0), side * rng.uniform(0.001, 0.004))


def draw_table(picture: np.ndarray, top: int, rng: np.random.Generator) -> None:
    """Put a table before whoever sits there: where the shoulders end, a person must not.

    It is drawn into the picture, shape (height, width, 3), uint8 RGB, from the row `top` on.
    """
    rows = len(picture) - top
    if rows <= 0:
        return
    wood = np.float32([124, 88, 62]) * rng.uniform(0.6, 1.15)
    grain = cv2.GaussianBlur(
        rng.standard_normal((rows, picture.shape[1])).astype(np.float32), (0, 0), 14, sigmaY=0.8
    )
    shade = np.linspace(1.12, 0.8, rows, dtype=np.float32)[:, None] * (1 + 0.5 * grain)
    picture[top:] = np.clip(shade[..., None] * wood, 0, 255).astype(np.uint8)
    edge = max(2, rows // 60)
    picture[top : top + edge] = np.clip(picture[top : top + edge] * 1.25, 0, 255).astype(np.uint8)


def _distance_to_integer(at: np.ndarray) -> np.ndarray:
    """Distance to the nearest whole number."""
    return np.abs(at - np.rint(at))


class Scene(NamedTuple):
    """How a clip and all its fakes are filmed."""

    width: int  # pixels
    height: int
    face: float  # width of the head, in widths of the picture
    x: float  # where the face's middle is, in widths
    y: float  # the height of the eyes, in heights from above
    backdrop: str  # a key of `BACKDROPS`
    brightness: float  # 1 = a well-lit room
    warmth: float  # above 0 = yellowish, below 0 = bluish
    sway: float  # how far the camera moves, in widths; 0 = on a stand
    grain: float  # standard deviation of the sensor's noise, of 255
    partner: bool  # who is spoken to sits to the right of the camera, not to the left
    room: float  # dB of full scale, the level of the room's noise


def draw_scene(shape: tuple[int, int], near: float, rng: np.random.Generator) -> Scene:
    """Draw a scene.

    Args:
        shape: of the picture, width and height in pixels.
        near: 0 = the face is as far away as in any clip, 1 = as near.
        rng: for all else.
    """
    width, height = shape
    form = "portrait" if height > width else "landscape"
    face = FARTHEST[form] * (NEAREST[form] / FARTHEST[form]) ** near
    face = max(face, LEAST / width)
    dark = rng.random() < DARK
    moving = rng.random() < MOVING
    return Scene(
        width,
        height,
        face=round(face, 4),
        x=round(0.5 + rng.uniform(-1, 1) * min(0.24, max(0.44 - face, 0)), 3),
        y=round(rng.uniform(0.40, 0.50), 3),
        backdrop=str(rng.choice(list(BACKDROPS))),
        brightness=round(rng.uniform(0.4, 0.6) if dark else rng.uniform(0.8, 1.15), 3),
        warmth=round(rng.uniform(-0.12, 0.16), 3),
        sway=round(rng.uniform(0.004, 0.015), 4) if moving else 0.0,
        grain=round(rng.uniform(1.0, 2.5), 2) if dark and width * height < GRAINY else 0.0,
        partner=bool(rng.random() < 0.5),
        room=round(rng.uniform(-66, -50), 1),
    )
