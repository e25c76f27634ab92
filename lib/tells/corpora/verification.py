"""What a corpus on disk holds against what it should hold, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tells.corpora.reasons import ADVICE
from tells.corpora.registry import Adapter, Expected, adapter_of, load
from tells.corpora.table import Corpus, count_reasons
from tells.errors import TellsError

MAX_LINES = 20  # of a list in the summary


@dataclass(frozen=True)
class Verification:
    """A corpus on disk, counted.

    Attributes:
        name: the adapter's name.
        root: what was looked at.
        ok: whether every published count was found, exactly.
        usable: whether `load` gives a table, complete or not.
        labels: shape (n, 2); utterances `found` and `expected` by the corpus's own label.
        folds: shape (n, 2); the same by fold; `expected` is <NA> where it is not published.
        skipped: how many items were left out, by reason.
        missing: what is absent or too much, one sentence each.
        advice: what to do about it, and what is known to be odd, one sentence each.
    """

    name: str
    root: str
    ok: bool
    usable: bool
    labels: pd.DataFrame
    folds: pd.DataFrame
    skipped: pd.Series
    missing: tuple[str, ...]
    advice: tuple[str, ...]

    def summary(self) -> str:
        """The verdict and the counts as lines for a terminal."""
        found = int(self.labels["found"].sum())
        expected = int(self.labels["expected"].sum())
        verdict = "complete" if self.ok else ("incomplete" if self.usable else "not usable")
        lines = [f"{self.name} at {self.root}: {verdict}, {found} of {expected} utterances"]
        if self.usable:
            lines += ["", *_table_lines("label", self.labels), ""]
            lines += _fold_lines(self.folds)
        for title, sentences in (
            ("missing or unexpected:", self.missing),
            ("left out:", [f"{n} x {reason}" for reason, n in self.skipped.items()]),
            ("what to do:", self.advice),
        ):
            if sentences:
                lines += ["", title, *(f"  - {sentence}" for sentence in sentences[:MAX_LINES])]
            if len(sentences) > MAX_LINES:
                lines.append(f"  - and {len(sentences) - MAX_LINES} more")
        return "\n".join(lines)


def verify(name: str, root: str | Path) -> Verification:
    """Count what a corpus on disk holds; a wrong root is a finding, not an exception.

    Args:
        name: one of `CORPORA`.
        root: the folder that should hold the corpus.

    Raises:
        TellsError: there is no corpus of that name.
    """
    adapter = adapter_of(name)
    problems = []
    for options in adapter.attempts:
        try:
            return _compared(adapter, root, load(name, root, **options))
        except (TellsError, OSError) as error:
            problems.append(str(error))
    nothing: Mapping[str, int] = {}
    return Verification(
        name=name,
        root=str(root),
        ok=False,
        usable=False,
        labels=_compare(nothing, adapter.expected.labels),
        folds=_compare(nothing, adapter.expected.folds),
        skipped=pd.Series(dtype="int64", name="count"),
        missing=(problems[0],),
        advice=(adapter.source,),
    )


def _compared(adapter: Adapter, root: str | Path, corpus: Corpus) -> Verification:
    expected = adapter.expected
    labels = _compare(_counts(corpus.table[expected.column]), expected.labels)
    folds = _compare(_counts(corpus.table["fold"]), expected.folds)
    skipped = count_reasons(corpus.skipped)
    missing = (*_differences("label", labels), *_fold_differences(folds, expected))
    advice = [sentence for reason, sentence in ADVICE.items() if reason in skipped.index]
    if missing:
        count = len(corpus.table)
        advice.append(f"for the missing part: {adapter.source}")
        advice.append(f"to go on without it: load takes the {count} utterances that are there")
    return Verification(
        name=adapter.name,
        root=str(root),
        ok=not missing,
        usable=True,
        labels=labels,
        folds=folds,
        skipped=skipped,
        missing=missing,
        advice=(*advice, *(f"note: {note}" for note in adapter.notes)),
    )


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(value): int(count) for value, count in column.value_counts().items()}


def _compare(found: Mapping[str, int], expected: Mapping[str, int]) -> pd.DataFrame:
    names = [*expected, *sorted(set(found) - set(expected))]
    surplus = 0 if expected else None  # what is not published cannot be too much
    return pd.DataFrame(
        {
            "found": pd.array([found.get(name, 0) for name in names], dtype="Int64"),
            "expected": pd.array([expected.get(name, surplus) for name in names], dtype="Int64"),
        },
        index=pd.Index(names, dtype="string"),
    )


def _differences(kind: str, counts: pd.DataFrame) -> tuple[str, ...]:
    known = counts.dropna()
    return tuple(
        f"{kind} {name}: {found} found, {expected} expected"
        for name, found, expected in known[known["found"] != known["expected"]].itertuples()
    )


def _fold_differences(folds: pd.DataFrame, expected: Expected) -> tuple[str, ...]:
    if expected.folds:
        return _differences("fold", folds)
    present = int((folds["found"] > 0).sum())
    if present == expected.fold_count:
        return ()
    return (f"folds: {present} found, {expected.fold_count} expected",)


def _table_lines(kind: str, counts: pd.DataFrame) -> list[str]:
    width = max(12, *(len(name) for name in counts.index))
    lines = [f"  {kind:<{width}} {'found':>8} {'expected':>8}"]
    for name, found, expected in counts.itertuples():
        shown = "-" if pd.isna(expected) else expected
        lines.append(f"  {name:<{width}} {found:>8} {shown:>8}")
    return lines


def _fold_lines(folds: pd.DataFrame) -> list[str]:
    """The folds one by one where they are few, else in one line."""
    if len(folds) <= 10:
        return _table_lines("fold", folds)
    present = folds["found"][folds["found"] > 0]
    least, most = present.min(), present.max()
    size = f"{least}" if least == most else f"{least} to {most}"
    return [f"  {len(present)} folds of {size} utterances each"]
