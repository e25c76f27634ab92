import doctest
import time

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics

from metrics_fixtures import CLASSES, score_table
from tells import metrics
from tells.errors import TellsError
from tells.metrics import classification

# A matrix of three classes counted by hand, rows = true class; thesis eq. 5.6 marks its cells.
HAND = np.array([[5, 2, 1], [1, 6, 3], [0, 4, 8]])
ABC = ("a", "b", "c")


def from_matrix(matrix, classes):
    cells = [(t, p) for i, t in enumerate(classes) for j, p in enumerate(classes)]
    repeated = np.repeat(np.arange(len(cells)), np.ravel(matrix))
    return [cells[i][0] for i in repeated], [cells[i][1] for i in repeated]


def test_confusion_matrix_has_the_true_class_in_rows():
    labels, predictions = from_matrix(HAND, ABC)
    np.testing.assert_array_equal(metrics.confusion_matrix(labels, predictions, classes=ABC), HAND)
    np.testing.assert_array_equal(
        metrics.confusion_matrix(labels, predictions, classes=("c", "a", "b")),
        [[8, 0, 4], [1, 5, 2], [3, 1, 6]],
    )


def test_one_vs_rest_counts_by_hand():
    # Thesis eq. 5.6: for a, FN is the rest of its row (2 + 1), FP of its column (1 + 0).
    counts = metrics.one_vs_rest_counts(HAND, ABC)
    assert counts["a"] == (5, 3, 1, 21)  # TP, FN, FP, TN
    assert counts["b"] == (6, 4, 6, 14)
    assert counts["c"] == (8, 4, 4, 14)


def test_balanced_accuracy_by_hand_and_by_scikit_learn():
    labels, predictions = from_matrix(HAND, ABC)
    # Thesis eq. 5.4: (5/8 + 6/10 + 8/12) / 3 = (75 + 72 + 80) / 360.
    expected = pytest.approx(227 / 360)
    assert metrics.balanced_accuracy(labels, predictions) == expected
    assert sklearn.metrics.balanced_accuracy_score(labels, predictions) == expected


def test_binary_rates_and_their_mean():
    # Thesis eq. 5.5, [[TN, FP], [FN, TP]], with made-up counts.
    labels, predictions = from_matrix([[30, 10], [4, 16]], ("real", "fake"))
    assert metrics.true_positive_rate(labels, predictions) == pytest.approx(16 / 20)
    assert metrics.true_negative_rate(labels, predictions) == pytest.approx(30 / 40)
    # Thesis eq. 5.3 is eq. 5.4 with N = 2.
    assert metrics.balanced_accuracy(labels, predictions) == pytest.approx((0.8 + 0.75) / 2)


def test_a_rate_takes_one_class_of_many_as_positive():
    labels, predictions = from_matrix(HAND, ABC)
    assert metrics.true_positive_rate(labels, predictions, positive="a") == 5 / 8
    assert metrics.true_negative_rate(labels, predictions, positive="a") == 21 / 22


def test_a_strange_prediction_is_an_error_of_the_model():
    assert metrics.balanced_accuracy(["a", "b"], ["a", "z"]) == 0.5


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        (["a", "b"], ["a"], "one length"),
        ([], [], "at least one sample"),
        (["a", None], ["a", "b"], "labels must be among the classes"),
        (["a", "b"], ["a", np.nan], "predictions must be among the classes"),
        (["a", "d"], ["a", "b"], "got 'd' in 1 of 2"),
    ],
)
def test_unusable_labels(labels, predictions, message):
    with pytest.raises(TellsError, match=message):
        metrics.confusion_matrix(labels, predictions, classes=("a", "b"))


def test_missing_labels_are_an_error_where_no_classes_are_named():
    with pytest.raises(TellsError, match="must be among the classes"):
        metrics.balanced_accuracy(["a", None, "b"], ["a", "a", "b"])


@pytest.mark.parametrize("rate", [metrics.true_positive_rate, metrics.true_negative_rate])
def test_unusable_binary_labels(rate):
    with pytest.raises(TellsError, match="missing"):
        rate(["fake", None], ["fake", "real"])
    only = "real" if rate is metrics.true_positive_rate else "fake"
    with pytest.raises(TellsError, match="no sample"):
        rate([only, only], ["fake", "real"])


