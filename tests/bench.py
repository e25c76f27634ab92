"""How fast, and with how much memory: ratios, each measured in one run on the same clips.

`python tests/bench.py` (or `make bench`) prints each figure beside its target, writes
`build/bench.json`, and ends with status 1 if a target is missed. The clips are synthetic, so
no corpus is needed. Other work on the machine at the same time spoils the figures.
"""

import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import audformat
import numpy as np
import opensmile
import pandas as pd
import soundfile
from dask.distributed import LocalCluster

import bench_emotional_features
import bench_faces
import bench_models
from tells import media
from tells.features import Extractor, FeatureStore, FrameWindows, Windows, extract, speech
from tells.features.faces import Faces
from tells.training import TrainingOptions, fit

OUTPUT = Path(__file__).parents[1] / "build" / "bench.json"
REPETITIONS = 5
FOLDS = ("train", "train", "train", "validation")
CLASSES = ("anger", "happiness", "sadness", "neutral", "other")


def voice(seconds: float, seed: int) -> np.ndarray:
    """Something like speech: a gliding buzz in syllables, with pauses and noise; 16 kHz."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * media.SAMPLE_RATE)) / media.SAMPLE_RATE
    pitch = rng.uniform(90, 240) * (1 + 0.2 * np.sin(2 * np.pi * rng.uniform(0.3, 1.0) * t))
    phase = 2 * np.pi * np.cumsum(pitch) / media.SAMPLE_RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 16))
    syllables = np.clip(np.sin(2 * np.pi * rng.uniform(2, 5) * t) + 0.4, 0, 1)
    return (0.15 * syllables * buzz + 0.005 * rng.standard_normal(len(t))).astype(np.float32)


def times(*actions: Callable[[], object]) -> list[float]:
    """Median seconds of each action; they take turns, so that all see the same machine."""
    spent = [[] for _ in actions]
    for _ in range(REPETITIONS):
        for seconds, action in zip(spent, actions, strict=True):
            begin = time.perf_counter()
            action()
            seconds.append(time.perf_counter() - begin)
    return [median(seconds) for seconds in spent]


def descriptors() -> float:
    """How much faster the single pass is than openSMILE's two sets, the values being equal."""
    clips = [voice(4.0, seed) for seed in range(8)]
    both = [
        opensmile.Smile(opensmile.FeatureSet.ComParE_2016, level)
        for level in (
            opensmile.FeatureLevel.LowLevelDescriptors,
            opensmile.FeatureLevel.LowLevelDescriptors_Deltas,
        )
    ]

    def two_passes(clip: np.ndarray) -> np.ndarray:
        parts = [
            smile.process_signal(clip, media.SAMPLE_RATE).to_numpy(np.float32) for smile in both
        ]
        return np.hstack([part[: min(map(len, parts))] for part in parts])

    for clip in clips:
        np.testing.assert_array_equal(speech.llds(clip), two_passes(clip))
    one, two = times(
        lambda: [speech.llds(clip) for clip in clips], lambda: [two_passes(clip) for clip in clips]
    )
    return two / one


def voices(folder: Path) -> list[str]:
    """Write 32 sounds of 4 s."""
    files = [f"{i:02}.wav" for i in range(32)]
    for i, file in enumerate(files):
        soundfile.write(folder / file, voice(4.0, i), media.SAMPLE_RATE)
    return files


def films(folder: Path) -> list[str]:
    """Write four clips of 5 s."""
    clip = bench_faces.film(folder / "0.mp4")
    return [Path(shutil.copy(clip, folder / f"{i}.mp4")).name for i in range(1, 5)]


def extraction(folder: Path, files: list[str], extractor: Extractor) -> float:
    """How much faster two Dask workers extract than one; starting them is not counted."""

    def run(cluster: LocalCluster) -> FeatureStore:
        store = tempfile.mkdtemp(dir=folder)
        address = cluster.scheduler_address
        return extract(folder, files, extractor, store, scheduler=address, progress=False)

    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": "ERROR"}
    with LocalCluster(n_workers=1, **options) as one, LocalCluster(n_workers=2, **options) as two:
        stores = run(one), run(two)  # also loads the libraries in every worker
        for file in files:
            np.testing.assert_array_equal(stores[0].read(file), stores[1].read(file))
        slow, fast = times(lambda: run(one), lambda: run(two))
    return slow / fast


