"""`tells` on the command line: summaries on stdout, one sentence on stderr, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chapter_fixtures import HEADER
from tells import chapters, results
from tells.cli import app
from tells.features import FeatureStore
from tells.features.speech import LLDs

CHAPTER = (
    HEADER
    + """\
---

# A chapter

```{code-cell} ipython3
:tags: [parameters]

rate: float = 1.0  # 1/s
```

```{code-cell} ipython3
print(rate)
```
"""
)


def tells(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def refused(sentence, *arguments):
    """A command ends with status 2 and one line on stderr, but for a progress bar before it."""
    result = tells(*arguments)
    assert result.exit_code == 2, result.output
    *bars, line = result.stderr.splitlines()
    assert line.startswith("tells: ")
    assert sentence in line
    assert all("clip/s]" in bar for bar in bars if bar)
    assert result.stdout == ""
    return result


@pytest.fixture
def ravdess(tmp_path, voice, write_sound):
    """Two clips that can be used and two that cannot, named as RAVDESS names them."""
    root = tmp_path / "ravdess"
    for actor in (1, 2):
        name = f"Actor_{actor:02}/03-01-05-01-01-01-{actor:02}"
        write_sound(root / f"{name}.wav", voice(0.5, seed=actor))
        write_sound(root / f"{name.replace('-05-', '-04-')}.wav", 0 * voice(0.5))
    return root


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A folder with one chapter, in place of the book's."""
    folder = tmp_path / "notebooks"
    (folder / "presets").mkdir(parents=True)
    (folder / "01_chapter.md").write_text(CHAPTER)
    (folder / "presets/demo.yaml").write_text("rate: 3e-4\n")
    for function in (chapters.chapters, chapters.find, chapters.preset):
        defaults = tuple(folder for _ in function.__defaults__)
        monkeypatch.setattr(function, "__defaults__", defaults)
    monkeypatch.chdir(tmp_path)
    return folder


# --- verify and extract -------------------------------------------------------------------------


def test_extract(ravdess, tmp_path):
    store = tmp_path / "features"
    arguments = ("extract", "ravdess", ravdess, "--features", "is10", "--store", store)
    result = tells(*arguments, "--workers", 0)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == f"2 clips have features in {store}/is10."
    assert "  failed: 2 x silent: every sample is zero" in result.stdout.splitlines()
    features = FeatureStore(store, LLDs("is10"))
    assert features.read("Actor_01/03-01-05-01-01-01-01.wav").shape[1] == 38
    again = tells(*arguments, "--workers", 0)
    assert again.stdout == result.stdout


def test_verify_of_a_part_of_a_corpus(ravdess):
    result = tells("verify", "ravdess", ravdess, "-o", "modality=any")
    assert result.exit_code == 1  # two of 1,440 clips
    assert "1440" in result.stdout.replace(",", "")
    assert result.stderr == ""


def test_an_unknown_way_of_forging(tmp_path):
    sentence = "method must be prosody or dub; got 'lips'"
    refused(sentence, "forge", tmp_path, tmp_path / "out", "--method", "lips")


@pytest.mark.parametrize("command", ["verify", "extract"])
def test_unknown_corpus(tmp_path, command):
    refused("'savee'", command, "savee", tmp_path)


@pytest.mark.parametrize("command", ["verify", "extract"])
@pytest.mark.parametrize("kind", ["missing", "empty", "a file"])
def test_wrong_root(tmp_path, command, kind):
    root = tmp_path / "root"
    if kind == "empty":
        root.mkdir()
    elif kind == "a file":
        root.write_text("letter")
    result = tells(command, "ravdess", root)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert str(root) in result.output
    if command == "extract":
        refused(str(root), command, "ravdess", root)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--features", "egemaps"), "descriptors must be one of compare2016, is10"),
        (("--workers", "-1"), "workers must be 0 or more; got -1"),
        (("--scheduler", "nowhere"), "'nowhere' does not answer"),
        (("--store", "nothing://x"), "nothing://x/compare2016 cannot be opened as a store"),
    ],
)
def test_wrong_options(ravdess, tmp_path, monkeypatch, options, sentence):
    monkeypatch.chdir(tmp_path)
    refused(sentence, "extract", "ravdess", ravdess, *options)


# --- run ----------------------------------------------------------------------------------------


