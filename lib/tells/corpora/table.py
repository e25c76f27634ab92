"""The one table that every corpus becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import audformat
import pandas as pd

from tells.errors import TellsError

CLASSES = ("anger", "happiness", "sadness", "neutral", "other")
UNDERSTUDY = "understudy"  # what checkpoints and records call the procedural demo
MARK = "understudy.json"  # what it writes beside the corpora that it plays

Row = dict[str, object]

COMMON_COLUMNS = ("utterance", "emotion", "label", "speaker", "fold")


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
    marked = any((folder / MARK).is_file() for folder in (root, *list(root.parents)[:2]))
    return UNDERSTUDY if marked else name


def emotion_to_class(emotion: str | None) -> str | None:
    """The class of an emotion; calm is neutral, and "other" all but the first four (thesis 5.2)."""
    if emotion is None or emotion in CLASSES:
        return emotion
    return "neutral" if emotion == "calm" else "other"


def build_table(rows: Iterable[Row], columns: Mapping[str, str]) -> pd.DataFrame:
    """A corpus's table, sorted by file, with the common columns and the corpus's own.

    A row has `file`, and `start` and `end` in integer nanoseconds where it is a part of the file
    only; other columns that are absent or None become <NA>.
    """
    ordered = sorted(rows, key=lambda row: (str(row["file"]), row.get("start", 0)))
    index = audformat.segmented_index(
        [row["file"] for row in ordered],
        pd.to_timedelta([row.get("start", 0) for row in ordered], unit="ns"),
        pd.to_timedelta([row.get("end", pd.NaT) for row in ordered], unit="ns"),
    )
    data = {
        column: pd.array([row.get(column) for row in ordered], dtype=dtype)
        for column, dtype in {**dict.fromkeys(COMMON_COLUMNS, "string"), **columns}.items()
    }
    return pd.DataFrame(data, index=index)


def check_table(table: object, columns: Sequence[str]) -> None:
    """Refuse what is no table of segments, or lacks a column."""
    if not isinstance(table, pd.DataFrame) or not audformat.is_segmented_index(table):
        frame = isinstance(table, pd.DataFrame)
        kind = f"one with the index {list(table.index.names)}" if frame else type(table).__name__
        raise TellsError(
            "table must be a DataFrame with audformat's segmented index (file, start, end), as "
            f"corpora.load gives it, not {kind}"
        )
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise TellsError(
            f"table must have the column {', '.join(absent)}; it has {', '.join(table.columns)}"
        )


def check_utterances(table: pd.DataFrame) -> None:
    """Refuse a table in which an utterance occurs twice, for its segments would share their ids."""
    twice = table["utterance"][table["utterance"].duplicated()]
    if len(twice):
        raise TellsError(
            f"table must have one row for each utterance, but {twice.iloc[0]!r} occurs more than "
            "once; cut the corpus's own table, not one that was cut already"
        )
