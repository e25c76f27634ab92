"""A corpus of forgeries, clip by clip in several processes, and a file that says what is what."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from tqdm.auto import tqdm

from tells.corpora.forged import DUBBED_METADATA, METADATA
from tells.errors import TellsError
from tells.files import replacing
from tells.forgery import dubbing, prosody
from tells.forgery.sounds import Clip

Exclusions = list[tuple[str, str]]  # items and reasons


class _Method(NamedTuple):
    metadata: str  # the name of the file that says what was made
    version: int
    plan: Callable[[str | Path, Path, int], tuple[Sequence[Any], Exclusions]]
    make: Callable[[Any], tuple[list[Clip], Exclusions]]  # of one job of the plan


_METHODS = {
    "prosody": _Method(METADATA, prosody.VERSION, prosody.plan, prosody.make),
    "dub": _Method(DUBBED_METADATA, dubbing.VERSION, dubbing.plan, dubbing.make),
}


@dataclass(frozen=True)
class Forged:
    """What was made.

    Attributes:
        root: the folder, which the adapter `ravdess-forged` or `dubbed` reads.
        clips: a row for each clip written: `file`; `label`, `method` and whatever else the metadata
            say of it; `decibels` (of its root mean square, full scale being 0 dB).
        exclusions: what was left out of the source and what could not be forged (`item`,
            `reason`).
    """

    root: Path
    clips: pd.DataFrame
    exclusions: pd.DataFrame


def forge(
    source: str | Path,
    root: str | Path,
    *,
    method: str = "prosody",
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
) -> Forged:
    """Make fakes out of recordings of people, and reals that went through the same processing.

    `prosody`, of RAVDESS's speech: each clip becomes four, itself, and three that the vocoder WORLD
    has taken apart and put together again, with its prosody as it was (`resynthesised`, a real
    clip: so the vocoder's traces are not what tells a fake), `flat`, and `exchanged` for that of
    the same actor saying the same sentence in another emotion.

    `dub`, of the Javanese corpus: each video clip gets the sound of other takes by the same actor
    saying the same sentence, two in the `same` emotion (real, the control) and two in an `other`
    (fake), and its `own` (real). All five go through WORLD, which warps a take's speech, from its
    first to its last active frame, onto the time of the clip's own. Each take of the same emotion
    is drawn at random, and comes with the one of another emotion that needs most nearly the same
    stretch. So `same` and `other` lose lip synchrony alike, and only emotion differs. The picture
    is stored once, as a hard link where that can be.

    All versions of a clip have the root mean square of its own sound, turned down together where
    one of them would clip: loudness does not tell a fake either. Killed and started again, it goes
    on where it was.

    Args:
        source: the corpus as distributed, or a part of it.
        root: the folder to write to.
        method: `prosody` or `dub`.
        seed: of the choice of other emotions and takes; each clip has a random stream of its own.
        workers: processes; None takes one for each core.
        progress: show a bar.

    Raises:
        TellsError: there is no such method, the corpus is not there, the folder holds something
            else or cannot be written, or `seed` or `workers` is too small.

    Thesis: none. Chapter: 05_5_1_audio_detection.
    """
    if method not in _METHODS:
        raise TellsError(f"method must be {' or '.join(_METHODS)}; got {method!r}.")
    if seed < 0:
        raise TellsError(f"seed must be 0 or more; got {seed}.")
    if workers is not None and workers < 1:
        raise TellsError(f"workers must be 1 or more; got {workers}.")
    chosen = _METHODS[method]
    root = Path(root)
    jobs, exclusions = chosen.plan(source, root, seed)
    workers = min(workers or os.cpu_count() or 1, len(jobs) or 1)
    clips: list[Clip] = []
    try:
        _claim(root, chosen, seed)
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            forged = pool.map(chosen.make, jobs)
            for made, left_out in tqdm(
                forged, "forge", len(jobs), unit="clip", disable=not progress
            ):
                clips += made
                exclusions += left_out
        _write_metadata(root, chosen, seed, clips)
    except OSError as error:
        raise TellsError(f"{root} cannot be written: {error.strerror}.") from error
    table = pd.DataFrame(
        [{"file": c.file} | c.entry | {"decibels": c.decibels} for c in clips],
        columns=None if clips else ["file", "label", "method", "decibels"],
    )
    return Forged(root, table, pd.DataFrame(exclusions, columns=["item", "reason"]))


def _claim(root: Path, method: _Method, seed: int) -> None:
    """Say whose folder it is before anything is in it, or see that it is ours."""
    path = root / method.metadata
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        ours = {"version": method.version, "seed": seed}
        if not isinstance(found, dict) or found | ours != found:
            raise TellsError(
                f"{root} holds forgeries of another version or seed, not of version "
                f"{method.version}, seed {seed}; name another folder or delete this one."
            )
    elif root.exists() and any(root.iterdir()):
        raise TellsError(f"{root} must be a new or an empty folder; something else is in it.")
    else:
        _write_metadata(root, method, seed, [])


def _write_metadata(root: Path, method: _Method, seed: int, clips: list[Clip]) -> None:
    entries = {clip.file: clip.entry for clip in clips}
    content = {"version": method.version, "seed": seed, "clips": entries}
    with replacing(root / method.metadata) as beside:
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
