"""`tells.training`: it learns, the same way twice, whether it was stopped or not."""

import errno
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import audformat
import numpy as np
import pandas as pd
import pytest
import torch

from tells import files, models
from tells.errors import TellsError
from tells.features import FrameWindows, Windows
from tells.training import Checkpoint, Scaler, TrainingOptions, fit, loop, oversample, predict
from tells.training.data import EpochSampler, WindowDataset

CLASSES = ("anger", "sadness")
QUICK = TrainingOptions(learning_rate=0.02, batch_size=8, max_epochs=4, patience=10)
MODEL = {"columns": 3, "classes": 2, "dropout": 0.2}


def write_windows(folder, x, labels, folds, rows=None):
    """Windows with the columns that a corpus's segments have."""
    n = len(x)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "windows.npy", x.astype(np.float32))
    index = audformat.segmented_index(
        [f"{i}.wav" for i in range(n)], [pd.Timedelta(0)] * n, [pd.Timedelta(seconds=1)] * n
    )
    table = pd.DataFrame(
        {
            "utterance": [f"u{i}" for i in range(n)],
            "segment": [f"u{i}#0" for i in range(n)],
            "label": labels,
            "speaker": [f"speaker {fold}" for fold in folds],
            "fold": folds,
            "window": np.arange(n),
            "rows": [x.shape[1]] * n if rows is None else rows,
        },
        index=index,
    )
    return Windows(folder / "windows.npy", table, tuple("abc"), "toy")


def toy(folder, *, n=72, seed=0, poison=False):
    """Two classes that differ in the mean of one feature; padded windows; three folds."""
    rng = np.random.default_rng(seed)
    labels = np.array(CLASSES)[(np.arange(n) % 3 == 0).astype(int)]
    folds = np.array(["train", "validation", "test", "train"])[np.arange(n) % 4]
    x = rng.standard_normal((n, 10, 3))
    x[:, :, 1] += np.where(labels == "anger", 0.5, -0.5)[:, None]
    rows = np.where(np.arange(n) % 5 == 0, 6, 10)
    for window, k in zip(x, rows, strict=True):
        window[k:] = np.nan
    if poison:
        x[folds == "test"] = 1e30
    return write_windows(folder, x, labels, folds, rows)


def parts(windows):
    return {name: windows.table[windows.table["fold"] == name] for name in ("train", "validation")}


def train(windows, folder, options=QUICK, **other):
    arguments = {"model": "SpeechLSTM", "arguments": MODEL} | other
    return fit(
        arguments.pop("model"),
        arguments.pop("arguments"),
        windows,
        arguments.pop("split", None) or parts(windows),
        CLASSES,
        folder / "net",
        options=options,
        **arguments,
    )


