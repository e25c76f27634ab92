"""A clip group is filmed: what its clips have in common is spoken and drawn once for all."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import cv2
import numpy as np

from understudy.dfdc import camera, metadata
from understudy.dfdc.plan import Clip, ClipGroup
from understudy.dfdc.swap import Swap, draw_fault
from understudy.dfdc.voices import clip_sound, record_original
from understudy.expression import Poses, act
from understudy.files import replacing, write_missing
from understudy.film import CLIP_FRAMES, ClipFilm
from understudy.head import Head
from understudy.mixing import Recording
from understudy.people import actor
from understudy.performance import RATE, dumps
from understudy.seeding import generator
from understudy.voice import limit

STEP = 15  # frames after which sound is written and progress told


def film_group(
    root: Path,
    seed: int,
    group: ClipGroup,
    heads: dict[str, Head],
    shot: Callable[[float], object],
) -> None:
    """Write the clips of a group that are missing.

    Args:
        root: the corpus's folder.
        seed: the corpus's.
        group: which one.
        heads: of the target and of the donor, by id.
        shot: called with a part of a clip each time so much more is written.

    Raises:
        UnderstudyError: espeak-ng failed, the disk is full, or the folder cannot be written to.
    """
    original = record_original(seed, group)
    paths = dict(zip(group.clips, (root / p for p in metadata.clip_files(group)), strict=True))
    clips = [clip for clip in group.clips if not paths[clip].exists()]
    sounds = {
        clip: np.rint(limit(clip_sound(seed, group, original, clip)) * 32767).astype(np.int16)
        for clip in clips
    }
    built = camera.build_set(group.scene, heads[group.target], _rng(seed, group, "set"))
    frames = group.seconds * CLIP_FRAMES.numerator
    camera_path = camera.camera_path(built, frames, _rng(seed, group, "hand"))
    noise = camera.grain(group.scene, _rng(seed, group, "grain"))
    with ExitStack() as stack:
        files = {}
        for clip in clips:
            beside = stack.enter_context(replacing(paths[clip]))
            film = ClipFilm(beside, group.scene.width, group.scene.height, clip.coding)
            files[clip] = stack.enter_context(closing(film))
        # what shows the same picture is drawn once; a fake face is shown by one clip only
        true = [clip for clip in clips if not clip.fake_face]
        alike = [true, *([clip] for clip in clips if clip.fake_face)]
        shots = [_Shot(seed, group, original, built, heads, same) for same in alike if same]
        for index, (left, top) in enumerate(camera_path):
            for one in shots:
                planes = one.draw(index).planes(left, top)
                if noise:
                    planes[0] = cv2.add(planes[0], noise[index % len(noise)], dtype=cv2.CV_8U)
                for clip in one.clips:
                    files[clip].expose(planes)
            if (index + 1) % STEP == 0:
                for clip, file in files.items():
                    file.hear(sounds[clip][: round((index + 1) / CLIP_FRAMES * RATE)])
                shot(len(clips) * STEP / len(camera_path))
    performances = dumps(original.performances).encode()
    write_missing(root / metadata.performance_file(group), performances)


class _Shot:
    """One picture that moves, and the clips that show it."""

    def __init__(
        self, seed: int, group: ClipGroup, original: Recording, built: camera.Set,
        heads: dict[str, Head], clips: list[Clip],
    ) -> None:  # fmt: skip
        self.clips = clips
        self._camera = camera.Camera(built, heads[group.target])
        self._poses = clip_poses(seed, group, original, clips[0])
        self._swap = None
        if clips[0].video == "swap":
            rng = _rng(seed, group, clips[0].name, "swap")
            self._swap = Swap(built, heads[group.donor], draw_fault(rng), rng)

    def draw(self, index: int) -> camera.Camera:
        pose = self._poses[index]
        self._camera.draw(pose)
        if self._swap:
            self._swap.draw(pose, self._camera)
        self._camera.develop()
        return self._camera


def clip_poses(seed: int, group: ClipGroup, original: Recording, clip: Clip) -> Poses:
    """Return what the face does in a clip, 30 times a second.

    All fakes but the swap leave no trace in the picture: the same head is filmed again with another
    track, and the lips say what the original says: its phonemes and its loudness move the mouth.
    """
    return act(
        seed,
        actor(seed, group.target),
        original.performances,
        original.samples,
        wearer=group.scene.partner,
        shown=clip.shown(original.performances),
        rate=CLIP_FRAMES,
    )


def _rng(seed: int, group: ClipGroup, *path: str) -> np.random.Generator:
    return generator(seed, group.stem, *path)
