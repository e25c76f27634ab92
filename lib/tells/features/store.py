"""One Zarr group for each clip, which says how it was made or why it could not be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import audformat
import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.files import explain_os_errors


class Span(NamedTuple):
    """A part of a file that is extracted by itself, or the whole file.

    Attributes:
        file: path below the corpus's root.
        start: s.
        end: s; None means the end of the file.
    """

    file: str
    start: float = 0.0
    end: float | None = None

    @property
    def name(self) -> str:
        """What the span is called in a store, the file's path and below it the times."""
        if self.start == 0 and self.end is None:
            return self.file
        end = "end" if self.end is None else f"{self.end:.6f}"
        return f"{self.file}/{self.start:.6f}-{end}"


class Extraction(NamedTuple):
    """What an extractor gives; the last two may be left out.

    Attributes:
        features: the first axis is time.
        seconds: duration of the file, or of the span.
        arrays: what else is known of each row, by name.
        report: counts of what happened, for example of frames without a face.
    """

    features: np.ndarray
    seconds: float
    arrays: Mapping[str, np.ndarray] = {}
    report: Mapping[str, int] = {}


class Extractor(Protocol):
    """What `extract` maps over files: a picklable callable with a name and a version.

    Options that change the features are part of the name, so that a store keeps both. A call gives
    what `Extraction` lists. It raises `MediaError` for a file that cannot be used, which the store
    remembers; any other error is a fault of the machine, which stops the run and is remembered
    nowhere. An extractor with an attribute `spans` that is true is called as
    `extractor(path, start, end)` for each row of a table, so that of a long video only the labelled
    turns are decoded.
    """

    name: str

    @property
    def version(self) -> str:
        """Changes when stored features must be made anew."""

    @property
    def columns(self) -> list[str]:
        """Names of the array's columns."""

    def __call__(self, path: Path) -> tuple[np.ndarray, float]:
        """Features of one file, shape (rows, columns), and its duration in seconds."""


def spans_of(items: Iterable[str] | pd.MultiIndex, extractor: Extractor) -> list[Span]:
    """What an extractor is called for, for each file or row of a table's segmented index."""
    if not isinstance(items, pd.MultiIndex):
        return [Span(file) for file in items]
    if not getattr(extractor, "spans", False):
        return [Span(file) for file in items.get_level_values("file")]
    return [
        Span(file, start.total_seconds(), None if pd.isna(end) else end.total_seconds())
        for file, start, end in items
    ]


class FeatureStore:
    """Features of the clips of one corpus, made by one extractor.

    Each clip has a group, named as its file, with one array; the group's own metadata is written
    last, so a clip counts as done only when all of it is there, and a killed run loses one clip at
    most. Reading a clip whose group is missing is an error, never zeros.

    Args:
        url: a folder, or any address that fsspec knows (`s3://bucket/features`).
        extractor: what makes the features; its name and version are part of each clip's record.

    Raises:
        TellsError: the address cannot be opened, or not be written.

    Chapter: 05_3_1_speech_experiment_1.
    """

    def __init__(self, url: str | Path, extractor: Extractor) -> None:
        self.url = f"{url}{'' if str(url).endswith('/') else '/'}{extractor.name}"
        self.extractor = extractor
        import zarr  # here, because it takes half a second and who draws a face needs none of it

        with explain_os_errors(self.url):
            try:
                self._root = zarr.open_group(self.url, mode="a")
            except (ImportError, ValueError) as error:
                raise TellsError(f"{self.url} cannot be opened as a store ({error}).") from error

    def record(self, file: str) -> dict[str, Any] | None:
        """What is known of a clip (`version`, `source`, `seconds` or `exclusion`), or None.

        `file` is here and below a file's path or the `name` of a `Span`.
        """
        try:
            record = dict(self._root[file].attrs)
        except (KeyError, ValueError):  # ValueError: the metadata itself was cut off by a kill
            return None
        # An older store says `failure`, also where the machine was at fault: that is tried again.
        known = record.get("version") == self.extractor.version and "failure" not in record
        return record if known else None

    def write(self, file: str, outcome: Extraction | str, source: dict) -> None:
        """Store a clip's features, or the reason why it has none, in place of what was there.

        `source` is the `file_stamp` of the file that was read.
        """
        del self._root[file]  # whatever is there, half-written or nothing: it is not looked at
        attributes = {"version": self.extractor.version, "source": source}
        if isinstance(outcome, str):
            attributes["exclusion"] = outcome
        else:
            for name, data in {"features": outcome.features, **outcome.arrays}.items():
                self._root.create_array(f"{file}/{name}", data=data, chunks=data.shape)
            attributes["seconds"] = outcome.seconds
            if outcome.report:
                attributes["report"] = dict(outcome.report)
        self._root.require_group(file).update_attributes(attributes)

    def read(self, file: str, name: str = "features") -> np.ndarray:
        """Features of a whole clip, (rows, columns) float32, or another array of it by name.

        Raises:
            TellsError: the clip was not extracted, or failed.
        """
        record = self.record(file)
        if record is None or "exclusion" in record:
            why = "was not extracted" if record is None else f"failed: {record['exclusion']}"
            raise TellsError(f"{file} {why}; run `tells extract` and leave out what it reports.")
        return self._root[f"{file}/{name}"][:]

    def reports(self, table: pd.DataFrame) -> dict[str, dict[str, int]]:
        """What the extractor counted in each clip of a table of `with_durations`, by its `clip`."""
        return {clip: self.record(clip).get("report", {}) for clip in table["clip"].unique()}

    def with_durations(self, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A table whose segments end where their decoded files end, without what failed.

        Args:
            table: segmented index (file, start, end); an `end` of NaT means the end of the file.

        Returns:
            The table with every `end` known and, where the extractor takes spans, the column
            `clip`, the name under which the features are stored; and what was left out (columns
            `item`, `reason`).

        Raises:
            TellsError: a file of the table was never extracted.
        """
        names = [span.name for span in spans_of(table.index, self.extractor)]
        records = {name: self.record(name) for name in names}
        missing = [name for name, record in records.items() if record is None]
        if missing:
            raise TellsError(
                f"{len(missing)} clips have no {self.extractor.name} features (first: "
                f"{missing[0]}); run `tells extract` first."
            )
        failed = {name: r["exclusion"] for name, r in records.items() if "exclusion" in r}
        good = np.array([name not in failed for name in names], dtype=bool)
        kept, names = table[good], [name for name in names if name not in failed]
        files, starts, ends = (kept.index.get_level_values(i) for i in range(3))
        decoded = pd.to_timedelta([records[name]["seconds"] for name in names], unit="s")
        if getattr(self.extractor, "spans", False):
            kept, decoded = kept.assign(clip=names), decoded + starts
        index = audformat.segmented_index(files, starts, ends.where(ends.notna(), decoded))
        return kept.set_axis(index), pd.DataFrame(failed.items(), columns=["item", "reason"])


def file_stamp(path: Path) -> dict[str, int]:
    """Size and modification time of a source file: if they change, its features are stale."""
    try:
        status = path.stat()
    except OSError:
        return {}
    return {"bytes": status.st_size, "modified_ns": status.st_mtime_ns}
