"""Segmentation, selection and folds: what must hold for every table."""

import random

import audformat
import numpy as np
import pandas as pd
import pytest

from corpora_fixtures import TinyIemocap, utterances
from tells import corpora
from tells.corpora import segmentation, splits
from tells.errors import TellsError

SECOND = 1_000_000_000


def spans(table):
    """Start and end in nanoseconds."""
    levels = (table.index.get_level_values(name) for name in ("start", "end"))
    return (level.to_numpy("timedelta64[ns]").astype(int) for level in levels)


def lengths(table):
    start, end = spans(table)
    return end - start


def random_table(seed, count=30):
    rng = random.Random(seed)
    durations = [round(rng.choice([0.2, 1, 3, 10, rng.uniform(0.1, 30)]), 4) for _ in range(count)]
    speakers = [rng.choice("ABC") for _ in durations]
    labels = [rng.choice(["anger", "neutral", None]) for _ in durations]
    return utterances(durations, speaker=speakers, label=labels, start=rng.choice([0.0, 2.5]))


def test_windows_of_one_utterance():
    segments, exclusions = segmentation.windows(utterances([7.5]), length=3.0, overlap=2.0)
    start, end = spans(segments)
    assert (start // SECOND).tolist() == [0, 1, 2, 3, 4]
    assert set(end - start) == {3 * SECOND}
    assert segments["segment"].tolist() == [f"u0#{i}" for i in range(5)]
    assert not segments["padded"].any() and exclusions.empty


@pytest.mark.parametrize(
    ("duration", "count", "padded"),
    [(0.9999, 0, False), (1.0, 1, True), (2.9999, 1, True), (3.0, 1, False), (5.9999, 1, False)],
)
def test_windows_at_the_limits(duration, count, padded):
    segments, exclusions = segmentation.windows(utterances([duration]), length=3.0)
    assert len(segments) == count and len(exclusions) == 1 - count
    assert segments["padded"].tolist() == [padded] * count
    if padded:
        assert lengths(segments).tolist() == [round(duration * SECOND)]
    if not count:
        assert exclusions.to_numpy().tolist() == [["u0", "shorter than 1 s"]]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("length", "overlap"), [(3.0, 2.0), (3.0, 0.0), (0.7, 0.6), (2.0, 0.1)])
def test_windows_stay_inside_and_overlap_as_asked(seed, length, overlap):
    table = random_table(seed)
    segments, exclusions = segmentation.windows(table, length=length, overlap=overlap)
    assert segments["segment"].is_unique
    assert set(segments["utterance"]) | set(exclusions["item"]) == set(table["utterance"])
    assert not set(segments["utterance"]) & set(exclusions["item"])
    limits = dict(zip(table["utterance"], zip(*spans(table), strict=True), strict=True))
    for utterance, own in segments.groupby("utterance", sort=False):
        start, end = spans(own)
        first, last = limits[utterance]
        assert start[0] == first and (end <= last).all()
        assert ((end - start == round(length * SECOND)) | own["padded"].to_numpy()).all()
        assert (np.diff(start) == round((length - overlap) * SECOND)).all()
        assert last - end[-1] < round((length - overlap) * SECOND)
        assert not own["padded"].any() or len(own) == 1


def test_long_utterances_keep_their_first_seconds():
    table = utterances([9.9999, 10.0, 25.0], start=5.0)
    segments, exclusions = segmentation.long_utterances(table)
    assert segments["segment"].tolist() == ["u1#0", "u2#0"]
    start, end = spans(segments)
    assert set(start) == {5 * SECOND} and set(end) == {15 * SECOND}
    assert exclusions.to_numpy().tolist() == [["u0", "shorter than 10 s"]]


