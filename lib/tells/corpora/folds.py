"""Splits into training, validation and test by fold, so that no speaker is in two of them."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from tells.corpora.spans import check_table
from tells.errors import TellsError


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
        train: names of folds; None takes all that remain. Folds named nowhere are left out.

    Returns:
        The tables "train", "validation" and "test", rows in their order.

    Raises:
        TellsError: a fold is unknown or in two sets, a set is empty, a speaker is in two sets,
            or the training set lacks a class that the table has.

    Thesis: 5.2.
    """
    check_table(table, ("label", "speaker", "fold"))
    known = sorted(table["fold"].dropna().unique())
    sets = {
        "test": _names("test", test, known),
        "validation": _names("validation", validation, known),
    }
    if train is None:
        rest = set(known) - set(sets["test"]) - set(sets["validation"])
        sets["train"] = tuple(sorted(rest))
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
    _check_apart("speaker", {name: set(part["speaker"].dropna()) for name, part in parts.items()})
    _check_classes(table, parts["train"])
    return parts


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
            raise TellsError(
                f"{one} and {other} share the {kind} {', '.join(shared)}; a {kind} must be in one "
                "set only, or the result says nothing about new speakers"
            )


def _check_classes(table: pd.DataFrame, train: pd.DataFrame) -> None:
    absent = sorted(set(table["label"].dropna()) - set(train["label"].dropna()))
    if absent:
        raise TellsError(
            f"train has no {' and no '.join(absent)}, which other folds have; put more folds into "
            "train or leave the class out with select"
        )
