"""Cutting utterances to the lengths that the networks take: windows, heads and clusters.

The functions take a table whose `end` is known and give the pieces with the same kind of index
and all its columns, and what was left out with the reason.

Thesis: 4.9.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tells.corpora.durations import (
    bounds,
    check_table,
    check_utterances,
    crop_segments,
    exclusions_table,
    nanoseconds,
)
from tells.corpora.selection import UNLABELLED, drop_unlabelled, select
from tells.errors import TellsError

__all__ = ["clusters", "drop_unlabelled", "long_utterances", "select", "windows"]

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
    size = nanoseconds("length", length)
    shared = nanoseconds("overlap", overlap, positive=False)
    if shared >= size:
        raise TellsError(f"overlap must be less than length ({length!r} s), not {overlap!r} s")
    starts, ends, rows, exclusions = _long_enough(table, min_length)
    counts = 1 + np.maximum(ends[rows] - starts[rows] - size, 0) // (size - shared)
    source = np.repeat(rows, counts)
    number = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = starts[source] + number * (size - shared)
    segments = crop_segments(table, source, begin, np.minimum(begin + size, ends[source]))
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
    size = nanoseconds("min_length", min_length)
    starts, _, rows, exclusions = _long_enough(table, min_length)
    segments = crop_segments(table, rows, starts[rows], starts[rows] + size)
    segments["segment"] = _numbered(segments, np.zeros(len(rows), dtype=int))
    return segments, exclusions


@dataclass
class _Pieces:
    """The clusters' pieces in the making, column by column."""

    rows: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)

    def add(self, segment: str, pieces: Iterable[tuple[int, int, int]]) -> None:
        for order, (row, start, end) in enumerate(pieces):
            self.rows.append(row)
            self.starts.append(start)
            self.ends.append(end)
            self.segments.append(segment)
            self.orders.append(order)


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
    size = nanoseconds("length", length)
    starts, ends, rows, exclusions = _long_enough(table, min_length)
    kept = table.iloc[rows]
    labelled = kept["label"].notna().to_numpy()
    unlabelled = kept.loc[~labelled, "utterance"].tolist()
    excluded = [(name, UNLABELLED) for name in unlabelled]
    pieces, made = _Pieces(), {}
    for key, group in _groups(kept[labelled], rows[labelled]):
        full, rest = _filled([(r, int(starts[r]), int(ends[r])) for r in group], size)
        for cluster in full:
            number = made[key[:2]] = made.get(key[:2], -1) + 1
            pieces.add(f"{key[0]}-{key[1]}-{number:04}", cluster)
        for row, start, _ in rest:
            why = WHOLE_LEFT_OVER if start == starts[row] else PART_LEFT_OVER
            excluded.append((table["utterance"].iloc[row], why))
    segments = crop_segments(table, pieces.rows, pieces.starts, pieces.ends)
    segments["segment"] = pd.array(pieces.segments, dtype="string")
    segments["piece"] = np.asarray(pieces.orders, dtype=np.int64)
    more = exclusions_table(*zip(*excluded, strict=True)) if excluded else exclusions_table([], [])
    return segments, pd.concat([exclusions, more], ignore_index=True)


def _groups(
    table: pd.DataFrame, rows: np.ndarray
) -> Iterable[tuple[tuple[str, str, str], list[int]]]:
    """The rows of each speaker, label and fold, in the order of their first appearance."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    keys = zip(table["speaker"], table["label"], table["fold"], strict=True)
    for key, row in zip(keys, rows.tolist(), strict=True):
        groups.setdefault(key, []).append(row)
    return groups.items()


def _filled(
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


def _long_enough(
    table: pd.DataFrame, min_length: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    """Bounds of all rows, the places of those that are long enough, and the others."""
    check_table(table, ("utterance", "label", "speaker", "fold"))
    least = nanoseconds("min_length", min_length, positive=False)
    check_utterances(table)
    starts, ends = bounds(table)
    short = ends - starts < max(least, 1)
    names = table["utterance"][short].tolist()
    exclusions = exclusions_table(names, [f"shorter than {min_length:g} s"] * len(names))
    return starts, ends, np.flatnonzero(~short), exclusions


def _numbered(segments: pd.DataFrame, number: np.ndarray) -> pd.Series:
    names = segments["utterance"].tolist()
    ids = [f"{name}#{n}" for name, n in zip(names, number.tolist(), strict=True)]
    return pd.Series(pd.array(ids, dtype="string"), index=segments.index)


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
