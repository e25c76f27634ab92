"""`tells.features`: extraction that can be stopped at any time, and windows of the result."""

import errno
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import audformat
import dask
import numpy as np
import pandas as pd
import pytest
from dask.distributed import LocalCluster

from tells import files
from tells.errors import TellsError
from tells.features import FeatureStore, Windows, extract, extract_windows
from tells.features.speech import LLDs
from tells.files import explain_os_errors, replacing
from tells.media import MediaError


@dataclass(frozen=True)
class Bytes:
    """An extractor that needs no sound: 100 rows a second for as many bytes as a file has.

    A file that begins with `bad` cannot be used; one that begins with `full` fills the disk.
    """

    name: str = "bytes"
    version: str = "1"
    delay: float = 0.0

    @property
    def columns(self):
        return ["number", "value"]

    def __call__(self, path):
        time.sleep(self.delay)
        try:
            data = Path(path).read_bytes()
        except OSError:
            raise MediaError(path, "no such file") from None
        if data.startswith(b"bad"):
            raise MediaError(path, "not readable")
        if data.startswith(b"full"):
            raise OSError(errno.ENOSPC, "No space left on device")
        values = np.frombuffer(data, np.uint8).astype(np.float32)
        return np.stack([np.arange(len(values), dtype=np.float32), values], axis=1), len(data) / 100


@pytest.fixture
def corpus(tmp_path):
    """A root with six files below two folders; their table's files."""
    root = tmp_path / "corpus"
    files = [f"Actor_0{i % 2}/clip {i}.wav" for i in range(6)]
    for i, file in enumerate(files):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(bytes(range(10 * i, 10 * i + 60)) * 5)
    return root, files


def run(corpus, url, extractor=None, **options):
    root, files = corpus
    options = {"workers": 0, "progress": False} | options
    return extract(root, files, extractor or Bytes(), url, **options)


def content(store, files):
    return {file: (store.record(file), store.read(file).tolist()) for file in files}


def table_of(files, ends=None):
    """A segmented table of whole files, or of files up to `ends` in seconds."""
    ends = [pd.NaT] * len(files) if ends is None else pd.to_timedelta(ends, unit="s")
    index = audformat.segmented_index(files, [pd.Timedelta(0)] * len(files), ends)
    return pd.DataFrame({"label": "anger"}, index=index)


class Calls(Bytes):
    """Notes which files it was called for."""

    def __call__(self, path):
        called.append(Path(path).name)
        return super().__call__(path)


called: list[str] = []


@pytest.fixture(autouse=True)
def _forget_calls():
    called.clear()


# --- extraction ---------------------------------------------------------------------------------


def test_features_and_their_record(corpus, tmp_path):
    root, files = corpus
    store = run(corpus, tmp_path / "features")
    expected, seconds = Bytes()(root / files[2])
    np.testing.assert_array_equal(store.read(files[2]), expected)
    assert store.read(files[2]).dtype == np.float32
    stat = (root / files[2]).stat()
    assert store.record(files[2]) == {
        "version": "1",
        "seconds": seconds,
        "source": {"bytes": stat.st_size, "modified_ns": stat.st_mtime_ns},
    }
    assert store.url == f"{(tmp_path / 'features').resolve()}/bytes"


def test_what_is_done_is_not_done_again(corpus, tmp_path):
    run(corpus, tmp_path / "features", Calls())
    assert len(called) == 6
    run(corpus, tmp_path / "features", Calls())
    assert len(called) == 6


def test_a_file_named_twice_is_extracted_once(corpus, tmp_path):
    root, files = corpus
    run((root, files + files), tmp_path / "features", Calls())
    assert len(called) == 6


def test_a_changed_file_is_done_again(corpus, tmp_path):
    root, files = corpus
    run(corpus, tmp_path / "features")
    (root / files[1]).write_bytes(b"now something else")
    status = (root / files[4]).stat()
    os.utime(root / files[4], ns=(status.st_atime_ns, status.st_mtime_ns + 1_000))
    store = run(corpus, tmp_path / "features", Calls())
    assert called == [Path(files[1]).name, Path(files[4]).name]
    assert len(store.read(files[1])) == len(b"now something else")


