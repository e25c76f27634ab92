"""The one table that every corpus becomes, and the record of what was left out of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import audformat
import pandas as pd

CLASSES = ("anger", "happiness", "sadness", "neutral", "other")
UNDERSTUDY = "understudy"  # what checkpoints and records call the procedural demo
_MARK = "understudy.json"  # what it writes beside the corpora that it plays

Row = dict[str, object]
Exclude = Callable[[str, str], None]

COMMON_COLUMNS = {
    "utterance": "string",
    "emotion": "string",
    "label": "string",
    "speaker": "string",
    "fold": "string",
}


@dataclass(frozen=True)
class Corpus:
    """A corpus on disk as one table of labelled segments.

    Attributes:
        name: the adapter's name.
        root: the folder that the table's file names are relative to.
        table: one row for each utterance; audformat's segmented index (`file`, `start`, `end`),
            where an `end` of NaT means "to the end of the file".
        exclusions: everything that was found but left out, with the columns `item` and `reason`.
    """

    name: str
    root: Path
    table: pd.DataFrame
    exclusions: pd.DataFrame

    @property
    def data(self) -> str:
        """The name of this data in records, checkpoints and captions; see `identify`."""
        return identify(self.name, self.root)


def identify(name: str, root: str | Path) -> str:
    """What data are called: the adapter's name, unless procedural actors stand in for people.

    The understudy leaves a mark beside what it writes. So nobody has to remember to say whose data
    they are, and nobody can say it wrongly.

    Args:
        name: of the adapter.
        root: the folder that is read: the corpus, or the understudy's stand-in for it.

    Returns:
        `understudy`, or the adapter's name.

    Chapter: 05_5_3_bimodal_detection.
    """
    root = Path(root).resolve()
    marked = any((folder / _MARK).is_file() for folder in (root, *list(root.parents)[:2]))
    return UNDERSTUDY if marked else name


class Exclusions:
    """Collects what is left out, item by item, each with its reason."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []

    def add(self, item: str, reason: str) -> None:
        """Record one item; characters that a terminal cannot show are escaped."""
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in item)
        self._rows.append((shown, reason))

    def table(self) -> pd.DataFrame:
        """All records so far as a table of `item` and `reason`, sorted."""
        return pd.DataFrame(sorted(self._rows), columns=["item", "reason"], dtype="string")


def count_exclusions(exclusions: pd.DataFrame) -> pd.Series:
    """How often each reason occurs, most frequent first.

    Args:
        exclusions: shape (n, 2); columns `item` and `reason`, as in `Corpus.exclusions`.

    Returns:
        Counts, indexed by reason; equal counts are in alphabetical order.
    """
    counts = exclusions.groupby("reason").size().rename("count").sort_index()
    return counts.sort_values(ascending=False, kind="stable")


def emotion_to_class(emotion: str | None) -> str | None:
    """The class of one of the corpora's own emotions; unknown stays unknown.

    The thesis's class "other" is every emotion that is none of the first four; calm counts as
    neutral.

    Thesis: 5.2.
    """
    if emotion is None or emotion in CLASSES:
        return emotion
    return "neutral" if emotion == "calm" else "other"


def build_table(rows: Iterable[Row], columns: Mapping[str, str]) -> pd.DataFrame:
    """Build a corpus's table from its rows, sorted by file.

    Args:
        rows: one mapping for each utterance: `file`, `start` and `end` where it is a part of the
            file only, the common columns and the corpus's own; what is absent or None becomes
            <NA>. Times are integer nanoseconds.
        columns: the corpus's own columns and their dtypes.

    Returns:
        The table with audformat's segmented index; `start` is 0 and `end` NaT where a row does
        not say otherwise.
    """
    ordered = sorted(rows, key=lambda row: (str(row["file"]), row.get("start", 0)))
    index = audformat.segmented_index(
        [row["file"] for row in ordered],
        pd.to_timedelta([row.get("start", 0) for row in ordered], unit="ns"),
        pd.to_timedelta([row.get("end", pd.NaT) for row in ordered], unit="ns"),
    )
    data = {
        column: pd.array([row.get(column) for row in ordered], dtype=dtype)
        for column, dtype in {**COMMON_COLUMNS, **columns}.items()
    }
    return pd.DataFrame(data, index=index)
