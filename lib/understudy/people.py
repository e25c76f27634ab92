"""Who plays: ten people in IEMOCAP's stand-in and 22 others in DFDC's, as `data/people.csv` says.

Voices and looks were chosen by ear and eye, and are the same in every corpus; its seed gives
everybody other habits.
"""

import csv
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from understudy.emotions import EMOTIONS
from understudy.files import DATA
from understudy.prosody import HABIT_SPREAD, Prosody
from understudy.seeding import generator

SESSIONS = (1, 2, 3, 4, 5)
Colour = tuple[int, int, int]  # sRGB, 0 to 255


class Voice(NamedTuple):
    """A voice of espeak-ng and the person it is lent to."""

    name: str  # espeak-ng's language and variant
    native: float  # Hz, its median pitch at espeak-ng's pitch 50
    pitch: float  # Hz, of the person
    tract: float  # ratio of the person's formants to the voice's


@dataclass(frozen=True)
class Appearance:
    """How a person looks.

    Attributes:
        sex: `F` or `M`.
        age: years, 18 to 75.
        origin: shares of the shapes of African, Asian and European faces; they sum to 1.
        skin: colour of the skin.
        hair: `cropped`, `short`, `tied`, `bob`, `long`, `receding` or `bald`.
        hair_colour: of hair and brows.
        beard: 0 = shaven, 0.5 = stubble, 1 = full beard.
        iris: colour of the eyes.
        lips: how strongly the lips are made up, 0 to 1.
        clothes: colour of the shirt.
        wall: colour of the wall behind.
        weight: -1 = lean, 0 = average, 1 = heavy.
        seed: of the features of the face.
    """

    sex: str
    age: int
    origin: tuple[float, float, float]
    skin: Colour
    hair: str
    hair_colour: Colour
    beard: float
    iris: Colour
    lips: float
    clothes: Colour
    wall: Colour
    weight: float
    seed: int


class Person(NamedTuple):
    """A person of the table."""

    id: str  # session and sex, as IEMOCAP's `Ses01F`; or DFDC's folder, sex and number: `45F1`
    appearance: Appearance
    voice: Voice


@dataclass(frozen=True)
class Actor:
    """A person with a voice and habits.

    Attributes:
        id: the person's.
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
    habit: Prosody
    style: dict[str, float]


def _person(row: dict[str, str]) -> Person:
    colours = ("skin", "hair_colour", "iris", "clothes", "wall")
    appearance = Appearance(
        sex=row["sex"],
        age=int(row["age"]),
        origin=(float(row["african"]), float(row["asian"]), float(row["european"])),
        hair=row["hair"],
        seed=int(row["seed"]),
        **{name: tuple(bytes.fromhex(row[name])) for name in colours},
        **{name: float(row[name]) for name in ("beard", "lips", "weight")},
    )
    voice = Voice(row["voice"], int(row["native"]), int(row["pitch"]), float(row["tract"]))
    return Person(row["id"], appearance, voice)


with (DATA / "people.csv").open(encoding="utf-8", newline="") as _file:
    PEOPLE = {row["id"]: _person(row) for row in csv.DictReader(_file)}
"""By id, in IEMOCAP's sessions first, then in DFDC's folders: four in each, six in the last."""


def people_of_folder(folder: int) -> list[Person]:
    """Return the people of one of DFDC's folders; nobody is in two."""
    return [person for id_, person in PEOPLE.items() if id_.startswith(f"{folder}")]


def actor(seed: int, id_: str) -> Actor:
    """Return a person's voice and habits.

    Args:
        seed: the corpus's seed.
        id_: a key of `PEOPLE`.
    """
    voice, rng = PEOPLE[id_].voice, generator(seed, id_)
    habit = HABIT_SPREAD.draw(rng)
    overall = rng.uniform(0.8, 1.2)
    style = {code: round(overall * float(np.exp(rng.normal(0, 0.15))), 3) for code in EMOTIONS}
    pitch = round(voice.pitch * 2 ** (rng.normal(0, 0.5) / 12), 1)
    sex = PEOPLE[id_].appearance.sex
    return Actor(id_, sex, voice.name, voice.native, pitch, voice.tract, habit, style)


def cast(seed: int) -> dict[str, Actor]:
    """Return the ten actors of IEMOCAP's stand-in by id."""
    ids = (f"Ses{session:02d}{sex}" for session in SESSIONS for sex in "FM")
    return {id_: actor(seed, id_) for id_ in ids}