def test_another_version_is_done_again(corpus, tmp_path):
    run(corpus, tmp_path / "features", Calls())
    store = run(corpus, tmp_path / "features", Calls(version="2"))
    assert len(called) == 12
    assert store.record(corpus[1][0])["version"] == "2"
    assert FeatureStore(tmp_path / "features", Bytes()).record(corpus[1][0]) is None


def test_two_extractors_lie_side_by_side(corpus, tmp_path):
    first = content(run(corpus, tmp_path / "features"), corpus[1])
    run(corpus, tmp_path / "features", Bytes(name="other"))
    assert content(FeatureStore(tmp_path / "features", Bytes()), corpus[1]) == first


def test_failures_are_recorded_and_not_tried_again(corpus, tmp_path):
    root, files = corpus
    (root / files[3]).write_bytes(b"bad")
    run((root, [*files, "gone.wav"]), tmp_path / "features", Calls())
    store = run((root, [*files, "gone.wav"]), tmp_path / "features", Calls())
    assert len(called) == 7
    assert store.record(files[3])["exclusion"] == "not readable"
    assert store.record("gone.wav")["exclusion"] == "no such file"
    with pytest.raises(TellsError, match=r"clip 3\.wav failed: not readable"):
        store.read(files[3])
    (root / files[3]).write_bytes(b"good again")
    (root / "gone.wav").write_bytes(b"here")
    store = run((root, [*files, "gone.wav"]), tmp_path / "features", Calls())
    assert len(called) == 9
    assert len(store.read(files[3])) == 10
    assert len(store.read("gone.wav")) == 4


def test_a_file_that_turned_bad_loses_its_features(corpus, tmp_path):
    root, files = corpus
    run(corpus, tmp_path / "features")
    (root / files[0]).write_bytes(b"bad")
    store = run(corpus, tmp_path / "features")
    with pytest.raises(TellsError, match="failed: not readable"):
        store.read(files[0])


def remove(path):
    path.unlink()


def empty(path):
    path.write_bytes(b"")


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [remove, empty, halve])
@pytest.mark.parametrize("also_the_array", [False, True])
def test_a_half_written_clip_is_done_again(corpus, tmp_path, harm, also_the_array):
    """A group's metadata is written last, so a kill leaves it absent, empty or cut off."""
    files = corpus[1]
    expected = content(run(corpus, tmp_path / "features"), files)
    group = tmp_path / "features/bytes" / files[2]
    harm(group / "zarr.json")
    if also_the_array:
        harm(group / "features/zarr.json")
    store = run(corpus, tmp_path / "features", Calls())
    assert called == [Path(files[2]).name]
    assert content(store, files) == expected


def test_a_group_without_its_record_is_done_again(corpus, tmp_path):
    files = corpus[1]
    store = run(corpus, tmp_path / "features")
    store._root[files[0]].attrs.clear()
    with pytest.raises(TellsError, match="was not extracted"):
        store.read(files[0])
    run(corpus, tmp_path / "features", Calls())
    assert called == [Path(files[0]).name]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_features import Bytes
from tells.features import extract
root = Path(sys.argv[2])
files = sorted(str(p.relative_to(root)) for p in root.rglob("*.wav"))
extract(root, files, Bytes(delay=0.05), sys.argv[3], workers=0, progress=False)
"""


def test_killed_in_the_middle_it_goes_on(tmp_path):
    root, url = tmp_path / "corpus", tmp_path / "features"
    files = [f"{i:02}.wav" for i in range(60)]
    root.mkdir()
    for i, file in enumerate(files):
        (root / file).write_bytes(bytes([i]) * (40 + i))
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(root), str(url)]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while len(list(url.glob("bytes/*/features/c/0/0"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    done = {file for file in files if FeatureStore(url, Bytes()).record(file)}
    assert 4 <= len(done) < 60
    resumed = run((root, files), url, Calls())
    assert sorted(called) == sorted(set(files) - done)
    uninterrupted = run((root, files), tmp_path / "other")
    assert content(resumed, files) == content(uninterrupted, files)


def test_two_workers_give_what_one_gives(corpus, tmp_path, voice, write_sound):
    root, files = corpus
    for i, file in enumerate(files[:4]):
        write_sound(root / file, voice(0.4, seed=i))
    one = run(corpus, tmp_path / "one", LLDs("is10"))
    two = run(corpus, tmp_path / "two", LLDs("is10"), workers=2)
    assert content(two, files[:4]) == content(one, files[:4])
    for file in files[4:]:
        assert two.record(file) == one.record(file)
        assert "not readable as audio" in two.record(file)["exclusion"]


def test_an_existing_scheduler(corpus, tmp_path, monkeypatch):
    """Its workers have another current folder, so a relative store must mean the caller's."""
    (tmp_path / "here").mkdir()
    with LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0"
    ) as cluster:
        monkeypatch.chdir(tmp_path / "here")
        store = run(corpus, "features", scheduler=cluster.scheduler_address, workers=None)
        assert cluster.status.name == "running"  # it is not ours to stop
    monkeypatch.chdir(tmp_path)
    assert content(store, corpus[1]) == content(run(corpus, tmp_path / "other"), corpus[1])
    assert (tmp_path / "here/features/bytes").is_dir()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://", ""])
