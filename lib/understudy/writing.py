"""The corpora are written: dialog by dialog, clip by clip, on all cores, resumable at any time."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from understudy import iemocap
from understudy.dfdc import metadata
from understudy.dfdc.plan import ClipGroup, plan_groups
from understudy.errors import UnderstudyError
from understudy.files import read_wav, wav_bytes, write_missing
from understudy.people import PEOPLE, actor, cast
from understudy.performance import RATE, dumps, load
from understudy.plan import Dialog, plan_dialogs
from understudy.sizes import Size, size_named

MANIFEST = "understudy.json"
VERSION = 4  # of sounds, films and files; another version writes other bytes
SPOKEN = 0.2  # the voices' share of the work on a turn
Advance = Callable[[float], object]  # called with turns or clips, or parts of them, that are done
Heads = dict[str, Future]  # by the person's id


def write(
    root: str | Path,
    *,
    size: str = "standard",
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
    replace: bool = False,
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
        replace: whether to delete another understudy that is there, of another size, seed or
            version; nothing else is ever deleted.

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
    if workers is None:
        has = hasattr(os, "sched_getaffinity")
        workers = len(os.sched_getaffinity(0)) if has else os.cpu_count() or 1
    root, chosen = Path(root), size_named(size)
    _claim(root, size, seed, replace)
    write_iemocap(root, size, seed=seed, workers=workers, progress=progress)
    write_dfdc(root, chosen, seed=seed, workers=workers, progress=progress)
    return root


def _claim(root: Path, size: str, seed: int, replace: bool) -> None:
    """Write the manifest, or make sure that the one there is of the same corpus."""
    if root.exists() and not root.is_dir():
        raise UnderstudyError(f"{root} is not a folder: name one to write the corpus to")
    manifest = {"size": size, "seed": seed, "version": VERSION}
    path = root / MANIFEST
    if not path.exists():
        if any(root.glob("Session*")) or (root / "dfdc").exists():
            raise UnderstudyError(
                f"{root} holds a corpus that is not the understudy's: name another"
            )
        people = [asdict(who) for who in cast(seed).values()]
        write_missing(path, (json.dumps(manifest | {"actors": people}, indent=1) + "\n").encode())
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnderstudyError(f"{path} cannot be read: name another folder") from error
    found = found if isinstance(found, dict) else {}
    if any(found.get(key) != value for key, value in manifest.items()):
        if not replace:
            raise UnderstudyError(
                f"{root} holds the corpus of size {found.get('size')}, seed {found.get('seed')}, "
                f"version {found.get('version')}, not of size {size}, seed {seed}, version "
                f"{VERSION}: name another folder or delete this one"
            )
        shutil.rmtree(root)
        _claim(root, size, seed, replace=False)


def _work(
    items: list,
    work: Callable[[Any, Heads, Advance], None],
    people: Iterable[str],
    *,
    total: int,
    unit: str,
    workers: int,
    progress: bool,
) -> None:
    """Work on all items, several at a time.

    Args:
        items: such as dialogs.
        work: called with an item, the heads, and what to call with so much that is done.
        people: whose heads are made, before the items that wait for them.
        total: of `unit`s in all items.
        unit: of the progress bar.
        workers: how many items are worked on at the same time.
        progress: whether to show a bar with the time that is left.
    """
    stopped = threading.Event()
    form = f"{{l_bar}}{{bar}}| {{n:.0f}}/{{total:.0f}} {unit}s [{{elapsed}}<{{remaining}}]"
    hidden = not (progress and total)
    with (
        tqdm(total=total, unit=unit, bar_format=form, disable=hidden) as bar,
        ThreadPoolExecutor(workers) as pool,
    ):

        def advance(done: float) -> None:
            if stopped.is_set():
                raise CancelledError
            bar.update(min(done, bar.total - bar.n))  # parts add up to a little more

        try:
            heads: Heads = {}
            if ids := dict.fromkeys(people):
                from understudy import head  # Numba takes a second to load

                basis = head.load_basis()
                heads = {who: pool.submit(head.Head, basis, PEOPLE[who].appearance) for who in ids}
            for done in as_completed([pool.submit(work, item, heads, advance) for item in items]):
                done.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _whole(root: Path, paths: Iterable[Path]) -> bool:
    return all((root / path).exists() for path in paths)


# ---------------------------------------------------------------- IEMOCAP


def write_iemocap(root: Path, size: str, *, seed: int, workers: int, progress: bool) -> None:
    """Write `Session1` to `Session5` below the root, or what is missing; see `write`."""
    missing = [dialog for dialog in plan_dialogs(size, seed) if not _whole(root, _files(dialog))]
    missing.sort(key=lambda dialog: -len(dialog.turns))  # the longest first, or one core waits
    unseen = [dialog for dialog in missing if not (root / _film_file(dialog)).exists()]
    _work(
        missing,
        partial(_write_dialog, root, seed, size_named(size).frame_repeat),
        (who for dialog in unseen for who in dialog.actors),
        total=sum(len(dialog.turns) for dialog in missing),
        unit="turn",
        workers=workers,
        progress=progress,
    )


def _film_file(dialog: Dialog) -> Path:
    return iemocap.dialog_file(dialog.name, "avi/DivX")


def _files(dialog: Dialog) -> list[Path]:
    """A dialog's files below the root, in the order they are written: the labels are last."""
    return [*iemocap.sound_files(dialog), _film_file(dialog), *iemocap.text_files(dialog)]


