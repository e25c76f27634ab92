"""Samples of a sound (thesis 4.6.1)."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from tells.errors import TellsError
from tells.media.files import (
    DAMAGE,
    MediaError,
    beginning,
    check_span,
    moving_pictures,
    open_file,
    unreadable,
)

SAMPLE_RATE = 16_000  # Hz; what openSMILE's band limits (0-8 kHz, thesis table 4.1) need

# A header may be off by an encoder's padding; by more than this, part of the file is missing.
_MISSING_SECONDS = 0.25
_MISSING_SHARE = 0.1


def audio(path: str | Path, *, start: float = 0.0, end: float | None = None) -> np.ndarray:
    """Decode the first audio stream of a file to mono samples at 16 kHz.

    Any container, codec, sample format, rate and number of channels that FFmpeg knows; channels
    are averaged. Second 0 is that of `frames`: where the sound of a video begins after its
    pictures, silence comes first.

    Args:
        path: the file.
        start: first second that is returned.
        end: second at which to stop; None reads to the end of the stream.

    Returns:
        Shape (n,), float32 in [-1, 1].

    Raises:
        MediaError: the file is missing, empty, not audio, cut off, or holds NaN or no samples.
        TellsError: the span makes no sense.

    Thesis: 4.6.1. Chapter: 05_3_1_speech_experiment_1.
    """
    path = Path(path)
    check_span(start, end)
    try:
        samples, declared = _decode(path, end)
    except TellsError:
        raise
    except DAMAGE as error:
        raise MediaError(path, unreadable("audio", error)) from error
    if end is None:
        with path.open("rb") as file:
            magic, size = file.read(4), int.from_bytes(file.read(4), "little")
        # FFmpeg trusts what is left of a WAV, not its header; a streamed one declares no size.
        cut_off = magic == b"RIFF" and path.stat().st_size < size + 8 < 2**32
        missing = 0.0 if declared is None else declared - len(samples) / SAMPLE_RATE
        if cut_off or missing > max(_MISSING_SECONDS, _MISSING_SHARE * (declared or 0.0)):
            reason = "cut off: its header promises more than is there; copy it again"
            raise MediaError(path, reason)
    if not np.isfinite(samples).all():
        raise MediaError(path, "holds samples that are NaN or infinite")
    stop = None if end is None else round(end * SAMPLE_RATE)
    samples = samples[round(start * SAMPLE_RATE) : stop]
    if len(samples) == 0:
        raise MediaError(path, f"no samples from second {start:g} on" if start else "no samples")
    return np.clip(samples, -1.0, 1.0)


def _decode(path: Path, end: float | None) -> tuple[np.ndarray, float | None]:
    """Samples up to `end`, and the second at which they should end as the header has it."""
    with open_file(path, "audio") as container:
        if not container.streams.audio:
            raise MediaError(path, "has no audio stream")
        stream = container.streams.audio[0]
        declared = float(stream.duration * stream.time_base) if stream.duration else None
        # The resampler keeps the channels: FFmpeg's own downmix to mono adds 3 dB and can clip.
        resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)
        pieces, n = [], 0
        for k, frame in enumerate(container.decode(stream)):
            zero = beginning(container) if k == 0 and moving_pictures(container) else None
            if zero is not None and frame.pts is not None:
                # Silence while a video already runs; a damaged timestamp may claim years of it.
                late = max(float(frame.pts * frame.time_base - zero), 0.0)
                n = round(min(late, (container.duration or 0) / av.time_base) * SAMPLE_RATE)
                pieces.append(np.zeros(n))
                declared = None if declared is None else declared + n / SAMPLE_RATE
            for piece in resampler.resample(frame):
                pieces.append(piece.to_ndarray().mean(axis=0))
                n += len(pieces[-1])
            if end is not None and n >= end * SAMPLE_RATE:
                break
        pieces += [piece.to_ndarray().mean(axis=0) for piece in resampler.resample(None)]
    return np.concatenate(pieces or [np.empty(0)]).astype(np.float32), declared
