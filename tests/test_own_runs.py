"""What the book says at the end of each chapter about running it."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from tells import chapters

ROOT = Path(__file__).parents[1]
CHAPTERS = chapters.chapters()


def load_extension():
    path = ROOT / "book" / "_ext" / "own_runs.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


own_runs = load_extension()


def by_name(chapter):
    return chapter.name


@pytest.mark.parametrize("chapter", CHAPTERS, ids=by_name)
def test_every_command_would_run(chapter):
    text = own_runs.section(chapter, {})
    commands = [shlex.split(line) for line in re.findall(r"^\$ tells run (.*)$", text, re.M)]
    assert commands
    for name, _, preset, *rest in commands:
        assert chapters.find(name).name == chapter.name
        pairs = [text.split("=", 1) for flag, text in zip(rest[::2], rest[1::2], strict=True)]
        values = {key: chapters.parse(value, key) for key, value in pairs}
        chapters.resolve(chapter, values, chapters.preset(preset))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=by_name)
def test_every_parameter_has_a_row_with_its_default(chapter):
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", own_runs.section(chapter, {}), re.M)
    parameters = chapter.parameters()
    assert [name for name, _ in rows] == list(parameters)
    for name, rest in rows:
        annotation, default, about = re.split(r" (?<!\\)\| ", rest)
        assert annotation.replace("\\", "") == f"`{parameters[name].annotation}`"
        assert default == f"`{parameters[name].default!r}`"
        assert about.replace("`", "") == parameters[name].comment


def test_a_value_that_the_book_uses_stands_beside_the_default():
    chapter = chapters.find("05_3_2")
    text = own_runs.section(chapter, {"max_epochs": 10, "patience": 15})
    assert "`100`, here `10`" in text
    assert "`15`, here" not in text


def test_the_records_are_those_that_the_run_has_written(tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "ser-3a.json").touch()
    text = own_runs.section(chapters.find("05_3_3"), {}, tmp_path)
    assert "writes the record `ser-3a` into" in text
    assert "*-seed0-*/records/ser-3a.json build/runs/05_3_3_speech_experiment_3/*-seed1-*" in text
    assert "writes no record" in own_runs.section(chapters.find("05_1"), {})