def test_a_wrong_scheduler(corpus, tmp_path, address):
    begin = time.monotonic()
    with pytest.raises(
        TellsError, match=f"scheduler must be .*'{address}' does not answer"
    ) as error:
        run(corpus, tmp_path / "features", scheduler=address, workers=None)
    assert "\n" not in str(error.value)
    assert time.monotonic() - begin < 15


def test_a_bucket(corpus):
    """Any address of fsspec; `memory://` lives in this process."""
    root, files = corpus
    url = f"memory://{root.name}-{os.getpid()}"
    store = run(corpus, url, Calls())
    assert len(store.read(files[5])) == 300
    (root / files[5]).write_bytes(b"changed")
    store = run(corpus, url, Calls())
    assert len(called) == 7
    assert len(store.read(files[5])) == 7


@pytest.mark.parametrize("url", ["s4://bucket/features", "nothing://"])
def test_an_address_that_fsspec_does_not_know(corpus, url):
    with pytest.raises(TellsError, match=f"{url}.*cannot be opened as a store"):
        run(corpus, url)


def machine(error):
    """An extractor on a machine that lacks something."""

    class Lacking(Calls):
        def __call__(self, path):
            super().__call__(path)
            raise error

    return Lacking()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TellsError("The face detector is not at x; run `make assets`."), "run `make assets`"),
        (OSError(errno.EMFILE, "Too many open files"), "clip 0.wav: Too many open files; mend"),
    ],
)
def test_a_fault_of_the_machine_stops_the_run_and_is_remembered_nowhere(
    corpus, tmp_path, error, sentence
):
    with pytest.raises(TellsError, match=sentence):
        run(corpus, tmp_path / "features", machine(error))
    assert called == ["clip 0.wav"]
    assert FeatureStore(tmp_path / "features", Bytes()).record(corpus[1][0]) is None
    assert len(content(run(corpus, tmp_path / "features"), corpus[1])) == 6


def test_what_an_older_store_calls_a_failure_is_tried_again(corpus, tmp_path):
    store = FeatureStore(tmp_path / "features", Bytes())
    old = {"version": "1", "source": {}, "failure": "The face detector is not at x."}
    store._root.require_group(corpus[1][0]).update_attributes(old)
    assert store.record(corpus[1][0]) is None
    assert len(content(run(corpus, tmp_path / "features"), corpus[1])) == 6


def test_two_extractions_into_one_new_store(tmp_path, voice, write_sound):
    for actor in range(1, 4):
        name = f"Actor_{actor:02}/03-01-05-01-01-01-{actor:02}.wav"
        write_sound(tmp_path / "ravdess" / name, voice(0.4, seed=actor))
    command = [sys.executable, "-m", "tells.cli", "extract", "ravdess", tmp_path / "ravdess"]
    command += ["--features", "is10", "--workers", "0", "--store", tmp_path / "features"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=120)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert said[0] == said[1] == f"3 clips have features in {tmp_path}/features/is10.\n"


def test_a_store_where_a_file_is(corpus, tmp_path):
    (tmp_path / "features").write_text("a file")
    with pytest.raises(TellsError, match="features/bytes cannot be written"):
        run(corpus, tmp_path / "features")


