"""Confidence intervals that know that the segments of one speaker are not independent.

The statistics are computed of many resamples at once, from how often each utterance was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.metrics.curves import bins_of
from tells.metrics.resampling import Clusters, Interval, Statistic, bootstrap, clusters_of, mean_of
from tells.metrics.scores import (
    DETECTION,
    classes_of,
    predict,
    predict_at_threshold,
    probabilities,
)

OF_DETECTION = (
    *("equal_error_rate", "brier", "calibration_error"),
    "balanced_accuracy_validation_threshold",
)


def bootstrap_interval(
    statistic: str | Callable[[pd.DataFrame], float],
    scores: pd.DataFrame,
    *,
    group: str = "group",
    n: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    threshold: float | None = None,
) -> Interval:
    """A percentile interval from a bootstrap over speakers and their utterances.

    Segments of one speaker resemble each other, and overlapping windows of one utterance even
    share samples. Drawing segments as if they were independent gives intervals that are far too
    narrow. So whole clusters are drawn, with replacement (Davison & Hinkley 1997, section 3.8).

    *One stage* draws speakers and keeps all that each one said; it says how the result varies
    over speakers. With few speakers it degenerates: an IEMOCAP session has two, hence three
    different resamples. *Two stages*, used here, draw speakers and then, anew for each speaker
    drawn, as many of its utterances as it has; windows stay with their utterance. That is
    slightly too wide where speakers are alike, and still too narrow where they differ and are
    few: two speakers cannot say how different a third one is. (Of simulated speakers whose balanced
    accuracies have a standard deviation of 0.15, with 48 utterances each, 95 % intervals held the
    truth 79, 85, 92 and 98 times in 100 with 2, 4, 10 and 24 speakers.)
    With one speaker it says nothing about others. `n_groups` is therefore part of the result.

    A class that is absent from a resample is left out of that resample's mean; a resample in
    which nothing remains (one class only, for an AUC) is left out of the quantiles.

    A calibration error is a mean of absolute values, to which noise only adds: the table's is too
    large, and those of its resamples, with their noise on top, are larger still. So its interval is
    reflected at the value (the basic bootstrap of Davison & Hinkley 1997, section 2.4), no lower
    than 0, and extended to the value where it would end below. (Of simulated detectors, 95 %
    intervals held the truth 81 times in 100 where that was 0, and 90 times where it was 0.1.) Its
    bins are those of the table.

    Args:
        statistic: `balanced_accuracy`, `macro_auc` (the mean over the classes of the area under
            each one's curve against the rest) or `auc_<class>`, and of a detector also
            `equal_error_rate`, `brier`, `calibration_error` and
            `balanced_accuracy_validation_threshold`, computed on counts and weights; or a
            function of a score table, which is called n times (slower).
        scores: a score table; columns `utterance`, `label`, `p_<class>` and `group`.
        group: the column of the speakers, or of the sources of fakes.
        n: number of resamples.
        level: of confidence.
        seed: of the resampling. The order of the rows does not matter.
        threshold: of the validation folder, for the last of the statistics named; pooled scores
            have one in each row.

    Returns:
        The statistic of `scores` itself, the interval's ends and the number of speakers.

    Raises:
        TellsError: an unknown statistic, a missing column or value, a class without a sample.

    Thesis: 5.1 (which gives no intervals). Chapter: 05_1_metrics.
    """
    clusters = clusters_of(scores, group)
    if isinstance(statistic, str):
        statistics = weighted_statistics(scores, [statistic], clusters, threshold)
    else:
        rows = np.arange(len(scores))

        def statistics(weights: np.ndarray) -> np.ndarray:
            times = weights.astype(int)[:, clusters.of_row]
            return np.array([[statistic(scores.iloc[np.repeat(rows, row)])] for row in times])

    (found,) = bootstrap(statistics, clusters, n=n, seed=seed, level=level)
    return reflected(found) if statistic == "calibration_error" else found


def reflected(one: Interval) -> Interval:
    """The interval on the other side of its value, not below 0 and never without the value."""
    low = np.clip(2 * one.value - one.high, 0, one.value)
    return one._replace(low=float(low), high=max(one.value, 2 * one.value - one.low))


def of_classes(classes: Sequence[str]) -> list[str]:
    """The statistics that every model has."""
    return ["balanced_accuracy", "macro_auc", *(f"auc_{name}" for name in classes)]


def weighted_statistics(
    scores: pd.DataFrame, names: Sequence[str], clusters: Clusters, threshold: float | None = None
) -> Statistic:
    """Several statistics of the same draws: weights (r, utterances) -> values (r, names).

    Of pooled scores they are computed for each seed, and averaged.
    """
    if "seed" in scores:
        seeds = scores["seed"].to_numpy()
        parts = [
            weighted_statistics(
                scores[seeds == one].drop(columns="seed"), names,
                clusters._replace(of_row=clusters.of_row[seeds == one]), threshold,
            )
            for one in np.unique(seeds)
        ]  # fmt: skip
        return lambda weights: np.mean([part(weights) for part in parts], axis=0)
    classes = classes_of(scores)
    known = [*of_classes(classes), *(OF_DETECTION if set(classes) == set(DETECTION) else ())]
    if unknown := [name for name in names if name not in known]:
        raise TellsError(f"statistic must be one of {', '.join(known)}; got {unknown[0]!r}.")
    if OF_DETECTION[-1] in names and threshold is None and "threshold" not in scores:
        raise TellsError(
            f"{OF_DETECTION[-1]} needs threshold, chosen on the validation folder; got None: see "
            "best_threshold."
        )
    if absent := [name for name in classes if not (scores["label"] == name).any()]:
        raise TellsError(
            f"scores must hold every class; no sample of {', '.join(absent)}: use a larger test "
            "set or leave the class out."
        )
    aucs = [f"auc_{name}" for name in classes]
    computed: dict[str, Statistic] = {}
    for name in {*names, *(aucs if "macro_auc" in names else ())}:
        if name == "balanced_accuracy":
            computed[name] = _balanced_accuracy(scores, predict(scores, classes), clusters)
        elif name == OF_DETECTION[-1]:
            said = predict_at_threshold(scores, threshold)
            computed[name] = _balanced_accuracy(scores, said, clusters)
        elif name.startswith("auc_"):
            computed[name] = _auc(scores, name.removeprefix("auc_"), clusters)
        elif name == "equal_error_rate":
            computed[name] = _equal_error_rate(scores, clusters)
        elif name == "brier":
            computed[name] = mean_of(_errors(scores) ** 2, clusters)
        elif name == "calibration_error":
            computed[name] = _calibration_error(scores, clusters)

    @np.errstate(invalid="ignore")  # 0 / 0: a draw may lack a class
    def compute(weights: np.ndarray) -> np.ndarray:
        found = {name: part(weights) for name, part in computed.items()}
        if "macro_auc" in names:
            found["macro_auc"] = _mean_of_known(np.stack([found[name] for name in aucs], axis=1))
        return np.stack([found[name] for name in names], axis=1)

    return compute


def _balanced_accuracy(scores: pd.DataFrame, said: np.ndarray, clusters: Clusters) -> Statistic:
    classes = classes_of(scores)
    true = pd.Index(classes).get_indexer(pd.Index(scores["label"]))
    hit = said == scores["label"].to_numpy(dtype=object)
    n, correct = np.zeros((2, clusters.n, len(classes)))  # rows of each utterance and class
    np.add.at(n, (clusters.of_row, true), 1)
    np.add.at(correct, (clusters.of_row[hit], true[hit]), 1)
    return lambda weights: _mean_of_known((weights @ correct) / (weights @ n))


def _by_score(
    scores: pd.DataFrame, name: str, clusters: Clusters
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Weights -> those of a class, and of the others, at each different score: (r, scores)."""
    score = probabilities(scores, [name])[:, 0]
    order = np.argsort(score, kind="stable")
    utterance, positive = clusters.of_row[order], (scores["label"] == name).to_numpy()[order]
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf) > 0)

    def weigh(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = weights[:, utterance]  # (r, rows)
        return (
            np.add.reduceat(rows * positive, starts, axis=1),
            np.add.reduceat(rows * ~positive, starts, axis=1),
        )

    return weigh


def _auc(scores: pd.DataFrame, name: str, clusters: Clusters) -> Statistic:
    """Weighted share of the pairs (positive, negative) in which the positive is ranked higher."""
    by_score = _by_score(scores, name, clusters)

    def compute(weights: np.ndarray) -> np.ndarray:
        above, below = by_score(weights)
        won = (above * (np.cumsum(below, axis=1) - below / 2)).sum(axis=1)  # a tie is half a win
        return won / (above.sum(axis=1) * below.sum(axis=1))

    return compute


def _equal_error_rate(scores: pd.DataFrame, clusters: Clusters) -> Statistic:
    """Where misses, which rise with the threshold, meet false alarms, which fall."""
    by_score = _by_score(scores, DETECTION[1], clusters)

    def compute(weights: np.ndarray) -> np.ndarray:
        positive, negative = (np.pad(part, ((0, 0), (1, 0))) for part in by_score(weights))
        misses = np.cumsum(positive, axis=1) / positive.sum(axis=1, keepdims=True)
        alarms = 1 - np.cumsum(negative, axis=1) / negative.sum(axis=1, keepdims=True)
        gap = alarms - misses  # falls from 1 to -1
        row, left = np.arange(len(gap)), (gap >= 0).sum(axis=1) - 1  # the last with more alarms
        step = gap[row, left] / (gap[row, left] - gap[row, left + 1])
        return alarms[row, left] + step * (alarms[row, left + 1] - alarms[row, left])

    return compute


def _calibration_error(scores: pd.DataFrame, clusters: Clusters) -> Statistic:
    """The bins are those of the whole table; a resample changes how much is in each."""
    p = probabilities(scores, DETECTION[1:])[:, 0]
    order = np.argsort(p, kind="stable")
    utterance, error = clusters.of_row[order], _errors(scores)[order]
    starts = np.flatnonzero(np.diff(bins_of(p[order]), prepend=-1))

    def compute(weights: np.ndarray) -> np.ndarray:
        rows = weights[:, utterance]
        return np.abs(np.add.reduceat(rows * error, starts, axis=1)).sum(axis=1) / rows.sum(axis=1)

    return compute


def _errors(scores: pd.DataFrame) -> np.ndarray:
    """P(fake) less 1 of the fakes, less 0 of the reals."""
    return probabilities(scores, DETECTION[1:])[:, 0] - (scores["label"] == DETECTION[1]).to_numpy()


def _mean_of_known(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis without NaN; NaN where there is nothing else."""
    return np.ma.masked_invalid(values).mean(axis=-1).filled(np.nan)
