"""The WORLD vocoder, and what it makes of somebody's pitch and loudness.

Morise, Yokomori and Ozawa (2016): WORLD: a vocoder-based high-quality speech synthesis system for
real-time applications.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    """Pitch and loudness of speech over time, a frame each 5 ms.

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


@dataclass(frozen=True)
class Speech(Prosody):
    """Speech taken apart into what the vocoder puts together again.

    Attributes:
        envelope: (n, bins), power.
        noise: (n, bins), share of it that is noise.
        count: of samples.
    """

    envelope: np.ndarray
    noise: np.ndarray
    count: int


def prosody(samples: np.ndarray) -> Prosody:
    """Pitch and loudness of speech.

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


def analyse(samples: np.ndarray) -> Speech:
    """Take speech apart.

    Args:
        samples: shape (n,), at 16 kHz.

    Raises:
        TellsError: it has almost no voiced sound.
    """
    x = np.ascontiguousarray(samples, np.float64)
    heard = prosody(x)
    pitch, times = heard.pitch, np.arange(len(heard.pitch)) * STEP / 1000  # s
    envelope = pyworld.cheaptrick(x, pitch, times, SAMPLE_RATE)
    noise = pyworld.d4c(x, pitch, times, SAMPLE_RATE)
    return Speech(pitch, heard.loudness, envelope, noise, len(x))


def synthesise(speech: Speech) -> np.ndarray:
    """Put speech together again: shape (count,), at 16 kHz."""
    made = pyworld.synthesize(speech.pitch, speech.envelope, speech.noise, SAMPLE_RATE, STEP)
    return np.pad(made, (0, max(0, speech.count - len(made))))[: speech.count]


def flat(speech: Speech) -> Speech:
    """The same speech, whose pitch and loudness hardly move: a fifth of their distance is left."""
    pitch = np.log(speech.pitch[speech.voiced])
    moved = speech.pitch.copy()
    moved[speech.voiced] = np.exp(pitch.mean() + FLATNESS * (pitch - pitch.mean()))
    mean = speech.loudness[speech.active].mean()
    return _as_loud(replace(speech, pitch=moved), mean + FLATNESS * (speech.loudness - mean))


def exchanged(speech: Speech, model: Prosody) -> Speech:
    """The same speech with the pitch and the loudness of another rendition of its sentence.

    From where each begins to where it ends, the other's course is stretched to this one's length.

    Args:
        speech: whose words and voice are kept.
        model: the same sentence by the same speaker, said otherwise.
    """
    here, there = (np.flatnonzero(one.active)[[0, -1]] for one in (speech, model))
    at = np.interp(np.arange(len(speech.pitch)), here, there)  # the model's frame at each moment
    known = np.flatnonzero(model.voiced)
    line = np.exp(np.interp(at, known, np.log(model.pitch[known])))
    moved = replace(speech, pitch=np.where(speech.voiced, line, 0.0))
    course = np.interp(at, np.arange(len(model.loudness)), model.loudness)
    shift = speech.loudness[speech.active].mean() - course[speech.active].mean()
    return _as_loud(moved, course + shift)


def _as_loud(speech: Speech, loudness: np.ndarray) -> Speech:
    """Speech with another loudness where somebody speaks; pauses stay as they are."""
    gain = np.clip(np.exp(loudness - speech.loudness), *_GAIN)
    gain = ndimage.gaussian_filter1d(np.where(speech.active, gain, 1.0), _SMOOTH / 2)
    return replace(speech, envelope=speech.envelope * gain[:, None] ** 2)
