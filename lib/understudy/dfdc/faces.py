"""What is seen of a face: the original's expressions, and the ways in which they are faked.

All but the swap leave no trace in the picture: the same head is filmed again with another course,
and the lips say what the original says.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from understudy.dfdc.people import actor
from understudy.dfdc.plan import REENCODED, UNTOUCHED, Clip, Family
from understudy.dfdc.voices import Take
from understudy.expression import Poses, act
from understudy.performance import Performance

FRAMES = Fraction(30)  # a second

Shown = list[Performance]


def true(performances: Shown, _: Clip) -> Shown:
    """The original's course."""
    return performances


def recast(performances: Shown, clip: Clip) -> Shown:
    """A course of its own, `wrong` or `flat`, at the original's times."""
    return [
        replace(p, part=replace(p.part, emotion=mood.emotion, course=mood.course))
        for p, mood in zip(performances, clip.face, strict=True)
    ]


def late(performances: Shown, clip: Clip) -> Shown:
    """The original's course, some time after the voice's."""
    return [replace(p, start=p.start + clip.delay, end=p.end + clip.delay) for p in performances]


METHODS: dict[str, Callable[[Shown, Clip], Shown]] = {
    UNTOUCHED: true,
    REENCODED: true,
    "swap": true,  # the other identity is drawn by `understudy.dfdc.swap`
    "wrong": recast,
    "flat": recast,
    "late": late,
}


def poses(seed: int, family: Family, take: Take, clip: Clip) -> Poses:
    """Return what the face does in a clip, 30 times a second.

    Args:
        seed: the corpus's seed.
        family: the clip's.
        take: the original's: its phonemes and its loudness move the mouth.
        clip: which one.
    """
    return act(
        seed,
        actor(seed, family.player),
        take.performances,
        take.samples,
        wearer=family.scene.partner,
        shown=METHODS[clip.video](take.performances, clip),
        rate=FRAMES,
    )
