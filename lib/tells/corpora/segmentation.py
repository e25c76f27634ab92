"""Cutting utterances to the lengths that the networks take: windows, heads and clusters.

The functions take a table whose `end` is known and give the pieces with the same kind of index
and all its columns, and what was left out with the reason.

Thesis: 4.9.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from numbers import Real

import audformat
import numpy as np
import pandas as pd

from tells.corpora.exclusions import exclusions_table
from tells.corpora.selection import UNLABELLED, select
from tells.corpora.table import check_table, check_utterances
from tells.errors import TellsError

__all__ = ["clusters", "long_utterances", "select", "ten_seconds", "windows"]

WHOLE_LEFT_OVER = "in the remainder that fills no cluster"
PART_LEFT_OVER = "end of the utterance in the remainder that fills no cluster"


def windows(
    table: pd.DataFrame, *, length: float, overlap: float = 0.0, min_length: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Windows of one length within each utterance.

    A window starts every `length - overlap` seconds; what remains at an utterance's end and does
    not fill a window is dropped. An utterance shorter than a window gives one that ends with it,
    for the caller to pad.

    Args:
        table: one row for each utterance, its end known.
        length: of a window, in seconds.
        overlap: of two neighbouring windows, in seconds; the thesis uses 2 s of 3 s.
        min_length: utterances shorter than this are left out, in seconds.

    Returns:
        The windows, with the columns `segment` (unique: `<utterance>#0`, `#1` ...) and `padded`
        (shorter than `length`); and what was left out.

    Raises:
        TellsError: a length is wrong, an end is not known or an utterance occurs twice.

    Thesis: 5.3.2, 5.3.3.
    """
    size = _nanoseconds("length", length)
    shared = _nanoseconds("overlap", overlap, positive=False)
    if shared >= size:
        raise TellsError(f"overlap must be less than length ({length!r} s), not {overlap!r} s")
    starts, ends, rows, exclusions = _long_enough(table, min_length)
    counts = 1 + np.maximum(ends[rows] - starts[rows] - size, 0) // (size - shared)
    source = np.repeat(rows, counts)
    number = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = starts[source] + number * (size - shared)
    segments = _crop(table, source, begin, np.minimum(begin + size, ends[source]))
    segments["segment"] = _numbered(segments, number)
    segments["padded"] = ends[source] - begin < size
    return segments, exclusions


