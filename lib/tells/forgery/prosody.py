"""Every clip of RAVDESS in four versions, two real and two fake."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tells import corpora, media
from tells.corpora.forged import METHODS
from tells.errors import TellsError
from tells.forgery import world
from tells.forgery.sounds import Clip, write_equally_loud, written

VERSION = 2  # of what is written; raised whenever the same seed gives other samples


class Job(NamedTuple):
    """One clip of which four are made."""

    source: Path
    model: Path  # the other emotion
    root: Path
    name: str  # below the root, without suffix: Actor_01/03-01-01-01-01-01-01


def plan(source: str | Path, root: Path, seed: int) -> tuple[list[Job], list[tuple[str, str]]]:
    """A job for each clip of which there is another emotion, and what was left out."""
    corpus = corpora.load("ravdess", source)
    others = defaultdict(list)
    rows = list(corpus.table.reset_index().itertuples())
    for row in rows:
        others[row.speaker, row.sentence].append(row)
    jobs = []
    exclusions = list(corpus.exclusions.itertuples(index=False, name=None))
    for row in rows:
        able = [one for one in others[row.speaker, row.sentence] if one.emotion != row.emotion]
        if not able:
            exclusions.append((row.file, "no clip of this actor and sentence in another emotion"))
            continue
        model = random.Random(f"{seed} {row.utterance}").choice(able)  # noqa: S311
        name = f"Actor_{row.speaker}/{row.utterance}"
        jobs.append(Job(corpus.root / row.file, corpus.root / model.file, root, name))
    return jobs, exclusions


def make(job: Job) -> tuple[list[Clip], list[tuple[str, str]]]:
    """The four versions of a clip, which are written unless they are there, or why there are none.

    All are equally loud.
    """
    files = {method: f"{job.name}_{method}.wav" for method in METHODS}
    if not all((job.root / file).exists() for file in files.values()):
        try:
            samples = media.audio(job.source)
            speech = world.prosody(samples)
        except TellsError as error:
            return [], [(job.name, getattr(error, "reason", str(error)))]
        try:
            model = world.prosody(media.audio(job.model))
        except TellsError as error:
            why = f"its other emotion cannot be used: {getattr(error, 'reason', str(error))}"
            return [], [(job.name, why)]
        wanted = [speech, world.flat(speech), world.exchanged(speech, model)]
        made = [samples.astype(np.float64), *world.resynthesise(samples, speech, wanted)]
        versions = dict(zip(files.values(), made, strict=True))  # in the order of METHODS
        write_equally_loud(job.root, versions, samples)
    entries = {}
    for method, file in files.items():
        entries[file] = {"label": METHODS[method], "method": method}
        if METHODS[method] == "FAKE":
            entries[file]["original"] = files["original"]
    return written(job.root, entries), []
