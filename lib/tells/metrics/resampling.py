"""Clusters drawn with replacement, and statistics of many such draws computed at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.metrics.calibration import bins_of
from tells.metrics.scores import DETECTION, predict, predict_at_threshold, probabilities

Statistic = Callable[[np.ndarray], np.ndarray]  # weights of the clusters (r, clusters) -> (r, ...)

OF_DETECTION = (
    *("equal_error_rate", "brier", "calibration_error"),
    "balanced_accuracy_validation_threshold",
)

_BLOCK = 2_000_000  # weights held at once: 16 MB of float64


class Clusters(NamedTuple):
    """What is drawn: utterances within speakers."""

    of_row: np.ndarray  # (rows,) the utterance that each row belongs to
    by_group: list[np.ndarray]  # for each speaker, its utterances
    n: int


class _Ranking(NamedTuple):
    """Rows by rising score for one class."""

    unit: np.ndarray  # (rows,) their utterances
    positive: np.ndarray  # (rows,) bool: of the class
    starts: np.ndarray  # (scores,) where each different score begins


def clusters_of(scores: pd.DataFrame, group: str) -> Clusters:
    """The utterances of a score table, by speaker."""
    for name in (group, "utterance", "label"):
        if name not in scores:
            raise TellsError(
                f"scores must have a column {name!r}; got {', '.join(map(str, scores.columns))}."
            )
        if scores[name].isna().any():
            raise TellsError(
                f"scores[{name!r}] must be known in every row; it is missing in "
                f"{scores[name].isna().sum()} of {len(scores)}."
            )
    if len(scores) == 0:
        raise TellsError("scores must have at least one row; got none.")
    table = scores.groupby([group, "utterance"], sort=True)
    of_row = table.ngroup().to_numpy()
    n = int(of_row.max()) + 1
    speaker = np.empty(n, dtype=int)
    speaker[of_row] = scores.groupby(group, sort=True).ngroup().to_numpy()
    return Clusters(of_row, [np.flatnonzero(speaker == g) for g in range(speaker.max() + 1)], n)


def bootstrap_weights(clusters: Clusters, n: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks of shape (r, clusters): how often each utterance comes in each of the resamples."""
    rng = np.random.default_rng(seed)
    n_groups = len(clusters.by_group)
    block = max(1, _BLOCK // max(clusters.n, len(clusters.of_row)))
    for start in range(0, n, block):
        r = min(block, n - start)
        speakers = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=r)
        weights = np.zeros((r, clusters.n), dtype=np.int64)
        for i, own in enumerate(clusters.by_group):
            # A speaker drawn m times has m independent draws of its utterances: their sum.
            times = speakers[:, i] * len(own)
            weights[:, own] = rng.multinomial(times, np.full(len(own), 1 / len(own)))
        yield weights


def of_classes(classes: Sequence[str]) -> list[str]:
    """The statistics that every model has."""
    return ["balanced_accuracy", "macro_auc", *(f"auc_{name}" for name in classes)]


def check_statistics(
    scores: pd.DataFrame, names: Sequence[str], classes: Sequence[str], threshold: float | None
) -> None:
    """Refuse statistics that are unknown or cannot be computed on a table."""
    known = [*of_classes(classes), *(OF_DETECTION if set(classes) == set(DETECTION) else ())]
    if unknown := [name for name in names if name not in known]:
        raise TellsError(f"statistic must be one of {', '.join(known)}; got {unknown[0]!r}.")
    if OF_DETECTION[-1] in names and threshold is None:
        raise TellsError(
            f"{OF_DETECTION[-1]} needs threshold, chosen on the validation folder; got None: see "
            "best_threshold."
        )
    absent = [name for name in classes if not (scores["label"] == name).any()]
    if absent:
        raise TellsError(
            f"scores must hold every class; no sample of {', '.join(absent)}: use a larger test "
            "set or leave the class out."
        )


def weighted_statistics(
    scores: pd.DataFrame,
    names: Sequence[str],
    classes: Sequence[str],
    clusters: Clusters,
    threshold: float | None,
) -> Statistic:
    """Several statistics of the same draws: weights (r, clusters) -> values (r, names)."""
    parts: dict[str, Statistic] = {}
    if "balanced_accuracy" in names:
        counts = _class_counts(scores, predict(scores, classes), classes, clusters)
        parts["balanced_accuracy"] = partial(_balanced_accuracies, n=counts[0], correct=counts[1])
    aucs = [f"auc_{name}" for name in classes if {"macro_auc", f"auc_{name}"} & set(names)]
    for name in aucs:
        ranking = _ranking(scores, name.removeprefix("auc_"), classes, clusters)
        parts[name] = partial(_aucs, ranking=ranking)
    if set(OF_DETECTION) & set(names):
        parts |= _of_detection(scores, names, clusters, threshold)

    def compute(weights: np.ndarray) -> np.ndarray:
        found = {name: part(weights) for name, part in parts.items()}
        if "macro_auc" in names:
            found["macro_auc"] = _mean_of_known(np.stack([found[name] for name in aucs], axis=1))
        return np.stack([found[name] for name in names], axis=1)

    return compute


