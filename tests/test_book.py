"""Every chapter runs on a tiny understudy, and the book is built from what came out of it.

The numbers of these runs mean nothing: two epochs on a few turns. What is tested is that they are
the same twice, that nothing leaks, and that the rendered book is whole.
"""

import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tells import chapters, corpora, metrics, results, training
from tells.errors import TellsError

ROOT = Path(__file__).parents[1]
NAMES = [chapter.name for chapter in chapters.chapters()]
EXPERIMENTS = {
    "05_3_1_speech_experiment_1": ["ser-1"],
    "05_3_2_speech_experiment_2": ["ser-2"],
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
BIMODAL = "05_5_3_bimodal_detection"  # reads what the other two have made
VOICES = [  # each reads what one before it has stored or trained
    "05_3_1_speech_experiment_1",
    "05_3_2_speech_experiment_2",
    "05_3_3_speech_experiment_3",
    "05_5_1_audio_detection",
    "04_1_speech_pipeline",
    "understudy",
]
FACES = [  # and so do these
    "05_4_1_video_experiment_1",
    "05_4_2_video_experiment_2",
    "05_4_4_video_experiment_4",
    "05_5_2_video_detection",
    "04_2_video_pipeline",
]

# As the Makefile does it, and for the same reason.
RENDER = "import gc; gc.disable(); from jupyter_book.cli.main import main; main()"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, understudy_root):
    """A function that runs a chapter on the tiny understudy, into a folder of the run's name."""
    base = tmp_path_factory.mktemp("book")

    def run(name, run="first", **overrides):
        chapter = chapters.find(name)
        models = base / run / "models" / "understudy"
        values = {
            "root": str(understudy_root),
            "understudy_root": str(understudy_root),
            "rated_root": str(understudy_root),
            "feature_store": str(base / "features"),
            "build": str(base / run),
            "results_folder": str(base / run / "results"),
            "max_epochs": 1 if name.startswith("05_4_") else 2,
            "max_epochs_3dcnn": 1,
            "emotion_model": str(models / ("ver-4" if name.startswith("05_5_2") else "ser-3a")),
            "experiment_2": str(models / "ver-2"),
            "speech_model": str(models / "ser-3a"),
            "video_model": str(models / "ver-4"),
            "stride": 63,
            "wearer_only": False,  # or a fold of so few turns lacks a class
            "utterances": 8,
        }
        if name.startswith("02_"):
            values["updates"] = 250  # enough for what the exercises assert
        if name.startswith("05_4_4"):  # half of the turns, and folds that have all classes
            values |= {"wearer_only": True, "train_folds": ["1", "2"]}
            values |= {"test_folds": ["4"], "validation_folds": ["3"]}
        if name in DETECTION:
            values["root"] = str(understudy_root / "dfdc")
        values = {k: v for k, v in values.items() if k in chapter.parameters()} | overrides
        resolved = chapters.resolve(chapter, values, {})
        chapters.run(chapter, resolved, base / run / "run", html=False, progress=False)
        return base / run

    return run


@pytest.fixture(scope="module")
def pool():
    """Runs what need not wait for each other side by side."""
    with ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.fixture(scope="module")
def folder(workshop, pool):
    """The folder of one run of the chapters: voices, faces and the rest side by side.

    No two that run at a time store features of the same clips. Those that read what all others
    have made are still missing; `executed` has them.
    """
    rest = [name for name in NAMES if name not in (*VOICES, *FACES, BIMODAL, *SUMMARIES)]
    lanes = pool.map(lambda lane: [workshop(name) for name in lane], (FACES, VOICES, rest))
    (folder,) = {folder for lane in lanes for folder in lane}
    return folder


@pytest.fixture(scope="module")
def repeated(folder, workshop, pool):
    """A chapter once more with the same seed, and with another; the results of both, to come."""
    name = "05_3_2_speech_experiment_2"
    return pool.submit(workshop, name, "second"), pool.submit(workshop, name, "other", seed=1)


@pytest.fixture(scope="module")
def executed(folder, repeated, workshop):
    """The folder of one run of every chapter."""
    workshop(BIMODAL)
    for name in SUMMARIES:
        workshop(name, evidence=str(folder / "no records of people"))
    return folder