def test_run(notebooks, own_build):
    result = tells("run", "01", "--preset", "demo", "-p", "rate=3e-4")
    assert result.exit_code == 0, result.output
    notebook, page = (Path(line) for line in result.stdout.splitlines())
    assert notebook.parent.parent == own_build / "runs" / "01_chapter"
    assert "0.0003" in notebook.read_text()
    assert page == notebook.with_suffix(".html")
    assert page.is_file()


def test_run_twice_executes_once(notebooks, own_build):
    first = tells("run", "01", "-p", "rate=2", "--no-html")
    notebook = Path(first.stdout.strip())
    when = notebook.stat().st_mtime_ns
    assert tells("run", "01", "-p", "rate=2", "--no-html").stdout == first.stdout
    assert notebook.stat().st_mtime_ns == when
    assert not notebook.with_suffix(".html").exists()
    assert tells("run", "01", "-p", "rate=2", "--no-html", "--again").stdout == first.stdout
    assert notebook.stat().st_mtime_ns > when


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("02",), "'02' is not a chapter; choose one of: 01_chapter"),
        (("01", "-p", "rats=1"), "01_chapter has no parameter named rats; it has: rate"),
        (("01", "-p", "rate=fast"), "rate must be of type float; got 'fast' (str)"),
        (("01", "-p", "rate=true"), "rate must be of type float; got True (bool)"),
        (("01", "-p", "rate"), "-p takes NAME=VALUE, as -p seed=1; got 'rate'"),
        (("01", "-p", "=1"), "-p takes NAME=VALUE, as -p seed=1; got '=1'"),
        (("01", "-p", "rate=[1"), "-p rate: not valid YAML"),
        (("01", "--preset", "real"), "preset must be one of demo; got 'real'"),
    ],
)
def test_run_with_wrong_arguments(notebooks, own_build, arguments, sentence):
    refused(sentence, "run", *arguments)
    assert not own_build.exists()


# --- report ---------------------------------------------------------------------------------------


def test_report(tmp_path, monkeypatch):
    record = Path(__file__).parents[1] / "data" / "results" / "ravdess" / "ser-1.json"
    monkeypatch.chdir(tmp_path)
    result = tells("report", record)
    assert result.exit_code == 0, result.output
    header, *rows, page = result.stdout.splitlines()
    assert header.split() == ["metric", "value", "low", "high"]
    balanced = next(row for row in rows if row.split()[0] == "balanced_accuracy")
    known = results.read(record).metrics["balanced_accuracy"]
    assert balanced.split()[1:] == [f"{known[name]:.3f}" for name in ("value", "low", "high")]
    assert page == "build/report/ser-1/index.html"
    assert (tmp_path / page).is_file()
    assert tells("report", record, "--output", "own").stdout.endswith("own/index.html\n")


def test_report_of_what_is_not_a_record(tmp_path):
    (tmp_path / "x.json").write_text('{"schema": 2}')
    refused("got schema 2", "report", tmp_path / "x.json", "--output", tmp_path / "r")
    refused("cannot be read", "report", tmp_path / "none.json", "--output", tmp_path / "r")
    lonely = Path(__file__).parents[1] / "data" / "results" / "ravdess" / "ser-1.json"
    (tmp_path / "ser-1.json").write_bytes(lonely.read_bytes())
    refused("missing or damaged", "report", tmp_path / "ser-1.json", "--output", tmp_path / "r")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    "arguments", [("run",), ("juggle",), ("extract", "--fast"), ("run", "1", "2")]
)
def test_usage(arguments):
    result = tells(*arguments)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


def test_help():
    result = tells("--help")
    assert result.exit_code == 0
    for command in ("verify", "extract", "run", "book", "report", "publish", "compare"):
        assert command in result.stdout
        assert tells(command, "--help").exit_code == 0


def test_a_bug_keeps_its_traceback(monkeypatch, tmp_path):
    monkeypatch.setattr("tells.corpora.verify", lambda *_: 1 / 0)
    assert isinstance(tells("verify", "ravdess", tmp_path).exception, ZeroDivisionError)


def test_the_real_command(tmp_path):
    """In a process of its own: quickly, and without a word from the libraries below."""
    command = Path(sys.executable).with_name("tells")
    result = subprocess.run(
        [command, "verify", "nothing", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("tells: ")
    assert result.stderr.count("\n") == 1
    assert "nothing" in result.stderr
