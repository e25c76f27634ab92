"""Every clip of RAVDESS in four versions, two real and two fake, and a file that says which."""

from __future__ import annotations

import json
import os
import random
import wave
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

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
    jobs, exclusions = _jobs(source, root, seed)
    try:
        _claim(root, seed)
        done = dict(_run(jobs, workers or os.cpu_count() or 1, progress))
        failed = [(job.name, done[job.name]) for job in jobs if isinstance(done[job.name], str)]
        rows = [
            row for job in jobs if not isinstance(done[job.name], str) for row in done[job.name]
        ]
        clips = pd.DataFrame(rows, columns=["file", "label", "method", "original", "decibels"])
        _write_metadata(root, seed, clips)
    except OSError as error:
        raise TellsError(f"{root} cannot be written: {error.strerror}.") from error
    excluded = pd.DataFrame([*exclusions, *failed], columns=["item", "reason"])
    return Forged(root, clips, pd.concat([source.exclusions, excluded], ignore_index=True))


@dataclass(frozen=True)
class _Job:
    """One clip of which four are made; small and picklable."""

    source: Path
    model: Path
    root: Path
    name: str  # below the root, without suffix: Actor_01/03-01-01-01-01-01-01

    def file(self, method: str) -> str:
        return f"{self.name}_{method}.wav"

    def __call__(self) -> list[tuple[str, str, str, str, float]] | str:
        """The rows of what was made, or why nothing was."""
        paths = {method: self.root / self.file(method) for method in METHODS}
        if not all(path.exists() for path in paths.values()):
            try:
                samples = media.audio(self.source)
                speech = world.analyse(samples)
            except TellsError as error:
                return _reason(error)
            try:
                model = world.prosody(media.audio(self.model))
            except TellsError as error:
                return f"its other emotion cannot be used: {_reason(error)}"
            made = _versions(samples, speech, model)
            for method, samples in made.items():
                _save(paths[method], samples)
        original = self.file("original")
        return [
            (self.file(method), label, method, original, _decibels(paths[method]))
            for method, label in METHODS.items()
        ]


def _jobs(source: corpora.Corpus, root: Path, seed: int) -> tuple[list[_Job], list]:
    """One for each clip of which there is another emotion, and the clips of which there is none."""
    others: Mapping[tuple, list] = defaultdict(list)
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


def _reason(error: TellsError) -> str:
    return getattr(error, "reason", str(error))


def _versions(
    samples: np.ndarray, speech: world.Speech, model: world.Prosody
) -> dict[str, np.ndarray]:
    """By method, the samples of a clip and what is forged of it, equally loud, shape (n,)."""
    made = {
        "original": samples.astype(np.float64),
        "resynthesised": world.synthesise(speech),
        "flat": world.synthesise(world.flat(speech)),
        "exchanged": world.synthesise(world.exchanged(speech, model)),
    }
    level = _rms(made["original"])
    made = {method: one * (level / _rms(one)) for method, one in made.items()}
    loudest = max(np.abs(one).max() for one in made.values())
    return {method: one * min(1.0, _PEAK / loudest) for method, one in made.items()}


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def _decibels(path: Path) -> float:
    return round(20 * float(np.log10(_rms(media.audio(path).astype(np.float64)))), 2)


def _save(path: Path, samples: np.ndarray) -> None:
    """A WAV of 16 bits, in one step."""
    with replacing(path) as beside, wave.open(str(beside), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(media.SAMPLE_RATE)
        file.writeframes(np.rint(samples * 32_767).astype("<i2").tobytes())


def _claim(root: Path, seed: int) -> None:
    """Say whose folder it is before anything is in it, or see that it is ours."""
    path = root / METADATA
    ours = {"version": VERSION, "seed": seed}
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if not isinstance(found, dict) or any(found.get(k) != v for k, v in ours.items()):
            raise TellsError(
                f"{root} holds forgeries of another version or seed, not of version {VERSION}, "
                f"seed {seed}; name another folder or delete this one."
            )
    elif root.exists() and any(root.iterdir()):
        raise TellsError(f"{root} must be a new or an empty folder; something else is in it.")
    else:
        _write_metadata(root, seed, pd.DataFrame(columns=["file", "label", "method", "original"]))


def _write_metadata(root: Path, seed: int, clips: pd.DataFrame) -> None:
    entries = {
        row.file: {"label": row.label, "method": row.method}
        | ({"original": row.original} if row.label == "FAKE" else {})
        for row in clips.itertuples()
    }
    content = {"version": VERSION, "seed": seed, "clips": entries}
    with replacing(root / METADATA) as beside:
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _run(jobs: list[_Job], workers: int, progress: bool) -> Iterator[tuple[str, list | str]]:
    bar = tqdm(total=len(jobs), desc="forge", unit="clip", disable=not progress)
    with bar, ProcessPoolExecutor(min(workers, len(jobs) or 1), get_context("spawn")) as pool:
        futures = {pool.submit(job): job.name for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future.result()
            bar.update()
