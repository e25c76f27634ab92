"""`tells.detection`: what is fitted on what, scores clip by clip, and detectors from disk."""

import json

import audformat
import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.pipeline import Pipeline

from tells import detection
from tells.corpora import DETECTION_CLASSES
from tells.detection import emotional_features, statistics
from tells.errors import TellsError
from tells.features import FrameWindows, write_windows
from tells.features.maps import FRAMES
from tells.metrics import write_scores
from tells.models import MODELS
from tells.training import Checkpoint, TrainingOptions

FOLDS = ("45", "46", "47", "48", "49")
SPLIT = {"train": ("45", "46", "48"), "validation": ("47",), "test": ("49",)}
QUICK = TrainingOptions(learning_rate=1e-2, batch_size=16, max_epochs=12, normalise=False)


def clips(each=6):
    """Sources of five folders, each a real clip and a fake one: a table without windows."""
    rows = [
        {
            "utterance": f"{fold}{i:02}{label}",
            "label": label,
            "fold": fold,
            "source": f"{fold}{i:02}",
        }
        for fold in FOLDS
        for i in range(each)
        for label in ("real", "fake")
    ]
    zero = pd.to_timedelta(np.zeros(len(rows)), unit="s")
    index = audformat.segmented_index(
        [f"{row['utterance']}.mp4" for row in rows], zero, zero + pd.Timedelta(seconds=10)
    )
    return pd.DataFrame(rows, index=index).assign(speaker=pd.NA)


def series(path, table, *, columns=4, apart=1.0, seed=0):
    """Noise that wanders more in fakes."""
    rng = np.random.default_rng(seed)

    def parts():
        for label in table["label"]:
            yield rng.normal(0, 1 + apart * (label == "fake"), (40, columns)).astype(np.float32)

    names = tuple(f"speech {i}" for i in range(columns))
    return write_windows(path, parts(), table.assign(segment=table["utterance"]), names, rows=40)


def split_of(windows):
    return {name: windows.table[windows.table["fold"].isin(folds)] for name, folds in SPLIT.items()}


