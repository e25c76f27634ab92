"""Sphinx: pages without Thebe, which Jupyter Book adds to each, twice, and which fails at that.

Thebe runs cells on another machine. The pages of this book need none.
"""

from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx, after whatever adds scripts to a page."""
    app.connect("html-page-context", _leave_out, priority=900)
    return {"parallel_read_safe": True}


def _leave_out(*event: object) -> None:
    """Take what belongs to Thebe out of a page's scripts and styles."""
    context = event[3]
    for kind in ("script_files", "css_files"):
        context[kind] = [one for one in context[kind] if not _is_of_thebe(one)]


def _is_of_thebe(file: object) -> bool:
    said = (str(getattr(file, "filename", file)), *getattr(file, "attributes", {}).values())
    return any("thebe" in str(text).lower() for text in said)
