"""The plan of a corpus: who plays what in which dialog, and what evaluators will say about it.

Everything but the sound is decided here, in no time, so that the corpus's statistics can be looked
at before a word is spoken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from understudy.emotions import Judgement, judge, majority
from understudy.people import SESSIONS
from understudy.performance import SHAPES, Course, Part
from understudy.seeding import generator
from understudy.sentences import Deck
from understudy.sizes import Size, size_named

MAIN = ("ang", "hap", "sad", "neu")
EVALUATORS = ("E1", "E2", "E3", "E4")  # three of them judge a dialog
LONG_SENTENCES = 5
SHORT_SENTENCES = (0.6, 0.3, 0.1)  # probabilities of one, two and three
LONG_EVERY = 8  # one in so many unclear turns is long
LONG = (10.3, 12.5)  # s, least duration of a long turn
PAUSE = (0.2, 0.5)  # s between two sentences
GAP = (-0.25, 1.0)  # s between two turns; negative: the other one is interrupted
CLEAR_INTENSITY = (0.5, 1.0)  # peak of a turn
UNCLEAR_INTENSITY = (0.2, 0.85)
EXTRA_TURN = 0.1  # probability that a speaker's last turn is called XX0, as some of IEMOCAP's are


class Role(NamedTuple):
    """A turn that is still without speaker, words and place."""

    emotion: str
    clear: bool  # most evaluators will recognise it
    long: bool  # 10 s or longer


@dataclass(frozen=True)
class Turn:
    """A part and what is thought of it."""

    part: Part  # what is played
    judgements: tuple[Judgement, ...]  # of the three evaluators
    own: Judgement  # the actor's judgement

    @property
    def label(self) -> str:
        """The majority's emotion, or `xxx`."""
        return majority(judgement.emotions for judgement in self.judgements)

    @property
    def raters(self) -> tuple[Judgement, ...]:
        """The evaluators who rate valence, activation and dominance: two of the three."""
        return self.judgements[1:]

    @property
    def ratings(self) -> tuple[float, float, float]:
        """The raters' mean valence, activation and dominance, each 1-5."""
        v, a, d = np.mean([judgement.ratings for judgement in self.raters], axis=0)
        return float(v), float(a), float(d)


@dataclass(frozen=True)
class Dialog:
    """One dialog of two actors."""

    name: str  # such as `Ses01F_impro01`
    session: int  # 1-5
    evaluators: tuple[str, ...]  # the names of the three who judge it
    turns: tuple[Turn, ...]  # in the order they are spoken

    @property
    def wearer(self) -> str:
        """Who wears the markers: `F` or `M`."""
        return self.name[5]

    @property
    def actors(self) -> tuple[str, str]:
        """The ids of the wearer and of the other: left and right, on film and in sound."""
        other = "M" if self.wearer == "F" else "F"
        return self.name[:6], f"{self.name[:5]}{other}"


def plan_dialogs(size: str, seed: int) -> tuple[Dialog, ...]:
    """Plan a corpus.

    Args:
        size: a key of `understudy.SIZES`.
        seed: at least 0.

    Returns:
        The dialogs of the five sessions.

    Raises:
        UnderstudyError: the size is unknown.
    """
    chosen = size_named(size)
    dialogs = []
    for session in SESSIONS:
        dialogs += [*_improvised(chosen, seed, session), *_scripted(chosen, seed, session)]
    return tuple(dialogs)


def _improvised(size: Size, seed: int, session: int) -> Iterator[Dialog]:
    """Deal a session's roles over its scenes, and to both actors evenly in each emotion."""
    rng = generator(seed, f"session {session}", "improvised")
    roles = sorted(_roles(size, session))
    cast = [(role, "FM"[i % 2]) for i, role in enumerate(roles)]
    order = rng.permutation(len(cast))
    names = [f"Ses{session:02d}{wearer}_{scene}" for scene in size.scenes for wearer in "FM"]
    decks = {emotion: Deck(rng) for emotion in sorted({role.emotion for role in roles})}
    for name, chosen in zip(names, np.array_split(order, len(names)), strict=True):
        yield _dialog(seed, session, name, [cast[i] for i in chosen], decks)


