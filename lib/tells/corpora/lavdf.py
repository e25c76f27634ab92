"""LAV-DF: clips in which a few words, picture or sound, were exchanged."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    DETECTION_CLASSES,
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
from tells.corpora.registry import Expected, register
from tells.corpora.table import Exclude, Row

SPLITS = {"train": 78_703, "dev": 31_501, "test": 26_100}
METADATA = "metadata.min.json"
MAX_BYTES = 1 << 27  # of its list, which has 136,304 entries

_FILE = re.compile(r"(?P<split>train|dev|test)/[0-9A-Za-z_-]{1,100}\.mp4", re.ASCII)


@register(
    "lavdf",
    title="LAV-DF",
    layout="metadata.min.json beside train/000001.mp4, dev and test",
    source="LAV-DF is free for non-commercial use (CC BY-NC 4.0): "
    "https://github.com/ControlNet/LAV-DF",
    columns=DETECTION_COLUMNS,
    expected=Expected("label", {"real": 36_431, "fake": 99_873}, SPLITS),
    notes=("only a part of a fake is fake, so that a label for the whole clip says little",),
)
def read(root: Path, exclude: Exclude) -> list[Row]:
    """Read every clip that metadata.min.json names and that is there.

    A clip belongs to its `source`, the original that it derives from, or itself; the fold is
    LAV-DF's own split. It names neither speakers nor methods.

    Args:
        root: the folder of metadata.min.json, or the one above it.
        exclude: records what is left out.

    Thesis: none; a corpus whose voices are labelled, beside DFDC.
    """
    base = annotation_dir(root, METADATA, exclude)
    if base is None:
        return []
    shown = str(base / METADATA)
    data = read_json(root / shown, list, shown, exclude, max_bytes=MAX_BYTES)
    known = deduplicate(_parse_entries(data or [], shown, exclude), exclude)
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
    named = {entry["file"] for entry in data or () if is_plain(entry) and _names_file(entry)}
    for name in sorted(there - named):
        exclude(name, exclusions.VIDEO_WITHOUT_ANNOTATION)
    return rows


def _names_file(entry: JsonObject) -> bool:
    return isinstance(entry.get("file"), str)


def _parse_entries(data: list[object], shown: str, exclude: Exclude) -> list[tuple[str, Entry]]:
    """What is said of each file that can be one of the corpus; everything else is recorded."""
    parsed = []
    for number, entry in enumerate(data, 1):
        if not is_plain(entry) or not _names_file(entry):
            exclude(f"{shown}: entry {number}", exclusions.BAD_ENTRY)
            continue
        name, original = entry["file"], entry.get("original")
        parts = _FILE.fullmatch(name)
        faked = entry.get("modify_video"), entry.get("modify_audio")
        if parts is None:
            exclude(name, exclusions.BAD_NAME)
        elif entry.get("split") != parts["split"]:
            exclude(name, exclusions.WRONG_SPLIT)
        elif not isinstance(original, str | None):
            exclude(name, exclusions.BAD_ENTRY)
        elif not all(isinstance(part, bool) for part in faked):
            exclude(name, exclusions.UNKNOWN_LABEL)
        else:
            video, audio = (DETECTION_CLASSES[part] for part in faked)
            parsed.append((name, Entry(any(faked), original, video, audio)))
    return parsed


def _row(base: PurePosixPath, name: str, entry: Entry) -> Row:
    source = PurePosixPath(entry.original if entry.fake else name)
    return forgery_row(
        base / name,
        entry,
        utterance=str(PurePosixPath(name).with_suffix("")),
        source=str(source.with_suffix("")),
        fold=PurePosixPath(name).parts[0],
    )
