"""Files that are whole or not there, and a sentence for what the operating system refuses."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tells.errors import TellsError

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


def is_full(error: OSError) -> bool:
    """Whether the disk is full, or as much of it as this user may have."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def explain_os_errors(where: str) -> Iterator[None]:
    """Turn a full disk, a missing right or a path that is no folder into a `TellsError`.

    Args:
        where: what was being written, for the message.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise TellsError(
                f"The disk is full while writing {where}; what was finished is kept. Free some "
                "space and start the same command again."
            ) from error
        if error.errno in _REFUSED:
            raise TellsError(
                f"{where} cannot be written ({error.strerror}); choose another folder."
            ) from error
        raise


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write a file in one step, with the folders above it.

    Whoever reads it meets the old one or the new one, never half of it. Of two that write it at
    once, each writes its own, and the last one stays.

    Args:
        path: the file; one that is there is replaced.

    Yields:
        A path beside it to write to, of the same suffix; it is moved into place at the end.

    Raises:
        TellsError: the disk is full, or the folder cannot be written.
    """
    path = Path(path)
    beside = path.with_name(f".{path.stem}.{uuid4().hex}{path.suffix}")
    with explain_os_errors(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield beside
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
