"""EMO-DB: ten German actors who speak ten sentences in seven emotions."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.filesystem import is_valid_media, media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Exclude, Row, emotion_to_class

EMOTIONS = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happiness",
    "T": "sadness",
    "N": "neutral",
}
MALE = frozenset(("03", "10", "11", "12", "15"))
SPEAKERS = {
    "03": 49,
    "08": 58,
    "09": 43,
    "10": 38,
    "11": 55,
    "12": 35,
    "13": 61,
    "14": 69,
    "15": 56,
    "16": 71,
}

_NAME = re.compile(
    r"(?P<speaker>\d\d)(?P<sentence>[a-z]\d\d)(?P<emotion>[A-Z])(?P<version>[a-z])", re.ASCII
)


@register(
    "emodb",
    title="EMO-DB",
    layout="wav/03a01Fa.wav",
    source="EMO-DB is free: http://emodb.bilderbar.info/",
    columns={"sentence": "string", "sex": "string"},
    expected=Expected(
        "emotion",
        {
            "anger": 127,
            "boredom": 81,
            "disgust": 46,
            "fear": 69,
            "happiness": 71,
            "sadness": 62,
            "neutral": 79,
        },
        SPEAKERS,
    ),
)
def read(root: Path, exclude: Exclude) -> list[Row]:
    """Read every sentence.

    Args:
        root: the folder that holds wav, or wav itself.
        exclude: records what is left out.

    Thesis: none; an open corpus in IEMOCAP's place.
    """
    rows: dict[str, Row] = {}
    for file in media_files(root, exclude):
        path = PurePosixPath(file)
        parts = _NAME.fullmatch(path.stem)
        error = _validation_error(path, parts)
        if error is None and path.stem in rows:
            error = exclusions.DUPLICATE_CLIP
        if error:
            exclude(file, error)
        elif is_valid_media(root, file, exclude):
            rows[path.stem] = _row(file, parts)
    return list(rows.values())


def _validation_error(path: PurePosixPath, parts: re.Match | None) -> str | None:
    if path.suffix.lower() != ".wav":
        return exclusions.OTHER_FORMAT
    if parts is None:
        return exclusions.BAD_NAME
    return None if parts["emotion"] in EMOTIONS else exclusions.UNKNOWN_CODE


def _row(file: str, parts: re.Match) -> Row:
    emotion = EMOTIONS[parts["emotion"]]
    sex = "male" if parts["speaker"] in MALE else "female"
    return {
        "file": file,
        "utterance": parts[0],
        "emotion": emotion,
        "label": emotion_to_class(emotion),
        "speaker": parts["speaker"],
        "fold": parts["speaker"],
        "sentence": parts["sentence"],
        "sex": sex if parts["speaker"] in SPEAKERS else None,
    }
