"""Evaluators, who see what was acted only through what shows, and do not always agree."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from understudy.emotions import CALM, EMOTIONS, NO_MAJORITY
from understudy.performance import Part

SECOND_LABEL = 0.07  # probability that an evaluator names two emotions
RATING_NOISE = 0.55  # standard deviation of a rating, on the scale 1-5
REMARKS = ("curious", "amused", "annoyed", "hesitant")  # what `Other` was meant to be


class Judgement(NamedTuple):
    """What one evaluator wrote about one turn."""

    evaluator: str  # E1-E4, or F1 and M1 for the actors' judgement of themselves
    emotions: tuple[str, ...]  # codes, one or two
    remark: str  # in parentheses at the end of a line; empty mostly
    ratings: tuple[int, int, int]  # valence, activation, dominance, 1-5


def judge(evaluator: str, part: Part, rng: np.random.Generator) -> Judgement:
    """Let one evaluator judge one turn.

    What is acted strongly is recognised mostly, what is acted weakly is taken for a neighbour.

    Args:
        evaluator: the evaluator's name.
        part: what was played.
        rng: where the evaluator's doubts come from.
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
