"""The baseline: what it learns from, what it chooses on, and what it does not look at."""

import audformat
import numpy as np
import pandas as pd
import pytest

from tells import metrics, training
from tells.errors import TellsError
from tells.features import maps

CLASSES = ("anger", "happiness", "neutral")
FOLDS = {"train": "abcd", "validation": "ef", "test": "gh"}


@pytest.fixture
def known():
    """Vectors of utterances whose classes lie apart, and their split by speaker."""
    rng = np.random.default_rng(0)
    rows = [
        {"utterance": f"{s}{i}", "speaker": s, "fold": s, "label": CLASSES[i % 3]}
        for s in "abcdefgh" for i in range(12)
    ]  # fmt: skip
    files = [f"{row['utterance']}.wav" for row in rows]
    index = audformat.segmented_index(files, [0] * len(files), [1] * len(files))
    table = pd.DataFrame(rows, index=index)
    centres = rng.normal(0, 3, (3, 20))
    x = [centres[CLASSES.index(one)] + rng.normal(size=20) for one in table["label"]]
    vectors = pd.DataFrame(x, index=table["utterance"].to_numpy())
    split = {name: table[table["speaker"].isin(list(s))] for name, s in FOLDS.items()}
    return vectors, split


def test_it_tells_classes_apart_and_its_scores_are_scores(known):
    vectors, split = known
    scores, cost = training.linear_svm(vectors, split, CLASSES)
    metrics.check_scores(scores, CLASSES)
    assert metrics.evaluate(scores, n=50).metrics["balanced_accuracy"]["value"] > 0.9
    assert set(scores["group"]) == {"g", "h"}
    assert 1e-5 <= cost <= 1e-2


def test_nothing_of_the_test_folds_is_learned_from(known):
    vectors, split = known
    before, _ = training.linear_svm(vectors, split, CLASSES)
    others = split["test"]["utterance"].iloc[1:]
    changed = vectors.copy()
    changed.loc[others] *= 1000  # one row stays
    turned = split | {"test": split["test"].assign(label="anger")}
    after, _ = training.linear_svm(changed, turned, CLASSES)
    p = [f"p_{name}" for name in CLASSES]
    pd.testing.assert_series_equal(before[p].iloc[0], after[p].iloc[0])


def test_two_runs_are_equal(known):
    first, again = (training.linear_svm(*known, CLASSES, seed=3)[0] for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_what_it_refuses(known):
    vectors, split = known
    with pytest.raises(TellsError, match="1 of test have none, such as g0"):
        training.linear_svm(vectors.drop("g0"), split, CLASSES)
    some = {**split, "train": split["train"].query("label != 'neutral'")}
    with pytest.raises(TellsError, match="train must hold every class; it has no neutral"):
        training.linear_svm(vectors, some, CLASSES)


def test_gradient_histograms_see_edges_more_than_brightness():
    rng = np.random.default_rng(0)
    faces = rng.integers(40, 120, (3, 80, 60), dtype=np.uint8)
    described = maps.hog(faces)
    assert described.shape == (3, 2268)
    assert described.dtype == np.float32
    brighter, mirrored = (maps.hog(x) - described for x in (faces + 60, faces[:, :, ::-1]))
    assert 5 * np.abs(brighter).mean() < np.abs(mirrored).mean()
