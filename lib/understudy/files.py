"""Files that are whole or not there: written beside their place, then moved into it."""

import contextlib
import io
import wave
from pathlib import Path

import numpy as np

from understudy.errors import UnderstudyError


def save(path: Path, content: bytes) -> None:
    """Write a file in one step, with the folders above it.

    Args:
        path: the file; one that is there is replaced.
        content: all of it.

    Raises:
        UnderstudyError: the disk is full, or the folder cannot be written to.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise UnderstudyError(f"cannot write {path}: {error.strerror}") from error


def wav(samples: np.ndarray, rate: int) -> bytes:
    """Return a WAV file of 16 bits.

    Args:
        samples: shape (n,) or (n, channels), in [-1, 1].
        rate: Hz.
    """
    frames = np.rint(samples * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if frames.ndim == 1 else frames.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames.tobytes())
    return buffer.getvalue()
