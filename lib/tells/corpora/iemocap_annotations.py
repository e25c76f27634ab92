"""IEMOCAP's annotation files: the grammar of their lines, and what one session holds on disk."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import entries, is_dir, is_valid_media, read_lines
from tells.corpora.table import Row

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
RATINGS = ("valence", "activation", "dominance")
EVALUATOR_LABELS = frozenset(emotion for emotion in EMOTIONS.values() if emotion)

_DIALOG = (
    r"(?P<dialog>Ses0(?P<session>[1-5])(?P<marked>[MF])_"
    r"(?:impro|script)0[1-9][ab]?(?:_\d[ab]?)?)"
)
DIALOG = re.compile(_DIALOG, re.ASCII)
TURN = re.compile(rf"{_DIALOG}_(?P<voice>[MF])(?:\d{{3}}|XX\d)", re.ASCII)

_NUMBER = r"(-?\d{1,6}(?:\.\d{1,9})?)"
_TURN_LINE = re.compile(
    rf"\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s+(\S+)\s+(\S+)\s+"
    rf"\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]",
    re.ASCII,
)
_EVALUATOR_LINE = re.compile(r"[CA]-[EFM]\d+:", re.ASCII)
_TRANSCRIPT_LINE = re.compile(rf"(\S+)\s+\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s*:\s*(.*)", re.ASCII)


@dataclass
class Session:
    """One session's folder, and what was found in it so far."""

    root: Path
    folder: str  # relative to the root
    exclude: Exclude
    media: dict[str, str] = field(default_factory=dict)  # turn, or dialog of a video: file
    mentioned: set[str] = field(default_factory=set)  # turns that some annotation line names

    @property
    def number(self) -> str:
        """The session's number, "1" to "5"."""
        return self.folder[-1]

    def names(self, folder: str) -> list[str]:
        """The annotation files of a folder of this session, as paths relative to the root."""
        place = f"{self.folder}/{folder}"
        names = entries(self.root, place, self.exclude)
        return [f"{place}/{name}" for name in names if name.lower().endswith(".txt")]

    def find_sounds(self) -> None:
        """Note the sound file of every turn."""
        place = f"{self.folder}/sentences/wav"
        for dialog in entries(self.root, place, self.exclude):
            if not is_dir(self.root / place / dialog):
                continue
            for name, file, turn in self._files(f"{place}/{dialog}", ".wav", TURN):
                if turn["dialog"] != dialog or turn["session"] != self.number:
                    self.exclude(file, exclusions.FOREIGN_TURN)
                elif name in self.media:
                    self.exclude(file, exclusions.DUPLICATE_CLIP)
                else:
                    self.media[name] = file

    def find_videos(self) -> None:
        """Note the video of every dialog: both actors side by side, the markers' wearer left."""
        for name, file, dialog in self._files(f"{self.folder}/dialog/avi/DivX", ".avi", DIALOG):
            if dialog["session"] != self.number:
                self.exclude(file, exclusions.FOREIGN_DIALOG)
            elif name in self.media:
                self.exclude(file, exclusions.DUPLICATE_CLIP)
            elif is_valid_media(self.root, file, self.exclude):
                self.media[name] = file

    def _files(
        self, folder: str, suffix: str, pattern: re.Pattern[str]
    ) -> Iterator[tuple[str, str, re.Match]]:
        """Name without suffix, path and parts of the name of a folder's files of one format."""
        for name in entries(self.root, folder, self.exclude):
            path = PurePosixPath(name)
            if path.suffix.lower() != suffix:
                continue
            parts = pattern.fullmatch(path.stem)
            if parts is None:
                self.exclude(f"{folder}/{name}", exclusions.BAD_NAME)
            else:
                yield path.stem, f"{folder}/{name}", parts


