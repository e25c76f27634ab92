"""The result of an experiment: one JSON that says everything, beside one Parquet of scores."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tells.errors import TellsError
from tells.files import replacing
from tells.metrics.classification import confusion_matrix
from tells.metrics.scores import (
    DETECTION,
    check_scores,
    load_scores,
    predict,
    predict_at_threshold,
    significant,
    without_folder,
    write_scores,
)

SCHEMA = 1

_SPLITS = ("train", "validation", "test")
_OLD_NAMES = {"skipped": "exclusions", "scaled": "normalise"}  # in records of older versions
# left out of the file if not known
_OPTIONAL = ("inputs", "threshold", "confusion_matrix_at_threshold", "study")


@dataclass(frozen=True)
class Record:
    """What an experiment was, on what, and what came out.

    Two runs with one seed give equal records, on any machine: wall time and date are not part of
    it, numbers keep six significant digits, and of an absolute path only the last component
    stays. Making a record checks it.

    Thesis: 5.3. Chapter: 05_3_2_speech_experiment_2, results.
    """

    experiment: str  # "ser-2"; names the files
    title: str
    chapter: str  # "05_3_2_speech_experiment_2"
    data: str  # "understudy" for the procedural demo, else the corpus: "ravdess", "iemocap" ...
    adapter: str  # the function of tells.corpora that read it
    classes: Sequence[str]  # in the order of the confusion matrix
    split: Mapping[str, Sequence[Any]]  # {"train": [folds], "validation": [...], "test": [...]}
    parameters: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]  # see `versions`
    counts: Mapping[str, Mapping[str, int]]  # {"train": {class: segments}, ...}, before balancing
    exclusions: Mapping[str, int]  # {reason: segments}
    metrics: Mapping[str, Mapping[str, float]]  # {name: {"value", "low", "high"}}, see `evaluate`
    confusion_matrix: Sequence[Sequence[int]]  # rows = true class
    training: Mapping[str, Any] = field(default_factory=dict)  # {"epochs": n, "best_epoch": n ...}
    # of a detector alone; see `evaluate`
    threshold: float | None = None  # chosen on the validation folder; of a study, in its scores
    confusion_matrix_at_threshold: Sequence[Sequence[int]] | None = None
    inputs: Mapping[str, Any] | None = None  # {"files": digest of the corpus, chapter: its run}
    # of a study alone: {"folds": [those tested together], "seeds": [], "by_seed": {metric: []}}
    study: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            object.__setattr__(self, one.name, _to_jsonable(getattr(self, one.name), one.name))
        object.__setattr__(self, "classes", tuple(self.classes))
        _check_record(self)

    @property
    def n_test(self) -> int:
        """Number of segments of the test split; a study has tested each once a seed."""
        return sum(self.counts["test"].values()) // len(self.study["seeds"] if self.study else [0])

    @property
    def seeds(self) -> str:
        """The seed or seeds, as figures name them, `seed 0` or `seeds 0, 1, 2`."""
        seeds = self.study["seeds"] if self.study else [self.seed]
        return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def write(record: Record, scores: pd.DataFrame, folder: str | Path) -> Path:
    """Write `<experiment>.json` and `<experiment>.scores.parquet`.

    Equal results give equal bytes. Each file is replaced as a whole, so a run that is killed
    leaves the old one or the new one.

    Args:
        record: the record.
        scores: the test set's score table.
        folder: made if it does not exist. Records of real corpora are committed under
            `data/results/<corpus>/`.

    Returns:
        The path of the JSON.

    Raises:
        TellsError: scores that are unusable or do not belong to the record.

    Thesis: 5.3. Chapter: 05_3_2_speech_experiment_2.
    """
    _check_match(record, scores)
    folder = Path(folder)
    path = folder / f"{record.experiment}.json"
    write_scores(scores_path(path), scores, record.classes)
    content = {k: v for k, v in asdict(record).items() if k not in _OPTIONAL or v is not None}
    content["schema"] = SCHEMA
    text = json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as beside:
        beside.write_text(text + "\n", encoding="utf-8")
    return path


def read(path: str | Path) -> Record:
    """The record in a JSON file.

    Raises:
        TellsError: no such file, not JSON, another schema, a field that is missing or unknown, a
            value that is not a number, or parts that contradict each other.

    Thesis: 5.3. Chapter: results.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TellsError(
            f"{path} must be a record in JSON; it cannot be read ({error}): run the experiment."
        ) from error
    schema = content.pop("schema", None) if isinstance(content, dict) else None
    if schema != SCHEMA:
        raise TellsError(
            f"{path} must be a record of schema {SCHEMA}; got schema {schema}: "
            "run the experiment again, or use the version of tells that wrote it."
        )
    content = _renamed(content)
    if isinstance(content.get("parameters"), dict):
        content["parameters"] = _renamed(content["parameters"])
    names = {one.name for one in fields(Record)}
    missing, unknown = names - set(_OPTIONAL) - set(content), set(content) - names
    if missing or unknown:
        raise TellsError(
            f"{path} must have the fields of a record; "
            f"missing: {', '.join(sorted(missing)) or 'none'}; "
            f"unknown: {', '.join(sorted(unknown)) or 'none'}."
        )
    try:
        return Record(**content)
    except TellsError as error:
        raise TellsError(f"{path}: {error}") from error
    except (TypeError, AttributeError, KeyError) as error:
        raise TellsError(
            f"{path} must hold lists, dicts and numbers where a record does; got something else "
            f"({error}): run the experiment again."
        ) from error


