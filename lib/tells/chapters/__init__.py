"""The chapters of the book: found, checked, executed; each execution is a run with its own folder.

A chapter is MyST text with typed parameters (`source`). A run is one execution of it: it answers a
question (`question`), and owns its data's name, its folder and its records (`run`); others build on
it (`used`). What is out of date is executed, several chapters at once (`runner`). A study is one
chapter run for every test fold in turn (`study`).
"""

from tells.chapters.places import Places, from_here
from tells.chapters.question import Question
from tells.chapters.run import Judged, Run
from tells.chapters.source import (
    FOLDER,
    HOME,
    SHARED,
    Chapter,
    Parameter,
    chapters,
    find,
    parse,
    preset,
    resolve,
)
from tells.chapters.used import UsedRun

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
