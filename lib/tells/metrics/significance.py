"""Whether one detector is better than another on the same clips."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.stats
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.curves import binarise
from tells.metrics.intervals import weighted_statistics
from tells.metrics.resampling import Interval, bootstrap, clusters_of
from tells.metrics.scores import check_scores, classes_of


class DeLong(NamedTuple):
    """Two correlated areas under ROC curves, and the test of their difference."""

    first: float  # area under the first detector's curve
    second: float
    difference: float  # first - second
    standard_error: float  # of the difference
    z: float  # difference / standard error; NaN if that is zero and the difference is not
    p: float  # two-sided, of no difference; NaN likewise
    low: float  # of the difference's interval
    high: float


class AucDifference(NamedTuple):
    """How much larger one detector's area is than another's, on the same clips."""

    value: float
    low: float  # of the interval over sources, by the bootstrap
    high: float
    p: float  # DeLong's, two-sided, as if clips were independent


def auc_difference(first: pd.DataFrame, second: pd.DataFrame, *, seed: int = 0) -> AucDifference:
    """Two detectors compared by both `bootstrap_difference` and `delong_test`.

    Args:
        first: score table of one detector.
        second: of the other, on the same segments in any order.
        seed: of the resampling.

    Raises:
        TellsError: see the two functions.

    Thesis: none; section 5.5 compares without a test. Chapter: 05_5_1_audio_detection.
    """
    drawn = bootstrap_difference(first, second, seed=seed)
    one, two = (scores.sort_values("segment") for scores in (first, second))
    p = delong_test(one["label"], one["p_fake"], two["p_fake"]).p
    return AucDifference(drawn.value, drawn.low, drawn.high, p)


def verdict(low: float, high: float, chance: float, *, size: float = 0.1) -> str:
    """What an interval says of an effect of a size that would matter.

    Args:
        low: end of the interval of a metric.
        high: its other end.
        chance: what guessing gives.
        size: of the effect that is asked for, above chance.

    Returns:
        `found`, if guessing lies below the interval; `not there`, if an effect of that size lies
        above it; else `cannot tell`, for the interval holds both.

    Thesis: none; it gives no intervals. Chapter: 05_1_metrics, 06_conclusions.
    """
    if low > chance:
        return "found"
    return "not there" if high < chance + size else "cannot tell"


def delong_test(
    labels: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    positive: Hashable = "fake",
    level: float = 0.95,
) -> DeLong:
    r"""DeLong's test: two detectors on the same clips, do their areas under the curve differ?

    With $\psi(x, y)$ = 1, 1/2 or 0 as the score $x$ of a positive is above, equal to or below the
    score $y$ of a negative, each of the $m$ positives and $n$ negatives has a component

    $$V_{10}(x_i) = \frac{1}{n} \sum_j \psi(x_i, y_j),$$

    $$V_{01}(y_j) = \frac{1}{m} \sum_i \psi(x_i, y_j),$$

    whose mean is the area. With $d$ the differences of the two detectors' components,

    $$z = \frac{\hat\theta_1 - \hat\theta_2}{\sqrt{s^2_{d_{10}} / m + s^2_{d_{01}} / n}}$$

    is approximately standard normal if the areas are equal (DeLong et al. 1988). The components
    are computed from midranks in $O(N \log N)$ (Sun & Xu 2014).

    The test takes clips as independent. Those of one source, a fake and its original, are not, and
    then p is too small or too large: see `bootstrap_difference`, which draws sources, then clips of
    each.

    Where the two rankings are equal the standard error is zero, z is 0 and p is 1. Where it is zero
    and the areas differ (a perfect and a reversed detector), the test cannot tell: z and p are NaN.

    Args:
        labels: shape (n,); the true classes. Whatever is not `positive` is negative.
        first: shape (n,); P(positive) by one detector.
        second: shape (n,); by the other, of the same clips in the same order.
        positive: the positive class.
        level: of the interval.

    Raises:
        TellsError: lengths differ, a value is missing, fewer than two samples of a class, or a
            level outside (0, 1).

    Thesis: none; section 5.5 compares without a test. Chapter: 05_1_metrics.
    """
    if not 0 < level < 1:
        raise TellsError(f"level must lie between 0 and 1, such as 0.95; got {level}.")
    (true, one), (_, other) = (binarise(labels, scores, positive) for scores in (first, second))
    m, n = int(true.sum()), int((~true).sum())
    if min(m, n) < 2:
        raise TellsError(
            f"labels must hold at least two samples of each class; got {m} of {positive} and {n} "
            "others: the variance of one is unknown."
        )
    areas, wins = [], []
    for scores in (one, other):
        ranks = scipy.stats.rankdata(scores)  # midranks: a tie is half a win
        up = ranks[true] - scipy.stats.rankdata(scores[true])  # of each positive, negatives below
        down = m - (ranks[~true] - scipy.stats.rankdata(scores[~true]))  # positives above
        areas.append(float(up.sum() / (m * n)))
        wins.append((up, down))
    ups, downs = (first - second for first, second in zip(*wins, strict=True))
    # Differences of whole and half wins are exact, so equal rankings have a variance of zero.
    variance = np.var(ups, ddof=1) / n**2 / m + np.var(downs, ddof=1) / m**2 / n
    error, difference = float(np.sqrt(variance)), areas[0] - areas[1]
    z = difference / error if error > 0 else (0.0 if difference == 0 else np.nan)
    reach = scipy.stats.norm.ppf((1 + level) / 2) * error
    p = float(2 * scipy.stats.norm.sf(abs(z)))
    ends = float(difference - reach), float(difference + reach)
    return DeLong(*areas, difference, error, z, p, *ends)


def bootstrap_difference(
    first: pd.DataFrame,
    second: pd.DataFrame,
    statistic: str = "auc_fake",
    *,
    thresholds: tuple[float | None, float | None] = (None, None),
    n: int = 2000,
    seed: int = 0,
) -> Interval:
    """How much one detector is better than another, with a 95 % interval over sources.

    Each resample of `bootstrap_interval` is drawn once and judged by both detectors, so what makes
    a clip hard for both cancels. If the interval holds 0, the test set does not tell them apart.

    Args:
        first: score table of one detector, or the pooled one of a study.
        second: of the other, on the same segments.
        statistic: as in `bootstrap_interval`, by name.
        thresholds: of the two validation folders, for `balanced_accuracy_validation_threshold`.
        n: number of resamples.
        seed: of the resampling. The order of the rows does not matter.

    Returns:
        The statistic of `first` minus that of `second`, its interval and the number of sources.

    Raises:
        TellsError: a table is unusable (see `check_scores`), they hold different segments, or give
            one segment another utterance, group or label; else as `bootstrap_interval`.

    Thesis: none; section 5.5 compares without a test. Chapter: 05_5_1_audio_detection.
    """
    for table in (first, second):
        check_scores(table, classes_of(first))
    own = ["segment", "group", "utterance", "label"]  # of a study, each seed has the same
    one, other = (
        table.drop_duplicates("segment")[own].sort_values("segment").reset_index(drop=True)
        for table in (first, second)
    )
    if alone := set(one["segment"]) ^ set(other["segment"]):
        raise TellsError(
            f"first and second must be scores of the same segments; {len(alone)} are in one "
            f"of them alone, as {min(alone)}: keep those that both have."
        )
    for name in own[1:]:
        if (differ := (one[name] != other[name])).any():
            raise TellsError(
                f"first and second must agree on what a segment is; {name} differs in "
                f"{differ.sum()}, as {one['segment'][differ].iloc[0]}."
            )
    ours, theirs = (
        weighted_statistics(table, [statistic], clusters_of(table), threshold)
        for table, threshold in zip((first, second), thresholds, strict=True)
    )
    (found,) = bootstrap(lambda w: ours(w) - theirs(w), clusters_of(first), n=n, seed=seed)
    return found
