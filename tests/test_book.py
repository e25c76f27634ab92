"""The whole book on a tiny understudy, as `tells book --preset tiny` has made it.

The numbers of these runs mean nothing: two epochs on a few turns. What is tested is that they are
the same twice, that nothing leaks, and that the rendered book is whole.
"""

import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tells import chapters, corpora, metrics, results
from tells.chapters import runner
from tells.errors import TellsError

ROOT = Path(__file__).parents[1]
NAMES = [chapter.name for chapter in chapters.chapters()]
EXPERIMENTS = {
    "05_3_1_speech_experiment_1": ["ser-1"],
    "05_3_2_speech_experiment_2": ["ser-2", "ser-2-scaled"],
    "05_3_3_speech_experiment_3": ["ser-3a", "ser-3b"],
    "05_4_1_video_experiment_1": ["ver-1"],
    "05_4_2_video_experiment_2": ["ver-2-softmax", "ver-2-tanh"],
    "05_4_3_video_experiment_3": ["ver-3", "ver-3-all"],
    "05_4_4_video_experiment_4": ["ver-4", "ver-4-all"],
    "05_5_1_audio_detection": ["det-audio-lstm", "det-audio-lazypredict"],
    "05_5_2_video_detection": [
        "det-video-lstm",
        "det-video-lazypredict",
        "det-video-direct",
        "det-video-retrained",
        "ver-2-softmax-lstm",
        "ver-2-softmax-lazypredict",
        "ver-2-tanh-lstm",
        "ver-2-tanh-lazypredict",
    ],
    "05_5_3_bimodal_detection": [
        "det-bimodal-feature-lstm",
        "det-bimodal-feature-lazypredict",
        "det-bimodal-decision-lstm-retrained",
        "det-bimodal-decision-lstm-direct",
        "det-bimodal-decision-lgbm-retrained",
        "det-bimodal-decision-lgbm-direct",
        "det-bimodal-consistency",
    ],
    "05_5_4_is_it_the_emotion": [
        "det-audio-lstm-random",
        "det-audio-lstm-shuffled",
        "det-audio-lazypredict-random",
        "det-audio-lazypredict-descriptors",
        "det-video-lstm-random",
        "det-video-lstm-shuffled",
        "det-video-lazypredict-random",
    ],
}
OVERVIEW = "04_0_method"  # of networks that nothing has trained
METHOD = [  # show what experiments have trained
    name for name in NAMES if name.startswith("04_") and name != OVERVIEW
]
PROSE = [
    "index",
    "01_introduction",
    "03_state_of_the_art",
    "07_open_questions",
]  # pages that compute nothing
SUMMARIES = ["results", "06_conclusions"]  # read the records of all others
DETECTION = [name for name in NAMES if name.startswith("05_5_")]  # use it


@pytest.fixture(scope="module")
def made():
    """The run of each chapter; `make test` has made them before."""
    return {run.chapter.name: run for run in runner.make_all("tiny")}


@pytest.fixture(scope="module")
def records(made):
    """The records of all chapters by their experiments, and the scores that belong to them."""
    paths = [path for run in made.values() for path in run.folder.glob("records/*.json")]
    return {path.stem: (results.read(path), results.read_scores(path)) for path in paths}


@pytest.fixture
def again(tmp_path):
    """A function that runs a chapter of the tiny book once more, with other values, elsewhere."""

    def run(name, **values):
        chapter = chapters.find(name)
        known = chapter.parameters()
        given = {"preset": "tiny", "build": str(tmp_path)} | values
        given = {k: v for k, v in given.items() if k in known}
        resolved = chapters.resolve(chapter, given, chapters.preset("tiny"))
        return runner.execute(chapter, resolved, progress=False)

    return run


@pytest.mark.parametrize("name", NAMES)
def test_chapter_runs_and_shows_something(made, name):
    notebook = nbformat.read(made[name].notebook, as_version=4)
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert any("image/png" in o.get("data", {}) for o in outputs)
    assert not [o for o in outputs if o.output_type == "error"]


