"""Reading a corpus's folders: tolerant of what people's disks hold, and never outside the root."""

import codecs
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.table import Exclude
from tells.errors import TellsError

MEDIA_SUFFIXES = frozenset(
    (".wav", ".flac", ".mp3", ".ogg", ".m4a", ".aac", ".mp4", ".flv", ".avi", ".mov", ".mkv")
)
MAX_DEPTH = 8  # folders below the root
LFS_HEAD = b"version https://git-lfs"
LFS_MAX_BYTES = 1024  # a pointer has about 130
MAX_ANNOTATION_BYTES = 1 << 24  # FakeAVCeleb has about 4 MB, only LAV-DF more than this


def checked_root(root: object, title: str, layout: str) -> Path:
    """The corpus's root as a path.

    Args:
        root: what the user gave.
        title: the corpus's name in prose, for the message.
        layout: where one of its files is expected, for the message.

    Raises:
        TellsError: it is not a path, does not exist or is not a folder.
    """
    if not isinstance(root, str | os.PathLike) or not str(root).strip():
        raise TellsError(
            f"root must be the path of the folder that holds {title}, not {root!r}; "
            f"expected there: {layout}"
        )
    try:
        folder = Path(os.fsdecode(root)).expanduser()
        found = stat.S_ISDIR(folder.stat().st_mode)
    except (OSError, RuntimeError, ValueError) as error:
        raise TellsError(
            f"root {str(root)!r} for {title} cannot be opened ({_why(error)}); "
            f"expected there: {layout}"
        ) from error
    if not found:
        raise TellsError(
            f"root {str(root)!r} is a file, but {title} needs a folder; expected there: {layout}"
        )
    return folder


def entries(folder: Path, shown: str, exclude: Exclude) -> list[os.DirEntry[str]]:
    """What a folder holds, sorted by name, without hidden files (`.DS_Store`, `._*`).

    A folder that is absent is empty; one that cannot be read is recorded as `shown`.
    """
    try:
        with os.scandir(folder) as found:
            return sorted((e for e in found if not e.name.startswith(".")), key=lambda e: e.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        exclude(shown, exclusions.UNREADABLE)
        return []


def is_dir_entry(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def is_dir(root: Path, relative: str) -> bool:
    """Whether there is a readable folder at a path below the root."""
    try:
        return (root / relative).is_dir()
    except OSError:
        return False


def is_file(root: Path, relative: str) -> bool:
    """Whether there is a regular file at a path below the root."""
    try:
        return (root / relative).is_file()
    except OSError:
        return False


def media_files(root: Path, exclude: Exclude) -> list[str]:
    """Every sound and video file below the root, as sorted POSIX paths relative to it.

    Links to folders are followed, but no folder is entered twice, nor one that holds the root.
    """
    seen = {_identity(folder) for folder in (root, *root.resolve().parents)}
    return sorted(_walk(root, PurePosixPath(), seen, exclude))


def _walk(
    folder: Path, relative: PurePosixPath, seen: set[tuple[int, int]], exclude: Exclude
) -> Iterator[str]:
    for entry in entries(folder, str(relative), exclude):
        path = relative / entry.name
        if not is_dir_entry(entry):
            if path.suffix.lower() in MEDIA_SUFFIXES:
                yield str(path)
            continue
        identity = _identity(Path(entry.path))
        if identity in seen:
            continue
        seen.add(identity)
        if len(path.parts) > MAX_DEPTH:
            exclude(str(path), exclusions.TOO_DEEP)
        else:
            yield from _walk(Path(entry.path), path, seen, exclude)


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def is_valid_media(root: Path, file: str, exclude: Exclude) -> bool:
    """Whether a media file is there in earnest; if not, it is recorded with the reason.

    Only its size and, for a very small file, its first bytes are looked at; nothing is decoded.
    """
    reason = _validation_error(root / file, file)
    if reason:
        exclude(file, reason)
    return reason is None


def _validation_error(path: Path, file: str) -> str | None:
    try:
        file.encode("utf-8")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return exclusions.NOT_A_FILE
        if status.st_size == 0:
            return exclusions.EMPTY_FILE
        if status.st_size < LFS_MAX_BYTES and path.read_bytes().startswith(LFS_HEAD):
            return exclusions.LFS_POINTER
    except UnicodeEncodeError:
        return exclusions.BAD_PATH
    except OSError:
        return exclusions.UNREADABLE
    return None


def read_lines(path: Path, shown: str, exclude: Exclude) -> list[tuple[int, str]]:
    """The lines of an annotation file that are not blank, with their numbers from 1.

    Any line ends. A file that cannot be read is recorded as `shown`.
    """
    lines = re.split(r"\r\n|\r|\n", read_text(path, shown, exclude) or "")
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]


def read_text(
    path: Path, shown: str, exclude: Exclude, *, max_bytes: int = MAX_ANNOTATION_BYTES
) -> str | None:
    """The text of an annotation file.

    UTF-8 with or without a byte-order mark, UTF-16 with one, else Latin-1.

    Args:
        path: the file.
        shown: what it is called in the record of what was left out.
        exclude: records a file that cannot be read.
        max_bytes: a larger file is refused before it is read.

    Returns:
        None where the file was recorded.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            exclude(shown, exclusions.NOT_A_FILE)
        elif status.st_size > max_bytes:
            exclude(shown, exclusions.TOO_LARGE)
        else:
            return _decoded(path.read_bytes())
    except OSError:
        exclude(shown, exclusions.UNREADABLE)
    return None


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
