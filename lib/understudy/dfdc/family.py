"""A family is filmed: what its clips have in common is spoken and drawn once for all of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np

from understudy.dfdc import camera, faces, voices
from understudy.dfdc.clip import Clip as File
from understudy.dfdc.faces import FRAMES
from understudy.dfdc.metadata import clip_path, performance_path
from understudy.dfdc.plan import Clip, Family
from understudy.dfdc.swap import Swap, fault
from understudy.files import placed, save
from understudy.head import Head
from understudy.iemocap import RATE
from understudy.performance import dumps
from understudy.seeding import generator

STEP = 15  # frames after which sound is written and progress told


def shoot(
    root: Path, seed: int, family: Family, heads: dict[str, Head], shot: Callable[[float], object]
) -> None:
    """Write the clips of a family that are missing.

    Args:
        root: the corpus's folder.
        seed: the corpus's.
        family: which one.
        heads: of the player and of the double, by id.
        shot: called with a part of a clip each time so much more is written.

    Raises:
        UnderstudyError: espeak-ng failed, the disk is full, or the folder cannot be written to.
    """
    take = voices.record(seed, family)
    clips = [c for c in family.clips if not (root / clip_path(family, c)).exists()]
    sounds = {c: voices.heard(voices.Order(seed, family, take, c)) for c in clips}
    stage = camera.build(family.scene, heads[family.player], _rng(seed, family, "set"))
    way = camera.way(stage, family.seconds * FRAMES.numerator, _rng(seed, family, "hand"))
    noise = camera.grain(family.scene, _rng(seed, family, "grain"))
    with ExitStack() as stack:
        files = {clip: stack.enter_context(_file(root, family, clip)) for clip in clips}
        shots = [_Shot(seed, family, take, stage, heads, alike) for alike in _pictures(clips)]
        for index, (left, top) in enumerate(way):
            for one in shots:
                one.draw(index)
                planes = one.camera.planes(left, top)
                if noise:
                    planes[0] = camera.noisy(planes[0], noise[index % len(noise)])
                for clip in one.clips:
                    files[clip].expose(planes)
            if (index + 1) % STEP == 0:
                for clip, file in files.items():
                    file.hear(sounds[clip][: round((index + 1) / FRAMES * RATE)])
                shot(len(clips) * STEP / len(way))
    if not (root / performance_path(family)).exists():
        save(root / performance_path(family), dumps(take.performances).encode())


class _Shot:
    """One picture that moves, and the clips that show it."""

    def __init__(
        self, seed: int, family: Family, take: voices.Take, stage: camera.Set,
        heads: dict[str, Head], clips: list[Clip],
    ) -> None:  # fmt: skip
        self.clips = clips
        self.camera = camera.Camera(stage, heads[family.player])
        self._poses = faces.poses(seed, family, take, clips[0])
        self._swap = None
        if clips[0].video == "swap":
            rng = _rng(seed, family, clips[0].name, "swap")
            self._swap = Swap(stage, heads[family.double], fault(rng), rng)

    def draw(self, index: int) -> None:
        pose = self._poses[index]
        self.camera.draw(pose)
        if self._swap:
            self._swap.draw(pose, self.camera)
        self.camera.develop()


def _pictures(clips: list[Clip]) -> list[list[Clip]]:
    """Clips in groups that show the same picture: a fake face is shown by one clip only."""
    true = [clip for clip in clips if not clip.fake_face]
    return [group for group in (true, *([clip] for clip in clips if clip.fake_face)) if group]


@contextmanager
def _file(root: Path, family: Family, clip: Clip) -> Iterator[File]:
    scene = family.scene
    with (
        placed(root / clip_path(family, clip)) as beside,
        closing(File(beside, scene.width, scene.height, clip.coding)) as file,
    ):
        yield file


def _rng(seed: int, family: Family, *path: str) -> np.random.Generator:
    return generator(seed, family.stem, *path)
