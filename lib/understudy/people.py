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


@dataclass(frozen=True)
class Appearance:
    """How a person looks."""

    sex: str  # `F` or `M`
    age: int  # years, 18 to 75
    # shares of the shapes of African, Asian and European faces; they sum to 1
    origin: tuple[float, float, float]
    skin: Colour  # colour of the skin
    hair: str  # `cropped`, `short`, `tied`, `bob`, `long`, `receding` or `bald`
    hair_colour: Colour  # of hair and brows
    beard: float  # 0 = shaven, 0.5 = stubble, 1 = full beard
    iris: Colour  # colour of the eyes
    lips: float  # how strongly the lips are made up, 0 to 1
    clothes: Colour  # colour of the shirt
    wall: Colour  # colour of the wall behind
    weight: float  # -1 = lean, 0 = average, 1 = heavy
    seed: int  # of the features of the face


class Person(NamedTuple):
    """A person of the table."""

    id: str  # session and sex, as IEMOCAP's `Ses01F`; or DFDC's folder, sex and number: `45F1`
    appearance: Appearance
    voice: str  # espeak-ng's language and variant
    native: float  # Hz, that voice's median pitch at espeak-ng's pitch 50
    pitch: float  # Hz, of the person
    tract: float  # ratio of the person's formants to the voice's


@dataclass(frozen=True)
class Actor:
    """A person with a voice and habits."""

    id: str  # the person's
    sex: str  # `F` or `M`
    voice: str  # espeak-ng's language and variant
    native: float  # the voice's own pitch in Hz
    pitch: float  # the person's usual pitch in Hz
    tract: float  # ratio of the person's formants to the voice's
    habit: Prosody  # how the person differs from plain speech in every turn
    style: dict[str, float]  # for each emotion, how strongly the person shows it; 1 is average


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
    pitches = int(row["native"]), int(row["pitch"])
    return Person(row["id"], appearance, row["voice"], *pitches, float(row["tract"]))


with (DATA / "people.csv").open(encoding="utf-8", newline="") as _file:
    PEOPLE = {row["id"]: _person(row) for row in csv.DictReader(_file)}
"""By id, in IEMOCAP's sessions first, then in DFDC's folders: four in each, six in the last."""


def people_of_folder(folder: int) -> list[Person]:
    """Return the people of one of DFDC's folders; nobody is in two."""
    return [person for id_, person in PEOPLE.items() if id_.startswith(f"{folder}")]


def actor(seed: int, id_: str) -> Actor:
    """Return the voice and habits of one of `PEOPLE` in a corpus of a seed."""
    person, rng = PEOPLE[id_], generator(seed, id_)
    habit = HABIT_SPREAD.draw(rng)
    overall = rng.uniform(0.8, 1.2)
    style = {code: round(overall * float(np.exp(rng.normal(0, 0.15))), 3) for code in EMOTIONS}
    pitch = round(person.pitch * 2 ** (rng.normal(0, 0.5) / 12), 1)
    sex = person.appearance.sex
    return Actor(id_, sex, person.voice, person.native, pitch, person.tract, habit, style)


def cast(seed: int) -> dict[str, Actor]:
    """Return the ten actors of IEMOCAP's stand-in by id."""
    ids = (f"Ses{session:02d}{sex}" for session in SESSIONS for sex in "FM")
    return {id_: actor(seed, id_) for id_ in ids}
