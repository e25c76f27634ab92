"""Video clips of the Javanese corpus with the sound of other takes, of the same emotion or not."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tells import corpora, media
from tells.corpora.acted import JAVANESE_EMOTIONS, JAVANESE_TAKES
from tells.corpora.exclusions import OTHER_MEDIUM
from tells.corpora.forged import MAX_STRETCH, dub_of
from tells.errors import TellsError
from tells.files import replacing
from tells.forgery import world
from tells.forgery.sounds import Clip, write_equally_loud, written

VERSION = 1  # of what is written; raised whenever the same seed gives other samples

_UNUSABLE = "take that cannot be used"
_PAIRS = 2  # of a take of the same emotion and one of another, for each clip


class Job(NamedTuple):
    """One clip that is dubbed."""

    clip: str  # its utterance
    picture: Path  # with its own sound
    takes: dict[str, Path | None]  # of actor and sentence, in the order in which they are tried
    root: Path


def plan(source: str | Path, root: Path, seed: int) -> tuple[list[Job], list[tuple[str, str]]]:
    """A job for each video clip, and what the corpus left out.

    Takes of the clip's own number are not among those drawn: they are the ones that have pictures,
    and would be heard in fakes alone.
    """
    sound, video = (corpora.load("javanese", source, media=one) for one in ("sound", "video"))
    files = {row.utterance: sound.root / row.file for row in sound.table.reset_index().itertuples()}
    jobs = []
    for row in video.table.reset_index().itertuples():
        names = [
            f"{row.speaker}-{row.sentence}-{emotion}_{take}"
            for emotion, take in product(JAVANESE_EMOTIONS, JAVANESE_TAKES)
            if take != row.take
        ]
        random.Random(f"{seed} {row.utterance}").shuffle(names)  # noqa: S311
        takes = {name: files.get(name) for name in names}
        jobs.append(Job(row.utterance, video.root / row.file, takes, root))
    left_out = [
        item
        for corpus in (sound, video)
        for item in corpus.exclusions.itertuples(index=False, name=None)
        if item[1] != OTHER_MEDIUM
    ]
    return jobs, list(dict.fromkeys(left_out))


def make(job: Job) -> tuple[list[Clip], list[tuple[str, str]]]:
    """A clip's dubs, which are written unless they are there, and the takes that cannot be used.

    The picture is stored beside the sounds. Without all pairs there is nothing of the clip.
    """
    exclusions: list[tuple[str, str]] = []
    try:
        sound = media.audio(job.picture)
        speech = world.prosody(sound)
        takes = [(job.clip, sound, speech, 1.0), *_pairs(job, speech, exclusions)]
    except TellsError as error:
        return [], [*exclusions, (job.clip, getattr(error, "reason", str(error)))]
    entries = {}
    for name, _, _, stretch in takes:
        file, entry = dub_of(job.clip, name)
        entries[file] = entry | {"stretch": round(stretch, 4)}
    picture = job.root / entry["picture"]
    if not picture.exists():
        with replacing(picture) as beside:
            try:
                beside.hardlink_to(job.picture.resolve())
            except OSError:  # another disk, or one that has no links
                shutil.copyfile(job.picture, beside)
    if not all((job.root / file).exists() for file in entries):
        dubs = [world.dubbed(samples, own, speech, len(sound)) for _, samples, own, _ in takes]
        write_equally_loud(job.root, dict(zip(entries, dubs, strict=True)), sound)
    return written(job.root, entries), exclusions


def _pairs(
    job: Job, speech: world.Prosody, exclusions: list[tuple[str, str]]
) -> list[tuple[str, np.ndarray, world.Prosody, float]]:
    """Takes of the same emotion, each followed by one of another: name, samples, prosody, stretch.

    It is the one that needs most nearly the same stretch. Drawn at random, takes of other emotions
    would need more, for who is sad speaks at another pace, and traces of it would tell a fake.
    """
    stretches = _stretches(job, speech, exclusions)
    chosen = []

    def choose(names: Iterable[str], emotion: str) -> float:
        for name in names:
            stretch, samples = stretches.pop(name), media.audio(job.takes[name])
            try:
                chosen.append((name, samples, world.prosody(samples), stretch))
            except TellsError as error:
                exclusions.append((f"{name} for {job.clip}", f"{_UNUSABLE}: {error}"))
            else:
                return stretch
        raise TellsError(f"too few takes of {emotion} emotion that can be used")

    for _ in range(_PAIRS):
        alike = [name for name in stretches if name[:8] == job.clip[:8]]
        pace = choose(alike, "the same")
        others = sorted(stretches.keys() - set(alike))
        others.sort(key=lambda name: abs(np.log(stretches[name] / pace)))
        choose(others, "another")
    return chosen


def _stretches(
    job: Job, speech: world.Prosody, exclusions: list[tuple[str, str]]
) -> dict[str, float]:
    """What makes each take last as long as the clip, of those that are there and not too long."""
    stretches = {}
    for name, path in job.takes.items():
        try:
            if path is None:
                raise TellsError("not there")
            stretch = world.stretch(speech.loudness, world.loudness(media.audio(path)))
            if not 1 / MAX_STRETCH <= stretch <= MAX_STRETCH:
                raise TellsError(f"more than {MAX_STRETCH:g} times as long or short as the clip")
            stretches[name] = stretch
        except TellsError as error:
            why = getattr(error, "reason", str(error))
            exclusions.append((f"{name} for {job.clip}", f"{_UNUSABLE}: {why}"))
    return stretches
