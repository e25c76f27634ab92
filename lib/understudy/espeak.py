"""Speech from espeak-ng, one fresh process for each turn."""

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import espeakng_loader
import numpy as np

from understudy.errors import UnderstudyError
from understudy.performance import Phoneme

TIMEOUT = 60.0  # s; a turn takes about 0.05
SILENCE = "_"
SCRIPT = Path(__file__).with_name("espeak_process.py")


class Line(NamedTuple):
    """A sentence and how espeak-ng is to say it."""

    text: str
    rate: int  # words a minute, 80-450
    pitch: int  # 0-99
    range: int  # 0-99
    volume: int = 60  # low enough for every voice to stay clear of clipping


class Sound(NamedTuple):
    """A spoken sentence or turn."""

    samples: np.ndarray  # (n,), float in [-1, 1]
    phonemes: tuple[Phoneme, ...]  # in s since the first sample; a sentence's last is `SILENCE`


@functools.cache
def _command() -> tuple[list[str], str]:
    """The child's command line, and the folder to run it in.

    The data is named relative to that folder: espeak-ng cuts paths of more than 160 characters.
    """
    data = Path(espeakng_loader.get_data_path())
    library = str(espeakng_loader.get_library_path())
    return [sys.executable, "-I", "-S", str(SCRIPT), library, "."], str(data.parent)


def speak(turn: str, voice: str, lines: list[Line]) -> tuple[list[Sound], int]:
    """Say the sentences of one turn.

    Args:
        turn: the turn's name, for messages.
        voice: espeak-ng's language and variant, such as `en-us+f2`.
        lines: the sentences, in order.

    Returns:
        The sentences, from the first sound to the last, and their sample rate in Hz.

    Raises:
        UnderstudyError: espeak-ng failed, or took longer than `TIMEOUT`.
    """
    command, folder = _command()
    job = json.dumps({"voice": voice, "sentences": [line._asdict() for line in lines]})
    try:
        done = subprocess.run(  # noqa: S603 (our own script, no shell, the text on stdin)
            command, cwd=folder, input=job.encode(), capture_output=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise UnderstudyError(f"{turn}: espeak-ng did not answer within {TIMEOUT:g} s") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UnderstudyError(f"{turn}: espeak-ng failed ({done.returncode}): {reason}")
    head, _, body = done.stdout.partition(b"\n")
    about = json.loads(head)
    samples = np.frombuffer(body, "<i2") / 32768.0
    ends = np.cumsum([sentence["samples"] for sentence in about["sentences"]])
    pieces = np.split(samples, ends[:-1])
    rate = about["rate"]
    both = zip(pieces, about["sentences"], strict=True)
    return [_trim(piece, sentence["phonemes"], rate) for piece, sentence in both], rate


def _trim(samples: np.ndarray, phonemes: list[tuple[int, str]], rate: int) -> Sound:
    """Drop the silence before and after a sentence, and let it end with one mark of silence."""
    loud = np.flatnonzero(np.abs(samples) > 1e-3)
    first, last = (loud[0], loud[-1] + 1) if len(loud) else (0, len(samples))
    sounds = [(at, symbol) for at, symbol in phonemes if at < last and symbol.strip("_:")]
    marks = [*sounds, (last, SILENCE)]
    times = (max(int(at - first), 0) / rate for at, _ in marks)
    kept = (Phoneme(t, symbol) for t, (_, symbol) in zip(times, marks, strict=True))
    return Sound(samples[first:last], tuple(kept))
