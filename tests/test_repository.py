"""What the files of the project say about each other."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import jupytext
import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name as canonical
from packaging.version import Version

import tells
import understudy
from tells import chapters, results

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.md"))
PRESETS = sorted(path.stem for path in (ROOT / "notebooks" / "presets").glob("*.yaml"))
MODULES = sorted((ROOT / "lib").rglob("*.py"))
RESULTS = ROOT / "data" / "results"
RECORDS = sorted(p for p in RESULTS.glob("*/*.json") if not p.name.endswith(".run.json"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

MAX_BYTES = 500_000
MAX_LINES = 15  # of a notebook's cell
HEADER = {
    "jupytext": {"text_representation": {"extension": ".md", "format_name": "myst"}},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
}
SOMEBODYS_FOLDER = re.compile(rb"(?<![\w.])/(?:home|Users|root|tmp|work|var/folders)/[\w.]")
# what unpickles, and so runs what a file says
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def by_stem(path):
    return path.stem


def direct_dependencies():
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return {canonical(Requirement(line).name) for group in groups for line in group}


LOCK = [
    Requirement(line)
    for line in (ROOT / "requirements.lock").read_text().splitlines()
    if not line.strip().startswith("#")
]
SYSTEMS = {"linux": ("x86_64", "aarch64"), "darwin": ("arm64",)}
PYTHONS = ("3.11.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0")


def locked(**machine):
    """The exact versions of the lock by canonical name, on this machine or on another."""
    fitting = [pin for pin in LOCK if not pin.marker or pin.marker.evaluate(machine)]
    found = {canonical(pin.name): str(pin.specifier)[2:] for pin in fitting}
    assert len(found) == len(fitting)
    return found


@pytest.fixture(scope="module")
def tracked():
    """Every file that is in git or would be added to it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"not a git checkout ({error})")
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


# --- the environment ------------------------------------------------------------------------------


def test_every_line_of_the_lock_is_an_exact_version():
    assert all(re.fullmatch(r"==[\w.+!]+", str(pin.specifier)) for pin in LOCK)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("system", "processor"),
    [(s, processor) for s, all_of in SYSTEMS.items() for processor in all_of],
)
def test_one_lock_is_for_every_python_and_system(system, processor, python):
    found = locked(
        sys_platform=system,
        platform_machine=processor,
        platform_system=system.capitalize(),
        python_version=python.rpartition(".")[0],
        python_full_version=python,
    )
    assert direct_dependencies() <= set(found)
    assert any(name.startswith("nvidia-") for name in found) == (system == "linux")
    supported = SpecifierSet(PROJECT["requires-python"])
    assert supported.contains(python)
    assert not supported.contains("3.10.13") and not supported.contains("3.15.0")


def test_what_is_installed_is_of_the_lock_and_complete():
    """What `pip check` asks, and of each package whether it has the version of the lock."""
    exact, wrong, seen = locked(), [], set()
    todo = [(Requirement("tells[book,dev]"), "")]
    while todo:
        wanted, by = todo.pop()
        if (name := canonical(wanted.name), frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        try:
            dist = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name}, which {by} needs, is missing")
            continue
        public = Version(dist.version).public
        if not wanted.specifier.contains(public, prereleases=True):
            wrong.append(f"{by} needs {wanted}, and has {public}")
        if name != PROJECT["name"] and exact.get(name) != public:
            wrong.append(f"{name} is {public}, in the lock {exact.get(name)}")
        for line in dist.requires or ():
            below = Requirement(line)
            extras = ({"extra": extra} for extra in ("", *wanted.extras))
            if not below.marker or any(map(below.marker.evaluate, extras)):
                todo.append((below, name))
    assert wrong == []
    assert len(seen) > len(direct_dependencies())


def test_conda_takes_its_packages_from_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, last = environment["dependencies"]
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"] == ["conda-forge"]
    assert conda == [f"python{PROJECT['requires-python']}", "pip"]
    assert last["pip"][1:] == ["--constraint requirements.lock", "--editable .[book,dev]"]


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    said = {PROJECT["version"], tells.__version__, understudy.__version__, citation["version"]}
    assert len(said) == 1