def memory(folder: Path, kind: str, n: int) -> tuple[float, float]:
    """Peak memory, in MB, of training on a corpus and on one four times as large."""
    peaks = []
    for size in (n, 4 * n):
        path = folder / f"{size}.npy"
        rng = np.random.default_rng(size)
        if kind == "speech":
            windows = np.lib.format.open_memmap(path, "w+", np.float32, (size, 300, 130))
            for window in windows:
                window[:] = rng.standard_normal(window.shape)
        else:
            windows = np.lib.format.open_memmap(path, "w+", np.uint8, (size * 7, 80, 60))
            for face in windows:
                face[:] = rng.integers(0, 256, face.shape)
        del windows
        command = [sys.executable, __file__, "train", kind, str(path), str(size)]
        result = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks.append(float(result.stdout.split()[-1]))
        path.unlink()
    return peaks[0], peaks[1]


def train(kind: str, path: Path, n: int) -> None:
    """One epoch in a process of its own, which prints its peak memory in MB.

    LSTM_I on windows of 3 s, or the 3DCNN on groups of 7 faces that lie end to end.
    """
    zero = pd.to_timedelta(np.zeros(n), unit="s")
    table = pd.DataFrame(
        {
            "label": [CLASSES[i % 5] for i in range(n)],
            "fold": [FOLDS[i % 4] for i in range(n)],
            "window": range(n),
            "rows": 296 if kind == "speech" else 7,
            "first": np.arange(n) * 7,
        },
        index=audformat.segmented_index(
            [f"{i}.wav" for i in range(n)], zero, zero + pd.Timedelta(seconds=3)
        ),
    )
    windows: Windows | FrameWindows = FrameWindows(path, table, 7, "farneback")
    model, arguments = "EmotionCNN3D", {"classes": 5}
    if kind == "speech":
        windows = Windows(path, table, tuple(speech.LLDs("compare2016").columns))
        model, arguments = "SpeechLSTM", {"columns": 130, "classes": 5}
    split = {name: table[table["fold"] == name] for name in ("train", "validation")}
    with tempfile.TemporaryDirectory() as folder:
        fit(
            model,
            arguments,
            windows,
            split,
            CLASSES,
            Path(folder, "trained"),
            options=TrainingOptions(max_epochs=1, normalise=kind == "speech"),
        )
    print(peak())


def peak() -> float:
    """The largest resident memory of this process so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would begin with what the parent had when it started us
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def report(figures: dict[str, tuple[float, str, float]]) -> bool:
    """Print and write the figures; whether all targets are met."""
    rows = {}
    for what, (value, sense, target) in figures.items():
        met = value >= target if sense == "at least" else value < target
        print(f"{what}: {value:.3g} ({sense} {target:g}): {'met' if met else 'MISSED'}")
        rows[what] = {"value": round(value, 4), "target": f"{sense} {target:g}", "met": met}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(rows, indent=1) + "\n")
    return all(row["met"] for row in rows.values())


def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as name:
        growth = {}
        for kind, n in (("speech", 512), ("faces", 512)):
            small, large = memory(Path(name), kind, n)
            print(f"peak memory of training, {kind}: {small:.0f} MB, on four times {large:.0f} MB")
            growth[kind] = large / small - 1
        features, decoding = bench_emotional_features.speeds(
            voice(bench_emotional_features.SECONDS, 0)
        )
        print(f"a clip of 10 s, 720 x 1280: only decoded at {decoding:.1f} times real time")
        figures = {
            "emotional features of that clip, voice and face: times real time, one core": (
                features,
                "at least",
                5.0,
            ),
            "descriptors: speed of one pass against two calls": (descriptors(), "at least", 1.8),
            "descriptors: speed of two workers against one": (
                extraction(Path(name), voices(Path(name)), speech.LLDs("compare2016")),
                "at least",
                1.6,
            ),
            "faces: speed of two workers against one": (
                extraction(Path(name), films(Path(name)), Faces()),
                "at least",
                1.6,
            ),
            **{
                f"training, {kind}: growth of peak memory with four times the corpus": (
                    grown,
                    "less than",
                    0.1,
                )
                for kind, grown in growth.items()
            },
            "3DCNN: speed of a clip's features against nn.Conv3d window by window": (
                bench_models.clip_features(),
                "at least",
                8.0,
            ),
            "3DCNN: speed of training against nn.Conv3d": (
                bench_models.video_training(),
                "at least",
                2.2,
            ),
            "faces: speed from file to stored faces against bare decoding": (
                bench_faces.faces_against_decoding(),
                "at least",
                0.55,
            ),
        }
    sys.exit(0 if report(figures) else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        train(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
