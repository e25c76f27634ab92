"""The thesis's numbers beside those of real corpora and those of the demo, never mixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.metrics.intervals import bootstrap_interval
from tells.results.evidence import EVIDENCE
from tells.results.records import Record, read, read_scores
from tells.results.tables import data_name, folds_name, with_interval

THESIS, REAL, DEMO = "thesis", "real corpora", UNDERSTUDY  # the three columns

_POINT = (
    *("id", "section", "title", "source", "data"),
    *("value", "low", "high", "n", "chance", "text"),
)

_LEVEL = 0.95  # of the intervals in records
_THESIS_YAML = Path(__file__).parents[3] / "data" / "thesis.yaml"
_FIELDS = (
    *("id", "experiment", "section", "title", "what", "value", "upper", "qualifier", "reason"),
    *("paper_value", "paper_whose", "also", "corpus", "split", "classes"),
)


def thesis_numbers(path: str | Path | None = None) -> pd.DataFrame:
    """Every number of the thesis's chapter 5, as printed there.

    Args:
        path: of a file like `data/thesis.yaml`; None takes the project's own.

    Returns:
        A row for each number: `id` (unique; names the result record), `experiment`, `section`,
        `title`, `what`, `metric`, `value` (NaN with a `reason` where the thesis gives none),
        `upper` (end of a range), `qualifier` (over, up to), `paper_value` and `paper_whose`,
        `also` (what else the thesis says of it, as text), `corpus`, `split`, `classes`. Texts that
        do not apply are empty.

    Raises:
        TellsError: no such file, or an id comes twice.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    path = _THESIS_YAML if path is None else Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TellsError(
            f"path must be the project's data/thesis.yaml; {path} cannot be read: pass its path."
        ) from error
    rows = []
    for row in content["rows"]:
        paper = row.pop("paper", None) or {}
        row |= {"paper_value": paper.get("value"), "paper_whose": paper.get("whose")}
        rows.append({name: row.get(name) or "" for name in _FIELDS})
    table = pd.DataFrame(rows, columns=list(_FIELDS))
    table.insert(_FIELDS.index("value"), "metric", content["metric"])
    numbers = ["value", "upper", "paper_value"]
    table[numbers] = table[numbers].replace("", None).astype(float)
    table["classes"] = table["classes"].map(tuple)
    if (twice := table["id"].duplicated()).any():
        raise TellsError(f"{path}: an id names one row; {table['id'][twice].iloc[0]} comes twice.")
    return table


def comparison_points(
    experiments: Sequence[str] | None = None,
    *,
    own: Iterable[str | Path] = (),
    evidence: str | Path | None = EVIDENCE,
    metric: str = "balanced_accuracy",
    level: float = _LEVEL,
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
        level: of its intervals; any other than 0.95, which the records hold, is computed from their
            scores.

    Returns:
        Columns `id`, `section`, `title`, `source` (`thesis`, `real corpora` or `understudy`),
        `data` (the corpus's name), `value`, `low`, `high`, `n` (test segments), `chance`
        (1 / number of classes) and `text`. Each id has one row of the thesis.

    Raises:
        TellsError: an experiment that nobody knows, a metric that a record lacks, or a record of
            the demo among the published ones.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    numbers = thesis_numbers()
    records: list[tuple[Record, Path, bool]] = []  # and whether it is of a run, not published
    for folder, of_run in [
        *([] if evidence is None else [(evidence, False)]),
        *((o, True) for o in own),
    ]:
        for path in sorted(Path(folder).rglob("[!.]*.json")):
            record = read(path)
            if record.data == UNDERSTUDY and not of_run:
                raise TellsError(
                    f"evidence must hold records of real corpora only; {path} was computed on the "
                    "understudy: move it to the demo's folder."
                )
            records.append((record, path, of_run))
    if experiments is None:
        experiments = _in_order(numbers, {record.experiment for record, _, _ in records})
    rows: list[dict[str, Any]] = []
    for name in experiments:
        known = numbers[numbers["id"] == name]
        if known.empty:
            known = numbers[numbers["experiment"] == name]
        named = [record for record, _, _ in records if record.experiment == name]
        if known.empty and not named:
            raise TellsError(
                f"experiments must be known; {name!r} is neither in the thesis "
                f"({', '.join(numbers['id'])}) nor among the records: run it first."
            )
        for number in known.to_dict("records") or [
            {"id": name, "section": "—", "title": named[0].title, "classes": named[0].classes}
            | {"value": None, "reason": "—"}
        ]:
            points = [_thesis_point(number)]
            points += [
                _record_point(record, path, metric, level, of_run)
                for record, path, of_run in records
                if record.experiment == number["id"]
            ]
            about = {column: number[column] for column in ("id", "section", "title")}
            rows += [about | point for point in points]
    return pd.DataFrame(rows, columns=[*_POINT])


def comparison_table(points: pd.DataFrame) -> pd.DataFrame:
    """Thesis, real corpora and demo side by side, as text.

    Args:
        points: as `comparison_points` gives them.

    Returns:
        A row for each id, with columns `experiment`, `section`, `thesis`, `real corpora` and
        `understudy`; several records of one column stand in one cell, an empty line between them;
        an em dash where there is no record. Intervals as in `bootstrap_interval`, n = test
        segments.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    rows = []
    for name, own in points.groupby("id", sort=False):
        cells = {
            source: "\n\n".join(own.loc[own["source"] == source, "text"]) or "—"
            for source in (THESIS, REAL, DEMO)
        }
        rows.append({"experiment": name, "section": own["section"].iloc[0]} | cells)
    return pd.DataFrame(rows, columns=["experiment", "section", THESIS, REAL, DEMO])


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
    if number.get("also"):
        text += f"\n{number['also']}"
    return {
        **{"source": THESIS, "data": number.get("corpus")},
        **{"value": number["value"], "low": None, "high": upper},
        **{"n": None, "chance": 1 / len(number["classes"]), "text": text},
    }


def _record_point(
    record: Record, path: Path, metric: str, level: float, own: bool
) -> dict[str, Any]:
    if metric not in record.metrics:
        raise TellsError(
            f"metric must be in the record {record.experiment}, which has "
            f"{', '.join(record.metrics)}; got {metric!r}."
        )
    found = record.metrics[metric]
    if level != _LEVEL:
        interval = bootstrap_interval(
            metric, read_scores(path), level=level, seed=record.seed, threshold=record.threshold
        )
        found = {"value": interval.value, "low": interval.low, "high": interval.high}
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


def _as_printed(value: float) -> str:
    """At least two decimals, and no more than the thesis gives."""
    text = f"{value:.4f}".rstrip("0")
    return text + "0" * max(0, 4 - len(text))
