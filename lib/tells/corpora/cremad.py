"""CREMA-D: 91 actors who speak twelve sentences in six emotions."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.filesystem import is_valid_media, media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Exclude, Row, emotion_to_class

EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happiness",
    "NEU": "neutral",
    "SAD": "sadness",
}
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "X": "unspecified", "XX": "unspecified"}
SUFFIXES = {"audio": ".wav", "video": ".flv"}

# one distributed file ends in a single X, 1040_ITH_SAD_X.wav
_NAME = re.compile(
    r"(?P<actor>1\d{3})_(?P<sentence>[A-Z]{3})_(?P<emotion>[A-Z]{3})_(?P<level>[A-Z]{1,2})",
    re.ASCII,
)


@register(
    "cremad",
    title="CREMA-D",
    layout="AudioWAV/1001_DFA_ANG_XX.wav, or with media='video' VideoFlash/1001_DFA_ANG_XX.flv",
    source="CREMA-D is open (ODbL): clone https://github.com/CheyneyComputerScience/CREMA-D "
    "with git-LFS",
    columns={"sentence": "string", "level": "string"},
    choices={"media": tuple(SUFFIXES)},
    expected=Expected(
        "emotion",
        {emotion: 1087 if emotion == "neutral" else 1271 for emotion in EMOTIONS.values()},
        dict.fromkeys(map(str, range(1001, 1092))),
    ),
    notes=(
        "1076_MTI_SAD_XX.wav is silent, and 1076_MTI_NEU_XX.flv, 1076_MTI_SAD_XX.flv, "
        "1064_TIE_SAD_XX.flv and 1064_IEO_DIS_MD.flv are reported broken as distributed: "
        "expect those to fail",
    ),
    verify_options=({"media": "audio"}, {"media": "video"}),
)
def read(root: Path, exclude: Exclude, *, media: str = "audio") -> list[Row]:
    """Read every clip of one medium.

    Args:
        root: the repository's folder, its AudioWAV or its VideoFlash.
        exclude: records what is left out, the files of the other medium among them.
        media: "audio" for the .wav files, "video" for the .flv files, which have sound too.

    Thesis: none; an open corpus in IEMOCAP's place.
    """
    rows: dict[str, Row] = {}
    for file in media_files(root, exclude):
        path = PurePosixPath(file)
        parts = _NAME.fullmatch(path.stem)
        error = _validation_error(path, parts, media)
        if error is None and path.stem in rows:
            error = exclusions.DUPLICATE_CLIP
        if error:
            exclude(file, error)
        elif is_valid_media(root, file, exclude):
            rows[path.stem] = _row(file, parts)
    return list(rows.values())


def _validation_error(path: PurePosixPath, parts: re.Match | None, media: str) -> str | None:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES.values():
        return exclusions.OTHER_FORMAT
    if parts is None:
        return exclusions.BAD_NAME
    if suffix != SUFFIXES[media]:
        return exclusions.OTHER_MEDIUM
    known = parts["emotion"] in EMOTIONS and parts["level"] in LEVELS
    return None if known else exclusions.UNKNOWN_CODE


def _row(file: str, parts: re.Match) -> Row:
    emotion = EMOTIONS[parts["emotion"]]
    return {
        "file": file,
        "utterance": parts[0],
        "emotion": emotion,
        "label": emotion_to_class(emotion),
        "speaker": parts["actor"],
        "fold": parts["actor"],
        "sentence": parts["sentence"],
        "level": LEVELS[parts["level"]],
    }
