"""What a corpus on disk holds against what it should hold, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd

from tells.corpora.exclusions import ADVICE, NOT_THERE, count_exclusions
from tells.corpora.registry import Expected, adapter_of, check_options, load
from tells.corpora.table import Corpus
from tells.errors import TellsError

MAX_LINES = 20  # of a list in the summary
MAX_FOLDS = 10  # that are shown one by one
MAX_LABELS = 2  # that are shown for each fold


@dataclass(frozen=True)
class Verification:
    """A corpus on disk, counted.

    Attributes:
        name: the adapter's name.
        root: what was looked at.
        options: those of the adapter with which it was looked at.
        ok: whether every published count was found, exactly.
        usable: whether `load` gives a table, complete or not.
        total: how many clips the whole corpus holds.
        labels: shape (n, 2); clips `found` and `expected` by the corpus's own label; `expected` is
            <NA> where it is not published.
        folds: shape (n, 2); the same by fold.
        found: shape (folds, labels); clips by both.
        exclusions: how many items were left out, by reason.
        missing: what is absent or too much, one sentence each.
        advice: what to do about it, and what is known to be odd, one sentence each.
    """

    name: str
    root: str
    options: Mapping[str, object]
    ok: bool
    usable: bool
    total: int
    labels: pd.DataFrame
    folds: pd.DataFrame
    found: pd.DataFrame
    exclusions: pd.Series
    missing: tuple[str, ...]
    advice: tuple[str, ...]

    def summary(self) -> str:
        """The verdict and the counts as lines for a terminal."""
        found = int(self.labels["found"].sum())
        verdict = "complete" if self.ok else ("incomplete" if self.usable else "not usable")
        name = ", ".join((self.name, *(f"{k} {v}" for k, v in self.options.items())))
        lines = [f"{name} at {self.root}: {verdict}, {found} of {self.total} clips"]
        if self.usable:
            lines += ["", *_table_lines("label", self.labels), ""]
            lines += _fold_lines(self)
        for title, sentences in (
            ("missing or unexpected:", self.missing),
            ("left out:", [f"{n} x {reason}" for reason, n in self.exclusions.items()]),
            ("what to do:", self.advice),
        ):
            if sentences:
                lines += ["", title, *(f"  - {sentence}" for sentence in sentences[:MAX_LINES])]
            if len(sentences) > MAX_LINES:
                lines.append(f"  - and {len(sentences) - MAX_LINES} more")
        return "\n".join(lines)


def verify(name: str, root: str | Path, **options: object) -> Verification:
    """Count what a corpus on disk holds; a wrong root is a finding, not an exception.

    Args:
        name: one of `CORPORA`.
        root: the folder that should hold the corpus.
        **options: the corpus's own, as of `load`; by default, those are tried with which it is most
            often had, sound before pictures.

    Raises:
        TellsError: there is no corpus of that name, or an option is wrong.
    """
    adapter = adapter_of(name)
    check_options(adapter, options)
    tried, problems = (options,) if options else adapter.verify_options, []
    chosen, corpus, found = tried[0], None, pd.DataFrame()
    for one in tried:
        try:
            corpus, chosen = load(name, root, **one), one
            break
        except (TellsError, OSError) as error:
            problems.append(str(error))
    expected = adapter.expected_of_media.get(chosen.get("media"), adapter.expected)
    if corpus is not None:
        found = pd.crosstab(corpus.table["fold"], corpus.table[expected.column])
    labels = _compare(found.sum(), expected.labels)
    folds = _compare(found.sum(axis=1), expected.folds)
    if corpus is None:
        exclusions = pd.Series(dtype="int64", name="count")
        missing, advice = (problems[0],), [adapter.source]
    else:
        exclusions = count_exclusions(corpus.exclusions)
        missing = _missing(corpus, expected, labels, folds)
        advice = [sentence for reason, sentence in ADVICE.items() if reason in exclusions.index]
        if missing:
            count = len(corpus.table)
            advice.append(f"for the missing part: {adapter.source}")
            advice.append(f"to go on without it: load takes the {count} clips that are there")
        advice += [f"note: {note}" for note in adapter.notes]
    return Verification(
        name=name,
        root=str(root),
        options=chosen,
        ok=not missing,
        usable=corpus is not None,
        total=expected.total,
        labels=labels,
        folds=folds,
        found=found,
        exclusions=exclusions,
        missing=missing,
        advice=tuple(advice),
    )


def _compare(found: pd.Series, expected: Mapping[str, int | None]) -> pd.DataFrame:
    names = [*expected, *sorted(set(found.index) - set(expected))]
    return pd.DataFrame(
        {
            "found": pd.array([found.get(name, 0) for name in names], dtype="Int64"),
            "expected": pd.array([expected.get(name, 0) for name in names], dtype="Int64"),
        },
        index=pd.Index(names, dtype="string"),
    )


def _missing(
    corpus: Corpus, expected: Expected, labels: pd.DataFrame, folds: pd.DataFrame
) -> tuple[str, ...]:
    """What is absent or too much: by label, by fold, in all where labels do not say, by file."""
    sentences = []
    for kind, counts in (("label", labels), ("fold", folds)):
        known = counts.dropna()
        for name, n, whole in known[known["found"] != known["expected"]].itertuples():
            sentences.append(f"{kind} {name}: {n} found, {whole} expected")
    absent = (folds["found"] == 0) & folds["expected"].isna()
    if absent.any():
        runs = [list(run) for flag, run in groupby(folds.index, absent.get) if flag]
        shown = ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
        sentences.append(f"folds without a clip, {absent.sum()} of {len(folds)}: {shown}")
    if len(corpus.table) != expected.total and None in expected.labels.values():
        sentences.append(f"clips: {len(corpus.table)} found, {expected.total} expected")
    items = corpus.exclusions["item"][corpus.exclusions["reason"] == NOT_THERE]
    return (*sentences, *(f"file {item}: {NOT_THERE}" for item in items))


def _table_lines(kind: str, counts: pd.DataFrame) -> list[str]:
    """A table whose index is headed by `kind`; what is not published is a dash."""
    width = max(12, *(len(name) for name in counts.index))
    rows = [(kind, counts.columns), *((name, row) for name, *row in counts.itertuples())]
    return [
        f"  {name:<{width}} " + " ".join(f"{'-' if pd.isna(cell) else cell:>8}" for cell in cells)
        for name, cells in rows
    ]


def _fold_lines(found: Verification) -> list[str]:
    """The folds one by one where they are few, else in one line; with their labels if those are."""
    present = found.folds[found.folds["found"] > 0]
    if len(found.labels) <= MAX_LABELS:
        return _table_lines("fold", present.join(found.found))
    if len(found.folds) <= MAX_FOLDS:
        return _table_lines("fold", found.folds)
    least, most = present["found"].min(), present["found"].max()
    size = f"{least}" if least == most else f"{least} to {most}"
    return [f"  {len(present)} folds of {size} clips each"]