def long_utterances(
    table: pd.DataFrame, *, min_length: float = 10.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first seconds of the utterances that are long enough: the thesis's first proposal.

    Args:
        table: one row for each utterance, its end known.
        min_length: what an utterance must have, and what is kept of it, in seconds.

    Returns:
        One row for each long utterance, with the column `segment` (`<utterance>#0`); and what
        was left out.

    Raises:
        TellsError: the length is wrong, an end is not known or an utterance occurs twice.

    Thesis: 4.9.
    """
    size = _nanoseconds("min_length", min_length)
    starts, _, rows, exclusions = _long_enough(table, min_length)
    segments = _crop(table, rows, starts[rows], starts[rows] + size)
    segments["segment"] = _numbered(segments, np.zeros(len(rows), dtype=int))
    return segments, exclusions


def clusters(
    table: pd.DataFrame, *, length: float = 10.0, min_length: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clusters of one length out of each speaker's utterances with one label.

    A speaker's utterances with one label (and in one fold) are put end to end in table order and
    cut every `length` seconds, so one utterance may end in one cluster and go on in the next.
    What remains and fills no cluster is left out.

    Args:
        table: one row for each utterance, its end known.
        length: of a cluster, in seconds.
        min_length: utterances shorter than this are left out, in seconds.

    Returns:
        The pieces, with the columns `segment` (the cluster: `Ses01F-anger-0000`) and `piece` (its
        place in the cluster, from 0), a cluster's pieces in order and together exactly `length`
        long; and what was left out.

    Raises:
        TellsError: a length is wrong, an end is not known or an utterance occurs twice.

    Thesis: 4.9.
    """
    size = _nanoseconds("length", length)
    starts, ends, rows, exclusions = _long_enough(table, min_length)
    excluded: list[tuple[str, str]] = []
    groups: dict[tuple[str, str, str], list[int]] = {}  # in the order of their first rows
    speakers, labels, folds, names = (
        table[column].tolist() for column in ("speaker", "label", "fold", "utterance")
    )
    for row in rows.tolist():
        if pd.isna(labels[row]):
            excluded.append((names[row], UNLABELLED))
        else:
            groups.setdefault((speakers[row], labels[row], folds[row]), []).append(row)
    pieces, made = [], Counter()  # clusters of each speaker and label
    for (speaker, label, _), group in groups.items():
        full, rest = _joined([(row, int(starts[row]), int(ends[row])) for row in group], size)
        for cluster in full:
            segment = f"{speaker}-{label}-{made[speaker, label]:04}"
            pieces += [(*piece, segment, order) for order, piece in enumerate(cluster)]
            made[speaker, label] += 1
        for row, start, _ in rest:
            why = WHOLE_LEFT_OVER if start == starts[row] else PART_LEFT_OVER
            excluded.append((names[row], why))
    of, begin, finish, segment, piece = zip(*pieces, strict=True) if pieces else [()] * 5
    segments = _crop(table, of, begin, finish)
    segments["segment"] = pd.array(segment, dtype="string")
    segments["piece"] = np.asarray(piece, dtype=np.int64)
    return segments, pd.concat([exclusions, exclusions_table(excluded)], ignore_index=True)


def _joined(
    spans: Iterable[tuple[int, int, int]], size: int
) -> tuple[list[list[tuple[int, int, int]]], list[tuple[int, int, int]]]:
    """Spans (row, start, end), end to end, in portions of exactly `size`; and the remainder."""
    full, portion, room = [], [], size
    for row, start, end in spans:
        while start < end:
            stop = min(end, start + room)
            portion.append((row, start, stop))
            room -= stop - start
            start = stop
            if room == 0:
                full.append(portion)
                portion, room = [], size
    return full, portion


def ten_seconds(table: pd.DataFrame, way: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segments of ten seconds, by either of the thesis's two ways.

    Args:
        table: utterances with known ends.
        way: `utterances`, the first ten seconds of those that last as long (`long_utterances`), or
            `clusters`, of shorter ones joined (`clusters`).

    Returns:
        The segments, and what was left out (columns `item`, `reason`).

    Raises:
        TellsError: another way.

    Thesis: 4.9, 5.3.1, 5.4.1. Chapter: 05_3_1_speech_experiment_1, 05_4_1_video_experiment_1.
    """
    if way not in ("utterances", "clusters"):
        raise TellsError(f"ten_seconds must be utterances or clusters; got {way!r}.")
    return long_utterances(table) if way == "utterances" else clusters(table)


def _long_enough(
    table: pd.DataFrame, min_length: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    """Bounds of all rows in ns, the places of those that are long enough, and the others."""
    check_table(table, ("utterance", "label", "speaker", "fold"))
    least = _nanoseconds("min_length", min_length, positive=False)
    check_utterances(table)
    starts, ends = (table.index.get_level_values(level) for level in ("start", "end"))
    unknown = starts.isna() | ends.isna()
    if unknown.any():
        first = table.index.get_level_values("file")[unknown][0]
        raise TellsError(
            f"table has {int(unknown.sum())} rows whose end is not known, the first of file "
            f"{first!r}; measure the files' durations and fill in end before cutting"
        )
    starts, ends = (
        level.to_numpy(dtype="timedelta64[ns]").astype(np.int64) for level in (starts, ends)
    )
    short = ends - starts < max(least, 1)
    reason = f"shorter than {min_length:g} s"
    exclusions = exclusions_table((name, reason) for name in table["utterance"][short])
    return starts, ends, np.flatnonzero(~short), exclusions


def _nanoseconds(name: str, seconds: object, *, positive: bool = True) -> int:
    """A length in whole nanoseconds, so that cutting and adding never rounds."""
    least = "more than 0 s" if positive else "0 s or more"
    number = isinstance(seconds, Real) and not isinstance(seconds, bool) and np.isfinite(seconds)
    if not number or seconds < 0 or (positive and round(seconds * 1e9) == 0):
        raise TellsError(f"{name} must be a number of seconds, {least}, not {seconds!r}")
    return round(float(seconds) * 1e9)


def _crop(
    table: pd.DataFrame, rows: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> pd.DataFrame:
    """Rows of a table with other bounds, in ns; every column is kept."""
    pieces = table.iloc[np.asarray(rows, dtype=np.int64)].copy()
    pieces.index = audformat.segmented_index(
        pieces.index.get_level_values("file"),
        pd.to_timedelta(np.asarray(starts, dtype=np.int64), unit="ns"),
        pd.to_timedelta(np.asarray(ends, dtype=np.int64), unit="ns"),
    )
    return pieces


def _numbered(segments: pd.DataFrame, number: np.ndarray) -> pd.Series:
    names = segments["utterance"].tolist()
    ids = [f"{name}#{n}" for name, n in zip(names, number.tolist(), strict=True)]
    return pd.Series(pd.array(ids, dtype="string"), index=segments.index)
