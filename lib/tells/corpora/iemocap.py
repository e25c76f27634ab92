"""IEMOCAP: five sessions of two actors, whose turns several evaluators labelled."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tells.corpora import exclusions
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import is_dir, is_valid_media
from tells.corpora.iemocap_annotations import (
    DIALOG,
    EMOTIONS,
    RATINGS,
    TURN,
    Session,
    read_transcript,
    read_turns,
    read_votes,
    report_orphans,
)
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row, emotion_to_class
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
    **dict.fromkeys(RATINGS, "float64"),
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
        session.find_sounds() if media == "audio" else session.find_videos()
        for row in _session_rows(session, media):
            code = row["majority_code"]
            row["label"] = emotion_to_class(row["emotion"])
            if code == "xxx" and no_majority == "other":
                row["label"] = "other"
            if code == "exc" and merge_excited:
                row["label"] = "happiness"
            rows.append(row)
    return rows


def _session_folders(root: Path, exclude: Exclude) -> list[str]:
    """The sessions, relative to the root, that have a folder EmoEvaluation."""
    for prefix in ("", f"{RELEASE}/"):
        found = [f"{prefix}{name}" for name in SESSIONS if is_dir(root / prefix / name)]
        complete = [s for s in found if is_dir(root / s / "dialog/EmoEvaluation")]
        if complete:
            for session in set(found) - set(complete):
                exclude(session, exclusions.SESSION_INCOMPLETE)
            return complete
    expected = root / "Session1/dialog/EmoEvaluation"
    hint = "; root is one session, pass the folder above it" if is_dir(root / "dialog") else ""
    raise TellsError(
        f"root {str(root)!r} holds no Session1 ... Session5 with annotations; "
        f"expected {str(expected)!r}{hint}"
    )


def _session_rows(session: Session, media: str) -> Iterator[Row]:
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
    for name, file in session.media.items():
        if media == "audio" and name not in session.mentioned:
            session.exclude(file, exclusions.AUDIO_WITHOUT_ANNOTATION)
        if media == "video" and name not in dialogs:
            session.exclude(file, exclusions.VIDEO_WITHOUT_ANNOTATION)
    report_orphans(session, dialogs)


def _dialog_rows(session: Session, dialog: str, file: str, media: str) -> Iterator[Row]:
    turns = read_turns(session, dialog, file)
    votes = read_votes(session, dialog)
    spoken = read_transcript(session, dialog)
    video = media == "video"
    absent = exclusions.ANNOTATION_WITHOUT_VIDEO if video else exclusions.ANNOTATION_WITHOUT_AUDIO
    for name, turn in turns.items():
        found = session.media.get(dialog if video else name)
        if found is None:
            session.exclude(name, absent)
        elif video or is_valid_media(session.root, found, session.exclude):
            cast = None if votes is None else votes.get(name, [])
            row = turn | _row(name, turn["majority_code"], cast)
            row |= {"file": found, "text": spoken.get(name)}
            if video:
                row |= {"start": row["dialog_start"], "end": row["dialog_end"]}
            yield row


def _row(name: str, code: str, votes: list[frozenset[str]] | None) -> Row:
    """What a turn's name and votes say (4.9).

    `agreement` counts the evaluators of the most frequent label; where two labels are, there is
    none that they agree on, and each stands alone.
    """
    parts = TURN.fullmatch(name)
    counts = Counter(label for labels in votes or () for label in labels)
    most = max(counts.values(), default=None)
    return {
        "utterance": name,
        "emotion": EMOTIONS[code],
        "speaker": f"Ses0{parts['session']}{parts['voice']}",
        "fold": parts["session"],
        "dialog": parts["dialog"],
        "improvised": "_impro" in name,
        "marker": parts["voice"] == parts["marked"],
        "agreement": 1 if list(counts.values()).count(most) > 1 else most,
        "evaluators": None if votes is None else len(votes),
    }
