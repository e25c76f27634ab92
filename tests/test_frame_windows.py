"""Faces in a store: extraction by spans, groups of adjacent frames, joined clusters."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import pytest

from tells.errors import TellsError
from tells.features import FrameWindows, Span, extract, fixed_length_clips, frame_windows, maps
from tells.features.frame_windows import ArrayCache
from tells.media import MediaError

RATE = 10  # frames a second of the films below


@dataclass(frozen=True)
class Film:
    """An extractor that takes spans: frame k of a file of n bytes is a picture full of byte k."""

    name: str = "film"
    version: str = "1"
    columns = ()
    spans = True
    black: int = 0  # frames of the file that begin it and show nobody

    def __call__(self, path, start=0.0, end=None):
        data = np.frombuffer(Path(path).read_bytes(), np.uint8)
        times = np.arange(len(data)) / RATE
        kept = (times >= start) & (times < (np.inf if end is None else end))
        if not kept.any():
            raise MediaError(path, "no frames")
        pictures = np.broadcast_to(data[kept][:, None, None], (kept.sum(), 80, 60)).copy()
        arrays = {"times": times[kept], "found": np.flatnonzero(kept) >= self.black}
        return pictures, kept.sum() / RATE, arrays, {"frames": int(kept.sum())}


@pytest.fixture
def dialog(tmp_path):
    """A film of 10 s whose frame k is grey k, and its table: four turns of two speakers."""
    root = tmp_path / "corpus"
    root.mkdir()
    (root / "dialog.avi").write_bytes(bytes(range(100)))
    seconds = [(0.5, 2.0), (2.0, 2.4), (3.0, 9.0), (20.0, 21.0)]
    index = audformat.segmented_index(
        ["dialog.avi"] * 4,
        *(pd.to_timedelta(column, unit="s") for column in zip(*seconds, strict=True)),
    )
    columns = {
        "utterance": ["u0", "u1", "u2", "u3"],
        "label": ["anger", "anger", "sadness", "anger"],
        "speaker": ["A", "A", "A", "B"],
        "fold": "1",
    }
    return root, pd.DataFrame(columns, index=index)


@pytest.fixture
def stored(dialog, tmp_path):
    root, table = dialog
    return extract(root, table.index, Film(), tmp_path / "f", workers=0, progress=False)


# --- spans --------------------------------------------------------------------------------------


def test_each_turn_of_a_film_is_stored_by_itself(stored, dialog):
    table, failed = stored.with_durations(dialog[1])
    assert list(table["clip"]) == [
        f"dialog.avi/{name}"
        for name in ("0.500000-2.000000", "2.000000-2.400000", "3.000000-9.000000")
    ]
    assert stored.read(table["clip"].iloc[1])[:, 0, 0].tolist() == [20, 21, 22, 23]
    np.testing.assert_allclose(stored.read(table["clip"].iloc[1], "times"), [2.0, 2.1, 2.2, 2.3])
    assert [report["frames"] for report in stored.reports(table).values()] == [15, 4, 60]
    assert failed.to_numpy().tolist() == [["dialog.avi/20.000000-21.000000", "no frames"]]
    assert table.index.equals(dialog[1].index[:3])


def test_a_whole_file_is_a_span_without_times(dialog, tmp_path):
    root, _ = dialog
    index = audformat.segmented_index(["dialog.avi"], [0], [pd.NaT])
    store = extract(root, index, Film(), tmp_path / "f", workers=0, progress=False)
    table, _ = store.with_durations(pd.DataFrame({"utterance": ["u"]}, index=index))
    assert Span("dialog.avi").name == "dialog.avi"
    assert list(table["clip"]) == ["dialog.avi"]
    assert table.index[0][2] == pd.Timedelta(seconds=10)


def test_turns_are_not_extracted_twice(stored, dialog, tmp_path, monkeypatch):
    monkeypatch.setattr(Film, "__call__", lambda *_: pytest.fail("was extracted again"))
    extract(dialog[0], dialog[1].index, Film(), tmp_path / "f", workers=0, progress=False)


# --- groups of frames ---------------------------------------------------------------------------


def grouped(stored, dialog, path, **options):
    return frame_windows(stored, stored.with_durations(dialog[1])[0], path, **options)


def test_groups_of_seven_frames(stored, dialog, tmp_path):
    windows, short = grouped(stored, dialog, tmp_path / "w.npy")
    assert list(windows.table["segment"]) == ["u0#0", "u0#1", *(f"u2#{i}" for i in range(8))]
    assert list(windows.table["label"]) == ["anger"] * 2 + ["sadness"] * 8
    assert short.to_numpy().tolist() == [["u1", "fewer than 7 frames"]]
    assert windows.shape == (10, 7, 80, 60)
    assert windows.faces([1, 9])[:, :, 5, 5].tolist() == [
        list(range(12, 19)),
        list(range(79, 86)),
    ]
    assert windows.read([1, 9]).shape == (2, 33, 80, 60)


@pytest.mark.parametrize(("black", "left"), [(11, 0), (12, 1), (18, 1), (19, 2)])
def test_a_group_in_which_nobody_is_seen_is_left_out(dialog, tmp_path, black, left):
    root, table = dialog
    stored = extract(
        root, table.index, Film(black=black), tmp_path / "f", workers=0, progress=False
    )
    windows, excluded = grouped(stored, dialog, tmp_path / "w.npy")
    assert list(windows.table["segment"])[:2] == ["u0#0", "u0#1", "u2#0", "u2#1"][left : left + 2]
    unseen = excluded[excluded["reason"] == "no face in any of 7 frames"]
    assert list(unseen["item"]) == ["u0#0", "u0#1"][:left]
    assert windows.faces([0])[0, 0, 0, 0] == [5, 12, 30][left]


def test_groups_may_share_frames_and_their_faces_are_stored_once(stored, dialog, tmp_path):
    windows, _ = grouped(stored, dialog, tmp_path / "w.npy", frames=7, stride=1)
    assert len(windows) == (15 - 6) + (60 - 6)
    assert np.load(windows.path, mmap_mode="r").shape == (75, 80, 60)
    assert windows.faces([0, 1])[:, 0, 0, 0].tolist() == [5, 6]
    assert windows.face("u0#1")[0, 0] == 6 + 3
    assert windows.face("u2#0@6")[0, 0] == 36


def test_a_network_gets_the_maps_of_its_window(stored, dialog, tmp_path):
    windows, _ = grouped(stored, dialog, tmp_path / "w.npy", flow="dis")
    np.testing.assert_array_equal(
        windows.read([3]), maps.window_maps(windows.faces([3]), method="dis")
    )


def test_the_optical_flow_of_a_window_is_computed_once(stored, dialog, tmp_path, monkeypatch):
    windows, _ = grouped(stored, dialog, tmp_path / "w.npy", stride=3)
    windows.read([2, 0])
    first = windows.read([0, 1, 2])
    monkeypatch.setattr(maps, "optical_flow", lambda *_, **__: pytest.fail("was computed again"))
    again = windows.read([2, 1, 0])
    np.testing.assert_array_equal(again[::-1], first)
    assert not np.array_equal(first[0], first[1])


def test_what_finds_no_room_is_computed_each_time(tmp_path):
    asked = []

    def compute(number):
        asked.append(number)
        return np.full((2, 3), number, np.float32)

    kept = ArrayCache(tmp_path, most=2 * 24 + 23)
    got = [kept.get(number, partial(compute, number)) for number in (5, 7, 9, 5, 7, 9)]
    assert asked == [5, 7, 9, 9]
    assert [int(array[1, 2]) for array in got] == [5, 7, 9, 5, 7, 9]
    assert list(tmp_path.iterdir()) == []  # the file has no name
    file = kept._file
    del kept
    assert file.closed


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"stride": 0}, "stride must be 1 or more; got 0"),
        ({"frames": 0}, "frames must be 1 or more; got 0"),
        ({"frames": 100}, "No clip has enough frames"),
        ({"flow": "lucas"}, "flow must be one of farneback, dis; got 'lucas'"),
    ],
)
def test_groups_that_cannot_be(stored, dialog, tmp_path, options, says):
    with pytest.raises(TellsError, match=says):
        grouped(stored, dialog, tmp_path / "w.npy", **options)
    assert not (tmp_path / "w.npy").exists()


def test_groups_of_nothing(stored, dialog, tmp_path):
    with pytest.raises(TellsError, match="The table is empty"):
        frame_windows(stored, stored.with_durations(dialog[1])[0][:0], tmp_path / "w.npy")
    with pytest.raises(TellsError, match="must have the column clip"):
        frame_windows(stored, dialog[1], tmp_path / "w.npy")


# --- joined segments ----------------------------------------------------------------------------


def pieces(stored, dialog, spans, segments):
    """Rows cut out of the turns: each (turn, first second, last second)."""
    table = stored.with_durations(dialog[1])[0]
    rows = table.iloc[[turn for turn, _, _ in spans]]
    index = audformat.segmented_index(
        rows.index.get_level_values("file"),
        pd.to_timedelta([start for _, start, _ in spans], unit="s"),
        pd.to_timedelta([end for _, _, end in spans], unit="s"),
    )
    return rows.set_axis(index).assign(segment=segments)


def test_pieces_are_joined_cut_and_padded(stored, dialog, tmp_path):
    spans = [(0, 0.5, 1.0), (2, 3.0, 3.3), (2, 4.0, 8.0)]
    segments = pieces(stored, dialog, spans, ["c0", "c0", "c1"])
    windows = fixed_length_clips(stored, segments, tmp_path / "w.npy", frames=10)
    assert isinstance(windows, FrameWindows)
    assert list(windows.table["segment"]) == ["c0", "c1"]
    assert list(windows.table["rows"]) == [8, 10]
    first, second = windows.faces([0, 1])[:, :, 0, 0].tolist()
    assert first == [5, 6, 7, 8, 9, 30, 31, 32, 128, 128]
    assert second == list(range(40, 50))
    grey = windows.read([0])[0, :, 0, 0]
    assert grey.dtype == np.float32
    np.testing.assert_allclose(grey[-2:], 0, atol=0.01)
    assert (np.abs(grey) <= 1).all()


def test_pieces_that_lie_apart(stored, dialog, tmp_path):
    spans = [(0, 0.5, 1.0), (2, 3.0, 3.3), (0, 1.0, 1.2)]
    segments = pieces(stored, dialog, spans, ["c0", "c1", "c0"])
    with pytest.raises(TellsError, match="one after the other"):
        fixed_length_clips(stored, segments, tmp_path / "w.npy")