@pytest.mark.parametrize("inside", ["../secret.wav", "Actor_00/../../secret.wav", "link.wav"])
def test_paths_out_of_the_corpus(corpus, tmp_path, inside):
    root, files = corpus
    (tmp_path / "secret.wav").write_bytes(b"secret")
    (root / "link.wav").symlink_to(tmp_path / "secret.wav")
    with pytest.raises(TellsError, match=f"{inside} leads out of the corpus"):
        run((root, [*files, inside]), tmp_path / "features", Calls())
    assert called == []


def test_an_absolute_path(corpus, tmp_path):
    (tmp_path / "secret.wav").write_bytes(b"secret")
    with pytest.raises(TellsError, match="leads out of the corpus"):
        run((corpus[0], [str(tmp_path / "secret.wav")]), tmp_path / "features")


def test_a_root_behind_a_link(corpus, tmp_path):
    (tmp_path / "link").symlink_to(corpus[0])
    store = run((tmp_path / "link", corpus[1]), tmp_path / "features")
    assert len(store.read(corpus[1][0])) == 300


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_wrong_root(corpus, tmp_path, kind):
    root = tmp_path / "missing" if kind == "missing" else corpus[0] / corpus[1][0]
    with pytest.raises(TellsError, match=f"{root} is not a folder"):
        run((root, ["a.wav"]), tmp_path / "features")
    assert not (tmp_path / "features").exists()


def test_a_wrong_number_of_workers(corpus, tmp_path):
    with pytest.raises(TellsError, match="workers must be 0 or more; got -1"):
        run(corpus, tmp_path / "features", workers=-1)


def test_no_files(corpus, tmp_path):
    store = run((corpus[0], []), tmp_path / "features")
    assert store.record("a.wav") is None


@pytest.mark.parametrize("workers", [0, 2])
def test_a_full_disk(corpus, tmp_path, workers):
    root, files = corpus
    run((root, files[:3]), tmp_path / "features")
    kept = (root / files[4]).read_bytes()
    (root / files[4]).write_bytes(b"full")
    with pytest.raises(
        TellsError, match=r"The disk is full while writing .*what was finished is kept"
    ):
        run(corpus, tmp_path / "features", workers=workers)
    (root / files[4]).write_bytes(kept)
    store = run(corpus, tmp_path / "features", Calls())
    assert not {Path(file).name for file in files[:3]} & set(called)
    assert content(store, files) == content(run(corpus, tmp_path / "other"), files)


def test_a_disk_that_fills_up_while_a_clip_is_written(corpus, tmp_path, monkeypatch):
    """Python raises the operating system's error where zarr writes a chunk."""
    import zarr.storage._local as local

    files = corpus[1]
    put, n = local._put, 0

    def full(path, *arguments, **options):
        nonlocal n
        n += path.parent.name == "0"  # a chunk
        if n > 3:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return put(path, *arguments, **options)

    monkeypatch.setattr(local, "_put", full)
    with pytest.raises(TellsError, match="The disk is full"):
        run(corpus, tmp_path / "features")
    monkeypatch.undo()
    store = run(corpus, tmp_path / "features", Calls())
    assert called == [Path(file).name for file in files[3:]]
    assert content(store, files) == content(run(corpus, tmp_path / "other"), files)


class Deadly(Bytes):
    """Ends its process, as a decoder with a bug would, in the presence of one file."""

    def __call__(self, path):
        if Path(path).name == "clip 5.wav":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(path)


def test_a_worker_that_dies(corpus, tmp_path):
    root, files = corpus
    run((root, files[:5]), tmp_path / "features")
    sentence = r"worked on Actor_01/clip 5\.wav died several times"
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),  # 3 are slower to wait for
        pytest.raises(TellsError, match=sentence),
    ):
        run(corpus, tmp_path / "features", Deadly(), workers=1)
    assert len(FeatureStore(tmp_path / "features", Bytes()).read(files[4])) == 300


