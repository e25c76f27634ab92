"""LAV-DF: clips in which a few words, picture or sound, were exchanged."""

import re
from pathlib import Path

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    DETECTION_CLASSES,
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
    metadata = str(base / METADATA)
    data = read_json(root, metadata, list, exclude, max_bytes=MAX_BYTES) or []
    named = []
    for number, said in enumerate(data, 1):
        if is_plain(said) and isinstance(said.get("file"), str):
            named.append((said["file"], said))
        else:
            exclude(f"{metadata}: entry {number}", exclusions.BAD_ENTRY)
    there = set(media_files(root, exclude, base))
    return read_clips(root, base, exclude, named, _parse, there, pattern=_FILE)


def _parse(name: str, said: JsonObject) -> Entry | str:
    parts, original = _FILE.fullmatch(name), said.get("original")
    faked = said.get("modify_video"), said.get("modify_audio")
    if parts is None:
        return exclusions.BAD_NAME
    if said.get("split") != parts["split"]:
        return "folder and entry give different splits"
    if not isinstance(original, str | None):
        return exclusions.BAD_ENTRY
    if not all(isinstance(part, bool) for part in faked):
        return exclusions.UNKNOWN_LABEL
    video, audio = (DETECTION_CLASSES[part] for part in faked)
    source = (original or "") if any(faked) else name
    columns = {
        "utterance": name.removesuffix(".mp4"),
        "source": source.removesuffix(".mp4"),
        "fold": parts["split"],
    }
    return Entry(any(faked), original, video, audio, columns)
