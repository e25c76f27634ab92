"""The moments of a dialog as one of its two actors lives through them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from understudy.emotions import EMOTIONS
from understudy.expression import signals, tables
from understudy.expression.person import Person
from understudy.performance import Performance
from understudy.seeding import generator

CODES = tuple(EMOTIONS)
VARIANTS = {code: tables.table(rows) for code, rows in tables.EMOTIONS.items()}  # (k, 52) each
BEARINGS = np.array([tables.BEARINGS[code] for code in CODES])  # (10, 8)
BEFORE, AFTER = 0.8, 2.0  # s before and after a turn in which its emotion may show
GAIN, BEND = 1.2, 0.6  # what shows of a strength: even a weak emotion moves the face visibly
LIVELY = 0.16  # standard deviation by which an expression swells and sinks of itself


@dataclass(frozen=True)
class Scene:
    """What an actor feels and does, moment by moment.

    Attributes:
        times: shape (n,), s in the dialog.
        felt: shape (n, 52), the emotions' units.
        bearing: shape (n, 8), columns as in `tables.Bearing`.
        turn: shape (n,), 0-1: 1 where the actor has the floor.
    """

    times: np.ndarray
    felt: np.ndarray
    bearing: np.ndarray
    turn: np.ndarray


def live(
    seed: int,
    who: Person,
    own: Iterable[Performance],
    heard: Iterable[Performance],
    times: np.ndarray,
) -> Scene:
    """Let an actor feel: in the own turns what is played, in the partner's a reaction to it.

    Args:
        seed: the corpus's seed.
        who: the actor's face.
        own: the actor's performances.
        heard: the partner's.
        times: shape (n,), s in the dialog, evenly spaced.
    """
    felt = np.zeros((len(times), len(who.gains)))
    presence = np.zeros((len(times), len(CODES)))
    turn = np.zeros(len(times))
    for performance in own:
        rng = generator(seed, performance.part.turn, "face")
        span, shown = _course(performance, times, rng, wait=-rng.uniform(0.15, 0.45))
        turn[span] = np.maximum(turn[span], shown)
        code = performance.part.emotion
        strength = shown * performance.intensity(times[span] - performance.start) * who.style[code]
        _feel(who, code, strength, times[span], rng, felt[span], presence[span])
    for performance in heard:
        rng = generator(seed, performance.part.turn, "listener")
        span, shown = _course(performance, times, rng, wait=rng.uniform(0.4, 0.9))
        shown = shown * (1 - turn[span]) * who.receptive
        shown *= performance.intensity(times[span] - performance.start)
        for code, share in tables.REACTIONS[performance.part.emotion].items():
            _feel(who, code, share * shown, times[span], rng, felt[span], presence[span])
    return Scene(times, felt * who.gains, presence @ BEARINGS, turn)


def _course(
    performance: Performance, times: np.ndarray, rng: np.random.Generator, wait: float
) -> tuple[slice, np.ndarray]:
    """The frames in which a turn shows, and how far: it dawns, stays and fades."""
    first, last = np.searchsorted(times, (performance.start - BEFORE, performance.end + AFTER))
    moments = times[first:last]
    dawn = signals.ramp((moments - performance.start - wait) / rng.uniform(0.3, 0.6))
    fade = signals.ramp((moments - performance.end + 0.1 - max(wait, 0)) / rng.uniform(0.6, 1.0))
    return slice(first, last), dawn * (1 - fade)


def _feel(
    who: Person,
    code: str,
    strength: np.ndarray,
    times: np.ndarray,
    rng: np.random.Generator,
    felt: np.ndarray,
    presence: np.ndarray,
) -> None:
    """Add an emotion, in the person's own mixture of its variants, which shifts as time goes by."""
    variants = VARIANTS[code]
    if not len(times):
        return
    phase = 0.7 * (times - times[0])
    mixture = rng.dirichlet(3 * who.taste[code] + 0.2) + 0.02
    drifts = np.array([signals.wander(phase, rng) for _ in variants]).T  # (n, k)
    shares = mixture * np.exp(0.4 * drifts)
    shares /= shares.sum(axis=1, keepdims=True)
    lively = GAIN * strength**BEND * (1 + LIVELY * signals.wander(1.3 * phase, rng))
    felt += lively[:, None] * (shares @ variants)
    presence[:, CODES.index(code)] += strength
