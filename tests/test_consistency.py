"""`ConsistencyDetector`: whether voice and face portray the same emotion, and nothing else."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tells import detection
from tells.detection import MEASURES, consistency_measures
from tells.errors import TellsError
from tells.features import write_windows

CLASSES = ("anger", "happiness", "sadness")


def course(rng, rows=120, emotion=None):
    """Probabilities of one emotion that comes and goes."""
    emotion = rng.integers(len(CLASSES)) if emotion is None else emotion
    t = np.arange(rows) / 30
    waves = [np.sin(2 * np.pi * rng.uniform(0.2, 0.6) * t + rng.uniform(0, 6)) for _ in CLASSES]
    logits = np.stack(waves, axis=1)
    logits[:, emotion] += 1.5
    p = np.exp(logits)
    return (p / p.sum(axis=1, keepdims=True)).astype(np.float32)


def measured(voice, face):
    return dict(zip(MEASURES, consistency_measures(voice, face), strict=True))


# --- measures -----------------------------------------------------------------------------------


def test_what_is_the_same_agrees_wholly():
    p = course(np.random.default_rng(0))
    found = measured(p, p)
    assert found["distance of means"] == pytest.approx(0, abs=1e-4)
    assert found["correlation"] == found["best correlation"] == pytest.approx(1)
    assert found["best lag"] == 0


@pytest.mark.parametrize("late", [-12, 0, 7, 30])
def test_a_face_that_comes_late_or_early_agrees_at_that_lag(late):
    p = course(np.random.default_rng(1), rows=200)
    voice, face = p[40:160], p[40 - late : 160 - late]
    found = measured(voice, face)
    assert found["best lag"] == pytest.approx(abs(late) / 30)
    assert found["best correlation"] == pytest.approx(1)


def test_different_emotions_are_a_bit_apart():
    one, other = (np.tile(row, (10, 1)) for row in np.eye(3, dtype=np.float32)[:2])
    found = measured(one, other)
    assert found["distance of means"] == pytest.approx(1)
    assert found["same emotion"] == 0
    assert found["correlation"] == 0  # neither changes


def test_a_clip_of_one_moment():
    p = course(np.random.default_rng(2))[:1]
    assert np.isfinite(consistency_measures(p, p)).all()


@pytest.mark.parametrize("shape", [(4, 3), (5, 2), (0, 3)])
def test_series_that_do_not_fit(shape):
    with pytest.raises(TellsError, match=r"one shape \(t, k\) with t of at least 1; got"):
        consistency_measures(np.zeros(shape), np.zeros((5, 3) if shape[0] else shape))


# --- the detector -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Probabilities of clips: of half of them voice and face show the same emotion."""
    rng = np.random.default_rng(0)
    series, rows = [], []
    for i in range(90):
        fake = i % 2
        voice = course(rng, rows=90 + i)
        face = course(rng, 90 + i) if fake else np.roll(voice, rng.integers(-3, 4), axis=0)
        series.append(np.hstack([voice, face]))
        rows.append(
            {"utterance": f"clip{i}", "source": f"source{i}", "label": ("real", "fake")[fake],
             "fold": ("train", "train", "test")[i // 2 % 3]}
        )  # fmt: skip
    table = pd.DataFrame(rows, index=pd.Index([f"{i}.mp4" for i in range(90)], name="file"))
    columns = [f"{half} {name}" for half in ("voice", "face") for name in CLASSES]
    path = tmp_path_factory.mktemp("series") / "p.npy"
    windows = write_windows(path, iter(series), table, columns, rows=300, features="p")
    return windows, dict(list(windows.table.groupby("fold")))


def test_it_finds_faces_that_show_another_emotion(clips, tmp_path):
    windows, split = clips
    detector = detection.ConsistencyDetector().fit(windows, split, tmp_path / "d", data="made up")
    scores = detection.scores(detector, windows, split["test"])
    assert ((scores["p_fake"] > 0.5) == (scores["label"] == "fake")).mean() > 0.9
    weights = dict(zip(MEASURES, detector.weights, strict=True))
    assert weights["distance of means"] > 0 > weights["best correlation"]


def test_from_disk_it_scores_as_before(clips, tmp_path):
    windows, split = clips
    detector = detection.ConsistencyDetector().fit(windows, split, tmp_path / "d", data="made up")
    again = detection.load(tmp_path / "d")
    assert again.data == "made up"
    two = [one.predict_proba(windows, split["test"]) for one in (detector, again)]
    np.testing.assert_array_equal(*two)


def test_the_test_folder_is_not_looked_at(clips, tmp_path):
    windows, split = clips
    turned = split | {"test": split["test"].assign(label="real")}
    fitted = [
        detection.ConsistencyDetector().fit(windows, one, tmp_path / "d").weights
        for one in (split, turned)
    ]
    np.testing.assert_array_equal(*fitted)


def test_what_it_does_not_take(clips, tmp_path):
    windows, split = clips
    with pytest.raises(TellsError, match="must be fitted first"):
        detection.ConsistencyDetector().predict_proba(windows, split["test"])
    real = {"train": split["train"].query("label == 'real'")}
    with pytest.raises(TellsError, match="train must hold both classes; it has no fake clip"):
        detection.ConsistencyDetector().fit(windows, real, tmp_path / "d")


@pytest.mark.parametrize("change", [{"mean": [1, 2]}, {"weights": None}, {"intercept": "x"}])
def test_a_damaged_file_says_so(clips, tmp_path, change):
    windows, split = clips
    detection.ConsistencyDetector().fit(windows, split, tmp_path / "d")
    path = tmp_path / "d.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(TellsError, match="the detector is damaged; fit it again"):
        detection.load(path)


def test_probabilities_of_another_network_are_refused(clips, tmp_path):
    windows, _ = clips
    network = SimpleNamespace(output=SimpleNamespace(in_features=32))
    other = SimpleNamespace(model="SpeechLSTM", build=lambda: network)
    with pytest.raises(TellsError, match="what SpeechLSTM gives, 32 values a row; got 6"):
        detection.emotional_features.class_probabilities(other, windows, tmp_path / "p.npy")
