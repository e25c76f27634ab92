"""The pooled results of a study: every test fold in turn, several seeds, one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tells.errors import TellsError
from tells.metrics.summary import evaluate
from tells.results.records import Record, read, read_scores, write

_SHARED = ("title", "chapter", "data", "adapter", "classes")  # by all runs of a study


class StudyRun(NamedTuple):
    """One run of a study: its folder, the folds that it tests, and its seed."""

    folder: Path
    folds: tuple[str, ...]
    seed: int


def pool(runs: Sequence[StudyRun], folder: str | Path) -> list[Path]:
    """Pool the out-of-fold scores of a study, and write a record of each of its experiments.

    Each seed has tested every segment once, by a network that never heard or saw its speaker. A
    metric is computed of all segments of a seed, and averaged over the seeds. Its interval draws
    speakers and their utterances as that of a single run does (see
    `tells.metrics.bootstrap_interval`): it covers whom the corpus happens to hold, and neither the
    seeds, whose values the record lists, nor that the folds' networks share most of their training
    data.

    Args:
        runs: finished ones, every group of folds with every seed.
        folder: of the records; made if it does not exist.

    Returns:
        The paths of the records. Their scores have the columns `fold`, `seed` and, of a detector,
        `threshold`, that of each run.

    Raises:
        TellsError: runs that lack an experiment, or are not of one study.

    Thesis: none; it tests one session with one seed. Chapter: results.
    """
    found = {run: {p.stem: p for p in (run.folder / "records").glob("*.json")} for run in runs}
    experiments = sorted(set().union(*found.values()))
    for run, records in found.items():
        if missing := [name for name in experiments if name not in records]:
            raise TellsError(
                f"{run.folder} must hold the same experiments as the study's other runs; it lacks "
                f"{', '.join(missing)}: make it again with --again."
            )
    paths = []
    for name in experiments:
        parts = [(run, read(found[run][name]), read_scores(found[run][name])) for run in runs]
        tables = []
        for run, record, scores in parts:
            table = scores.assign(fold=", ".join(run.folds), seed=run.seed)
            tables.append(
                table if record.threshold is None else table.assign(threshold=record.threshold)
            )
        scores = pd.concat(tables, ignore_index=True)
        paths.append(
            write(_record([(run, record) for run, record, _ in parts], scores), scores, folder)
        )
    return paths


def _record(parts: Sequence[tuple[StudyRun, Record]], scores: pd.DataFrame) -> Record:
    """What the runs have in common, and the metrics of their pooled scores."""
    runs, records = zip(*parts, strict=True)
    first = records[0]
    for record in records[1:]:
        for name in _SHARED:
            if getattr(record, name) != getattr(first, name):
                raise TellsError(
                    f"the runs of a study must agree in {name}; got {getattr(first, name)} and "
                    f"{getattr(record, name)} of {first.experiment}."
                )
    seeds = sorted({run.seed for run in runs})
    each = [evaluate(one, n=100).metrics for _, one in scores.groupby("seed")]
    counts = scores["label"].value_counts()
    return Record(
        experiment=first.experiment,
        **{name: getattr(first, name) for name in _SHARED},
        split={
            "train": [],
            "validation": [],
            "test": sorted({f for run in runs for f in run.folds}),
        },
        parameters=_merged([record.parameters for record in records]),
        seed=seeds[0],
        versions=_merged([record.versions for record in records]),
        counts={"train": {}, "validation": {}, "test": {c: int(counts[c]) for c in first.classes}},
        exclusions={
            reason: max(record.exclusions.get(reason, 0) for record in records)
            for reason in sorted(set().union(*(record.exclusions for record in records)))
        },
        training={name: [record.training[name] for record in records] for name in first.training},
        inputs=None if first.inputs is None else _merged([record.inputs for record in records]),
        study={
            "folds": sorted({run.folds for run in runs}),
            "seeds": seeds,
            "by_seed": {name: [one[name]["value"] for one in each] for name in each[0]},
        },
        **evaluate(scores, seed=seeds[0])._asdict(),
    )


def _merged(several: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What all runs say; where they differ, each thing that is said."""
    merged = {}
    for name in dict.fromkeys(name for one in several for name in one):
        said = [one.get(name) for one in several]
        different = [one for i, one in enumerate(said) if one not in said[:i]]
        if len(different) == 1:
            merged[name] = different[0]
        elif all(isinstance(one, Mapping) for one in different):
            merged[name] = _merged(different)
        else:
            merged[name] = ", ".join(map(str, different))
    return merged
