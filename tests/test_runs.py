"""Runs and their runner: the same question is answered once, and nothing is replaced."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from chapter_fixtures import HEADER
from tells import chapters, corpora, provenance, results
from tells.chapters import Chapter, Run, runner
from tells.errors import TellsError

CHAPTER = (
    HEADER
    + """\
tells:
  uses: [{uses}]
---

# A chapter

```{{code-cell}} ipython3
:tags: [parameters]

width: int = 1  # m
test_folds: list[str] = ["5"]  # sessions
```

```{{code-cell}} ipython3
from pathlib import Path

import pandas as pd

from tells.chapters import Chapter, Run

run = Run(Chapter(Path({path!r})), globals())
```

```{{code-cell}} ipython3
{work}
```
"""
)
COUNT = """\
with (run.folder / "executed.txt").open("a") as file:
    file.write("once more\\n")
"""
RECORD = (
    COUNT
    + """\
table = run.load().table.iloc[:20]
scores = pd.DataFrame({
    "segment": [f"s{i}" for i in range(20)], "file": "f", "utterance": [f"u{i}" for i in range(20)],
    "group": "g", "label": ["anger", "neutral"] * 10, "p_anger": 0.5 + width / 10,
})
scores["p_neutral"] = 1 - scores["p_anger"]
part = pd.DataFrame({"label": scores["label"], "fold": "5"})
run.record("made-up", "Made up", scores, {"test": part})
"""
)


@pytest.fixture
def home(tmp_path, understudy_root):
    """A function that writes a chapter, and one that gives the places of its runs."""
    folder = tmp_path / "notebooks"
    (folder / "presets").mkdir(parents=True)
    (folder / "presets" / "demo.yaml").write_text("{}\n")

    def write(name="first", work=COUNT + "run.data, run.seed", uses=""):
        path = folder / f"{name}.md"
        path.write_text(CHAPTER.format(path=str(path), work=work, uses=uses))
        return Chapter(path)

    places = {"build": str(tmp_path / "build"), "understudy": str(understudy_root)}
    return write, places


def answer(chapter, places, **values):
    known = chapter.parameters()
    given = {k: v for k, v in (places | values).items() if k in known}
    return runner.execute(chapter, given, progress=False)


def times_executed(run):
    return len((run.folder / "executed.txt").read_text().splitlines())


# --- what a run is ------------------------------------------------------------------------------


def test_the_name_of_the_data_comes_from_the_data(understudy_root, tmp_path):
    values = {"understudy": str(understudy_root)}
    assert Run("05_3_2", values).data == corpora.UNDERSTUDY
    (tmp_path / "Session1").mkdir()
    assert Run("05_3_2", {"root": str(tmp_path)}).data == "iemocap"
    assert Run("05_3_2", {"root": str(tmp_path), "corpus": "ravdess"}).data == "ravdess"


def test_a_corpus_without_a_root_is_asked_for():
    with pytest.raises(TellsError, match="root must name the folder of ravdess: -p root="):
        _ = Run("05_3_2", {"corpus": "ravdess"}).folder


def test_every_parameter_but_places_makes_another_run(home):
    write, places = home
    chapter = write()
    one = Run(chapter, places)
    assert Run(chapter, places | {"width": 2}).folder != one.folder
    assert Run(chapter, places | {"seed": 1}).folder != one.folder
    assert Run(chapter, places | {"width": 1, "seed": 0}).folder == one.folder
    assert one.name.startswith("understudy-seed0-")


def test_where_the_data_lie_is_no_part_of_the_question_and_what_they_are_is(home, tmp_path):
    write, places = home
    chapter = write()
    copy = tmp_path / "elsewhere"
    shutil.copytree(places["understudy"], copy, ignore=shutil.ignore_patterns("dfdc"))
    one = Run(chapter, places | {"root": str(copy)}).name
    moved = copy.rename(tmp_path / "moved")
    assert Run(chapter, places | {"root": str(moved)}).name == one
    wav = next(moved.rglob("*.wav"))
    os.utime(wav, (1, 1))
    assert Run(chapter, places | {"root": str(moved)}).name != one


def test_a_parameter_of_a_wrong_type_is_refused(home):
    write, places = home
    with pytest.raises(TellsError, match="width must be of type int; got 'two'"):
        Run(write(), places | {"width": "two"})


# --- executed once ------------------------------------------------------------------------------


def test_the_same_question_is_found_answered(home):
    write, places = home
    chapter = write()
    first = answer(chapter, places)
    assert first.state["state"] == "done"
    assert "understudy" in first.notebook.read_text()
    again = answer(chapter, places)
    assert again.folder == first.folder
    assert times_executed(again) == 1
    assert times_executed(runner.execute(chapter, places, again=True, progress=False)) == 2


def test_of_two_at_once_the_second_waits_and_finds_it_done(home):
    write, places = home
    chapter = write(work=COUNT + "import time\ntime.sleep(1); run.data, run.seed")
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: answer(chapter, places), range(2))
    assert one.folder == two.folder
    assert times_executed(one) == 1


def test_three_seeds_side_by_side_keep_three_records(home):
    """As it was reported: two died, and the third's record took the place of the others'."""
    write, places = home
    chapter = write(work=RECORD)
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda seed: answer(chapter, places, seed=seed), range(3)))
    records = [results.read(run.folder / "records" / "made-up.json") for run in runs]
    assert [record.seed for record in records] == [0, 1, 2]
    assert len({run.folder for run in runs}) == 3


def test_other_code_answers_anew_in_the_same_folder(home):
    write, places = home
    first = answer(write(), places)
    again = answer(write(work=COUNT + "run.data, run.seed, 1"), places)
    assert again.folder == first.folder
    assert times_executed(again) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"state": "running"}'])
def test_a_run_folder_half_written_is_made_again(home, content):
    write, places = home
    chapter = write()
    run = answer(chapter, places)
    (run.folder / "run.json").write_text(content)
    assert times_executed(answer(chapter, places)) == 2
    assert run.state["state"] == "done"


def test_a_chapter_that_fails_is_not_done(home):
    write, places = home
    chapter = write(work="from tells.errors import TellsError\nraise TellsError('no such width.')")
    for _ in range(2):
        with pytest.raises(TellsError, match=r"^first: no such width\.$"):
            answer(chapter, places)
    run = Run(chapter, places)
    assert run.state["state"] == "running"
    assert not run.notebook.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(home, tmp_path):
    write, places = home
    (tmp_path / "build").mkdir()
    (tmp_path / "build").chmod(0o500)
    with pytest.raises(TellsError, match="cannot be written"):
        answer(write(), places)


def test_a_file_where_the_runs_should_be(home, tmp_path):
    write, places = home
    (tmp_path / "build").write_text("")
    with pytest.raises(TellsError, match=r"build.* cannot be written"):
        answer(write(), places)


def test_places_are_the_projects_from_any_working_folder(tmp_path):
    asked = "from tells.chapters import Run; print(Run('05_1', {}).folder)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).is_relative_to(chapters.HOME / "build" / "runs")
    here = chapters.from_here({"root": "corpus", "feature_store": "s3://b/f", "seed": 1})
    assert here == {"root": str(Path("corpus").absolute()), "feature_store": "s3://b/f", "seed": 1}


# --- what it uses -------------------------------------------------------------------------------


def test_a_run_that_is_missing_is_asked_for_by_its_command(home):
    write, places = home
    write()
    chapter = write("second", "run.use('first'), run.data", uses="first")
    with pytest.raises(TellsError, match="make it with `tells run first --preset demo`"):
        answer(chapter, places)


def test_a_run_uses_the_one_of_its_preset_or_the_one_that_is_named(home):
    write, places = home
    first = write(work=RECORD)
    chapter = write("second", "run.use('first').test_scores('made-up'); run.data", uses="first")
    wide = answer(first, places, width=2)
    with pytest.raises(TellsError, match="second uses a run of first"):
        answer(chapter, places)
    plain = answer(first, places)
    one = answer(chapter, places)
    assert one.question.uses == {"first": plain.name}
    other = answer(chapter, places, uses={"first": str(wide.folder)})
    assert other.question.uses == {"first": wide.name}
    assert other.folder != one.folder
    assert one.use("first").name == plain.name


def test_a_folder_that_is_no_run_of_that_chapter_is_refused(home, tmp_path):
    write, places = home
    write()
    other = answer(write("other"), places)
    chapter = write("second", "run.use('first'), run.data", uses="first")
    with pytest.raises(TellsError, match="holds no finished run of first; make one with `tells ru"):
        answer(chapter, places, uses={"first": str(other.folder)})


def test_only_what_the_header_names_is_used(home):
    write, places = home
    answer(write(), places)
    with pytest.raises(TellsError, match="must list first under `uses`"):
        answer(write("second", "run.use('first'), run.data"), places)


def test_people_are_not_judged_by_networks_of_the_understudy(home, tmp_path):
    write, places = home
    write()
    answer(write(), places)
    chapter = write("second", "run.use('first'), run.data", uses="first")
    people = tmp_path / "people"
    (people / "Session1").mkdir(parents=True)
    with pytest.raises(TellsError, match="second uses a run of first that is not there"):
        answer(chapter, places, root=str(people))


TRAINED = """\
scores = pd.DataFrame({
    "segment": [f"s{i}" for i in range(20)], "file": "f", "utterance": [f"u{i}" for i in range(20)],
    "group": "g", "label": ["anger", "neutral"] * 10, "p_anger": 0.5, "p_neutral": 0.5,
})
parts = {name: pd.DataFrame({"label": ["anger"], "fold": fold})
         for name, fold in (("train", "1"), ("validation", "2"))}
