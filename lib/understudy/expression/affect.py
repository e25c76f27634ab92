"""What a face shows of emotion, moment by moment, and what is peculiar to it.

The same emotion looks different on everybody, and on nobody the same twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from understudy.emotions import EMOTIONS
from understudy.expression import signals
from understudy.head import UNITS, units
from understudy.head.texture import smoothstep
from understudy.people import Actor
from understudy.performance import Performance
from understudy.seeding import generator

CODES = tuple(EMOTIONS)
FACES = {
    code: np.array([units(**face) for face in EMOTIONS[code].faces]) for code in CODES
}  # (k, 52)
HEADS = np.array([EMOTIONS[code].head for code in CODES])  # (10, 8)
BEFORE, AFTER = 0.8, 2.0  # s before and after a turn in which its emotion may show
GAIN, BEND = 1.2, 0.6  # what shows of a strength: even a weak emotion moves the face visibly
LIVELY = 0.16  # standard deviation by which an expression swells and sinks of itself
RESTING = ("browDown", "browInnerUp", "mouthFrown", "mouthSmile", "mouthPress", "eyeSquint")


@dataclass(frozen=True)
class FaceHabits:
    """The habits of one actor's face."""

    # for each emotion, how strongly the person shows it, as in the voice; 1 is average
    style: dict[str, float]
    gains: np.ndarray  # shape (52,), how far the person moves each unit; 1 is average
    resting: np.ndarray  # shape (52,), the units of a face without emotion
    taste: dict[str, np.ndarray]  # for each emotion the weights of its variants, which sum to 1
    receptive: float  # how much shows of what the partner feels; 1 is average
    articulate: float  # how far the mouth opens in speech; 1 is average
    tempo: float  # of the head's movements; 1 is average
    sway: float  # of their amplitude
    emphatic: float  # of the brows' and the head's part in stressed words
    blinks: float  # a minute
    rotation: np.ndarray  # yaw, pitch and roll in radians to which the head returns


def face_habits(seed: int, actor: Actor) -> FaceHabits:
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
    return FaceHabits(
        style=actor.style,
        gains=gains,
        resting=units(**resting),
        taste={e: rng.dirichlet(np.full(len(EMOTIONS[e].faces), 0.8)) for e in EMOTIONS},
        receptive=rng.uniform(0.6, 1.3),
        articulate=rng.uniform(0.85, 1.15),
        tempo=np.exp(rng.normal(0, 0.15)),
        sway=np.exp(rng.normal(0, 0.2)),
        emphatic=rng.uniform(0.5, 1.4),
        blinks=rng.uniform(12, 22),
        rotation=rng.normal(0, 1, 3) * [0.03, 0.03, 0.03],
    )


@dataclass(frozen=True)
class Affect:
    """What an actor feels and does, moment by moment."""

    times: np.ndarray  # shape (n,), s in the dialog
    felt: np.ndarray  # shape (n, 52), the emotions' units
    head: np.ndarray  # shape (n, 8), columns as in `understudy.emotions.HeadStyle`
    turn: np.ndarray  # shape (n,), 0-1: 1 where the actor has the floor


def feel(
    seed: int,
    who: FaceHabits,
    own: Iterable[Performance],
    heard: Iterable[Performance],
    times: np.ndarray,
) -> Affect:
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
        span, shown = _visible_span(performance, times, rng, wait=-rng.uniform(0.15, 0.45))
        turn[span] = np.maximum(turn[span], shown)
        code = performance.part.emotion
        strength = shown * performance.intensity(times[span] - performance.start) * who.style[code]
        _add_emotion(who, code, strength, times[span], rng, felt[span], presence[span])
    for performance in heard:
        rng = generator(seed, performance.part.turn, "listener")
        span, shown = _visible_span(performance, times, rng, wait=rng.uniform(0.4, 0.9))
        shown = shown * (1 - turn[span]) * who.receptive
        shown *= performance.intensity(times[span] - performance.start)
        for code, share in EMOTIONS[performance.part.emotion].reaction.items():
            _add_emotion(who, code, share * shown, times[span], rng, felt[span], presence[span])
    return Affect(times, felt * who.gains, presence @ HEADS, turn)


def _visible_span(
    performance: Performance, times: np.ndarray, rng: np.random.Generator, wait: float
) -> tuple[slice, np.ndarray]:
    """The frames in which a turn shows, and how far: it dawns, stays and fades."""
    first, last = np.searchsorted(times, (performance.start - BEFORE, performance.end + AFTER))
    moments = times[first:last]
    dawn = smoothstep(0, rng.uniform(0.3, 0.6), moments - performance.start - wait)
    fade = smoothstep(0, rng.uniform(0.6, 1.0), moments - performance.end + 0.1 - max(wait, 0))
    return slice(first, last), dawn * (1 - fade)


def _add_emotion(
    who: FaceHabits,
    code: str,
    strength: np.ndarray,
    times: np.ndarray,
    rng: np.random.Generator,
    felt: np.ndarray,
    presence: np.ndarray,
) -> None:
    """Add an emotion, in the person's own mixture of its variants, which shifts as time goes by."""
    variants = FACES[code]
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
