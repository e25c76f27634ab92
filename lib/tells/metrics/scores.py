"""The table of scores that an experiment makes on its test set: a row for each segment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tells.errors import TellsError
from tells.files import replacing

COLUMNS = ("segment", "file", "utterance", "group", "label")  # then p_<class> for each class
# of the pooled scores of a study: the folds that the network was tested on, its seed, and of a
# detector the threshold that its validation folds chose
POOLED = ("fold", "seed", "threshold")
DETECTION = ("real", "fake")  # the classes of a detector; the second one is positive

_DIGITS = 6  # significant digits of a number in a record
_SUM_TOLERANCE = 1e-3  # float32 or half-precision softmax does not sum to 1 exactly


def classes_of(scores: pd.DataFrame) -> tuple[str, ...]:
    """The classes of a score table, in the order of its columns `p_<class>`."""
    return tuple(str(c).removeprefix("p_") for c in scores.columns if str(c).startswith("p_"))


def probabilities(scores: pd.DataFrame, classes: Sequence[str]) -> np.ndarray:
    """The columns `p_<class>` of a score table as an array of shape (n, k), in this order.

    Raises:
        TellsError: a column is missing.
    """
    columns = [f"p_{name}" for name in classes]
    if missing := [name for name in columns if name not in scores]:
        raise TellsError(
            f"scores must have a column for each class; {', '.join(missing)} not among "
            f"{', '.join(map(str, scores.columns))}: name the model's classes."
        )
    return scores[columns].to_numpy(dtype=float)


def predict(scores: pd.DataFrame, classes: Sequence[str]) -> np.ndarray:
    """The most probable class of each row; of equally probable ones, the first of `classes`.

    Args:
        scores: a score table, with a column `p_<class>` for each class.
        classes: the classes.

    Returns:
        Shape (n,), of the classes' names.

    Thesis: 5.1. Chapter: 05_1_metrics.
    """
    return np.asarray(classes, dtype=object)[probabilities(scores, classes).argmax(axis=1)]


def predict_at_threshold(scores: pd.DataFrame, threshold: float | None = None) -> np.ndarray:
    """What a detector says at a threshold: fake where P(fake) is greater, else real.

    At 0.5 that is what `predict` gives for the classes real and fake.

    Args:
        scores: a detector's score table, with the column `p_fake`.
        threshold: in [0, 1]; chosen on the validation folder (`best_threshold`), never on the
            table that is judged. None takes that of each row, of the pooled scores of a study.

    Returns:
        Shape (n,), of `real` and `fake`.

    Raises:
        TellsError: the column is missing, or a threshold outside [0, 1].

    Thesis: 5.1. Chapter: 05_1_metrics.
    """
    if threshold is None:
        threshold = scores["threshold"].to_numpy(dtype=float)
    elif not 0 <= threshold <= 1:
        raise TellsError(f"threshold must be a probability in [0, 1]; got {threshold}.")
    called = probabilities(scores, DETECTION[1:])[:, 0] > threshold
    return np.asarray(DETECTION, dtype=object)[called.astype(int)]


def check_scores(scores: pd.DataFrame, classes: Sequence[str]) -> None:
    """Refuse a score table that could not be evaluated.

    Args:
        scores: columns `segment` (unique), `file`, `utterance`, `group` (speaker, or whatever
            must not be shared between training and test), `label`, and `p_<class>` for each
            class; the probabilities of a row sum to 1. Pooled scores of a study have `fold` and
            `seed` too, and a detector's `threshold`; each seed has every segment once.
        classes: the classes, in the order in which they are to be shown.

    Raises:
        TellsError: a column is missing or unknown, a value is missing, a label is not among
            `classes`, a segment comes twice, or probabilities do not sum to 1.
    """
    expected = [*COLUMNS, *(f"p_{name}" for name in classes)]
    if "seed" in scores:
        expected += [name for name in POOLED if name in scores or name != "threshold"]
    if set(scores.columns) != set(expected):
        raise TellsError(
            f"scores must have the columns {', '.join(expected)}; "
            f"missing: {', '.join(c for c in expected if c not in scores) or 'none'}; "
            f"unknown: {', '.join(str(c) for c in scores if c not in expected) or 'none'}."
        )
    if len(scores) == 0:
        raise TellsError("scores must have at least one row; got none: is the test split empty?")
    if (holes := scores[expected].isna().sum()).any():
        raise TellsError(
            f"scores must be complete; {holes[holes > 0].index[0]} is missing (NaN) in "
            f"{holes[holes > 0].iloc[0]} of {len(scores)} rows: mend or drop those rows."
        )
    own = [name for name in ("seed", "segment") if name in scores]
    if scores.duplicated(own).any():
        twice = scores.loc[scores.duplicated(own), "segment"]
        raise TellsError(f"scores must hold a segment once; {twice.iloc[0]} comes more than once.")
    if "seed" in scores and (n := scores.groupby("seed").size()).nunique() > 1:
        raise TellsError(
            "scores must hold the same segments for each seed; got "
            f"{', '.join(f'{count} of seed {seed}' for seed, count in n.items())}: make the study "
            "again."
        )
    if not scores["label"].isin(list(classes)).all():
        strange = scores.loc[~scores["label"].isin(list(classes)), "label"]
        raise TellsError(
            f"scores' labels must be among {', '.join(classes)}; got {strange.iloc[0]!r} in "
            f"{len(strange)} of {len(scores)} rows."
        )
    columns = probabilities(scores, classes)
    off = np.abs(columns.sum(axis=1) - 1)
    if not (off.max() <= _SUM_TOLERANCE and columns.min() >= 0):
        raise TellsError(
            "scores' probabilities must be at least 0 and sum to 1 in each row; the least is "
            f"{columns.min():.4g} and a sum is off by {off.max():.4g}: apply the softmax."
        )


def most_confident_errors(scores: pd.DataFrame, *, n: int = 10) -> pd.DataFrame:
    """The segments about which a model was most certain and wrong, at most one an utterance.

    Args:
        scores: a score table.
        n: how many at most.

    Returns:
        Rows of the table, the most certain first, with the columns `predicted`, the class that was
        chosen, and `certainty`, its probability.

    Thesis: none; section 5.4 shows no errors. Chapter: 05_4_1_video_experiment_1.
    """
    classes = classes_of(scores)
    certainty = probabilities(scores, classes).max(axis=1)
    table = scores.assign(predicted=predict(scores, classes), certainty=certainty)
    table = table[table["predicted"] != table["label"]]
    table = table.sort_values(["certainty", "segment"], ascending=[False, True])
    return table.drop_duplicates(["group", "utterance"]).head(n).reset_index(drop=True)


def by_utterance(scores: pd.DataFrame) -> pd.DataFrame:
    """One row for each utterance: the probabilities averaged over its overlapping windows.

    Pooled scores have one for each seed.

    Raises:
        TellsError: windows of one utterance carry different labels.
    """
    columns = [f"p_{name}" for name in classes_of(scores)]
    pooled = [name for name in POOLED if name in scores]
    utterances = scores.groupby([*(["seed"] if pooled else []), "group", "utterance"], sort=True)
    mixed = utterances["label"].nunique()
    if (mixed > 1).any():
        raise TellsError(
            f"the windows of an utterance must carry one label; {mixed.idxmax()[-1]} has "
            f"{mixed.max()}: give each differently labelled stretch its own utterance."
        )
    kept = ["file", "label", *(name for name in pooled if name != "seed")]
    table = utterances[kept].first().join(utterances[columns].mean()).reset_index()
    return table.assign(segment=table["utterance"])[[*COLUMNS, *columns, *pooled]]


def write_scores(path: str | Path, scores: pd.DataFrame, classes: Sequence[str]) -> None:
    """Write a checked score table as Parquet, its rows sorted by segment.

    Equal tables give equal bytes, whatever the order of their rows. Of an absolute path in
    `segment`, `file` or `utterance` only the last component is kept.

    Args:
        path: of the file; its folder is made if it does not exist.
        scores: the table.
        classes: the classes, in the order of the columns.

    Raises:
        TellsError: see `check_scores`.

    Thesis: 5.3. Chapter: 05_5_1_audio_detection.
    """
    pooled = [name for name in POOLED if name in scores]
    table = scores[[*COLUMNS, *(f"p_{name}" for name in classes), *pooled]].copy()
    texts = [*COLUMNS, *(name for name in pooled if name == "fold")]
    for name in texts:
        table[name] = [without_folder(str(value)) for value in table[name]]
    check_scores(table, classes)
    order = [*(name for name in pooled if name == "seed"), "segment"]
    table = table.sort_values(order, kind="stable").reset_index(drop=True)
    arrays = {name: pa.array(table[name].tolist(), pa.string()) for name in texts}
    for name in table.columns.drop(texts):
        kind = pa.int64() if name == "seed" else pa.float64()
        arrays[name] = pa.array(table[name].tolist(), kind)
    with replacing(path) as beside:
        pq.write_table(pa.table(arrays), beside, compression="zstd")


def load_scores(path: Path) -> pd.DataFrame:
    """A checked score table; its classes are those of its columns.

    Raises:
        TellsError: no such file, not Parquet, or see `check_scores`.
    """
    try:
        scores = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise TellsError(
            f"{path} must be a Parquet file of scores; it is missing or damaged "
            f"({type(error).__name__}): run the experiment again."
        ) from error
    try:
        check_scores(scores, classes_of(scores))
    except TellsError as error:
        raise TellsError(f"{path}: {error}") from error
    return scores


def significant(value: float) -> float:
    """A number as a record keeps it, without the digits that mean nothing."""
    return float(f"{value:.{_DIGITS}g}")


def without_folder(value: str) -> str:
    """A text as it is, or the last component of one that is an absolute path.

    Results are shared; the folders of the machine that made them are nobody's business, and two
    machines' records of one run should be equal.
    """
    local = value.removeprefix("file://")
    for kind in (PurePosixPath, PureWindowsPath):
        if kind(local).is_absolute():
            return kind(local).name or "."
    return value
