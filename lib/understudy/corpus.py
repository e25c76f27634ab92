"""The corpora are written: dialog by dialog, on all cores, resumable at any time."""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    as_completed,
)
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from understudy import iemocap
from understudy.actors import Actor, cast
from understudy.errors import UnderstudyError
from understudy.files import save, sound, wav
from understudy.performance import Performance, dumps, load
from understudy.plan import Dialog, plan
from understudy.sizes import size_named

MANIFEST = "understudy.json"
VERSION = 3  # of sounds, films and files; another version writes other bytes
SPOKEN = 0.2  # the voices' share of the work on a turn
BAR = "{l_bar}{bar}| {n:.0f}/{total:.0f} turns [{elapsed}<{remaining}]"


def write(
    root: str | Path,
    *,
    size: str = "standard",
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
) -> Path:
    """Write corpora in IEMOCAP's and DFDC's layouts, or what is still missing of them.

    The same size and seed give the same bytes, however often the writing was interrupted and
    however many workers share it. Threads are enough for them: the voices come from espeak-ng's
    processes, and faces are drawn and encoded by compiled code outside Python's lock.

    Args:
        root: the corpus's folder; it is made where it is missing.
        size: a key of `understudy.SIZES`.
        seed: at least 0; another seed gives other habits, words, emotions and judgements.
        workers: how many dialogs or clips are written at the same time; by default one for each
            core.
        progress: whether to show a bar with the time that is left.

    Returns:
        The root.

    Raises:
        UnderstudyError: the size is unknown, seed or workers are too small, the root is no folder
            or holds another corpus, the actors' heads are missing, the disk is full, or espeak-ng
            failed.
    """
    if seed < 0:
        raise UnderstudyError(f"seed is {seed}, expected 0 or more")
    if workers is not None and workers < 1:
        raise UnderstudyError(f"workers is {workers}, expected 1 or more")
    root, workers = Path(root), workers or _cores()
    dialogs = plan(size, seed)
    actors = cast(seed)
    _claim(root, size, seed, actors)
    missing = [dialog for dialog in dialogs if not _whole(root, _files(dialog))]
    missing.sort(key=lambda dialog: -len(dialog.turns))  # the longest first, or one core waits
    turns = sum(len(dialog.turns) for dialog in missing)
    hidden = not (progress and turns)
    with tqdm(total=turns, unit="turn", bar_format=BAR, disable=hidden) as bar:

        def advance(turns: float) -> None:
            bar.update(min(turns, bar.total - bar.n))  # parts of turns add up to a little more

        job = _Job(root, seed, actors, size_named(size).hold, advance)
        _write_all(job, missing, workers)
    from understudy import dfdc  # Numba and SciPy take a second to load

    dfdc.write(root, size_named(size), seed=seed, workers=workers, progress=progress)
    return root


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _claim(root: Path, size: str, seed: int, actors: dict[str, Actor]) -> None:
    """Write the manifest, or make sure that the one there is of the same corpus."""
    if root.exists() and not root.is_dir():
        raise UnderstudyError(f"{root} is not a folder: name one to write the corpus to")
    manifest = {"size": size, "seed": seed, "version": VERSION}
    path = root / MANIFEST
    if path.exists():
        found = _manifest(path)
        if any(found.get(key) != value for key, value in manifest.items()):
            raise UnderstudyError(
                f"{root} holds the corpus of size {found.get('size')}, seed {found.get('seed')}, "
                f"version {found.get('version')}, not of size {size}, seed {seed}, version "
                f"{VERSION}: name another folder or delete this one"
            )
        return
    if any(root.glob("Session*")) or (root / "dfdc").exists():
        raise UnderstudyError(f"{root} holds a corpus that is not the understudy's: name another")
    people = [asdict(actor) for actor in actors.values()]
    save(path, (json.dumps(manifest | {"actors": people}, indent=1) + "\n").encode())


def _manifest(path: Path) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnderstudyError(f"{path} cannot be read: name another folder") from error
    return found if isinstance(found, dict) else {}


def _sounds(dialog: Dialog) -> list[Path]:
    """The files below the root that are made by speaking, in the order they are written."""
    return [
        iemocap.dialog_wav(dialog),
        *(iemocap.turn_wav(dialog, turn) for turn in dialog.turns),
        _acted(dialog),
    ]


