"""Studies: every fold in turn, several seeds, one record; whatever happens in between."""

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from dask.distributed import Client, LocalCluster

from chapter_fixtures import HEADER
from tells import chapters, metrics, results
from tells.chapters import Chapter, Run
from tells.chapters.study import fold_groups, make_study, plan
from tells.corpora import Corpus
from tells.errors import TellsError

CHAPTER = (
    HEADER
    + """\
---

# A chapter

```{{code-cell}} ipython3
:tags: [parameters]

train_folds: list[str] = []  # sessions; none takes all others
validation_folds: list[str] = ["4"]  # sessions
test_folds: list[str] = ["5"]  # sessions
```

```{{code-cell}} ipython3
from pathlib import Path

import numpy as np
import pandas as pd

from tells.chapters import Chapter, Run
from tells.errors import TellsError

run = Run(Chapter(Path({path!r})), globals())
if (run.places.build / f"broken-{{test_folds[0]}}").exists():
    raise TellsError("the sound card is on fire.")
with (run.folder / "executed.txt").open("a") as file:
    file.write("once more\\n")
rng = np.random.default_rng([run.seed, int(test_folds[0])])
scores = pd.DataFrame({{
    "segment": [f"{{test_folds[0]}}-{{i}}" for i in range(12)], "file": "f",
    "utterance": [f"u{{i // 2}}" for i in range(12)], "label": ["anger", "neutral"] * 6,
    "group": [f"{{test_folds[0]}}{{'FM'[i // 6]}}" for i in range(12)],
    "p_anger": rng.uniform(size=12).round(3),
}})
scores["utterance"] += scores["label"]
scores["p_neutral"] = 1 - scores["p_anger"]
part = pd.DataFrame({{"label": scores["label"], "fold": test_folds[0]}})
run.record("made-up", "Made up", scores, {{"test": part}})
```
"""
)


@pytest.fixture(scope="module")
def studied(tmp_path_factory, understudy_root):
    """A chapter, and a function that gives the parameters of its runs in a folder of their own."""
    path = tmp_path_factory.mktemp("study") / "studied.md"
    path.write_text(CHAPTER.format(path=str(path)))
    chapter = Chapter(path)

    def values(build):
        places = {"build": str(build), "understudy": str(understudy_root)}
        return chapters.resolve(chapter, places, {})

    return chapter, values


FOLDS = [["1"], ["2"], ["5"]]


@pytest.fixture(scope="module")
def pooled(studied, tmp_path_factory):
    """A study of three sessions with two seeds: its folder of builds, and its record."""
    chapter, values = studied
    build = tmp_path_factory.mktemp("undisturbed")
    (path,) = make_study(chapter, values(build), seeds=2, folds=FOLDS, jobs=2, say=lambda _: None)
    return build, path


def executed(build):
    """How often the chapter was executed, by run."""
    return sorted(len(p.read_text().splitlines()) for p in build.glob("runs/*/*/executed.txt"))


# --- what is run --------------------------------------------------------------------------------


def corpus(*folds):
    table = pd.DataFrame({"fold": folds})
    return Corpus("ravdess", None, table, pd.DataFrame())


def test_every_fold_is_tested_once_in_the_order_of_the_names():
    assert fold_groups(corpus("10", "2", "1", "3", "3"), 1) == [["1"], ["2"], ["3"], ["10"]]
    assert fold_groups(corpus(*"abcdefg"), 2) == [["a", "b"], ["c", "d"], ["e", "f"], ["g"]]


@pytest.mark.parametrize(
    ("size", "given", "sentence"),
    [
        (1, [["1"], ["7"]], "folds must be among those of ravdess, which are 1, 2, 3 here; got 7"),
        (1, [["1"], ["2", "1"]], "folds must each stand in one group; got 1, 2, 1"),
        (2, [], "test on, to choose on and to train on; ravdess has 1, 2, 3 here, in groups of 2"),
    ],
)
def test_folds_that_make_no_study(size, given, sentence):
    with pytest.raises(TellsError, match=sentence):
        fold_groups(corpus("1", "2", "3"), size, given)


def test_validation_is_the_next_group_and_never_a_test_fold(studied, tmp_path):
    chapter, values = studied
    own, before = plan(chapter, values(tmp_path), seeds=2)
    assert before == []
    splits = [(j.values["test_folds"], j.values["validation_folds"], j.values["seed"]) for j in own]
    turns = [("1", "2"), ("2", "3"), ("3", "4"), ("4", "5"), ("5", "1")]
    assert splits == [([t], [v], seed) for seed in (0, 1) for t, v in turns]


def test_a_chapter_without_folds_is_no_study():
    chapter = chapters.find("05_1")
    with pytest.raises(TellsError, match="05_1_metrics tests no folds: it has no parameter test"):
        plan(chapter, {})


def test_no_seed_is_no_study(studied, tmp_path):
    chapter, values = studied
    with pytest.raises(TellsError, match="seeds must be 1 or more; got 0"):
        plan(chapter, values(tmp_path), seeds=0)