run.load()
run.record("made-up", "Made up", scores, parts | {"test": scores.assign(fold="5")})
"""


@pytest.mark.parametrize(("tested", "met"), [(["3", "5"], ""), (["1"], "1"), (["5", "2"], "2")])
def test_a_network_that_has_met_the_test_speakers_is_refused(home, tested, met):
    write, places = home
    answer(write(work=TRAINED), places)
    work = "run.use('first').checkpoint('made-up')\nrun.load()"
    chapter = write("second", work, uses="first")
    sentence = f"second tests {met}, whom made-up of .* was trained with; name a run of first"
    with pytest.raises(TellsError, match=sentence if met else "made-up: no such checkpoint"):
        answer(chapter, places, test_folds=tested)


# --- the code -----------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small package in place of the project's; a function that writes a module of it."""

    def write(name, text):
        path = tmp_path / "lib" / "tells" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        provenance._reached_by.cache_clear()
        provenance._digest_of.cache_clear()

    monkeypatch.setattr(provenance, "_LIB", tmp_path / "lib")
    write("__init__.py", "")
    write("plots/__init__.py", "from tells.plots.a import draw\nfrom tells.plots.b import other\n")
    write("plots/a.py", '"""A."""\nfrom tells.plots.colours import RED\ndef draw(): return RED\n')
    write("plots/b.py", "def other(): return 1\n")
    write("plots/colours.py", "RED = 'red'\n")
    write("training.py", "def fit(): return 2\n")
    yield write
    provenance._reached_by.cache_clear()
    provenance._digest_of.cache_clear()


