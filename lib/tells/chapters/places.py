"""Where a run finds and puts files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tells.chapters.source import HOME, SHARED
from tells.errors import TellsError


class Places:
    """Where a run finds and puts files; none of it decides a result.

    What is relative is relative to the project's folder, from wherever a chapter is run.

    Args:
        parameters: of the run.
    """

    NAMES = frozenset(
        ("root", "understudy", "feature_store", "scheduler", "build", "preset", "uses")
    )

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._values = {name: one.default for name, one in SHARED.items()} | dict(parameters)

    @property
    def build(self) -> Path:
        """Where everything is that is generated."""
        return self.resolve(self._values["build"])

    @property
    def understudy(self) -> Path:
        """The folder of the understudy, its IEMOCAP, with its DFDC below it."""
        return self.resolve(self._values["understudy"])

    def root(self, corpus: str) -> Path:
        """The folder of a corpus.

        Raises:
            TellsError: it was not named, and the understudy plays no such corpus.
        """
        if self._values["root"] is not None:
            return self.resolve(self._values["root"])
        played = {"iemocap": self.understudy, "dfdc": self.understudy / "dfdc"}
        if corpus not in played:
            raise TellsError(f"root must name the folder of {corpus}: -p root=/path/to/{corpus}.")
        return played[corpus]

    def features(self, data: str) -> str:
        """Where the features of some data are stored, a folder or an address."""
        folder = self._values["feature_store"]
        return f"{folder if '://' in folder else self.resolve(folder)}/{data}"

    def resolve(self, place: str) -> Path:
        """A folder, from the project's."""
        return HOME / Path(place).expanduser()


def from_here(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a command line gives them: of places, what is relative is so to this folder."""
    folders = Places.NAMES - {"scheduler", "preset", "uses"}
    return {
        name: str(Path(value).expanduser().absolute())
        if name in folders and isinstance(value, str) and "://" not in value
        else value
        for name, value in values.items()
    }
