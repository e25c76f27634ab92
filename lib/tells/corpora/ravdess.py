"""RAVDESS: 24 actors who speak two sentences in eight emotions, named by seven numbers."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.filesystem import is_valid_media, media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Exclude, Row, emotion_to_class

EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happiness",
    "04": "sadness",
    "05": "anger",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}
MODALITIES = {"01": "audio-video", "02": "video", "03": "audio"}
SPEECH, SONG = "01", "02"
INTENSITIES = {"01": "normal", "02": "strong"}
# which recordings of a clip serve, the best first
PREFERRED = {"audio": ("03", "01"), "audio-video": ("01",), "any": ("01", "03")}
SUFFIXES = (".wav", ".flac", ".mp4")

_NAME = re.compile(
    r"(?P<modality>0[1-3])-(?P<channel>0[12])-(?P<emotion>0[1-8])-(?P<intensity>0[12])"
    r"-(?P<sentence>0[12])-(?P<repetition>0[12])-(?P<actor>0[1-9]|1\d|2[0-4])",
    re.ASCII,
)
_ACTOR_FOLDER = re.compile(r"Actor_(\d\d)", re.ASCII | re.IGNORECASE)


@register(
    "ravdess",
    title="RAVDESS",
    layout="files such as Actor_01/03-01-05-01-01-01-01.wav (or .flac, .mp4) anywhere below it",
    source="RAVDESS is free for non-commercial use (CC BY-NC-SA 4.0): "
    "https://zenodo.org/records/1188976, Audio_Speech_Actors_01-24.zip",
    columns={
        "intensity": "string",
        "sentence": "string",
        "repetition": "string",
        "modality": "string",
        "sex": "string",
    },
    choices={"calm": ("neutral", "other"), "modality": tuple(PREFERRED)},
    expected=Expected(
        "emotion",
        {emotion: 96 if emotion == "neutral" else 192 for emotion in EMOTIONS.values()},
        {f"{actor:02}": 60 for actor in range(1, 25)},
    ),
)
def read(
    root: Path, exclude: Exclude, *, calm: str = "neutral", modality: str = "audio"
) -> list[Row]:
    """Read every spoken clip once.

    Args:
        root: the folder somewhere below which the clips are.
        exclude: records what is left out: songs, clips without sound, second copies.
        calm: the class that calm counts as, "neutral" or "other".
        modality: "audio" takes the sound file of a clip and, where there is none, the video,
            which has the same sound; "audio-video" takes videos with sound and nothing else;
            "any" takes the video and, where there is none, the sound file.

    Thesis: none; an open corpus in IEMOCAP's place.
    """
    taken: dict[str, tuple[int, str]] = {}  # a clip's name without its modality: rank, file
    for rank, file in sorted(_candidates(root, exclude, PREFERRED[modality])):
        clip = PurePosixPath(file).stem.partition("-")[2]
        if clip in taken:
            second = taken[clip][0] == rank
            exclude(file, exclusions.DUPLICATE_CLIP if second else exclusions.OTHER_MEDIUM)
        elif is_valid_media(root, file, exclude):
            taken[clip] = rank, file
    return [_row(file, calm) for _, file in taken.values()]


def _candidates(root: Path, exclude: Exclude, preferred: tuple[str, ...]) -> list[tuple[int, str]]:
    """The files that may serve, each with its rank; everything else is recorded."""
    ranked = []
    for file in media_files(root, exclude):
        path = PurePosixPath(file)
        parts = _NAME.fullmatch(path.stem)
        error = _validation_error(path, parts, preferred)
        if error:
            exclude(file, error)
        else:
            ranked.append((preferred.index(parts["modality"]), file))
    return ranked


def _validation_error(
    path: PurePosixPath, parts: re.Match | None, preferred: tuple[str, ...]
) -> str | None:
    if parts is None:
        return exclusions.BAD_NAME
    if path.suffix.lower() not in SUFFIXES:
        return exclusions.OTHER_FORMAT
    if parts["channel"] == SONG:
        return exclusions.SONG
    folder = _ACTOR_FOLDER.fullmatch(path.parent.name)
    if folder and folder[1] != parts["actor"]:
        return exclusions.WRONG_ACTOR
    if parts["modality"] in preferred:
        return None
    return (
        exclusions.NO_SOUND if MODALITIES[parts["modality"]] == "video" else exclusions.NO_PICTURE
    )


def _row(file: str, calm: str) -> Row:
    stem = PurePosixPath(file).stem
    parts = _NAME.fullmatch(stem)
    emotion = EMOTIONS[parts["emotion"]]
    return {
        "file": file,
        "utterance": stem,
        "emotion": emotion,
        "label": calm if emotion == "calm" else emotion_to_class(emotion),
        "speaker": parts["actor"],
        "fold": parts["actor"],
        "intensity": INTENSITIES[parts["intensity"]],
        "sentence": parts["sentence"],
        "repetition": parts["repetition"],
        "modality": MODALITIES[parts["modality"]],
        "sex": "male" if int(parts["actor"]) % 2 else "female",
    }
