"""The WORLD vocoder: speech taken apart into pitch, envelope and noise, and put together again.

Morise, Yokomori and Ozawa (2016): WORLD: a vocoder-based high-quality speech synthesis system.
"""

from typing import NamedTuple

import numpy as np
import pyworld
from scipy import ndimage

from understudy.iemocap import RATE

STEP = 5.0  # ms from one frame to the next
SMOOTH = 8  # frames, standard deviation of the window in which loudness is compared
LOUDER = (0.1, 6.0)  # limits of what a frame's amplitude is multiplied by
QUIET = 1e-3  # amplitude below which nothing is made louder


class Speech(NamedTuple):
    """Speech taken apart."""

    pitch: np.ndarray  # (n,), Hz; 0 = unvoiced
    envelope: np.ndarray  # (n, bins), power
    noise: np.ndarray  # (n, bins), share of it that is noise
    times: np.ndarray  # (n,), s


def analyse(samples: np.ndarray) -> Speech:
    """Take speech apart.

    Args:
        samples: shape (n,), at 16 kHz.
    """
    x = np.ascontiguousarray(samples, np.float64)
    rough, times = pyworld.dio(x, RATE, frame_period=STEP)
    pitch = pyworld.stonemask(x, rough, times, RATE)
    envelope = pyworld.cheaptrick(x, pitch, times, RATE)
    return Speech(pitch, envelope, pyworld.d4c(x, pitch, times, RATE), times)


def synthesise(speech: Speech, count: int) -> np.ndarray:
    """Put speech together again.

    Args:
        speech: what `analyse` returned, changed or not.
        count: of samples.

    Returns:
        Shape (count,), at 16 kHz.
    """
    made = pyworld.synthesize(speech.pitch, speech.envelope, speech.noise, RATE, STEP)
    return np.pad(made, (0, max(0, count - len(made))))[:count]


def with_prosody(speech: Speech, samples: np.ndarray, model: np.ndarray) -> Speech:
    """Give speech the pitch and the loudness of another rendition of the same words.

    Args:
        speech: what `analyse` made of the samples.
        samples: shape (n,).
        model: shape (n,), the same words at the same times.
    """
    theirs = analyse(model)
    voiced = theirs.pitch > 0
    line = np.interp(theirs.times, theirs.times[voiced], np.log(theirs.pitch[voiced]))
    pitch = np.where(speech.pitch > 0, np.exp(ndimage.gaussian_filter1d(line, 2)), 0.0)
    own, other = (_amplitude(s, speech.times) for s in (samples, model))
    gain = np.clip(other / np.maximum(own, QUIET), *LOUDER)
    gain = np.where(own < QUIET, np.minimum(gain, 1), gain)
    return speech._replace(pitch=pitch, envelope=speech.envelope * gain[:, None] ** 2)


def _amplitude(samples: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Root mean square around each moment, smooth."""
    step = round(STEP * RATE / 1000)
    power = np.pad(samples**2, (0, step * len(times)))[: step * len(times)]
    frames = power.reshape(len(times), step).mean(1)
    return np.sqrt(ndimage.gaussian_filter1d(frames, SMOOTH))
