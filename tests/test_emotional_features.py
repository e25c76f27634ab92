"""`emotional_features`: series at the frames' times, both modalities, and their statistics."""

from dataclasses import replace

import audformat
import cv2
import numpy as np
import pandas as pd
import pytest
import scipy.stats
import torch

from tells.detection import emotional_features
from tells.errors import TellsError
from tells.features import Extraction, FeatureStore, maps, write_windows
from tells.models import EmotionCNN3D, SimpleCNN3D, SpeechLSTM
from tells.training import Checkpoint, Scaler

CLASSES = ("anger", "happiness", "sadness", "neutral", "other")


class Stored:
    """An extractor whose features are written by hand."""

    def __init__(self, name, *, spans=False, columns=()):
        self.name, self.version, self.spans, self.columns = name, "1", spans, list(columns)


def table(*seconds, start=0.0):
    """Clips of these lengths, as the store's `with_durations` gives them."""
    names = [f"clip{i}.mp4" for i in range(len(seconds))]
    starts = pd.to_timedelta([start] * len(names), unit="s")
    index = audformat.segmented_index(names, starts, starts + pd.to_timedelta(seconds, unit="s"))
    return pd.DataFrame({"utterance": names, "clip": names, "label": "real"}, index=index)


def trained(network, name, features, **about):
    weights = {k: v.numpy() for k, v in network.state_dict().items()}
    arguments = {"columns": 6, "classes": 5} if name == "SpeechLSTM" else {"classes": 5}
    scaler = Scaler(np.full(6, -2, np.float32), np.full(6, 3, np.float32))
    return Checkpoint(
        name, arguments, weights, CLASSES, features, None if about else scaler, metadata=about
    )


@pytest.fixture
def speech(tmp_path):
    """LSTM_I, a store of descriptors of one clip of 10 s and one of 4 s."""
    torch.manual_seed(0)
    network = SpeechLSTM(columns=6).eval()
    store = FeatureStore(tmp_path / "store", Stored("compare2016", columns="abcdef"))
    rng = np.random.default_rng(0)
    for i, rows in enumerate((996, 396)):
        x = rng.normal(size=(rows, 6)).astype(np.float32)
        store.write(f"clip{i}.mp4", Extraction(x, (rows + 4) / 100), {})
    return trained(network, "SpeechLSTM", "compare2016"), network, store


@pytest.fixture
def video(tmp_path):
    """The 3DCNN, a store of faces: 30 frames a second, 15, and 30 from second 2 on."""
    torch.manual_seed(0)
    network = EmotionCNN3D().eval()
    store = FeatureStore(tmp_path / "store", Stored("faces", spans=True))
    rng = np.random.default_rng(0)
    for i, (frames, rate, start) in enumerate(((45, 30, 0), (20, 15, 0), (30, 30, 2))):
        faces = rng.integers(0, 256, (frames, 80, 60), dtype=np.uint8)
        times = start + np.arange(frames) / rate
        store.write(f"clip{i}.mp4", Extraction(faces, frames / rate, {"times": times}), {})
    return trained(network, "EmotionCNN3D", "faces", inputs="farneback"), network, store


def test_probabilities_are_the_networks_own(speech, tmp_path):
    checkpoint, network, store = speech
    clips = table(10, 4)
    series = emotional_features.speech_series(checkpoint, store, clips, tmp_path / "s.npy")
    found = emotional_features.class_probabilities(checkpoint, series, tmp_path / "p.npy")
    assert found.columns == CLASSES
    assert found.table["rows"].tolist() == [300, 120]
    with torch.inference_mode():
        row = network.output(torch.from_numpy(series.read([1])[0, 60])).softmax(0).numpy()
    np.testing.assert_allclose(found.read([1])[0, 60], row, rtol=1e-5)
    assert np.isnan(found.read([1])[0, 120:]).all()


