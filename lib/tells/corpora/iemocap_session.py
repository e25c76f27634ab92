"""What one session of IEMOCAP holds on disk: sound, video, evaluations, votes, transcriptions."""

from dataclasses import dataclass, field
from pathlib import Path

from tells.corpora import iemocap_text as text
from tells.corpora import reasons
from tells.corpora.disk import entries, is_folder, is_usable, read_lines
from tells.corpora.table import Skip


@dataclass
class Session:
    """One session's folder, and what was found in it so far."""

    root: Path
    folder: str  # relative to the root
    skip: Skip
    sounds: dict[tuple[str, str], str] = field(default_factory=dict)  # (dialog, turn): file
    videos: dict[str, str] = field(default_factory=dict)  # dialog: file
    mentioned: set[str] = field(default_factory=set)  # turns that some annotation line names

    @property
    def number(self) -> str:
        """The session's number, "1" to "5"."""
        return self.folder[-1]

    def lines(self, file: str) -> list[tuple[str, str]]:
        """The lines of an annotation file, each with its place as `file:number`."""
        found = read_lines(self.root / file, file, self.skip)
        return [(f"{file}:{number}", line) for number, line in found]

    def names(self, folder: str) -> list[str]:
        """The annotation files of a folder of this session, as paths relative to the root."""
        place = f"{self.folder}/{folder}"
        found = entries(self.root / place, place, self.skip)
        return [f"{place}/{e.name}" for e in found if e.name.lower().endswith(".txt")]


def find_sounds(session: Session) -> None:
    """Note the sound file of every turn, by dialog and turn."""
    place = f"{session.folder}/sentences/wav"
    for dialog in entries(session.root / place, place, session.skip):
        if not is_folder(dialog):
            continue
        inside = f"{place}/{dialog.name}"
        for entry in entries(Path(dialog.path), inside, session.skip):
            stem, dot, suffix = entry.name.rpartition(".")
            if dot and suffix.lower() == "wav":
                _note_sound(session, dialog.name, stem, f"{inside}/{entry.name}")


def _note_sound(session: Session, dialog: str, stem: str, file: str) -> None:
    turn = text.TURN.fullmatch(stem)
    if turn is None:
        session.skip(file, reasons.BAD_NAME)
    elif turn["dialog"] != dialog or turn["session"] != session.number:
        session.skip(file, reasons.FOREIGN_TURN)
    elif (dialog, stem) in session.sounds:
        session.skip(file, reasons.DUPLICATE_CLIP)
    else:
        session.sounds[dialog, stem] = file


def find_videos(session: Session) -> None:
    """Note the video of every dialog: both actors side by side, the markers' wearer on the left."""
    place = f"{session.folder}/dialog/avi/DivX"
    for entry in entries(session.root / place, place, session.skip):
        stem, dot, suffix = entry.name.rpartition(".")
        if not dot or suffix.lower() != "avi":
            continue
        file = f"{place}/{entry.name}"
        dialog = text.DIALOG.fullmatch(stem)
        if dialog is None:
            session.skip(file, reasons.BAD_NAME)
        elif dialog["session"] != session.number:
            session.skip(file, reasons.FOREIGN_DIALOG)
        elif stem in session.videos:
            session.skip(file, reasons.DUPLICATE_CLIP)
        elif is_usable(session.root, file, session.skip):
            session.videos[stem] = file


def report_orphans(session: Session, dialogs: set[str]) -> None:
    """Record the annotation files that belong to no dialog with an evaluation file."""
    for folder in ("EmoEvaluation/Categorical", "transcriptions"):
        for file in session.names(f"dialog/{folder}"):
            stem = Path(file).stem
            dialog = text.DIALOG.match(stem)
            if dialog is None or (stem != dialog[0] and not _is_evaluator_of(dialog[0], stem)):
                session.skip(file, reasons.BAD_NAME)
            elif dialog[0] not in dialogs:
                session.skip(file, reasons.NO_EVALUATION)


def read_turns(session: Session, dialog: str, file: str) -> dict[str, text.TurnLine]:
    """The turns of an evaluation file by name; the first of two with one name counts."""
    turns = {}
    for place, line in session.lines(file):
        if text.is_remark(line):
            continue
        session.mentioned.update(match[0] for match in text.TURN.finditer(line))
        turn = text.parse_turn(line)
        flaw = _flaw(turn, dialog, turns)
        if flaw:
            session.skip(place, flaw)
        else:
            turns[turn.name] = turn
    return turns


def _flaw(turn: text.TurnLine | None, dialog: str, earlier: dict[str, text.TurnLine]) -> str | None:
    if turn is None:
        return reasons.BAD_LINE
    match = text.TURN.fullmatch(turn.name)
    if match is None:
        return reasons.BAD_LINE
    if match["dialog"] != dialog:
        return reasons.FOREIGN_TURN
    if turn.name in earlier:
        return reasons.DUPLICATE_ANNOTATION
    if turn.code not in text.EMOTIONS:
        return reasons.UNKNOWN_CODE
    return None if 0 <= turn.start < turn.end else reasons.BAD_TIMES


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
        parsed = text.parse_votes(line)
        turn = parsed and text.TURN.fullmatch(parsed[0])
        if not turn:
            session.skip(place, reasons.BAD_LINE)
        elif turn["dialog"] != dialog:
            session.skip(place, reasons.FOREIGN_TURN)
        elif turn[0] in votes:
            session.skip(place, reasons.DUPLICATE_ANNOTATION)
        else:
            known = parsed[1] & text.EVALUATOR_LABELS
            if known != parsed[1]:
                session.skip(place, reasons.UNKNOWN_CODE)
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
        parsed = text.parse_transcript(line)
        turn = parsed and text.TURN.fullmatch(parsed[0])
        if not turn:
            session.skip(place, reasons.BAD_LINE)
        elif turn[0] in spoken:
            session.skip(place, reasons.DUPLICATE_ANNOTATION)
        else:
            spoken[turn[0]] = parsed[1]
    return spoken
