"""Arrays that take longer to compute than to read, on disk for as long as a process needs them."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tells.files import explain_os_errors

MOST = 2**30  # bytes on disk


class ArrayCache:
    """Float32 arrays of one shape, by number; each is computed when it is asked for first.

    They lie in a file without a name that goes with this object: memory does not grow with them,
    and no later run meets what an earlier one has computed in another way.

    Args:
        folder: of the file; it must be there.
        most: bytes of the file. Arrays that find no room in it are computed each time.

    Raises:
        TellsError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, *, most: int = MOST) -> None:
        self._folder = folder
        self._most = most
        self._places: dict[int, int] = {}  # where each array begins, in bytes
        with explain_os_errors(str(folder)):
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open while this is
        weakref.finalize(self, self._file.close)

    def get(self, number: int, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """The array of that number, as `compute` gives it.

        Raises:
            TellsError: the disk is full.
        """
        if number in self._places:
            self._file.seek(self._places[number])
            value = np.empty(self._shape, np.float32)
            self._file.readinto(value)
            return value
        value = np.ascontiguousarray(compute(), np.float32)
        self._shape = value.shape
        place = len(self._places) * value.nbytes
        if place + value.nbytes <= self._most:
            with explain_os_errors(str(self._folder)):
                self._file.seek(place)
                self._file.write(value)
            self._places[number] = place
        return value
