"""Metrics, tests and tables of detectors, against other implementations of the same."""

import doctest

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats
import sklearn.calibration
import sklearn.metrics

from metrics_fixtures import detector_table, score_table
from tells import metrics
from tells.errors import TellsError
from tells.metrics import curves

TWO = ("real", "fake")


def both(table):
    return table["label"].to_numpy(), table["p_fake"].to_numpy()


# --- thresholds -----------------------------------------------------------------------------------


def test_roc_curve_is_that_of_the_positive_class():
    table = detector_table()
    found = metrics.roc_curve(*both(table))
    expected = sklearn.metrics.roc_auc_score(table["label"] == "fake", table["p_fake"])
    assert found.auc == pytest.approx(expected)
    mirrored = metrics.roc_curve(table["label"], table["p_real"], positive="real")
    assert mirrored.auc == pytest.approx(expected)
    for one, other in zip(metrics.roc_curve_of(table), found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("decimals", [1, 8])
@pytest.mark.parametrize("seed", range(5))
def test_equal_error_rate_is_where_the_interpolated_curve_meets_the_diagonal(seed, decimals):
    # scikit-learn's curve and SciPy's root finder; one decimal makes many ties
    labels, scores = both(detector_table(15, fakes=seed + 1, seed=seed))
    scores = scores.round(decimals)
    fpr, tpr, _ = sklearn.metrics.roc_curve(labels == "fake", scores)
    expected = scipy.optimize.brentq(
        lambda x: 1 - x - np.interp(x, fpr, tpr) if x not in fpr else 1 - x - tpr[fpr == x].mean(),
        0,
        1,
    )
    rate, threshold = metrics.equal_error_rate(labels, scores)
    assert rate == pytest.approx(expected, abs=1e-6)
    misses = (scores[labels == "fake"] <= threshold).mean()
    alarms = (scores[labels == "real"] > threshold).mean()
    ties = np.bincount((scores * 10**decimals).astype(int)).max() if decimals == 1 else 1
    smallest = min((labels == name).sum() for name in TWO)
    assert max(abs(misses - rate), abs(alarms - rate)) <= ties / smallest


def test_equal_error_rate_by_hand():
    four = ["real", "real", "fake", "fake"]
    assert metrics.equal_error_rate(four, [0.1, 0.2, 0.6, 0.8])[0] == 0
    assert metrics.equal_error_rate(four, [0.1, 0.2, 0.6, 0.8])[1] == pytest.approx(0.4)
    assert metrics.equal_error_rate(four, [0.8, 0.6, 0.2, 0.1])[0] == 1
    assert metrics.equal_error_rate(four, [0.3] * 4) == (0.5, 0.3)
    # Thresholds 0.5 and 0.3 have (FPR, miss rate) = (0, 1/3) and (1/2, 0); the line between
    # (0, 2/3) and (1/2, 1) of the curve meets FPR = 1 - TPR at FPR = 1/5.
    labels = ["real", "real", "fake", "fake", "fake"]
    rate, threshold = metrics.equal_error_rate(labels, [0.1, 0.3, 0.3, 0.5, 0.9])
    assert rate == pytest.approx(1 / 5)
    assert 0.2 < threshold < 0.4


def test_best_threshold_is_found_by_trying_all():
    for seed in range(5):
        labels, scores = both(detector_table(12, seed=seed))
        fake = labels == "fake"

        def balanced(threshold, scores=scores, fake=fake):
            return ((scores[fake] > threshold).mean() + (scores[~fake] <= threshold).mean()) / 2

        best = metrics.best_threshold(labels, scores)
        assert balanced(best) == pytest.approx(max(map(balanced, np.linspace(0, 1, 2001))))


def test_of_equal_thresholds_the_one_nearest_to_a_half_is_taken():
    labels = ["real", "fake", "real", "fake"]
    assert metrics.best_threshold(labels, [0.1, 0.2, 0.3, 0.4]) == pytest.approx(0.35)
    assert metrics.best_threshold(labels, [0.6, 0.7, 0.8, 0.9]) == pytest.approx(0.65)
    assert metrics.best_threshold(labels, [0.2, 0.4, 0.6, 0.8]) == pytest.approx(0.3)  # and 0.7
    assert metrics.best_threshold(labels, [0.9] * 4) == 0.5  # a constant detector
    # of a reversed one no threshold between its scores is as good as calling all of them fake
    assert metrics.best_threshold(labels, [0.9, 0.2, 0.8, 0.1]) == 0
    assert metrics.best_threshold(["real", "fake"], [0.1, 0.8]) == 0.5  # as good as 0.45


def test_what_a_detector_says_at_a_half_is_its_most_probable_class():
    table = detector_table(30)
    table.loc[0, ["p_real", "p_fake"]] = 0.5
    np.testing.assert_array_equal(
        metrics.predict_at_threshold(table, 0.5), metrics.predict(table, TWO)
    )
    assert set(metrics.predict_at_threshold(table, 1)) == {"real"}
    assert (metrics.predict_at_threshold(table, 0.3) == "fake").sum() == (
        table["p_fake"] > 0.3
    ).sum()
    with pytest.raises(TellsError, match=r"in \[0, 1\]; got 1.2"):
        metrics.predict_at_threshold(table, 1.2)


@pytest.mark.parametrize(
    "function",
    [
        metrics.roc_curve,
        metrics.equal_error_rate,
        metrics.best_threshold,
        metrics.calibration_curve,
        lambda labels, scores: metrics.delong_test(labels, scores, scores),
    ],
)
@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        (["real", "fake"], [0.1], "one length"),
        ([], [], "at least one sample"),
        (["real", None], [0.1, 0.2], "missing or infinite values in 1 of 2"),
        (["real", "fake"], [0.1, np.nan], "missing or infinite values in 1 of 2"),
        (["real", "real"], [0.1, 0.2], "no sample of fake"),
        (["fake", "fake"], [0.1, 0.2], "no sample of not fake"),
        ([0, 1], [0.1, 0.2], "say which class is positive"),
    ],
)
def test_unusable_labels_and_scores(function, labels, scores, message):
    with pytest.raises(TellsError, match=message):
        function(labels, scores)


