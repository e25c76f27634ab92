"""IEMOCAP: five sessions of two actors, whose turns several evaluators labelled."""

from collections.abc import Iterable
from pathlib import Path

from tells.corpora import exclusions
from tells.corpora.filesystem import is_dir, is_valid_media
from tells.corpora.iemocap_annotations import (
    DIALOG,
    EMOTIONS,
    TURN,
    Session,
    TurnLine,
    agreement,
    find_sounds,
    find_videos,
    read_transcript,
    read_turns,
    read_votes,
    report_orphans,
)
from tells.corpora.registry import Expected, register
from tells.corpora.table import Exclude, Row, emotion_to_class
from tells.errors import TellsError

SESSIONS = ("Session1", "Session2", "Session3", "Session4", "Session5")
RELEASE = "IEMOCAP_full_release"
CODES = {
    "neu": 1708,
    "ang": 1103,
    "sad": 1084,
    "exc": 1041,
    "hap": 595,
    "fru": 1849,
    "sur": 107,
    "fea": 40,
    "oth": 3,
    "dis": 2,
    "xxx": 2507,
}
TURNS = {"1": 1819, "2": 1811, "3": 2136, "4": 2103, "5": 2170}
COLUMNS = {
    "dialog": "string",
    "improvised": "bool",
    "marker": "bool",
    "majority_code": "string",
    "agreement": "Int64",
    "evaluators": "Int64",
    "valence": "float64",
    "activation": "float64",
    "dominance": "float64",
    "dialog_start": "timedelta64[ns]",
    "dialog_end": "timedelta64[ns]",
    "text": "string",
}


@register(
    "iemocap",
    title="IEMOCAP",
    layout="Session1/dialog/EmoEvaluation/Ses01F_impro01.txt and "
    "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav, or with media='video' "
    "Session1/dialog/avi/DivX/Ses01F_impro01.avi, up to Session5",
    source="IEMOCAP is licensed; ask SAIL at the University of Southern California for it "
    "(https://sail.usc.edu/iemocap/)",
    columns=COLUMNS,
    choices={
        "merge_excited": (False, True),
        "no_majority": ("drop", "other"),
        "media": ("audio", "video"),
    },
    expected=Expected("majority_code", CODES, TURNS),
    notes=("a smaller corpus in the same layout is used in the same way",),
)
def read(
    root: Path,
    exclude: Exclude,
    *,
    merge_excited: bool = False,
    no_majority: str = "drop",
    media: str = "audio",
) -> list[Row]:
    """Read every turn that has both a line in EmoEvaluation and a sound file or a video.

    Args:
        root: the folder that holds Session1 ... Session5 or some of them, or its parent.
        exclude: records what is left out.
        merge_excited: whether excited counts as happiness.
        no_majority: what becomes of turns without a majority label (code xxx): "drop" leaves
            their label <NA>, "other" counts them as other.
        media: "audio" for the turns' own sound files, "video" for their spans of the dialogs'
            videos, which show the wearer of the markers (column `marker`) on the left.

    Raises:
        TellsError: no session is there.

    Thesis: 4.8.1, 4.9, 5.2.
    """
    rows = []
    for folder in _session_folders(root, exclude):
        session = Session(root, folder, exclude)
        find_sounds(session) if media == "audio" else find_videos(session)
        for row in _session_rows(session, media):
            row["label"] = _label(row["majority_code"], merge_excited, no_majority)
            rows.append(row)
    return rows


def _label(code: str, merge_excited: bool, no_majority: str) -> str | None:
    if code == "xxx" and no_majority == "other":
        return "other"
    if code == "exc" and merge_excited:
        return "happiness"
    return emotion_to_class(EMOTIONS[code])


def _session_folders(root: Path, exclude: Exclude) -> list[str]:
    """The sessions, relative to the root, that have a folder EmoEvaluation."""
    for prefix in ("", f"{RELEASE}/"):
        found = [f"{prefix}{name}" for name in SESSIONS if is_dir(root, prefix + name)]
        complete = [s for s in found if is_dir(root, f"{s}/dialog/EmoEvaluation")]
        if complete:
            for session in set(found) - set(complete):
                exclude(session, exclusions.SESSION_INCOMPLETE)
            return complete
    expected = root / "Session1/dialog/EmoEvaluation"
    hint = "; root is one session, pass the folder above it" if is_dir(root, "dialog") else ""
    raise TellsError(
        f"root {str(root)!r} holds no Session1 ... Session5 with annotations; "
        f"expected {str(expected)!r}{hint}"
    )


def _session_rows(session: Session, media: str) -> Iterable[Row]:
    dialogs = set()
    for file in session.names("dialog/EmoEvaluation"):
        match = DIALOG.fullmatch(Path(file).stem)
        if match is None:
            session.exclude(file, exclusions.BAD_NAME)
        elif match["session"] != session.number:
            session.exclude(file, exclusions.FOREIGN_DIALOG)
        elif match[0] in dialogs:
            session.exclude(file, exclusions.DUPLICATE_ANNOTATION)
        else:
            dialogs.add(match[0])
            yield from _dialog_rows(session, match[0], file, media)
    for (_, turn), file in session.sounds.items():
        if turn not in session.mentioned:
            session.exclude(file, exclusions.AUDIO_WITHOUT_ANNOTATION)
    for dialog, file in session.videos.items():
        if dialog not in dialogs:
            session.exclude(file, exclusions.VIDEO_WITHOUT_ANNOTATION)
    report_orphans(session, dialogs)


def _dialog_rows(session: Session, dialog: str, file: str, media: str) -> Iterable[Row]:
    turns = read_turns(session, dialog, file)
    votes = read_votes(session, dialog)
    spoken = read_transcript(session, dialog)
    video = session.videos.get(dialog)
    for name, turn in turns.items():
        sound = session.sounds.get((dialog, name))
        if media == "video" and video is None:
            session.exclude(name, exclusions.ANNOTATION_WITHOUT_VIDEO)
        elif media == "video":
            span = {"start": round(turn.start * 1e9), "end": round(turn.end * 1e9)}
            yield _row(turn, video, votes, spoken.get(name)) | span
        elif sound is None:
            session.exclude(name, exclusions.ANNOTATION_WITHOUT_AUDIO)
        elif is_valid_media(session.root, sound, session.exclude):
            yield _row(turn, sound, votes, spoken.get(name))


def _row(
    turn: TurnLine,
    file: str,
    votes: dict[str, list[frozenset[str]]] | None,
    spoken: str | None,
) -> Row:
    parts = TURN.fullmatch(turn.name)
    cast = [] if votes is None else votes.get(turn.name, [])
    return {
        "file": file,
        "utterance": turn.name,
        "emotion": EMOTIONS[turn.code],
        "speaker": f"Ses0{parts['session']}{parts['voice']}",
        "fold": parts["session"],
        "dialog": parts["dialog"],
        "improvised": "_impro" in turn.name,
        "marker": parts["voice"] == parts["marked"],
        "majority_code": turn.code,
        "agreement": agreement(cast),
        "evaluators": None if votes is None else len(cast),
        "valence": turn.valence,
        "activation": turn.activation,
        "dominance": turn.dominance,
        "dialog_start": round(turn.start * 1e9),
        "dialog_end": round(turn.end * 1e9),
        "text": spoken,
    }
