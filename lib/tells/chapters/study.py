"""A study: one chapter run for every test fold of a corpus in turn, several seeds each.

A single split says what a network makes of two or four speakers, and a single seed what one start
makes of it. Studies say both: each speaker is tested once by a network that never heard it, and
each such network is trained several times. The runs are those that `tells run` would make, found
if they are there; their scores are pooled by `tells.results.pool`.

Thesis: none; it tests on one session, once. Chapter: results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tells import corpora, results
from tells.chapters.question import Question, decisive
from tells.chapters.run import Run
from tells.chapters.runner import Job, execute_all
from tells.chapters.source import Chapter, find, preset, resolve
from tells.errors import TellsError

_SHARED = ("build", "feature_store", "understudy", "scheduler")  # places of all runs of a study


def fold_groups(
    corpus: corpora.Corpus, size: int, given: Sequence[Sequence[str]] = ()
) -> list[list[str]]:
    """The folds of a corpus in the groups that are tested in turn.

    Args:
        corpus: of which every fold is tested once.
        size: folds in a group; the last group may have fewer.
        given: groups to take instead.

    Returns:
        The groups, in the order of their names.

    Raises:
        TellsError: a given fold is not there or comes twice, or fewer than three groups are left,
            one each to test on, to choose on and to train on.

    Thesis: none. Chapter: results.
    """
    there = sorted(corpus.table["fold"].unique(), key=lambda fold: (len(fold), fold))
    groups = [list(group) for group in given] or [
        there[start : start + size] for start in range(0, len(there), size)
    ]
    asked = [fold for group in groups for fold in group]
    if missing := sorted(set(asked) - set(there)):
        raise TellsError(
            f"folds must be among those of {corpus.name}, which are {', '.join(there)} here; got "
            f"{', '.join(missing)}."
        )
    if len(asked) > len(set(asked)):
        raise TellsError(f"folds must each stand in one group; got {', '.join(asked)}.")
    if len(groups) < 2 or len(there) <= max(map(len, groups)) * 2:
        raise TellsError(
            f"a study needs folds to test on, to choose on and to train on; {corpus.name} has "
            f"{', '.join(there)} here, in groups of {size}: take smaller groups, or more of it."
        )
    return groups


def plan(
    chapter: Chapter,
    values: Mapping[str, Any],
    *,
    seeds: int = 3,
    folds: Sequence[Sequence[str]] = (),
) -> tuple[list[Job], list[Job]]:
    """The runs of a study, and the runs of other chapters that they use.

    Each group of folds is tested in turn; the next one chooses the epoch; all that remain train. A
    network that a run uses has been trained without that run's test and validation speakers too,
    where both corpora hold the same people.

    Args:
        chapter: with the parameters `test_folds`, `validation_folds` and `seed`.
        values: its parameters, as from `tells.chapters.resolve`.
        seeds: how many, from the parameter `seed` on.
        folds: groups to be tested; none takes all, as many in a group as `test_folds` has.

    Returns:
        The study's own runs, and those that come before them.

    Raises:
        TellsError: a chapter without folds, fewer than one seed, or see `fold_groups`.

    Thesis: none. Chapter: results.
    """
    known = chapter.parameters()
    if missing := [
        name for name in ("test_folds", "validation_folds", "seed") if name not in known
    ]:
        raise TellsError(
            f"{chapter.name} tests no folds: it has no parameter {', '.join(missing)}."
        )
    if seeds < 1:
        raise TellsError(f"seeds must be 1 or more; got {seeds}.")
    first = Run(chapter, values)
    options = first.parameters.get("corpus_options", first.parameters.get("video_options"))
    loaded = corpora.load(first.corpus, first.root, **(options or {}))
    groups = fold_groups(loaded, len(first.parameters["test_folds"]), folds)
    own, before = [], {}
    for offset in range(seeds):
        for test, validation in zip(groups, [*groups[1:], groups[0]], strict=True):
            split = {"test_folds": test, "validation_folds": validation, "train_folds": []}
            asked = {"seed": first.seed + offset, **split}
            job = _job(chapter, values, asked, first.corpus, before)
            own.append(job)
    return own, list(before.values())


def _job(
    chapter: Chapter,
    values: Mapping[str, Any],
    asked: Mapping[str, Any],
    people: str,
    before: dict[str, Job],
) -> Job:
    """A run of a chapter with the folds and the seed that are asked for, after those it uses."""
    known = chapter.parameters()
    complete = {name: one.default for name, one in known.items()} | dict(values)
    corpus = complete.get("corpus", "iemocap")
    same = corpora.people(corpus) == corpora.people(people)
    taken = {k: v for k, v in asked.items() if k in known and (k == "seed" or same)}
    after = []
    for other in map(find, chapter.uses):
        chosen = {find(k).name: v for k, v in complete["uses"].items()}.get(
            other.name, complete["preset"]
        )
        if Path(chosen).is_absolute():  # a run that somebody has named stays as it is
            continue
        shared = {name: complete[name] for name in _SHARED if name in complete} | {"preset": chosen}
        given = {name: value for name, value in shared.items() if name in other.parameters()}
        theirs = _job(other, resolve(other, given, preset(chosen)), asked, people, before)
        before[theirs.name] = theirs
        after.append(theirs.name)
    folds = f"{', '.join(taken['test_folds'])} of {corpus}, " if "test_folds" in taken else ""
    name = f"{chapter.name}, {folds}seed {taken.get('seed', 0)}"
    return Job(name, chapter, dict(values) | taken, tuple(after), pinned=True)


def make_study(
    chapter: Chapter,
    values: Mapping[str, Any],
    *,
    seeds: int = 3,
    folds: Sequence[Sequence[str]] = (),
    scheduler: str | None = None,
    jobs: int | None = None,
    say: Callable[[str], None] = print,
) -> list[Path]:
    """Make every run of a study that is not there yet, and pool the scores of each experiment.

    Killed and started again, it goes on: runs that were finished are found.

    Args:
        chapter: see `plan`.
        values: see `plan`.
        seeds: see `plan`.
        folds: see `plan`.
        scheduler: address of a Dask scheduler; None takes this machine.
        jobs: runs at a time on this machine; None takes one for each core.
        say: what to do with a line about each run.

    Returns:
        The paths of the pooled records, one for each experiment of the chapter.

    Raises:
        TellsError: runs failed; the message says why of each. The others were made all the same,
            and nothing is pooled.

    Thesis: none. Chapter: results.
    """
    own, before = plan(chapter, values, seeds=seeds, folds=folds)
    answers = execute_all([*before, *own], scheduler=scheduler, jobs=jobs, say=say, progress=True)
    runs = {job.name: Path(answers[job.name].folder) for job in own}
    first = Run(chapter, values)
    question = Question(
        chapter.name,
        decisive(first.parameters),
        {"name": first.data},
        {job.name: runs[job.name].name for job in own},
    )
    return results.pool(
        [
            results.StudyRun(runs[job.name], tuple(job.values["test_folds"]), job.values["seed"])
            for job in own
        ],
        first.places.build / "studies" / chapter.name / question.name / "records",
    )
