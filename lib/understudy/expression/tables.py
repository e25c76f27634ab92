"""What faces do: emotions as weights of facial units, and how a head is carried in each.

A name without a side stands for both: `mouthSmile` for `mouthSmileLeft` and `mouthSmileRight`. The
units are ARKit's; the emotions follow the action units that Ekman and Friesen's FACS lists for
them. Each emotion has variants, for nobody is angry in one way only.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from understudy.head import units

# At full intensity, by a person of average expressiveness.
EMOTIONS: dict[str, tuple[dict[str, float], ...]] = {
    "neu": (
        {},
        {"mouthPress": 0.18, "browInnerUp": 0.12},
        {"browOuterUp": 0.15, "mouthDimple": 0.12},
    ),
    "ang": (
        {  # lips tight
            "browDown": 1.0,
            "eyeSquint": 0.6,
            "noseSneer": 0.4,
            "mouthPress": 0.35,
            "mouthRollLower": 0.3,
            "mouthRollUpper": 0.2,
            "mouthFrown": 0.6,
            "jawForward": 0.3,
        },
        {  # teeth bared
            "browDown": 0.95,
            "eyeWide": 0.35,
            "noseSneer": 0.8,
            "mouthUpperUp": 0.5,
            "mouthLowerDown": 0.45,
            "mouthStretch": 0.4,
            "mouthFrown": 0.3,
            "jawOpen": 0.08,
        },
        {  # glaring, the jaw pushed forward
            "browDown": 0.9,
            "eyeWide": 0.6,
            "noseSneer": 0.3,
            "mouthFrown": 0.6,
            "mouthShrugLower": 0.4,
            "jawForward": 0.5,
        },
    ),
    "hap": (
        {  # a broad smile
            "mouthSmile": 1.0,
            "mouthDimple": 0.25,
            "cheekSquint": 0.75,
            "eyeSquint": 0.3,
        },
        {  # a grin
            "mouthSmile": 0.95,
            "mouthUpperUp": 0.4,
            "cheekSquint": 0.85,
            "eyeSquint": 0.4,
            "jawOpen": 0.06,
        },
        {  # warm
            "mouthSmile": 0.85,
            "mouthDimple": 0.4,
            "cheekSquint": 0.5,
            "browInnerUp": 0.3,
            "browOuterUp": 0.25,
        },
    ),
    "exc": (
        {  # beaming
            "mouthSmile": 1.0,
            "mouthUpperUp": 0.3,
            "jawOpen": 0.16,
            "browOuterUp": 0.65,
            "browInnerUp": 0.5,
            "eyeWide": 0.55,
            "cheekSquint": 0.3,
        },
        {  # close to laughing
            "mouthSmile": 1.0,
            "mouthUpperUp": 0.4,
            "mouthLowerDown": 0.3,
            "jawOpen": 0.22,
            "cheekSquint": 0.7,
            "browOuterUp": 0.35,
        },
        {  # wide-eyed
            "mouthSmile": 0.75,
            "jawOpen": 0.24,
            "browOuterUp": 0.9,
            "browInnerUp": 0.7,
            "eyeWide": 0.75,
        },
    ),
    "sad": (
        {  # grieving
            "browInnerUp": 1.0,
            "browDown": 0.15,
            "mouthFrown": 1.0,
            "mouthShrugLower": 0.5,
            "eyeBlink": 0.25,
        },
        {  # dull
            "browInnerUp": 0.75,
            "mouthFrown": 0.7,
            "eyeBlink": 0.38,
            "mouthShrugLower": 0.2,
        },
        {  # close to tears
            "browInnerUp": 0.95,
            "browDown": 0.4,
            "mouthStretch": 0.35,
            "mouthFrown": 0.85,
            "mouthRollLower": 0.3,
            "cheekSquint": 0.35,
            "eyeSquint": 0.3,
        },
    ),
    "fru": (
        {  # exasperated
            "browDown": 0.6,
            "browInnerUp": 0.35,
            "mouthPress": 0.7,
            "mouthFrown": 0.35,
            "cheekPuff": 0.2,
            "eyeBlink": 0.15,
        },
        {  # lips pursed
            "browDown": 0.7,
            "mouthPucker": 0.35,
            "mouthShrugUpper": 0.4,
            "eyeSquint": 0.45,
            "noseSneer": 0.2,
        },
        {  # incredulous
            "browOuterUpLeft": 0.75,
            "browDownRight": 0.55,
            "mouthFrown": 0.5,
            "mouthStretch": 0.3,
            "mouthLeft": 0.25,
            "eyeSquintRight": 0.3,
        },
    ),
    "sur": (
        {"browInnerUp": 0.9, "browOuterUp": 1.0, "eyeWide": 1.0, "jawOpen": 0.22},
        {
            "browInnerUp": 0.7,
            "browOuterUp": 0.9,
            "eyeWide": 0.7,
            "mouthFunnel": 0.4,
            "jawOpen": 0.14,
        },
    ),
    "fea": (
        {
            "browInnerUp": 1.0,
            "browOuterUp": 0.45,
            "browDown": 0.4,
            "eyeWide": 0.9,
            "mouthStretch": 0.75,
            "mouthFrown": 0.2,
            "jawOpen": 0.08,
        },
        {  # frozen
            "browInnerUp": 0.85,
            "browDown": 0.3,
            "eyeWide": 1.0,
            "mouthPress": 0.35,
            "mouthRollLower": 0.35,
            "mouthStretch": 0.4,
        },
    ),
    "dis": (
        {
            "noseSneer": 1.0,
            "mouthUpperUp": 0.55,
            "browDown": 0.55,
            "eyeSquint": 0.45,
            "mouthFrown": 0.4,
        },
        {
            "noseSneer": 0.7,
            "mouthShrugUpper": 0.5,
            "mouthShrugLower": 0.4,
            "mouthFrown": 0.6,
            "browDown": 0.3,
            "eyeBlink": 0.15,
        },
    ),
    "oth": (
        {  # amused on one side
            "mouthSmileLeft": 0.6,
            "mouthDimpleLeft": 0.4,
            "browOuterUpRight": 0.6,
            "eyeSquintLeft": 0.3,
        },
        {  # in doubt
            "mouthRight": 0.4,
            "mouthPucker": 0.3,
            "browDownLeft": 0.4,
            "browOuterUpRight": 0.5,
        },
    ),
}

# What the one who listens shows of an emotion: of which, and what share of its intensity.
REACTIONS: dict[str, dict[str, float]] = {
    "neu": {},
    "ang": {"fru": 0.22, "fea": 0.14},
    "hap": {"hap": 0.4},
    "exc": {"hap": 0.38, "sur": 0.14},
    "sad": {"sad": 0.32},
    "fru": {"sad": 0.12, "fru": 0.14},
    "sur": {"sur": 0.25},
    "fea": {"sad": 0.2, "fea": 0.12},
    "dis": {"dis": 0.22},
    "oth": {"oth": 0.2},
}


class Bearing(NamedTuple):
    """How a head is carried and moved; as a deviation, at full intensity of an emotion."""

    tempo: float = 0.0  # natural logarithm of the speed's ratio
    sway: float = 0.0  # the same of the amplitude, nods included
    bow: float = 0.0  # radians, positive is down
    tilt: float = 0.0  # radians, to the person's own side
    lowered: float = 0.0  # radians by which the gaze sinks
    averse: float = 0.0  # probability of a look that is not at the partner
    blink: float = 0.0  # natural logarithm of the rate's ratio
    breath: float = 0.0  # the same, of breathing


BEARINGS = {
    "neu": Bearing(),
    "ang": Bearing(0.5, 0.55, 0.07, 0.0, -0.02, -0.15, -0.5, 0.5),
    "hap": Bearing(0.25, 0.35, -0.03, 0.05, 0.0, -0.05, 0.0, 0.2),
    "exc": Bearing(0.6, 0.7, -0.06, 0.04, -0.03, -0.08, 0.2, 0.6),
    "sad": Bearing(-0.5, -0.35, 0.14, 0.07, 0.16, 0.3, 0.15, -0.2),
    "fru": Bearing(0.2, 0.3, 0.02, 0.03, 0.02, 0.2, 0.2, 0.3),
    "sur": Bearing(0.3, 0.1, -0.07, 0.0, -0.03, -0.12, -0.6, 0.3),
    "fea": Bearing(0.5, -0.15, -0.03, 0.02, 0.0, 0.15, 0.6, 0.8),
    "dis": Bearing(-0.1, 0.1, -0.05, 0.06, 0.03, 0.25, 0.2, 0.0),
    "oth": Bearing(0.0, 0.1, 0.0, 0.07, -0.05, 0.15, 0.0, 0.0),
}


def table(rows: Iterable[dict[str, float]]) -> np.ndarray:
    """Return the weights of several faces, shape (n, 52)."""
    return np.array([units(**row) for row in rows])
