"""A manner of speaking: eight things a voice can do, and what each emotion does with them."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Manner:
    """Deviations from plain speech; each is a number or an array over time.

    Attributes:
        pitch: semitones.
        span: the pitch range, in steps of espeak-ng's range parameter (50 is plain).
        tempo: natural logarithm of the speed's ratio.
        gain: dB.
        tilt: dB above 1 kHz, relative to below; negative is a soft, dull voice.
        breath: dB of aspiration noise.
        tremor: semitones of a slow trembling of the pitch.
        rough: per cent of irregularity from period to period.
    """

    pitch: ArrayLike = 0.0
    span: ArrayLike = 0.0
    tempo: ArrayLike = 0.0
    gain: ArrayLike = 0.0
    tilt: ArrayLike = 0.0
    breath: ArrayLike = 0.0
    tremor: ArrayLike = 0.0
    rough: ArrayLike = 0.0

    def __add__(self, other: Manner) -> Manner:
        theirs = vars(other)
        return Manner(**{name: value + theirs[name] for name, value in vars(self).items()})

    def __mul__(self, strength: ArrayLike) -> Manner:
        return Manner(**{name: value * strength for name, value in vars(self).items()})


# At full intensity, by a person of average expressiveness.
EMOTIONAL = {
    "neu": Manner(),
    "ang": Manner(pitch=3.5, span=26, tempo=0.11, gain=9.0, tilt=8.0, rough=1.3),
    "hap": Manner(pitch=5.5, span=38, tempo=0.08, gain=4.0, tilt=2.5),
    "sad": Manner(pitch=-3.2, span=-34, tempo=-0.19, gain=-7.0, tilt=-6.5, breath=11, tremor=0.2),
    "exc": Manner(pitch=7.0, span=45, tempo=0.14, gain=6.0, tilt=4.5),
    "fru": Manner(pitch=1.2, span=8, tempo=0.03, gain=4.0, tilt=3.5, rough=0.6),
    "sur": Manner(pitch=7.0, span=45, tempo=0.04, gain=3.0, tilt=1.5),
    "fea": Manner(pitch=4.5, span=-5, tempo=0.12, gain=-1.5, tilt=-1.0, breath=5, tremor=0.5),
    "dis": Manner(pitch=-1.5, tempo=-0.07, gain=1.0, tilt=1.0, rough=0.7),
    "oth": Manner(pitch=1.5, span=15, tempo=-0.03, gain=1.0),
}

# Standard deviations: from person to person, and from turn to turn of one person.
HABIT_SPREAD = Manner(span=7, tempo=0.03, gain=1.2, tilt=1.2, breath=2, rough=0.1)
MOOD_SPREAD = Manner(pitch=0.8, span=8, tempo=0.03, gain=1.5, tilt=1.2, breath=2, rough=0.1)
