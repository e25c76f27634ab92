"""What is peculiar to one face: the same emotion looks different on everybody."""

from dataclasses import dataclass

import numpy as np

from understudy.actors import Actor
from understudy.emotions import EMOTIONS
from understudy.expression import tables
from understudy.head import UNITS, units
from understudy.seeding import generator

RESTING = ("browDown", "browInnerUp", "mouthFrown", "mouthSmile", "mouthPress", "eyeSquint")


@dataclass(frozen=True)
class Person:
    """The habits of one actor's face.

    Attributes:
        style: for each emotion, how strongly the person shows it, as in the voice; 1 is average.
        gains: shape (52,), how far the person moves each unit; 1 is average.
        resting: shape (52,), the units of a face without emotion.
        taste: for each emotion the weights of its variants, which sum to 1.
        receptive: how much shows of what the partner feels; 1 is average.
        articulate: how far the mouth opens in speech; 1 is average.
        tempo: of the head's movements; 1 is average.
        sway: of their amplitude.
        emphatic: of the brows' and the head's part in stressed words.
        blinks: a minute.
        carriage: yaw, pitch and roll in radians to which the head returns.
    """

    style: dict[str, float]
    gains: np.ndarray
    resting: np.ndarray
    taste: dict[str, np.ndarray]
    receptive: float
    articulate: float
    tempo: float
    sway: float
    emphatic: float
    blinks: float
    carriage: np.ndarray


def person(seed: int, actor: Actor) -> Person:
    """Return the habits of an actor's face; they come with the seed, as those of the voice do."""
    rng = generator(seed, actor.id, "face")
    together = np.array([name.removesuffix("Left").removesuffix("Right") for name in UNITS])
    _, unit = np.unique(together, return_inverse=True)
    lopsided = rng.normal(0, 0.1)
    left = np.array([name.endswith("Left") for name in UNITS])
    right = np.array([name.endswith("Right") for name in UNITS])
    gains = np.exp(rng.normal(0, 0.2, unit.max() + 1))[unit]
    gains *= 1 + lopsided * left - lopsided * right + rng.normal(0, 0.06, len(gains))
    resting = {str(name): abs(rng.normal(0, 0.07)) for name in rng.choice(RESTING, 2, False)}
    return Person(
        style=actor.style,
        gains=gains,
        resting=units(**resting),
        taste={e: rng.dirichlet(np.full(len(tables.EMOTIONS[e]), 0.8)) for e in EMOTIONS},
        receptive=rng.uniform(0.6, 1.3),
        articulate=rng.uniform(0.85, 1.15),
        tempo=np.exp(rng.normal(0, 0.15)),
        sway=np.exp(rng.normal(0, 0.2)),
        emphatic=rng.uniform(0.5, 1.4),
        blinks=rng.uniform(12, 22),
        carriage=rng.normal(0, 1, 3) * [0.03, 0.03, 0.03],
    )
