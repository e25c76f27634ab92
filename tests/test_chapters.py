"""`tells.chapters`: a chapter is found, its parameters are checked, it runs or says why not."""

import nbformat
import pytest

from chapter_fixtures import HEADER as BEGINNING
from tells import chapters
from tells.chapters import Chapter, Parameter, runner
from tells.errors import TellsError

HEADER = (
    BEGINNING
    + """\
---

# A chapter

"""
)
PARAMETERS = """\
```{code-cell} ipython3
:tags: [parameters]

corpus: str = "a # b"  # name of the corpus
seconds: float = 3.0  # s
seed: int = 0
balanced: bool = True  # repeat
folds: list[str] = ["4"]  # names
scheduler: str | None = None  # address
rates: list[float] | None = None
options: dict = {}
```

"""
WORK = """\
```{code-cell} ipython3
print(f"{corpus} {seconds} {seed} {balanced} {folds} {scheduler}")
```
"""


@pytest.fixture
def folder(tmp_path):
    """Three chapters and two presets."""
    folder = tmp_path / "notebooks"
    (folder / "presets").mkdir(parents=True)
    write(folder, "05_3_1_one", HEADER + PARAMETERS + WORK)
    write(folder, "05_3_2_two", HEADER + "```{code-cell} ipython3\n1 + 1\n```\n")
    write(folder, "05_3_2_two_more", HEADER + "only prose\n")
    (folder / "presets/demo.yaml").write_text("seed: 7\nseconds: 3e-1  # s\nfolds: ['1', '2']\n")
    (folder / "presets/empty.yaml").write_text("# nothing yet\n")
    return folder


def write(folder, name, text):
    (folder / f"{name}.md").write_text(text)
    return Chapter(folder / f"{name}.md")


def one(folder):
    return chapters.find("05_3_1", folder)


# --- find ---------------------------------------------------------------------------------------


def test_all_chapters_in_order(folder):
    names = [chapter.name for chapter in chapters.chapters(folder)]
    assert names == ["05_3_1_one", "05_3_2_two", "05_3_2_two_more"]


@pytest.mark.parametrize("name", ["05_3_1", "05_3_1_one", "05_3_1_one.md"])
def test_find(folder, name):
    assert chapters.find(name, folder).name == "05_3_1_one"


def test_a_whole_name_wins_over_a_longer_one(folder):
    assert chapters.find("05_3_2_two", folder).name == "05_3_2_two"


def test_an_ambiguous_name(folder):
    sentence = "'05_3_2' is ambiguous; choose one of: 05_3_2_two, 05_3_2_two_more"
    with pytest.raises(TellsError, match=sentence):
        chapters.find("05_3_2", folder)


def test_an_unknown_name(folder):
    with pytest.raises(
        TellsError, match="'06' is not a chapter; choose one of: 05_3_1_one, 05_3_2"
    ):
        chapters.find("06", folder)


# --- parameters ---------------------------------------------------------------------------------


def test_parameters(folder):
    found = one(folder).parameters()
    assert list(found) == [
        "corpus",
        "seconds",
        "seed",
        "balanced",
        "folds",
        "scheduler",
        "rates",
        "options",
    ]
    assert found["corpus"] == Parameter("corpus", "str", "a # b", "name of the corpus")
    assert found["seconds"] == Parameter("seconds", "float", 3.0, "s")
    assert found["seed"] == Parameter("seed", "int", 0, "")
    assert found["scheduler"] == Parameter("scheduler", "str | None", None, "address")


def test_a_chapter_without_parameters(folder):
    chapter = chapters.find("05_3_2_two", folder)
    assert chapter.parameters() == {}
    with pytest.raises(TellsError, match="05_3_2_two has no parameter named seed; it has: none"):
        chapters.resolve(chapter, {"seed": 1}, {})