def test_roc_by_hand():
    # Fawcett's construction (2006): falling thresholds; hits up, false alarms to the right.
    labels = ["fake", "fake", "real", "fake", "real"]
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.1])
    roc = metrics.roc_curve(labels, p)
    assert roc.auc == pytest.approx(5 / 6)  # five of the six pairs (fake, real) are in order
    np.testing.assert_allclose(roc.fpr, [0, 0, 0, 0.5, 0.5, 1])
    np.testing.assert_allclose(roc.tpr, [0, 1 / 3, 2 / 3, 2 / 3, 1, 1])
    assert np.isinf(roc.thresholds[0])
    assert (np.diff(roc.thresholds) < 0).all()


def macro_auc(table):
    return np.mean([roc.auc for roc in metrics.roc_curves(table).values()])


def test_the_mean_area_equals_scikit_learn():
    table = score_table()
    p = metrics.probabilities(table, sorted(CLASSES))
    expected = sklearn.metrics.roc_auc_score(
        table["label"], p, multi_class="ovr", average="macro", labels=sorted(CLASSES)
    )
    assert macro_auc(table) == pytest.approx(expected)


def test_of_equal_probabilities_the_first_class_wins():
    table = pd.DataFrame({"p_a": [0.4, 0.2], "p_b": [0.4, 0.4], "p_c": [0.2, 0.4]})
    assert metrics.predict(table, ABC).tolist() == ["a", "b"]
    assert metrics.predict(table, ("c", "b", "a")).tolist() == ["b", "c"]
    with pytest.raises(TellsError, match="p_d not among"):
        metrics.predict(table, ("a", "d"))


# --- intervals ------------------------------------------------------------------------------------


def test_the_value_is_the_statistic_itself():
    table = score_table()
    predictions = metrics.predict(table, CLASSES)
    found = metrics.bootstrap_interval("balanced_accuracy", table, n=20)
    assert found.value == pytest.approx(metrics.balanced_accuracy(table["label"], predictions))
    found = metrics.bootstrap_interval("macro_auc", table, n=20)
    assert found.value == pytest.approx(macro_auc(table))
    for name, roc in metrics.roc_curves(table).items():
        found = metrics.bootstrap_interval(f"auc_{name}", table, n=20)
        assert found.value == pytest.approx(roc.auc)
        assert found.low < roc.auc < found.high


@pytest.mark.parametrize("statistic", ["balanced_accuracy", "macro_auc"])
def test_counts_and_weights_give_what_resampled_tables_give(statistic):
    # Rounded, so that equal scores occur and ties are counted, too.
    table = score_table(120).round({f"p_{name}": 1 for name in CLASSES})

    def slow(resampled):
        if statistic == "balanced_accuracy":
            predictions = metrics.predict(resampled, CLASSES)
            return metrics.balanced_accuracy(resampled["label"], predictions)
        absent = [f"p_{name}" for name in CLASSES if not (resampled["label"] == name).any()]
        return macro_auc(resampled.drop(columns=absent))

    fast = metrics.bootstrap_interval(statistic, table, n=60, seed=3)
    assert fast == pytest.approx(metrics.bootstrap_interval(slow, table, n=60, seed=3))


def test_equal_seeds_give_equal_intervals_whatever_the_order_of_rows():
    table = score_table()
    first = metrics.bootstrap_interval("balanced_accuracy", table, n=200, seed=1)
    shuffled = table.sample(frac=1, random_state=0)
    assert metrics.bootstrap_interval("balanced_accuracy", shuffled, n=200, seed=1) == first
    assert metrics.bootstrap_interval("balanced_accuracy", table, n=200, seed=2) != first


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    # 40 test sets of 12 speakers each; the truth is taken from one very large set.
    truth = metrics.balanced_accuracy(
        *(lambda t: (t["label"], metrics.predict(t, CLASSES)))(score_table(60_000, seed=99))
    )
    covered = 0
    for seed in range(40):
        table = score_table(360, speakers=12, seed=seed)
        found = metrics.bootstrap_interval("balanced_accuracy", table, n=200)
        covered += found.low <= truth <= found.high
    assert 35 <= covered <= 40


