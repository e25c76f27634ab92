"""What `tells forge` writes: RAVDESS with forged voices, and the Javanese corpus dubbed."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.acted import JAVANESE_EMOTIONS, RAVDESS_EMOTIONS
from tells.corpora.deepfakes import (
    DETECTION_COLUMNS,
    Entry,
    JsonObject,
    annotation_dir,
    is_plain,
    read_clips,
    read_json,
)
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import is_valid_media, media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row

METADATA = "forged.json"
METHODS = {"original": "REAL", "resynthesised": "REAL", "flat": "FAKE", "exchanged": "FAKE"}

DUBBED_METADATA = "dubbed.json"
DUBS = {"own": "REAL", "same": "REAL", "other": "FAKE"}  # whose emotion a dubbed voice has
MAX_STRETCH = 2.0  # how many times as long, or as short, a take may become

_FILE = re.compile(
    r"Actor_(?P<folder>\d\d)/(?P<clip>0[13]-01-(?P<emotion>0[1-8])-0[12]-0[12]-0[12]"
    rf"-(?P<actor>0[1-9]|1\d|2[0-4]))_(?P<method>{'|'.join(METHODS)})\.wav",
    re.ASCII,
)
_DUBBED_FILE = re.compile(
    r"sound/(?P<clip>(?P<spoken>(?P<actor>0[1-9]|10)-0[1-4])-(?P<face>0[1-6])_0[1-7])"
    rf"_(?P<kind>{'|'.join(DUBS)})_(?P<take>(?P=spoken)-(?P<voice>0[1-6])_0[1-7])\.wav",
    re.ASCII,
)
_EACH = 1_440  # clips of each method: RAVDESS's speech


@register(
    "ravdess-forged",
    title="RAVDESS with forged voices",
    layout=f"{METADATA} beside Actor_01/03-01-05-01-01-01-01_flat.wav",
    source="tells forge makes it out of RAVDESS's speech: https://zenodo.org/records/1188976",
    columns={**DETECTION_COLUMNS, "emotion": "string"},
    made_of="ravdess",
    expected=Expected(
        "label",
        {"real": 2 * _EACH, "fake": 2 * _EACH},
        {f"{actor:02}": 240 for actor in range(1, 25)},
    ),
    notes=("two of three vocoded clips are fakes: compare with resynthesised reals",),
)
def read_forged(root: Path, exclude: Exclude) -> list[Row]:
    """Read every clip that forged.json names and that is there.

    All that was made of one recording has it for `source`; `speaker` and fold are its actor, so
    that people never cross a split of folds. There is no picture.

    Args:
        root: the folder of forged.json, or the one above it.
        exclude: records what is left out.

    Thesis: none; real voices beside DFDC's. Chapter: 05_5_1_audio_detection.
    """
    base = annotation_dir(root, METADATA, exclude)
    if base is None:
        return []
    return read_clips(
        root,
        base,
        exclude,
        _members(root, str(base / METADATA), exclude),
        _parse,
        set(media_files(root, exclude, base)),
        pattern=_FILE,
        orphan=exclusions.AUDIO_WITHOUT_ANNOTATION,
    )


@register(
    "dubbed",
    title="the Javanese corpus, dubbed",
    layout=f"{DUBBED_METADATA} beside sound/01-01-02_01_other_01-01-06_03.wav and "
    "video/01-01-02_01.mp4",
    source="tells forge --method dub makes it out of the Javanese corpus",
    columns={
        **DETECTION_COLUMNS,
        "face_emotion": "string",
        "voice_emotion": "string",
        "stretch": "Float64",
    },
    choices={"media": ("sound", "video"), "own": (False, True)},
    made_of="javanese",
    expected=Expected(
        "label",
        {"real": 474, "fake": 474},  # of 237 clips; three have another clip's sound
        {f"{actor:02}": 96 for actor in range(1, 11)} | {"06": 92, "08": 88},
    ),
    notes=("lip synchrony is lost in reals and fakes alike",),
)
def read_dubbed(
    root: Path, exclude: Exclude, *, media: str = "sound", own: bool = False
) -> list[Row]:
    """Read every dubbed clip that dubbed.json names and that is there.

    An `utterance` is a dubbed clip, `01-01-02_01_other_01-01-06_03`: the clip that is seen, the
    kind of dub, the take that is heard. It is fake as a pair: `audio_label` says whether another
    emotion is heard than seen, and `video_label` is left open. `method` is the kind; `stretch` is
    the length of the take's speech over what it was before. `source`, `speaker` and fold are the
    actor, so that people never cross a split.

    Args:
        root: the folder of dubbed.json, or the one above it.
        exclude: records what is left out.
        media: "sound" for the dubbed sounds; "video" for the same rows with the pictures. All
            clips dubbed on a picture share its file, so that faces are extracted once; the sound in
            it is the original one.
        own: add the clips dubbed with their own sound, which are real, to the two real and two fake
            ones for each picture.

    Thesis: none. Chapter: 05_5_1_audio_detection.
    """
    base = annotation_dir(root, DUBBED_METADATA, exclude)
    if base is None:
        return []
    clips = _members(root, str(base / DUBBED_METADATA), exclude)
    files = set(media_files(root, exclude, base))
    pictures = {file for file in files if file.endswith(".mp4")}
    rows = read_clips(
        root,
        base,
        exclude,
        clips,
        _parse_dub,
        files - pictures,
        orphan=exclusions.AUDIO_WITHOUT_ANNOTATION,
    )
    claimed = {row["picture"] for row in rows}
    for picture in pictures - claimed:
        exclude(str(base / picture), exclusions.VIDEO_WITHOUT_ANNOTATION)
    for picture in claimed - pictures:
        exclude(str(base / picture), exclusions.NOT_THERE)
    seen = {
        picture: str(base / picture)
        for picture in claimed & pictures
        if is_valid_media(root, str(base / picture), exclude)
    }
    kept = []
    for row in rows:
        if row["method"] == "own" and not own:
            exclude(row["file"], "clip with its own sound, which was not asked for")
        elif row["picture"] not in seen:
            exclude(row["file"], "dubbed clip whose picture cannot be used")
        else:
            kept.append(row | ({"file": seen[row["picture"]]} if media == "video" else {}))
    return kept


def dub_of(clip: str, take: str) -> tuple[str, dict[str, object]]:
    """The file of a clip dubbed with a take, and what dubbed.json says of it.

    Args:
        clip: the utterance whose picture is seen, `01-01-02_01`.
        take: the utterance that is heard, of the same actor and sentence.
    """
    seen, heard = (JAVANESE_EMOTIONS[name[6:8]] for name in (clip, take))
    kind = "own" if take == clip else "same" if seen == heard else "other"
    return f"sound/{clip}_{kind}_{take}.wav", {
        "label": DUBS[kind],
        "method": kind,
        "picture": f"video/{clip}.mp4",
        "take": take,
        "face_emotion": seen,
        "voice_emotion": heard,
    }


def _members(root: Path, metadata: str, exclude: Exclude) -> list[tuple[str, object]]:
    """The files that were made, as a file of `tells forge` names them, and what it says of each."""
    data = read_json(root, metadata, JsonObject, exclude)
    clips = None if data is None else data.get("clips")
    if data is not None and not isinstance(clips, JsonObject):
        exclude(metadata, exclusions.BAD_ENTRY)
    return clips.members if isinstance(clips, JsonObject) else []


def _parse(name: str, said: object) -> Entry | str:
    parts = _FILE.fullmatch(name)
    if parts is None or parts["folder"] != parts["actor"]:
        return exclusions.BAD_NAME
    if not is_plain(said) or not isinstance(said.get("original"), str | None):
        return exclusions.BAD_ENTRY
    label = said.get("label")
    if label not in ("REAL", "FAKE"):
        return exclusions.UNKNOWN_LABEL
    if METHODS[parts["method"]] != label:
        return exclusions.CONTRADICTION
    columns = {
        "utterance": PurePosixPath(name).stem,
        "source": parts["clip"],
        "speaker": parts["actor"],
        "fold": parts["actor"],
        "method": parts["method"],
        "emotion": RAVDESS_EMOTIONS[parts["emotion"]],
    }
    return Entry(label == "FAKE", said.get("original"), None, label.lower(), columns)


def _parse_dub(name: str, said: object) -> Entry | str:
    parts = _DUBBED_FILE.fullmatch(name)
    file, entry = dub_of(parts["clip"], parts["take"]) if parts else ("", {})
    if file != name:
        return exclusions.BAD_NAME
    if not is_plain(said) or said.keys() != {*entry, "stretch"}:
        return exclusions.BAD_ENTRY
    stretch = said["stretch"]
    if not isinstance(stretch, float) or not 1 / MAX_STRETCH <= stretch <= MAX_STRETCH:
        return exclusions.BAD_ENTRY
    if said["label"] not in ("REAL", "FAKE"):
        return exclusions.UNKNOWN_LABEL
    if said != entry | {"stretch": stretch}:
        return exclusions.CONTRADICTION
    columns = said | dict.fromkeys(("source", "speaker", "fold"), parts["actor"])
    del columns["label"]
    columns["utterance"] = PurePosixPath(name).stem
    return Entry(said["label"] == "FAKE", None, None, said["label"].lower(), columns)