def test_a_second_book_executes_nothing(made):
    said = []
    assert [run.folder for run in runner.make_all("tiny", say=said.append)] == [
        run.folder for run in made.values()
    ]
    assert not said


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_records_say_what_was_computed(made, records, name):
    written = {path.stem for path in made[name].folder.glob("records/*.json")}
    assert written == set(EXPERIMENTS[name])
    for experiment in EXPERIMENTS[name]:
        record, scores = records[experiment]
        adapter = "dfdc" if name in DETECTION else "iemocap"
        assert (record.chapter, record.data, record.adapter) == (name, "understudy", adapter)
        used = {k: v for k, v in record.inputs.items() if k != "files"}
        assert set(used) == set(chapters.find(name).uses)
        again = metrics.evaluate(scores, seed=record.seed)
        assert again.confusion_matrix == [list(row) for row in record.confusion_matrix]
        assert again.metrics["balanced_accuracy"]["value"] == pytest.approx(
            record.metrics["balanced_accuracy"]["value"], abs=1e-5
        )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_speaker_of_the_test_fold_was_trained_on(made, records, name):
    corpus, who = ("dfdc", "source") if name in DETECTION else ("iemocap", "speaker")
    speakers = corpora.load(corpus, made[name].root).table.groupby("fold")[who].unique()
    for experiment in EXPERIMENTS[name]:
        record, scores = records[experiment]
        folds = (*record.split["train"], *record.split["validation"])
        seen = {speaker for fold in folds for speaker in speakers[fold]}
        assert seen
        assert seen.isdisjoint(scores["group"])


def test_one_seed_gives_identical_records(made, again):
    """But for the versions: the first may have been made from another commit."""
    name = "05_3_2_speech_experiment_2"
    records = [run.folder / "records" / "ser-2.json" for run in (made[name], again(name))]
    one, two = (replace(results.read(path), versions={}) for path in records)
    assert one == two
    first, second = (results.scores_path(path).read_bytes() for path in records)
    other = again(name, seed=1).folder / "records" / "ser-2.json"
    assert first == second != results.scores_path(other).read_bytes()


def test_checkpoint_gives_the_scores_of_the_record(made, records):
    used = made["04_1_speech_pipeline"].use("05_3_3")
    trained, (record, _) = used.checkpoint("ser-3a"), records["ser-3a"]
    assert trained.classes == tuple(record.classes)
    assert trained.best_epoch == record.training["best_epoch"]
    assert trained.scaler is not None  # the thesis scales from experiment III on


def test_chapter_rejects_a_root_that_is_no_corpus(again, tmp_path):
    with pytest.raises(TellsError, match="Session1") as caught:
        again("05_3_2", root=str(tmp_path))
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("overlap", 3.0, "overlap must be less than length"),
        ("validation_folds", ["5"], "share the fold 5"),
    ],
)
def test_chapter_rejects_a_value_in_one_sentence(again, parameter, value, says):
    with pytest.raises(TellsError, match=says):
        again("05_3_2", **{parameter: value})


def test_a_chapter_says_which_command_makes_the_run_that_it_needs(again):
    with pytest.raises(TellsError, match="`tells run 05_3_3_speech_experiment_3 --preset tiny`"):
        again("04_1")


def test_where_nothing_was_run_the_conclusions_say_so(again):
    notebook = nbformat.read(again("06_conclusions").notebook, as_version=4)
    texts = [
        o["data"].get("text/html", "")
        for c in notebook.cells
        for o in c.get("outputs", ())
        if "data" in o
    ]
    assert sum(text.count("not run") for text in texts) >= 5  # the five questions of the understudy


COMMAND = re.compile(r"^\$ tells run (\S+) --preset (\S+) (.*)$", re.MULTILINE)


def test_what_the_open_questions_would_run_can_be_run():
    commands = COMMAND.findall((ROOT / "book" / "07_open_questions.md").read_text())
    assert len(commands) > 10
    for name, preset, rest in commands:
        words = shlex.split(rest)
        assert set(words[::2]) == {"-p"}
        own = dict(word.split("=", 1) for word in words[1::2])
        values = {k: chapters.parse(v, k) for k, v in own.items()}
        chapter = chapters.find(name)
        used = chapters.resolve(chapter, values, chapters.preset(preset))
        default = chapters.resolve(chapter, {}, chapters.preset(preset))
        assert used != default