def _roles(size: Size, session: int) -> Iterator[Role]:
    for emotion in MAIN:
        yield from [Role(emotion, clear=True, long=False)] * size.short
        yield from [Role(emotion, clear=True, long=True)] * size.long
    for i, emotion in enumerate(size.others):
        yield Role(emotion, clear=True, long=i < size.long)
    if size.rare:
        yield Role(size.rare[session % len(size.rare)], clear=True, long=False)
    for emotion, count in size.unclear.items():
        yield from [
            Role(emotion, clear=False, long=i % LONG_EVERY == LONG_EVERY // 2) for i in range(count)
        ]


def _scripted(size: Size, seed: int, session: int) -> Iterator[Dialog]:
    """Give a script's words, the same in every session, emotions of this session's own."""
    emotions = [emotion for emotion, count in size.unclear.items() for _ in range(count)]
    for script, wearer in size.scripts.items():
        name = f"Ses{session:02d}{wearer}_{script}"
        drawn = generator(seed, name, "emotions").choice(emotions, size.scripted)
        roles = [Role(str(emotion), clear=False, long=False) for emotion in drawn]
        cast = [(role, "FM"[i % 2]) for i, role in enumerate(roles)]
        words = Deck(generator(seed, script))
        yield _dialog(seed, session, name, cast, dict.fromkeys(emotions, words))


def _dialog(
    seed: int, session: int, name: str, cast: list[tuple[Role, str]], decks: dict[str, Deck]
) -> Dialog:
    rng = generator(seed, name)
    evaluators = tuple(sorted(str(e) for e in rng.choice(EVALUATORS, 3, replace=False)))
    numbers = _turn_numbers([speaker for _, speaker in cast], rng)
    turns, before = [], ""
    for (role, speaker), number in zip(cast, numbers, strict=True):
        gap = (0.3, GAP[1]) if speaker == before else GAP
        turn = f"{name}_{speaker}{number}"
        turns.append(_turn(seed, role, turn, gap, decks[role.emotion], evaluators))
        before = speaker
    return Dialog(name, session, evaluators, tuple(turns))


def _turn_numbers(speakers: list[str], rng: np.random.Generator) -> list[str]:
    """Number each speaker's turns from 000; now and then the last one is XX0."""
    numbers = [f"{speakers[:i].count(speaker):03d}" for i, speaker in enumerate(speakers)]
    for speaker in sorted(set(speakers)):
        if rng.random() < EXTRA_TURN:
            numbers[len(speakers) - 1 - speakers[::-1].index(speaker)] = "XX0"
    return numbers


def _turn(
    seed: int, role: Role, name: str, gap: tuple[float, float], deck: Deck,
    evaluators: tuple[str, ...],
) -> Turn:  # fmt: skip
    """Write a part, and let the evaluators judge it until most of them recognise a clear one.

    How much is said depends on neither the emotion nor the actor.
    """
    speaker = name.rpartition("_")[2][0]
    rng = generator(seed, name, "part")
    count = LONG_SENTENCES if role.long else 1 + int(rng.choice(3, p=SHORT_SENTENCES))
    peak = rng.uniform(*(CLEAR_INTENSITY if role.clear else UNCLEAR_INTENSITY))
    part = Part(
        turn=name,
        actor=f"{name[:5]}{speaker}",
        emotion=role.emotion,
        sentences=deck.deal(count),
        course=Course(str(rng.choice(SHAPES)), round(peak, 3)),
        pause=round(rng.uniform(*PAUSE), 3),
        least=round(rng.uniform(*LONG), 3) if role.long else 0.0,
        gap=round(rng.uniform(*gap), 3),
    )
    rng = generator(seed, name, "judgement")
    while True:
        judgements = tuple(judge(evaluator, part, rng) for evaluator in evaluators)
        turn = Turn(part, judgements, own=judge(f"{speaker}1", part, rng))
        if not role.clear or turn.label == part.emotion:
            return turn
