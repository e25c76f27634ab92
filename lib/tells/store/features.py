"""One Zarr group for each clip, which says how it was made or why it could not be."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import audformat
import numpy as np
import pandas as pd
import zarr

from tells.errors import TellsError


class Extractor(Protocol):
    """What `extract` maps over files: a picklable callable with a name and a version.

    A call gives an array whose first axis is time, and the duration of the file in seconds; it
    raises `TellsError` for a file that it cannot use.
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
        with disk_full_is_said(self.url):
            try:
                self._root = zarr.open_group(self.url, mode="a")
            except (ImportError, ValueError) as error:
                raise TellsError(f"{self.url} cannot be opened as a store ({error}).") from error

    def record(self, file: str) -> dict[str, Any] | None:
        """What is known of a clip (`version`, `source`, `seconds` or `failure`), or None."""
        try:
            record = dict(self._root[file].attrs)
        except (KeyError, ValueError):  # ValueError: the metadata itself was cut off by a kill
            return None
        return record if record.get("version") == self.extractor.version else None

    def write(self, file: str, features: np.ndarray, seconds: float, source: dict) -> None:
        """Store the features of a clip, in place of what was there."""
        self._clear(file)
        self._root.create_array(f"{file}/features", data=features, chunks=features.shape)
        self._finish(file, source, seconds=seconds)

    def write_failure(self, file: str, reason: str, source: dict) -> None:
        """Store why a clip has no features."""
        self._clear(file)
        self._finish(file, source, failure=reason)

    def read(self, file: str) -> np.ndarray:
        """Features of a whole clip, shape (rows, columns), float32.

        Raises:
            TellsError: the clip was not extracted, or failed.
        """
        record = self.record(file)
        if record is None or "failure" in record:
            why = "was not extracted" if record is None else f"failed: {record['failure']}"
            raise TellsError(f"{file} {why}; run `tells extract` and leave out what it reports.")
        return self._root[f"{file}/features"][:]

    def ends(self, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A table whose segments end where their decoded files end, without the files that failed.

        Args:
            table: segmented index (file, start, end); an `end` of NaT means the end of the file.

        Returns:
            The table with every `end` known, and what was left out (columns `item`, `reason`).

        Raises:
            TellsError: a file of the table was never extracted.
        """
        files = table.index.get_level_values("file")
        records = {file: self.record(file) for file in files.unique()}
        missing = [file for file, record in records.items() if record is None]
        if missing:
            raise TellsError(
                f"{len(missing)} files have no {self.extractor.name} features (first: "
                f"{missing[0]}); run `tells extract` first."
            )
        failed = {file: r["failure"] for file, r in records.items() if "failure" in r}
        kept = table[~files.isin(failed)]
        seconds = {
            file: pd.Timedelta(seconds=record["seconds"])
            for file, record in records.items()
            if file not in failed
        }
        index = audformat.utils.to_segmented_index(
            kept.index, allow_nat=False, files_duration=seconds
        )
        return kept.set_axis(index), pd.DataFrame(failed.items(), columns=["item", "reason"])

    def _clear(self, file: str) -> None:
        del self._root[file]  # whatever is there, half-written or nothing: it is not looked at

    def _finish(self, file: str, source: dict, **outcome: float | str) -> None:
        attributes = {"version": self.extractor.version, "source": source, **outcome}
        self._root.require_group(file).update_attributes(attributes)


def source_of(path: Path) -> dict[str, int]:
    """Size and modification time of a source file: if they change, its features are stale."""
    try:
        status = path.stat()
    except OSError:
        return {}
    return {"bytes": status.st_size, "modified_ns": status.st_mtime_ns}


@contextmanager
def disk_full_is_said(where: str) -> Iterator[None]:
    """Turn a full disk, a missing right or a path that is no folder into one sentence.

    Args:
        where: what was being written.

    Raises:
        TellsError: in place of the operating system's error.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TellsError(
                f"The disk is full while writing {where}; what was finished is kept. Free some "
                "space and start the same command again."
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise TellsError(
                f"{where} cannot be written ({error.strerror}); choose another folder."
            ) from error
        raise
