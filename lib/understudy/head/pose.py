"""What a head does at one moment: 52 face units, where it is turned, where it has moved to."""

from typing import NamedTuple

import numpy as np

from understudy.errors import UnderstudyError

UNITS = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight",
    "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft",
    "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight",
    "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight",
    "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""ARKit's names; Left and Right are the actor's own, so Left is on the viewer's right."""

FURTHEST_TURN = (0.70, 0.50, 0.50)  # radians of yaw, pitch and roll; a pose beyond is held here
FURTHEST_SHIFT = 0.30  # head widths


class Pose(NamedTuple):
    """What a head does at one moment.

    Signs follow the picture, whose x runs to the viewer's right and whose y runs down. What lies
    beyond a limit is drawn at the limit: units at 0 and 1, turns at `FURTHEST_TURN`, shifts at
    `FURTHEST_SHIFT`.

    Attributes:
        units: shape (52,), the weight of each of `UNITS` in [0, 1].
        rotation: yaw, pitch and roll in radians. Yaw > 0: the face turns to the viewer's right;
            pitch > 0: it nods downwards; roll > 0: the crown leans to the viewer's right.
        shift: x and y in head widths. x > 0: the head moves to the viewer's right; y > 0: down.
            The shoulders stay where they are.
    """

    units: np.ndarray
    rotation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)

    def held(self) -> "Pose":
        """Return the pose within the limits.

        Raises:
            UnderstudyError: a shape is wrong, or a value is not finite.
        """
        units = np.asarray(self.units, np.float32)
        rotation = np.asarray(self.rotation, np.float32)
        shift = np.asarray(self.shift, np.float32)
        for name, value, length in (
            ("units", units, 52),
            ("rotation", rotation, 3),
            ("shift", shift, 2),
        ):
            if value.shape != (length,) or not np.isfinite(value).all():
                raise UnderstudyError(
                    f"pose: {name} must be {length} finite numbers, got {getattr(self, name)}"
                )
        turn = np.clip(rotation, np.negative(FURTHEST_TURN), FURTHEST_TURN)
        moved = np.clip(shift, -FURTHEST_SHIFT, FURTHEST_SHIFT)
        return Pose(np.clip(units, 0, 1), tuple(map(float, turn)), tuple(map(float, moved)))


def units(**weights: float) -> np.ndarray:
    """Return the weights of all units, shape (52,), from those that are named.

    Args:
        weights: a unit's name, or its name without Left and Right for both sides.

    Raises:
        UnderstudyError: there is no such unit.
    """
    values = np.zeros(len(UNITS), np.float32)
    for name, weight in weights.items():
        sides = [u for u in (name, f"{name}Left", f"{name}Right") if u in UNITS]
        if not sides:
            raise UnderstudyError(f"no face unit is called {name!r}")
        values[[UNITS.index(side) for side in sides]] = weight
    return values
