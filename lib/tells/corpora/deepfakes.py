"""What the corpora of real and faked clips have in common: their columns, and wary reading.

What a file of annotations says is a claim: a name is used only where it has the form of the
corpus's own names and such a file was seen in its place, so that no name leads anywhere else.
Links on the disk are its owner's own, and are followed as in every corpus.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tells.corpora import exclusions
from tells.corpora.filesystem import MAX_ANNOTATION_BYTES, entries, is_dir_entry, is_file, read_text
from tells.corpora.table import Exclude, Row

DETECTION_CLASSES = ("real", "fake")
DETECTION_COLUMNS = {
    "source": "string",
    "video_label": "string",
    "audio_label": "string",
    "method": "string",
}

CLIP_NAME = re.compile(r"[0-9A-Za-z_-]{1,100}\.mp4", re.ASCII)


class JsonObject(dict):
    """An object that remembers its members as written, repeated names among them."""

    def __init__(self, members: list[tuple[str, object]]) -> None:
        super().__init__(members)
        self.members = members


class Entry(NamedTuple):
    """What a file of annotations says about a clip."""

    fake: bool
    original: str | None  # by its own account, the clip that a fake derives from
    video: str | None  # real, fake or unknown
    audio: str | None


def read_json(
    path: Path,
    kind: type[JsonObject] | type[list],
    shown: str,
    exclude: Exclude,
    *,
    max_bytes: int = MAX_ANNOTATION_BYTES,
) -> JsonObject | list | None:
    """A JSON file that holds one object, or one list; anything else is recorded as `shown`."""
    text = read_text(path, shown, exclude, max_bytes=max_bytes)
    if text is None:
        return None
    try:
        data = json.loads(text, object_pairs_hook=JsonObject)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, kind):
        exclude(shown, exclusions.NOT_JSON)
        return None
    return data


def is_plain(entry: object) -> bool:
    """Whether a value is an object in which no name is repeated."""
    return isinstance(entry, JsonObject) and len(entry) == len(entry.members)


def deduplicate(parsed: Iterable[tuple[str, Entry]], exclude: Exclude) -> dict[str, Entry]:
    """Entries by file name; a name that is given twice with different entries is left out."""
    found: dict[str, Entry] = {}
    disputed = set()
    for name, entry in parsed:
        if found.setdefault(name, entry) != entry:
            disputed.add(name)
        elif found[name] is not entry:
            exclude(name, exclusions.DUPLICATE_ANNOTATION)
    for name in sorted(disputed):
        exclude(name, exclusions.CONTRADICTION)
        del found[name]
    return found


def validation_error(name: str, known: Mapping[str, Entry], pattern: re.Pattern[str]) -> str | None:
    """What speaks against a clip whose fakes name their originals; None if nothing does.

    Cycles need no search: who is part of one has a fake, or itself, for an original.

    Args:
        name: of the clip, one of `known`.
        known: everything that is said, by file name.
        pattern: the form of the corpus's file names.
    """
    fake, original, *_ = known[name]
    if not fake:
        return None if original is None else exclusions.REAL_WITH_ORIGINAL
    if original is None:
        return exclusions.NO_ORIGINAL
    if not pattern.fullmatch(original):
        return exclusions.ORIGINAL_BAD_NAME
    if original == name:
        return exclusions.ORIGINAL_IS_ITSELF
    if original in known and known[original].fake:
        return exclusions.ORIGINAL_IS_FAKE
    return None


def annotation_dir(root: Path, file: str, exclude: Exclude) -> PurePosixPath | None:
    """The folder that holds a corpus's file of annotations, the root or one in it."""
    folders = [entry.name for entry in entries(root, ".", exclude) if is_dir_entry(entry)]
    for folder in (".", *folders):
        if is_file(root, f"{folder}/{file}"):
            return PurePosixPath(folder)
    return None


def forgery_row(file: PurePosixPath, entry: Entry, **columns: object) -> Row:
    """A row of a corpus's table.

    Args:
        file: relative to the root.
        entry: what is known about the clip.
        **columns: `utterance`, `source` and `fold`, and what else is known.
    """
    return {
        "file": str(file),
        "label": DETECTION_CLASSES[entry.fake],
        "video_label": entry.video,
        "audio_label": entry.audio,
        **columns,
    }
