"""IEMOCAP's ten emotions: what they are like, and what evaluators take them for.

Evaluators see what was acted only through what shows, and do not always agree.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from understudy.files import read_yaml
from understudy.performance import Part
from understudy.prosody import Prosody

NO_MAJORITY = "xxx"  # IEMOCAP's code for a turn on which the evaluators do not agree
SECOND_LABEL = 0.07  # probability that an evaluator names two emotions
RATING_NOISE = 0.55  # standard deviation of a rating, on the scale 1-5
REMARKS = ("curious", "amused", "annoyed", "hesitant")  # what `Other` was meant to be


class HeadStyle(NamedTuple):
    """How a head is held and moved; as a deviation, at full intensity of an emotion."""

    tempo: float = 0.0  # natural logarithm of the speed's ratio
    sway: float = 0.0  # the same of the amplitude, nods included
    bow: float = 0.0  # radians, positive is down
    tilt: float = 0.0  # radians, to the person's own side
    lowered: float = 0.0  # radians by which the gaze sinks
    averse: float = 0.0  # probability of a look that is not at the partner
    blink: float = 0.0  # natural logarithm of the rate's ratio
    breath: float = 0.0  # the same, of breathing


@dataclass(frozen=True)
class Emotion:
    """One category of IEMOCAP, at full intensity and by a person of average expressiveness."""

    name: str  # as an evaluator names it in EmoEvaluation, such as `Happiness`
    # valence, activation and dominance, each on IEMOCAP's scale 1-5
    feel: tuple[float, float, float]
    clarity: float  # probability that it is recognised
    neighbours: dict[str, float]  # what it is taken for otherwise, with relative weights
    prosody: Prosody  # what the voice does
    head: HeadStyle  # what the head does
    # what whoever listens shows: of which emotion, and what share of its intensity
    reaction: dict[str, float]
    # variants of what the face does, weights as `understudy.head.units` takes them
    faces: tuple[dict[str, float], ...]


def _emotion(row: dict) -> Emotion:
    prosody, head = Prosody(**row.pop("prosody")), HeadStyle(**row.pop("head"))
    feel, faces = tuple(row.pop("feel")), tuple(row.pop("faces"))
    return Emotion(**row, prosody=prosody, head=head, feel=feel, faces=faces)


EMOTIONS = {code: _emotion(row) for code, row in read_yaml("emotions.yaml").items()}
CALM = EMOTIONS["neu"].feel


class Judgement(NamedTuple):
    """What one evaluator wrote about one turn."""

    evaluator: str  # E1-E4, or F1 and M1 for the actors' judgement of themselves
    emotions: tuple[str, ...]  # codes, one or two
    remark: str  # in parentheses at the end of a line; empty mostly
    ratings: tuple[int, int, int]  # valence, activation, dominance, 1-5


def judge(evaluator: str, part: Part, rng: np.random.Generator) -> Judgement:
    """Let one evaluator judge one turn.

    What is acted strongly is recognised mostly, what is acted weakly is taken for a neighbour.
    """
    acted, peak = EMOTIONS[part.emotion], part.course.peak
    clarity = acted.clarity * (0.35 + 0.65 * peak)
    codes, weights = zip(*acted.neighbours.items(), strict=True)
    doubts = np.array(weights) * [1.8 - peak if code == "neu" else 1.0 for code in codes]
    chances = (1 - clarity) * doubts / doubts.sum()
    count = 2 if rng.random() < SECOND_LABEL else 1
    heard = rng.choice([part.emotion, *codes], count, replace=False, p=[clarity, *chances])
    emotions = tuple(str(code) for code in heard)
    remark = str(rng.choice(REMARKS)) if "oth" in emotions else ""
    felt = np.array(CALM) + peak * (np.array(acted.feel) - CALM)
    ratings = np.clip(np.rint(felt + RATING_NOISE * rng.standard_normal(3)), 1, 5)
    return Judgement(evaluator, emotions, remark, tuple(int(r) for r in ratings))


def majority(votes: Iterable[tuple[str, ...]]) -> str:
    """Return the emotion that more than half of three evaluators name, and no other equals.

    Args:
        votes: for each evaluator the codes of the emotions that were named.

    Returns:
        A code of `EMOTIONS`, or `xxx` where there is no such emotion.
    """
    counts = Counter(code for named in votes for code in named).most_common(2)
    first, most = counts[0]
    tied = len(counts) > 1 and counts[1][1] == most
    return NO_MAJORITY if most < 2 or tied else first
