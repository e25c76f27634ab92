"""Emotional features over time, read out of trained networks (thesis 4.3 to 4.5).

`EMO_s` and `EMO_v` are what the layer before the output says at each frame of a clip: 32 values of
the voice and 32 of the face. A clip of 10 s has 300 rows of each, 30 a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pandas as pd
import scipy.stats
import torch

from tells.errors import TellsError
from tells.features import FeatureStore, Windows, maps, write_windows
from tells.models import EmotionCNN3D, SimpleCNN3D, SpeechLSTM
from tells.training import Checkpoint
from tells.training.predict import one_thread

ROWS = 300  # of a clip (thesis 4.6.1)
RATE = 30.0  # rows a second

_DESCRIPTORS = 100.0  # rows of openSMILE a second


def speech_series(
    checkpoint: Checkpoint,
    store: FeatureStore,
    table: pd.DataFrame,
    path: str | Path,
    *,
    time_scale: Literal["frames", "descriptors"] = "frames",
) -> Windows:
    """`EMO_s` of clips: what `LSTM_I` makes of their sound, at the times of the video's frames.

    `LSTM_I` was trained on 300 descriptor rows of 10 ms, that is 3 s. The thesis (4.6.1) applies it
    to 300 rows that it picks at the times of the frames, so that neighbouring rows are 33 ms apart
    and everything seems to happen 3.3 times as fast; that is `frames`. With `descriptors` the
    network gets every row, at the pace that it knows, and its features are picked at those times.

    Args:
        checkpoint: of a `SpeechLSTM`, as speech experiment III trains it.
        store: its descriptors of all the files that the table names.
        table: one row a clip, index (file, start, end) with known ends, column `utterance`.
        path: the NumPy file to write.
        time_scale: `frames` or `descriptors`.

    Returns:
        Windows of shape (n, 300, 32), rows past a clip's end NaN.

    Raises:
        TellsError: the network is another one or takes other descriptors, `time_scale` is
            unknown, or the table is empty.

    Thesis: 4.3, 4.6.1. Chapter: 05_5_1_audio_detection.
    """
    if time_scale not in ("frames", "descriptors"):
        raise TellsError(f"time_scale must be 'frames' or 'descriptors'; got {time_scale!r}.")
    network = checkpoint.build()
    if not isinstance(network, SpeechLSTM) or checkpoint.features != store.extractor.name:
        raise TellsError(
            f"checkpoint must be of a SpeechLSTM on {store.extractor.name}; got one of "
            f"{checkpoint.model} on {checkpoint.features}."
        )

    def series() -> Iterator[np.ndarray]:
        for file, start, end in table.index:
            first, stop = (round(t.total_seconds() * _DESCRIPTORS) for t in (start, end))
            rows = store.read(file)[first:stop]
            if checkpoint.scaler is not None:
                rows = checkpoint.scaler(rows)
            at = _nearest(np.arange(len(rows)) / _DESCRIPTORS, (end - start).total_seconds())
            if time_scale == "frames":
                rows = rows[at]
            with torch.inference_mode(), one_thread():
                found = network.features(torch.from_numpy(rows)[None])[0].numpy()
            yield found if time_scale == "frames" else found[at]

    columns = tuple(f"speech {i}" for i in range(32))
    return _write(path, series(), table.assign(segment=table["utterance"]), columns, "EMO_s")


def video_series(
    checkpoint: Checkpoint, store: FeatureStore, table: pd.DataFrame, path: str | Path
) -> Windows:
    """`EMO_v` of clips: what a network makes of the frames around each frame.

    To the 3DCNN seven frames make one row, so a clip of 300 frames has 294. The thesis has 300 and
    does not say how; here the first row stands for the first three frames too, and the last for the
    last three. The network of experiment II sees grey frames of 100 x 93, to which the faces are
    enlarged. A clip of another frame rate gives, for each of 30 moments a second, the row of its
    nearest frame.

    Args:
        checkpoint: of an `EmotionCNN3D`, as video experiment IV trains it, or of a `SimpleCNN3D`,
            as experiment II does.
        store: faces of all the clips that the table names.
        table: one row a clip, index (file, start, end) with known ends, columns `clip` and
            `utterance`, as `FeatureStore.with_durations` gives it. Clips of fewer than seven frames
            must have been left out.
        path: the NumPy file to write.

    Returns:
        Windows of shape (n, 300, 32), rows past a clip's end NaN.

    Raises:
        TellsError: the network is another one, or the table is empty.

    Thesis: 4.4, 4.6.2, 5.4.2. Chapter: 05_5_2_video_detection.
    """
    network = checkpoint.build()
    if not isinstance(network, EmotionCNN3D | SimpleCNN3D):
        raise TellsError(
            "checkpoint must be of an EmotionCNN3D or a SimpleCNN3D; got one of "
            f"{checkpoint.model}."
        )
    method = checkpoint.metadata.get("inputs", "farneback")

    def series() -> Iterator[np.ndarray]:
        for (_, start, end), clip in zip(table.index, table["clip"], strict=True):
            times = store.read(clip, "times") - start.total_seconds()
            faces = store.read(clip)
            with torch.inference_mode(), one_thread():
                if isinstance(network, SimpleCNN3D):
                    size = network.size[::-1]  # OpenCV's order is columns, rows
                    large = [cv2.resize(x, size, interpolation=cv2.INTER_CUBIC) for x in faces]
                    x = torch.from_numpy(maps.grey(np.stack(large)))[None]  # (1, t, 100, 93)
                    rows = network.features(x)[0].numpy()
                else:
                    rows = network.features(maps.maps(faces, method=method)).numpy()
            before = (maps.FRAMES - 1) // 2 if len(rows) < len(faces) else 0
            rows = np.pad(rows, ((before, before), (0, 0)), mode="edge")
            yield rows[_nearest(times, (end - start).total_seconds())]

    columns = tuple(f"video {i}" for i in range(32))
    return _write(path, series(), table.assign(segment=table["utterance"]), columns, "EMO_v")


def class_probabilities(checkpoint: Checkpoint, series: Windows, path: str | Path) -> Windows:
    """What the network that gave emotional features makes of them: an emotion at each moment.

    Args:
        checkpoint: of the network, `LSTM_I` or a 3DCNN.
        series: `EMO_s` or `EMO_v`, as it has given them.
        path: the NumPy file to write.

    Returns:
        Windows of shape (n, 300, k), the probability of each of the k classes; past a clip's end
        NaN.

    Raises:
        TellsError: the network has features of another width.

    Thesis: 4.3, 4.4. Chapter: 05_5_3_bimodal_detection.
    """
    network = checkpoint.build()
    if network.output.in_features != series.shape[2]:
        raise TellsError(
            f"series must be what {checkpoint.model} gives, {network.output.in_features} values a "
            f"row; got {series.shape[2]}."
        )
    with torch.inference_mode(), one_thread():
        found = (
            network.output(torch.from_numpy(x)).softmax(dim=1).numpy()
            for x in _series_of(series, series.table)
        )
        return _write(path, found, series.table, checkpoint.classes, f"p of {series.features}")


def fuse(speech: Windows, video: Windows, path: str | Path) -> tuple[Windows, pd.DataFrame]:
    """Both modalities side by side: feature-level fusion, shape (n, 300, 64).

    Args:
        speech: `EMO_s` of clips.
        video: `EMO_v` of clips.
        path: the NumPy file to write.

    Returns:
        The clips that both have, in the order of `speech` and as long as the shorter of the two;
        and those that only one has (columns `item`, `reason`).

    Raises:
        TellsError: they have no clip in common, or one holds faces.

    Thesis: 4.5.2, 4.6.3. Chapter: 05_5_3_bimodal_detection.
    """
    _check_series(speech, video)
    one, other = (part.table.set_index("utterance") for part in (speech, video))
    shared = [name for name in one.index if name in other.index]
    if not shared:
        raise TellsError("speech and video must have clips in common; they have none.")
    exclusions = [
        (name, f"no {kind} features")
        for table, kind in ((one, "video"), (other, "speech"))
        for name in table.index.difference(shared)
    ]
    pairs = zip(
        _series_of(speech, one.loc[shared]), _series_of(video, other.loc[shared]), strict=True
    )
    both = (np.hstack([x[: len(y)], y[: len(x)]]) for x, y in pairs)
    table = speech.table[speech.table["utterance"].isin(shared)]
    names = f"{speech.features}, {video.features}"
    fused = _write(path, both, table, (*speech.columns, *video.columns), names)
    return fused, pd.DataFrame(exclusions, columns=["item", "reason"])


def shuffled(windows: Windows, path: str | Path, *, seed: int = 0) -> Windows:
    """The same series with the rows of each in random order: what was felt, and not when.

    Mean, variance and kurtosis stay as they are, so only a detector that reads the course of a
    series can lose by it.

    Args:
        windows: emotional features of clips.
        path: the NumPy file to write.
        seed: of the orders; each clip has one of its own.

    Thesis: none. Chapter: 05_5_3_bimodal_detection.
    """
    rng = np.random.default_rng(seed)
    series = (x[rng.permutation(len(x))] for x in _series_of(windows, windows.table))
    return _write(path, series, windows.table, windows.columns, f"{windows.features}, shuffled")


def statistics(windows: Windows) -> pd.DataFrame:
    r"""`EMO_stat`: mean, variance and kurtosis over time of each emotional feature.

    With $m_k$ the k-th central moment, variance is $m_2$ and kurtosis $m_4 / m_2^2 - 3$. The thesis
    does not say which of their definitions it takes; these are SciPy's. The kurtosis of a feature
    that does not change is undefined and set to 0.

    Args:
        windows: emotional features of n clips; rows past a clip's end are NaN.

    Returns:
        n rows, indexed by `utterance`; columns `mean <feature>`, then `variance`, then `kurtosis`:
        96 of one modality, 192 of both.

    Raises:
        TellsError: the windows hold faces, or a clip has no row.

    Thesis: 4.5.1 (equation 4.9), 4.6.3. Chapter: 05_5_1_audio_detection.
    """
    _check_series(windows)
    table = []
    for name, x in zip(windows.table["utterance"], _series_of(windows, windows.table), strict=True):
        if len(x) == 0:
            raise TellsError(f"{name} has no row; leave it out.")
        x = x.astype(np.float64)
        moves = np.ptp(x, axis=0) > 0
        kurtosis = np.zeros(x.shape[1])
        kurtosis[moves] = scipy.stats.kurtosis(x[:, moves], axis=0)
        table.append(np.concatenate([x.mean(axis=0), x.var(axis=0), kurtosis]))
    moments = ("mean", "variance", "kurtosis")
    names = [f"{moment} {column}" for moment in moments for column in windows.columns]
    return pd.DataFrame(
        np.reshape(table, (len(windows), len(names))),
        index=pd.Index(windows.table["utterance"]),
        columns=names,
    )


def _check_series(*given: object) -> None:
    for windows in given:
        if not isinstance(windows, Windows):
            raise TellsError(f"windows must hold series of features; got {type(windows).__name__}.")


def _series_of(windows: Windows, table: pd.DataFrame) -> Iterator[np.ndarray]:
    """Some of the windows without their padding, each of shape (rows, columns)."""
    for number, rows in zip(table["window"], table["rows"], strict=True):
        yield windows.read([number])[0, :rows]


def _nearest(times: np.ndarray, seconds: float) -> np.ndarray:
    """Numbers of the rows nearest to each of 30 moments a second, at most 300 of them.

    `times` of the rows rise, in s from the clip's beginning; it lasts `seconds`.
    """
    moments = np.arange(min(ROWS, round(seconds * RATE))) / RATE
    if len(times) == 0:
        return np.zeros(0, dtype=int)
    after = np.searchsorted(times, moments).clip(1, max(len(times) - 1, 1))
    before = after - 1
    after = after.clip(max=len(times) - 1)
    nearer = times[after] - moments < moments - times[before] - 1e-9  # of two as near, the first
    return np.where(nearer, after, before)


def _write(
    path: str | Path,
    series: Iterator[np.ndarray],
    table: pd.DataFrame,
    columns: tuple[str, ...],
    features: str,
) -> Windows:
    if table.empty:
        raise TellsError("table must have at least one clip; see what was left out.")
    table = table.drop(columns=["window", "rows"], errors="ignore")
    return write_windows(path, series, table, columns, rows=ROWS, features=features)
