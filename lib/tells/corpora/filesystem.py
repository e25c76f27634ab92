"""Reading a corpus's folders: tolerant of what people's disks hold, and never outside the root.

Paths are relative to the root, and are recorded with `exclude` where they cannot be used.
"""

import codecs
import os
import re
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.exclusions import Exclude
from tells.errors import TellsError

MEDIA_SUFFIXES = frozenset(
    (".wav", ".flac", ".mp3", ".ogg", ".m4a", ".aac", ".mp4", ".flv", ".avi", ".mov", ".mkv")
)
MAX_DEPTH = 8  # folders below the root
LFS_HEAD = b"version https://git-lfs"
LFS_MAX_BYTES = 1024  # a pointer has about 130
MAX_ANNOTATION_BYTES = 1 << 24  # FakeAVCeleb has about 4 MB, only LAV-DF more than this

# unlike Path's, they are False where the user may not look, or a link leads to itself
is_dir, is_file = os.path.isdir, os.path.isfile


def checked_root(root: object, title: str, layout: str) -> Path:
    """What the user gave as a corpus's root, if it is the path of a folder that can be opened."""
    hint = f"expected there: {layout}"
    if not isinstance(root, str | os.PathLike) or not str(root).strip():
        raise TellsError(
            f"root must be the path of the folder that holds {title}, not {root!r}; {hint}"
        )
    try:
        folder = Path(os.fsdecode(root)).expanduser()
        found = stat.S_ISDIR(folder.stat().st_mode)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise TellsError(
            f"root {str(root)!r} for {title} cannot be opened ({why}); {hint}"
        ) from error
    if not found:
        raise TellsError(f"root {str(root)!r} is a file, but {title} needs a folder; {hint}")
    return folder


def entries(root: Path, folder: str, exclude: Exclude) -> list[str]:
    """The sorted names in a folder, without hidden files (`.DS_Store`, `._*`); none if absent."""
    try:
        names = [path.name for path in (root / folder).iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        exclude(folder, exclusions.UNREADABLE)
        return []
    return sorted(name for name in names if not name.startswith("."))


def media_files(root: Path, exclude: Exclude, base: str | PurePosixPath = ".") -> list[str]:
    """Every sound and video file below a folder, as sorted POSIX paths relative to that folder.

    Links to folders are followed, but no folder is entered twice, nor one that holds the first.
    """
    seen = {_identity(parent) for parent in (root / base).resolve().parents}
    found, waiting = [], [PurePosixPath()]
    while waiting:
        folder = waiting.pop()
        place = PurePosixPath(base, folder)
        identity = _identity(root / place)
        if identity in seen:
            continue
        seen.add(identity)
        if len(folder.parts) > MAX_DEPTH:
            exclude(str(place), exclusions.TOO_DEEP)
            continue
        for name in reversed(entries(root, str(place), exclude)):
            path = folder / name
            if is_dir(root / place / name):
                waiting.append(path)
            elif path.suffix.lower() in MEDIA_SUFFIXES:
                found.append(str(path))
    return sorted(found)


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def is_valid_media(root: Path, file: str, exclude: Exclude) -> bool:
    """Whether a media file is there in earnest; if not, it is recorded with the reason.

    Only its size and, for a very small file, its first bytes are looked at; nothing is decoded.
    """
    reason, path = None, root / file
    try:
        file.encode("utf-8")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            reason = exclusions.NOT_A_FILE
        elif status.st_size == 0:
            reason = exclusions.EMPTY_FILE
        elif status.st_size < LFS_MAX_BYTES and path.read_bytes().startswith(LFS_HEAD):
            reason = exclusions.LFS_POINTER
    except UnicodeEncodeError:
        reason = exclusions.BAD_PATH
    except OSError:
        reason = exclusions.UNREADABLE
    if reason:
        exclude(file, reason)
    return reason is None


def read_lines(root: Path, file: str, exclude: Exclude) -> list[tuple[str, str]]:
    """The lines of an annotation file that are not blank, each with its place as `file:number`."""
    lines = re.split(r"\r\n|\r|\n", read_text(root, file, exclude) or "")
    return [(f"{file}:{n}", line.strip()) for n, line in enumerate(lines, 1) if line.strip()]


def read_text(
    root: Path, file: str, exclude: Exclude, *, max_bytes: int = MAX_ANNOTATION_BYTES
) -> str | None:
    """The text of an annotation file; None where it is too large or cannot be read.

    UTF-8 with or without a byte-order mark, UTF-16 with one, else Latin-1.
    """
    path = root / file
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            exclude(file, exclusions.NOT_A_FILE)
            return None
        if status.st_size > max_bytes:
            exclude(file, exclusions.TOO_LARGE)
            return None
        data = path.read_bytes()
    except OSError:
        exclude(file, exclusions.UNREADABLE)
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return data.decode("latin-1")
