"""Whole speakers drawn with replacement, and the intervals that their draws span."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from tells.errors import TellsError

Statistic = Callable[[np.ndarray], np.ndarray]  # weights of the utterances (r, n) -> (r, ...)

_BLOCK = 2_000_000  # weights held at once: 16 MB of float64


class Interval(NamedTuple):
    """A statistic, its confidence interval and the number of speakers that it rests on."""

    value: float
    low: float
    high: float
    n_groups: int


class Clusters(NamedTuple):
    """What is drawn: utterances within speakers."""

    of_row: np.ndarray  # (rows,) the utterance that each row belongs to
    by_group: list[np.ndarray]  # for each speaker, its utterances
    n: int  # utterances


def clusters_of(scores: pd.DataFrame, group: str = "group") -> Clusters:
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
    of_row = scores.groupby([group, "utterance"], sort=True).ngroup().to_numpy()
    n = int(of_row.max()) + 1
    speaker = np.empty(n, dtype=int)
    speaker[of_row] = scores.groupby(group, sort=True).ngroup().to_numpy()
    return Clusters(of_row, [np.flatnonzero(speaker == g) for g in range(speaker.max() + 1)], n)


def bootstrap(
    statistics: Statistic, clusters: Clusters, *, n: int, seed: int, level: float = 0.95
) -> list[Interval]:
    """Intervals of statistics of the same resamples, weights (r, utterances) -> values (r, k)."""
    if not 0 < level < 1:
        raise TellsError(f"level must lie between 0 and 1, such as 0.95; got {level}.")
    drawn = np.concatenate([statistics(weights) for weights in _draws(clusters, n, seed)])
    intervals = []
    for value, values in zip(statistics(np.ones((1, clusters.n)))[0], drawn.T, strict=True):
        known = values[~np.isnan(values)]
        if len(known) == 0:
            raise TellsError("no resample holds two classes: the test set is too small.")
        low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
        intervals.append(Interval(float(value), float(low), float(high), len(clusters.by_group)))
    return intervals


def _draws(clusters: Clusters, n: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks of shape (r, utterances): how often each comes in each of the resamples."""
    rng = np.random.default_rng(seed)
    n_groups = len(clusters.by_group)
    block = max(1, _BLOCK // max(clusters.n, len(clusters.of_row)))
    for start in range(0, n, block):
        r = min(block, n - start)
        speakers = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=r)
        weights = np.zeros((r, clusters.n))
        for i, own in enumerate(clusters.by_group):
            # A speaker drawn m times has m independent draws of its utterances: their sum.
            times = speakers[:, i] * len(own)
            weights[:, own] = rng.multinomial(times, np.full(len(own), 1 / len(own)))
        yield weights


def mean_of(values: np.ndarray, clusters: Clusters) -> Statistic:
    """The weighted mean of a value of each row."""
    rows = np.bincount(clusters.of_row, minlength=clusters.n)
    total = np.bincount(clusters.of_row, weights=values, minlength=clusters.n)
    return lambda weights: weights @ total / (weights @ rows)
