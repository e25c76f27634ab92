"""Head, eyes and lids: where they are turned while the face does something else."""

from typing import NamedTuple

import numpy as np

from understudy.emotions import HeadStyle
from understudy.expression import signals
from understudy.expression.affect import Affect, FaceHabits
from understudy.head import UNITS, units

PARTNER = 0.20  # radians of yaw from the camera to where the partner sits
FACING = 0.10  # radians by which the shoulders' owner turns to the partner
FURTHEST = np.array([0.42, 0.30, 0.25])  # radians of yaw, pitch and roll, never reached
FIXATION = 1.1  # s, mean time between two looks
EYE = 0.55  # radians at which an eye unit has its full weight
SWAY = (0.085, 0.05, 0.04)  # radians of yaw, pitch and roll, standard deviation
LAID_BACK = 0.45  # how much of tempo and sway is left to a listener
BLINK = np.array([0.07, 0.03, 0.16])  # s to close, closed, to open


class HeadMotion(NamedTuple):
    """Where a head is, and what eyes and lids do."""

    units: np.ndarray  # (n, 52)
    rotation: np.ndarray  # (n, 3), radians: yaw, pitch, roll
    shift: np.ndarray  # (n, 2), head widths


def move_head(
    who: FaceHabits, affect: Affect, stresses: np.ndarray, side: int, rng: np.random.Generator
) -> HeadMotion:
    """Move the head.

    Args:
        who: whose head it is.
        affect: what the person feels and does.
        stresses: shape (k,), s of the stressed vowels that the person says.
        side: 1 where the partner sits to the viewer's right, otherwise -1.
        rng: where looks, blinks and nods come from.
    """
    style, times = HeadStyle(*affect.head.T), affect.times
    step = times[1] - times[0]
    active = LAID_BACK + (1 - LAID_BACK) * affect.turn
    sway = who.sway * np.exp(style.sway) * active
    phase = np.cumsum(0.6 * who.tempo * np.exp(style.tempo) * active) * step
    gaze = _gaze(times, style, side, rng)
    drift = np.stack([sway * size * signals.wander(phase, rng) for size in SWAY], axis=1)
    rotation = who.rotation + drift
    rotation[:, 0] += side * FACING + 0.35 * signals.follow(gaze[:, 0], 5)
    rotation[:, 1] += style.bow + 0.35 * signals.follow(gaze[:, 1], 5)
    rotation[:, 1] += _nods(who, affect, stresses, sway, rng)
    rotation[:, 2] += style.tilt * np.sign(who.rotation[2])
    rotation = FURTHEST * np.tanh(rotation / FURTHEST)
    # lids shut now and then
    begun = signals.arrivals(who.blinks / 60 * np.exp(style.blink), times, rng)
    age = times - np.concatenate([[-9.0], begun])[np.searchsorted(begun, times, side="right")]
    shut = np.interp(age, np.concatenate([[0], np.cumsum(BLINK)]), (0, 1, 1, 0))
    eyes = _eyes(gaze - rotation[:, :2]) + shut[:, None] * units(eyeBlink=1)
    # the whole head drifts, and breath lifts it
    breath = np.cumsum(0.27 * np.exp(style.breath)) * step
    lifted = 0.008 * np.sin(2 * np.pi * (breath + rng.random()))
    x, y = (sway * signals.wander(pace * phase, rng) for pace in (0.6, 1.0))
    return HeadMotion(eyes, rotation, np.stack([0.025 * x, 0.012 * y - lifted], axis=1))


def _gaze(times: np.ndarray, style: HeadStyle, side: int, rng: np.random.Generator) -> np.ndarray:
    """Yaw and pitch of the look, shape (n, 2): mostly at the partner, in steps."""
    looks = np.cumsum(rng.gamma(2.0, FIXATION / 2, int(3 * times[-1] / FIXATION) + 8))
    away = rng.normal(0, 1, (len(looks), 2)) * (0.22, 0.12) + np.array((0, 0.03))
    there = rng.normal(0, 0.02, (len(looks), 2)) + np.array((side * PARTNER, 0))
    which = np.searchsorted(looks, times)
    averse = np.interp(looks, times, 0.22 + style.averse)
    target = np.where((rng.random(len(looks)) < averse)[:, None], away, there)[which]
    target[:, 1] += style.lowered
    return target


def _nods(
    who: FaceHabits,
    affect: Affect,
    stresses: np.ndarray,
    sway: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Pitch of the beats of one's own speech and of nods at the partner's, shape (n,)."""
    heights = 0.045 * who.emphatic * rng.gamma(1.5, 0.6, len(stresses))
    heights *= np.interp(stresses, affect.times, sway)
    beats = signals.bumps(stresses + 0.05, heights, affect.times, 0.11)
    nods = signals.arrivals(0.12 * who.receptive * (1 - affect.turn), affect.times, rng)
    ages = np.maximum(affect.times[:, None] - nods, 0)
    swings = np.sin(2 * np.pi * 1.9 * ages) * np.minimum(ages / 0.15, 1) * np.exp(-ages / 0.45)
    return beats + swings @ (0.05 * rng.gamma(2.0, 0.5, len(nods)))


def _eyes(look: np.ndarray) -> np.ndarray:
    """Units of eyes that look somewhere else than the head, shape (n, 52); `look` is (n, 2)."""
    weights = np.clip(look / EYE, -0.85, 0.85)
    found = np.zeros((len(look), len(UNITS)))
    for direction, weight in (
        (units(eyeLookOutLeft=1, eyeLookInRight=1), weights[:, 0]),
        (units(eyeLookInLeft=1, eyeLookOutRight=1), -weights[:, 0]),
        (units(eyeLookDown=1, eyeBlink=0.3), weights[:, 1]),
        (units(eyeLookUp=1), -weights[:, 1]),
    ):
        found += np.maximum(weight, 0)[:, None] * direction
    return found