@pytest.mark.parametrize(
    "line",
    [
        "seed = 0",
        "seed: int",
        "seed: int = 1 + x",
        "import numpy",
        "seed: set = {1}",
        "s: list = []",
    ],
)
def test_a_parameters_cell_with_anything_else(folder, line):
    text = f"```{{code-cell}} ipython3\n:tags: [parameters]\n\na: int = 1\n{line}\n```\n"
    with pytest.raises(
        TellsError, match="parameters cell, statement 2: expected `name: type = lit"
    ):
        write(folder, "bad", HEADER + text).parameters()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("corpus", "ravdess"),
        ("corpus", ""),
        ("seconds", 2.5),
        ("seconds", 2),
        ("seed", 3),
        ("balanced", False),
        ("folds", ["1", "2"]),
        ("folds", []),
        ("scheduler", None),
        ("scheduler", "tcp://host:8786"),
        ("rates", [1, 2.5]),
        ("rates", None),
        ("options", {"merge_excited": True}),
    ],
)
def test_values_of_the_right_type(folder, name, value):
    assert chapters.resolve(one(folder), {name: value}, {}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("corpus", 3, "int"),
        ("corpus", None, "NoneType"),
        ("corpus", ["a"], "list"),
        ("seconds", "3", "str"),
        ("seconds", True, "bool"),
        ("seconds", None, "NoneType"),
        ("seed", 1.0, "float"),
        ("seed", True, "bool"),
        ("balanced", 1, "int"),
        ("balanced", "yes", "str"),
        ("folds", "4", "str"),
        ("folds", [4], "list"),
        ("folds", ["4", None], "list"),
        ("scheduler", 8786, "int"),
        ("rates", ["1"], "list"),
        ("rates", [True], "list"),
        ("options", [1], "list"),
    ],
)
def test_values_of_the_wrong_type(folder, name, value, kind):
    with pytest.raises(TellsError, match=f"{name} must be of type .*; got .* \\({kind}\\)"):
        chapters.resolve(one(folder), {name: value}, {})


def test_an_unknown_parameter(folder):
    sentence = "05_3_1_one has no parameter named lr, sede; it has: corpus, seconds, seed"
    with pytest.raises(TellsError, match=sentence):
        chapters.resolve(one(folder), {"sede": 1, "lr": 2, "seed": 3}, {})


# --- presets ------------------------------------------------------------------------------------


def test_a_preset_and_what_overrides_it(folder):
    values = chapters.preset("demo", folder)
    assert values == {"seed": 7, "seconds": 0.3, "folds": ["1", "2"]}
    assert chapters.resolve(one(folder), {"seed": 1}, values) == values | {"seed": 1}
    assert chapters.resolve(chapters.find("05_3_2_two", folder), {}, values) == {}
    assert chapters.preset("empty", folder) == {}


def test_a_preset_for_one_chapter(folder):
    other = write(folder, "05_3_3_three", HEADER + PARAMETERS + WORK)
    (folder / "presets/demo.yaml").write_text("seed: 7\n05_3_1_one: {seed: 8}\n")
    values = chapters.preset("demo", folder)
    assert chapters.resolve(one(folder), {}, values)["seed"] == 8
    assert chapters.resolve(one(folder), {"seed": 9}, values)["seed"] == 9
    assert chapters.resolve(other, {}, values)["seed"] == 7


