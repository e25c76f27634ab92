"""A result by speaker, and a detector's by how a clip was forged and by which half of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
import scipy.stats

from tells.errors import TellsError
from tells.metrics.intervals import bootstrap_interval
from tells.metrics.resampling import bootstrap, clusters_of, mean_of
from tells.metrics.scores import (
    DETECTION,
    check_scores,
    classes_of,
    predict,
    predict_at_threshold,
)

UNKNOWN = "unknown"


def by_group(scores: pd.DataFrame) -> pd.DataFrame:
    """How well each speaker, or each source of fakes, is recognised with each seed.

    Args:
        scores: a score table.

    Returns:
        A row for each `group` and `seed` (0 where the table has none): `balanced_accuracy`, the
        mean recall of the classes that the group has.

    Raises:
        TellsError: an unusable table.

    Thesis: none; it gives no number of a speaker. Chapter: 05_3_2_speech_experiment_2.
    """
    classes = classes_of(scores)
    check_scores(scores, classes)
    hits = scores.assign(hit=predict(scores, classes) == scores["label"])
    hits = hits if "seed" in hits else hits.assign(seed=0)
    recalls = hits.groupby(["group", "seed", "label"])["hit"].mean()
    return recalls.groupby(["group", "seed"]).mean().rename("balanced_accuracy").reset_index()


def by_method(
    scores: pd.DataFrame,
    methods: Mapping[str, str | None],
    *,
    threshold: float = 0.5,
    n: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """The fakes of each method against all reals, and the reals of each kind against all fakes.

    A detector may owe its result to one method whose seams it sees. And reals that went through
    the same re-encoding as the fakes tell whether it takes the traces of that for a forgery.

    Args:
        scores: a detector's score table.
        methods: by clip, the column `utterance`: how it was made. None, NA and clips that are not
            in it are `unknown`; others than those of the table do not matter.
        threshold: in [0, 1], see `predict_at_threshold`.
        n: number of resamples for the 95 % intervals over sources (see `bootstrap_interval`).
        seed: of the resampling.

    Returns:
        A row for each `label` and `method`, fakes first: `n` clips (rows) of `n_groups` sources;
        `auc`, against all clips of the other label, `auc_low` and `auc_high`;
        `called_fake`, the share above the threshold, `low` and `high`. So `called_fake` is the hit
        rate of fakes and the false alarm rate of reals. Where all clips of a row are called alike
        no resample differs, and the interval is Wilson's (1927) of as many clips as there are
        sources; an `auc` of 1 has one without width for the same reason, and says too much.

    Raises:
        TellsError: an unusable table, one without real or without fake, or a threshold outside
            [0, 1].

    Thesis: none; section 5.5 does not part the fakes. Chapter: 05_5_1_audio_detection.
    """
    check_scores(scores, DETECTION)
    kinds = _looked_up(scores, methods)
    in_order = sorted(kinds.unique(), key=lambda name: (name == UNKNOWN, name))
    rows = []
    for label, method in product(reversed(DETECTION), in_order):
        of_label = scores["label"] == label
        own = of_label & (kinds == method)
        if not own.any():
            continue
        auc = bootstrap_interval("auc_fake", scores[own | ~of_label], n=n, seed=seed)
        rows.append(
            {"label": label, "method": method, "n": int(own.sum())}
            | {"auc": auc.value, "auc_low": auc.low, "auc_high": auc.high}
            | _called_fake(scores[own], threshold, n, seed)
        )
    return pd.DataFrame(rows)


def by_modality(
    scores: pd.DataFrame,
    video_label: Mapping[str, str | None],
    audio_label: Mapping[str, str | None],
    *,
    threshold: float = 0.5,
    n: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """How many clips are called fake, by whether the face is and whether the voice is.

    A detector of voices should leave clips alone whose face alone is faked.

    Args:
        scores: a detector's score table.
        video_label: by clip, the column `utterance`: `real` or `fake`. None, NA and clips that are
            not in it are `unknown`, a state of its own; others than those of the table do not
            matter.
        audio_label: of its sound, likewise.
        threshold: in [0, 1], see `predict_at_threshold`.
        n: number of resamples for the 95 % intervals over sources (see `bootstrap_interval`).
        seed: of the resampling.

    Returns:
        A row for each `face` and `voice`: the four of `real` and `fake`, with n = 0 where there is
        none, then what is not known of the two as far as it occurs. Columns `n` clips (rows) of
        `n_groups` sources, `called_fake`, the share above the threshold, `low` and `high` as in
        `by_method`, NaN where there is no clip.

    Raises:
        TellsError: an unusable table, a label that is neither real nor fake, or a threshold outside
            [0, 1].

    Thesis: none; section 5.5 uses clips in which both are fake, and reals.
    """
    check_scores(scores, DETECTION)
    face, voice = (_looked_up(scores, labels) for labels in (video_label, audio_label))
    for name, labels in (("video_label", face), ("audio_label", voice)):
        if (strange := ~labels.isin([*DETECTION, UNKNOWN])).any():
            raise TellsError(
                f"{name} must be real, fake or not known; got {labels[strange].iloc[0]!r} in "
                f"{strange.sum()} of {len(labels)} clips."
            )
    rows = []
    states = (*DETECTION, UNKNOWN)
    for pair in sorted(product(states, states), key=lambda pair: UNKNOWN in pair):
        own = (face == pair[0]) & (voice == pair[1])
        if own.any():
            found = _called_fake(scores[own], threshold, n, seed)
        elif UNKNOWN not in pair:
            found = {"n_groups": 0, "called_fake": np.nan, "low": np.nan, "high": np.nan}
        else:
            continue
        rows.append({"face": pair[0], "voice": pair[1], "n": int(own.sum())} | found)
    return pd.DataFrame(rows)


def _called_fake(scores: pd.DataFrame, threshold: float, n: int, seed: int) -> dict[str, float]:
    """The share above the threshold, with its interval over sources."""
    called = predict_at_threshold(scores, threshold) == DETECTION[1]
    clusters = clusters_of(scores)
    n_groups = len(clusters.by_group)
    if called.all() or not called.any():  # no resample can differ
        share = float(called.all())
        counted = scipy.stats.binomtest(round(share * n_groups), n_groups)
        low, high = counted.proportion_ci(0.95, method="wilson")
    else:
        mean = mean_of(called, clusters)
        (found,) = bootstrap(lambda w: mean(w)[:, None], clusters, n=n, seed=seed)
        share, low, high, _ = found
    return {"n_groups": n_groups, "called_fake": share, "low": float(low), "high": float(high)}


def _looked_up(scores: pd.DataFrame, by_clip: Mapping[str, str | None]) -> pd.Series:
    """What is known of each row's clip."""
    found = [by_clip.get(clip) for clip in scores["utterance"]]
    return pd.Series(found, scores.index, dtype=object).fillna(UNKNOWN).astype(str)
