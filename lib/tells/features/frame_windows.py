"""Groups of adjacent frames, taken out of stored faces into one array on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.features import maps
from tells.features.array_cache import ArrayCache
from tells.features.store import FeatureStore
from tells.files import replacing

Inputs = Literal["grey", "farneback", "dis"]
_FLOWS = ("farneback", "dis")
_MID_GREY = 128  # of padding: next to 0 where networks look at it


@dataclass(frozen=True)
class FrameWindows:
    """Windows of adjacent frames on disk, and the table that says what they are.

    The faces lie end to end as 8-bit grey in one file, each once, however many windows share it.
    What a network eats, 33 maps of float32 for 7 frames, is made for a batch at a time, so the
    memory that training needs depends neither on the corpus nor on how windows overlap. Optical
    flow, which takes longest, is kept on disk from one epoch to the next, up to a gigabyte of it:
    4,600 windows.

    Attributes:
        path: a NumPy file of shape (frames of all clips, height, width), uint8.
        table: n rows, one a window, with the clips' columns and `window`, its number, `first`, its
            first frame in the file, and `rows`, the frames that are not padded.
        frames: in a window.
        inputs: what `read` gives: `grey` for faces alone, or maps with the optical flow by
            `farneback` or `dis`.
        features: the name of the faces' extractor.
    """

    path: Path
    table: pd.DataFrame
    frames: int
    inputs: Inputs
    features: str = ""

    def __len__(self) -> int:
        return len(self.table)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(n, frames, height, width)."""
        return len(self), self.frames, *self._array().shape[1:]

    def faces(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Windows by number as faces, shape (len(indices), frames, height, width), uint8."""
        first = self.table["first"].to_numpy()[np.asarray(indices, dtype=int)]
        return self._array()[first[:, None] + np.arange(self.frames)]

    def face(self, segment: str) -> np.ndarray:
        """One face of a window, shape (height, width), uint8.

        Args:
            segment: the window's, whose middle frame is taken; or `<segment>@17`, as a score table
                calls frame 17 of it.
        """
        name, _, number = segment.partition("@")
        window = self.table.loc[self.table["segment"] == name].iloc[0]
        frame = int(number) if number else int(window["rows"]) // 2
        return self._array()[window["first"] + frame].copy()

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Windows by number as a network takes them, float32 in about [-1, 1].

        Returns:
            Shape (len(indices), frames, height, width) for `grey`, with frames past the end of a
            clip as mid-grey, else (len(indices), 33, height, width).
        """
        faces = self.faces(indices)
        if self.inputs == "grey":
            return maps.grey(faces)
        flows = [self._flow(*window) for window in zip(indices, faces, strict=True)]
        return maps.window_maps(faces, flows=flows)

    def _flow(self, number: int, faces: np.ndarray) -> np.ndarray:
        """Optical flow of a window, along x and along y: shape (2, frames - 1, height, width)."""
        return self._flows.get(
            int(number), lambda: np.stack(maps.optical_flow(faces, method=self.inputs))
        )

    @cached_property
    def _flows(self) -> ArrayCache:
        return ArrayCache(self.path.parent)

    def _array(self) -> np.ndarray:
        return np.load(self.path, mmap_mode="r", allow_pickle=False)


def frame_windows(
    store: FeatureStore,
    table: pd.DataFrame,
    path: str | Path,
    *,
    frames: int = 7,
    stride: int = 7,
    flow: str = "farneback",
) -> tuple[FrameWindows, pd.DataFrame]:
    """Groups of adjacent frames of each clip, each with the clip's label.

    Args:
        store: faces of all the clips that the table names.
        table: one row for each clip, as `FeatureStore.with_durations` gives it.
        path: the NumPy file to write.
        frames: in a group; the thesis found 7 to be best.
        stride: frames from one group's beginning to the next one's; the thesis groups "7 frames at
            a time", which is read here as groups that share no frame.
        flow: how optical flow is computed, `farneback` or `dis`.

    Returns:
        The groups, with the column `segment` (`<utterance>#0` ...); and the clips that are too
        short for one (columns `item`, `reason`).

    Raises:
        TellsError: the table is empty or nothing is left of it, or an argument is out of range.

    Thesis: 4.6.2, 5.4.3, 5.4.4. Chapter: 05_4_3_video_experiment_3.
    """
    for name, value in (("frames", frames), ("stride", stride)):
        if value < 1:
            raise TellsError(f"{name} must be 1 or more; got {value}.")
    _check(table, flow)
    rows, numbers, firsts, short = [], [], [], []
    written = 0

    def faces() -> Iterator[np.ndarray]:
        nonlocal written
        for row, (clip, utterance) in enumerate(
            zip(table["clip"], table["utterance"], strict=True)
        ):
            face = store.read(clip)
            starts = range(0, len(face) - frames + 1, stride)
            if not starts:
                short.append((utterance, f"fewer than {frames} frames"))
                continue
            rows.extend([row] * len(starts))
            numbers.extend(range(len(starts)))
            firsts.extend(written + start for start in starts)
            written += len(face)
            yield face

    path = Path(path)
    _write(path, faces())
    groups = table.iloc[rows]
    names = [f"{u}#{n}" for u, n in zip(groups["utterance"], numbers, strict=True)]
    groups = groups.assign(segment=names, window=range(len(rows)), first=firsts, rows=frames)
    windows = FrameWindows(path, groups, frames, flow, store.extractor.name)
    return windows, pd.DataFrame(short, columns=["item", "reason"])


def fixed_length_clips(
    store: FeatureStore, segments: pd.DataFrame, path: str | Path, *, frames: int = 300
) -> FrameWindows:
    """Segments of faces, each cut or padded to the same number of frames.

    A segment may have several pieces (the 10 s clusters of thesis 4.9); their frames are joined in
    the table's order. At 29.97 frames a second 10 s hold 299 or 300 frames: what is missing at the
    end is padded with mid-grey, and `rows` says how many frames are real.

    Args:
        store: faces of all the clips that the table names.
        segments: index (file, start, end), columns `segment` and `clip`; pieces of a segment lie
            together.
        path: the NumPy file to write.
        frames: in a window; the thesis takes 300, which are 10 s.

    Returns:
        The windows, in the order of the table.

    Raises:
        TellsError: the table is empty, or a segment's pieces lie apart.

    Thesis: 4.9, 5.4.1, 5.4.2. Chapter: 05_4_1_video_experiment_1, 05_4_2_video_experiment_2.
    """
    _check(segments, "farneback")
    numbers = pd.factorize(segments["segment"])[0]
    if (np.diff(numbers) < 0).any():
        raise TellsError("segments must list the pieces of a segment one after the other.")
    rows: list[int] = []

    def windows() -> Iterator[np.ndarray]:
        for pieces in _pieces(store, segments, numbers):
            face = np.concatenate(pieces)[:frames]
            rows.append(len(face))
            padding = np.full((frames - len(face), *face.shape[1:]), _MID_GREY, np.uint8)
            yield np.concatenate([face, padding])

    path = Path(path)
    _write(path, windows())
    table = segments.iloc[np.flatnonzero(np.diff(numbers, prepend=-1))]
    window = np.arange(len(table))
    table = table.assign(window=window, first=window * frames, rows=rows)
    return FrameWindows(path, table, frames, "grey", store.extractor.name)


def _pieces(
    store: FeatureStore, segments: pd.DataFrame, numbers: np.ndarray
) -> Iterator[list[np.ndarray]]:
    """The faces of each segment's pieces; a clip is read once in a row."""
    pieces: list[np.ndarray] = []
    last, faces, times = None, np.empty(0), np.empty(0)
    for k, ((_, start, end), clip) in enumerate(zip(segments.index, segments["clip"], strict=True)):
        if clip != last:
            last, faces, times = clip, store.read(clip), store.read(clip, "times")
        within = (times >= start.total_seconds()) & (times < end.total_seconds())
        pieces.append(faces[within])
        if k + 1 == len(numbers) or numbers[k + 1] != numbers[k]:
            yield pieces
            pieces = []


def _check(table: pd.DataFrame, flow: str) -> None:
    if table.empty:
        raise TellsError("The table is empty: no clip was left to cut; see the exclusions.")
    if "clip" not in table:
        raise TellsError(
            "The table must have the column clip; take it from the store's `with_durations`."
        )
    if flow not in _FLOWS:
        raise TellsError(f"flow must be one of {', '.join(_FLOWS)}; got {flow!r}.")


def _write(path: Path, parts: Iterable[np.ndarray]) -> None:
    """Write arrays of equal height and width end to end as one NumPy file, one at a time."""
    n, size = 0, None
    with replacing(path) as beside, beside.open("wb") as file:
        for part in parts:
            if size is None:
                size = part.shape[1:]
                _header(file, n, size)
            file.write(np.ascontiguousarray(part).data)
            n += len(part)
        if size is None:
            raise TellsError("No clip has enough frames; see the exclusions.")
        file.seek(0)
        _header(file, n, size)


def _header(file: BinaryIO, n: int, size: tuple[int, ...]) -> None:
    """A header as long for any `n`: NumPy leaves room for the first axis to grow."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (n, *size)}
    np.lib.format.write_array_header_1_0(file, header)
