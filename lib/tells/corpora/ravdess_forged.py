"""RAVDESS with forged voices, as `tells forge` writes it: reals, and fakes of their prosody."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.acted import RAVDESS_EMOTIONS
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
from tells.corpora.filesystem import media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row

METADATA = "forged.json"
METHODS = {"original": "REAL", "resynthesised": "REAL", "flat": "FAKE", "exchanged": "FAKE"}

_FILE = re.compile(
    r"Actor_(?P<folder>\d\d)/(?P<clip>0[13]-01-(?P<emotion>0[1-8])-0[12]-0[12]-0[12]"
    rf"-(?P<actor>0[1-9]|1\d|2[0-4]))_(?P<method>{'|'.join(METHODS)})\.wav",
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
def read(root: Path, exclude: Exclude) -> list[Row]:
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
    metadata = str(base / METADATA)
    data = read_json(root, metadata, JsonObject, exclude)
    clips = None if data is None else data.get("clips")
    if data is not None and not isinstance(clips, JsonObject):
        exclude(metadata, exclusions.BAD_ENTRY)
    return read_clips(
        root,
        base,
        exclude,
        clips.members if isinstance(clips, JsonObject) else [],
        _parse,
        set(media_files(root, exclude, base)),
        pattern=_FILE,
        orphan=exclusions.AUDIO_WITHOUT_ANNOTATION,
    )


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
