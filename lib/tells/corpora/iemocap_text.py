"""The grammar of IEMOCAP's annotation files, one line at a time."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

EMOTIONS = {
    "neu": "neutral",
    "hap": "happiness",
    "sad": "sadness",
    "ang": "anger",
    "exc": "excited",
    "fru": "frustration",
    "sur": "surprise",
    "fea": "fear",
    "dis": "disgust",
    "oth": "other",
    "xxx": None,  # the evaluators have no majority
}
EVALUATOR_LABELS = frozenset(emotion for emotion in EMOTIONS.values() if emotion)

_DIALOG = r"Ses0(?P<session>[1-5])(?P<marked>[MF])_(?:impro|script)0[1-9][ab]?(?:_\d[ab]?)?"
DIALOG = re.compile(_DIALOG, re.ASCII)
TURN = re.compile(rf"(?P<dialog>{_DIALOG})_(?P<voice>[MF])(?:\d{{3}}|XX\d)", re.ASCII)

_NUMBER = r"(-?\d{1,6}(?:\.\d{1,9})?)"
_TURN_LINE = re.compile(
    rf"\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s+(\S+)\s+(\S+)\s+"
    rf"\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]",
    re.ASCII,
)
_EVALUATOR_LINE = re.compile(r"[CA]-[EFM]\d+:", re.ASCII)
_TRANSCRIPT_LINE = re.compile(rf"(\S+)\s+\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s*:\s*(.*)", re.ASCII)


@dataclass(frozen=True)
class TurnLine:
    """One turn of an evaluation file: when, who, the majority's code, the mean ratings."""

    name: str
    start: float  # s, in the dialog
    end: float  # s, in the dialog
    code: str
    valence: float
    activation: float
    dominance: float


def is_remark(line: str) -> bool:
    """Whether a line of an evaluation file is its header or one evaluator's opinion."""
    return line.startswith("%") or _EVALUATOR_LINE.match(line) is not None


def parse_turn(line: str) -> TurnLine | None:
    """A turn line of an evaluation file, or None where it does not parse."""
    match = _TURN_LINE.fullmatch(line)
    if match is None:
        return None
    start, end, name, code, *ratings = match.groups()
    numbers = [float(number) for number in (start, end, *ratings)]
    return TurnLine(name, numbers[0], numbers[1], code, *numbers[2:])


def parse_votes(line: str) -> tuple[str, frozenset[str]] | None:
    """A line of one evaluator's categorical file: the turn and its labels, each counted once.

    `Ses01F_impro01_F000 :Neutral state; Anger; (calm)` gives neutral and anger; None where the
    line does not parse.
    """
    name, _, opinion = line.partition(":")
    labels = opinion.partition("(")[0]
    words = (label.strip().lower() for label in labels.split(";"))
    plain = frozenset("neutral" if word == "neutral state" else word for word in words if word)
    return (name.strip(), plain) if plain else None


def parse_transcript(line: str) -> tuple[str, str] | None:
    """A line of a transcription: the turn and what is said; None where it does not parse."""
    match = _TRANSCRIPT_LINE.fullmatch(line)
    return (match[1], match[4].strip()) if match else None


def agreement(votes: Iterable[frozenset[str]]) -> int | None:
    """How many evaluators share the most frequent label; None where nobody voted.

    Args:
        votes: each evaluator's labels.

    Thesis: 4.9, "we require a match between at least two of these evaluations".
    """
    counts = Counter(label for labels in votes for label in labels)
    return max(counts.values(), default=None)
