"""Sphinx: each chapter's page ends with how to run it, from its parameters and its records.

Nothing of it is written into the notebooks: the parameters come from `tells.chapters`, which also
checks those of `tells run`, the values used from what papermill noted, and the names of the records
from the folder of the run.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from sphinx.application import Sphinx

from tells import chapters

TITLE = "Run this chapter yourself"
_BRACES = re.compile(r"(?<!`)(\{[^{}`]*\})")  # a dict in a comment is code
_OWN = ("open", "thesis")  # presets of corpora that a reader may have
_TEXT = """\
## {title}

````{{dropdown}} The command, its parameters, and what changes in the record
:name: run-{name}

{about}

```console
{commands}
```

{more}

```{{table}}
:class: stacked

| parameter | type | default | what it is |
|---|---|---|---|
{rows}
```

{record}
````
"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("source-read", _append)
    return {"parallel_read_safe": True}


def _append(app: Sphinx, page: str, source: list[str]) -> None:
    """Add the section to the text of an executed notebook, before it is parsed."""
    path = Path(app.env.doc2path(page))
    if path.suffix != ".ipynb":
        return
    notebook = nbformat.reads(source[0], as_version=4)
    used = notebook.metadata.get("papermill", {}).get("parameters", {})
    chapter = chapters.find(path.stem)
    text = section(chapter, used, chapters.Run(chapter, used).folder)
    notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="run-yourself"))
    source[0] = nbformat.writes(notebook)


def section(chapter: chapters.Chapter, used: Mapping[str, Any], folder: Path | None = None) -> str:
    """How to run a chapter, as MyST.

    Args:
        chapter: the chapter.
        used: the parameters with which the book has run it, as far as they are not the defaults.
        folder: of that run.
    """
    parameters = chapter.parameters()
    about = "From the project's folder, as `make book` does it"
    about += ", and on corpora of your own:" if "root" in parameters else ":"
    more = "`-p` may be repeated, and takes any of these parameters:"
    if "root" in parameters:
        more = (
            "With another corpus, `corpus` names its adapter; what the record calls the data comes "
            f"from the data. {more}"
        )
    return _TEXT.format(
        title=TITLE,
        name=chapter.name.replace("_", "-"),
        about=about,
        commands="\n".join(f"$ {command}" for command in commands(chapter)),
        more=more,
        rows="\n".join(_row(parameter, used) for parameter in parameters.values()),
        record=_record(chapter, folder),
    )


def commands(chapter: chapters.Chapter) -> list[str]:
    """The command of `make book`, then one for each preset that names a corpus."""
    lines = [f"tells run {_short(chapter)} --preset demo"]
    if "corpus" in chapter.parameters():
        for name in _OWN:
            values = chapters.resolve(chapter, {}, _preset(name))
            lines.append(
                f"tells run {_short(chapter)} --preset {name} -p root=/path/to/{values['corpus']}"
            )
    return lines


@cache
def _preset(name: str) -> dict[str, Any]:
    """A preset, which takes long to read, for it is checked against all chapters."""
    return chapters.preset(name)


def _short(chapter: chapters.Chapter) -> str:
    """The number of a chapter, if it has one and no other begins like that."""
    number = re.match(r"\d+(_\d+)*(?=_)", chapter.name)
    known = [other.name for other in chapters.chapters()]
    if number and sum(name.startswith(number[0]) for name in known) == 1:
        return number[0]
    return chapter.name


def _row(parameter: chapters.Parameter, used: Mapping[str, Any]) -> str:
    default = f"`{parameter.default!r}`"
    if used.get(parameter.name, parameter.default) != parameter.default:
        default += f", here `{used[parameter.name]!r}`"
    about = _BRACES.sub(r"`\1`", parameter.comment)
    cells = (f"`{parameter.name}`", f"`{parameter.annotation}`", default, about)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _record(chapter: chapters.Chapter, folder: Path | None) -> str:
    """What the chapter writes, and where in it a parameter is found again."""
    if not re.search(r"run\.(evaluate|judge|judge_scores|record)\(", chapter.code):
        return "This chapter writes no record."
    names = sorted(path.stem for path in folder.glob("records/*.json")) if folder else []
    record = f"{names[0] if names else '<experiment>'}.json"
    listed = "the record" + "s" * (len(names) > 1) + " " + ", ".join(f"`{name}`" for name in names)
    runs = f"build/runs/{chapter.name}"
    return "\n".join(
        [
            f"The chapter writes {listed if names else 'its records'} into `records`, in the "
            f"folder of its run below `{runs}`, each a JSON file and a table of scores. There "
            "`adapter` and `data` say which corpus it was, `split` which folds, `parameters` what "
            "was selected and how the network was trained, and `seed` the seed; where files lie is "
            "not part of it. What is run with another parameter has a folder of its own, so yours "
            "comes to lie beside the book's, and can be compared with it:",
            "",
            "```console",
            f"$ tells run {_short(chapter)} --preset demo -p seed=1",
            f"$ tells compare {runs}/*-seed0-*/records/{record} {runs}/*-seed1-*/records/{record}",
            "```",
        ]
    )