def test_few_speakers_who_differ_promise_too_much():
    # The caveat of the docstring, on fewer sets: coverage falls with the number of speakers.
    truth = metrics.balanced_accuracy(
        *(lambda t: (t["label"], metrics.predict(t, CLASSES)))(
            score_table(60_000, speakers=2000, spread=1.0, seed=99)
        )
    )
    covered = {}
    for speakers in (2, 10):
        tables = [score_table(300, speakers=speakers, seed=s, spread=1.0) for s in range(40)]
        found = [metrics.bootstrap_interval("balanced_accuracy", t, n=200) for t in tables]
        covered[speakers] = sum(one.low <= truth <= one.high for one in found)
    assert covered[2] < 32 < covered[10]


def test_speakers_that_differ_widen_the_interval():
    widths = []
    for spread in (0.0, 1.5):
        table = score_table(2400, speakers=8, spread=spread)
        _, low, high, n = metrics.bootstrap_interval("balanced_accuracy", table, n=300)
        widths.append(high - low)
        assert n == 8
    assert widths[1] > 2 * widths[0]


def test_two_speakers_do_not_make_it_degenerate():
    table = score_table(240, speakers=2)
    draws = []
    metrics.bootstrap_interval(lambda t: draws.append(len(set(t.segment))) or 0.5, table, n=50)
    assert len(set(draws)) > 10  # one stage would have 3 different resamples at most
    found = metrics.bootstrap_interval("balanced_accuracy", table, n=500)
    assert found.low < found.value < found.high


def test_windows_stay_with_their_utterance():
    table = score_table(60, windows=3)

    def whole(resampled):
        times = resampled.groupby(["group", "utterance"])["segment"].agg(["size", "nunique"])
        assert (times["nunique"] == 3).all()
        assert (times["size"] % 3 == 0).all()
        return 0.0

    metrics.bootstrap_interval(whole, table, n=20)


def test_a_class_that_one_speaker_alone_has_is_left_out_where_it_is_absent():
    table = score_table(90, speakers=3, gain=50)  # never wrong, so every mean of recalls is 1
    table = table[(table["label"] != "other") | (table["group"] == "g00")]
    assert metrics.bootstrap_interval("balanced_accuracy", table, n=200) == (1, 1, 1, 3)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"statistic": "accuracy"}, "must be one of balanced_accuracy, macro_auc"),
        ({}, {"group": "speaker"}, "must have a column 'speaker'"),
        ({}, {"level": 1.0}, "level must lie between"),
        ({"group": None}, {}, "missing in 300 of 300"),
        ({"label": "anger"}, {}, "no sample of happiness"),
    ],
)
def test_unusable_tables_for_intervals(change, options, message):
    with pytest.raises(TellsError, match=message):
        metrics.bootstrap_interval(
            **{"statistic": "balanced_accuracy", "scores": score_table().assign(**change), "n": 5}
            | options
        )


def test_two_thousand_resamples_of_two_thousand_segments_take_about_a_second():
    table = score_table(2000, speakers=10)
    start = time.process_time()
    metrics.bootstrap_interval("balanced_accuracy", table)
    assert time.process_time() - start < 3  # 0.2 s on an idle core; a loop over tables takes 10


# --- score tables ---------------------------------------------------------------------------------


def test_by_utterance_averages_the_windows():
    table = score_table(30)
    found = metrics.by_utterance(table)
    assert len(found) == 10
    first = table[table["utterance"] == "u00000"]
    row = found[found["utterance"] == "u00000"].iloc[0]
    assert row["p_anger"] == pytest.approx(first["p_anger"].mean())
    assert row["label"] == first["label"].iloc[0]
    metrics.check_scores(found, CLASSES)


def test_an_utterance_with_two_labels_is_an_error():
    table = score_table(30)
    table.loc[0, "label"] = "anger" if table.loc[0, "label"] != "anger" else "sadness"
    with pytest.raises(TellsError, match="u00000 has 2"):
        metrics.by_utterance(table)


def test_examples_in_docstrings():
    assert doctest.testmod(classification).failed == 0
