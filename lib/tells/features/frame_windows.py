"""Groups of adjacent frames, taken out of stored faces into one array on disk."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.features import maps
from tells.features.store import FeatureStore
from tells.features.windows import join_pieces, write_array
from tells.files import explain_os_errors

Inputs = Literal["grey", "farneback", "dis"]
_MID_GREY = 128  # of padding: next to 0 where networks look at it


class ArrayCache:
    """Float32 arrays of one shape, by number; each is computed when it is asked for first.

    They lie in a file of at most so many bytes, without a name, that goes with this object: memory
    does not grow with them, and no later run meets what an earlier one has computed in another way.
    """

    def __init__(self, folder: Path, *, most: int = 2**30) -> None:
        self._folder = folder
        self._most = most
        self._places: dict[int, int] = {}  # where each array begins, in bytes
        with explain_os_errors(str(folder)):
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open while this is
        weakref.finalize(self, self._file.close)

    def get(self, number: int, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """The array of that number, as `compute` gives it."""
        if number in self._places:
            self._file.seek(self._places[number])
            value = np.empty(self._shape, np.float32)
            self._file.readinto(value)
            return value
        value = np.ascontiguousarray(compute(), np.float32)
        self._shape = value.shape
        place = len(self._places) * value.nbytes
        if place + value.nbytes <= self._most:
            with explain_os_errors(str(self._folder)):
                self._file.seek(place)
                self._file.write(value)
            self._places[number] = place
        return value


@dataclass(frozen=True)
class FrameWindows:
    """Windows of adjacent frames on disk, and the table that says what they are.

    The faces lie end to end as 8-bit grey in one file, each once, however many windows share it.
    What a network eats, 33 maps of float32 for 7 frames, is made for a batch at a time; optical
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
        """The middle face of a segment, (height, width), uint8; or frame 17 of `<segment>@17`."""
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

        def flow(window: np.ndarray) -> np.ndarray:  # (2, frames - 1, height, width): x, then y
            return np.stack(maps.optical_flow(window, method=self.inputs))

        flows = [
            self._flows.get(int(number), partial(flow, window))
            for number, window in zip(indices, faces, strict=True)
        ]
        return maps.window_maps(faces, flows=flows)

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
        short for one, and the groups in which the face was never found, for some videos begin
        with black frames (columns `item`, `reason`).

    Raises:
        TellsError: the table is empty or nothing is left of it, or an argument is out of range.

    Thesis: 4.6.2, 5.4.3, 5.4.4. Chapter: 05_4_3_video_experiment_3.
    """
    for name, value in (("frames", frames), ("stride", stride)):
        if value < 1:
            raise TellsError(f"{name} must be 1 or more; got {value}.")
    _check_clips(table)
    if flow not in ("farneback", "dis"):
        raise TellsError(f"flow must be one of farneback, dis; got {flow!r}.")
    rows, numbers, firsts, left_out = [], [], [], []
    written = 0

    def faces() -> Iterator[np.ndarray]:
        nonlocal written
        for row, clip in enumerate(table["clip"]):
            face = store.read(clip)
            found, name = store.read(clip, "found"), table["utterance"].iloc[row]
            starts = range(0, len(face) - frames + 1, stride)
            if not starts:
                left_out.append((name, f"fewer than {frames} frames"))
                continue
            for number, start in enumerate(starts):
                if found[start : start + frames].any():
                    rows.append(row)
                    numbers.append(number)
                    firsts.append(written + start)
                else:
                    left_out.append((f"{name}#{number}", f"no face in any of {frames} frames"))
            written += len(face)
            yield face

    write_array(path, faces(), "|u1")
    groups = table.iloc[rows]
    names = [f"{u}#{n}" for u, n in zip(groups["utterance"], numbers, strict=True)]
    groups = groups.assign(segment=names, window=range(len(rows)), first=firsts, rows=frames)
    windows = FrameWindows(Path(path), groups, frames, flow, store.extractor.name)
    return windows, pd.DataFrame(left_out, columns=["item", "reason"])


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
    _check_clips(segments)
    rows: list[int] = []

    read = lru_cache(maxsize=2)(store.read)  # the faces of a clip, and their times

    def cut(clip: str, start: float, end: float) -> np.ndarray:
        times = read(clip, "times")
        return read(clip)[(times >= start) & (times < end)]

    def padded(faces: np.ndarray) -> np.ndarray:
        faces = faces[:frames]
        rows.append(len(faces))
        padding = np.full((frames - len(faces), *faces.shape[1:]), _MID_GREY, np.uint8)
        return np.concatenate([faces, padding])

    table, joined = join_pieces(segments, segments["clip"], cut)
    write_array(path, map(padded, joined), "|u1")
    window = np.arange(len(table))
    table = table.assign(window=window, first=window * frames, rows=rows)
    return FrameWindows(Path(path), table, frames, "grey", store.extractor.name)


def _check_clips(table: pd.DataFrame) -> None:
    if table.empty:
        raise TellsError("The table is empty: no clip was left to cut; see the exclusions.")
    if "clip" not in table:
        raise TellsError(
            "The table must have the column clip; take it from the store's `with_durations`."
        )
