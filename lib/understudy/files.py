"""Files that are whole or not there: written beside their place, then moved into it."""

import contextlib
import io
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from understudy.errors import UnderstudyError


@contextlib.contextmanager
def placed(path: Path) -> Iterator[Path]:
    """Write a file in one step, with the folders above it.

    Args:
        path: the file; one that is there is replaced.

    Yields:
        A path beside it to write to; what is there in the end is moved into place.

    Raises:
        UnderstudyError: the disk is full, or the folder cannot be written to.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        beside.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            raise UnderstudyError(f"cannot write {path}: {error.strerror}") from error
        raise


def save(path: Path, content: bytes) -> None:
    """Write a file in one step, with the folders above it.

    Args:
        path: the file; one that is there is replaced.
        content: all of it.

    Raises:
        UnderstudyError: the disk is full, or the folder cannot be written to.
    """
    with placed(path) as beside:
        beside.write_bytes(content)


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


def sound(path: Path) -> np.ndarray:
    """Read a WAV file of 16 bits that `wav` has made.

    Returns:
        Shape (n, channels), int16.
    """
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels())
