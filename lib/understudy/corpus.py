"""A corpus is written: dialog by dialog, on all cores, resumable at any time."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from understudy import iemocap
from understudy.actors import Actor, cast
from understudy.errors import UnderstudyError
from understudy.files import save, wav
from understudy.performance import dumps
from understudy.plan import Dialog, plan

MANIFEST = "understudy.json"
VERSION = 1  # of the sound and the files; another version writes other bytes


def write(
    root: str | Path,
    *,
    size: str = "standard",
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
) -> Path:
    """Write a corpus in IEMOCAP's layout, or what is still missing of it.

    The same size and seed give the same bytes, however often the writing was interrupted and
    however many workers share it. Threads are enough for them: three quarters of the work is done
    by espeak-ng's processes and most of the rest by NumPy and SciPy outside Python's lock.

    Args:
        root: the corpus's folder; it is made where it is missing.
        size: a key of `understudy.SIZES`.
        seed: at least 0; another seed gives other habits, words, emotions and judgements.
        workers: how many dialogs are written at the same time; by default one for each core.
        progress: whether to show a bar with the time that is left.

    Returns:
        The root.

    Raises:
        UnderstudyError: the size is unknown, seed or workers are too small, the root is no folder
            or holds another corpus, the disk is full, or espeak-ng failed.
    """
    if seed < 0:
        raise UnderstudyError(f"seed is {seed}, expected 0 or more")
    if workers is not None and workers < 1:
        raise UnderstudyError(f"workers is {workers}, expected 1 or more")
    root = Path(root)
    dialogs = plan(size, seed)
    actors = cast(seed)
    _claim(root, size, seed, actors)
    missing = [dialog for dialog in dialogs if not _complete(root, dialog)]
    turns = sum(len(dialog.turns) for dialog in missing)
    with tqdm(total=turns, unit="turn", disable=not (progress and turns)) as bar:
        _write_all(root, seed, missing, actors, workers or _cores(), bar.update)
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
    if any(root.glob("Session*")):
        raise UnderstudyError(f"{root} holds sessions that are not the understudy's: name another")
    people = [asdict(actor) for actor in actors.values()]
    save(path, (json.dumps(manifest | {"actors": people}, indent=1) + "\n").encode())


def _manifest(path: Path) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnderstudyError(f"{path} cannot be read: name another folder") from error
    return found if isinstance(found, dict) else {}


def _files(dialog: Dialog) -> list[Path]:
    """A dialog's files below the root, in the order they are written: the labels are last."""
    return [
        iemocap.dialog_wav(dialog),
        *(iemocap.turn_wav(dialog, turn) for turn in dialog.turns),
        iemocap.transcription(dialog),
        *(iemocap.categories(dialog, evaluator) for evaluator in dialog.evaluators),
        Path("performances") / f"{dialog.name}.json",
        iemocap.evaluation(dialog),
    ]


def _complete(root: Path, dialog: Dialog) -> bool:
    return all((root / path).exists() for path in _files(dialog))


def _write_all(
    root: Path,
    seed: int,
    dialogs: list[Dialog],
    actors: dict[str, Actor],
    workers: int,
    spoken: Callable[[], object],
) -> None:
    pool = ThreadPoolExecutor(workers)
    try:
        jobs = [pool.submit(_write, root, seed, dialog, actors, spoken) for dialog in dialogs]
        for job in as_completed(jobs):
            job.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _write(
    root: Path, seed: int, dialog: Dialog, actors: dict[str, Actor], spoken: Callable[[], object]
) -> None:
    """Play one dialog and write those of its files that are missing."""
    from understudy.stage import record  # SciPy takes a second to load: only where it is needed

    recording = record(seed, dialog, actors, spoken)
    performances = recording.performances
    sounds = [recording.samples, *(recording.turn(i) for i in range(len(dialog.turns)))]
    texts = [
        iemocap.transcription_text(performances),
        *(iemocap.categories_text(dialog, evaluator) for evaluator in dialog.evaluators),
        dumps(performances),
        iemocap.evaluation_text(dialog, performances),
    ]
    contents = [*(wav(sound, iemocap.RATE) for sound in sounds), *(text.encode() for text in texts)]
    for path, content in zip(_files(dialog), contents, strict=True):
        if not (root / path).exists():
            save(root / path, content)