def test_an_unknown_preset(folder):
    with pytest.raises(TellsError, match="preset must be one of demo, empty; got 'real'"):
        chapters.preset("real", folder)
    with pytest.raises(TellsError, match=r"got '\.\./05_3_1_one'"):
        chapters.preset("../05_3_1_one", folder)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sede: 7\n", "bad.yaml: no chapter has a parameter named sede"),
        ("05_3_1_one: {sede: 7}\n", r"no chapter has a parameter named 05_3_1_one\.sede"),
        ("05_3_1_one: 7\n", "under 05_3_1_one, expected lines of `name: value`"),
        ("- seed\n", "bad.yaml: expected lines of `name: value`"),
        ("just words", "bad.yaml: expected lines of `name: value`"),
        ("seed: [1,\n", "bad.yaml: not valid YAML: .*line"),
        ("seed: !!python/object/apply:os.getcwd []\n", "bad.yaml: not valid YAML"),
    ],
)
def test_a_preset_that_is_wrong(folder, text, sentence):
    (folder / "presets/bad.yaml").write_text(text)
    with pytest.raises(TellsError, match=sentence) as caught:
        chapters.preset("bad", folder)
    assert "\n" not in str(caught.value)


def test_a_preset_of_the_wrong_type(folder):
    with pytest.raises(TellsError, match="seed must be of type int; got 'seven'"):
        chapters.resolve(one(folder), {}, {"seed": "seven"})


@pytest.mark.parametrize(
    ("text", "value"),
    [("3e-4", 3e-4), ("1E6", 1e6), ("-2.e+3", -2e3), ("1e", "1e"), ("e5", "e5"), ("7", 7)],
)
def test_numbers_with_an_exponent(text, value):
    """PyYAML alone reads 3e-4 as a word."""
    parsed = chapters.parse(text, "here")
    assert parsed == value
    assert type(parsed) is type(value)


# --- run ----------------------------------------------------------------------------------------


def text_of(path):
    cells = nbformat.read(path, 4).cells
    return "".join(o.get("text", "") for cell in cells for o in cell.get("outputs", []))


@pytest.fixture
def execute(own_build):
    """A function that executes a chapter."""
    return lambda chapter, values=(): runner.execute(chapter, dict(values), progress=False)


def test_run(folder, execute):
    chapter = one(folder)
    values = chapters.resolve(chapter, {"corpus": "x", "scheduler": None}, {"seed": 5})
    done = execute(chapter, values)
    assert done.notebook.name == "05_3_1_one.ipynb"
    assert text_of(done.notebook) == "x 3.0 5 True ['4'] None\n"
    page = runner.write_page(done).read_text()
    assert "A chapter" in page
    assert "x 3.0 5 True" in page
    kept = {path.name for path in done.folder.iterdir()} - {".lock"}
    assert kept == {"05_3_1_one.html", "05_3_1_one.ipynb", "run.json"}


FAILING = """\
```{code-cell} ipython3
from tells.errors import TellsError
from tells.media import MediaError
print("before")
%s
```
"""


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("raise TellsError('seed must be 0 or more; got -1.')", "seed must be 0 or more; got -1."),
        ("raise MediaError('a.wav', 'empty file')", "a.wav: empty file"),
    ],
)
def test_a_chapter_that_rejects_its_input(folder, execute, line, sentence):
    chapter = write(folder, "bad", HEADER + FAILING % line)
    with pytest.raises(TellsError) as caught:
        execute(chapter)
    assert str(caught.value) == f"bad: {sentence}"
    assert not chapters.Run(chapter, {}).notebook.exists()


def test_a_chapter_that_fails(folder, execute):
    chapter = write(folder, "bad", HEADER + FAILING % "{}['key']")
    with pytest.raises(TellsError, match="bad failed in cell 1 with KeyError: 'key'") as caught:
        execute(chapter)
    failed = chapters.Run(chapter, {}).folder / "bad.failed.ipynb"
    assert str(failed) in str(caught.value)
    assert "before" in text_of(failed)
    assert not chapters.Run(chapter, {}).notebook.exists()
    write(folder, "bad", HEADER + FAILING % "pass")
    done = execute(chapter)
    assert done.notebook.exists()
    assert not failed.exists()


def test_a_kernel_that_dies(folder, execute):
    lines = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    chapter = write(folder, "bad", HEADER + FAILING % lines)
    with pytest.raises(TellsError, match="bad: its kernel died, perhaps for want of memory"):
        execute(chapter)