# --- calibration ----------------------------------------------------------------------------------


def test_calibration_equals_scikit_learn_and_a_direct_sum():
    labels, scores = both(detector_table(67, fakes=1))
    found = metrics.calibration_curve(labels, scores, bins=8)
    observed, predicted = sklearn.calibration.calibration_curve(
        labels == "fake", scores, n_bins=8, strategy="quantile"
    )
    np.testing.assert_allclose(found.observed, observed)
    np.testing.assert_allclose(found.predicted, predicted)
    assert found.n.sum() == 134
    assert found.n.max() - found.n.min() <= 1
    gaps = [
        len(part) / 134 * abs((part.label == "fake").mean() - part.p.mean())
        for _, part in pd.DataFrame({"label": labels, "p": scores}).groupby(
            pd.qcut(scores, 8, labels=False)
        )
    ]
    assert found.error == pytest.approx(sum(gaps))
    assert found.brier == pytest.approx(
        np.mean([(s - (y == "fake")) ** 2 for y, s in zip(labels, scores, strict=True)])
    )


def test_calibration_of_few_and_equal_scores():
    found = metrics.calibration_curve(["real", "fake", "fake", "fake"], [0.75] * 4)
    assert found.n.tolist() == [4]
    assert found.error == 0
    assert found.brier == pytest.approx(0.1875)
    with pytest.raises(TellsError, match="probabilities"):
        metrics.calibration_curve(["real", "fake"], [-1.5, 2.0])
    with pytest.raises(TellsError, match="at least 1"):
        metrics.calibration_curve(["real", "fake"], [0.1, 0.2], bins=0)


def test_a_calibrated_detector_has_the_error_that_the_docstring_says():
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(100):
        p = rng.uniform(0, 1, 200)
        labels = np.where(rng.uniform(size=200) < p, "fake", "real")
        errors.append(metrics.calibration_curve(labels, p).error)
    assert 0.5 * 0.4 * np.sqrt(10 / 200) < np.mean(errors) <= 0.4 * np.sqrt(10 / 200)


# --- intervals ------------------------------------------------------------------------------------


SLOW = {
    "equal_error_rate": lambda t: metrics.equal_error_rate(*both(t))[0],
    "brier": lambda t: sklearn.metrics.brier_score_loss(t["label"] == "fake", t["p_fake"]),
    "balanced_accuracy_validation_threshold": lambda t: sklearn.metrics.balanced_accuracy_score(
        t["label"] == "fake", t["p_fake"] > 0.4
    ),
}