def read_scores(path: str | Path) -> pd.DataFrame:
    """The score table of a record.

    Args:
        path: of the record (`ser-2.json`) or of its scores (`ser-2.scores.parquet`). The table is
            checked against the record wherever that lies beside it.

    Returns:
        The table, its rows sorted by segment, its columns `p_<class>` in the record's order.

    Raises:
        TellsError: no such file, or a table that is unusable or not the record's.

    Thesis: 5.3. Chapter: results.
    """
    path = Path(path)
    if path.suffix == ".json":
        record_path, path = path, scores_path(path)
    else:
        record_path = path.with_name(path.name.replace(".scores.parquet", ".json"))
    scores = load_scores(path)
    if record_path.suffix == ".json" and record_path.exists():
        try:
            _check_match(read(record_path), scores)
        except TellsError as error:
            raise TellsError(f"{path}: {error}") from error
    return scores


def scores_path(record: str | Path) -> Path:
    """Where the scores of a record lie: `ser-2.json` -> `ser-2.scores.parquet`."""
    record = Path(record)
    return record.with_name(f"{record.stem}.scores.parquet")


def _to_jsonable(value: Any, where: str) -> Any:  # noqa: ANN401
    """A value as JSON can hold it, without NaN, absolute paths and digits that mean nothing."""
    if isinstance(value, Mapping):
        return {str(key): _to_jsonable(v, f"{where}[{str(key)!r}]") for key, v in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_to_jsonable(v, f"{where}[{i}]") for i, v in enumerate(ordered)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (str, Path)):
        return without_folder(str(value))
    if value is None or isinstance(value, (bool, int)):
        return value
    if not isinstance(value, float):
        raise TellsError(f"a record holds texts and numbers; got {where} = {value!r}.")
    if not math.isfinite(value):
        raise TellsError(f"a record must hold finite numbers; got {where} = {value}.")
    return significant(value)


def _renamed(content: Mapping[str, Any]) -> dict[str, Any]:
    return {_OLD_NAMES.get(name, name): value for name, value in content.items()}


def _check_record(record: Record) -> None:
    sums = _row_sums(record, "confusion_matrix")
    for name in ("split", "counts"):
        if set(getattr(record, name)) != set(_SPLITS):
            raise TellsError(
                f"{name} must have the keys {', '.join(_SPLITS)}; got "
                f"{', '.join(getattr(record, name)) or 'none'} (an empty list or dict is allowed)."
            )
    seen = set(map(str, [*record.split["train"], *record.split["validation"]]))
    if shared := seen & set(map(str, record.split["test"])):
        raise TellsError(
            f"split's test folds must not be trained on; {', '.join(sorted(shared))} is in test "
            "and in train or validation."
        )
    threshold, there = record.threshold, record.confusion_matrix_at_threshold
    if threshold is not None or there is not None:
        in_scores = threshold is None and record.study is not None
        if there is None or not (in_scores or 0 <= (-1 if threshold is None else threshold) <= 1):
            raise TellsError(
                "threshold must be a probability, and come with confusion_matrix_at_threshold; got "
                f"{threshold} with {there}: see evaluate."
            )
        if record.classes != DETECTION:
            raise TellsError(
                f"threshold is for the classes {', '.join(DETECTION)}; got "
                f"{', '.join(record.classes)}."
            )
        if (counted := _row_sums(record, "confusion_matrix_at_threshold")) != sums:
            raise TellsError(
                "confusion_matrix_at_threshold must count the same segments as confusion_matrix, "
                f"{sums}; got {counted}."
            )
    counted = {c: n for c, n in record.counts["test"].items() if n}
    if counted != {c: n for c, n in sums.items() if n}:
        raise TellsError(
            f"counts['test'] must be the sums of the confusion matrix's rows, {sums}; got "
            f"{counted}: evaluate the same table that was counted."
        )
    for name, metric in record.metrics.items():
        numbers = [value for value in metric.values() if isinstance(value, (int, float))]
        if set(metric) != {"value", "low", "high"} or len(numbers) != len(metric):
            raise TellsError(
                f"metrics[{name!r}] must have value, low and high, all numbers; got {metric}."
            )


def _row_sums(record: Record, name: str) -> dict[str, int]:
    """Samples of each class by one of the record's matrices, whose shape is checked."""
    matrix, k = getattr(record, name), len(record.classes)
    if k < 2 or len(matrix) != k or any(len(row) != k for row in matrix):
        raise TellsError(
            f"{name} must have a row and a column for each of the classes "
            f"{', '.join(record.classes)}; got {matrix}."
        )
    return {one: sum(row) for one, row in zip(record.classes, matrix, strict=True)}


def _check_match(record: Record, scores: pd.DataFrame) -> None:
    check_scores(scores, record.classes)
    found = scores["label"].value_counts()
    if any(int(found.get(c, 0)) != record.counts["test"].get(c, 0) for c in record.classes):
        raise TellsError(
            f"scores must be those of the record {record.experiment}, with {record.n_test} test "
            f"segments ({record.counts['test']}); got {len(scores)} ({found.to_dict()})."
        )
    matrices = [("confusion_matrix", predict(scores, record.classes))]
    if record.confusion_matrix_at_threshold is not None:
        at_threshold = predict_at_threshold(scores, record.threshold)
        matrices.append(("confusion_matrix_at_threshold", at_threshold))
    for name, predictions in matrices:
        counted = confusion_matrix(scores["label"], predictions, classes=record.classes).tolist()
        if counted != getattr(record, name):
            raise TellsError(
                f"scores must be those of the record {record.experiment}, whose {name} is "
                f"{getattr(record, name)}; theirs is {counted}: run the experiment again."
            )