def test_a_bug_in_an_extractor_is_not_hidden(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(Bytes, "__call__", lambda self, path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(corpus, tmp_path / "features")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full while writing x"),
        (errno.EDQUOT, "The disk is full while writing x"),
        (errno.EACCES, "x cannot be written"),
        (errno.EROFS, "x cannot be written"),
    ],
)
def test_errors_of_the_disk_become_sentences(number, sentence):
    with pytest.raises(TellsError, match=sentence), explain_os_errors("x"):
        raise OSError(number, os.strerror(number))
    with pytest.raises(OSError, match="Input/output"), explain_os_errors("x"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


# --- ends ---------------------------------------------------------------------------------------


def test_ends(corpus, tmp_path):
    root, files = corpus
    (root / files[1]).write_bytes(b"bad")
    store = run((root, [*files, "gone.wav"]), tmp_path / "features")
    table, failed = store.with_durations(table_of([*files, "gone.wav"]))
    assert table.index.get_level_values("file").tolist() == [files[0], *files[2:]]
    assert table.index.names == ["file", "start", "end"]
    np.testing.assert_allclose(table.index.get_level_values("end").total_seconds(), 3.0)
    assert failed.to_dict("records") == [
        {"item": files[1], "reason": "not readable"},
        {"item": "gone.wav", "reason": "no such file"},
    ]
    assert table.columns.tolist() == ["label"]


def test_ends_that_are_known_stay(corpus, tmp_path):
    store = run(corpus, tmp_path / "features")
    table, failed = store.with_durations(table_of(corpus[1][:2], [0.5, 1.25]))
    assert table.index.get_level_values("end").total_seconds().tolist() == [0.5, 1.25]
    assert failed.empty
    assert failed.columns.tolist() == ["item", "reason"]


def test_ends_when_all_failed(corpus, tmp_path):
    root, files = corpus
    (root / files[0]).write_bytes(b"bad")
    store = run((root, files[:1]), tmp_path / "features")
    table, failed = store.with_durations(table_of(files[:1]))
    assert table.empty
    assert len(failed) == 1


def test_ends_of_what_was_never_extracted(corpus, tmp_path):
    store = run((corpus[0], corpus[1][:4]), tmp_path / "features")
    with pytest.raises(
        TellsError, match=r"2 clips have no bytes features \(first: Actor_00/clip 4"
    ):
        store.with_durations(table_of(corpus[1]))


# --- windows ------------------------------------------------------------------------------------


@pytest.fixture
def store(corpus, tmp_path):
    return run(corpus, tmp_path / "features")


def segments_of(*pieces):
    """Pieces (segment, file, start, end), times in seconds."""
    names, files, starts, ends = zip(*pieces, strict=True)
    index = audformat.segmented_index(
        files, pd.to_timedelta(starts, unit="s"), pd.to_timedelta(ends, unit="s")
    )
    return pd.DataFrame({"segment": names, "label": [f"of {n}" for n in names]}, index=index)


def test_windows_are_slices_of_the_stored_rows(store, corpus, tmp_path):
    a, b = corpus[1][0], corpus[1][3]
    segments = segments_of(("a#0", a, 0, 1), ("a#1", a, 0.5, 1.5), ("b#0", b, 1.99, 2.99))
    windows = extract_windows(store, segments, tmp_path / "deep/windows.npy", seconds=1.0)
    assert windows.shape == (3, 100, 2)
    assert len(windows) == 3
    assert windows.columns == ("number", "value")
    read = windows.read([0, 1, 2])
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read[0], store.read(a)[:100])
    np.testing.assert_array_equal(read[1], store.read(a)[50:150])
    np.testing.assert_array_equal(read[2], store.read(b)[199:299])
    np.testing.assert_array_equal(windows.read(np.array([2, 0, 2])), read[[2, 0, 2]])
    pd.testing.assert_frame_equal(windows.table[["segment", "label"]], segments)
    assert windows.table["window"].tolist() == [0, 1, 2]
    assert windows.table["rows"].tolist() == [100, 100, 100]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["windows.npy"]


