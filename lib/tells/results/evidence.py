"""The published records, which the book shows: what may be among them, and how it gets there."""

from __future__ import annotations

from pathlib import Path

from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.results.records import read, read_scores, write

EVIDENCE = Path(__file__).parents[3] / "data" / "results"
"""Where the published records lie, `<data>/<experiment>.json`."""


def publish(path: str | Path, *, replace: bool = False, evidence: str | Path = EVIDENCE) -> Path:
    """Put a record and its scores among the evidence, which nothing else writes to.

    Args:
        path: of the record's JSON; its scores lie beside it.
        replace: whether another record may lie there already.
        evidence: folder of the published records.

    Returns:
        The path of the published JSON.

    Raises:
        TellsError: the record is of the understudy; nobody can tell which commit computed it, or it
            was none; another record lies there; or record and scores do not belong together.

    Chapter: results.
    """
    record, scores = read(path), read_scores(path)
    if record.data == UNDERSTUDY:
        raise TellsError(f"{path} was computed on the understudy, and is no evidence of people.")
    version = str(record.versions.get("tells"))
    if "+" not in version or version.endswith(".changed"):
        raise TellsError(
            f"{path} must come from a commit, so that it can be computed again; it comes from "
            f"tells {version}: commit what has changed, and run the chapter again."
        )
    target = Path(evidence) / record.data / f"{record.experiment}.json"
    if target.exists() and not replace and read(target) != record:
        raise TellsError(
            f"{target} holds another record; compare them first, then publish with --replace."
        )
    return write(record, scores, target.parent)
