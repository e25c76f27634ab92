"""Sphinx: API pages that show the public names, set the formulas and link to the chapters.

`tells.features.extract` is written in `tells.features.extraction`, which is nobody's business: what
a package lists in `__all__` is shown, and referred to, as the package's. Formulas are written in
docstrings as in the chapters, between dollar signs. The chapters that a docstring names become
links.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy.typing
from sphinx.application import Sphinx

PACKAGES = ("tells", "understudy")
_DISPLAYED = re.compile(r"^( *)\$\$(.+)\$\$$")
_INLINE = re.compile(r"\$([^$]+)\$")
_CHAPTERS = re.compile(r"(?<=Chapter: )[\w, ]+(?=\.)")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    # Before our modules import it: a name to show, not the union of six types that it stands for.
    numpy.typing.ArrayLike = type("ArrayLike", (), {"__module__": "numpy.typing"})
    for name in PACKAGES:
        for module in _packages(importlib.import_module(name)):
            _adopt(module)
    app.connect("autodoc-process-signature", _hide_factories)
    app.connect("autodoc-process-docstring", _set_formulas)
    app.connect("autodoc-process-docstring", _link_chapters)
    return {"parallel_read_safe": True}


def _packages(top: ModuleType) -> Iterator[ModuleType]:
    yield top
    for found in pkgutil.iter_modules(top.__path__, f"{top.__name__}."):
        if found.ispkg:
            yield from _packages(importlib.import_module(found.name))


def _adopt(package: ModuleType) -> None:
    for name in getattr(package, "__all__", ()):
        public = getattr(package, name)
        if getattr(public, "__module__", "").startswith(f"{package.__name__}."):
            public.__module__ = package.__name__


def _hide_factories(*event: object) -> tuple[str | None, str | None]:
    """Write a dataclass's `<factory>` as `...`, which Sphinx can read."""
    *_, signature, returns = event
    return signature and signature.replace("<factory>", "..."), returns


def _set_formulas(*event: object) -> None:
    """Turn `$x$` and a line of `$$x$$` into what reStructuredText has for them."""
    *_, lines = event
    for i, line in enumerate(lines):
        displayed = _DISPLAYED.sub(r"\1.. math:: \2", line)
        lines[i] = _INLINE.sub(r":math:`\1`", line) if displayed == line else displayed


def _link_chapters(app: Sphinx, *event: object) -> None:
    """Turn `Chapter: 05_1_metrics.` into a link, wherever the book keeps that page."""
    *_, lines = event
    pages = {page.rpartition("/")[2]: page for page in app.env.found_docs}

    def link(chapter: str) -> str:
        return f":doc:`{chapter} </{pages[chapter]}>`" if chapter in pages else chapter

    def links(match: re.Match[str]) -> str:
        return ", ".join(map(link, match[0].split(", ")))

    lines[:] = [_CHAPTERS.sub(links, line) for line in lines]
