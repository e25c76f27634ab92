"""Files: those that the package brings, and written ones, which are whole or not there."""

import contextlib
import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from understudy.errors import UnderstudyError

DATA = Path(__file__).with_name("data")
BASIS = Path(__file__).parents[2] / "build" / "assets" / "head.npz"
"""The head that all actors' heads are made from, where `make assets` puts it."""

DIGEST = "d56e9b02a06dc4d03b4b1781ad2e20da32a0c4cb06edd256d44ea0a3af70d343"
"""sha256 of the files that it is made from; MakeHuman's project gave them away under CC0."""


def read_yaml(name: str) -> dict[str, Any]:
    """Return what a YAML file in `understudy/data` holds."""
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
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


def write_missing(path: Path, content: bytes) -> None:
    """Write a file in one step, with the folders above it, where there is none.

    Raises:
        UnderstudyError: the disk is full, or the folder cannot be written to.
    """
    if not path.exists():
        with replacing(path) as beside:
            beside.write_bytes(content)


def wav_bytes(samples: np.ndarray, rate: int) -> bytes:
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


def read_wav(path: Path) -> np.ndarray:
    """Return the samples of a WAV file of 16 bits, shape (n, channels), int16."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels())
