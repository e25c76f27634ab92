"""Samples out of any file that FFmpeg can read (thesis 4.6)."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from tells.errors import TellsError

SAMPLE_RATE = 16_000  # Hz; what openSMILE's band limits (0-8 kHz, thesis table 4.1) need

# A header may be off by an encoder's padding; by more than this, part of the file is missing.
_MISSING_SECONDS = 0.25
_MISSING_SHARE = 0.1
_CUT_OFF = "cut off: its header promises more than is there; copy it again"


class MediaError(TellsError):
    """A file cannot be used.

    Attributes:
        reason: why, without the file's name, so that a run can count equal reasons.
    """

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Cross process borders, as Dask asks of an exception."""
        return type(self), (str(self).removesuffix(f": {self.reason}"), self.reason)


def audio(
    path: str | Path,
    *,
    start: float = 0.0,
    end: float | None = None,
    sample_rate: int = SAMPLE_RATE,
) -> np.ndarray:
    """Decode the first audio stream of a file to mono samples.

    Any container, codec, sample format, rate and number of channels that FFmpeg knows; channels
    are averaged.

    Args:
        path: the file.
        start: first second that is returned.
        end: second at which to stop; None reads to the end of the stream.
        sample_rate: of the result, in Hz.

    Returns:
        Shape (n,), float32 in [-1, 1].

    Raises:
        MediaError: the file is missing, empty, not audio, cut off, or holds NaN or no samples.
        TellsError: the span makes no sense.

    Thesis: 4.6.1. Chapter: 05_3_1_speech_experiment_1.
    """
    path = Path(path)
    if start < 0 or (end is not None and end <= start):
        raise TellsError(f"start must be 0 or more and lie before end; got {start} s and {end} s.")
    if not path.is_file():
        raise MediaError(path, "not a file" if path.exists() else "no such file")
    if path.stat().st_size == 0:
        raise MediaError(path, "empty file (0 bytes); copy it again")
    try:
        samples, declared = _decode(path, end, sample_rate)
    except MediaError:
        raise
    except (av.error.FFmpegError, ValueError) as error:  # ValueError: its format changes half-way
        reason = getattr(error, "strerror", None) or str(error)
        raise MediaError(path, f"not readable as audio, perhaps damaged ({reason})") from error
    if end is None:
        _check_complete(path, len(samples) / sample_rate, declared)
    if not np.isfinite(samples).all():
        raise MediaError(path, "holds samples that are NaN or infinite")
    samples = samples[
        round(start * sample_rate) : None if end is None else round(end * sample_rate)
    ]
    if len(samples) == 0:
        raise MediaError(path, f"no samples from second {start:g} on" if start else "no samples")
    return np.clip(samples, -1.0, 1.0)


def _decode(path: Path, end: float | None, sample_rate: int) -> tuple[np.ndarray, float | None]:
    """Samples up to `end`, and the duration in seconds that the header declares, if it does."""
    with av.open(f"file:{path}") as container:  # or a colon in the name would name a protocol
        if not container.streams.audio:
            raise MediaError(path, "has no audio stream")
        stream = container.streams.audio[0]
        declared = float(stream.duration * stream.time_base) if stream.duration else None
        # The resampler keeps the channels: FFmpeg's own downmix to mono adds 3 dB and can clip.
        resampler = av.AudioResampler(format="fltp", rate=sample_rate)
        pieces, n = [], 0
        for frame in container.decode(stream):
            for piece in resampler.resample(frame):
                pieces.append(piece.to_ndarray().mean(axis=0))
                n += len(pieces[-1])
            if end is not None and n >= end * sample_rate:
                break
        pieces += [piece.to_ndarray().mean(axis=0) for piece in resampler.resample(None)]
    return np.concatenate(pieces or [np.empty(0)]).astype(np.float32), declared


def _check_complete(path: Path, decoded: float, declared: float | None) -> None:
    with path.open("rb") as file:
        magic, size = file.read(4), int.from_bytes(file.read(4), "little")
    # FFmpeg trusts what is left of a WAV, not its header; a streamed one declares no size.
    if magic == b"RIFF" and path.stat().st_size < size + 8 < 2**32:
        raise MediaError(path, _CUT_OFF)
    missing = 0.0 if declared is None else declared - decoded
    if missing > max(_MISSING_SECONDS, _MISSING_SHARE * (declared or 0.0)):
        raise MediaError(path, _CUT_OFF)
