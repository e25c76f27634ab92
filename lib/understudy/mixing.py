"""Turns are mixed into one recording, at the times at which they are spoken."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from understudy.people import Actor
from understudy.performance import RATE, Performance
from understudy.plan import Dialog
from understudy.seeding import generator
from understudy.voice import GRID, perform, plan_speech

EDGE = 1.0  # s of silence before the first turn and after the last
ROOM = -66.0  # dB of full scale, level of the recording's noise


@dataclass(frozen=True)
class Recording:
    """What was said."""

    samples: np.ndarray  # shape (n,) or (n, channels) at 16 kHz, in [-1, 1]
    performances: list[Performance]  # in the order they were spoken; the last may be cut off


def record_dialog(
    seed: int, dialog: Dialog, cast: dict[str, Actor], spoken: Callable[[], object]
) -> Recording:
    """Play one dialog; the wearer of the markers is on the left channel.

    Calls `spoken` after each turn.

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    placed, finished, end = [], dict.fromkeys(dialog.actors, 0), EDGE * RATE
    for turn in dialog.turns:
        who = turn.part.actor
        sound = perform(seed, plan_speech(seed, cast[who], turn.part))
        # nobody speaks before having finished the turn before
        start = GRID * round(max(end + turn.part.gap * RATE, finished[who]) / GRID)
        finished[who] = end = start + len(sound.samples)
        placed.append((turn.part, sound, start, end))
        spoken()
    length = max(finished.values()) + round(EDGE * RATE)
    samples = room_noise(ROOM, (length, 2), generator(seed, dialog.name, "room"))
    performances = []
    for part, sound, start, end in placed:
        add_at(samples[:, dialog.actors.index(part.actor)], sound.samples, start)
        performances.append(Performance(part, start / RATE, end / RATE, sound.phonemes))
    return Recording(samples, performances)


def room_noise(level: float, shape: int | tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return the noise of a silent room, `level` dB of full scale."""
    return 10 ** (level / 20) * rng.standard_normal(shape)


def add_at(samples: np.ndarray, sound: np.ndarray, start: int) -> None:
    """Add a sound, shape (k,), to samples, shape (n,), in place; beyond their end it is cut off."""
    end = min(start + len(sound), len(samples))
    samples[start:end] += sound[: max(end - start, 0)]
