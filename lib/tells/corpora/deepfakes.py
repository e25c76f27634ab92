"""What the corpora of real and faked clips have in common: their columns, and wary reading.

What a file of annotations says is a claim: a name is used only where it has the form of the
corpus's own names and such a file was seen in its place, so that no name leads anywhere else.
Links on the disk are its owner's own, and are followed as in every corpus.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from tells.corpora import exclusions
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import (
    MAX_ANNOTATION_BYTES,
    entries,
    is_dir,
    is_file,
    is_valid_media,
    read_text,
)
from tells.corpora.table import Row

DETECTION_CLASSES = ("real", "fake")
DETECTION_COLUMNS = dict.fromkeys(("source", "video_label", "audio_label", "method"), "string")

CLIP_NAME = re.compile(r"[0-9A-Za-z_-]{1,100}\.mp4", re.ASCII)

Said = TypeVar("Said")


class JsonObject(dict):
    """An object that remembers its members as written, repeated names among them."""

    def __init__(self, members: list[tuple[str, object]]) -> None:
        super().__init__(members)
        self.members = members


@dataclass(frozen=True)
class Entry:
    """What a file of annotations says about a clip."""

    fake: bool
    original: str | None  # by its own account, the clip that a fake derives from
    video: str | None  # real, fake or unknown
    audio: str | None
    columns: Mapping[str, object] = field(compare=False)  # `utterance`, `source`, `fold` and others


def read_json(
    root: Path,
    file: str,
    kind: type[JsonObject] | type[list],
    exclude: Exclude,
    *,
    max_bytes: int = MAX_ANNOTATION_BYTES,
) -> JsonObject | list | None:
    """A JSON file that holds one object, or one list; anything else is recorded."""
    text = read_text(root, file, exclude, max_bytes=max_bytes)
    if text is None:
        return None
    try:
        data = json.loads(text, object_pairs_hook=JsonObject)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, kind):
        exclude(file, exclusions.NOT_JSON)
        return None
    return data


def is_plain(entry: object) -> bool:
    """Whether a value is an object in which no name is repeated."""
    return isinstance(entry, JsonObject) and len(entry) == len(entry.members)


def annotation_dir(root: Path, file: str, exclude: Exclude) -> PurePosixPath | None:
    """The folder that holds a corpus's file of annotations, the root or one in it."""
    for folder in (".", *entries(root, ".", exclude)):
        if is_dir(root / folder) and is_file(root / folder / file):
            return PurePosixPath(folder)
    return None


def read_clips(
    root: Path,
    base: PurePosixPath,
    exclude: Exclude,
    annotations: Iterable[tuple[str, Said]],
    parse: Callable[[str, Said], Entry | str],
    there: Collection[str],
    *,
    pattern: re.Pattern[str] | None = None,
    orphan: str = exclusions.VIDEO_WITHOUT_ANNOTATION,
) -> list[Row]:
    """The rows of the clips that annotations name, if they can be believed and are there.

    A name that is given twice with different entries is left out, and so is a clip that is there
    and not named.

    Args:
        root: of the corpus.
        base: the folder that names are relative to.
        exclude: records what is left out.
        annotations: names, and what is said of each.
        parse: the entry of a name, or the reason why it has none.
        there: the names of the clips in `base`.
        pattern: the form of the corpus's file names, if fakes name their originals.
        orphan: the reason for a clip that is not named.
    """
    prefix = "" if base == PurePosixPath() else f"{base}/"

    def exclude_clip(name: str, reason: str) -> None:
        exclude(prefix + name, reason)

    known: dict[str, Entry] = {}
    named, disputed = set(), set()
    for name, said in annotations:
        named.add(name)
        entry = parse(name, said)
        if isinstance(entry, str):
            exclude_clip(name, entry)
        elif known.setdefault(name, entry) != entry:
            disputed.add(name)
        elif known[name] is not entry:
            exclude_clip(name, exclusions.DUPLICATE_ANNOTATION)
    for name in disputed:
        exclude_clip(name, exclusions.CONTRADICTION)
        del known[name]
    rows = []
    for name, entry in known.items():
        error = _objection(name, known, pattern) if pattern else None
        if error is None and name not in there:
            error = exclusions.NOT_THERE
        if error:
            exclude_clip(name, error)
        elif is_valid_media(root, str(base / name), exclude):
            row = {
                "file": str(base / name),
                "label": DETECTION_CLASSES[entry.fake],
                "video_label": entry.video,
                "audio_label": entry.audio,
            }
            rows.append(row | dict(entry.columns))
    for name in set(there) - named:
        exclude_clip(name, orphan)
    return rows


def _objection(name: str, known: Mapping[str, Entry], pattern: re.Pattern[str]) -> str | None:
    """What speaks against a clip whose fakes name their originals; None if nothing does.

    Cycles need no search: who is part of one has a fake, or itself, for an original.
    """
    original = known[name].original
    if not known[name].fake:
        return None if original is None else "real clip that is said to have an original"
    if original is None:
        return "fake that does not say of what"
    if not pattern.fullmatch(original):
        return "fake of something that is no file name of the corpus"
    if original == name:
        return "fake that is said to be its own original"
    if original in known and known[original].fake:
        return "fake whose original is a fake as well"
    return None
