"""The ten actors: one woman and one man for each of five sessions, each a voice of their own."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from understudy.emotions import EMOTIONS
from understudy.manner import HABIT_SPREAD, Manner
from understudy.seeding import generator

SESSIONS = (1, 2, 3, 4, 5)


class Voice(NamedTuple):
    """A voice of espeak-ng and the person it is lent to."""

    name: str  # espeak-ng's language and variant
    native: float  # Hz, its median pitch at espeak-ng's pitch 50
    pitch: float  # Hz, of the person
    tract: float  # ratio of the person's formants to the voice's


VOICES = {
    "F": (
        Voice("en-us+f2", 194, 206, 1.00),
        Voice("en-us+linda", 233, 186, 0.96),
        Voice("en-us+belinda", 234, 230, 1.03),
        Voice("en-us+f4", 179, 196, 0.98),
        Voice("en-us+f5", 206, 218, 1.05),
    ),
    "M": (
        Voice("en-us+m3", 110, 112, 1.00),
        Voice("en-us+m6", 105, 98, 0.96),
        Voice("en-us+max", 105, 124, 1.03),
        Voice("en-us+m1", 97, 106, 1.05),
        Voice("en-us+Denis", 103, 116, 0.98),
    ),
}


@dataclass(frozen=True)
class Actor:
    """A person with a voice and habits.

    Attributes:
        id: the session and the sex, as IEMOCAP numbers its speakers: `Ses01F`.
        sex: `F` or `M`.
        voice: espeak-ng's language and variant.
        native: the voice's own pitch in Hz.
        pitch: the person's usual pitch in Hz.
        tract: ratio of the person's formants to the voice's.
        habit: how the person differs from plain speech in every turn.
        style: for each emotion, how strongly the person shows it; 1 is average.
    """

    id: str
    sex: str
    voice: str
    native: float
    pitch: float
    tract: float
    habit: Manner
    style: dict[str, float]


def cast(seed: int) -> dict[str, Actor]:
    """Return the ten actors of a corpus by id: voices are fixed, habits come with the seed."""
    people = (
        person(seed, f"Ses{session:02d}{sex}", sex, VOICES[sex][session - 1])
        for session in SESSIONS
        for sex in ("F", "M")
    )
    return {actor.id: actor for actor in people}


def person(seed: int, name: str, sex: str, voice: Voice) -> Actor:
    """Return somebody with habits, which come with the seed.

    Args:
        seed: the corpus's seed.
        name: the person's id.
        sex: `F` or `M`.
        voice: the person's.
    """
    rng = generator(seed, name)
    habit = draw(HABIT_SPREAD, rng)
    overall = rng.uniform(0.8, 1.2)
    style = {code: round(overall * float(np.exp(rng.normal(0, 0.15))), 3) for code in EMOTIONS}
    pitch = round(voice.pitch * 2 ** (rng.normal(0, 0.5) / 12), 1)
    return Actor(name, sex, voice.name, voice.native, pitch, voice.tract, habit, style)


def draw(spread: Manner, rng: np.random.Generator) -> Manner:
    """Return a random deviation, within two standard deviations of none.

    Args:
        spread: a standard deviation for each thing a voice can do.
        rng: where the numbers come from.
    """
    values = np.clip(rng.standard_normal(8), -2.0, 2.0)
    spreads = vars(spread).items()
    return Manner(
        **{k: round(float(z) * s, 4) + 0.0 for (k, s), z in zip(spreads, values, strict=True)}
    )