# --- moments ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [30.0, 30_000 / 1001, 25.0, 15.0, 60.0, 100.0])
def test_each_moment_gets_its_nearest_row(rate):
    times = np.arange(round(10 * rate)) / rate
    chosen = emotional_features._nearest(times, 10.0)
    assert len(chosen) == 300
    moments = np.arange(300) / 30
    best = np.abs(times[:, None] - moments).min(axis=0)
    np.testing.assert_allclose(np.abs(times[chosen] - moments), best, atol=1e-12)
    if rate == 30:
        assert chosen.tolist() == list(range(300))


def test_short_long_and_single():
    assert len(emotional_features._nearest(np.arange(50) / 100, 0.5)) == 15
    assert len(emotional_features._nearest(np.arange(3000) / 100, 30.0)) == 300
    assert emotional_features._nearest(np.zeros(1), 0.1).tolist() == [0, 0, 0]
    assert emotional_features._nearest(np.zeros(0), 0.1).tolist() == []


# --- the voice ----------------------------------------------------------------------------------


def test_speech_at_the_times_of_frames(speech, tmp_path):
    checkpoint, network, store = speech
    found = emotional_features.speech_series(
        checkpoint, store, table(10.0, 4.0), tmp_path / "s.npy"
    )
    assert found.shape == (2, 300, 32)
    assert found.table["rows"].tolist() == [300, 120]
    series = found.read([0, 1])
    assert np.isnan(series[1, 120:]).all()
    for i, rows in enumerate((300, 120)):
        scaled = (store.read(f"clip{i}.mp4") + 2) / 5 * 2 - 1
        at = np.rint(np.arange(rows) * 100 / 30).astype(int).clip(max=len(scaled) - 1)
        expected = network.features(torch.from_numpy(scaled[at])[None])[0].detach().numpy()
        np.testing.assert_allclose(series[i, :rows], expected, atol=1e-5)


def test_speech_at_its_own_pace(speech, tmp_path):
    checkpoint, network, store = speech
    found = emotional_features.speech_series(
        checkpoint, store, table(10.0), tmp_path / "s.npy", time_scale="descriptors"
    )
    scaled = (store.read("clip0.mp4") + 2) / 5 * 2 - 1
    every = network.features(torch.from_numpy(scaled)[None])[0].detach().numpy()
    at = np.rint(np.arange(300) * 100 / 30).astype(int).clip(max=995)
    np.testing.assert_allclose(found.read([0])[0], every[at], atol=1e-5)
    frames = emotional_features.speech_series(checkpoint, store, table(10.0), tmp_path / "f.npy")
    assert np.abs(frames.read([0]) - found.read([0])).max() > 0.01


def test_speech_of_a_part_of_a_file(speech, tmp_path):
    checkpoint, network, store = speech
    found = emotional_features.speech_series(
        checkpoint, store, table(1.0, start=3.0), tmp_path / "s.npy", time_scale="descriptors"
    )
    scaled = (store.read("clip0.mp4")[300:400] + 2) / 5 * 2 - 1
    every = network.features(torch.from_numpy(scaled)[None])[0].detach().numpy()
    np.testing.assert_allclose(found.read([0])[0, 0], every[0], atol=1e-5)
    assert found.table["rows"].tolist() == [30]


# --- the face -----------------------------------------------------------------------------------


def test_video_has_a_row_for_each_frame(video, tmp_path):
    checkpoint, network, store = video
    found = emotional_features.video_series(
        checkpoint, store, table(1.5, 20 / 15), tmp_path / "v.npy"
    )
    assert found.table["rows"].tolist() == [45, 40]
    series = found.read([0, 1])
    clip = maps.maps(store.read("clip0.mp4"))
    for frame in (3, 20, 41):
        window = torch.from_numpy(clip.window(frame - 3)[None])
        expected = network.window_features(window)[0].detach().numpy()
        np.testing.assert_allclose(series[0, frame], expected, atol=1e-5)
    for edge, same in ((slice(0, 3), 3), (slice(42, 45), 41)):
        np.testing.assert_array_equal(series[0, edge], series[0, [same] * 3])
    np.testing.assert_array_equal(series[1, 0:40:2], series[1, np.r_[1:39:2, 39]])  # 15 a second