def test_real_speech_runs_through_the_same_chapter(again, shared_data, tmp_path):
    """Three real actors, so that each part of the split has one; two epochs."""
    root = tmp_path / "ravdess"
    for actor in ("Actor_01", "Actor_02", "Actor_03"):
        clips = sorted((shared_data / "ravdess_speech_16k" / actor).glob("03-01-0[1345]-01-*"))
        (root / actor).mkdir(parents=True)
        for clip in clips[::2]:
            shutil.copy(clip, root / actor)
    run = again(
        "05_3_2",
        corpus="ravdess",
        root=str(root),
        feature_store=str(tmp_path / "features"),
        improvised_only=False,
        test_folds=["03"],
        validation_folds=["02"],
    )
    record = results.read(run.folder / "records" / "ser-2.json")
    assert (record.data, record.split["test"]) == ("ravdess", ["03"])


@pytest.fixture(scope="module")
def book(made):
    """The rendered book, in which Sphinx has found nothing to warn of."""
    return runner.render(list(made.values()), chapters.HOME / "build" / "tiny" / "book").parent


@pytest.mark.parametrize("name", [*PROSE, f"chapters/{OVERVIEW}"])
def test_citations_of_pages_without_results_lead_to_the_bibliography(book, name):
    page = BeautifulSoup((book / f"{name}.html").read_text(), "html.parser")
    listed = BeautifulSoup((book / "bibliography.html").read_text(), "html.parser")
    cited = {link["href"].partition("#")[2] for link in page.select("a[href*='bibliography']")}
    cited.discard("")  # the link of the menu
    assert cited
    assert all(listed.find(id=target) for target in cited)


def test_overview_of_the_method_shows_what_it_counts(book):
    page = BeautifulSoup((book / "chapters" / f"{OVERVIEW}.html").read_text(), "html.parser")
    assert page.select_one("figure img[src$='method.svg']")
    captions = [
        " ".join(figure.figcaption.get_text().split())
        for figure in page.select("figure")
        if figure.img["src"].endswith(".png")
    ]
    assert len(captions) == 4
    assert all("Data: understudy" in caption and "n = " in caption for caption in captions)
    networks, registry = page.select(".tells-table table")[:2]
    counted = {
        row.td.get_text(): row.select("td")[-1].get_text() for row in networks.select("tr")[1:]
    }
    assert counted["3DCNN"] == f"{1_480 + 3_810 + 174_752 + 33 * 5:,}"  # as counted by hand
    assert len(registry.select("tr")) == 1 + len(corpora.CORPORA)
    assert "glue:text" not in page.get_text()


@pytest.mark.parametrize("name", [*METHOD, *EXPERIMENTS])
def test_pages_show_figures_with_captions_and_alt_text(book, name):
    page = BeautifulSoup((book / "chapters" / f"{name}.html").read_text(), "html.parser")
    figures = [figure for figure in page.select("figure") if "_images" in figure.img["src"]]
    assert len(figures) >= (1 if name == "05_5_4_is_it_the_emotion" else 4)
    for figure in figures:
        caption = " ".join(figure.figcaption.get_text().split())
        assert "seed 0" in caption or name in METHOD  # in which nothing is random
        assert "n = " in caption
        assert len(figure.img["alt"]) > 10
    assert "glue:text" not in page.get_text()


def test_results_page_keeps_the_three_kinds_of_numbers_apart(book):
    page = BeautifulSoup((book / "chapters" / "results.html").read_text(), "html.parser")
    head, *rows = page.select_one(".tells-table table").select("tr")
    names = [cell.get_text() for cell in head.select("th")]
    row = next(row for row in rows if row.td.get_text() == "ser-2")
    cells = dict(zip(names, (cell.get_text() for cell in row.select("td")), strict=True))
    assert cells["thesis"].startswith("0.54")
    assert "session 5" in cells["understudy"]
    assert "session" not in cells["real corpora"]
