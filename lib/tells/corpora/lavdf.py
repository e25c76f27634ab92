"""LAV-DF: clips in which a few words, picture or sound, were exchanged."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    DETECTION_CLASSES,
    DETECTION_COLUMNS,
    Entry,
    JsonObject,
    base_of,
    each_once,
    flaw_of,
    forgery_row,
    is_plain,
    read_json,
)
from tells.corpora.filesystem import is_usable, media_files
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row, Skip

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
def read(root: Path, skip: Skip) -> list[Row]:
    """Read every clip that metadata.min.json names and that is there.

    A clip belongs to its `source`, the original that it derives from, or itself; the fold is
    LAV-DF's own split. It names neither speakers nor methods.

    Args:
        root: the folder of metadata.min.json, or the one above it.
        skip: records what is left out.

    Thesis: none; a corpus whose voices are labelled, beside DFDC.
    """
    base = base_of(root, METADATA, skip)
    if base is None:
        return []
    shown = str(base / METADATA)
    data = read_json(root / shown, list, shown, skip, max_bytes=MAX_BYTES)
    known = each_once(_claims(data or [], shown, skip), skip)
    there = set(media_files(root / base, skip))
    rows = []
    for name, entry in known.items():
        flaw = flaw_of(name, known, _FILE)
        if flaw is None and name not in there:
            flaw = exclusions.NOT_THERE
        if flaw:
            skip(name, flaw)
        elif is_usable(root, str(base / name), skip):
            rows.append(_row(base, name, entry))
    named = {said["file"] for said in data or () if is_plain(said) and _names_file(said)}
    for name in sorted(there - named):
        skip(name, exclusions.VIDEO_WITHOUT_ANNOTATION)
    return rows


def _names_file(said: JsonObject) -> bool:
    return isinstance(said.get("file"), str)


def _claims(data: list[object], shown: str, skip: Skip) -> list[tuple[str, Entry]]:
    """What is said of each file that can be one of the corpus; everything else is recorded."""
    claims = []
    for number, said in enumerate(data, 1):
        if not is_plain(said) or not _names_file(said):
            skip(f"{shown}: entry {number}", exclusions.BAD_ENTRY)
            continue
        name, original = said["file"], said.get("original")
        parts = _FILE.fullmatch(name)
        faked = said.get("modify_video"), said.get("modify_audio")
        if parts is None:
            skip(name, exclusions.BAD_NAME)
        elif said.get("split") != parts["split"]:
            skip(name, exclusions.WRONG_SPLIT)
        elif not isinstance(original, str | None):
            skip(name, exclusions.BAD_ENTRY)
        elif not all(isinstance(part, bool) for part in faked):
            skip(name, exclusions.UNKNOWN_LABEL)
        else:
            video, audio = (DETECTION_CLASSES[part] for part in faked)
            claims.append((name, Entry(any(faked), original, video, audio)))
    return claims


def _row(base: PurePosixPath, name: str, entry: Entry) -> Row:
    source = PurePosixPath(entry.original if entry.fake else name)
    return forgery_row(
        base / name,
        entry,
        utterance=str(PurePosixPath(name).with_suffix("")),
        source=str(source.with_suffix("")),
        fold=PurePosixPath(name).parts[0],
    )
