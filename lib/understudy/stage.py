"""The stage: one dialog is played, recorded on two channels and cut into turns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from understudy.actors import Actor
from understudy.delivery import deliver
from understudy.iemocap import RATE
from understudy.performance import Performance
from understudy.plan import Dialog
from understudy.seeding import generator
from understudy.voice import GRID, Sound, perform

EDGE = 1.0  # s of silence before the first turn and after the last
ROOM = 10 ** (-66 / 20)  # RMS of the recording's noise
CHANNELS = {"F": ("F", "M"), "M": ("M", "F")}  # the channels by who wears the markers


@dataclass(frozen=True)
class Recording:
    """A dialog that was played.

    Attributes:
        samples: shape (n, 2) at 16 kHz, in [-1, 1]; the wearer of the markers is on the left.
        performances: in the order they were spoken.
        cuts: the first and the last sample, and the channel, of each performance.
    """

    samples: np.ndarray
    performances: list[Performance]
    cuts: list[tuple[int, int, int]]

    def turn(self, index: int) -> np.ndarray:
        """Return one turn, cut out of its speaker's channel: shape (n,)."""
        first, last, channel = self.cuts[index]
        return self.samples[first:last, channel]


def record(
    seed: int, dialog: Dialog, cast: dict[str, Actor], spoken: Callable[[], None]
) -> Recording:
    """Play one dialog.

    Args:
        seed: the corpus's seed.
        dialog: what is played.
        cast: the actors by id.
        spoken: called after each turn.

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    sounds = []
    for turn in dialog.turns:
        sounds.append(perform(seed, deliver(seed, cast[turn.part.actor], turn.part)))
        spoken()
    cuts = _cuts(dialog, sounds)
    length = max(last for _, last, _ in cuts) + round(EDGE * RATE)
    samples = ROOM * generator(seed, dialog.name, "room").standard_normal((length, 2))
    performances = []
    for turn, sound, (first, last, channel) in zip(dialog.turns, sounds, cuts, strict=True):
        samples[first:last, channel] += sound.samples
        performances.append(Performance(turn.part, first / RATE, last / RATE, sound.phonemes))
    return Recording(samples, performances, cuts)


def _cuts(dialog: Dialog, sounds: list[Sound]) -> list[tuple[int, int, int]]:
    """Place the turns one after another; nobody speaks before having finished the turn before."""
    channels = CHANNELS[dialog.wearer]
    cuts, finished, at = [], {"F": 0, "M": 0}, EDGE * RATE
    for turn, sound in zip(dialog.turns, sounds, strict=True):
        speaker = turn.part.actor[-1]
        first = max(at + turn.part.gap * RATE, finished[speaker])
        first = GRID * round(first / GRID)
        last = first + len(sound.samples)
        cuts.append((first, last, channels.index(speaker)))
        finished[speaker] = at = last
    return cuts
