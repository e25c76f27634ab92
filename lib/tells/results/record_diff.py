"""Two records side by side: what was done differently, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tells.errors import TellsError
from tells.metrics.intervals import Interval
from tells.metrics.scores import by_utterance
from tells.metrics.significance import bootstrap_difference
from tells.results.records import Record, read, read_scores
from tells.results.tables import data_name, folds_name, with_interval

_BY_UTTERANCE = "balanced_accuracy_utterance"
_RESULTS = ("metrics", "confusion_matrix", "confusion_matrix_at_threshold")


class RecordDiff(NamedTuple):
    """What `compare` found of two records, A and B."""

    first: Record  # A
    second: Record  # B
    notes: list[str]  # what a reader must know before comparing; may be empty
    settings: pd.DataFrame  # columns setting, A, B, as text; only what differs
    metrics: pd.DataFrame  # index metric; columns A, B, difference and *_low, *_high of each

    def table(self) -> pd.DataFrame:
        """The metrics as text: columns metric, A, B and B − A, with their intervals."""
        text = pd.DataFrame({"metric": [name.replace("_", " ") for name in self.metrics.index]})
        for column, title in (("A", "A"), ("B", "B"), ("difference", "B − A")):
            sign = column == "difference"
            numbers = self.metrics[[column, f"{column}_low", f"{column}_high"]]
            text[title] = [
                with_interval(*row, sign=sign) for row in numbers.itertuples(index=False)
            ]
        return text

    def names(self) -> list[str]:
        """What A and B are, a line each."""
        return [
            f"{letter}: {one.experiment} ({one.title}), {data_name(one)}, test: {folds_name(one)}, "
            f"n = {one.n_test}, {one.seeds}"
            for letter, one in (("A", self.first), ("B", self.second))
        ]


def compare(first: str | Path, second: str | Path, *, n: int = 2000) -> RecordDiff:
    """Compare two records: settings, versions, metrics, and the metrics' differences.

    Where both hold scores of the same segments, each difference has a 95 % interval: every resample
    of speakers, or of sources, and of the clips of each is judged by both
    (`bootstrap_difference`). It is narrower than the two intervals suggest, and if it holds 0 the
    test set does not tell the two apart.

    Args:
        first: the JSON of record A; its scores lie beside it.
        second: of record B.
        n: number of resamples.

    Returns:
        The records, what differs, and the metrics that both have.

    Raises:
        TellsError: a record that cannot be read, or two whose classes differ.

    Thesis: none; sections 5.3 to 5.5 compare without a test. Chapter: results.
    """
    one, other = read(first), read(second)
    if set(one.classes) != set(other.classes):
        raise TellsError(
            f"A and B must be records of the same classes; A has {', '.join(one.classes)} and B "
            f"has {', '.join(other.classes)}: their numbers do not measure the same task."
        )
    notes = list(_cautions(one, other))
    shared = sorted(set(one.metrics) & set(other.metrics), key=lambda m: (m.startswith("auc_"), m))
    paired: dict[str, Interval] = {}
    try:
        paired = _paired((first, second), (one, other), shared, n)
    except TellsError as error:
        notes.append(f"The differences have no intervals: {error}")
    rows = [_row(one.metrics[name], other.metrics[name], paired.get(name)) for name in shared]
    metrics = pd.DataFrame(rows, index=pd.Index(shared, name="metric"))
    return RecordDiff(one, other, notes, _settings(one, other), metrics)


def _cautions(first: Record, second: Record) -> Iterator[str]:
    """Why a difference of these two numbers may not mean what it seems to."""
    if first.data != second.data:
        yield (
            f"The corpora differ, {data_name(first)} and {data_name(second)}: the differences are "
            "of the data as much as of the method."
        )
    elif set(map(str, first.split["test"])) != set(map(str, second.split["test"])):
        yield (
            f"The test folds differ, {folds_name(first)} and {folds_name(second)}: others were "
            "tested, so a part of the differences is chance."
        )


def _paired(
    paths: tuple[str | Path, str | Path],
    records: tuple[Record, Record],
    names: list[str],
    n: int,
) -> dict[str, Interval]:
    """B - A of each metric, with intervals, on the segments of both."""
    a = read_scores(paths[0])
    b = read_scores(paths[1])
    found = {}
    for name in names:
        tables, statistic = [b, a], name
        if name == _BY_UTTERANCE:
            tables = [by_utterance(table) for table in tables]
            statistic = "balanced_accuracy"
        found[name] = bootstrap_difference(
            *tables,
            statistic,
            thresholds=(records[1].threshold, records[0].threshold),
            n=n,
            seed=records[0].seed,
        )
    return found


def _row(
    first: Mapping[str, float], second: Mapping[str, float], paired: Interval | None
) -> dict[str, float | None]:
    difference = {"value": second["value"] - first["value"], "low": None, "high": None}
    if paired is not None:
        difference = paired._asdict()
    row: dict[str, float | None] = {}
    for name, numbers in (("A", first), ("B", second), ("difference", difference)):
        row |= {name: numbers["value"]}
        row |= {f"{name}_{end}": numbers[end] for end in ("low", "high")}
    return row


def _settings(first: Record, second: Record) -> pd.DataFrame:
    """What was done differently, a row each; a dash where a record does not say."""
    a, b = _flat(first), _flat(second)
    rows = [
        (name, a.get(name, "—"), b.get(name, "—"))
        for name in dict.fromkeys([*a, *b])
        if a.get(name) != b.get(name)
    ]
    return pd.DataFrame(rows, columns=["setting", "A", "B"])


def _flat(record: Record) -> dict[str, str]:
    """All that a record says but its results, as text: `{"split test": "5", "seed": "0" ...}`."""
    flat: dict[str, Any] = {}
    for name, value in asdict(record).items():
        if name in _RESULTS or value is None:
            continue
        if isinstance(value, Mapping):
            flat |= {f"{name} {key}": part for key, part in value.items()}
        else:
            flat[name] = value
    return {name: _as_text(value) for name, value in flat.items()}


def _as_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_as_text(part)}" for key, part in value.items()) or "—"
    if isinstance(value, list | tuple):
        return ", ".join(map(_as_text, value)) or "—"
    return str(value)