DRAWS = "from tells import plots\nplots.draw()\n"
TRAINS = "from tells import training\ntraining.fit()\n"


def test_only_what_is_reached_counts(library):
    draws, trains = provenance.code_digest(DRAWS), provenance.code_digest(TRAINS)
    library("plots/colours.py", "RED = 'dark red'\n")
    assert provenance.code_digest(DRAWS) != draws
    assert provenance.code_digest(TRAINS) == trains
    draws = provenance.code_digest(DRAWS)
    library("plots/b.py", "def other(): return 3\n")
    assert provenance.code_digest(DRAWS) == draws


def test_a_docstring_or_a_comment_is_no_code(library):
    draws = provenance.code_digest(DRAWS)
    library("plots/colours.py", '"""Colours."""\n\nRED = "red"  # as blood\n')
    assert provenance.code_digest(DRAWS) == draws
    assert provenance.code_digest("# first\n" + DRAWS) == draws


def test_the_chapters_that_train_do_not_train_again_for_a_colour():
    """What `fit` asks whether it may go on does not reach a plot; what draws does."""
    assert not [n for n in provenance.modules("", ["tells.training.fit"]) if ".plots" in n]
    assert "tells.plots.style" in provenance.modules(chapters.find("05_3_2").code)
    assert "tells.training.fit" in provenance.modules(chapters.find("05_3_2").code)
    assert "tells.plots.style" not in provenance.modules(
        "from tells import metrics\nmetrics.evaluate()"
    )


# --- all of them --------------------------------------------------------------------------------


def test_the_longest_way_comes_first():
    known = chapters.chapters()
    ways = runner._longest_ways(known)
    for chapter in known:
        for other in chapter.uses:
            assert ways[other] > ways[chapter.name]
    order = [chapter.name for chapter in runner._in_order({c.name: c for c in known})]
    assert sorted(order) == [chapter.name for chapter in known]


def test_what_a_header_uses_exists_and_what_is_used_is_in_the_header():
    names = {chapter.name for chapter in chapters.chapters()}
    for chapter in chapters.chapters():
        assert set(chapter.uses) <= names


def test_a_run_says_what_it_was_made_of(home):
    write, places = home
    run = answer(write(work=RECORD), places)
    state = json.loads((run.folder / "run.json").read_text())
    assert state["parameters"] == {"width": 1, "test_folds": ["5"], "seed": 0}
    assert state["data"]["name"] == "understudy"
    assert state["version"] == results.versions()["tells"]
    record = results.read(run.folder / "records" / "made-up.json")
    assert set(record.inputs) == {"files"}
    assert isinstance(run.exclusions, pd.DataFrame)