def test_clusters_by_hand():
    table = utterances(
        [6.0, 3.0, 0.5, 7.0, 12.0, 4.0],
        speaker=["A", "B", "A", "A", "B", "A"],
        label=["anger", "anger", "anger", "anger", "anger", "neutral"],
    )
    segments, exclusions = segmentation.clusters(table, length=10.0)
    start, end = spans(segments)
    assert segments["segment"].tolist() == ["A-anger-0000"] * 2 + ["B-anger-0000"] * 2
    assert segments["utterance"].tolist() == ["u0", "u3", "u1", "u4"]
    assert segments["piece"].tolist() == [0, 1, 0, 1]
    assert (start // SECOND).tolist() == [0, 0, 0, 0]
    assert (end // SECOND).tolist() == [6, 4, 3, 7]
    assert dict(exclusions.to_numpy().tolist()) == {
        "u2": "shorter than 1 s",
        "u3": "end of the utterance in the remainder that fills no cluster",
        "u4": "end of the utterance in the remainder that fills no cluster",
        "u5": "in the remainder that fills no cluster",
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [10.0, 2.3, 1.0])
def test_clusters_are_exact_pure_and_use_nothing_twice(seed, length):
    table = random_table(seed)
    segments, exclusions = segmentation.clusters(table, length=length)
    sums = pd.Series(lengths(segments)).groupby(segments["segment"].to_numpy()).sum()
    assert set(sums) <= {round(length * SECOND)}
    for segment, own in segments.groupby("segment", sort=False):
        assert own["piece"].tolist() == list(range(len(own)))
        assert own["speaker"].nunique() == own["label"].nunique() == own["fold"].nunique() == 1
        assert segment.startswith(f"{own['speaker'].iloc[0]}-{own['label'].iloc[0]}-")
    limits = dict(zip(table["utterance"], zip(*spans(table), strict=True), strict=True))
    for utterance, own in segments.groupby("utterance", sort=False):
        start, end = (np.sort(side) for side in spans(own))
        assert start[0] == limits[utterance][0] and end[-1] <= limits[utterance][1]
        assert (start[1:] == end[:-1]).all()
    accounted = set(segments["utterance"]) | set(exclusions["item"])
    assert accounted == set(table["utterance"])
    usable = table[table["label"].notna() & (lengths(table) >= SECOND)]
    for key, group in usable.groupby(["speaker", "label"]):
        own = segments[(segments["speaker"] == key[0]) & (segments["label"] == key[1])]
        assert own["segment"].nunique() == lengths(group).sum() // round(length * SECOND)


def test_clusters_do_not_cross_folds_and_keep_their_ids_apart():
    segments, _ = segmentation.clusters(utterances([5.0] * 4, fold=["1", "1", "2", "2"]))
    assert segments["segment"].tolist() == ["A-anger-0000"] * 2 + ["A-anger-0001"] * 2
    assert segments["fold"].tolist() == ["1", "1", "2", "2"]


CUTS = {
    "windows": lambda table, **more: segmentation.windows(table, length=3.0, **more),
    "long_utterances": segmentation.long_utterances,
    "clusters": segmentation.clusters,
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_every_cut_keeps_the_columns_and_the_kind_of_index(cut):
    table = random_table(1).assign(agreement=2)
    before = table.copy()
    segments, exclusions = cut(table)
    pd.testing.assert_frame_equal(table, before)
    assert audformat.is_segmented_index(segments)
    assert segments.index.dtypes.equals(table.index.dtypes)
    for column in table.columns:
        assert segments[column].dtype == table[column].dtype
    assert list(exclusions.columns) == ["item", "reason"]
    again = cut(table)[0]
    pd.testing.assert_frame_equal(segments, again)


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_an_empty_table_or_nothing_long_enough_gives_an_empty_one(cut):
    for table in (utterances([]), utterances([0.5, 0.0])):
        segments, exclusions = cut(table)
        assert segments.empty and "segment" in segments.columns
        assert audformat.is_segmented_index(segments)
        assert len(exclusions) == len(table)


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_every_cut_refuses_what_it_cannot_cut(cut, tmp_path):
    TinyIemocap(tmp_path).dialog("Ses01F_impro01", {"F000": "ang"})
    with pytest.raises(TellsError, match=r"1 rows whose end is not known.*Ses01F_impro01_F000"):
        cut(corpora.load("iemocap", tmp_path).table)
    twice = utterances([20.0, 20.0]).assign(utterance="u0")
    with pytest.raises(TellsError, match="'u0' occurs more than once"):
        cut(twice)
    with pytest.raises(TellsError, match="segmented index"):
        cut(utterances([5.0]).reset_index())
    with pytest.raises(TellsError, match="not NoneType"):
        cut(None)
    with pytest.raises(TellsError, match="column speaker"):
        cut(utterances([5.0]).drop(columns="speaker"))
    for wrong in (-1, "3", None, True, float("nan"), float("inf")):
        with pytest.raises(TellsError, match="min_length must be a number of seconds"):
            cut(utterances([5.0]), min_length=wrong)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"length": 0}, "length must be a number of seconds, more than 0 s, not 0"),
        ({"length": -3.0}, "length"),
        ({"length": "3"}, "not '3'"),
        ({"length": 1e-12}, "length"),
        ({"length": 3.0, "overlap": 3.0}, "overlap must be less than length"),
        ({"length": 3.0, "overlap": 4.0}, "overlap must be less than length"),
        ({"length": 3.0, "overlap": -1.0}, "overlap must be a number of seconds, 0 s or more"),
    ],
)
def test_windows_refuse_wrong_lengths(arguments, match):
    with pytest.raises(TellsError, match=match):
        segmentation.windows(utterances([5.0]), **arguments)