def assert_same(one, other):
    assert one.weights.keys() == other.weights.keys()
    for name, value in one.weights.items():
        np.testing.assert_array_equal(value, other.weights[name], err_msg=name)
    assert one.history == other.history
    assert one.best_epoch == other.best_epoch


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    return toy(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def trained(windows, tmp_path_factory):
    """The uninterrupted run that others are compared with."""
    return train(windows, tmp_path_factory.mktemp("run"))


# --- fit ----------------------------------------------------------------------------------------


def test_without_a_validation_fold_all_epochs_are_trained_and_the_last_is_kept(windows, tmp_path):
    split = {"train": windows.table[windows.table["fold"] != "test"]}
    one = train(windows, tmp_path / "one", split=split)
    assert one.best_epoch == len(one.history) == QUICK.max_epochs
    assert set(one.history[0]) == {"epoch", "train_loss"}
    assert one.history[-1]["train_loss"] < one.history[0]["train_loss"]
    again = train(windows, tmp_path / "two", split=split)
    assert_same(one, again)
    shorter = train(windows, tmp_path / "three", QUICK._replace(max_epochs=2), split=split)
    assert shorter.history == one.history[:2]


def film(folder, *, inputs, frames, size=(80, 60), n=24):
    """Windows of faces: anger grows brighter from left to right, sadness from top to bottom."""
    rng = np.random.default_rng(0)
    labels = np.array(CLASSES)[np.arange(n) % 2]
    faces = rng.integers(0, 60, (n * frames, *size)).astype(np.uint8)
    for i, label in enumerate(labels):
        ramp = np.linspace(0, 150, size[label == "anger"]).astype(np.uint8)
        faces[i * frames : (i + 1) * frames] += ramp if label == "anger" else ramp[:, None]
    np.save(folder / "film.npy", faces)
    table = toy(folder, n=n).table.assign(
        label=labels, first=np.arange(n) * frames, rows=frames, window=np.arange(n)
    )
    table["fold"] = np.array(["train", "train", "validation", "test"])[np.arange(n) // 2 % 4]
    return FrameWindows(folder / "film.npy", table, frames, inputs)


UNSCALED = QUICK._replace(normalise=False, learning_rate=1e-3)


def test_the_3dcnn_learns_from_faces_on_disk(tmp_path):
    windows = film(tmp_path, inputs="farneback", frames=7)
    options = UNSCALED._replace(max_epochs=3)
    model = {"model": "EmotionCNN3D", "arguments": {"classes": 2}}
    trained = train(windows, tmp_path, options, **model)
    assert trained.metadata["inputs"] == "farneback"
    test = windows.table[windows.table["fold"] == "test"]
    scores = predict(trained, windows, test)
    assert (scores["p_anger"].gt(0.5) == scores["label"].eq("anger")).all()
    assert_same(trained, train(windows, tmp_path, options, **model))


def test_a_label_for_each_frame(tmp_path):
    windows = film(tmp_path, inputs="grey", frames=12, size=(100, 93))
    windows.table.iloc[7, windows.table.columns.get_loc("rows")] = 5  # of the test fold
    arguments = {"classes": 2, "per_frame": True}
    model = {"model": "SimpleCNN3D", "arguments": arguments}
    trained = train(windows, tmp_path, UNSCALED._replace(learning_rate=0.01, max_epochs=6), **model)
    test = windows.table[windows.table["fold"] == "test"]
    scores = predict(trained, windows, test)
    assert len(scores) == 12 * len(test) - 7
    assert scores["segment"].is_unique
    assert list(scores["segment"][:2]) == ["u6#0@0", "u6#0@1"]
    assert scores["utterance"].value_counts()["u7"] == 5
    right = scores["p_anger"].gt(0.5) == scores["label"].eq("anger")
    assert right.mean() > 0.8


def test_frames_have_a_scale_of_their_own(tmp_path):
    windows = film(tmp_path, inputs="grey", frames=7)
    with pytest.raises(TellsError, match="normalise must be False for frames"):
        train(windows, tmp_path, model="EmotionCNN3D", arguments={"classes": 2})


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        ("SpeechLSTM", MODEL),
        ("SpeechMLP", {"rows": 10, "columns": 3, "classes": 2, "hidden": [16]}),
    ],
)
def test_it_learns(windows, tmp_path, model, arguments):
    options = QUICK._replace(max_epochs=12)
    checkpoint = train(windows, tmp_path, options, model=model, arguments=arguments)
    test = windows.table[windows.table["fold"] == "test"]
    scores = predict(checkpoint, windows, test)
    guess = np.where(scores["p_anger"] > 0.5, "anger", "sadness")
    assert (guess == scores["label"]).mean() > 0.8
    losses = checkpoint.curves["train_loss"]
    assert losses.iloc[-1] < losses.iloc[0] / 2


def test_what_a_checkpoint_holds(trained):
    assert trained.model == "SpeechLSTM"
    assert trained.arguments == MODEL
    assert trained.classes == CLASSES
    assert trained.features == "toy"
    assert trained.metadata["options"] == QUICK._asdict()
    assert re.fullmatch("[0-9a-f]{16}", trained.metadata["fingerprint"])
    assert list(trained.curves) == [
        "epoch",
        "train_loss",
        "validation_loss",
        "validation_balanced_accuracy",
    ]
    assert trained.curves["epoch"].tolist() == [1, 2, 3, 4]
    assert not any(name.startswith("network.") for name in trained.weights)


