"""Splits into training, validation and test by fold: no speaker, no original is in two of them."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from tells.corpora.deepfakes import DETECTION_CLASSES
from tells.corpora.table import check_table
from tells.errors import TellsError

MAX_SHOWN = 5  # of what two sets share


def split(
    table: pd.DataFrame,
    *,
    test: Sequence[str],
    validation: Sequence[str],
    train: Sequence[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Divide a table by its folds.

    Args:
        table: a corpus's table, or segments cut from it.
        test: names of folds, such as `["5"]`.
        validation: names of folds.
        train: names of folds; None or none takes all that remain. Folds named nowhere are left out.

    Returns:
        The tables "train", "validation" and "test", rows in their order.

    Raises:
        TellsError: a fold is unknown or in two sets, a set is empty, a speaker or a fake's
            source is in two sets, the training set lacks a class that the table has, or, of
            real and faked clips, any set lacks one of the two.

    Thesis: 5.2.
    """
    check_table(table, ("label", "speaker", "fold"))
    known = sorted(table["fold"].dropna().unique())
    sets = {"test": _names("test", test, known)}
    sets["validation"] = _names("validation", validation, known)
    if train is None or (isinstance(train, list | tuple) and not train):
        sets["train"] = tuple(sorted(set(known).difference(*sets.values())))
    else:
        sets["train"] = _names("train", train, known)
    _check_apart("fold", sets)
    parts = {
        name: table[table["fold"].isin(sets[name]).to_numpy(dtype=bool)]
        for name in ("train", "validation", "test")
    }
    for name, part in parts.items():
        if part.empty:
            raise TellsError(f"{name} must hold at least one of the folds {', '.join(known)}")
    for column in ("speaker", "source"):
        if column in table.columns:
            groups = {name: set(part[column].dropna()) for name, part in parts.items()}
            _check_apart(column, groups)
    classes = set(table["label"].dropna())
    detection = classes and classes <= set(DETECTION_CLASSES)
    for name in parts if detection else ("train",):
        needed = set(DETECTION_CLASSES) if detection else classes
        absent = sorted(needed - set(parts[name]["label"].dropna()))
        if absent:
            raise TellsError(
                f"{name} has no {' and no '.join(absent)}, which it needs; put more folds into "
                f"{name} or, if it is one of several emotions, leave it out with select"
            )
    return parts


def count_classes(
    parts: Mapping[str, pd.DataFrame], weights: str | None = None
) -> dict[str, dict[str, int]]:
    """How many rows of each class each part of a split has.

    Args:
        parts: of a split; what it lacks of training, validation and test is empty.
        weights: a column that says how much each row counts, such as `rows`; None counts each once.

    Returns:
        `{part: {class: n}}`, the most frequent class of a part first.

    Thesis: 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    counts: dict[str, dict[str, int]] = {name: {} for name in ("train", "validation", "test")}
    for name, part in parts.items():
        ones = pd.Series(1, part.index) if weights is None else part[weights]
        n = ones.groupby(part["label"].to_numpy()).sum().sort_values(ascending=False, kind="stable")
        counts[name] = {str(label): int(value) for label, value in n.items()}
    return counts


def _names(argument: str, folds: object, known: Sequence[str]) -> tuple[str, ...]:
    shown = ", ".join(repr(fold) for fold in known) or "none"
    if isinstance(folds, str) or not isinstance(folds, Sequence | set | frozenset):
        raise TellsError(f"{argument} must be a list of folds out of {shown}, not {folds!r}")
    if not folds:
        raise TellsError(f"{argument} must name at least one fold out of {shown}; it is empty")
    unknown = [fold for fold in folds if fold not in known]
    if unknown:
        raise TellsError(f"{argument} names unknown folds {unknown!r}; the table has {shown}")
    return tuple(folds)


def _check_apart(kind: str, sets: Mapping[str, Sequence[str] | set[str]]) -> None:
    for one, other in combinations(sets, 2):
        shared = sorted(set(sets[one]) & set(sets[other]))
        if shared:
            shown = ", ".join(shared[:MAX_SHOWN])
            more = f" and {len(shared) - MAX_SHOWN} more" if len(shared) > MAX_SHOWN else ""
            raise TellsError(
                f"{one} and {other} share the {kind} {shown}{more}; a {kind} must be in one set "
                "only, or the result says nothing about new people"
            )