def _write_dialog(
    root: Path, seed: int, frame_repeat: int, dialog: Dialog, heads: Heads, advance: Advance
) -> None:
    """Play one dialog and write those of its files that are missing."""
    count, actors = len(dialog.turns), cast(seed)
    if _whole(root, iemocap.sound_files(dialog)):
        advance(SPOKEN * count)
    else:
        from understudy.mixing import record_dialog  # SciPy takes a second to load

        recording = record_dialog(seed, dialog, actors, lambda: advance(SPOKEN))
        sounds = [recording.samples]
        for p in recording.performances:
            channel = dialog.actors.index(p.part.actor)
            sounds.append(recording.samples[round(p.start * RATE) : round(p.end * RATE), channel])
        contents = [*(wav_bytes(s, RATE) for s in sounds), dumps(recording.performances).encode()]
        for path, content in zip(iemocap.sound_files(dialog), contents, strict=True):
            write_missing(root / path, content)
    performances = load(root / iemocap.performance_file(dialog.name))
    if (root / _film_file(dialog)).exists():
        advance((1 - SPOKEN) * count)
    else:
        from understudy.expression import act
        from understudy.film import film_dialog

        heard = read_wav(root / iemocap.dialog_file(dialog.name, "wav"))
        poses = tuple(
            act(seed, actors[who], performances, heard[:, i] / 32768, wearer=i == 0)
            for i, who in enumerate(dialog.actors)
        )
        worth = (1 - SPOKEN) * count / len(poses[0])
        film_dialog(
            root / _film_file(dialog),
            tuple(heads[who].result() for who in dialog.actors),
            poses,
            heard,
            lambda frames: advance(frames * worth),
            frame_repeat=frame_repeat,
        )
    texts = iemocap.texts(dialog, performances)
    for path, text in zip(iemocap.text_files(dialog), texts, strict=True):
        write_missing(root / path, text.encode())


# ---------------------------------------------------------------- DFDC


def write_dfdc(root: Path, size: Size, *, seed: int, workers: int, progress: bool) -> None:
    """Write `dfdc` below the root, or what is missing of it; see `write`."""
    groups = plan_groups(size, seed)
    missing = [
        group
        for group in groups
        if not _whole(root, [*metadata.clip_files(group), metadata.performance_file(group)])
    ]
    missing.sort(key=lambda group: -len(group.clips))  # the longest first, or one core waits

    def film(group: ClipGroup, heads: Heads, advance: Advance) -> None:
        from understudy.dfdc.filming import film_group

        film_group(root, seed, group, {who: heads[who].result() for who in group.seen}, advance)

    paths = (root / path for group in missing for path in metadata.clip_files(group))
    _work(
        missing,
        film,
        (who for group in missing for who in group.seen),
        total=sum(not path.exists() for path in paths),
        unit="clip",
        workers=workers,
        progress=progress,
    )
    if groups and not (root / metadata.FACTS).exists():
        clips: dict[str, dict] = {}
        for group in groups:
            clips |= metadata.facts(group, load(root / metadata.performance_file(group)))
        ids = dict.fromkeys(group.target for group in groups)
        people = [asdict(actor(seed, who)) | {"folder": int(who[:2])} for who in ids]
        text = json.dumps({"people": people, "clips": clips}, indent=1)
        write_missing(root / metadata.FACTS, f"{text}\n".encode())
    for folder in dict.fromkeys(group.folder for group in groups):
        own = [group for group in groups if group.folder == folder]
        path = root / metadata.folder(folder) / "metadata.json"
        write_missing(path, metadata.metadata_text(own).encode())
