"""What the tests of several modules need: sounds made on the spot, and the real clips."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tells import chapters
from tells.chapters import runner, source

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real clips beside the project."""
    if not SHARED.is_dir():
        pytest.skip(f"no recordings of people at {SHARED}; they are no part of this project")
    return SHARED


@pytest.fixture(scope="session")
def tone():
    """A function that gives a sine, shape (n,), float64."""

    def make(seconds=1.0, *, rate=16_000, hertz=440.0, amplitude=0.5):
        return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)

    return make


@pytest.fixture(scope="session")
def voice():
    """A function that gives something like speech: a gliding buzz in syllables, with noise."""

    def make(seconds=1.0, *, seed=0):
        rng = np.random.default_rng(seed)
        t = np.arange(round(seconds * 16_000)) / 16_000
        phase = 2 * np.pi * np.cumsum(120 + 40 * np.sin(2 * np.pi * (0.7 * t + seed / 7))) / 16_000
        buzz = sum(np.sin(k * phase) / k for k in range(1, 12))
        syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)
        return 0.2 * syllables * buzz + 0.01 * rng.standard_normal(len(t))

    return make


@pytest.fixture(scope="session")
def write_sound():
    """A function that writes samples to a file, whose suffix says the container."""

    def write(path, samples, *, rate=16_000, subtype="PCM_16"):
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, rate, subtype=subtype)
        return path

    return write


@pytest.fixture(scope="session")
def understudy_root() -> Path:
    """The understudy of the tiny book, which `make test` has written before; nobody changes it."""
    folder = chapters.HOME / "build" / "understudy" / "tiny"
    runner.write_understudy(folder)
    return folder


@pytest.fixture
def own_build(tmp_path, monkeypatch) -> Path:
    """The folder of what is generated, which is the test's own."""
    shared = source.SHARED["build"]
    build = tmp_path / "build"
    monkeypatch.setitem(source.SHARED, "build", dataclasses.replace(shared, default=str(build)))
    return build
