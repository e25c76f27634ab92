"""IEMOCAP's annotation files: the grammar of their lines, and what one session holds on disk."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tells.corpora import exclusions
from tells.corpora.filesystem import entries, is_dir_entry, is_valid_media, read_lines
from tells.corpora.table import Exclude

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


@dataclass
class Session:
    """One session's folder, and what was found in it so far."""

    root: Path
    folder: str  # relative to the root
    exclude: Exclude
    sounds: dict[tuple[str, str], str] = field(default_factory=dict)  # (dialog, turn): file
    videos: dict[str, str] = field(default_factory=dict)  # dialog: file
    mentioned: set[str] = field(default_factory=set)  # turns that some annotation line names

    @property
    def number(self) -> str:
        """The session's number, "1" to "5"."""
        return self.folder[-1]

    def lines(self, file: str) -> list[tuple[str, str]]:
        """The lines of an annotation file, each with its place as `file:number`."""
        found = read_lines(self.root / file, file, self.exclude)
        return [(f"{file}:{number}", line) for number, line in found]

    def names(self, folder: str) -> list[str]:
        """The annotation files of a folder of this session, as paths relative to the root."""
        place = f"{self.folder}/{folder}"
        found = entries(self.root / place, place, self.exclude)
        return [f"{place}/{e.name}" for e in found if e.name.lower().endswith(".txt")]


def find_sounds(session: Session) -> None:
    """Note the sound file of every turn, by dialog and turn."""
    place = f"{session.folder}/sentences/wav"
    for dialog in entries(session.root / place, place, session.exclude):
        if not is_dir_entry(dialog):
            continue
        inside = f"{place}/{dialog.name}"
        for entry in entries(Path(dialog.path), inside, session.exclude):
            stem, dot, suffix = entry.name.rpartition(".")
            if dot and suffix.lower() == "wav":
                _note_sound(session, dialog.name, stem, f"{inside}/{entry.name}")


def _note_sound(session: Session, dialog: str, stem: str, file: str) -> None:
    turn = TURN.fullmatch(stem)
    if turn is None:
        session.exclude(file, exclusions.BAD_NAME)
    elif turn["dialog"] != dialog or turn["session"] != session.number:
        session.exclude(file, exclusions.FOREIGN_TURN)
    elif (dialog, stem) in session.sounds:
        session.exclude(file, exclusions.DUPLICATE_CLIP)
    else:
        session.sounds[dialog, stem] = file


def find_videos(session: Session) -> None:
    """Note the video of every dialog: both actors side by side, the markers' wearer on the left."""
    place = f"{session.folder}/dialog/avi/DivX"
    for entry in entries(session.root / place, place, session.exclude):
        stem, dot, suffix = entry.name.rpartition(".")
        if not dot or suffix.lower() != "avi":
            continue
        file = f"{place}/{entry.name}"
        dialog = DIALOG.fullmatch(stem)
        if dialog is None:
            session.exclude(file, exclusions.BAD_NAME)
        elif dialog["session"] != session.number:
            session.exclude(file, exclusions.FOREIGN_DIALOG)
        elif stem in session.videos:
            session.exclude(file, exclusions.DUPLICATE_CLIP)
        elif is_valid_media(session.root, file, session.exclude):
            session.videos[stem] = file


def report_orphans(session: Session, dialogs: set[str]) -> None:
    """Record the annotation files that belong to no dialog with an evaluation file."""
    for folder in ("EmoEvaluation/Categorical", "transcriptions"):
        for file in session.names(f"dialog/{folder}"):
            stem = Path(file).stem
            dialog = DIALOG.match(stem)
            if dialog is None or (stem != dialog[0] and not _is_evaluator_of(dialog[0], stem)):
                session.exclude(file, exclusions.BAD_NAME)
            elif dialog[0] not in dialogs:
                session.exclude(file, exclusions.NO_EVALUATION)


def read_turns(session: Session, dialog: str, file: str) -> dict[str, TurnLine]:
    """The turns of an evaluation file by name; the first of two with one name counts."""
    turns = {}
    for place, line in session.lines(file):
        if is_remark(line):
            continue
        session.mentioned.update(match[0] for match in TURN.finditer(line))
        turn = parse_turn(line)
        error = _validation_error(turn, dialog, turns)
        if error:
            session.exclude(place, error)
        else:
            turns[turn.name] = turn
    return turns


def _validation_error(
    turn: TurnLine | None, dialog: str, earlier: dict[str, TurnLine]
) -> str | None:
    if turn is None:
        return exclusions.BAD_LINE
    match = TURN.fullmatch(turn.name)
    if match is None:
        return exclusions.BAD_LINE
    if match["dialog"] != dialog:
        return exclusions.FOREIGN_TURN
    if turn.name in earlier:
        return exclusions.DUPLICATE_ANNOTATION
    if turn.code not in EMOTIONS:
        return exclusions.UNKNOWN_CODE
    return None if 0 <= turn.start < turn.end else exclusions.BAD_TIMES


def read_votes(session: Session, dialog: str) -> dict[str, list[frozenset[str]]] | None:
    """Each turn's categorical votes, one set of labels an evaluator; None without any file."""
    place = "dialog/EmoEvaluation/Categorical"
    files = [file for file in session.names(place) if _is_evaluator_of(dialog, Path(file).stem)]
    if not files:
        return None
    votes: dict[str, list[frozenset[str]]] = {}
    for file in files:
        for name, labels in _one_evaluator(session, dialog, file).items():
            votes.setdefault(name, []).append(labels)
    return votes


def _is_evaluator_of(dialog: str, stem: str) -> bool:
    number = stem.removeprefix(f"{dialog}_e").removesuffix("_cat")
    return number.isdecimal() and stem == f"{dialog}_e{number}_cat"


def _one_evaluator(session: Session, dialog: str, file: str) -> dict[str, frozenset[str]]:
    votes = {}
    for place, line in session.lines(file):
        parsed = parse_votes(line)
        turn = parsed and TURN.fullmatch(parsed[0])
        if not turn:
            session.exclude(place, exclusions.BAD_LINE)
        elif turn["dialog"] != dialog:
            session.exclude(place, exclusions.FOREIGN_TURN)
        elif turn[0] in votes:
            session.exclude(place, exclusions.DUPLICATE_ANNOTATION)
        else:
            known = parsed[1] & EVALUATOR_LABELS
            if known != parsed[1]:
                session.exclude(place, exclusions.UNKNOWN_CODE)
            if known:
                votes[turn[0]] = known
    return votes


def read_transcript(session: Session, dialog: str) -> dict[str, str]:
    """What is said in each turn; empty where the dialog has no transcription."""
    file = f"{session.folder}/dialog/transcriptions/{dialog}.txt"
    if not (session.root / file).exists():
        return {}
    spoken: dict[str, str] = {}
    for place, line in session.lines(file):
        parsed = parse_transcript(line)
        turn = parsed and TURN.fullmatch(parsed[0])
        if not turn:
            session.exclude(place, exclusions.BAD_LINE)
        elif turn[0] in spoken:
            session.exclude(place, exclusions.DUPLICATE_ANNOTATION)
        else:
            spoken[turn[0]] = parsed[1]
    return spoken