@pytest.mark.parametrize("statistic", SLOW)
def test_counts_and_weights_give_what_resampled_tables_give(statistic):
    table = detector_table(12).round({"p_fake": 1})
    table["p_real"] = 1 - table["p_fake"]
    fast = metrics.bootstrap_interval(statistic, table, n=60, seed=3, threshold=0.4)
    slow = metrics.bootstrap_interval(SLOW[statistic], table, n=60, seed=3)
    assert fast == pytest.approx(slow)


def test_the_interval_of_the_calibration_error_keeps_the_bins_of_the_table():
    table = detector_table(30)
    p = table["p_fake"]
    edges = np.quantile(p, np.linspace(0, 1, 11)[1:-1])

    def slow(resampled):
        bins = resampled.groupby(np.searchsorted(edges, resampled["p_fake"]))
        gaps = bins.apply(lambda b: abs(((b["label"] == "fake") - b["p_fake"]).sum()))
        return gaps.sum() / len(resampled)

    fast = metrics.bootstrap_interval("calibration_error", table, n=40, seed=1)
    value, low, high, _ = metrics.bootstrap_interval(slow, table, n=40, seed=1)
    assert fast.value == pytest.approx(value)
    assert fast.value == pytest.approx(metrics.calibration_curve(*both(table)).error)
    reflected = max(0, 2 * value - high), max(value, 2 * value - low)  # see the docstring
    assert (fast.low, fast.high) == pytest.approx(reflected)


def test_the_interval_of_the_calibration_error_of_a_calibrated_detector_reaches_zero():
    rng = np.random.default_rng(2)
    table = detector_table(60)
    table["p_fake"] = rng.uniform(size=180)
    table["p_real"] = 1 - table["p_fake"]
    table["label"] = np.where(rng.uniform(size=180) < table["p_fake"], "fake", "real")
    found = metrics.bootstrap_interval("calibration_error", table, n=300)
    assert found.low == 0 < found.value <= found.high


def test_a_resample_of_one_class_is_left_out():
    table = pd.concat([detector_table(2, fakes=0), detector_table(2, fakes=1, folder="t")])
    table = table[~((table["group"].str.startswith("t")) & (table["label"] == "real"))]
    found = metrics.bootstrap_interval("equal_error_rate", table, n=100)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("table", "statistic", "message"),
    [
        (detector_table(5), "balanced_accuracy_validation_threshold", "needs threshold"),
        (detector_table(5), "eer", "equal_error_rate, brier"),
        (score_table(30), "equal_error_rate", "auc_other; got 'equal_error_rate'"),
    ],
)
def test_statistics_that_cannot_be_had(table, statistic, message):
    with pytest.raises(TellsError, match=message):
        metrics.bootstrap_interval(statistic, table, n=5)


# --- two detectors --------------------------------------------------------------------------------


def delong_1988(labels, first, second):
    """The test as DeLong et al. (1988) write it, in loops over pairs and plain covariances."""

    def psi(x, y):
        return 1.0 if x > y else 0.5 if x == y else 0.0

    areas, v10, v01 = [], [], []
    for scores in (first, second):
        x = [s for s, name in zip(scores, labels, strict=True) if name == "fake"]
        y = [s for s, name in zip(scores, labels, strict=True) if name != "fake"]
        areas.append(sum(psi(a, b) for a in x for b in y) / len(x) / len(y))
        v10.append([sum(psi(a, b) for b in y) / len(y) for a in x])
        v01.append([sum(psi(a, b) for a in x) / len(x) for b in y])
    s = np.cov(v10) / len(x) + np.cov(v01) / len(y)
    error = np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    z = (areas[0] - areas[1]) / error
    return *areas, error, z, 2 * scipy.stats.norm.cdf(-abs(z))


@pytest.mark.parametrize("decimals", [1, 8])
@pytest.mark.parametrize("seed", range(4))
def test_delong_equals_the_paper_on_all_pairs(seed, decimals):
    table = detector_table(20, fakes=seed + 1, seed=seed)
    first = table["p_fake"].round(decimals)
    second = detector_table(20, fakes=seed + 1, seed=seed, noise=1, gain=0.5)["p_fake"]
    found = metrics.delong_test(table["label"], first, second.round(decimals))
    expected = delong_1988(table["label"], first, second.round(decimals))
    assert (found.first, found.second, found.standard_error, found.z, found.p) == pytest.approx(
        expected
    )
    assert found.difference == pytest.approx(found.first - found.second)
    assert found.high - found.low == pytest.approx(2 * 1.959964 * found.standard_error)