def test_video_of_a_span_begins_with_the_span(video, tmp_path):
    checkpoint, network, store = video
    clips = table(0.0, 0.0, 1.0, start=2.0).iloc[2:]
    found = emotional_features.video_series(checkpoint, store, clips, tmp_path / "v.npy")
    first = torch.from_numpy(maps.maps(store.read("clip2.mp4")).window(0)[None])
    expected = network.window_features(first)[0].detach().numpy()
    np.testing.assert_allclose(found.read([0])[0, 0], expected, atol=1e-5)


def test_video_sees_the_flow_that_its_network_was_trained_on(video, tmp_path):
    checkpoint, network, store = video
    other = replace(checkpoint, metadata={"inputs": "dis"})
    found = emotional_features.video_series(other, store, table(1.0), tmp_path / "v.npy").read([0])[
        0
    ]
    window = maps.maps(store.read("clip0.mp4"), method="dis").window(0)
    expected = network.window_features(torch.from_numpy(window[None]))[0].detach().numpy()
    np.testing.assert_allclose(found[0], expected, atol=1e-5)
    farneback = emotional_features.video_series(
        checkpoint, store, table(1.0), tmp_path / "f.npy"
    ).read([0])[0]
    assert (found[0] != farneback[0]).any()


def test_video_by_the_network_of_experiment_2(video, tmp_path):
    _, _, store = video
    torch.manual_seed(0)
    network = SimpleCNN3D(feature_activation="tanh").eval()
    weights = {k: v.numpy() for k, v in network.state_dict().items()}
    arguments = {"classes": 5, "feature_activation": "tanh"}
    checkpoint = Checkpoint("SimpleCNN3D", arguments, weights, CLASSES, "crop")
    found = emotional_features.video_series(checkpoint, store, table(1.0), tmp_path / "v.npy")
    large = [
        cv2.resize(f, (93, 100), interpolation=cv2.INTER_CUBIC) for f in store.read("clip0.mp4")
    ]
    x = torch.from_numpy(np.stack(large).astype(np.float32) / 127.5 - 1)
    expected = network.features(x[None])[0].detach().numpy()
    rows = found.table["rows"].iloc[0]
    np.testing.assert_allclose(found.read([0])[0, :rows], expected[:rows], atol=1e-6)


# --- both, and their statistics -----------------------------------------------------------------


def windows(path, *parts, kind="speech"):
    names = tuple(f"{kind} {i}" for i in range(parts[0].shape[1]))
    clips = table(*[1.0] * len(parts))
    return write_windows(path, iter(parts), clips, names, rows=300)


def test_fusion_puts_both_side_by_side(tmp_path):
    rng = np.random.default_rng(0)
    one = windows(tmp_path / "a.npy", *rng.normal(size=(2, 40, 3)))
    other = windows(tmp_path / "b.npy", *rng.normal(size=(2, 50, 2)), kind="video")
    both, alone = emotional_features.fuse(one, other, tmp_path / "c.npy")
    assert both.columns == ("speech 0", "speech 1", "speech 2", "video 0", "video 1")
    assert both.table["rows"].tolist() == [40, 40]
    np.testing.assert_array_equal(both.read([1])[0, :40, :3], one.read([1])[0, :40])
    np.testing.assert_array_equal(both.read([1])[0, :40, 3:], other.read([1])[0, :40])
    assert alone.empty


