"""The thesis's numbers beside those of real corpora and those of the demo, never mixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.results.evidence import EVIDENCE
from tells.results.records import Record, read
from tells.results.tables import with_interval
from tells.results.thesis import thesis_numbers

THESIS, REAL, DEMO = "thesis", "real corpora", UNDERSTUDY  # the three columns

_NAMES = {
    "iemocap": "IEMOCAP",
    "ravdess": "RAVDESS",
    "ravdess-forged": "RAVDESS with forged voices",
    "crema-d": "CREMA-D",
    "cremad": "CREMA-D",
    "emodb": "EMO-DB",
    "emo-db": "EMO-DB",
    "dfdc": "DFDC",
    "fakeavceleb": "FakeAVCeleb",
    "lav-df": "LAV-DF",
    "lavdf": "LAV-DF",
}
_FOLDS = {  # what a fold of an adapter is; else: fold
    "iemocap": "session",
    "ravdess": "actor",
    "ravdess-forged": "actor",
    "cremad": "actor",
    "emodb": "speaker",
    "dfdc": "folder",
}


def comparison_points(
    experiments: Sequence[str] | None = None,
    *,
    own: Iterable[str | Path] = (),
    evidence: str | Path | None = EVIDENCE,
    metric: str = "balanced_accuracy",
    thesis: str | Path | None = None,
) -> pd.DataFrame:
    """Every number that is known of some experiments, a row each; what `plots.comparison` draws.

    A record belongs to where its `data` says that it was computed, not to where it lies: one of a
    real corpus in the demo's folder is a reader's own run and counts as real.

    Args:
        experiments: ids of `thesis_numbers`, or experiments, which stand for all their ids. One
            that the thesis lacks is known by its records. None takes all of the thesis, and after
            each what of the records is named after it: `ser-2`, `ser-2-scaled`.
        own: folders of the records of runs, `<experiment>.json`; one that does not exist holds
            none.
        evidence: folder of the published records, `<data>/<experiment>.json`; None takes none.
        metric: the metric of the records that is compared.
        thesis: path of the thesis's numbers; None takes the project's own.

    Returns:
        Columns `id`, `section`, `title`, `source` (`thesis`, `real corpora` or `understudy`),
        `data` (the corpus's name), `value`, `low`, `high`, `n` (test segments), `chance`
        (1 / number of classes) and `text`. Each id has one row of the thesis.

    Raises:
        TellsError: an experiment that nobody knows, or a record of the demo among the committed
            ones.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    numbers = thesis_numbers(thesis)
    records = _records(evidence, own=False)
    records += [record for folder in own for record in _records(folder, own=True)]
    rows: list[dict[str, Any]] = []
    for number in _chosen(numbers, records, experiments):
        rows.append(_thesis_point(number))
        rows += [
            {"id": number["id"], "section": number["section"], "title": number["title"]}
            | _record_point(record, metric, own)
            for record, own in records
            if record.experiment == number["id"]
        ]
    return pd.DataFrame(rows, columns=[*_POINT])


def comparison_table(
    experiments: Sequence[str] | None = None,
    *,
    own: Iterable[str | Path] = (),
    evidence: str | Path | None = EVIDENCE,
    metric: str = "balanced_accuracy",
    thesis: str | Path | None = None,
) -> pd.DataFrame:
    """Thesis, real corpora and demo side by side, as text.

    Args:
        experiments: as in `comparison_points`.
        own: folders of the records of runs.
        evidence: folder of the published records.
        metric: the metric that is compared.
        thesis: path of the thesis's numbers; None takes the project's own.

    Returns:
        A row for each id, with columns `experiment`, `section`, `thesis`, `real corpora` and
        `understudy`; several records of one column stand in one cell, an empty line between them;
        an em dash where there is no record. Intervals as in `bootstrap_interval`, n = test
        segments.

    Raises:
        TellsError: as `comparison_points`.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    points = comparison_points(
        experiments, own=own, evidence=evidence, metric=metric, thesis=thesis
    )
    rows = []
    for name, own in points.groupby("id", sort=False):
        cells = {
            source: "\n\n".join(own.loc[own["source"] == source, "text"]) or "—"
            for source in (THESIS, REAL, DEMO)
        }
        rows.append({"experiment": name, "section": own["section"].iloc[0]} | cells)
    return pd.DataFrame(rows, columns=["experiment", "section", THESIS, REAL, DEMO])


_POINT = (
    *("id", "section", "title", "source", "data"),
    *("value", "low", "high", "n", "chance", "text"),
)


def _records(folder: str | Path | None, *, own: bool) -> list[tuple[Record, bool]]:
    """The records in a folder, and whether they are of this run rather than published."""
    if folder is None:
        return []
    found = []
    for path in sorted(Path(folder).rglob("*.json")):
        if path.name.startswith("."):
            continue
        record = read(path)
        if record.data == UNDERSTUDY and not own:
            raise TellsError(
                f"evidence must hold records of real corpora only; {path} was computed on the "
                "understudy: move it to the demo's folder."
            )
        found.append((record, own))
    return found


def _chosen(
    numbers: pd.DataFrame, records: list[tuple[Record, bool]], experiments: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Rows of the thesis, and stand-ins for experiments that only have records."""
    if experiments is None:
        experiments = _in_order(numbers, {record.experiment for record, _ in records})
    chosen: list[dict[str, Any]] = []
    for name in experiments:
        known = numbers[numbers["id"] == name]
        if known.empty:
            known = numbers[numbers["experiment"] == name]
        own = [record for record, _ in records if record.experiment == name]
        if known.empty and not own:
            raise TellsError(
                f"experiments must be known; {name!r} is neither in the thesis "
                f"({', '.join(numbers['id'])}) nor among the records: run it first."
            )
        chosen += known.to_dict("records") or [
            {"id": name, "section": "—", "title": own[0].title, "classes": own[0].classes}
            | {"value": None, "reason": "—"}
        ]
    return chosen


def _in_order(numbers: pd.DataFrame, recorded: set[str]) -> list[str]:
    """All of the thesis, each with its variants after it; what has no name of its, at the end."""
    places = {name: place for place, name in enumerate(numbers["id"])}
    # a variant of an experiment with several ids comes after the last of them
    by_experiment = dict(zip(numbers["experiment"], places.values(), strict=True))

    def key(name: str) -> tuple[int, str]:
        if name in places:
            return places[name], ""
        of = max(
            (n for n in places | by_experiment if name.startswith(f"{n}-")), key=len, default=""
        )
        return (by_experiment | places).get(of, len(places)), name

    return sorted({*places, *recorded}, key=key)


def _thesis_point(number: dict[str, Any]) -> dict[str, Any]:
    upper = number.get("upper")
    text = number["reason"]
    if pd.notna(number["value"]):
        text = _as_printed(number["value"])
        text = f"{number['qualifier']} {text}" if number["qualifier"] else text
        text = f"{text} to {_as_printed(upper)}" if pd.notna(upper) else text
    if pd.notna(number.get("paper_value")):
        text += f"\n({number['paper_whose']}: {_as_printed(number['paper_value'])})"
    return {
        **{name: number[name] for name in ("id", "section", "title", "value")},
        **{"source": THESIS, "data": number.get("corpus"), "low": None, "high": upper},
        **{"n": None, "chance": 1 / len(number["classes"]), "text": text},
    }


def _record_point(record: Record, metric: str, own: bool) -> dict[str, Any]:
    if metric not in record.metrics:
        raise TellsError(
            f"metric must be in the record {record.experiment}, which has "
            f"{', '.join(record.metrics)}; got {metric!r}."
        )
    found = record.metrics[metric]
    demo = record.data == UNDERSTUDY
    data = data_name(record)
    where = [
        *([] if demo else [data]),
        folds_name(record),
        f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{record.n_test}",
    ]
    text = f"{with_interval(**found)}\n{', '.join(where)}"
    return {
        **{"source": DEMO if demo else REAL, "data": data, "n": record.n_test} | found,
        "chance": 1 / len(record.classes),
        "text": f"{text}, this run" if own and not demo else text,
    }


def data_name(record: Record) -> str:
    """The corpus as people write it: `RAVDESS`. Chapter: 05_5_1_audio_detection."""
    return _NAMES.get(record.data, record.data)


def folds_name(record: Record) -> str:
    """The test folds: `session 5`, `actors 21-24`. Chapter: 05_5_1_audio_detection."""
    folds = [str(fold) for fold in record.split["test"]]
    if len(folds) > 2 and all(fold.isdecimal() for fold in folds):
        numbers = sorted(map(int, folds))
        if numbers == list(range(numbers[0], numbers[-1] + 1)):
            folds = [f"{numbers[0]}-{numbers[-1]}"]
    if not all(fold.replace("-", "").isdecimal() for fold in folds):
        return ", ".join(folds)
    word = _FOLDS.get(record.adapter, "fold")
    return f"{word}{'s' if len(record.split['test']) > 1 else ''} {', '.join(folds)}"


def _as_printed(value: float) -> str:
    """At least two decimals, and no more than the thesis gives."""
    text = f"{value:.4f}".rstrip("0")
    return text + "0" * max(0, 4 - len(text))
