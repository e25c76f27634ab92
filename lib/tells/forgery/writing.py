"""Every clip of RAVDESS in four versions, two real and two fake, and a file that says which."""

from __future__ import annotations

import json
import os
import random
import wave
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from tells import corpora, media
from tells.corpora.ravdess_forged import METADATA, METHODS
from tells.errors import TellsError
from tells.files import replacing
from tells.forgery import world

VERSION = 2  # of what is written; raised whenever the same seed gives other samples

_PEAK = 0.98  # of full scale, what no version of a clip exceeds


@dataclass(frozen=True)
class Forged:
    """What was made.

    Attributes:
        root: the folder, which the adapter `ravdess-forged` reads.
        clips: a row for each clip written: `file`, `label`, `method`, `original`, `decibels` (of
            its root mean square, full scale being 0 dB).
        exclusions: what was left out of RAVDESS and what could not be forged (`item`, `reason`).
    """

    root: Path
    clips: pd.DataFrame
    exclusions: pd.DataFrame


class _Job(NamedTuple):
    """One clip of which four are made."""

    source: Path
    model: Path  # the other emotion
    root: Path
    name: str  # below the root, without suffix: Actor_01/03-01-01-01-01-01-01


class _Clip(NamedTuple):
    file: str
    label: str
    method: str
    original: str
    decibels: float


def forge(
    ravdess: str | Path,
    root: str | Path,
    *,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
) -> Forged:
    """Make fakes of the prosody out of RAVDESS's speech, and reals that the vocoder went over.

    Each clip becomes four: itself, and three that the vocoder WORLD has taken apart and put
    together again, with its prosody as it was (`resynthesised`, a real clip: so the vocoder's
    traces are not what tells a fake), `flat`, and `exchanged` for that of the same actor saying the
    same sentence in another emotion. All four have the root mean square of the clip, turned down
    together where one of them would clip: loudness does not tell a fake either.

    Killed and started again, it goes on where it was.

    Args:
        ravdess: the corpus as distributed, or a part of it.
        root: the folder to write to.
        seed: of the choice of the other emotion.
        workers: processes; None takes one for each core.
        progress: show a bar.

    Raises:
        TellsError: RAVDESS is not there, the folder holds something else or cannot be written, or
            `seed` or `workers` is too small.

    Chapter: 05_5_1_audio_detection.
    """
    if seed < 0:
        raise TellsError(f"seed must be 0 or more; got {seed}.")
    if workers is not None and workers < 1:
        raise TellsError(f"workers must be 1 or more; got {workers}.")
    source = corpora.load("ravdess", ravdess)
    root = Path(root)
    jobs, excluded = _jobs(source, root, seed)
    workers = min(workers or os.cpu_count() or 1, len(jobs) or 1)
    clips: list[_Clip] = []
    try:
        _claim(root, seed)
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            forged = pool.map(_forge_clip, jobs)
            bar = tqdm(forged, "forge", len(jobs), unit="clip", disable=not progress)
            for job, made in zip(jobs, bar, strict=True):
                if isinstance(made, str):
                    excluded.append((job.name, made))
                else:
                    clips += made
        _write_metadata(root, seed, clips)
    except OSError as error:
        raise TellsError(f"{root} cannot be written: {error.strerror}.") from error
    exclusions = pd.DataFrame(excluded, columns=["item", "reason"])
    return Forged(
        root,
        pd.DataFrame(clips, columns=_Clip._fields),
        pd.concat([source.exclusions, exclusions], ignore_index=True),
    )


def _jobs(
    source: corpora.Corpus, root: Path, seed: int
) -> tuple[list[_Job], list[tuple[str, str]]]:
    """One for each clip of which there is another emotion, and the clips of which there is none."""
    others = defaultdict(list)
    rows = list(source.table.reset_index().itertuples())
    for row in rows:
        others[row.speaker, row.sentence].append(row)
    jobs, exclusions = [], []
    for row in rows:
        able = [one for one in others[row.speaker, row.sentence] if one.emotion != row.emotion]
        if not able:
            exclusions.append((row.file, "no clip of this actor and sentence in another emotion"))
            continue
        model = random.Random(f"{seed} {row.utterance}").choice(able)  # noqa: S311
        name = f"Actor_{row.speaker}/{row.utterance}"
        jobs.append(_Job(source.root / row.file, source.root / model.file, root, name))
    return jobs, exclusions


def _forge_clip(job: _Job) -> list[_Clip] | str:
    """The four versions of a clip, which are written unless they are there, or why there are none.

    All are equally loud.
    """
    files = {method: f"{job.name}_{method}.wav" for method in METHODS}
    if not all((job.root / file).exists() for file in files.values()):
        try:
            samples = media.audio(job.source)
            speech = world.prosody(samples)
        except TellsError as error:
            return getattr(error, "reason", str(error))
        try:
            model = world.prosody(media.audio(job.model))
        except TellsError as error:
            return f"its other emotion cannot be used: {getattr(error, 'reason', str(error))}"
        wanted = [speech, world.flat(speech), world.exchanged(speech, model)]
        made = [samples.astype(np.float64), *world.resynthesise(samples, speech, wanted)]
        level = _rms(made[0])
        made = [one * (level / _rms(one)) for one in made]
        gain = min(1.0, _PEAK / max(np.abs(one).max() for one in made))
        for file, one in zip(files.values(), made, strict=True):  # in the order of METHODS
            with replacing(job.root / file) as beside, wave.open(str(beside), "wb") as sound:
                sound.setparams((1, 2, media.SAMPLE_RATE, 0, "NONE", ""))  # mono, 16 bits
                sound.writeframes(np.rint(one * gain * 32_767).astype("<i2").tobytes())
    clips = []
    for method, file in files.items():
        rms = _rms(media.audio(job.root / file).astype(np.float64))
        decibels = round(20 * float(np.log10(rms)), 2)
        clips.append(_Clip(file, METHODS[method], method, files["original"], decibels))
    return clips


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def _claim(root: Path, seed: int) -> None:
    """Say whose folder it is before anything is in it, or see that it is ours."""
    path = root / METADATA
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        ours = {"version": VERSION, "seed": seed}
        if not isinstance(found, dict) or found | ours != found:
            raise TellsError(
                f"{root} holds forgeries of another version or seed, not of version {VERSION}, "
                f"seed {seed}; name another folder or delete this one."
            )
    elif root.exists() and any(root.iterdir()):
        raise TellsError(f"{root} must be a new or an empty folder; something else is in it.")
    else:
        _write_metadata(root, seed, [])


def _write_metadata(root: Path, seed: int, clips: list[_Clip]) -> None:
    entries = {
        clip.file: {"label": clip.label, "method": clip.method}
        | ({"original": clip.original} if clip.label == "FAKE" else {})
        for clip in clips
    }
    content = {"version": VERSION, "seed": seed, "clips": entries}
    with replacing(root / METADATA) as beside:
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
