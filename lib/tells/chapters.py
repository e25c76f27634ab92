"""Find, check and execute the chapters of the book."""

from __future__ import annotations

import ast
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill
import yaml
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError

from tells.errors import TellsError

FOLDER = Path(__file__).parents[2] / "notebooks"

_KINDS = {
    "bool": bool,
    "str": str,
    "int": int,
    "float": (int, float),
    "dict": dict,
    "None": type(None),
}
_TYPE = re.compile("list\\[({0})\\]|{0}".format("|".join(_KINDS)))

# Errors come through papermill; what else a kernel says of itself is noise.
_KERNEL = ["--IPKernelApp.log_level=CRITICAL"]
# The GNU C library keeps what it would give back, and the next training step would ask for again.
_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**30)}


class _Loader(yaml.SafeLoader):
    """YAML as PyYAML reads it, except that 3e-4 is a number, as it is in YAML 1.2."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


@dataclass(frozen=True)
class Parameter:
    """One line of a chapter's parameters cell.

    Attributes:
        name: of the parameter.
        annotation: its type, as written: `float`, `list[str]`, `str | None`.
        default: its value if nothing else is asked for.
        comment: what follows the `#`: unit and meaning.
    """

    name: str
    annotation: str
    default: Any
    comment: str

    def accepts(self, value: object) -> bool:
        """Whether a value has the annotated type; an int passes for a float."""
        return any(_is_a(value, option.strip()) for option in self.annotation.split("|"))


def _is_a(value: object, annotation: str) -> bool:
    if annotation.startswith("list["):
        inner = annotation[len("list[") : -1]
        return isinstance(value, list) and all(_is_a(item, inner) for item in value)
    if isinstance(value, bool) or annotation == "bool":
        return isinstance(value, bool) and annotation == "bool"
    return isinstance(value, _KINDS[annotation])


@dataclass(frozen=True)
class Chapter:
    """A notebook in MyST text, unexecuted.

    Attributes:
        path: its source, `notebooks/<name>.md`.
    """

    path: Path

    @property
    def name(self) -> str:
        """For example `05_3_1_speech_experiment_1`."""
        return self.path.stem

    def notebook(self) -> nbformat.NotebookNode:
        """The chapter as an unexecuted notebook."""
        notebook = jupytext.read(self.path, fmt="md:myst")
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        return notebook

    def parameters(self) -> dict[str, Parameter]:
        """The parameters cell, read and not executed.

        Raises:
            TellsError: a line is not `name: type = literal  # unit`.
        """
        return dict(_parameters(self.path, self.path.read_text()))


@cache  # a preset is checked against all chapters, which takes a second
def _parameters(path: Path, text: str) -> dict[str, Parameter]:
    """Parameters of a chapter of that text."""
    cells = jupytext.reads(text, fmt="md:myst").cells
    tagged = (cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
    source = next(tagged, "")
    lines = source.splitlines()
    found = [_parameter(node, lines[node.end_lineno - 1]) for node in ast.parse(source).body]
    if None in found:
        raise TellsError(
            f"{path}, parameters cell, statement {found.index(None) + 1}: expected "
            "`name: type = literal  # unit`, where a type is "
            f"{', '.join(_KINDS)}, a list of one of them, or several joined by `|`."
        )
    return {parameter.name: parameter for parameter in found}


def _parameter(node: ast.stmt, line: str) -> Parameter | None:
    """A statement of a parameters cell and its last line; None if it is not what it should be."""
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
        return None
    annotation = ast.unparse(node.annotation)
    if not all(_TYPE.fullmatch(option.strip()) for option in annotation.split("|")):
        return None
    try:
        default = ast.literal_eval(node.value)
    except (TypeError, ValueError):
        return None
    rest = line.encode()[node.end_col_offset :].decode()
    return Parameter(node.target.id, annotation, default, rest.partition("#")[2].strip())


def chapters(folder: Path = FOLDER) -> list[Chapter]:
    """All chapters, in the order of the book."""
    return [Chapter(path) for path in sorted(folder.glob("*.md"))]


def find(name: str, folder: Path = FOLDER) -> Chapter:
    """A chapter by its name or by the beginning of it, if that leaves one.

    Raises:
        TellsError: no chapter or several have that name.
    """
    stem = name.removesuffix(".md")
    known = chapters(folder)
    found = [c for c in known if c.name == stem] or [c for c in known if c.name.startswith(stem)]
    if len(found) != 1:
        names = ", ".join(chapter.name for chapter in found or known)
        problem = "is ambiguous" if found else "is not a chapter"
        raise TellsError(f"{name!r} {problem}; choose one of: {names}.")
    return found[0]


def parse(text: str, where: str) -> Any:  # noqa: ANN401
    """A value, or a mapping of values, written in YAML.

    Args:
        text: the YAML.
        where: it comes from, for the message.

    Raises:
        TellsError: it is not valid.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - it is a SafeLoader
    except yaml.YAMLError as error:
        raise TellsError(f"{where}: not valid YAML: {' '.join(str(error).split())}.") from error