def report_orphans(session: Session, dialogs: set[str]) -> None:
    """Record the annotation files that belong to no dialog with an evaluation file."""
    for folder in ("EmoEvaluation/Categorical", "transcriptions"):
        for file in session.names(f"dialog/{folder}"):
            stem = Path(file).stem
            dialog = DIALOG.match(stem)
            if dialog is None or (stem != dialog[0] and not _is_evaluator_of(dialog[0], stem)):
                session.exclude(file, exclusions.BAD_NAME)
            elif dialog[0] not in dialogs:
                session.exclude(file, "dialog without its file in EmoEvaluation")


def read_turns(session: Session, dialog: str, file: str) -> dict[str, Row]:
    """What an evaluation file says of each turn: when, the majority's code, the mean ratings."""
    turns: dict[str, Row] = {}
    for place, line in read_lines(session.root, file, session.exclude):
        if line.startswith("%") or _EVALUATOR_LINE.match(line):  # the header; one's opinion
            continue
        session.mentioned.update(match[0] for match in TURN.finditer(line))
        match = _TURN_LINE.fullmatch(line)
        start, end, name, code, *ratings = match.groups() if match else ("0", "0", "", "")
        start, end = float(start), float(end)  # s
        error = _line_error(name, turns, dialog)
        if error is None and code not in EMOTIONS:
            error = exclusions.UNKNOWN_CODE
        if error is None and not 0 <= start < end:
            error = "turn whose times make no sense"
        if error:
            session.exclude(place, error)
        else:
            turns[name] = {
                "majority_code": code,
                "dialog_start": round(start * 1e9),
                "dialog_end": round(end * 1e9),
                **dict(zip(RATINGS, map(float, ratings), strict=True)),
            }
    return turns


def read_votes(session: Session, dialog: str) -> dict[str, list[frozenset[str]]] | None:
    """Each turn's categorical votes, one set of labels an evaluator; None without any file.

    `Ses01F_impro01_F000 :Neutral state; Anger; (calm)` votes for neutral and anger.
    """
    names = session.names("dialog/EmoEvaluation/Categorical")
    files = [file for file in names if _is_evaluator_of(dialog, Path(file).stem)]
    if not files:
        return None
    votes: dict[str, list[frozenset[str]]] = {}
    for file in files:
        seen = set()  # of this evaluator
        for place, line in read_lines(session.root, file, session.exclude):
            name, _, opinion = line.partition(":")
            name = name.strip()
            words = [word.strip().lower() for word in opinion.partition("(")[0].split(";")]
            labels = {"neutral" if word == "neutral state" else word for word in words if word}
            error = _line_error(name if labels else "", seen, dialog)
            if error:
                session.exclude(place, error)
                continue
            if not labels <= EVALUATOR_LABELS:
                session.exclude(place, exclusions.UNKNOWN_CODE)
            if labels & EVALUATOR_LABELS:
                seen.add(name)
                votes.setdefault(name, []).append(frozenset(labels & EVALUATOR_LABELS))
    return votes


def _is_evaluator_of(dialog: str, stem: str) -> bool:
    number = stem.removeprefix(f"{dialog}_e").removesuffix("_cat")
    return number.isdecimal() and stem == f"{dialog}_e{number}_cat"


def read_transcript(session: Session, dialog: str) -> dict[str, str]:
    """What is said in each turn; empty where the dialog has no transcription."""
    file = f"{session.folder}/dialog/transcriptions/{dialog}.txt"
    if not (session.root / file).exists():
        return {}
    spoken: dict[str, str] = {}
    for place, line in read_lines(session.root, file, session.exclude):
        match = _TRANSCRIPT_LINE.fullmatch(line)
        error = _line_error(match[1] if match else "", spoken)
        if error:
            session.exclude(place, error)
        else:
            spoken[match[1]] = match[4].strip()
    return spoken


def _line_error(name: str, earlier: Container[str], dialog: str | None = None) -> str | None:
    """What speaks against a line about a turn; a `name` that is none stands for no such line."""
    turn = TURN.fullmatch(name)
    if turn is None:
        return exclusions.BAD_LINE
    if dialog is not None and turn["dialog"] != dialog:
        return exclusions.FOREIGN_TURN
    return exclusions.DUPLICATE_ANNOTATION if name in earlier else None