def test_a_network_that_is_used_has_not_heard_the_test_actors_either(understudy_root):
    chapter = chapters.find("05_5_3")
    given = {"preset": "tiny", "understudy": str(understudy_root)}
    given |= {"build": "elsewhere"}
    own, before = plan(chapter, chapters.resolve(chapter, given, chapters.preset("tiny")), seeds=1)
    assert {job.values["build"] for job in (*before, *own)} == {"elsewhere"}
    split = {j.name: (j.values.get("test_folds"), j.values["seed"]) for j in (*before, *own)}
    for job in own:
        used = [name for name in job.after if name.startswith("05_5_")]
        assert [split[name] for name in used] == [split[job.name]] * len(used) != []


# --- what is pooled -----------------------------------------------------------------------------


def test_pooled_scores_have_every_segment_once_a_seed(pooled):
    _, path = pooled
    scores, record = results.read_scores(path), results.read(path)
    assert len(scores) == 3 * 12 * 2
    assert not scores.duplicated(["seed", "segment"]).any()
    assert sorted(scores["fold"].unique()) == ["1", "2", "5"]
    assert record.study["folds"] == [["1"], ["2"], ["5"]]
    assert record.study["seeds"] == [0, 1]
    assert record.split == {"train": [], "validation": [], "test": ["1", "2", "5"]}
    assert (record.n_test, record.seeds) == (36, "seeds 0, 1")


def test_a_value_is_the_mean_over_the_seeds(pooled):
    _, path = pooled
    scores, record = results.read_scores(path), results.read(path)
    for name in ("balanced_accuracy", "auc_anger"):
        one = [
            metrics.bootstrap_interval(name, part, n=10).value for _, part in scores.groupby("seed")
        ]
        assert record.study["by_seed"][name] == pytest.approx(one, abs=1e-6)
        assert record.metrics[name]["value"] == pytest.approx(np.mean(one), abs=1e-6)
        assert record.metrics[name]["low"] < record.metrics[name]["value"]


def test_its_interval_draws_speakers_and_all_their_seeds(pooled):
    _, path = pooled
    scores = results.read_scores(path)
    assert metrics.bootstrap_interval("balanced_accuracy", scores, n=10).n_groups == 6
    # more seeds of the same speakers say no more about others
    once = scores[scores["seed"] == 0]
    again = pd.concat([once, once.assign(seed=1)])
    intervals = [metrics.bootstrap_interval("macro_auc", table) for table in (once, again)]
    assert intervals[0] == pytest.approx(intervals[1])


def test_runs_that_are_found_are_not_made_again(studied, pooled):
    chapter, values = studied
    build, path = pooled
    before = path.read_bytes()
    said = []
    again = make_study(chapter, values(build), seeds=2, folds=FOLDS, jobs=2, say=said.append)
    assert again == [path]
    assert (said, path.read_bytes()) == ([], before)
    assert executed(build) == [1] * 6


def test_a_run_that_fails_is_named_and_not_in_the_way(studied, tmp_path):
    chapter, values = studied
    (tmp_path / "broken-2").touch()
    sentence = r"^studied, 2 of iemocap, seed 0: the sound card is on fire.$"
    with pytest.raises(TellsError, match=sentence):
        make_study(chapter, values(tmp_path), seeds=1, folds=FOLDS, jobs=2, say=lambda _: None)
    assert executed(tmp_path) == [1, 1]
    assert not list(tmp_path.glob("studies/**/*.json"))
    (tmp_path / "broken-2").unlink()
    assert make_study(chapter, values(tmp_path), seeds=1, folds=FOLDS, say=lambda _: None)
    assert executed(tmp_path) == [1, 1, 1]


def test_a_worker_that_is_killed_changes_nothing(studied, pooled, tmp_path):
    chapter, values = studied
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs="CRITICAL"
    ) as cluster:
        found = []

        def study():
            asked = values(tmp_path)
            found.extend(
                make_study(
                    chapter, asked, seeds=2, folds=FOLDS, scheduler=cluster.scheduler_address,
                    say=lambda _: None,
                )
            )  # fmt: skip

        thread = threading.Thread(target=study)
        thread.start()
        while len(list(tmp_path.glob("runs/*/*/run.json"))) < 2:
            time.sleep(0.1)
        with Client(cluster) as client:
            pids = client.run(os.getpid, nanny=False)
        os.kill(next(iter(pids.values())), signal.SIGKILL)
        thread.join()
    assert [p.read_bytes() for p in found] == [pooled[1].read_bytes()]
    scores = [p.with_name(f"{p.stem}.scores.parquet").read_bytes() for p in (*found, pooled[1])]
    assert scores[0] == scores[1]


def test_runs_that_do_not_make_a_study_are_not_pooled(studied, pooled, tmp_path):
    build, path = pooled
    chapter, values = studied
    own, _ = plan(chapter, values(build), seeds=2, folds=FOLDS)
    runs = [
        results.StudyRun(Run(j.chapter, j.values).folder, tuple(j.values["test_folds"]),
                         j.values["seed"]) for j in own
    ]  # fmt: skip
    assert results.pool(runs, tmp_path)[0].read_bytes() == path.read_bytes()
    with pytest.raises(TellsError, match="the same segments for each seed; got 24 of seed 0, 36"):
        results.pool(runs[1:], tmp_path)
    (runs[0].folder / "records" / "made-up.json").rename(tmp_path / "taken-away.json")
    with pytest.raises(TellsError, match="it lacks made-up: make it again with --again"):
        results.pool(runs, tmp_path)
    (tmp_path / "taken-away.json").rename(runs[0].folder / "records" / "made-up.json")