def test_fusion_pairs_clips_by_name_and_says_which_are_alone(tmp_path):
    one = windows(tmp_path / "a.npy", *(np.full((3, 1), i) for i in range(3)))
    other = windows(tmp_path / "b.npy", *(np.full((3, 1), 10 + i) for i in range(4)), kind="video")
    backwards = replace(one, table=one.table.iloc[[2, 1]])
    both, alone = emotional_features.fuse(backwards, other, tmp_path / "c.npy")
    assert both.table["utterance"].tolist() == ["clip2.mp4", "clip1.mp4"]
    assert both.read([0, 1])[:, 0].tolist() == [[2, 12], [1, 11]]
    assert alone.to_dict("list") == {
        "item": ["clip0.mp4", "clip3.mp4"],
        "reason": ["no speech features", "no speech features"],
    }


def test_fusion_of_nothing(tmp_path):
    one = windows(tmp_path / "a.npy", np.ones((3, 2)))
    other = windows(tmp_path / "b.npy", np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(TellsError, match="must have clips in common"):
        emotional_features.fuse(one, replace(other, table=other.table.iloc[1:]), tmp_path / "c.npy")


def test_shuffled_rows_are_the_same_rows(tmp_path):
    series = windows(tmp_path / "a.npy", *np.random.default_rng(0).normal(size=(3, 50, 2)))
    found = emotional_features.shuffled(series, tmp_path / "b.npy", seed=1)
    for i in range(3):
        one, other = series.read([i])[0, :50], found.read([i])[0, :50]
        assert (one != other).any()
        np.testing.assert_array_equal(*(rows[rows[:, 0].argsort()] for rows in (one, other)))
    again = emotional_features.shuffled(series, tmp_path / "c.npy", seed=1)
    np.testing.assert_array_equal(found.read([0, 1, 2]), again.read([0, 1, 2]))
    np.testing.assert_allclose(
        emotional_features.statistics(found), emotional_features.statistics(series), rtol=1e-6
    )


def test_statistics_are_scipys(tmp_path):
    x = np.random.default_rng(0).gamma(2, size=(2, 120, 3)).astype(np.float32)
    x[1, :, 2] = 0.25
    found = emotional_features.statistics(windows(tmp_path / "a.npy", *x))
    assert found.shape == (2, 9)
    assert found.columns.str.split().str[0].tolist() == [
        *["mean"] * 3,
        *["variance"] * 3,
        *["kurtosis"] * 3,
    ]
    for i in range(2):
        for j in range(3 if i == 0 else 2):
            about = scipy.stats.describe(x[i, :, j].astype(float), ddof=0)
            expected = [about.mean, about.variance, about.kurtosis]
            np.testing.assert_allclose(found.iloc[i, [j, 3 + j, 6 + j]], expected, rtol=1e-6)
    assert found.iloc[1, [2, 5, 8]].tolist() == [0.25, 0, 0]


def test_statistics_of_nothing(tmp_path):
    empty = windows(tmp_path / "a.npy", np.ones((3, 2)), np.ones((0, 2)))
    with pytest.raises(TellsError, match=r"clip1\.mp4 has no row"):
        emotional_features.statistics(empty)


# --- what cannot be -----------------------------------------------------------------------------


def test_wrong_networks(speech, video, tmp_path):
    with pytest.raises(TellsError, match="must be of a SpeechLSTM on compare2016; got one of Emo"):
        emotional_features.speech_series(video[0], speech[2], table(1.0), tmp_path / "a.npy")
    with pytest.raises(TellsError, match="an EmotionCNN3D or a SimpleCNN3D; got one of SpeechLSTM"):
        emotional_features.video_series(speech[0], video[2], table(1.0), tmp_path / "a.npy")


def test_wrong_arguments(speech, tmp_path):
    checkpoint, _, store = speech
    with pytest.raises(TellsError, match="time_scale must be 'frames' or 'descriptors'; got 'x'"):
        emotional_features.speech_series(
            checkpoint, store, table(1.0), tmp_path / "a.npy", time_scale="x"
        )
    with pytest.raises(TellsError, match="table must have at least one clip"):
        emotional_features.speech_series(checkpoint, store, table(1.0).iloc[:0], tmp_path / "a.npy")
