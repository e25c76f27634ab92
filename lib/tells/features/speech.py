"""Low-level descriptors of speech, 100 vectors a second (thesis 4.3, 4.7.1)."""

from __future__ import annotations

import importlib.resources
import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tells import media
from tells.errors import TellsError

if TYPE_CHECKING:
    import opensmile

RATE = 100  # descriptor vectors a second
# openSMILE's wrapper scales by 32768 to 16 bit, where 1.0 would wrap to -1.
_LARGEST = 32767 / 32768

# Each set's groups of descriptors, by the beginnings of openSMILE's names.
_GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "compare2016": {  # thesis table 4.1
        "voicing": ("F0final", "voicingFinal", "jitter", "shimmer", "logHNR"),
        "energy": ("audspec_lengthL1norm", "audspecRasta_lengthL1norm", "pcm_RMSenergy", "pcm_zcr"),
        "auditory bands": ("audSpec_Rfilt",),
        "spectral": ("pcm_fftMag",),
        "MFCC": ("mfcc",),
    },
    "is10": {  # thesis table 5.1
        "loudness": ("pcm_loudness",),
        "MFCC": ("mfcc",),
        "mel bands": ("logMelFreqBand",),
        "line spectrum": ("lspFreq",),
        "voicing": ("F0fin", "voicingFinal", "jitter", "shimmer"),
    },
}


@cache
def _smile(name: str) -> opensmile.Smile:
    """One openSMILE for each set of descriptors."""
    import opensmile  # here, because who looks at faces needs none of it

    if name == Functionals.name:
        level = opensmile.FeatureLevel.Functionals
        return opensmile.Smile(opensmile.FeatureSet.ComParE_2016, level)
    if name == "is10":
        level = opensmile.FeatureLevel.LowLevelDescriptors
        return opensmile.Smile(opensmile.FeatureSet.IS10, level)
    # 65 descriptors and their 65 deltas in one pass; openSMILE's own sets need a pass each.
    shipped = importlib.resources.files("opensmile.core") / "config" / "compare"
    return opensmile.Smile(
        str(importlib.resources.files("tells.features") / "compare2016.conf"),
        "lld",
        options={"lldConf": str(shipped / "ComParE_2016_core.lld.conf.inc")},
    )


@dataclass(frozen=True)
class LLDs:
    """An extractor of low-level descriptors, for `tells.features.extract`.

    `compare2016` gives the 130 descriptors of the Interspeech 2016 challenge (65 and their deltas,
    thesis table 4.1); `is10` the 38 of the Interspeech 2010 challenge, whose 1,582 functionals are
    those of the EmoBase2010 set. (The thesis counts 39 in EmoBase2010; openSMILE 2.6 gives 38.)

    openSMILE runs over a whole clip, and windows are cut from its result: smoothing and deltas
    look to both sides, so a window computed alone would differ at its edges.

    Attributes:
        name: `compare2016` or `is10`.

    Thesis: 4.7.1, 5.3.1. Chapter: 05_3_1_speech_experiment_1, 05_3_2_speech_experiment_2.
    """

    name: str

    def __post_init__(self) -> None:
        if self.name not in _GROUPS:
            raise TellsError(f"descriptors must be one of {', '.join(_GROUPS)}; got {self.name!r}.")

    @property
    def version(self) -> str:
        """The tool and our configuration of it; another version makes stored features stale."""
        return f"opensmile {version('opensmile')}, {self.name}, 1"

    @property
    def columns(self) -> list[str]:
        """Names of the descriptors as openSMILE gives them, in the order of the columns."""
        return list(_smile(self.name).feature_names)

    def __call__(self, path: Path) -> tuple[np.ndarray, float]:
        """Descriptors of a file, shape (rows, columns), and its duration in seconds.

        Raises:
            media.MediaError: the file cannot be decoded, is silent, or is too short.
        """
        samples = media.audio(path)
        return _checked(path, samples, llds(samples, self.name))


@dataclass(frozen=True)
class Functionals:
    """An extractor of the 6,373 functionals of the Interspeech 2016 challenge, one row a clip.

    They are statistics of descriptors over a whole clip: means, slopes, percentiles and the like,
    what one would take for a classical recogniser of emotions (Schuller et al. 2016).

    Thesis: none, as a baseline; it has those of EmoBase2010 in 5.3.1. Chapter:
    05_3_2_speech_experiment_2.
    """

    name = "compare2016-functionals"

    @property
    def version(self) -> str:
        """The tool; another version makes stored features stale."""
        return f"opensmile {version('opensmile')}, {self.name}, 1"

    @property
    def columns(self) -> list[str]:
        """Names of the functionals as openSMILE gives them, in the order of the columns."""
        return list(_smile(self.name).feature_names)

    def __call__(self, path: Path) -> tuple[np.ndarray, float]:
        """Functionals of a file, shape (1, 6373), and its duration in seconds.

        Raises:
            media.MediaError: the file cannot be decoded, is silent, or is too short.
        """
        samples = media.audio(path)
        return _checked(path, samples, _process(samples, self.name))


def _checked(path: Path, samples: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, float]:
    """What openSMILE gave of a file and the file's seconds, or why neither is of any use."""
    if not samples.any():
        raise media.MediaError(path, "silent: every sample is zero")
    if len(rows) == 0:
        raise media.MediaError(path, "shorter than one descriptor frame (60 ms)")
    if not np.isfinite(rows).all():
        raise media.MediaError(path, "openSMILE gives descriptors that are not finite")
    return rows, len(samples) / media.SAMPLE_RATE


def llds(samples: np.ndarray, name: str = "compare2016") -> np.ndarray:
    """Low-level descriptors `LLD_s` of a signal.

    Row i describes the frame that starts at i / 100 seconds (60 ms for pitch, 20-25 ms for the
    rest), so 3 s give 296 rows (`is10`: 295), not 300: the last frames would reach past the end.

    Args:
        samples: shape (n,), 16 kHz, in [-1, 1].
        name: `compare2016` (130 columns) or `is10` (38).

    Returns:
        Shape (rows, columns), float32; no rows if the signal is shorter than one frame.

    Thesis: 4.3 (equation 4.3), 4.7.1. Chapter: 05_3_1_speech_experiment_1.
    """
    return _process(samples, LLDs(name).name)


def _process(samples: np.ndarray, name: str) -> np.ndarray:
    """What openSMILE makes of a signal; no rows if that is too short."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Segment too short")
        clipped = np.clip(samples, -1.0, _LARGEST)
        rows = _smile(name).process_signal(clipped, media.SAMPLE_RATE).to_numpy(np.float32)
    return rows[:0] if np.isnan(rows).all() else rows


def groups(name: str) -> dict[str, slice]:
    """Columns of each group of descriptors, in openSMILE's order; deltas after the descriptors.

    Args:
        name: `compare2016` or `is10`.

    Returns:
        Group to a slice of the columns, for example `{"voicing": slice(0, 6), ...}`; the groups of
        deltas begin with `Δ`.

    Thesis: tables 4.1 and 5.1. Chapter: 05_3_1_speech_experiment_1.
    """
    found: dict[str, list[int]] = {}
    for i, column in enumerate(LLDs(name).columns):
        group = next(g for g, starts in _GROUPS[name].items() if column.startswith(starts))
        found.setdefault(f"Δ {group}" if "_sma_de" in column else group, []).append(i)
    return {group: slice(columns[0], columns[-1] + 1) for group, columns in found.items()}
