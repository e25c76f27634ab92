"""Segments of equal length, cut out of stored features into one array on disk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.features.speech import RATE
from tells.features.store import FeatureStore
from tells.files import replacing


@dataclass(frozen=True)
class Windows:
    """Windows of features on disk, and the table that says what they are.

    Only the rows that are asked for are read: memory does not grow with the corpus.

    Attributes:
        path: a NumPy file of shape (n, rows, columns), float32; rows past a segment's end are NaN.
        table: n rows, one a window, indexed by the first piece of each (file, start, end), with
            the segments' columns and `window`, its number, and `rows`, those that are not padded.
        columns: names of the features.
        features: what they are as a whole: the name of their extractor, or `EMO_s`.
    """

    path: Path
    table: pd.DataFrame
    columns: tuple[str, ...]
    features: str = ""

    def __len__(self) -> int:
        return len(self.table)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, rows, columns)."""
        return self._array().shape

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Windows by number, shape (len(indices), rows, columns), float32, NaN where padded."""
        return self._array()[np.asarray(indices, dtype=int)]

    def save_table(self) -> Path:
        """Write the table beside the array, so that another chapter can `load` the windows.

        Raises:
            TellsError: the disk is full, or the folder cannot be written.
        """
        table = self.table.copy()
        table.attrs = {"columns": list(self.columns), "features": self.features}
        path = self.path.with_suffix(".parquet")
        with replacing(path) as beside:
            table.to_parquet(beside)
        return path

    @classmethod
    def load(cls, path: str | Path) -> Windows:
        """Windows whose table was saved.

        Args:
            path: of the NumPy file.

        Raises:
            TellsError: a file is missing or damaged, or the two do not belong together.

        Chapter: 05_5_3_bimodal_detection.
        """
        path = Path(path)
        try:
            table = pd.read_parquet(path.with_suffix(".parquet"))
            columns, taken = tuple(table.attrs.pop("columns")), table.attrs.pop("features")
            windows = cls(path, table, columns, taken)
            fits = windows.shape[0] > table["window"].max() and (
                windows.shape[2] == len(windows.columns)
            )
        except FileNotFoundError as error:
            raise TellsError(f"{path} is missing; run the chapter that makes it.") from error
        except (OSError, KeyError, ValueError) as error:
            raise TellsError(f"{path} is damaged; run its chapter again.") from error
        if not fits:
            raise TellsError(f"{path} is not what its table describes; run its chapter again.")
        return windows

    def _array(self) -> np.ndarray:
        return np.load(self.path, mmap_mode="r", allow_pickle=False)


def mean_vectors(
    store: FeatureStore,
    table: pd.DataFrame,
    describe: Callable[[np.ndarray], np.ndarray] | None = None,
) -> pd.DataFrame:
    """The mean over time of stored features, a row an utterance.

    Args:
        store: features of all clips of the table, one utterance a clip.
        table: as `FeatureStore.with_durations` gives it.
        describe: makes vectors of shape (t, columns) of a clip's features, as `maps.hog` does of
            faces; None takes the features as they are.

    Returns:
        A row for each utterance, by its name.

    Thesis: none. Chapter: 05_3_2_speech_experiment_2, 05_4_4_video_experiment_4.
    """
    clips = table["clip"] if "clip" in table else table.index.get_level_values("file")
    read = (store.read(clip) for clip in clips)
    means = [(x if describe is None else describe(x)).mean(axis=0) for x in read]
    return pd.DataFrame(means, index=table["utterance"].to_numpy())


def extract_windows(
    store: FeatureStore,
    segments: pd.DataFrame,
    path: str | Path,
    *,
    seconds: float,
    vectors_per_second: int = RATE,
) -> Windows:
    """Cut the segments of a table out of stored features, each to the same number of rows.

    A segment may have several pieces (the 10 s clusters of thesis 4.9); their features are joined
    in the table's order. Rows past the end of a segment are NaN: openSMILE gives 296 rows for 3 s,
    and an utterance may be shorter than a window. What is longer is cut.

    Args:
        store: features of all the files that the table names.
        segments: index (file, start, end), column `segment`; pieces of a segment lie together.
        path: the NumPy file to write.
        seconds: length of a window.
        vectors_per_second: average the 100 rows of a second down to so many, a divisor of 100.

    Returns:
        The windows, in the order of the table.

    Raises:
        TellsError: the table is empty, a segment's pieces lie apart, `vectors_per_second` does
            not divide 100, or `seconds` is shorter than a row.

    Thesis: 4.9, 5.3.1 (10 vectors a second), 5.3.2 (100). Chapter: 05_3_1_speech_experiment_1.
    """
    if segments.empty:
        raise TellsError("segments is empty: no segment was left to cut; see the exclusions.")
    if vectors_per_second < 1 or RATE % vectors_per_second:
        raise TellsError(f"vectors_per_second must divide {RATE}; got {vectors_per_second}.")
    step = RATE // vectors_per_second
    n_rows = round(seconds * RATE) // step
    if n_rows < 1:
        raise TellsError(f"seconds must be long enough for one row; got {seconds}.")
    read = lru_cache(maxsize=1)(store.read)
    table, joined = join_pieces(
        segments,
        segments.index.get_level_values(0),
        lambda file, start, end: read(file)[round(start * RATE) : round(end * RATE)],
    )

    def averaged(rows: np.ndarray) -> np.ndarray:
        if step == 1 or len(rows) == 0:
            return rows
        edges = np.arange(0, len(rows), step)  # a last, shorter group is averaged as well
        counts = np.diff(np.append(edges, len(rows)))
        return np.add.reduceat(rows, edges, axis=0) / counts[:, None].astype(np.float32)

    columns, name = tuple(store.extractor.columns), store.extractor.name
    return write_windows(path, map(averaged, joined), table, columns, rows=n_rows, features=name)


def write_windows(
    path: str | Path,
    parts: Iterable[np.ndarray],
    table: pd.DataFrame,
    columns: tuple[str, ...],
    *,
    rows: int,
    features: str = "",
) -> Windows:
    """Write features as windows of equal length, one after the other.

    Args:
        path: the NumPy file to write.
        parts: n arrays of shape (any, columns); what is longer than a window is cut, what is
            shorter is padded with NaN.
        table: n rows, one for each part.
        columns: names of the features.
        rows: of a window.
        features: what they are as a whole.

    Returns:
        The windows; their table has the columns `window` and `rows`.

    Raises:
        TellsError: the disk is full, or the folder cannot be written.
    """
    valid = np.zeros(len(table), dtype=int)

    def fitted() -> Iterator[np.ndarray]:
        for i, part in zip(range(len(table)), parts, strict=True):
            valid[i] = min(len(part), rows)
            window = np.full((1, rows, part.shape[1]), np.nan, dtype=np.float32)
            window[0, : valid[i]] = part[:rows]
            yield window

    write_array(path, fitted(), "<f4", (rows, len(columns)))
    table = table.assign(window=np.arange(len(table)), rows=valid)
    return Windows(Path(path), table, columns, features)


def join_pieces(
    segments: pd.DataFrame, clips: Iterable[str], cut: Callable[[str, float, float], np.ndarray]
) -> tuple[pd.DataFrame, Iterator[np.ndarray]]:
    """The first piece of each segment as a table, and what `cut` gives of its pieces, joined.

    `clips` are the names under which pieces are stored; `cut` takes one, a first and a last second.
    """
    numbers = pd.factorize(segments["segment"])[0]
    if (np.diff(numbers) < 0).any():
        raise TellsError("segments must list the pieces of a segment one after the other.")
    pieces = zip(numbers, clips, segments.index, strict=True)
    joined = (
        np.concatenate(
            [cut(clip, a.total_seconds(), b.total_seconds()) for _, clip, (_, a, b) in group]
        )
        for _, group in itertools.groupby(pieces, key=itemgetter(0))
    )
    return segments.iloc[np.flatnonzero(np.diff(numbers, prepend=-1))], joined


def write_array(
    path: str | Path, parts: Iterator[np.ndarray], dtype: str, shape: tuple[int, ...] | None = None
) -> None:
    """Write arrays of shape (any, *shape) end to end as one NumPy file, one at a time.

    Without a shape it is that of the first part, of which there must be one.
    """
    if shape is None:
        first = next(parts, None)
        if first is None:
            raise TellsError("No clip has enough frames; see the exclusions.")
        parts, shape = itertools.chain([first], parts), first.shape[1:]
    n, header = 0, {"descr": dtype, "fortran_order": False}
    with replacing(path) as beside, beside.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header | {"shape": (0, *shape)})
        for part in parts:
            file.write(np.ascontiguousarray(part).data)  # `tofile`'s errors don't say "disk full"
            n += len(part)
        file.seek(0)  # a header is as long for any n: NumPy leaves room for the first axis to grow
        np.lib.format.write_array_header_1_0(file, header | {"shape": (n, *shape)})
