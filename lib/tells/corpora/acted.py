"""Corpora of actors whose files are named by codes: RAVDESS, CREMA-D, EMO-DB and a Javanese one.

All four are open corpora in IEMOCAP's place, of which the thesis has none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import is_valid_media, media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row, emotion_to_class

_RAVDESS = ("neutral", "calm", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
RAVDESS_EMOTIONS = {f"{code:02}": emotion for code, emotion in enumerate(_RAVDESS, 1)}
RAVDESS_MODALITIES = {"01": "audio-video", "02": "video", "03": "audio"}
# which recordings of a clip serve, the best first
RAVDESS_PREFERRED = {"audio": ("03", "01"), "audio-video": ("01",), "any": ("01", "03")}
_RAVDESS_NAME = re.compile(
    r"(?P<modality>0[1-3])-(?P<clip>(?P<channel>0[12])-(?P<emotion>0[1-8])-(?P<intensity>0[12])"
    r"-(?P<sentence>0[12])-(?P<repetition>0[12])-(?P<actor>0[1-9]|1\d|2[0-4]))",
    re.ASCII,
)
_RAVDESS_FOLDER = re.compile(r"Actor_(\d\d)", re.ASCII | re.IGNORECASE)

CREMAD_EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happiness",
    "NEU": "neutral",
    "SAD": "sadness",
}
# one distributed file ends in a single X, 1040_ITH_SAD_X.wav
_LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "X": "unspecified", "XX": "unspecified"}
CREMAD_SUFFIXES = {"audio": ".wav", "video": ".flv"}
_CREMAD_NAME = re.compile(
    r"(?P<clip>(?P<actor>1\d{3})_(?P<sentence>[A-Z]{3})_(?P<emotion>[A-Z]{3})"
    r"_(?P<level>[A-Z]{1,2}))",
    re.ASCII,
)

EMODB_EMOTIONS = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happiness",
    "T": "sadness",
    "N": "neutral",
}
_EMODB_COUNTS = (127, 81, 46, 69, 71, 62, 79)  # clips of each emotion
EMODB_SPEAKERS = {  # clips of each
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
EMODB_MEN = ("03", "10", "11", "12", "15")
_EMODB_NAME = re.compile(
    r"(?P<clip>(?P<actor>\d\d)(?P<sentence>[a-z]\d\d)(?P<emotion>[A-Z])[a-z])", re.ASCII
)

_JAVANESE = ("neutral", "sadness", "happiness", "surprise", "fear", "anger")
JAVANESE_EMOTIONS = {f"{code:02}": emotion for code, emotion in enumerate(_JAVANESE, 1)}
JAVANESE_TAKES = tuple(f"{take:02}" for take in range(1, 8))
JAVANESE_ACTORS = tuple(f"{actor:02}" for actor in range(1, 11))
JAVANESE_MEDIA = {".mp4": "video", ".wav": "sound", ".flac": "sound"}
# Videos whose sound is not that of the sound file of the same name, as correlation shows for all
# others; the sound files serve.
JAVANESE_MISMATCHED = ("06-01-05_01", "08-01-06_01", "08-04-03_01")
_JAVANESE_NAME = re.compile(
    r"(?P<clip>(?P<actor>0[1-9]|10)-(?P<sentence>0[1-4])-(?P<emotion>0[1-6])_(?P<take>0[1-7]))",
    re.ASCII,
)


@register(
    "ravdess",
    title="RAVDESS",
    layout="files such as Actor_01/03-01-05-01-01-01-01.wav (or .flac, .mp4) anywhere below it",
    source="RAVDESS is free for non-commercial use (CC BY-NC-SA 4.0): "
    "https://zenodo.org/records/1188976, Audio_Speech_Actors_01-24.zip",
    columns=dict.fromkeys(("intensity", "sentence", "repetition", "modality", "sex"), "string"),
    choices={"calm": ("neutral", "other"), "modality": tuple(RAVDESS_PREFERRED)},
    expected=Expected(
        "emotion",
        {emotion: 96 if emotion == "neutral" else 192 for emotion in RAVDESS_EMOTIONS.values()},
        {f"{actor:02}": 60 for actor in range(1, 25)},
    ),
)
def read_ravdess(
    root: Path, exclude: Exclude, *, calm: str = "neutral", modality: str = "audio"
) -> list[Row]:
    """Read every spoken clip of RAVDESS once: 24 actors, two sentences, eight emotions.

    Args:
        root: the folder somewhere below which the clips are.
        exclude: records what is left out: songs, clips without sound, second copies.
        calm: the class that calm counts as, "neutral" or "other".
        modality: "audio" takes the sound file of a clip and, where there is none, the video,
            which has the same sound; "audio-video" takes videos with sound and nothing else;
            "any" takes the video and, where there is none, the sound file.

    Thesis: none.
    """
    preferred = RAVDESS_PREFERRED[modality]

    def objection(path: PurePosixPath, parts: re.Match | None) -> str | None:
        if parts is None:
            return exclusions.BAD_NAME
        if path.suffix.lower() not in (".wav", ".flac", ".mp4"):
            return exclusions.OTHER_FORMAT
        if parts["channel"] == "02":
            return "song, not speech"
        folder = _RAVDESS_FOLDER.fullmatch(path.parent.name)
        if folder and folder[1] != parts["actor"]:
            return "folder and file name give different actors"
        if parts["modality"] in preferred:
            return None
        if RAVDESS_MODALITIES[parts["modality"]] == "video":
            return "pictures only, without sound"
        return "sound only, where pictures were asked for"

    rows = []
    for file, parts in _clips(
        root, exclude, _RAVDESS_NAME, objection, lambda _, parts: preferred.index(parts["modality"])
    ):
        row = _row(file, parts, RAVDESS_EMOTIONS) | {
            "intensity": "strong" if parts["intensity"] == "02" else "normal",
            "repetition": parts["repetition"],
            "modality": RAVDESS_MODALITIES[parts["modality"]],
            "sex": "male" if int(parts["actor"]) % 2 else "female",
        }
        if row["emotion"] == "calm":
            row["label"] = calm
        rows.append(row)
    return rows


@register(
    "cremad",
    title="CREMA-D",
    layout="AudioWAV/1001_DFA_ANG_XX.wav, or with media='video' VideoFlash/1001_DFA_ANG_XX.flv",
    source="CREMA-D is open (ODbL): clone https://github.com/CheyneyComputerScience/CREMA-D "
    "with git-LFS",
    columns={"sentence": "string", "level": "string"},
    choices={"media": tuple(CREMAD_SUFFIXES)},
    expected=Expected(
        "emotion",
        {emotion: 1087 if emotion == "neutral" else 1271 for emotion in CREMAD_EMOTIONS.values()},
        dict.fromkeys(map(str, range(1001, 1092))),
    ),
    notes=(
        "1076_MTI_SAD_XX.wav is silent, and 1076_MTI_NEU_XX.flv, 1076_MTI_SAD_XX.flv, "
        "1064_TIE_SAD_XX.flv and 1064_IEO_DIS_MD.flv are reported broken as distributed: "
        "expect those to fail",
    ),
    verify_options=({"media": "audio"}, {"media": "video"}),
)
def read_cremad(root: Path, exclude: Exclude, *, media: str = "audio") -> list[Row]:
    """Read every clip of one medium of CREMA-D: 91 actors, twelve sentences, six emotions.

    Args:
        root: the repository's folder, its AudioWAV or its VideoFlash.
        exclude: records what is left out, the files of the other medium among them.
        media: "audio" for the .wav files, "video" for the .flv files, which have sound too.

    Thesis: none.
    """

    def objection(path: PurePosixPath, parts: re.Match | None) -> str | None:
        suffix = path.suffix.lower()
        if suffix not in CREMAD_SUFFIXES.values():
            return exclusions.OTHER_FORMAT
        if parts is None:
            return exclusions.BAD_NAME
        if suffix != CREMAD_SUFFIXES[media]:
            return exclusions.OTHER_MEDIUM
        known = parts["emotion"] in CREMAD_EMOTIONS and parts["level"] in _LEVELS
        return None if known else exclusions.UNKNOWN_CODE

    return [
        _row(file, parts, CREMAD_EMOTIONS) | {"level": _LEVELS[parts["level"]]}
        for file, parts in _clips(root, exclude, _CREMAD_NAME, objection)
    ]


@register(
    "emodb",
    title="EMO-DB",
    layout="wav/03a01Fa.wav",
    source="EMO-DB is free: http://emodb.bilderbar.info/",
    columns={"sentence": "string", "sex": "string"},
    expected=Expected(
        "emotion",
        dict(zip(EMODB_EMOTIONS.values(), _EMODB_COUNTS, strict=True)),
        EMODB_SPEAKERS,
    ),
)
def read_emodb(root: Path, exclude: Exclude) -> list[Row]:
    """Read every sentence of EMO-DB: ten German actors, ten sentences, seven emotions.

    Args:
        root: the folder that holds wav, or wav itself.
        exclude: records what is left out.

    Thesis: none.
    """

    def objection(path: PurePosixPath, parts: re.Match | None) -> str | None:
        if path.suffix.lower() != ".wav":
            return exclusions.OTHER_FORMAT
        if parts is None:
            return exclusions.BAD_NAME
        return None if parts["emotion"] in EMODB_EMOTIONS else exclusions.UNKNOWN_CODE

    rows = []
    for file, parts in _clips(root, exclude, _EMODB_NAME, objection):
        sex = "male" if parts["actor"] in EMODB_MEN else "female"
        known = parts["actor"] in EMODB_SPEAKERS
        rows.append(_row(file, parts, EMODB_EMOTIONS) | {"sex": sex if known else None})
    return rows


@register(
    "javanese",
    title="Javanese",
    layout="video/dataset-resize/01-01-01_01.mp4 and sound/dataset/01-01-01_01.wav (or .flac), or "
    "one of them, anywhere below it",
    source="the Javanese corpus is open (MIT): clone "
    "https://github.com/2black0/sound-emotion-recognition-javanese and "
    "https://github.com/2black0/video-emotion-recognition-javanese below one folder, and unpack "
    "the archives, if there are any",
    columns={"sentence": "string", "take": "string", "medium": "string"},
    choices={"media": ("sound", "video", "both")},
    expected=Expected(
        "emotion", dict.fromkeys(_JAVANESE, 280), dict.fromkeys(JAVANESE_ACTORS, 168)
    ),
    expected_of_media={
        "video": Expected(
            "emotion",
            dict.fromkeys(_JAVANESE, 40) | dict.fromkeys(("happiness", "fear", "anger"), 39),
            dict.fromkeys(JAVANESE_ACTORS, 24) | {"06": 23, "08": 22},
        ),
        "both": Expected(
            "medium", {"video": 237, "sound": 1443}, dict.fromkeys(JAVANESE_ACTORS, 168)
        ),
    },
    notes=(
        f"of the 240 videos 237 serve: the picture and the sound of {JAVANESE_MISMATCHED[0]}.mp4, "
        f"{JAVANESE_MISMATCHED[1]}.mp4 and {JAVANESE_MISMATCHED[2]}.mp4 do not belong together",
        "66 of these begin with up to 22 black frames, in which no face can be found",
        "the sound files and the videos are counted apart: with -o media=sound, video or both",
    ),
    verify_options=({"media": "sound"}, {"media": "video"}),
)
def read_javanese(root: Path, exclude: Exclude, *, media: str = "sound") -> list[Row]:
    """Read every recording of the Javanese corpus once: ten actors, four sentences, six emotions.

    Each emotion of a sentence was recorded seven times, the first time also on video. Three videos
    are left out, whose sound is of another recording (`JAVANESE_MISMATCHED`).

    Args:
        root: the folder somewhere below which the files are.
        exclude: records what is left out: those three, the other medium, second copies.
        media: "sound" takes the sound files; "video" the videos, which have sound too; "both"
            the video of a recording and, where none serves, its sound file.

    Thesis: none.
    """

    def objection(path: PurePosixPath, parts: re.Match | None) -> str | None:
        medium = JAVANESE_MEDIA.get(path.suffix.lower())
        if medium is None:
            return exclusions.OTHER_FORMAT
        if parts is None:
            return exclusions.BAD_NAME
        if media not in (medium, "both"):
            return exclusions.OTHER_MEDIUM
        if medium == "video" and parts["clip"] in JAVANESE_MISMATCHED:
            return "picture and sound do not belong together"
        return None

    def rank(path: PurePosixPath, _: re.Match) -> int:
        return ("video", "sound").index(JAVANESE_MEDIA[path.suffix.lower()])

    return [
        _row(file, parts, JAVANESE_EMOTIONS)
        | {"take": parts["take"], "medium": JAVANESE_MEDIA[PurePosixPath(file).suffix.lower()]}
        for file, parts in _clips(root, exclude, _JAVANESE_NAME, objection, rank)
    ]


def _clips(
    root: Path,
    exclude: Exclude,
    pattern: re.Pattern[str],
    objection: Callable[[PurePosixPath, re.Match | None], str | None],
    rank: Callable[[PurePosixPath, re.Match], int] = lambda *_: 0,
) -> Iterator[tuple[str, re.Match]]:
    """One usable file of each clip, with the parts of its name; everything else is recorded.

    `pattern` is that of a name without suffix, with a group `clip`; `objection` says why a file
    cannot serve; of a clip's files that with the lowest `rank` is taken.
    """
    candidates = []
    for file in media_files(root, exclude):
        path = PurePosixPath(file)
        parts = pattern.fullmatch(path.stem)
        error = objection(path, parts)
        if error:
            exclude(file, error)
        else:
            candidates.append((rank(path, parts), file, parts))
    taken: dict[str, int] = {}  # the rank of what was taken of each clip
    for place, file, parts in sorted(candidates, key=lambda candidate: candidate[:2]):
        clip = parts["clip"]
        if clip in taken:
            second = taken[clip] == place
            exclude(file, exclusions.DUPLICATE_CLIP if second else exclusions.OTHER_MEDIUM)
        elif is_valid_media(root, file, exclude):
            taken[clip] = place
            yield file, parts


def _row(file: str, parts: re.Match, emotions: Mapping[str, str]) -> Row:
    emotion = emotions[parts["emotion"]]
    return {
        "file": file,
        "utterance": parts[0],
        "emotion": emotion,
        "label": emotion_to_class(emotion),
        "speaker": parts["actor"],
        "fold": parts["actor"],
        "sentence": parts["sentence"],
    }