def preset(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The parameters of `notebooks/presets/<name>.yaml`.

    They are for all chapters that have them; those under a chapter's name are for it alone.

    Raises:
        TellsError: there is no such preset, it is not YAML, or it names a parameter that no chapter
            has.
    """
    path = folder / "presets" / f"{name}.yaml"
    known = sorted(p.stem for p in path.parent.glob("*.yaml"))
    if name not in known:
        raise TellsError(f"preset must be one of {', '.join(known)}; got {name!r}.")
    values = parse(path.read_text(), str(path)) or {}
    if not isinstance(values, dict):
        raise TellsError(f"{path}: expected lines of `name: value`.")
    own = {chapter.name: set(chapter.parameters()) for chapter in chapters(folder)}
    everywhere = set().union(*own.values())  # a parameter may be called like a chapter: results
    unknown = set(values) - set(own) - everywhere
    for chapter in set(own) & set(values) - everywhere:
        if not isinstance(values[chapter], dict):
            raise TellsError(f"{path}: under {chapter}, expected lines of `name: value`.")
        unknown |= {f"{chapter}.{parameter}" for parameter in set(values[chapter]) - own[chapter]}
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        raise TellsError(f"{path}: no chapter has a parameter named {names}.")
    return values


def resolve(
    chapter: Chapter, overrides: Mapping[str, Any], preset_values: Mapping[str, Any]
) -> dict[str, Any]:
    """What a chapter is run with: its preset's values as far as it has them, then the overrides.

    Raises:
        TellsError: an override is not a parameter of this chapter, or a value has the wrong type.
    """
    parameters = chapter.parameters()
    if unknown := sorted(set(overrides) - set(parameters)):
        raise TellsError(
            f"{chapter.name} has no parameter named {', '.join(unknown)}; it has: "
            f"{', '.join(parameters) or 'none'}."
        )
    values = {k: v for k, v in preset_values.items() if k in parameters}
    section = preset_values.get(chapter.name)
    values |= (section if isinstance(section, dict) else {}) | dict(overrides)
    for name, value in values.items():
        if not parameters[name].accepts(value):
            raise TellsError(
                f"{name} must be of type {parameters[name].annotation}; got {value!r} "
                f"({type(value).__name__})."
            )
    return values


def run(
    chapter: Chapter,
    values: Mapping[str, Any],
    output: Path,
    *,
    html: bool = True,
    progress: bool = True,
) -> Path:
    """Execute a chapter with papermill.

    Args:
        chapter: what to run.
        values: its parameters, as from `resolve`.
        output: folder of the executed notebook; made if it is missing.
        html: also write a page that can be opened by itself.
        progress: show papermill's bar of cells.

    Returns:
        The executed notebook, `<output>/<name>.ipynb`. A failed run leaves
        `<output>/<name>.failed.ipynb` instead.

    Raises:
        TellsError: the chapter rejected its input, or failed; the message is its own.
    """
    os.environ |= _MEMORY | dict(os.environ)  # the kernel's, too
    output.mkdir(parents=True, exist_ok=True)
    failed = output / f"{chapter.name}.failed.ipynb"
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / f"{chapter.name}.ipynb"
        nbformat.write(chapter.notebook(), source)
        try:
            papermill.execute_notebook(
                source,
                failed,
                dict(values),
                progress_bar=progress,
                kernel_name="python3",
                extra_arguments=_KERNEL,
            )
        except PapermillExecutionError as error:
            raise TellsError(_sentence(chapter, error, failed)) from error
        except DeadKernelError as error:
            why = f"its kernel died, perhaps for want of memory (what it had done: {failed})"
            raise TellsError(f"{chapter.name}: {why}.") from error
    done = failed.replace(output / f"{chapter.name}.ipynb")
    if html:
        from nbconvert import HTMLExporter  # takes half a second, and the book needs no pages

        with warnings.catch_warnings():  # of glued values, which only the book can show
            warnings.filterwarnings("ignore", message="Your element with mimetype")
            page, _ = HTMLExporter().from_filename(str(done))
        done.with_suffix(".html").write_text(page)
    return done


def _sentence(chapter: Chapter, error: PapermillExecutionError, output: Path) -> str:
    """The sentence of a `TellsError` inside the chapter, or where to look for any other error."""
    if error.ename in ("TellsError", "MediaError"):
        return f"{chapter.name}: {error.evalue}"
    where = f"{chapter.name} failed in cell {error.exec_count}"
    return f"{where} with {error.ename}: {error.evalue} (the whole traceback: {output})"
