"""The small DFDC is written: family by family, on all cores, resumable at any time."""

import json
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from understudy import head
from understudy.dfdc import metadata
from understudy.dfdc.family import shoot
from understudy.dfdc.people import actor, named
from understudy.dfdc.plan import Family, plan
from understudy.files import save
from understudy.performance import load
from understudy.sizes import Size

BAR = "{l_bar}{bar}| {n:.0f}/{total:.0f} clips [{elapsed}<{remaining}]"


def write(root: Path, size: Size, *, seed: int, workers: int, progress: bool) -> None:
    """Write `dfdc` below the root of a corpus, or what is still missing of it.

    Args:
        root: the corpus's folder.
        size: its reels and shapes are used; without reels nothing is written.
        seed: the corpus's.
        workers: how many families are filmed at the same time.
        progress: whether to show a bar with the time that is left.

    Raises:
        UnderstudyError: the actors' heads are missing, the disk is full, or espeak-ng failed.
    """
    families = plan(size, seed)
    todo = [family for family in families if not _whole(root, family)]
    todo.sort(key=lambda family: -len(family.clips))  # the longest first, or one core waits for it
    clips = sum(len(_missing(root, family)) for family in todo)
    with tqdm(total=clips, unit="clip", bar_format=BAR, disable=not (progress and clips)) as bar:
        _shoot_all(root, seed, todo, workers, bar)
    _describe(root, seed, families)


def _missing(root: Path, family: Family) -> list[str]:
    paths = (metadata.clip_path(family, clip) for clip in family.clips)
    return [path.name for path in paths if not (root / path).exists()]


def _whole(root: Path, family: Family) -> bool:
    return not _missing(root, family) and (root / metadata.performance_path(family)).exists()


def _seen(family: Family) -> list[str]:
    return [family.player, family.double] if family.doubled else [family.player]


def _shoot_all(root: Path, seed: int, families: list[Family], workers: int, bar: tqdm) -> None:
    if not families:
        return
    basis, stopped = head.load_basis(), threading.Event()

    def advance(clips: float) -> None:
        if stopped.is_set():
            raise CancelledError
        bar.update(min(clips, bar.total - bar.n))  # parts of clips add up to a little more

    def film(family: Family) -> None:
        cast = {who: heads[who].result() for who in _seen(family)}
        shoot(root, seed, family, cast, advance)

    with ThreadPoolExecutor(workers) as pool:
        try:
            seen = dict.fromkeys(who for family in families for who in _seen(family))
            heads = {who: pool.submit(head.Head, basis, named(who).look) for who in seen}
            for done in as_completed([pool.submit(film, family) for family in families]):
                done.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _describe(root: Path, seed: int, families: tuple[Family, ...]) -> None:
    """Write what is missing of the files beside the clips; the labels are last."""
    if not families:
        return
    folders = dict.fromkeys(family.folder for family in families)
    if not (root / metadata.ABOUT).exists():
        clips: dict[str, dict] = {}
        for family in families:
            clips |= metadata.about(family, load(root / metadata.performance_path(family)))
        people = dict.fromkeys(family.player for family in families)
        entries = [asdict(actor(seed, who)) | {"folder": int(who[:2])} for who in people]
        text = json.dumps({"people": entries, "clips": clips}, indent=1)
        save(root / metadata.ABOUT, f"{text}\n".encode())
    for number in folders:
        path = root / metadata.folder(number) / "metadata.json"
        if not path.exists():
            own = [family for family in families if family.folder == number]
            save(path, metadata.metadata_text(own).encode())