def test_untrained_is_where_training_began(windows, trained, tmp_path):
    start = trained.random_init(QUICK.seed)
    assert (start.history, start.best_epoch) == ([], 0)
    assert start.scaler is trained.scaler
    torch.manual_seed(QUICK.seed)
    expected = models.MODELS["SpeechLSTM"](**MODEL).state_dict()
    for name, value in start.weights.items():
        np.testing.assert_array_equal(value, expected[name].numpy())
        assert (value != trained.weights[name]).any()


def test_the_same_seed_gives_the_same_weights(windows, trained, tmp_path):
    torch.randn(17)  # whatever was drawn before must not matter
    np.random.seed(3)
    assert_same(train(windows, tmp_path), trained)


def test_another_seed_gives_others(windows, trained, tmp_path):
    other = train(windows, tmp_path, QUICK._replace(seed=1))
    name = "output.weight"
    assert (other.weights[name] != trained.weights[name]).any()
    assert other.history != trained.history


def test_the_test_fold_is_never_read(windows, trained, tmp_path, monkeypatch):
    read, seen = Windows.read, set()

    def noting(self, indices):
        seen.update(np.asarray(indices).tolist())
        return read(self, indices)

    monkeypatch.setattr(Windows, "read", noting)
    split = parts(windows) | {"test": windows.table[windows.table["fold"] == "test"]}
    assert_same(train(windows, tmp_path, split=split), trained)
    assert seen == set(split["train"]["window"]) | set(split["validation"]["window"])


def test_poison_in_the_test_fold_changes_nothing(trained, tmp_path):
    assert_same(train(toy(tmp_path / "toy", poison=True), tmp_path), trained)


def stop_after(epoch, monkeypatch):
    """Raise at the beginning of an epoch, as Ctrl-C or a bug would."""
    start = loop.Training.on_train_epoch_start

    def raising(self):
        if self.current_epoch == epoch:
            raise RuntimeError("stopped")
        start(self)

    monkeypatch.setattr(loop.Training, "on_train_epoch_start", raising)


def watch_epochs(monkeypatch):
    """The list that the numbers of all epochs go into from now on."""
    epochs = []
    start = loop.Training.on_train_epoch_start
    monkeypatch.setattr(
        loop.Training,
        "on_train_epoch_start",
        lambda self: (epochs.append(self.current_epoch), start(self)),
    )
    return epochs


def finished(folder):
    """Whether the network is all that is left of its training."""
    left = {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}
    return left == {"net.json", "net.safetensors"}


@pytest.mark.parametrize("epoch", [0, 1, 3])
def test_stopped_and_started_again(windows, trained, tmp_path, monkeypatch, epoch):
    stop_after(epoch, monkeypatch)
    with pytest.raises(RuntimeError, match="stopped"):
        train(windows, tmp_path)
    monkeypatch.undo()
    epochs = watch_epochs(monkeypatch)
    assert_same(train(windows, tmp_path), trained)
    assert epochs == list(range(epoch, 4))
    assert finished(tmp_path)


def test_stopped_twice(windows, trained, tmp_path, monkeypatch):
    for epoch in (1, 2):
        stop_after(epoch, monkeypatch)
        with pytest.raises(RuntimeError, match="stopped"):
            train(windows, tmp_path)
        monkeypatch.undo()
    assert_same(train(windows, tmp_path), trained)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_training as t
training = t.loop.Training
start = training.on_train_epoch_start
def dying(self):
    if self.current_epoch == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    start(self)
training.on_train_epoch_start = dying
t.train(t.toy(Path(sys.argv[2])), Path(sys.argv[3]))
"""


def test_killed_and_started_again(windows, trained, tmp_path):
    tests = str(Path(__file__).parent)
    command = [sys.executable, "-c", KILLED, tests, str(tmp_path / "toy"), str(tmp_path / "run")]
    killed = subprocess.run(command, check=False, capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert list((tmp_path / "run").rglob("last.ckpt"))
    assert_same(train(windows, tmp_path / "run"), trained)


TWICE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_training as t
t.train(t.toy(Path(sys.argv[2])), Path(sys.argv[3]))
"""


