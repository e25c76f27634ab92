"""A performance: who says what, with which emotional course in time.

Everything an actor shows is made from it: the voice from the part, the face from the same part and
from the times of the phonemes. The plan writes parts; speaking one makes it a performance.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

RATE = 16_000  # Hz, of all sound
SHAPES = ("steady", "rise", "fall", "swell")


@dataclass(frozen=True)
class Course:
    """How strongly one emotion shows over a turn.

    Attributes:
        shape: one of `SHAPES`.
        peak: the largest intensity, in (0, 1].
    """

    shape: str
    peak: float

    def at(self, progress: ArrayLike) -> np.ndarray:
        """Return the intensity in [0, 1].

        Args:
            progress: shape (n,) or a number; 0 = the turn's start, 1 = its end.

        Raises:
            ValueError: the shape is unknown.
        """
        u = np.clip(np.asarray(progress, dtype=float), 0.0, 1.0)
        ramp = 0.5 - 0.5 * np.cos(np.pi * u)
        match self.shape:
            case "steady":
                part = np.full_like(u, 0.9)
            case "rise":
                part = 0.45 + 0.55 * ramp
            case "fall":
                part = 1.0 - 0.55 * ramp
            case "swell":
                part = 0.45 + 0.55 * np.sin(np.pi * u)
            case _:
                raise ValueError(f"shape is {self.shape!r}, expected one of {SHAPES}")
        return self.peak * part


@dataclass(frozen=True)
class Part:
    """What the plan hands to an actor: one turn before it is spoken.

    Attributes:
        turn: IEMOCAP's name of the turn, such as `Ses01F_impro01_F000`.
        actor: the actor's id, such as `Ses01F`.
        emotion: the acted emotion, a key of `understudy.emotions.EMOTIONS`.
        sentences: indices into `understudy.sentences.SENTENCES`, in the order they are said.
        course: how strongly the emotion shows.
        pause: silence between two sentences in s; it grows where `least` asks for it.
        least: least duration of the turn in s.
        gap: time since the turn before ended, in s; negative where it is interrupted.
    """

    turn: str
    actor: str
    emotion: str
    sentences: tuple[int, ...]
    course: Course
    pause: float
    least: float
    gap: float


class Phoneme(NamedTuple):
    """A speech sound and when it begins."""

    start: float  # s since the turn's start
    symbol: str  # espeak-ng's mnemonic; `_` is silence


@dataclass(frozen=True)
class Performance:
    """A part as it was spoken.

    Attributes:
        part: what was to be played.
        start: of the turn in its dialog, in s.
        end: of the turn in its dialog, in s.
        phonemes: in the order of their times.
    """

    part: Part
    start: float
    end: float
    phonemes: tuple[Phoneme, ...]

    def intensity(self, times: ArrayLike) -> np.ndarray:
        """Return the emotion's intensity in [0, 1].

        Args:
            times: shape (n,) or a number; s since the turn's start.
        """
        return self.part.course.at(np.asarray(times, dtype=float) / (self.end - self.start))


def dumps(performances: list[Performance]) -> str:
    """Return performances as JSON, one turn a line."""
    lines = ",\n".join(json.dumps(asdict(p) | {"phonemes": p.phonemes}) for p in performances)
    return f"[\n{lines}\n]\n"


def load(path: str | Path) -> list[Performance]:
    """Read the performances of one dialog.

    Args:
        path: a file `performances/<dialog>.json` of a corpus that the understudy wrote.

    Returns:
        One performance for each turn, in the order they were spoken.
    """
    performances = []
    for row in json.loads(Path(path).read_text(encoding="utf-8")):
        part = row["part"] | {
            "course": Course(**row["part"]["course"]),
            "sentences": tuple(row["part"]["sentences"]),
        }
        phonemes = tuple(Phoneme(*phoneme) for phoneme in row["phonemes"])
        performances.append(Performance(Part(**part), row["start"], row["end"], phonemes))
    return performances
