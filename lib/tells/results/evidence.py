"""The published records, which the book shows: what may be among them, and how it gets there."""

from __future__ import annotations

from pathlib import Path

from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.results.records import Record, read, read_scores, write

EVIDENCE = Path(__file__).parents[3] / "data" / "results"
"""Where the published records lie, `<data>/<experiment>.json`."""


def publish(
    path: str | Path, *, replace: bool = False, evidence: str | Path = EVIDENCE
) -> list[Path]:
    """Put records and their scores among the evidence, which nothing else writes to.

    Args:
        path: the folder of a run, or the JSON of one record, whose scores lie beside it.
        replace: whether another record may lie there already.
        evidence: folder of the published records.

    Returns:
        The paths of the published JSON files.

    Raises:
        TellsError: there is no record; one is of the understudy, or cannot be traced to a commit
            and to its inputs; another record lies there; or record and scores do not belong
            together. Then nothing is published.

    Chapter: results.
    """
    path = Path(path)
    found = sorted((path / "records").glob("*.json")) if path.is_dir() else [path]
    if not found:
        raise TellsError(f"{path} must be the folder of a finished run; it holds no record.")
    records = {one: _publishable(one) for one in found}
    targets = {
        one: Path(evidence) / record.data / f"{record.experiment}.json"
        for one, record in records.items()
    }
    for one, target in targets.items():
        if target.exists() and not replace and read(target) != records[one]:
            raise TellsError(
                f"{target} holds another record; compare them first, then publish with --replace."
            )
    return [write(records[one], read_scores(one), targets[one].parent) for one in found]


def _publishable(path: Path) -> Record:
    """A record of people that can be computed again."""
    record, _ = read(path), read_scores(path)
    if record.data == UNDERSTUDY:
        raise TellsError(f"{path} was computed on the understudy, and is no evidence of people.")
    made_by = [str(record.versions.get("tells"))]
    made_by += [one["tells"] for one in (record.inputs or {}).values() if isinstance(one, dict)]
    for version in ", ".join(made_by).split(", "):  # the runs of a study may have several
        if "+" not in version or version.endswith(".changed"):
            raise TellsError(
                f"{path} must come from a commit, so that it can be computed again; it comes from "
                f"tells {version}: commit what has changed, and run the chapter again."
            )
    if not record.inputs:
        raise TellsError(f"{path} does not say what it was computed from; run the chapter again.")
    return record
