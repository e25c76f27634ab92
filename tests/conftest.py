"""What the tests of several modules need: sounds made on the spot, and the real clips."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from filelock import FileLock

import understudy

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
def understudy_root(tmp_path_factory, worker_id) -> Path:
    """A whole understudy of size tiny, written by two workers; nobody changes it.

    One for all the processes that share the tests: the first writes it and the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    with FileLock(base / "understudy.lock"):  # what is finished is not written again
        return understudy.write(base / "tiny", size="tiny", seed=0, workers=2, progress=False)
