"""The chapters of the book as text: found by name, with the parameters that each may have."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml

from tells.errors import TellsError

HOME = Path(__file__).parents[3]
FOLDER = HOME / "notebooks"

_KINDS = {
    "bool": bool,
    "str": str,
    "int": int,
    "float": (int, float),
    "dict": dict,
    "None": type(None),
}
_TYPE = re.compile("list\\[({0})\\]|{0}".format("|".join(_KINDS)))


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


SHARED = {
    one.name: one
    for one in (
        Parameter("seed", "int", 0, "of everything that is random"),
        Parameter("max_epochs", "int", 100, "epochs; the thesis is silent"),
        Parameter("patience", "int", 15, "epochs without a better validation fold"),
        Parameter("root", "str | None", None, "folder of the corpus; null: the understudy's"),
        Parameter("understudy", "str", "build/understudy/standard", "folder of the understudy"),
        Parameter(
            "feature_store", "str", "build/features", "folder or fsspec address of the features"
        ),
        Parameter("scheduler", "str | None", None, "address of a running Dask scheduler"),
        Parameter("build", "str", "build", "folder of the runs"),
        Parameter("preset", "str", "demo", "whose runs of other chapters are used"),
        Parameter("uses", "dict", {}, "other runs: chapter: folder of a run, or a preset"),
    )
}
"""What chapters share, `{name: parameter}`; a chapter has those that its code asks `run` for."""

_DATA = {"root", "understudy", "build"}
_TRAINING = {"seed", "max_epochs", "patience"}
_TAKEN_BY = {  # the attributes of `Run` that need them
    "load": _DATA,
    "root": _DATA,
    "data": _DATA,
    **{
        name: {"seed", *_DATA}
        for name in ("caption", "record", "evaluate", "judge", "judge_scores")
    },
    "fit": _TRAINING,
    "options": _TRAINING,
    "cache": {"feature_store", *_DATA},
    "stored": {"feature_store", *_DATA},
    "extract": {"feature_store", "scheduler", *_DATA},
    "scheduler": {"scheduler"},
    "seed": {"seed"},
    "use": {"build", "preset", "uses"},
    "record_folders": {"build", "preset", "uses"},
    "folder": {"build"},
}


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

    @property
    def code(self) -> str:
        """All of its code."""
        return _read(self.path, self.path.read_text(encoding="utf-8"))[1]

    @property
    def uses(self) -> tuple[str, ...]:
        """Names of the chapters whose runs this one builds on, from its header."""
        return tuple(self._header.get("uses", ()))

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the chapters whose records it shows, as far as they are there."""
        return tuple(self._header.get("reads", ()))

    @property
    def takes(self) -> float:
        """Seconds that it takes in the book, from its header; it only decides what runs first."""
        return float(self._header.get("takes", 10))

    @property
    def _header(self) -> Mapping[str, Any]:
        return _read(self.path, self.path.read_text(encoding="utf-8"))[2]

    def parameters(self) -> dict[str, Parameter]:
        """Its parameters: those of its own cell, read and not executed, then those it shares.

        Raises:
            TellsError: a line is not `name: type = literal  # unit`.
        """
        return dict(_read(self.path, self.path.read_text(encoding="utf-8"))[0])


@cache  # a preset is checked against all chapters, which takes a second
def _read(path: Path, text: str) -> tuple[dict[str, Parameter], str, Mapping[str, Any]]:
    """Parameters, code and what the header says to `tells`, of a chapter of that text."""
    notebook = jupytext.reads(text, fmt="md:myst")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    source = next((c.source for c in cells if "parameters" in c.metadata.get("tags", [])), "")
    code = "\n".join(cell.source for cell in cells)
    header = notebook.metadata.get("tells", {})
    asked = set(re.findall(r"\brun\.(\w+)", code)) | ({"use"} if header else set())
    taken = set().union(*(names for name, names in _TAKEN_BY.items() if name in asked))
    shared = {name: one for name, one in SHARED.items() if name in taken}
    return {**_parameters(path, source), **shared}, code, header


def _parameters(path: Path, source: str) -> dict[str, Parameter]:
    """The parameters of a parameters cell."""
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
