"""What a run answers, and what its `run.json` says of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tells.chapters.places import Places

STATE = "run.json"  # in a run's folder: its question, and how far it has come


@dataclass(frozen=True)
class Question:
    """What a run answers: everything that decides its result, apart from code.

    Attributes:
        chapter: the name of the chapter.
        parameters: its parameters that are not mere places.
        data: what the data are called, and a digest of the root's files by names, sizes and times.
        uses: the runs that it builds on, by chapter.
    """

    chapter: str
    parameters: Mapping[str, Any]
    data: Mapping[str, str]
    uses: Mapping[str, str]

    @property
    def name(self) -> str:
        """A readable beginning and the digest, as `understudy-seed0-1f0c2d3e4a5b`."""
        text = json.dumps(vars(self), sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        seed = [f"seed{self.parameters['seed']}"] if "seed" in self.parameters else []
        return "-".join([*filter(None, [self.data.get("name")]), *seed, digest])


def decisive(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that decide a result: all but where files lie."""
    return {name: value for name, value in parameters.items() if name not in Places.NAMES}


def read_state(folder: Path) -> dict[str, Any]:
    """What the `run.json` of a folder says; empty if there is none, or it was cut off."""
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def stamp(root: Path, *, times: bool = False) -> str:
    """Digest of a folder's files by their names and sizes, and on one machine by their times."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file():
            status = path.stat()
            told = [str(path.relative_to(root)), status.st_size]
            total.update(f"{[*told, status.st_mtime_ns] if times else told}\n".encode())
    return total.hexdigest()[:16]
