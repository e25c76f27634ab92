"""The chapters of the book: found, checked, executed; each execution is a run with its own folder.

A chapter is MyST text with typed parameters (`source`). A run is one execution of it; it owns its
data's name, its folder and its records (`run`). What is out of date is executed, several chapters
at once (`runner`): out of date is what other code would answer (`code`).
"""

from tells.chapters.run import Judged, Question, Run, UsedRun
from tells.chapters.source import (
    FOLDER,
    HOME,
    SHARED,
    Chapter,
    Parameter,
    Places,
    chapters,
    find,
    from_here,
    parse,
    preset,
    resolve,
)

__all__ = [
    "FOLDER",
    "HOME",
    "SHARED",
    "Chapter",
    "Judged",
    "Parameter",
    "Places",
    "Question",
    "Run",
    "UsedRun",
    "chapters",
    "find",
    "from_here",
    "parse",
    "preset",
    "resolve",
]