def test_the_same_training_twice_at_once(tmp_path):
    tests = str(Path(__file__).parent)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", TWICE, tests, tmp_path / f"toy {i}", tmp_path / "run"],
            stderr=subprocess.PIPE,
        )
        for i in range(2)
    ]
    said = [one.communicate(timeout=180)[1].decode() for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert finished(tmp_path / "run")


def test_a_kill_while_an_epoch_was_saved(windows, trained, tmp_path, monkeypatch):
    """What cannot be read is not gone on with."""
    stop_after(2, monkeypatch)
    with pytest.raises(RuntimeError, match="stopped"):
        train(windows, tmp_path)
    monkeypatch.undo()
    (last,) = tmp_path.rglob("last.ckpt")
    last.write_bytes(last.read_bytes()[:1_000])
    assert_same(train(windows, tmp_path), trained)


@pytest.mark.parametrize("patience", [1, 10])
def test_killed_before_the_result_was_taken(windows, tmp_path, monkeypatch, patience):
    """After its last epoch, whether that was `max_epochs` or early stopping."""
    options = QUICK._replace(patience=patience, max_epochs=8)
    expected = train(windows, tmp_path / "whole", options)
    assert (len(expected.history) < 8) == (patience == 1)
    monkeypatch.setattr(shutil, "rmtree", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(windows, tmp_path / "run", options)
    monkeypatch.undo()
    assert_same(train(windows, tmp_path / "run", options), expected)


@pytest.mark.parametrize(
    "other",
    [
        {"options": QUICK._replace(seed=1)},
        {"data": "others"},
        {"arguments": MODEL | {"dropout": 0.1}},
    ],
)
def test_another_run_does_not_go_on_with_it(windows, tmp_path, monkeypatch, other):
    stop_after(2, monkeypatch)
    with pytest.raises(RuntimeError, match="stopped"):
        train(windows, tmp_path)
    monkeypatch.undo()
    assert_same(train(windows, tmp_path, **other), train(windows, tmp_path / "fresh", **other))


def test_inputs_that_have_changed_meanwhile_begin_anew(windows, trained, tmp_path, monkeypatch):
    other = toy(tmp_path / "windows")
    values = np.load(other.path)
    np.save(other.path, 2 * values)
    stop_after(2, monkeypatch)
    with pytest.raises(RuntimeError, match="stopped"):
        train(other, tmp_path / "run")
    monkeypatch.undo()
    np.save(other.path, values)
    assert_same(train(other, tmp_path / "run"), trained)


@pytest.mark.parametrize("flow", ["farneback", "dis"])
def test_another_flow_begins_anew(tmp_path, monkeypatch, flow):
    windows = film(tmp_path, inputs="farneback", frames=7)
    how = {"model": "EmotionCNN3D", "arguments": {"classes": 2}}
    options = UNSCALED._replace(max_epochs=2)
    stop_after(1, monkeypatch)
    with pytest.raises(RuntimeError, match="stopped"):
        train(windows, tmp_path / "run", options, **how)
    monkeypatch.undo()
    epochs = watch_epochs(monkeypatch)
    train(replace(windows, inputs=flow), tmp_path / "run", options, **how)
    assert epochs == ([1] if flow == "farneback" else [0, 1])


def test_the_best_epoch_is_kept_and_patience_stops(windows, tmp_path, monkeypatch):
    """The validation fold says 0.5, 0.9, 0.6, 0.6: three epochs without a better one after two."""
    told = iter([0.5, 0.9, 0.6, 0.6, 0.9, 0.95])
    monkeypatch.setattr(loop, "recall_score", lambda *_, **__: next(told))
    weights = {}
    end = loop.Training.on_validation_epoch_end

    def noting(self):
        end(self)
        weights[self.current_epoch + 1] = self.network.output.weight.detach().clone().numpy()

    monkeypatch.setattr(loop.Training, "on_validation_epoch_end", noting)
    checkpoint = train(windows, tmp_path, QUICK._replace(max_epochs=6, patience=3))
    assert len(checkpoint.history) == 5
    assert checkpoint.best_epoch == 2
    np.testing.assert_array_equal(checkpoint.weights["output.weight"], weights[2])
    assert (weights[2] != weights[3]).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"batch_size": 0}, "batch_size must be 1 or more; got 0"),
        ({"max_epochs": 0}, "max_epochs must be 1 or more; got 0"),
        ({"patience": -1}, "patience must be 1 or more; got -1"),
        ({"seed": -1}, "seed must be 0 or more; got -1"),
        ({"learning_rate": 0}, r"learning_rate must lie in \(0, 1\); got 0"),
        ({"learning_rate": 1.0}, r"learning_rate must lie in \(0, 1\); got 1.0"),
        ({"learning_rate": float("nan")}, r"learning_rate must lie in \(0, 1\); got nan"),
    ],
)
def test_options_out_of_range(windows, tmp_path, options, sentence):
    with pytest.raises(TellsError, match=sentence):
        train(windows, tmp_path, QUICK._replace(**options))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["train", "validation"])