def test_delong_where_there_is_no_variance():
    labels = ["real", "real", "fake", "fake"]
    scores = np.array([0.1, 0.2, 0.6, 0.8])
    same = metrics.delong_test(labels, scores, scores**2)
    assert same == (1, 1, 0, 0, 0, 1, 0, 0)
    opposite = metrics.delong_test(labels, scores, 1 - scores)
    assert opposite[:4] == (1, 0, 1, 0)
    assert np.isnan([opposite.z, opposite.p]).all()
    with pytest.raises(TellsError, match="1 of fake and 2"):
        metrics.delong_test(labels[:3], scores[:3], scores[:3])
    with pytest.raises(TellsError, match="level"):
        metrics.delong_test(labels, scores, scores, level=95)


def test_delong_rejects_as_often_as_it_says_where_clips_are_independent():
    rng = np.random.default_rng(0)
    labels = np.repeat(["real", "fake"], 60)
    rejected = 0
    for _ in range(400):
        clip = rng.normal(size=120) + (labels == "fake")  # what both detectors see
        first, second = clip + rng.normal(size=(2, 120))
        rejected += metrics.delong_test(labels, first, second).p < 0.05
    assert 9 <= rejected <= 33  # 20 expected; binomial, 0.3 % outside


def test_the_bootstrap_of_a_difference_agrees_with_delong_where_clips_are_independent():
    first = detector_table(150, fakes=1, shared=0)
    second = detector_table(150, fakes=1, shared=0, noise=1, gain=0.5)
    # every clip a source of its own
    tables = [t.assign(group=t["segment"]) for t in (first, second)]
    found = metrics.bootstrap_difference(*tables, n=2000)
    expected = metrics.delong_test(*both(first), second["p_fake"])
    assert found.value == pytest.approx(expected.difference)
    assert found.low == pytest.approx(expected.low, abs=0.012)
    assert found.high == pytest.approx(expected.high, abs=0.012)
    assert found.n_groups == 300


def test_the_same_resamples_are_judged_by_both_detectors():
    table = detector_table(20)
    shuffled = table.sample(frac=1, random_state=0)
    assert metrics.bootstrap_difference(table, shuffled, n=50) == (0, 0, 0, 20)
    other = detector_table(20, noise=1)
    paired_one = metrics.bootstrap_difference(table, other, "equal_error_rate", n=200)
    back = metrics.bootstrap_difference(other, table, "equal_error_rate", n=200)
    assert (-back.value, -back.high, -back.low) == pytest.approx(paired_one[:3])


def test_each_detector_has_its_own_threshold():
    table = detector_table(20)
    name = "balanced_accuracy_validation_threshold"
    found = metrics.bootstrap_difference(table, table, name, thresholds=(0.5, 0.7), n=20)
    values = [
        metrics.balanced_accuracy(table["label"], metrics.predict_at_threshold(table, t))
        for t in (0.5, 0.7)
    ]
    assert found.value == pytest.approx(values[0] - values[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.iloc[1:], "1 are in one of them alone, as s0000"),
        (lambda t: t.assign(group="one"), "group differs in 24, as s0000"),
        (lambda t: t.assign(label="fake"), "label differs in 8"),
        (lambda t: t.drop(columns="segment"), "missing: segment"),
        (lambda t: pd.concat([t, t]), "a segment once"),
    ],
)
def test_detectors_on_different_clips(change, message):
    table = detector_table(8)
    with pytest.raises(TellsError, match=message):
        metrics.bootstrap_difference(table, change(table), n=5)


# --- by method and by quadrant --------------------------------------------------------------------


METHODS = {f"s{i:04d}": m for i, m in enumerate([None, "swap", "flat"] * 10)}


def test_by_method_sets_each_kind_against_all_of_the_other_label():
    table = detector_table(12)  # 36 clips, of which METHODS knows 30
    found = metrics.by_method(table, METHODS, threshold=0.6, n=50)
    assert found[["label", "method", "n"]].values.tolist() == [
        ["fake", "flat", 10],
        ["fake", "swap", 10],
        ["fake", "unknown", 4],
        ["real", "unknown", 12],
    ]
    assert found["n"].sum() == len(table)
    swaps = table[table["utterance"].map(METHODS) == "swap"]
    reals = table[table["label"] == "real"]
    row = found[found["method"] == "swap"].iloc[0]
    against = pd.concat([swaps, reals])
    assert row["auc"] == pytest.approx(
        sklearn.metrics.roc_auc_score(against["label"] == "fake", against["p_fake"])
    )
    assert row["called_fake"] == (swaps["p_fake"] > 0.6).mean()
    assert row["n_groups"] == 10
    for value, low, high in (("auc", "auc_low", "auc_high"), ("called_fake", "low", "high")):
        assert (found[low] <= found[value]).all()
        assert (found[value] <= found[high]).all()
    whole = found[found["label"] == "real"].iloc[0]
    assert whole["called_fake"] == (reals["p_fake"] > 0.6).mean()
    assert whole["auc"] == pytest.approx(metrics.roc_curve(*both(table)).auc)


