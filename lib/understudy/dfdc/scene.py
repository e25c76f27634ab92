"""Where a clip is filmed: the picture, the face's place in it, the light, the camera's hand."""

from typing import NamedTuple

import numpy as np

from understudy.dfdc.backdrop import KINDS

NEAREST = {"landscape": 0.30, "portrait": 0.46}  # width of the head, of the picture's
FARTHEST = {"landscape": 0.10, "portrait": 0.17}
LEAST = 48  # pixels, width of any head
DARK = 0.3  # probability of a dark room
GRAINY = 1_000_000  # pixels; in larger pictures noise would take all of the time, and of the disk
MOVING = 0.5  # probability of a camera in somebody's hand


class Scene(NamedTuple):
    """How a clip and all its fakes are filmed."""

    width: int  # pixels
    height: int
    face: float  # width of the head, in widths of the picture
    x: float  # where the face's middle is, in widths
    y: float  # the height of the eyes, in heights from above
    backdrop: str  # a key of `backdrop.KINDS`
    brightness: float  # 1 = a well-lit room
    warmth: float  # above 0 = yellowish, below 0 = bluish
    sway: float  # how far the camera moves, in widths; 0 = on a stand
    grain: float  # standard deviation of the sensor's noise, of 255
    partner: bool  # who is spoken to sits to the right of the camera, not to the left
    room: float  # dB of full scale, the level of the room's noise


def scene(shape: tuple[int, int], near: float, rng: np.random.Generator) -> Scene:
    """Draw a scene.

    Args:
        shape: of the picture, width and height in pixels.
        near: 0 = the face is as far away as in any clip, 1 = as near.
        rng: where the rest comes from.
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
        backdrop=str(rng.choice(list(KINDS))),
        brightness=round(rng.uniform(0.4, 0.6) if dark else rng.uniform(0.8, 1.15), 3),
        warmth=round(rng.uniform(-0.12, 0.16), 3),
        sway=round(rng.uniform(0.004, 0.015), 4) if moving else 0.0,
        grain=round(rng.uniform(1.0, 2.5), 2) if dark and width * height < GRAINY else 0.0,
        partner=bool(rng.random() < 0.5),
        room=round(rng.uniform(-66, -50), 1),
    )