def test_short_segments_are_padded_with_nan(store, corpus, tmp_path):
    a = corpus[1][0]
    segments = segments_of(("x", a, 0, 0.3), ("y", a, 2.5, 3.5), ("z", a, 3.2, 3.4), ("w", a, 0, 2))
    windows = extract_windows(store, segments, tmp_path / "w.npy", seconds=1.0)
    x, y, z, w = windows.read(range(4))
    assert windows.table["rows"].tolist() == [30, 50, 0, 100]
    np.testing.assert_array_equal(x[:30], store.read(a)[:30])
    np.testing.assert_array_equal(y[:50], store.read(a)[250:])
    np.testing.assert_array_equal(w, store.read(a)[:100])
    assert np.isnan(x[30:]).all()
    assert np.isnan(y[50:]).all()
    assert np.isnan(z).all()


def test_pieces_of_a_cluster_are_joined(store, corpus, tmp_path):
    a, b, c = corpus[1][:3]
    segments = segments_of(
        ("one", a, 0.5, 1.0), ("one", b, 0, 0.3), ("one", c, 1, 1.2), ("two", c, 1.2, 2.2)
    )
    windows = extract_windows(store, segments, tmp_path / "w.npy", seconds=1.0)
    assert windows.shape == (2, 100, 2)
    joined = [store.read(a)[50:100], store.read(b)[:30], store.read(c)[100:120]]
    np.testing.assert_array_equal(windows.read([0])[0], np.concatenate(joined))
    np.testing.assert_array_equal(windows.read([1])[0], store.read(c)[120:220])
    assert windows.table.index[0] == segments.index[0]
    assert windows.table["segment"].tolist() == ["one", "two"]


def test_averaged_to_ten_vectors_a_second(store, corpus, tmp_path):
    a = corpus[1][4]
    segments = segments_of(("whole", a, 0, 2), ("part", a, 0, 1.27))
    windows = extract_windows(
        store, segments, tmp_path / "w.npy", seconds=2.0, vectors_per_second=10
    )
    whole, part = windows.read([0, 1])
    rows = store.read(a).astype(np.float64)
    np.testing.assert_allclose(whole, rows[:200].reshape(20, 10, 2).mean(axis=1), rtol=1e-6)
    expected = [rows[i : min(i + 10, 127)].mean(axis=0) for i in range(0, 127, 10)]
    np.testing.assert_allclose(part[:13], expected, rtol=1e-6)
    assert np.isnan(part[13:]).all()
    assert windows.table["rows"].tolist() == [20, 13]


def test_windows_of_descriptors(tmp_path, voice, write_sound):
    """openSMILE gives 296 rows for 3 s, so even a full window ends in 4 rows of padding."""
    write_sound(tmp_path / "corpus/a.wav", voice(3.0))
    store = run((tmp_path / "corpus", ["a.wav"]), tmp_path / "features", LLDs("compare2016"))
    table, _ = store.with_durations(table_of(["a.wav"]).assign(segment="a#0"))
    windows = extract_windows(store, table, tmp_path / "w.npy", seconds=3.0)
    assert windows.shape == (1, 300, 130)
    assert windows.table["rows"].tolist() == [296]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"vectors_per_second": 30}, "vectors_per_second must divide 100; got 30"),
        ({"vectors_per_second": 0}, "vectors_per_second must divide 100; got 0"),
        ({"vectors_per_second": -10}, "vectors_per_second must divide 100; got -10"),
        ({"vectors_per_second": 200}, "vectors_per_second must divide 100; got 200"),
        ({"seconds": 0}, "seconds must be long enough for one row; got 0"),
        ({"seconds": -1.0}, "seconds must be long enough for one row; got -1.0"),
        ({"seconds": 0.05, "vectors_per_second": 10}, "seconds must be long enough"),
    ],
)
def test_wrong_arguments(store, corpus, tmp_path, options, sentence):
    segments = segments_of(("a", corpus[1][0], 0, 1))
    with pytest.raises(TellsError, match=sentence):
        extract_windows(store, segments, tmp_path / "w.npy", **({"seconds": 1.0} | options))
    assert not (tmp_path / "w.npy").exists()


def test_no_segments(store, corpus, tmp_path):
    with pytest.raises(TellsError, match="segments is empty"):
        extract_windows(
            store, segments_of(("a", "b", 0, 1)).iloc[:0], tmp_path / "w.npy", seconds=1.0
        )