def test_an_empty_fold(windows, tmp_path, name):
    split = parts(windows)
    split[name] = split[name].iloc[:0]
    with pytest.raises(TellsError, match=f"The {name} fold holds no windows"):
        train(windows, tmp_path, split=split)


def test_an_unknown_model(windows, tmp_path):
    with pytest.raises(TellsError, match=r"SpeechLSTM, .*EmotionCNN3D.*; got 'GRU'"):
        train(windows, tmp_path, model="GRU")


def test_a_label_that_is_no_class(windows, tmp_path):
    split = parts(windows)
    split["train"] = split["train"].assign(label="joy")
    bad = replace(windows, table=windows.table.assign(label="joy"))
    with pytest.raises(TellsError, match="labels must be among anger, sadness; got joy"):
        train(bad, tmp_path, split=split)


def test_a_loss_that_is_not_a_number(windows, tmp_path, monkeypatch):
    class Diverged(models.SpeechLSTM):
        def forward(self, x, rows):
            return super().forward(x, rows) * float("nan")

    monkeypatch.setitem(models.MODELS, "Diverged", Diverged)
    with pytest.raises(TellsError, match=r"The training loss became NaN; .*learning_rate"):
        train(windows, tmp_path, model="Diverged")


def test_training_onto_a_full_disk(windows, tmp_path, monkeypatch):
    """Python raises the operating system's error where Lightning saves an epoch."""

    def full(_, path):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("lightning.fabric.plugins.io.torch_io._atomic_save", full)
    with pytest.raises(TellsError, match="The disk is full while writing"):
        train(windows, tmp_path)


# --- scaler -------------------------------------------------------------------------------------


