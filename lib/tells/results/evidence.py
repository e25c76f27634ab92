"""The published records, which the book shows: what may be among them, and how it gets there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.results.records import Record, read, read_scores, write
from tells.results.tables import data_name

EVIDENCE = Path(__file__).parents[3] / "data" / "results"
"""Where the published records lie, `<data>/<experiment>.json`."""


def publish(
    path: str | Path, *, replace: bool = False, evidence: str | Path = EVIDENCE
) -> list[Path]:
    """Put records and their scores among the evidence, which nothing else writes to.

    Args:
        path: the folder of a run or a study, or the JSON of one record, whose scores lie beside it.
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
        raise TellsError(
            f"{path} must be the folder of a finished run or study; it holds no record."
        )
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


def published(
    *experiments: str, evidence: str | Path = EVIDENCE
) -> dict[str, tuple[Record, pd.DataFrame]]:
    """The published records of some experiments and their scores, of every corpus of people.

    Args:
        *experiments: `ser-2`, `ser-2-baseline`.
        evidence: folder of the published records.

    Returns:
        Record and scores by `RAVDESS, ser-2`, corpora by name, experiments as given.

    Raises:
        TellsError: an experiment has no published record.

    Chapter: 05_3_2_speech_experiment_2.
    """
    found: dict[str, tuple[Record, pd.DataFrame]] = {}
    for path in sorted(Path(evidence).glob("*/*.json"), key=lambda p: p.parent):
        if path.stem in experiments:
            record = read(path)
            found[f"{data_name(record)}, {record.experiment}"] = record, read_scores(path)
    known = {record.experiment for record, _ in found.values()}
    if missing := [name for name in experiments if name not in known]:
        raise TellsError(
            f"{missing[0]} must have a published record in {evidence}; make its study and publish "
            "it, see data/README.md."
        )
    order = list(experiments).index
    return dict(sorted(found.items(), key=lambda o: (o[1][0].data, order(o[1][0].experiment))))


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