def shares(weights: np.ndarray, clusters: Clusters, values: np.ndarray) -> np.ndarray:
    """Weighted means of a value of each row: (r,)."""
    rows = np.bincount(clusters.of_row, minlength=clusters.n)
    total = np.bincount(clusters.of_row, weights=values, minlength=clusters.n)
    return weights @ total / (weights @ rows)


def _of_detection(
    scores: pd.DataFrame, names: Sequence[str], clusters: Clusters, threshold: float | None
) -> dict[str, Statistic]:
    p = probabilities(scores, DETECTION)[:, 1]
    error = p - (scores["label"] == DETECTION[1]).to_numpy()
    ranking = _ranking(scores, DETECTION[1], DETECTION, clusters)
    order = np.argsort(p, kind="stable")
    starts = np.flatnonzero(np.diff(bins_of(p[order]), prepend=-1))
    parts: dict[str, Statistic] = {
        "equal_error_rate": partial(_equal_error_rates, ranking=ranking),
        "brier": partial(shares, clusters=clusters, values=error**2),
        "calibration_error": partial(
            _calibration_errors, unit=clusters.of_row[order], error=error[order], starts=starts
        ),
    }
    if threshold is not None:
        counts = _class_counts(scores, predict_at_threshold(scores, threshold), DETECTION, clusters)
        parts["balanced_accuracy_validation_threshold"] = partial(
            _balanced_accuracies, n=counts[0], correct=counts[1]
        )
    return {name: part for name, part in parts.items() if name in names}


def _class_counts(
    scores: pd.DataFrame, predictions: np.ndarray, classes: Sequence[str], clusters: Clusters
) -> tuple[np.ndarray, np.ndarray]:
    """For each utterance and class: its rows, and those of them that were predicted correctly."""
    true = pd.Index(classes).get_indexer(pd.Index(scores["label"]))
    hit = predictions == scores["label"].to_numpy(dtype=object)
    n, r = np.zeros((2, clusters.n, len(classes)))
    np.add.at(n, (clusters.of_row, true), 1)
    np.add.at(r, (clusters.of_row[hit], true[hit]), 1)
    return n, r


def _balanced_accuracies(weights: np.ndarray, n: np.ndarray, correct: np.ndarray) -> np.ndarray:
    totals, hits = weights @ n, weights @ correct  # (r, classes)
    return _mean_of_known(
        np.divide(hits, totals, out=np.full(totals.shape, np.nan), where=totals > 0)
    )


def _ranking(
    scores: pd.DataFrame, name: str, classes: Sequence[str], clusters: Clusters
) -> _Ranking:
    """Utterance and positivity of the rows by rising score, and where each new score begins."""
    score = probabilities(scores, classes)[:, list(classes).index(name)]
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf) > 0)
    return _Ranking(clusters.of_row[order], (scores["label"] == name).to_numpy()[order], starts)


def _at_each_score(weights: np.ndarray, ranking: _Ranking) -> tuple[np.ndarray, np.ndarray]:
    """Weight of the positives and of the negatives at each different score: (r, scores)."""
    rows = weights[:, ranking.unit]  # (r, rows)
    return (
        np.add.reduceat(rows * ranking.positive, ranking.starts, axis=1),
        np.add.reduceat(rows * ~ranking.positive, ranking.starts, axis=1),
    )


def _aucs(weights: np.ndarray, ranking: _Ranking) -> np.ndarray:
    """Weighted share of the pairs (positive, negative) in which the positive is ranked higher."""
    above, below = _at_each_score(weights, ranking)
    pairs = above.sum(axis=1) * below.sum(axis=1)
    won = (above * (np.cumsum(below, axis=1) - below / 2)).sum(axis=1)  # a tie is half a win
    return np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)


def _equal_error_rates(weights: np.ndarray, ranking: _Ranking) -> np.ndarray:
    """Where misses, which rise with the threshold, meet false alarms, which fall."""
    positive, negative = _at_each_score(weights, ranking)
    n = np.stack([positive.sum(axis=1), negative.sum(axis=1)])
    known = (n > 0).all(axis=0)
    found = np.full(len(weights), np.nan)
    if known.any():
        positive, negative, n = positive[known], negative[known], n[:, known, None]
        zero = np.zeros((len(positive), 1))
        misses = np.hstack([zero, np.cumsum(positive, axis=1)]) / n[0]
        alarms = 1 - np.hstack([zero, np.cumsum(negative, axis=1)]) / n[1]
        gap = alarms - misses  # falls from 1 to -1
        left = (gap >= 0).sum(axis=1) - 1  # the last threshold with more false alarms than misses
        row = np.arange(len(gap))
        step = gap[row, left] / (gap[row, left] - gap[row, left + 1])
        found[known] = alarms[row, left] + step * (alarms[row, left + 1] - alarms[row, left])
    return found


def _calibration_errors(
    weights: np.ndarray, unit: np.ndarray, error: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """The bins are those of the whole table; a resample changes how much is in each."""
    rows = weights[:, unit]
    gaps = np.abs(np.add.reduceat(rows * error, starts, axis=1))
    return gaps.sum(axis=1) / rows.sum(axis=1)


def _mean_of_known(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis without NaN; NaN where there is nothing else."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(axis=-1)
    count = known.sum(axis=-1)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
