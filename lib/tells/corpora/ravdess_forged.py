"""RAVDESS with forged voices, as `tells forge` writes it: reals, and fakes of their prosody."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    DETECTION_COLUMNS,
    Entry,
    JsonObject,
    annotation_dir,
    deduplicate,
    forgery_row,
    is_plain,
    read_json,
    validation_error,
)
from tells.corpora.filesystem import is_valid_media, media_files
from tells.corpora.ravdess import EMOTIONS
from tells.corpora.registry import Expected, register
from tells.corpora.table import Exclude, Row

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
    shown = str(base / METADATA)
    data = read_json(root / shown, JsonObject, shown, exclude)
    known = deduplicate(_parse_entries(data, shown, exclude), exclude)
    there = set(media_files(root / base, exclude))
    rows = []
    for name, entry in known.items():
        error = validation_error(name, known, _FILE)
        if error is None and name not in there:
            error = exclusions.NOT_THERE
        if error:
            exclude(name, error)
        elif is_valid_media(root, str(base / name), exclude):
            rows.append(_row(base, name, entry))
    for name in sorted(there - set(known)):
        exclude(name, exclusions.AUDIO_WITHOUT_ANNOTATION)
    return rows


def _parse_entries(
    data: JsonObject | None, shown: str, exclude: Exclude
) -> list[tuple[str, Entry]]:
    """What is said of each file that can be one of the corpus; everything else is recorded."""
    clips = None if data is None else data.get("clips")
    if not isinstance(clips, JsonObject):
        if data is not None:
            exclude(shown, exclusions.BAD_ENTRY)
        return []
    parsed = []
    for name, entry in clips.members:
        parts = _FILE.fullmatch(name)
        if parts is None or parts["folder"] != parts["actor"]:
            exclude(name, exclusions.BAD_NAME)
        elif not is_plain(entry) or not isinstance(entry.get("original"), str | None):
            exclude(name, exclusions.BAD_ENTRY)
        elif entry.get("label") not in ("REAL", "FAKE"):
            exclude(name, exclusions.UNKNOWN_LABEL)
        elif (parts["method"], entry["label"]) not in METHODS.items():
            exclude(name, exclusions.CONTRADICTION)
        else:
            fake = entry["label"] == "FAKE"
            parsed.append((name, Entry(fake, entry.get("original"), None, entry["label"].lower())))
    return parsed


def _row(base: PurePosixPath, name: str, entry: Entry) -> Row:
    parts = _FILE.fullmatch(name)
    return forgery_row(
        base / name,
        entry,
        utterance=PurePosixPath(name).stem,
        source=parts["clip"],
        speaker=parts["actor"],
        fold=parts["actor"],
        method=parts["method"],
        emotion=EMOTIONS[parts["emotion"]],
    )