def test_scaler_sees_the_training_fold_and_no_padding(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(-5, 5, (600, 4, 3))  # more than one block
    x[500:] *= 100
    x[10, 2:] = np.nan
    windows = write_windows(tmp_path, x, "anger", ["1"] * 600)
    scaler = Scaler.fit(windows, np.arange(500))
    np.testing.assert_array_equal(scaler.minimum, np.nanmin(x[:500].astype("f4"), axis=(0, 1)))
    np.testing.assert_array_equal(scaler.maximum, np.nanmax(x[:500].astype("f4"), axis=(0, 1)))
    scaled = scaler(windows.read(range(500)))
    np.testing.assert_allclose(np.nanmin(scaled, axis=(0, 1)), -1, atol=1e-6)
    np.testing.assert_allclose(np.nanmax(scaled, axis=(0, 1)), 1, atol=1e-6)
    assert np.isnan(scaled[10, 2:]).all()
    assert scaled.dtype == np.float32
    assert np.abs(scaler(windows.read(range(500, 600)))).max() > 50  # outside stays outside


def test_a_constant_feature_becomes_zero(tmp_path):
    x = np.random.default_rng(0).uniform(0, 1, (6, 4, 3))
    x[:4, :, 1] = 7
    x[5, 3] = np.nan
    windows = write_windows(tmp_path, x, "anger", ["1"] * 6)
    scaled = Scaler.fit(windows, np.arange(4))(windows.read(range(6)))
    np.testing.assert_array_equal(scaled[..., 1].ravel()[:-1], 0)
    assert np.isnan(scaled[5, 3]).all()


def test_padding_reaches_the_network_as_zeros(tmp_path):
    windows = toy(tmp_path)
    scaler = Scaler(np.full(3, -2, "f4"), np.full(3, 6, "f4"))
    data = WindowDataset(windows, np.array([5, 6]), CLASSES, scaler)
    x, rows, targets = data.__getitems__([0, 1])
    assert rows.tolist() == [6, 10]
    assert (x[0, 6:] == 0).all()
    np.testing.assert_allclose(x[1], (windows.read([6])[0] - 2) / 4, atol=1e-6)
    assert targets.tolist() == [CLASSES.index(label) for label in windows.table["label"][5:7]]


def test_a_window_that_is_all_padding(tmp_path, windows):
    """It counts as one row of zeros, and gives a probability and no NaN."""
    table = windows.table.assign(rows=0)
    path = tmp_path / "w.npy"
    np.save(path, np.full((len(table), 10, 3), np.nan, "f4"))
    checkpoint = train(windows, tmp_path)
    scores = predict(checkpoint, Windows(path, table, tuple("abc")), table.iloc[:3])
    np.testing.assert_allclose(scores["p_anger"] + scores["p_sadness"], 1)


# --- balance ------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(7, 3, 1), (5, 5), (1, 100, 33), (4, 0, 9)])
def test_balance(counts):
    targets = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(0).shuffle(targets)
    chosen = oversample(targets, torch.Generator().manual_seed(0))
    drawn = np.bincount(targets[chosen], minlength=len(counts))
    assert drawn.tolist() == [max(counts) if count else 0 for count in counts]
    times = np.bincount(chosen, minlength=len(targets))
    assert times.min() >= 1
    for label in np.unique(targets):
        assert np.ptp(times[targets == label]) <= 1  # as evenly as can be


def test_balance_is_deterministic():
    targets = np.array([0] * 7 + [1] * 3)
    draw = [oversample(targets, torch.Generator().manual_seed(s)).tolist() for s in (0, 0, 1)]
    assert draw[0] == draw[1]
    assert sorted(draw[0]) != sorted(draw[2])
    assert oversample(targets).tolist() == oversample(targets).tolist()


@pytest.mark.parametrize("balanced", [True, False])
def test_epochs_are_shuffled_by_seed_and_number(balanced):
    targets = np.array([0] * 20 + [1] * 7)

    def epoch(seed, number):
        sampler = EpochSampler(targets, balanced=balanced, seed=seed)
        sampler.set_epoch(number)
        order = list(sampler)
        assert len(order) == len(sampler) == (40 if balanced else 27)
        return order

    assert epoch(0, 3) == epoch(0, 3)
    assert epoch(0, 3) != epoch(0, 4)
    assert epoch(0, 3) != epoch(1, 3)
    assert set(epoch(0, 0)) == set(range(27))


# --- predict and checkpoint ---------------------------------------------------------------------


def test_scores(windows, trained):
    test = windows.table[windows.table["fold"] == "test"]
    scores = predict(trained, windows, test)
    assert list(scores) == [
        "segment",
        "file",
        "utterance",
        "group",
        "label",
        "p_anger",
        "p_sadness",
    ]
    assert len(scores) == len(test)
    np.testing.assert_allclose(scores["p_anger"] + scores["p_sadness"], 1, atol=1e-12)
    for column, source in (
        ("segment", "segment"),
        ("utterance", "utterance"),
        ("group", "speaker"),
    ):
        assert scores[column].tolist() == test[source].tolist()
    assert scores["file"].tolist() == test.index.get_level_values("file").tolist()
    small = predict(trained, windows, test, batch_size=5)
    np.testing.assert_allclose(small["p_anger"], scores["p_anger"], atol=1e-6)


def test_a_cluster_counts_as_an_utterance(windows, trained):
    clusters = windows.table.assign(piece=0).iloc[:4]
    scores = predict(trained, windows, clusters)
    assert scores["utterance"].tolist() == clusters["segment"].tolist()


def test_nothing_to_score(windows, trained):
    with pytest.raises(TellsError, match="part holds no windows"):
        predict(trained, windows, windows.table.iloc[:0])


def test_windows_of_other_features(windows, trained):
    other = replace(windows, columns=tuple("abcd"))
    with pytest.raises(TellsError, match="takes 3 descriptors; the windows hold 4"):
        predict(trained, other, windows.table)


@pytest.mark.parametrize("scaled", [True, False])
def test_checkpoint_round_trip(windows, trained, tmp_path, scaled):
    checkpoint = replace(trained, metadata={"corpus": "toy", "n": [1, 2]})
    checkpoint = checkpoint if scaled else replace(checkpoint, scaler=None)
    path = checkpoint.save(tmp_path / "deep" / "ser-2")
    assert path == tmp_path / "deep" / "ser-2.json"
    loaded = Checkpoint.load(tmp_path / "deep" / "ser-2")
    assert_same(loaded, checkpoint)
    for name in ("model", "arguments", "classes", "features", "data", "metadata"):
        assert getattr(loaded, name) == getattr(checkpoint, name)
    pd.testing.assert_frame_equal(
        predict(loaded, windows, windows.table),
        predict(checkpoint, windows, windows.table),
        check_exact=True,
    )
    assert sorted(p.name for p in path.parent.iterdir()) == ["ser-2.json", "ser-2.safetensors"]
    path.write_text(path.read_text().replace('"metadata"', '"about"'))  # as it was called before
    assert Checkpoint.load(path).metadata == checkpoint.metadata


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_a_missing_checkpoint(trained, tmp_path, suffix):
    trained.save(tmp_path / "a")
    (tmp_path / f"a.{suffix}").unlink()
    with pytest.raises(TellsError, match=r"/a: no such checkpoint; run the chapter"):
        Checkpoint.load(tmp_path / "a")


def test_no_name_of_a_checkpoint():
    with pytest.raises(TellsError, match=r"path must name a checkpoint; got '\.'"):
        Checkpoint.load("")


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("size", [0, 40])
def test_a_damaged_checkpoint(trained, tmp_path, suffix, size):
    trained.save(tmp_path / "a")
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(TellsError, match=r"a: the checkpoint is damaged .*; run its chapter again"):
        Checkpoint.load(tmp_path / "a")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"model": "Transformer"},
        {"arguments": {"columns": 4, "classes": 2}},
        {"arguments": {"size": 4}},
        {"classes": None},
        {"surprise": 1},
        None,
    ],
)
def test_a_foreign_checkpoint(trained, tmp_path, change):
    path = trained.save(tmp_path / "a")
    content = json.loads(path.read_text()) | change if change else ["a list"]
    path.write_text(json.dumps(content))
    with pytest.raises(TellsError, match="a: not a checkpoint of this version"):
        Checkpoint.load(tmp_path / "a")


