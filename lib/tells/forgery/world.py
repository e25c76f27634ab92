"""The WORLD vocoder: speech with another pitch and loudness.

Morise, Yokomori and Ozawa (2016): WORLD: a vocoder-based high-quality speech synthesis system for
real-time applications.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyworld
from scipy import ndimage

from tells.errors import TellsError
from tells.media import SAMPLE_RATE

STEP = 5.0  # ms from one frame to the next
FLATNESS = 0.2  # of pitch's and loudness's distance from their mean, what flat speech keeps

_SMOOTH = 8  # frames: standard deviation of the window in which loudness is taken
_ACTIVE = 0.03  # of the loudest frame's amplitude (-30 dB): above it, somebody speaks
_GAIN = (0.1, 8.0)  # limits of what a frame's amplitude is multiplied by
_LEAST_VOICED = 20  # frames, 0.1 s


@dataclass(frozen=True)
class Prosody:
    """Pitch and loudness of speech over time, one frame every 5 ms.

    Attributes:
        pitch: (n,), Hz; 0 where unvoiced.
        loudness: (n,), natural logarithm of the smooth amplitude.
    """

    pitch: np.ndarray
    loudness: np.ndarray

    @property
    def voiced(self) -> np.ndarray:
        """Which frames have a pitch, (n,), bool."""
        return self.pitch > 0

    @property
    def active(self) -> np.ndarray:
        """Which frames are speech and not the silence around it, (n,), bool."""
        return self.loudness > self.loudness.max() + np.log(_ACTIVE)


def prosody(samples: np.ndarray) -> Prosody:
    """Measure pitch and loudness.

    Args:
        samples: shape (n,), at 16 kHz.

    Raises:
        TellsError: it has almost no voiced sound.
    """
    x = np.ascontiguousarray(samples, np.float64)
    rough, times = pyworld.dio(x, SAMPLE_RATE, frame_period=STEP)
    pitch = pyworld.stonemask(x, rough, times, SAMPLE_RATE)
    if np.count_nonzero(pitch) < _LEAST_VOICED:
        raise TellsError("less than 0.1 s of voiced sound")
    hop = round(STEP * SAMPLE_RATE / 1000)
    power = np.pad(x**2, (0, hop * len(times)))[: hop * len(times)].reshape(len(times), hop)
    smooth = ndimage.gaussian_filter1d(power.mean(axis=1), _SMOOTH)
    return Prosody(pitch, np.log(np.maximum(smooth, 1e-12)) / 2)


def flat(speech: Prosody) -> Prosody:
    """Pitch and loudness that hardly move: a fifth of their distance from the mean is left."""
    pitch = np.log(speech.pitch[speech.voiced])
    moved = speech.pitch.copy()
    moved[speech.voiced] = np.exp(pitch.mean() + FLATNESS * (pitch - pitch.mean()))
    mean = speech.loudness[speech.active].mean()
    return Prosody(moved, mean + FLATNESS * (speech.loudness - mean))


def exchanged(speech: Prosody, model: Prosody) -> Prosody:
    """Pitch and loudness of another rendition, stretched from its beginning and end to this one's.

    Args:
        speech: whose timing, voicing and mean loudness are kept.
        model: the same sentence by the same speaker, said otherwise.
    """
    here, there = (np.flatnonzero(one.active)[[0, -1]] for one in (speech, model))
    at = np.interp(np.arange(len(speech.pitch)), here, there)  # the model's frame at each moment
    known = np.flatnonzero(model.voiced)
    line = np.exp(np.interp(at, known, np.log(model.pitch[known])))
    course = np.interp(at, np.arange(len(model.loudness)), model.loudness)
    shift = speech.loudness[speech.active].mean() - course[speech.active].mean()
    return Prosody(np.where(speech.voiced, line, 0.0), course + shift)


def resynthesise(samples: np.ndarray, own: Prosody, wanted: list[Prosody]) -> list[np.ndarray]:
    """Take speech apart, and put it together again with each of some prosodies.

    Loudness changes where somebody speaks; pauses stay as they are.

    Args:
        samples: shape (n,), at 16 kHz.
        own: their prosody; if it is wanted too, nothing is changed between the two steps.
        wanted: prosodies of as many frames.

    Returns:
        Samples for each of `wanted`, shape (n,).
    """
    x = np.ascontiguousarray(samples, np.float64)
    times = np.arange(len(own.pitch)) * STEP / 1000  # s
    envelope = pyworld.cheaptrick(x, own.pitch, times, SAMPLE_RATE)  # (frames, bins), power
    noise = pyworld.d4c(x, own.pitch, times, SAMPLE_RATE)  # (frames, bins), share of the power
    made = []
    for one in wanted:
        power = envelope
        if one is not own:
            gain = np.clip(np.exp(one.loudness - own.loudness), *_GAIN)
            gain = ndimage.gaussian_filter1d(np.where(own.active, gain, 1.0), _SMOOTH / 2)
            power = envelope * gain[:, None] ** 2
        y = pyworld.synthesize(one.pitch, power, noise, SAMPLE_RATE, STEP)
        made.append(np.pad(y, (0, max(0, len(x) - len(y))))[: len(x)])
    return made