@pytest.fixture
def judged():
    return utterances([5.0] * 5, label=["anger", "other", None, "anger", "sadness"]).assign(
        improvised=[True, True, True, False, True],
        agreement=pd.array([3, 2, 2, 3, None], dtype="Int64"),
    )


def test_selection_names_the_first_reason_against_each(judged):
    kept, exclusions = segmentation.select(
        judged, classes=("anger", "sadness"), improvised_only=True, min_agreement=2
    )
    assert kept["utterance"].tolist() == ["u0"]
    assert dict(exclusions.to_numpy().tolist()) == {
        "u1": "class other was not asked for",
        "u2": "no label",
        "u3": "scripted, not improvised",
        "u4": "agreement of the evaluators is not known",
    }
    kept, exclusions = segmentation.select(judged, min_agreement=3)
    assert kept["utterance"].tolist() == ["u0", "u3"]
    assert "fewer than 3 evaluators agree" in set(exclusions["reason"])


@pytest.mark.parametrize("improvised_only", [None, False])
def test_selection_without_filters_drops_the_unlabelled_only(judged, improvised_only):
    kept, exclusions = segmentation.select(judged, improvised_only=improvised_only)
    alone = segmentation.select(judged)
    pd.testing.assert_frame_equal(kept, alone[0])
    pd.testing.assert_frame_equal(exclusions, alone[1])
    assert exclusions.to_numpy().tolist() == [["u2", "no label"]]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"classes": "anger"}, "classes must be a list of labels"),
        ({"classes": []}, "classes must be a list"),
        ({"classes": ["anger", "joy"]}, r"unknown: \['joy'\]"),
        ({"improvised_only": 1}, "improvised_only must be True, False or None, not 1"),
        ({"improvised_only": True}, "improvised_only=True needs a corpus with the column"),
        ({"min_agreement": 2}, "min_agreement=2 needs a corpus with the column 'agreement'"),
        ({"min_agreement": 0}, "whole number of at least 1, not 0"),
        ({"min_agreement": True}, "whole number"),
        ({"min_agreement": 2.0}, "whole number"),
    ],
)
def test_selection_refuses_what_the_corpus_cannot_answer(arguments, match):
    with pytest.raises(TellsError, match=match):
        segmentation.select(utterances([5.0]), **arguments)


@pytest.fixture
def five_folds():
    names = [fold for fold in "12345" for _ in range(4)]
    speakers = [f"{fold}{'FM'[i % 2]}" for i, fold in enumerate(names)]
    labels = ["anger", "neutral", "anger", "neutral"] * 5
    return utterances([5.0] * 20, fold=names, speaker=speakers, label=labels)


def test_training_takes_the_remaining_folds(five_folds):
    parts = splits.split(five_folds, test=["5"], validation=["4"])
    assert list(parts) == ["train", "validation", "test"]
    assert {name: set(part["fold"]) for name, part in parts.items()} == {
        "train": {"1", "2", "3"},
        "validation": {"4"},
        "test": {"5"},
    }
    parts = splits.split(five_folds, test=("5",), validation=("4",), train=("1", "2"))
    assert set(parts["train"]["fold"]) == {"1", "2"}


@pytest.mark.parametrize(
    ("sets", "match"),
    [
        ({"test": ["6"], "validation": ["4"]}, r"test names unknown folds \['6'\].*'1', '2'"),
        ({"test": [5], "validation": ["4"]}, r"unknown folds \[5\]"),
        ({"test": "5", "validation": ["4"]}, "test must be a list of folds"),
        ({"test": None, "validation": ["4"]}, "test must be a list of folds"),
        ({"test": [], "validation": ["4"]}, "test must name at least one fold"),
        ({"test": ["5"], "validation": []}, "validation must name at least one fold"),
        ({"test": ["5"], "validation": ["5"]}, "test and validation share the fold 5"),
        ({"test": ["5"], "validation": ["4"], "train": ["3", "4"]}, "share the fold 4"),
        ({"test": ["5", "1"], "validation": ["4", "2", "3"]}, "train must hold at least one"),
    ],
)
def test_wrong_splits_are_refused(five_folds, sets, match):
    with pytest.raises(TellsError, match=match):
        splits.split(five_folds, **sets)


def test_a_speaker_in_two_sets_is_refused(five_folds):
    five_folds["speaker"] = five_folds["speaker"].replace("5F", "1F")
    with pytest.raises(TellsError, match="share the speaker 1F"):
        splits.split(five_folds, test=["5"], validation=["4"])


def test_a_class_that_cannot_be_learnt_is_refused(five_folds):
    five_folds.loc[(five_folds["fold"] == "5").to_numpy(), "label"] = "sadness"
    with pytest.raises(TellsError, match="train has no sadness"):
        splits.split(five_folds, test=["5"], validation=["4"])
