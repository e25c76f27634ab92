"""The baked head: what all the actors' heads are made from."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from understudy.assets import BASIS
from understudy.errors import UnderstudyError

SKIN, EYE, TEETH, TONGUE, SHIRT = range(5)


@dataclass(frozen=True, eq=False)
class Basis:
    """MakeHuman's head, as baked. One unit is a decimetre; x to the actor's left, y up, z ahead.

    Attributes:
        vertices: shape (n, 3), float32.
        faces: shape (m, 4), int32, corners of each quadrilateral.
        corners: shape (m, 4, 2), float32, texture coordinates of each corner, y down, in [0, 1].
        parts: shape (m,), int8: `SKIN`, `EYE`, `TEETH`, `TONGUE` or `SHIRT`.
        names: of the targets; the first 52 are the face units.
        targets: shape (t, n, 3), float16, how each target moves the vertices.
        lips, lids, ears: shape (rows, columns), uint8, masks over the face's piece of the texture.
    """

    vertices: np.ndarray
    faces: np.ndarray
    corners: np.ndarray
    parts: np.ndarray
    names: np.ndarray
    targets: np.ndarray
    lips: np.ndarray
    lids: np.ndarray
    ears: np.ndarray


def load_basis(path: str | Path = BASIS) -> Basis:
    """Read the baked head.

    Args:
        path: what `understudy bake` wrote.

    Raises:
        UnderstudyError: there is no such file, or it holds something else.
    """
    if not Path(path).is_file():
        raise UnderstudyError(f"{path}: the actors' heads are missing; run `make assets`")
    fields = Basis.__dataclass_fields__
    try:
        with np.load(path) as arrays:
            return Basis(**{name: arrays[name] for name in fields})
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnderstudyError(
            f"{path}: not a baked head; remove it and run `make assets`"
        ) from error
