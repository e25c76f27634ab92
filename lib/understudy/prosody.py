"""Prosody: eight things a voice can do besides saying words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Prosody:
    """Deviations from plain speech; each is a number or an array over time."""

    pitch: ArrayLike = 0.0  # semitones
    span: ArrayLike = 0.0  # the pitch range, in steps of espeak-ng's range parameter (50 is plain)
    tempo: ArrayLike = 0.0  # natural logarithm of the speed's ratio
    gain: ArrayLike = 0.0  # dB
    tilt: ArrayLike = 0.0  # dB above 1 kHz, relative to below; negative is a soft, dull voice
    breath: ArrayLike = 0.0  # dB of aspiration noise
    tremor: ArrayLike = 0.0  # semitones of a slow trembling of the pitch
    rough: ArrayLike = 0.0  # per cent of irregularity from period to period

    def __add__(self, other: Prosody) -> Prosody:
        theirs = vars(other)
        return Prosody(**{name: value + theirs[name] for name, value in vars(self).items()})

    def __mul__(self, strength: ArrayLike) -> Prosody:
        return Prosody(**{name: value * strength for name, value in vars(self).items()})

    def draw(self, rng: np.random.Generator) -> Prosody:
        """Return a random deviation of which these are the standard deviations, twice at most."""
        values = np.clip(rng.standard_normal(8), -2.0, 2.0)
        both = zip(vars(self).items(), values, strict=True)
        return Prosody(**{k: round(float(z) * spread, 4) + 0.0 for (k, spread), z in both})


HABIT_SPREAD = Prosody(span=7, tempo=0.03, gain=1.2, tilt=1.2, breath=2, rough=0.1)
"""Standard deviations from person to person."""

MOOD_SPREAD = Prosody(pitch=0.8, span=8, tempo=0.03, gain=1.5, tilt=1.2, breath=2, rough=0.1)
"""Standard deviations from turn to turn of one person."""