@pytest.mark.parametrize(
    ("of", "to", "wanted"),
    [("understudy", "dfdc", "a real corpus"), ("iemocap", "understudy", "the understudy")],
)
def test_networks_of_the_demo_and_of_a_corpus_are_kept_apart(trained, tmp_path, of, to, wanted):
    replace(trained, data=of).save(tmp_path / "a")
    with pytest.raises(
        TellsError, match=rf"a: trained on {of}, and .* {to}; name a .* of {wanted}"
    ):
        Checkpoint.load(tmp_path / "a", data=to)


@pytest.mark.parametrize(
    ("of", "to"), [("iemocap", "dfdc"), ("understudy", "understudy"), ("understudy", None)]
)
def test_emotions_of_one_corpus_may_be_asked_about_another(trained, tmp_path, of, to):
    replace(trained, data=of).save(tmp_path / "a")
    assert Checkpoint.load(tmp_path / "a", data=to).data == of


def test_no_pickle_is_loaded(trained, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'sprung'}",)

    trained.save(tmp_path / "a")
    (tmp_path / "a.safetensors").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(TellsError, match="damaged"):
        Checkpoint.load(tmp_path / "a")
    torch.save(Trap(), tmp_path / "a.safetensors")
    with pytest.raises(TellsError, match="damaged"):
        Checkpoint.load(tmp_path / "a")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_saving_onto_a_full_disk(trained, tmp_path, suffix, monkeypatch):
    monkeypatch.setattr(files, "uuid4", lambda: SimpleNamespace(hex="0"))
    (tmp_path / f".a.0.{suffix}").symlink_to("/dev/full")
    with pytest.raises(TellsError, match=rf"The disk is full while writing .*/a\.{suffix};"):
        trained.save(tmp_path / "a")
    assert not (tmp_path / f"a.{suffix}").exists()


def test_saving_below_a_file(trained, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TellsError, match="cannot be written"):
        trained.save(tmp_path / "file" / "a")