def test_the_workflow_tests_each_python_and_publishes_the_book_of_main():
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text())
    test, build, publish = (flow["jobs"][name] for name in ("test", "build", "publish"))
    supported = SpecifierSet(PROJECT["requires-python"])
    tested = test["strategy"]["matrix"]["python"]
    assert tested == [f"3.{minor}" for minor in range(30) if supported.contains(f"3.{minor}.9")]
    assert "bash .ci/run" in [step.get("run") for step in test["steps"]]
    assert "make book" in [step.get("run") for step in build["steps"]]
    used = [step for job in (test, build, publish) for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", step["uses"]) for step in used)
    (upload,) = (step for step in used if "upload" in step["uses"])
    assert upload["with"]["path"] == "build/demo/book/_build/html"
    assert upload["if"] == publish["if"] == "github.ref == 'refs/heads/main'"
    assert flow["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}


# --- chapters -------------------------------------------------------------------------------------


def docstrings():
    """Every docstring of the library, with where it is."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kinds) and (text := ast.get_docstring(node)):
                name = getattr(node, "name", "")
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)} {name}", text


def test_every_chapter_that_a_docstring_names_exists():
    known = {path.stem for path in NOTEBOOKS}
    wrong = []
    for place, text in docstrings():
        for named in re.findall(r"Chapters?:(.*?)(?:\.|\Z)", text, re.DOTALL):
            wrong += [f"{place}: {n}" for n in re.split(r",\s*", named.strip()) if n not in known]
    assert wrong == []


def test_book_and_notebooks_list_the_same_chapters():
    toc = (ROOT / "book" / "_toc.yml").read_text()
    listed = re.findall(r"file: chapters/(\S+)", toc)
    assert sorted(listed) == [path.stem for path in NOTEBOOKS]


def test_every_other_page_of_the_book_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text())
    listed = {toc["root"], *re.findall(r"file: (\S+)", (ROOT / "book" / "_toc.yml").read_text())}
    folder = ROOT / "book"
    pages = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.md")}
    assert pages == {page for page in listed if not page.startswith("chapters/")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_header_holds_no_tool_versions(path):
    _, header, _ = path.read_text().split("---\n", 2)
    found = yaml.safe_load(header)
    own = found.pop("tells", {})
    assert found == HEADER
    assert set(own) <= {"uses", "reads", "takes"}
    assert {*own.get("uses", ()), *own.get("reads", ())} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_notebook_begins_with_a_labelled_title_then_parameters_then_imports(path):
    cells = jupytext.read(path).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert re.match(r"\(sec-[\w-]+\)=\n# \S", cells[0].source)
    assert tagged == code[: len(tagged)]  # some have only those that chapters share
    assert len(tagged) <= 1
    assert re.search(r"^(import|from) ", code[len(tagged)].source, re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_every_parameter_has_a_type_and_a_comment(path):
    parameters = chapters.Chapter(path).parameters()
    assert parameters
    for parameter in parameters.values():
        assert parameter.accepts(parameter.default), parameter
        assert parameter.comment, parameter


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_cells_are_short(path):
    for cell in jupytext.read(path).cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            assert len(cell.source.splitlines()) <= MAX_LINES, cell.source


def lines_of_code(path):
    """Lines of a chapter's code, but for parameters and solutions, and whether each may be common.

    Imports and calls on one line may: they are how a chapter says what it does.
    """
    text = re.sub(r"\{solution-start\}.*?\{solution-end\}", "", path.read_text(), flags=re.DOTALL)
    for cell in jupytext.reads(text, fmt="md:myst").cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            common = set()
            for node in ast.walk(ast.parse(cell.source)):
                call = isinstance(getattr(node, "value", None), ast.Call)
                one = getattr(node, "lineno", 0) == getattr(node, "end_lineno", None)
                if isinstance(node, ast.Import | ast.ImportFrom) or (
                    isinstance(node, ast.Assign | ast.Expr) and one and call
                ):
                    common |= set(range(node.lineno, node.end_lineno + 1))
            for number, line in enumerate(cell.source.splitlines(), 1):
                if line.strip() and not line.strip().startswith("#"):
                    yield line.strip(), number in common


def test_no_line_of_code_stands_in_three_chapters():
    where = {}
    for path in NOTEBOOKS:
        for line, common in lines_of_code(path):
            if not common and len(line) > len("with torch.inference_mode():"):
                where.setdefault(line, set()).add(path.stem)
    assert not {line: names for line, names in where.items() if len(names) > 2}


@pytest.mark.parametrize(("prefix", "most"), [("05_3", 70), ("05_4", 70), ("05_5", 130)])
def test_chapters_hold_the_science_only(prefix, most):
    for path in NOTEBOOKS:
        if path.stem.startswith(prefix):
            assert len(list(lines_of_code(path))) <= most, path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_every_exercise_has_a_label_of_the_chapter_and_a_solution(path):
    text = path.read_text()
    (chapter,) = re.findall(r"^\(sec-([\w-]+)\)=\n# ", text, re.MULTILINE)
    asked = re.findall(r"^`+\{exercise\}\n:label: (\S+)$", text, re.MULTILINE)
    solved = re.findall(r"^`+\{solution-start\} (\S+)$", text, re.MULTILINE)
    assert len(asked) == text.count("{exercise}")
    assert asked == solved
    assert asked == [f"ex-{chapter}-{letter}" for letter in "abcdef"[: len(asked)]]
    assert text.count("{solution-start}") == text.count("{solution-end}")
    executed = re.findall(r"\{solution-start\}(.*?)\{solution-end\}", text, re.DOTALL)
    assert all("{code-cell}" in solution for solution in executed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_a_chapter_says_what_for_from_where_and_how_long(path):
    head, _, _ = path.read_text().partition(":tags: [parameters]")
    assert "```{admonition} This chapter\n:class: tip\n" in head
    for what in ("Afterwards you can", "You need", "It runs"):
        assert f"\n- **{what}** " in head


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
def test_no_result_is_typed_into_the_source(path):
    notebook = jupytext.read(path)
    assert not [cell for cell in notebook.cells if cell.get("outputs")]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"data:image|```\{image\}|Traceback|>>> ", cell.source), (
                cell.source
            )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_stem)
@pytest.mark.parametrize("name", PRESETS)
def test_preset_fits_chapter(name, path):
    chapter = chapters.Chapter(path)
    values = chapters.preset(name)
    resolved = chapters.resolve(chapter, {}, values)
    own = values.get(path.stem)
    expected = values | (own if isinstance(own, dict) else {})
    assert resolved == {k: v for k, v in expected.items() if k in chapter.parameters()}


def test_presets_are_those_of_the_readme():
    assert {"demo", "open", "thesis"} <= set(PRESETS)
    for name in PRESETS:
        assert f"notebooks/presets/{name}.yaml" in (ROOT / "README.md").read_text()


# --- documents ------------------------------------------------------------------------------------


def test_commands_of_the_documents_exist():
    makefile = (ROOT / "Makefile").read_text()
    prose = [f"book/{path.name}" for path in (ROOT / "book").glob("*.md")]
    for document in ("README.md", "CONTRIBUTING.md", *prose):
        text = (ROOT / document).read_text()
        for command in re.findall(r"^\$ (.+)$", text, re.MULTILINE):
            words = command.split("#")[0].split()
            if words[0] == "make":
                targets = [word for word in words[1:] if "=" not in word]
                assert all(re.search(rf"^{t}:", makefile, re.MULTILINE) for t in targets), command
            if words[0].endswith("tells") and words[1] == "run":
                chapter = chapters.find(words[2])
                named = re.findall(r"-p '?(\w+)=", command)
                assert set(named) <= set(chapter.parameters()), command
                if "--preset" in words:
                    assert words[words.index("--preset") + 1] in PRESETS


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "data/README.md"])
def test_links_lead_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_citation_is_of_the_software_and_names_the_thesis():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "license", "type"} <= set(citation)
    assert citation["license"] == PROJECT["license"]
    (thesis,) = (work for work in citation["references"] if work["type"] == "thesis")
    assert thesis["authors"] == [{"family-names": "Gino", "given-names": "Jacopo"}]
    assert {"title", "year", "institution"} <= set(thesis)


def test_changelog_knows_this_version():
    assert PROJECT["version"] in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    "package",
    [
        *(
            "tells.corpora",
            "tells.features",
            "tells.training",
            "tells.metrics",
            "tells.results",
            "tells.plots",
        ),
        "understudy",
    ],
)
def test_api_pages_show_what_a_package_offers(package):
    page = (ROOT / "book" / "api" / f"{package.rpartition('.')[2]}.md").read_text()
    head = page.split("automodule:: " + package + "\n", 1)[1].split(".. automodule::")[0]
    shown = set(re.findall(r"auto(?:function|class|exception):: (\w+)$", head, re.MULTILINE))
    module = importlib.import_module(package)
    offered = {
        name
        for name in module.__all__
        if inspect.isclass(getattr(module, name)) or inspect.isfunction(getattr(module, name))
    }
    assert shown == offered


@pytest.mark.parametrize("program", ["tells", "understudy"])
def test_the_page_of_the_command_line_names_every_command_and_option(program):
    page = (ROOT / "book" / "api" / "chapters.md").read_text()
    app = typer.main.get_command(importlib.import_module(f"{program}.cli").app)
    for name, command in app.commands.items():
        entry = re.split(rf"\n- `{program} {name}\b", page)[1].split("\n- `", 1)[0]
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                spelled = (*parameter.opts, *parameter.secondary_opts)
                assert any(f"`{option}`" in entry for option in spelled), (name, parameter.name)


# --- files ----------------------------------------------------------------------------------------


def test_nothing_in_git_is_large(tracked):
    assert [path for path in tracked if path.stat().st_size > MAX_BYTES] == []


def test_nothing_in_git_names_a_folder_of_somebodys_machine(tracked):
    sources = [path for path in tracked if ROOT / "tests" not in path.parents]  # made up there
    assert [path for path in sources if SOMEBODYS_FOLDER.search(path.read_bytes())] == []


def test_nothing_generated_is_in_git(tracked):
    parts = {part for path in tracked for part in path.relative_to(ROOT).parts}
    suffixes = {path.suffix for path in tracked}
    assert parts.isdisjoint({"build", ".venv", "_build", "__pycache__", "zarr.json"})
    assert suffixes.isdisjoint({".ipynb", ".wav", ".flac", ".npy", ".safetensors", ".ckpt", ".pkl"})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "lib")))
def test_library_never_unpickles(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            origins = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            if names != ["UnpicklingError"]:  # what a damaged checkpoint raises
                assert PICKLES.isdisjoint(origin.partition(".")[0] for origin in origins)
        if isinstance(node, ast.Call):
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if ast.unparse(node.func) == "torch.load":
                assert given.get("weights_only") == "True"
            if ast.unparse(node.func) == "np.load":
                assert given.get("allow_pickle", "False") == "False"


def test_importing_the_command_line_is_light():
    """`tells --help` should not wait for torch."""
    script = "import sys, tells.cli; print([m for m in ('torch', 'opensmile') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# --- records --------------------------------------------------------------------------------------


def test_the_speech_experiments_on_real_speech_are_recorded():
    found = {path.stem for path in RECORDS if path.parent.name == "ravdess"}
    assert {"ser-1", "ser-2", "ser-3a"} <= found


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_record_is_readable_and_of_a_real_corpus(path):
    record = results.read(path)
    scores = results.read_scores(path)
    assert record.data == path.parent.name != "understudy"
    assert record.experiment == path.stem
    assert record.chapter in {notebook.stem for notebook in NOTEBOOKS}
    assert len(scores) == record.n_test
    # a variant of ours is named after the thesis's experiment: ser-2-scaled
    assert record.experiment.startswith(tuple(results.thesis_numbers()["id"]))