def _files(dialog: Dialog) -> list[Path]:
    """A dialog's files below the root, in the order they are written: the labels are last."""
    return [
        *_sounds(dialog),
        iemocap.dialog_avi(dialog),
        iemocap.transcription(dialog),
        *(iemocap.categories(dialog, evaluator) for evaluator in dialog.evaluators),
        iemocap.evaluation(dialog),
    ]


def _acted(dialog: Dialog) -> Path:
    return Path("performances") / f"{dialog.name}.json"


def _whole(root: Path, paths: list[Path]) -> bool:
    return all((root / path).exists() for path in paths)


class _Job(NamedTuple):
    """What is the same for every dialog."""

    root: Path
    seed: int
    actors: dict[str, Actor]
    hold: int  # see `film.shoot`
    advance: Callable[[float], object]  # called with turns, or parts of them, that are done


def _write_all(job: _Job, dialogs: list[Dialog], workers: int) -> None:
    stopped = threading.Event()

    def advance(turns: float) -> None:
        if stopped.is_set():
            raise CancelledError
        job.advance(turns)

    with ThreadPoolExecutor(workers) as pool:
        try:
            heads = _heads(pool, job, dialogs)
            write = partial(_write, job._replace(advance=advance), heads)
            for done in as_completed([pool.submit(write, dialog) for dialog in dialogs]):
                done.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _heads(pool: Executor, job: _Job, dialogs: list[Dialog]) -> dict[str, Future]:
    """Have those heads made that are missing in films, before the dialogs that wait for them."""
    unseen = [d for d in dialogs if not _whole(job.root, [iemocap.dialog_avi(d)])]
    if not unseen:
        return {}
    from understudy.head import LOOKS, Head, load_basis  # Numba takes a second to load

    basis = load_basis()
    seen = dict.fromkeys(who for dialog in unseen for who in dialog.actors)
    return {who: pool.submit(Head, basis, LOOKS[who]) for who in seen}


def _write(job: _Job, heads: dict[str, Future], dialog: Dialog) -> None:
    """Play one dialog and write those of its files that are missing."""
    share = len(dialog.turns)
    if _whole(job.root, _sounds(dialog)):
        job.advance(SPOKEN * share)
    else:
        _speak(job, dialog)
    performances = load(job.root / _acted(dialog))
    film = job.root / iemocap.dialog_avi(dialog)
    if film.exists():
        job.advance((1 - SPOKEN) * share)
    else:
        _film(job, heads, dialog, performances, film)
    texts = {
        iemocap.transcription(dialog): iemocap.transcription_text(performances),
        **{
            iemocap.categories(dialog, evaluator): iemocap.categories_text(dialog, evaluator)
            for evaluator in dialog.evaluators
        },
        iemocap.evaluation(dialog): iemocap.evaluation_text(dialog, performances),
    }
    _save(job.root, {path: text.encode() for path, text in texts.items()})


def _speak(job: _Job, dialog: Dialog) -> None:
    from understudy.stage import record  # SciPy takes a second to load: only where it is needed

    recording = record(job.seed, dialog, job.actors, lambda: job.advance(SPOKEN))
    sounds = [recording.samples, *(recording.turn(i) for i in range(len(dialog.turns)))]
    contents = [*(wav(s, iemocap.RATE) for s in sounds), dumps(recording.performances).encode()]
    _save(job.root, dict(zip(_sounds(dialog), contents, strict=True)))


def _film(
    job: _Job,
    heads: dict[str, Future],
    dialog: Dialog,
    performances: list[Performance],
    path: Path,
) -> None:
    from understudy.expression import act
    from understudy.film import shoot

    heard = sound(job.root / iemocap.dialog_wav(dialog))
    poses = [
        act(job.seed, job.actors[who], performances, heard[:, channel] / 32768, wearer=channel == 0)
        for channel, who in enumerate(dialog.actors)
    ]
    worth = (1 - SPOKEN) * len(dialog.turns) / len(poses[0])
    shoot(
        path,
        tuple(heads[who].result() for who in dialog.actors),
        tuple(poses),
        heard,
        lambda frames: job.advance(frames * worth),
        hold=job.hold,
    )


def _save(root: Path, contents: dict[Path, bytes]) -> None:
    """Write the files that are missing."""
    for path, content in contents.items():
        if not (root / path).exists():
            save(root / path, content)
