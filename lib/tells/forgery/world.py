"""The WORLD vocoder: speech with another pitch and loudness, or at another pace.

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
_SILENCE = 1e-16  # power


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
        return active(self.loudness)

    @property
    def ends(self) -> np.ndarray:
        """The first and the last active frame, (2,)."""
        return ends(self.loudness)


def loudness(samples: np.ndarray) -> np.ndarray:
    """The natural logarithm of the smooth amplitude, one frame every 5 ms, (n // 80 + 1,).

    Args:
        samples: shape (n,), at 16 kHz.
    """
    hop = round(STEP * SAMPLE_RATE / 1000)
    frames = len(samples) // hop + 1
    square = samples.astype(np.float64) ** 2
    power = np.pad(square, (0, hop * frames))[: hop * frames].reshape(frames, hop)
    smooth = ndimage.gaussian_filter1d(power.mean(axis=1), _SMOOTH)
    return np.log(np.maximum(smooth, 1e-12)) / 2


def active(loudness: np.ndarray) -> np.ndarray:
    """Which frames are speech and not the silence around it, (n,), bool."""
    return loudness > loudness.max() + np.log(_ACTIVE)


def ends(loudness: np.ndarray) -> np.ndarray:
    """The first and the last active frame, (2,)."""
    return np.flatnonzero(active(loudness))[[0, -1]]


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
    return Prosody(pitch, loudness(x))


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
    at = _matching_frames(speech, model)
    course = np.interp(at, np.arange(len(model.loudness)), model.loudness)
    shift = speech.loudness[speech.active].mean() - course[speech.active].mean()
    return Prosody(np.where(speech.voiced, _pitch_at(model, at), 0.0), course + shift)


def stretch(speech: np.ndarray, model: np.ndarray) -> float:
    """How many times as long as another a sound is active.

    Args:
        speech: its `loudness`.
        model: that of the other.
    """
    return float(np.ptp(ends(speech)) / np.ptp(ends(model)))


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
    envelope, noise = _spectra(samples, own)
    made = []
    for one in wanted:
        power = envelope
        if one is not own:
            gain = np.clip(np.exp(one.loudness - own.loudness), *_GAIN)
            gain = ndimage.gaussian_filter1d(np.where(own.active, gain, 1.0), _SMOOTH / 2)
            power = envelope * gain[:, None] ** 2
        made.append(_synthesise(one.pitch, power, noise, len(samples)))
    return made


def dubbed(samples: np.ndarray, own: Prosody, speech: Prosody, length: int) -> np.ndarray:
    """Take speech apart, and put it together again when and for as long as somebody else speaks.

    From the first to the last active frame time is warped linearly; around it there is silence.

    Args:
        samples: shape (n,), at 16 kHz.
        own: their prosody.
        speech: that of the sound in whose place they come.
        length: of that sound, in samples.

    Returns:
        Shape (length,).
    """
    at = _matching_frames(speech, own)
    before = np.minimum(at.astype(int), len(own.pitch) - 2)
    share = (at - before)[:, None]  # of the next frame
    envelope, noise = _spectra(samples, own)
    log = np.log(envelope)
    power = np.exp((1 - share) * log[before] + share * log[before + 1])
    noise = (1 - share) * noise[before] + share * noise[before + 1]
    pitch = np.where(own.voiced[np.rint(at).astype(int)], _pitch_at(own, at), 0.0)
    first, last = speech.ends
    for outside in (slice(first), slice(last + 1, None)):
        pitch[outside], power[outside], noise[outside] = 0.0, _SILENCE, 1.0
    return _synthesise(pitch, power, noise, length)


def _matching_frames(speech: Prosody, model: Prosody) -> np.ndarray:
    """Where the model is at each frame of speech, both stretched from beginning to end, (n,)."""
    return np.interp(np.arange(len(speech.pitch)), speech.ends, model.ends)


def _pitch_at(model: Prosody, at: np.ndarray) -> np.ndarray:
    """Pitch at some places between frames, and what it would be where the model is unvoiced."""
    known = np.flatnonzero(model.voiced)
    return np.exp(np.interp(at, known, np.log(model.pitch[known])))


def _spectra(samples: np.ndarray, own: Prosody) -> tuple[np.ndarray, np.ndarray]:
    """Of each frame the power and the share of noise in it, both of shape (frames, bins)."""
    x = np.ascontiguousarray(samples, np.float64)
    times = np.arange(len(own.pitch)) * STEP / 1000  # s
    envelope = pyworld.cheaptrick(x, own.pitch, times, SAMPLE_RATE)
    return envelope, pyworld.d4c(x, own.pitch, times, SAMPLE_RATE)


def _synthesise(pitch: np.ndarray, power: np.ndarray, noise: np.ndarray, length: int) -> np.ndarray:
    y = pyworld.synthesize(pitch, power, noise, SAMPLE_RATE, STEP)
    return np.pad(y, (0, max(0, length - len(y))))[:length]
