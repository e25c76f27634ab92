"""The plan of the small DFDC: who is filmed where and feels what, what is faked, and how.

A clip group is one original with its fakes: they share the words, the scene and the folder. All
that a method needs to know is decided here, in no time; nothing is spoken or drawn yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from understudy.dfdc.emotion_tracks import DELAY, FELT, Track, flat_track, true_track, wrong_track
from understudy.dfdc.scene import Scene, draw_scene
from understudy.people import people_of_folder
from understudy.performance import Part, Performance
from understudy.seeding import generator
from understudy.sentences import Deck
from understudy.sizes import FolderCounts, Size

FACES = ("swap", "wrong", "flat", "late")
VOICES = ("resynthesis", "other", "wrong", "flat")
UNTOUCHED, REENCODED, RESYNTHESISED = "untouched", "reencoded", "resynthesised"
PROCESSED = 3  # one in so many clips is encoded twice, one in so many originals resynthesised
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = {2: ((2, 3), (3, 2)), 3: ((1, 2, 2), (2, 1, 2), (2, 2, 1))}  # sentences of each part
RATE_FACTORS = (21, 27)  # x264's; more is worse
BIT_RATES = (48_000, 64_000, 96_000)  # of the sound


class Coding(NamedTuple):
    """How a clip is encoded; drawn without a look at what it is."""

    factor: int  # x264's constant rate factor
    sound: int  # bits a second
    twice: bool  # encoded, decoded and encoded again


class Clip(NamedTuple):
    """One file."""

    name: str  # ten letters and `.mp4`
    video: str  # the method: one of `FACES` or, of real faces, `UNTOUCHED` or `REENCODED`
    audio: str  # one of `VOICES` or, of real voices, `UNTOUCHED` or `RESYNTHESISED`
    face: Track  # what the face shows, part for part
    voice: Track  # what the voice shows
    delay: float  # s by which the face is late
    coding: Coding

    @property
    def fake_face(self) -> bool:
        """Whether the face is faked."""
        return self.video in FACES

    @property
    def fake_voice(self) -> bool:
        """Whether the voice is faked."""
        return self.audio in VOICES

    @property
    def fake(self) -> bool:
        """Whether anything is."""
        return self.fake_face or self.fake_voice

    def shown(self, performances: list[Performance]) -> list[Performance]:
        """Return what the face shows, of what was performed in the original.

        A face with another track, `wrong` or `flat`, keeps the times; a `late` one keeps the track.
        The other identity of a `swap` is drawn by `understudy.dfdc.swap`.
        """
        if self.video in ("wrong", "flat"):
            return [
                replace(p, part=replace(p.part, emotion=segment.emotion, course=segment.course))
                for p, segment in zip(performances, self.face, strict=True)
            ]
        late = self.delay if self.video == "late" else 0.0
        return [replace(p, start=p.start + late, end=p.end + late) for p in performances]


@dataclass(frozen=True)
class ClipGroup:
    """An original and its fakes."""

    folder: int  # DFDC's number
    target: str  # whose clip it is, an id
    donor: str  # who lends a face or a voice to fakes, an id of the same folder
    parts: tuple[Part, ...]  # what is said and, in the original, felt
    scene: Scene  # where it is filmed
    clips: tuple[Clip, ...]  # the original first
    seconds: int  # of each clip

    @property
    def seen(self) -> list[str]:
        """Whose faces are seen."""
        swapped = any(clip.video == "swap" for clip in self.clips)
        return [self.target, self.donor] if swapped else [self.target]

    @property
    def stem(self) -> str:
        """The original's name without its suffix."""
        return self.clips[0].name.removesuffix(".mp4")


def plan_groups(size: Size, seed: int) -> tuple[ClipGroup, ...]:
    """Plan a DFDC; without counts in the size there is none."""
    names = _names(generator(seed, "dfdc", "names"))
    decks = {code: Deck(generator(seed, "dfdc", "words", code)) for code in FELT}
    groups = []
    for folder, counts in size.folder_counts.items():
        rng = generator(seed, "dfdc", str(folder))
        dealt = _dealt(counts, folder, rng)
        twice = {
            False: _one_in(PROCESSED, counts.real, rng),
            True: _one_in(PROCESSED, len(dealt), rng),
        }
        scenes = _scenes(size.shapes, counts.real, rng)
        resynthesised = _one_in(PROCESSED, counts.real, rng)
        for i in range(counts.real):
            fakes = dealt[i :: counts.real]
            ids = _target_and_donor(folder, folder + i)
            clips = _clips(fakes, resynthesised[i], twice, names, rng)
            parts = _parts(clips[0], ids[0], decks, rng)
            groups.append(ClipGroup(folder, *ids, parts, scenes[i], clips, size.seconds))
    return tuple(groups)