def test_pieces_that_lie_apart(store, corpus, tmp_path):
    a = corpus[1][0]
    segments = segments_of(("one", a, 0, 1), ("two", a, 1, 2), ("one", a, 2, 3))
    with pytest.raises(TellsError, match="one after the other"):
        extract_windows(store, segments, tmp_path / "w.npy", seconds=1.0)


def test_a_segment_of_a_file_without_features(store, tmp_path):
    with pytest.raises(TellsError, match=r"other.wav was not extracted; run `tells extract`"):
        extract_windows(
            store, segments_of(("a", "other.wav", 0, 1)), tmp_path / "w.npy", seconds=1.0
        )
    assert not (tmp_path / "w.npy").exists()


def test_cutting_onto_a_full_disk_keeps_the_old_windows(store, corpus, tmp_path, monkeypatch):
    path, segments = tmp_path / "w.npy", segments_of(("a", corpus[1][0], 0, 3))
    before = extract_windows(store, segments, path, seconds=1.0)
    monkeypatch.setattr(files, "uuid4", lambda: SimpleNamespace(hex="0"))
    (tmp_path / ".w.0.npy").symlink_to("/dev/full")
    with pytest.raises(TellsError, match=r"The disk is full while writing .*w\.npy"):
        extract_windows(store, segments, path, seconds=300.0)
    assert before.read([0]).shape == (1, 100, 2)


def test_windows_read_only_what_is_asked_for(tmp_path):
    """A file with a hole of 8 GB: reading two windows must not read or copy the rest."""
    shape = (20_000, 1_000, 100)
    path = tmp_path / "w.npy"
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 4 * np.prod(shape))
    windows = Windows(path, pd.DataFrame(index=range(shape[0])), tuple("abc"))
    begin = time.monotonic()
    assert windows.read([3, 19_999]).sum() == 0
    assert time.monotonic() - begin < 5


def test_windows_with_their_table_can_be_loaded(store, corpus, tmp_path):
    path, segments = tmp_path / "w.npy", segments_of(("a", corpus[1][0], 0, 3))
    made = extract_windows(store, segments, path, seconds=1.0)
    made.save_table()
    found = Windows.load(path)
    pd.testing.assert_frame_equal(found.table, made.table, check_index_type=False)
    assert found.columns == made.columns
    np.testing.assert_array_equal(found.read([0]), made.read([0]))


def test_windows_that_cannot_be_loaded(store, corpus, tmp_path):
    with pytest.raises(TellsError, match=r"w\.npy is missing; run the chapter that makes it"):
        Windows.load(tmp_path / "w.npy")
    segments = segments_of(("a", corpus[1][0], 0, 3), ("b", corpus[1][0], 1, 3))
    two = extract_windows(store, segments, tmp_path / "w.npy", seconds=1.0)
    two.save_table()
    extract_windows(store, segments.iloc[:1], tmp_path / "w.npy", seconds=1.0)
    with pytest.raises(TellsError, match="is not what its table describes"):
        Windows.load(tmp_path / "w.npy")
    (tmp_path / "w.parquet").write_bytes(b"PAR1")
    with pytest.raises(TellsError, match="is damaged; run its chapter"):
        Windows.load(tmp_path / "w.npy")


def test_a_store_can_be_sent_to_a_worker(store, corpus):
    copy = pickle.loads(pickle.dumps(store))
    np.testing.assert_array_equal(copy.read(corpus[1][0]), store.read(corpus[1][0]))


def test_a_store_that_was_moved(store, corpus, tmp_path):
    shutil.move(tmp_path / "features", tmp_path / "elsewhere")
    moved = FeatureStore(tmp_path / "elsewhere", Bytes())
    assert len(moved.read(corpus[1][0])) == 300


# --- files ----------------------------------------------------------------------------------------


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    with replacing(path) as one, replacing(path) as other:  # two writers at once
        one.write_text("one")
        other.write_text("other")
        assert not path.exists()
        assert one.suffix == ".txt"
    assert path.read_text() == "one"
    with pytest.raises(ZeroDivisionError), replacing(path) as beside:
        beside.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(TellsError, match=r"a.txt/b cannot be written \(File exists|Not a dir"):
        replacing(path / "b").__enter__()
