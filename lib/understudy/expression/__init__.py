"""Faces act: from the performances of a dialog to poses, frame by frame.

Voice and face come from the same performance: the emotion's intensity over time drives both, the
phonemes' times move the lips, the voice's loudness opens the mouth. What a person makes
of what is felt (`understudy.expression.affect`), what is said (`visemes`) and what the head does
besides (`head_motion`) is added up here.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from understudy.expression import signals
from understudy.expression.affect import face_habits, feel
from understudy.expression.head_motion import move_head
from understudy.expression.visemes import OPENING, SOUNDS, move_mouth
from understudy.head import UNITS, Pose, units
from understudy.people import Actor
from understudy.performance import RATE, Performance
from understudy.seeding import generator

FRAMES = Fraction(30_000, 1001)  # a second
QUIET, LOUD = -50.0, -22.0  # dB of full scale between which the mouth opens the wider
REDUCED = 0.2  # share of an emotion's mouth that gives way to speech
_MOUTH = np.array([name.startswith(("mouth", "jaw", "tongue")) for name in UNITS])
_BROWS = units(browInnerUp=0.7, browOuterUp=1.0)


@dataclass(frozen=True)
class Poses:
    """What a face does, frame by frame."""

    times: np.ndarray  # shape (n,), s in the dialog
    units: np.ndarray  # shape (n, 52), float32 in [0, 1], columns as in `understudy.head.UNITS`
    rotation: np.ndarray  # shape (n, 3), float32, radians: yaw, pitch, roll
    shift: np.ndarray  # shape (n, 2), float32, head widths
    turn: np.ndarray  # shape (n,), float32 in [0, 1]; above 0 where the person has the floor

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, index: int) -> Pose:
        return Pose(self.units[index], self.rotation[index], self.shift[index])


def act(
    seed: int,
    actor: Actor,
    performances: list[Performance],
    sound: np.ndarray,
    *,
    wearer: bool,
    shown: list[Performance] | None = None,
    rate: Fraction = FRAMES,
) -> Poses:
    """Play one actor's part of a dialog with the face.

    Args:
        seed: the corpus's seed.
        actor: whose face it is.
        performances: of both actors.
        sound: shape (n,), the actor's channel of the dialog at 16 kHz, in [-1, 1].
        wearer: whether the actor wears the markers, and so sits in the left half.
        shown: what the actor shows instead of what the performances say; the mouth still says it.
        rate: frames a second.
    """
    times = np.arange(round(len(sound) / RATE * rate)) / float(rate)
    who = face_habits(seed, actor)
    own = [p for p in performances if p.part.actor == actor.id]
    heard = [p for p in performances if p.part.actor != actor.id]
    affect = feel(seed, who, own if shown is None else shown, heard, times)
    loud = np.clip((level(sound, times) - QUIET) / (LOUD - QUIET), 0.0, 1.3)
    speaking = signals.follow(np.clip(3 * loud - 1, 0, 1) * affect.turn, 2)
    effort = who.articulate * (0.2 + 0.75 * loud)
    said, closure, stresses = np.zeros((len(times), len(UNITS))), np.zeros(len(times)), []
    for p in own:
        span = slice(*np.searchsorted(times, (p.start, p.end)))
        said[span], closure[span] = move_mouth(p.phonemes, times[span] - p.start, effort[span])
        vowels = (x for x in p.phonemes if x.symbol[0] == "'" and x.symbol[1:] in SOUNDS)
        stresses += [p.start + vowel.start for vowel in vowels]
    stresses = np.array(stresses)
    felt = affect.felt + who.resting
    felt[:, _MOUTH] *= 1 - REDUCED * speaking[:, None]
    felt[:, OPENING] *= 1 - closure[:, None]
    rng = generator(seed, performances[0].part.turn, actor.id, "head")
    motion = move_head(who, affect, stresses, 1 if wearer else -1, rng)
    raised = (
        0.22 * who.emphatic * rng.gamma(1.2, 0.6, len(stresses)) * (rng.random(len(stresses)) < 0.4)
    )
    brows = signals.bumps(stresses, raised, times, 0.13)[:, None] * _BROWS
    weights = np.clip(felt + said + motion.units + brows, 0, 1)
    singles = (a.astype(np.float32) for a in (weights, motion.rotation, motion.shift, affect.turn))
    return Poses(times, *singles)


def level(sound: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the level in dB of full scale of the 50 ms around each moment.

    Args:
        sound: shape (n,), at 16 kHz.
        times: shape (m,), s.
    """
    energy = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    middle, half = np.rint(times * RATE).astype(int), RATE // 40
    last = np.minimum(middle + half, len(sound))
    first = np.clip(middle - half, 0, len(sound) - half)
    return 10 * np.log10((energy[last] - energy[first]) / (2 * half) + 1e-9)