def test_by_method_parts_reals_by_what_was_done_to_them():
    table = detector_table(12)
    reals = table.loc[table["label"] == "real", "utterance"]
    kinds = dict(zip(reals, ["re-encoded"] * 4 + ["untouched"] * 8, strict=True))
    found = metrics.by_method(table, pd.Series(kinds), n=20)
    assert found[found["label"] == "real"]["n"].tolist() == [4, 8]
    assert found.iloc[0].tolist()[:3] == ["fake", "unknown", 24]


def test_clips_that_are_all_called_alike_do_not_make_a_certainty():
    table = detector_table(8)
    found = metrics.by_method(table, {}, threshold=1.0, n=20)
    # of 8 sources none: Wilson's upper end is z^2 / (n + z^2)
    assert found["called_fake"].tolist() == [0, 0]
    assert found["low"].tolist() == [0, 0]
    np.testing.assert_allclose(found["high"], 1.96**2 / (8 + 1.96**2), rtol=1e-4)
    everything = metrics.by_method(table, {}, threshold=0.0, n=20)
    np.testing.assert_allclose(everything["low"], 8 / (8 + 1.96**2), rtol=1e-4)
    assert everything["high"].tolist() == [1, 1]


def test_by_modality_keeps_what_is_not_known_apart():
    table = detector_table(12)
    video = dict(zip(table["utterance"], ["real", "fake", "real"] * 12, strict=True))
    audio = dict(zip(table["utterance"], ["real", "fake", pd.NA] * 12, strict=True))
    del video["s0000"]
    found = metrics.by_modality(table, video, audio, n=50)
    assert found[["face", "voice", "n"]].values.tolist() == [
        ["real", "real", 11],
        ["real", "fake", 0],
        ["fake", "real", 0],
        ["fake", "fake", 12],
        ["real", "unknown", 12],
        ["unknown", "real", 1],
    ]
    fakes = table[1::3]
    row = found.iloc[3]
    assert row["called_fake"] == (fakes["p_fake"] > 0.5).mean()
    assert row["low"] <= row["called_fake"] <= row["high"]
    assert found.iloc[1][["called_fake", "low", "high"]].isna().all()
    with pytest.raises(TellsError, match="audio_label must be real, fake or not known; got 'FAKE'"):
        metrics.by_modality(table, video, audio | {"s0001": "FAKE"})


# --- the whole record -----------------------------------------------------------------------------


def test_evaluate_gives_everything_of_a_detector():
    table, validation = detector_table(30), detector_table(20, seed=1, folder="v")
    found = metrics.evaluate(table, validation, n=50)
    plain = metrics.evaluate(table, n=50)
    assert found.confusion_matrix == plain.confusion_matrix
    assert plain.metrics.items() <= found.metrics.items()
    assert set(found.metrics) - set(plain.metrics) == {
        *("equal_error_rate", "brier", "calibration_error"),
        "balanced_accuracy_validation_threshold",
    }
    assert all(m["low"] <= m["value"] <= m["high"] for m in found.metrics.values())
    assert found.metrics["auc_fake"]["value"] == pytest.approx(metrics.roc_curve(*both(table)).auc)
    assert found.threshold == pytest.approx(metrics.best_threshold(*both(validation)), rel=1e-5)
    predictions = metrics.predict_at_threshold(table, found.threshold)
    assert (
        found.confusion_matrix_at_threshold
        == metrics.confusion_matrix(table["label"], predictions, classes=TWO).tolist()
    )
    assert found.metrics["balanced_accuracy_validation_threshold"]["value"] == pytest.approx(
        metrics.balanced_accuracy(table["label"], predictions)
    )


def test_a_validation_folder_that_shares_a_source_is_refused():
    with pytest.raises(TellsError, match="30 are in both, as s0000"):
        metrics.evaluate(detector_table(30), detector_table(30), n=5)


def test_examples_in_docstrings():
    assert doctest.testmod(curves).failed == 0
