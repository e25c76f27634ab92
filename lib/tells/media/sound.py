"""Samples of a sound (thesis 4.6.1)."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.container import InputContainer

from tells.errors import TellsError
from tells.media.errors import MediaError
from tells.media.files import DAMAGE, beginning, moving_pictures, open_file, unreadable

SAMPLE_RATE = 16_000  # Hz; what openSMILE's band limits (0-8 kHz, thesis table 4.1) need

# A header may be off by an encoder's padding; by more than this, part of the file is missing.
_MISSING_SECONDS = 0.25
_MISSING_SHARE = 0.1
_CUT_OFF = "cut off: its header promises more than is there; copy it again"


def audio(
    path: str | Path,
    *,
    start: float = 0.0,
    end: float | None = None,
    sample_rate: int = SAMPLE_RATE,
) -> np.ndarray:
    """Decode the first audio stream of a file to mono samples.

    Any container, codec, sample format, rate and number of channels that FFmpeg knows; channels
    are averaged. Second 0 is that of `frames`: where the sound of a video begins after its
    pictures, silence comes first.

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
    try:
        samples, declared = _decode(path, end, sample_rate)
    except TellsError:
        raise
    except DAMAGE as error:
        raise MediaError(path, unreadable("audio", error)) from error
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
    """Samples up to `end`, and the second at which they should end as the header has it."""
    with open_file(path, "audio") as container:
        if not container.streams.audio:
            raise MediaError(path, "has no audio stream")
        stream = container.streams.audio[0]
        declared = float(stream.duration * stream.time_base) if stream.duration else None
        # The resampler keeps the channels: FFmpeg's own downmix to mono adds 3 dB and can clip.
        resampler = av.AudioResampler(format="fltp", rate=sample_rate)
        pieces, n = [], 0
        for frame in container.decode(stream):
            if not pieces:
                pieces.append(_silence(container, frame, sample_rate))
                n = len(pieces[0])
                declared = None if declared is None else declared + n / sample_rate
            for piece in resampler.resample(frame):
                pieces.append(piece.to_ndarray().mean(axis=0))
                n += len(pieces[-1])
            if end is not None and n >= end * sample_rate:
                break
        pieces += [piece.to_ndarray().mean(axis=0) for piece in resampler.resample(None)]
    return np.concatenate(pieces or [np.empty(0)]).astype(np.float32), declared


def _silence(container: InputContainer, first: av.AudioFrame, sample_rate: int) -> np.ndarray:
    """What comes before the first sound of a video: zeros, as long as its pictures run already."""
    zero = beginning(container)
    if zero is None or first.pts is None or not moving_pictures(container):
        return np.empty(0)
    late = float(first.pts * first.time_base - zero)
    whole = (container.duration or 0) / av.time_base  # a damaged timestamp may claim years
    return np.zeros(round(min(max(late, 0.0), whole) * sample_rate))


def _check_complete(path: Path, decoded: float, declared: float | None) -> None:
    with path.open("rb") as file:
        magic, size = file.read(4), int.from_bytes(file.read(4), "little")
    # FFmpeg trusts what is left of a WAV, not its header; a streamed one declares no size.
    if magic == b"RIFF" and path.stat().st_size < size + 8 < 2**32:
        raise MediaError(path, _CUT_OFF)
    missing = 0.0 if declared is None else declared - decoded
    if missing > max(_MISSING_SECONDS, _MISSING_SHARE * (declared or 0.0)):
        raise MediaError(path, _CUT_OFF)
