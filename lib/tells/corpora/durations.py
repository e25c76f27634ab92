"""Time spans of a table in whole nanoseconds, so that cutting and adding never rounds."""

from collections.abc import Sequence
from numbers import Real

import audformat
import numpy as np
import pandas as pd

from tells.errors import TellsError


def nanoseconds(name: str, seconds: object, *, positive: bool = True) -> int:
    """A length in whole nanoseconds.

    Args:
        name: the argument's name, for the message.
        seconds: what the user gave.
        positive: whether zero is refused too.

    Raises:
        TellsError: it is no finite number, negative, or zero where that is refused.
    """
    least = "more than 0 s" if positive else "0 s or more"
    number = isinstance(seconds, Real) and not isinstance(seconds, bool) and np.isfinite(seconds)
    if not number or seconds < 0 or (positive and round(seconds * 1e9) == 0):
        raise TellsError(f"{name} must be a number of seconds, {least}, not {seconds!r}")
    return round(float(seconds) * 1e9)


def check_table(table: object, columns: Sequence[str]) -> None:
    """Refuse what is no table of segments, or lacks a column.

    Raises:
        TellsError: the message says what is missing and how to get it.
    """
    if not isinstance(table, pd.DataFrame) or not audformat.is_segmented_index(table):
        raise TellsError(
            "table must be a DataFrame with audformat's segmented index (file, start, end), as "
            f"corpora.load gives it, not {_kind(table)}"
        )
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise TellsError(
            f"table must have the column {', '.join(absent)}; it has {', '.join(table.columns)}"
        )


def bounds(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of every row.

    Returns:
        Two arrays of shape (n,), integer nanoseconds.

    Raises:
        TellsError: an end is not known.
    """
    starts, ends = (table.index.get_level_values(level) for level in ("start", "end"))
    unknown = starts.isna() | ends.isna()
    if unknown.any():
        first = table.index.get_level_values("file")[unknown][0]
        raise TellsError(
            f"table has {int(unknown.sum())} rows whose end is not known, the first of file "
            f"{first!r}; measure the files' durations and fill in end before cutting"
        )
    return tuple(
        level.to_numpy(dtype="timedelta64[ns]").astype(np.int64) for level in (starts, ends)
    )


def check_utterances(table: pd.DataFrame) -> None:
    """Refuse a table in which an utterance occurs twice, for its segments would share their ids.

    Raises:
        TellsError: the message names the first such utterance.
    """
    twice = table["utterance"][table["utterance"].duplicated()]
    if len(twice):
        raise TellsError(
            f"table must have one row for each utterance, but {twice.iloc[0]!r} occurs more than "
            "once; cut the corpus's own table, not one that was cut already"
        )


def crop_segments(
    table: pd.DataFrame, rows: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> pd.DataFrame:
    """Rows of a table with other time spans; every column is kept.

    Args:
        table: shape (n, columns).
        rows: shape (m,); which row each piece is cut from.
        starts: shape (m,); integer nanoseconds.
        ends: shape (m,); integer nanoseconds.

    Returns:
        Shape (m, columns), with the same kind of index.
    """
    pieces = table.iloc[np.asarray(rows, dtype=np.int64)].copy()
    pieces.index = audformat.segmented_index(
        pieces.index.get_level_values("file"),
        pd.to_timedelta(np.asarray(starts, dtype=np.int64), unit="ns"),
        pd.to_timedelta(np.asarray(ends, dtype=np.int64), unit="ns"),
    )
    return pieces


def exclusions_table(items: Sequence[str], why: Sequence[str]) -> pd.DataFrame:
    """What was left out, with the columns `item` and `reason`."""
    return pd.DataFrame({"item": list(items), "reason": list(why)}, dtype="string")


def _kind(table: object) -> str:
    if isinstance(table, pd.DataFrame):
        return f"one with the index {list(table.index.names)}"
    return type(table).__name__