@pytest.fixture
def windows(tmp_path):
    return series(tmp_path / "series.npy", clips())


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Windows, their split, and a detector by statistics."""
    folder = tmp_path_factory.mktemp("fitted")
    windows = series(folder / "series.npy", clips())
    split = split_of(windows)
    return windows, split, detection.StatisticsDetector().fit(windows, split, folder / "fitted")


def accuracy(scores):
    return ((scores["p_fake"] > 0.5) == (scores["label"] == "fake")).mean()


# --- statistics ---------------------------------------------------------------------------------


def test_the_winner_is_chosen_on_the_validation_folder(fitted):
    windows, split, detector = fitted
    assert detector.ranking.is_monotonic_decreasing
    assert statistics.THESIS_WINNER in detector.ranking.index
    assert len(detector.ranking) > 20
    assert detector.winner == detector.ranking.index[0]
    assert accuracy(detection.scores(detector, windows, split["test"])) > 0.9


def test_the_test_folder_is_not_looked_at(fitted, tmp_path):
    windows, split, detector = fitted
    turned = split | {"test": split["test"].assign(label="real")}
    again = detection.StatisticsDetector().fit(windows, turned, tmp_path / "turned")
    pd.testing.assert_series_equal(again.ranking, detector.ranking)
    two = (d.predict_proba(windows, split["test"]) for d in (again, detector))
    np.testing.assert_array_equal(*two)


@pytest.mark.parametrize("first", statistics._NO_WINNERS)
def test_a_classifier_that_guesses_or_cannot_say_never_wins(tmp_path, monkeypatch, first):
    windows = series(tmp_path / "series.npy", clips())
    order = pd.Series({first: 0.5, "SVC": 0.4})
    monkeypatch.setattr(statistics, "_rank", lambda *_: order)
    detector = detection.StatisticsDetector().fit(windows, split_of(windows), tmp_path / "saved")
    assert detector.winner == "SVC"


def test_whoever_may_win_has_something_to_say_of_any_clip():
    rng = np.random.default_rng(0)
    x, y, sources = rng.normal(size=(40, 96)), np.arange(40) % 2, np.arange(40) // 2
    ranked = statistics._rank(x, y, x, y, 0).index
    winners = [name for name in ranked if name not in statistics._NO_WINNERS]
    assert len(winners) > 20
    far = np.concatenate([x + 50, 1e4 * x, np.zeros((1, 96))])
    for name in winners:
        p = statistics._fitted(name, x, y, sources, 0).predict_proba(far)
        assert np.isfinite(p).all(), name


@pytest.mark.parametrize("winner", ["LGBMClassifier", "LinearSVC", "RandomForestClassifier", "SVC"])
def test_a_detector_from_disk_scores_as_before(tmp_path, monkeypatch, winner):
    windows = series(tmp_path / "series.npy", clips(each=12), apart=0.3)
    split = split_of(windows)
    monkeypatch.setattr(statistics, "_rank", lambda *_: pd.Series({winner: 0.9}))
    detector = detection.StatisticsDetector().fit(windows, split, tmp_path / "saved")
    before = detector.predict_proba(windows, split["test"])
    assert before.shape == (24, 2)
    assert np.allclose(before.sum(axis=1), 1)
    assert before[:, 1].std() > 0.01
    again = detection.load(tmp_path / "saved")
    np.testing.assert_array_equal(again.predict_proba(windows, split["test"]), before)
    assert again.winner == winner
    again.save(tmp_path / "twice")
    for path in tmp_path.glob("saved.*"):
        if path.suffix != ".skops":  # a zip, which has times in it
            assert (
                path.read_bytes() == (tmp_path / path.name.replace("saved", "twice")).read_bytes()
            )


def test_trees_are_lightgbms_own(tmp_path, monkeypatch):
    windows = series(tmp_path / "series.npy", clips())
    split = split_of(windows)
    monkeypatch.setattr(statistics, "_rank", lambda *_: pd.Series({"LGBMClassifier": 0.9}))
    detection.StatisticsDetector().fit(windows, split, tmp_path / "saved")
    assert not (tmp_path / "saved.skops").exists()
    assert lightgbm.Booster(model_file=str(tmp_path / "saved.lgb.txt")).num_feature() == 12


def test_other_statistics_are_refused(fitted, tmp_path):
    _, _, detector = fitted
    wide = series(tmp_path / "wide.npy", clips(), columns=8)
    with pytest.raises(TellsError, match="takes 12 statistics; these clips have 24"):
        detector.predict_proba(wide, wide.table)


@pytest.mark.parametrize("fold", ["train", "validation"])
def test_a_fold_with_one_class(windows, tmp_path, fold):
    split = split_of(windows)
    split[fold] = split[fold][split[fold]["label"] == "real"]
    with pytest.raises(TellsError, match=f"{fold} must hold both classes; it has no fake clip"):
        detection.StatisticsDetector().fit(windows, split, tmp_path / "saved")


def test_what_was_fitted_before_is_found(windows, tmp_path, monkeypatch):
    split, path = split_of(windows), tmp_path / "saved"
    ranked = []
    rank = statistics._rank
    monkeypatch.setattr(statistics, "_rank", lambda *given: ranked.append(given) or rank(*given))
    first = detection.StatisticsDetector().fit(windows, split, path, data="understudy")
    assert detection.load(path).data == "understudy"
    again = detection.StatisticsDetector().fit(windows, split, path)
    assert len(ranked) == 1
    two = (d.predict_proba(windows, split["test"]) for d in (first, again))
    np.testing.assert_array_equal(*two)
    detection.StatisticsDetector(seed=1).fit(windows, split, path)
    assert len(ranked) == 2


# --- networks -----------------------------------------------------------------------------------


def test_lstm_on_series(windows, tmp_path):
    split = split_of(windows)
    detector = detection.NetworkDetector("DetectorLSTM", options=QUICK)
    detector.fit(windows, split, tmp_path / "lstm", data="understudy")
    found = detection.scores(detector, windows, split["test"])
    assert list(found.columns) == [
        *("segment", "file", "utterance", "group", "label", "p_real", "p_fake")
    ]
    assert set(found["group"]) == set(split["test"]["source"])
    again = detection.load(tmp_path / "lstm.json")
    assert again.checkpoint.data == "understudy"
    assert again.checkpoint.arguments["columns"] == 4  # those of the windows
    pd.testing.assert_frame_equal(detection.scores(again, windows, split["test"]), found)


def faces(tmp_path, table, groups=2):
    """Groups of seven faces: two a clip."""
    rng = np.random.default_rng(0)
    table = table.iloc[np.repeat(np.arange(len(table)), groups)]
    n = len(table)
    path = tmp_path / "faces.npy"
    np.save(path, rng.integers(0, 256, (n * FRAMES, 80, 60), dtype=np.uint8))
    names = [f"{u}#{i % groups}" for i, u in enumerate(table["utterance"])]
    first = np.arange(n) * FRAMES
    table = table.assign(segment=names, window=range(n), first=first, rows=FRAMES)
    return FrameWindows(path, table, FRAMES, "farneback")


def test_faces_are_scored_by_clip_and_emotions_can_be_retrained(tmp_path):
    windows = faces(tmp_path, clips(each=1))
    split = split_of(windows)
    options = TrainingOptions(batch_size=4, max_epochs=1, normalise=False)
    direct = detection.NetworkDetector("EmotionCNN3D", options=options)
    direct.fit(windows, split, tmp_path / "direct")
    found = detection.scores(direct, windows, split["test"])
    by_group = direct.predict_proba(windows, split["test"])
    assert len(by_group) == 4
    np.testing.assert_allclose(found[["p_real", "p_fake"]], by_group.reshape(2, 2, 2).mean(axis=1))
    pretrained = emotions()
    still = options._replace(learning_rate=1e-12)
    again = detection.NetworkDetector("EmotionCNN3D", options=still, pretrained=pretrained)
    again.fit(windows, split, tmp_path / "again")
    for name, weights in again.checkpoint.weights.items():
        if not name.startswith("output"):
            np.testing.assert_allclose(weights, pretrained.weights[name], atol=1e-9)
    assert again.checkpoint.weights["output.weight"].shape == (2, 32)
    with pytest.raises(TellsError, match="pretrained must be a trained DetectorLSTM; got EmotionC"):
        detection.NetworkDetector("DetectorLSTM", options=options, pretrained=pretrained).fit(
            windows, split, tmp_path / "wrong"
        )


def test_a_start_of_another_shape_is_refused(tmp_path, windows):
    arguments = {"columns": 64, "classes": 2}  # of both modalities, for windows of one
    weights = {k: v.numpy() for k, v in MODELS["DetectorLSTM"](**arguments).state_dict().items()}
    pretrained = Checkpoint("DetectorLSTM", arguments, weights, ("real", "fake"), "")
    with pytest.raises(TellsError, match=r"same shape before its output; it differs in lstm\.w"):
        detection.NetworkDetector("DetectorLSTM", pretrained=pretrained).fit(
            windows, split_of(windows), tmp_path / "wrong"
        )


@pytest.mark.parametrize("kind", ["statistics", "series", "direct", "retrained"])
def test_one_seed_gives_identical_score_files(tmp_path, windows, kind):
    def run(name):
        taken, options = windows, QUICK._replace(max_epochs=2)
        if kind == "statistics":
            detector = detection.StatisticsDetector(seed=3)
        elif kind == "series":
            detector = detection.NetworkDetector("DetectorLSTM", options=options)
        else:
            taken = faces(tmp_path, clips(each=1))
            pretrained = emotions() if kind == "retrained" else None
            detector = detection.NetworkDetector(
                "EmotionCNN3D", options=options, pretrained=pretrained
            )
        split = split_of(taken)
        detector.fit(taken, split, tmp_path / f"{name} detector")
        found = detection.scores(detector, taken, split["test"])
        write_scores(tmp_path / name, found, DETECTION_CLASSES)
        return (tmp_path / name).read_bytes()

    assert run("one.parquet") == run("two.parquet")


def emotions():
    """A 3DCNN of five classes, with weights that are the same each time."""
    rng = np.random.default_rng(1)
    state = MODELS["EmotionCNN3D"](classes=5).state_dict()
    weights = {k: rng.normal(0, 0.05, v.shape).astype(np.float32) for k, v in state.items()}
    return Checkpoint("EmotionCNN3D", {"classes": 5}, weights, tuple("abcde"), "")


# --- scores and fusion --------------------------------------------------------------------------


def test_fusion_is_the_mean(fitted):
    windows, split, detector = fitted
    one = detection.scores(detector, windows, split["test"])
    other = one.assign(p_real=one["p_fake"], p_fake=one["p_real"]).sample(frac=1, random_state=0)
    both = detection.fuse_scores(one, other)
    assert np.allclose(both[["p_real", "p_fake"]], 0.5)
    assert list(both["segment"]) == list(one["segment"])


def test_fusion_of_different_clips(fitted):
    windows, split, detector = fitted
    one = detection.scores(detector, windows, split["test"])
    with pytest.raises(TellsError, match="1 are in one only, such as 4900fake"):
        detection.fuse_scores(one, one[one["segment"] != "4900fake"])
    with pytest.raises(TellsError, match="the same label"):
        detection.fuse_scores(one, one.assign(label="real"))


def test_nothing_to_score(fitted):
    windows, split, detector = fitted
    with pytest.raises(TellsError, match="nothing to score"):
        detection.scores(detector, windows, split["test"].iloc[:0])


# --- bad files ----------------------------------------------------------------------------------


def test_not_fitted(windows, tmp_path):
    for detector in (detection.StatisticsDetector(), detection.NetworkDetector("DetectorLSTM")):
        with pytest.raises(TellsError, match="must be fitted first"):
            detector.predict_proba(windows, windows.table)
    with pytest.raises(TellsError, match="must be fitted first"):
        detection.StatisticsDetector().save(tmp_path / "x")


def test_faces_are_no_series(tmp_path, windows):
    shown = faces(tmp_path, clips(each=1))
    split, series_needed = split_of(shown), "must hold series"
    options = TrainingOptions(batch_size=4, max_epochs=1)
    listens = detection.NetworkDetector("DetectorLSTM", options=options)
    listens.fit(windows, split_of(windows), tmp_path / "listens")
    with pytest.raises(TellsError, match=f"{series_needed} for a DetectorLSTM; got faces"):
        listens.predict_proba(shown, split["test"])
    with pytest.raises(TellsError, match=f"{series_needed} of features; got FrameWindows"):
        detection.StatisticsDetector().fit(shown, split, tmp_path / "saved")
    with pytest.raises(TellsError, match=f"{series_needed} of features; got FrameWindows"):
        emotional_features.fuse(windows, shown, tmp_path / "both.npy")
    unlike = detection.NetworkDetector("DetectorLSTM", {"columns": 32})
    with pytest.raises(TellsError, match=r"series must be of shape \(b, t, 32\); got \(.*, 4\)"):
        unlike.fit(windows, split_of(windows), tmp_path / "unlike")


def test_a_classifier_needs_a_validation_fold(windows, tmp_path):
    split = {"train": split_of(windows)["train"]}
    with pytest.raises(TellsError, match="split must have a validation fold"):
        detection.StatisticsDetector().fit(windows, split, tmp_path / "saved")


def test_no_such_detector(tmp_path):
    with pytest.raises(TellsError, match="no such detector; run the chapter"):
        detection.load(tmp_path / "none")


@pytest.mark.parametrize("text", ["", "[1]", '{"format": "statistics 1"}', "{"])
def test_damaged(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(TellsError, match=r"a\.json: .*(fit it|run)"):
        detection.load(tmp_path / "a")


def test_a_network_of_emotions_is_no_detector(tmp_path, fitted):
    windows, split, _ = fitted
    options = QUICK._replace(max_epochs=1)
    detector = detection.NetworkDetector("DetectorLSTM", options=options)
    detector.fit(windows, split, tmp_path / "lstm")
    path = tmp_path / "lstm.json"
    content = json.loads(path.read_text()) | {"classes": ["anger", "sadness"]}
    path.write_text(json.dumps(content))
    with pytest.raises(TellsError, match="this checkpoint has anger, sadness"):
        detection.load(path)


class Foreign:
    """Something that a file could ask for, and must not get."""


def test_foreign_parts_are_refused(tmp_path, fitted):
    _, _, detector = fitted
    detector.save(tmp_path / "saved")
    content = json.loads((tmp_path / "saved.json").read_text())
    content = {k: v for k, v in content.items() if k not in ("mean", "scale")}
    (tmp_path / "saved.json").write_text(json.dumps(content))
    skops.io.dump(Pipeline([("a", Foreign())]), tmp_path / "saved.skops")
    with pytest.raises(TellsError, match="Foreign, which is no part of scikit-learn"):
        detection.load(tmp_path / "saved")