def _names(rng: np.random.Generator) -> Iterator[str]:
    """Names as DFDC's, none of them twice."""
    taken = set()
    while True:
        name = "".join(rng.choice(list(LETTERS), 10)) + ".mp4"
        if name not in taken:
            taken.add(name)
            yield name


def _one_in(count: int, length: int, rng: np.random.Generator) -> list[bool]:
    """Mark one in so many, in any order."""
    return list(rng.permutation((np.arange(length) + rng.integers(count)) % count == 0))


def _dealt(counts: FolderCounts, folder: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Deal methods to a folder's fakes, all of them equally often.

    A fake is a method for the face, or none, and one for the voice. A flat face and a flat voice do
    not contradict each other, so no fake has both.
    """
    faces = [FACES[(folder + i) % len(FACES)] for i in range(counts.both + counts.face)]
    voices = [VOICES[(folder + 2 + i) % len(VOICES)] for i in range(counts.both + counts.voice)]
    while True:
        pairs = list(zip(faces, rng.permutation(voices), strict=False))[: counts.both]
        if ("flat", "flat") not in pairs:
            break
        faces = list(rng.permutation(faces))
    used = [str(voice) for _, voice in pairs]
    for voice in used:
        voices.remove(voice)
    fakes = [(str(face), str(voice)) for face, voice in pairs]
    fakes += [(str(face), "") for face in faces[counts.both :]]
    fakes += [("", voice) for voice in voices]
    return [fakes[i] for i in rng.permutation(len(fakes))]


def _scenes(shapes: tuple, count: int, rng: np.random.Generator) -> list[Scene]:
    """Scenes of all shapes, with faces far, near and between."""
    order = rng.permutation(len(shapes))
    nearness = rng.permutation((np.arange(count) + rng.random(count)) / count)
    return [
        draw_scene(shapes[order[i % len(shapes)]], float(nearness[i]), rng) for i in range(count)
    ]


def _target_and_donor(folder: int, number: int) -> tuple[str, str]:
    """Who plays a folder's original of some number, and somebody else of the same sex."""
    people = people_of_folder(folder)
    target = people[number % len(people)]
    sex = target.appearance.sex
    alike = [p for p in people if p.appearance.sex == sex and p != target]
    return target.id, alike[number // len(people) % len(alike)].id


def _clips(
    fakes: list[tuple[str, str]], resynthesised: bool, twice: dict[bool, list[bool]],
    names: Iterator[str], rng: np.random.Generator,
) -> tuple[Clip, ...]:  # fmt: skip
    """An original, resynthesised or not, and its fakes."""
    true = true_track(int(rng.choice(list(WORDS))), rng)
    audio = RESYNTHESISED if resynthesised else UNTOUCHED
    coding = _coding(twice[False].pop(), rng)
    video = REENCODED if coding.twice else UNTOUCHED
    clips = [Clip(next(names), video, audio, true, true, 0.0, coding)]
    for face, voice in fakes:
        coding = _coding(twice[True].pop(), rng)
        name, shown, heard, delay = next(names), true, true, 0.0
        if face in ("wrong", "flat"):
            shown = wrong_track(true, rng) if face == "wrong" else flat_track(true, rng)
        exchanged = face == "flat" or rng.random() < 0.5  # flat would agree with flat
        if voice == "flat" or (voice == "resynthesis" and not exchanged):
            heard = flat_track(true, rng)
        elif voice in ("wrong", "resynthesis"):
            heard = wrong_track(true, rng, shown)  # and must not agree with a wrong face either
        if face == "late":
            delay = round(float(rng.uniform(*DELAY)), 2)
        video = face or (REENCODED if coding.twice else UNTOUCHED)
        clips.append(Clip(name, video, voice or audio, shown, heard, delay, coding))
    return tuple(clips)


def _coding(twice: bool, rng: np.random.Generator) -> Coding:
    factor = int(rng.integers(*RATE_FACTORS, endpoint=True))
    return Coding(factor, int(rng.choice(BIT_RATES)), bool(twice))


def _parts(
    original: Clip, target: str, decks: dict[str, Deck], rng: np.random.Generator
) -> tuple[Part, ...]:
    counts = rng.choice(WORDS[len(original.voice)])
    return tuple(
        Part(
            turn=f"{original.name.removesuffix('.mp4')}_{i}",
            actor=target,
            emotion=segment.emotion,
            sentences=decks[segment.emotion].deal(int(count)),
            course=segment.course,
            pause=round(float(rng.uniform(0.15, 0.4)), 3),
            least=0.0,
            gap=round(float(rng.uniform(0.0, 0.25)), 3),
        )
        for i, (segment, count) in enumerate(zip(original.voice, counts, strict=True))
    )
