"""What is raised for a file that cannot be used."""

from __future__ import annotations

from pathlib import Path

from tells.errors import TellsError


class MediaError(TellsError):
    """A file cannot be used.

    Attributes:
        reason: why, without the file's name, so that a run can count equal reasons.
    """

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Cross process borders, as Dask asks of an exception."""
        return type(self), (str(self).removesuffix(f": {self.reason}"), self.reason)
