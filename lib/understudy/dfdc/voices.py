"""What is heard in a clip: the original's voice, and the ways in which it is faked.

Every fake says the original's words at the original's times, as well as can be, for the lips must
fit. `resynthesis` goes through a vocoder; the others do not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from understudy.actors import Actor
from understudy.delivery import Delivery, deliver
from understudy.dfdc.moods import Mood
from understudy.dfdc.people import actor
from understudy.dfdc.plan import RESYNTHESISED, UNTOUCHED, Clip, Family
from understudy.dfdc.world import analyse, synthesise, with_prosody
from understudy.espeak import speak
from understudy.iemocap import RATE
from understudy.manner import Manner
from understudy.performance import Part, Performance
from understudy.seeding import generator
from understudy.voice import GRID, PAD, Sound, join, perform

LEAD = 0.15  # s before the first part


@dataclass(frozen=True)
class Take:
    """What was said.

    Attributes:
        samples: shape (n,), float in [-1, 1], at 16 kHz.
        performances: of the parts, in the order they were spoken; the last may be cut off.
    """

    samples: np.ndarray
    performances: list[Performance]


class Order(NamedTuple):
    """A sound that is wanted."""

    seed: int  # the corpus's
    family: Family
    take: Take  # of the original
    clip: Clip


def record(seed: int, family: Family) -> Take:
    """Play an original.

    Args:
        seed: the corpus's seed.
        family: whose original.

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    who = actor(seed, family.player)
    samples = _room(seed, family, "original")
    performances, at = [], LEAD
    for part in family.parts:
        said = perform(seed, deliver(seed, who, part))
        first = GRID * round((at + part.gap) * RATE / GRID)
        at = (first + len(said.samples)) / RATE
        performances.append(Performance(part, first / RATE, at, said.phonemes))
        _mix(samples, said.samples, first)
    return Take(samples, performances)


def heard(order: Order) -> np.ndarray:
    """Return the sound of a clip, shape (n,), float in [-1, 1].

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    return METHODS[order.clip.audio](order)


def untouched(order: Order) -> np.ndarray:
    """The original's sound."""
    return order.take.samples


def resynthesised(order: Order) -> np.ndarray:
    """The original's sound through a vocoder, the emotion intact: real."""
    samples = order.take.samples
    return synthesise(analyse(samples), len(samples))


def resynthesis(order: Order) -> np.ndarray:
    """The same voice through a vocoder, with the prosody of another course."""
    samples = order.take.samples
    return synthesise(with_prosody(analyse(samples), samples, replayed(order)), len(samples))


def other(order: Order) -> np.ndarray:
    """The double's voice, with the emotion of the original."""
    return _dubbed(order, actor(order.seed, order.family.double))


def replayed(order: Order) -> np.ndarray:
    """The same voice, with a course of its own: `wrong` or `flat`."""
    return _dubbed(order, actor(order.seed, order.family.player))


METHODS: dict[str, Callable[[Order], np.ndarray]] = {
    UNTOUCHED: untouched,
    RESYNTHESISED: resynthesised,
    "resynthesis": resynthesis,
    "other": other,
    "wrong": replayed,
    "flat": replayed,
}


def _dubbed(order: Order, who: Actor) -> np.ndarray:
    """Say the original's words at its times, in the clip's moods."""
    seed, family, take, clip = order
    samples = _room(seed, family, clip.name)
    for performance, mood in zip(take.performances, clip.voice, strict=True):
        part = _recast(performance.part, clip, who, mood)
        length = performance.end - performance.start
        said = _in_time(seed, deliver(seed, who, part), length)
        kept = said.samples[: round(length * RATE)]
        _mix(samples, kept, round(performance.start * RATE))
    return samples


def _recast(part: Part, clip: Clip, who: Actor, mood: Mood) -> Part:
    """The part for another time: whoever plays it is not in quite the same mood again."""
    turn = f"{part.turn}_{clip.name}"
    return replace(part, turn=turn, actor=who.id, emotion=mood.emotion, course=mood.course)


def _in_time(seed: int, delivery: Delivery, length: float) -> Sound:
    """Speak a part at the tempo at which it lasts so many seconds, about."""
    part, who = delivery.part, delivery.actor
    spoken, rate = speak(part.turn, who.voice, delivery.lines())
    first, _ = join(spoken, rate, who.tract, part.pause, part.least)
    silent = 2 * PAD + (len(part.sentences) - 1) * part.pause
    ratio = (len(first) / RATE - silent) / (length - silent)
    hurry = Manner(tempo=float(np.log(ratio)))
    return perform(seed, replace(delivery, plain=delivery.plain + hurry))


def _room(seed: int, family: Family, name: str) -> np.ndarray:
    noise = generator(seed, family.stem, name, "room").standard_normal(family.seconds * RATE)
    return 10 ** (family.scene.room / 20) * noise


def _mix(samples: np.ndarray, said: np.ndarray, first: int) -> None:
    """Add speech in place; what lies beyond the clip's end is cut off."""
    last = min(first + len(said), len(samples))
    samples[first:last] += said[: max(last - first, 0)]