@pytest.mark.usefixtures("rendered")  # which takes its time beside the next tests
@pytest.mark.parametrize("name", NAMES)
def test_chapter_runs_and_shows_something(executed, name):
    notebook = nbformat.read(executed / "run" / f"{name}.ipynb", as_version=4)
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert any("image/png" in o.get("data", {}) for o in outputs)
    assert not [o for o in outputs if o.output_type == "error"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_records_say_what_was_computed(executed, name):
    for experiment in EXPERIMENTS[name]:
        path = executed / "results" / "understudy" / f"{experiment}.json"
        record, scores = results.read(path), results.read_scores(path)
        adapter = "dfdc" if name in DETECTION else "iemocap"
        assert (record.chapter, record.data, record.adapter) == (name, "understudy", adapter)
        again, matrix = metrics.evaluate(scores, classes=record.classes, seed=record.seed)
        assert matrix == [list(row) for row in record.confusion_matrix]
        assert again["balanced_accuracy"]["value"] == pytest.approx(
            record.metrics["balanced_accuracy"]["value"], abs=1e-5
        )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_speaker_of_the_test_fold_was_trained_on(executed, understudy_root, name):
    corpus, root, who = "iemocap", understudy_root, "speaker"
    if name in DETECTION:
        corpus, root, who = "dfdc", understudy_root / "dfdc", "source"
    speakers = corpora.load(corpus, root).table.groupby("fold")[who].unique()
    for experiment in EXPERIMENTS[name]:
        path = executed / "results" / "understudy" / f"{experiment}.json"
        split = results.read(path).split
        seen = {s for fold in (*split["train"], *split["validation"]) for s in speakers[fold]}
        assert seen
        assert seen.isdisjoint(results.read_scores(path)["group"])


def test_one_seed_gives_identical_records(executed, repeated):
    again, other = (run.result() for run in repeated)
    for suffix in ("json", "scores.parquet"):
        path = Path("results", "understudy", f"ser-2.{suffix}")
        assert (executed / path).read_bytes() == (again / path).read_bytes()
        assert (executed / path).read_bytes() != (other / path).read_bytes()


def test_checkpoint_gives_the_scores_of_the_record(executed):
    trained = training.Checkpoint.load(executed / "models" / "understudy" / "ser-2")
    record = results.read(executed / "results" / "understudy" / "ser-2.json")
    assert trained.classes == tuple(record.classes)
    assert trained.best_epoch == record.training["best_epoch"]
    assert trained.scaler is None  # the thesis scales from experiment III on


def test_chapter_rejects_a_root_that_is_no_corpus(workshop, tmp_path):
    with pytest.raises(TellsError, match="Session1") as caught:
        workshop("05_3_2", "wrong", root=str(tmp_path))
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("overlap", 3.0, "overlap must be less than length"),
        ("validation_folds", ["5"], "share the fold 5"),
    ],
)
def test_chapter_rejects_a_value_in_one_sentence(workshop, parameter, value, says):
    with pytest.raises(TellsError, match=says):
        workshop("05_3_2", "rejected", **{parameter: value})


def test_without_any_record_the_conclusions_say_so(workshop, tmp_path):
    folder = workshop(
        "06_conclusions", "none", results_folder=str(tmp_path), evidence=str(tmp_path)
    )
    notebook = nbformat.read(folder / "run" / "06_conclusions.ipynb", as_version=4)
    texts = [
        o["data"].get("text/html", "")
        for c in notebook.cells
        for o in c.get("outputs", ())
        if "data" in o
    ]
    assert sum(text.count("not run") for text in texts) == 10  # five questions of two kinds of data


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


def test_real_speech_runs_through_the_same_chapter(workshop, shared_data, tmp_path):
    """Three real actors, so that each part of the split has one; two epochs."""
    root = tmp_path / "ravdess"
    for actor in ("Actor_01", "Actor_02", "Actor_03"):
        clips = sorted((shared_data / "ravdess_speech_16k" / actor).glob("03-01-0[1345]-01-*"))
        (root / actor).mkdir(parents=True)
        for clip in clips[::2]:
            shutil.copy(clip, root / actor)
    folder = workshop(
        "05_3_2",
        "real",
        corpus="ravdess",
        root=str(root),
        improvised_only=False,
        test_folds=["03"],
        validation_folds=["02"],
    )
    record = results.read(folder / "results" / "ravdess" / "ser-2.json")
    assert (record.data, record.split["test"]) == ("ravdess", ["03"])


@pytest.fixture(scope="module")
def rendered(executed, pool):
    """The book's source, and the end to come of its rendering; `test_pages` opens it afterwards."""
    source = ROOT / "build" / "tests" / "book"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "book", source)
    (source / "chapters").mkdir()
    for name in NAMES:
        shutil.copy(executed / "run" / f"{name}.ipynb", source / "chapters")
    command = [sys.executable, "-c", RENDER, "build", "-n", "-W", "--keep-going", source]
    return source, pool.submit(subprocess.run, command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def book(rendered):
    """The rendered book."""
    source, rendering = rendered
    done = rendering.result()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return source / "_build" / "html"


def test_book_builds_without_a_warning(book):
    assert (book / "index.html").exists()


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
    assert len(figures) >= 4
    for figure in figures:
        caption = " ".join(figure.figcaption.get_text().split())
        assert "seed 0" in caption
        assert "n = " in caption
        assert len(figure.img["alt"]) > 10
    assert "glue:text" not in page.get_text()


@pytest.mark.parametrize("name", METHOD)
def test_pages_of_the_method_show_trained_networks(book, name):
    page = BeautifulSoup((book / "chapters" / f"{name}.html").read_text(), "html.parser")
    assert not [bold for bold in page.select("strong") if "is untrained" in bold.get_text()]


def test_results_page_keeps_the_three_kinds_of_numbers_apart(book):
    page = BeautifulSoup((book / "chapters" / "results.html").read_text(), "html.parser")
    head, *rows = page.select_one(".tells-table table").select("tr")
    names = [cell.get_text() for cell in head.select("th")]
    row = next(row for row in rows if row.td.get_text() == "ser-2")
    cells = dict(zip(names, (cell.get_text() for cell in row.select("td")), strict=True))
    assert cells["thesis"].startswith("0.54")
    assert "session 5" in cells["understudy"]
    assert "session" not in cells["real corpora"]
