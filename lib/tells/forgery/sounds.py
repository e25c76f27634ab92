"""What every method writes: versions of a clip, equally loud, and what the metadata say of them."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tells import media
from tells.files import replacing

_PEAK = 0.98  # of full scale, what no version of a clip exceeds


class Clip(NamedTuple):
    """A sound that was written."""

    file: str  # below the root
    entry: dict[str, object]  # what the metadata say of it
    decibels: float  # of its root mean square, full scale being 0 dB


def write_equally_loud(root: Path, versions: Mapping[str, np.ndarray], like: np.ndarray) -> None:
    """Write the versions of a clip, all turned down together where one of them would clip.

    Args:
        root: the folder that the files' names are relative to.
        versions: samples of shape (n,) at 16 kHz, by file.
        like: shape (n,), the sound whose root mean square all of them get.
    """
    level = _rms(like)
    made = {file: one * (level / _rms(one)) for file, one in versions.items()}
    gain = min(1.0, _PEAK / max(np.abs(one).max() for one in made.values()))
    for file, one in made.items():
        with replacing(root / file) as beside, wave.open(str(beside), "wb") as sound:
            sound.setparams((1, 2, media.SAMPLE_RATE, 0, "NONE", ""))  # mono, 16 bits
            sound.writeframes(np.rint(one * gain * 32_767).astype("<i2").tobytes())


def written(root: Path, entries: Mapping[str, dict[str, object]]) -> list[Clip]:
    """The clips that lie there, each with its entry and its level."""
    return [
        Clip(file, entry, round(20 * float(np.log10(_rms(media.audio(root / file)))), 2))
        for file, entry in entries.items()
    ]


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
