"""DFDC: paid actors in 50 folders, each with its real clips and all that was faked of them."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    CLIP_NAME,
    DETECTION_COLUMNS,
    Entry,
    JsonObject,
    is_plain,
    read_clips,
    read_json,
)
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import entries, is_dir, is_file
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row
from tells.errors import TellsError

FOLDERS = range(50)
METADATA = "metadata.json"

_FOLDER = re.compile(r"dfdc_train_part_(\d{1,2})", re.ASCII)


@register(
    "dfdc",
    title="DFDC",
    layout="dfdc_train_part_45/metadata.json beside its clips, root being that folder or the one "
    "above it",
    source="DFDC is given to those who accept its terms: https://ai.meta.com/datasets/dfdc/",
    columns=DETECTION_COLUMNS,
    choices={"folders": FOLDERS},
    expected=Expected(
        "label", {"real": None, "fake": None}, dict.fromkeys(map(str, FOLDERS)), total=119_197
    ),
    notes=(
        "it does not say whose voice is faked: audio_labels of tells.detection.audio_matching "
        "infers that",
    ),
)
def read(root: Path, exclude: Exclude, *, folders: list[str | int] | None = None) -> list[Row]:
    """Read every clip that a folder's metadata.json names and that is there.

    A clip belongs to its `source`, the original that it derives from, or itself; the fold is the
    number of its folder. What was faked of a fake, picture or sound, DFDC does not say: both
    labels are <NA>, and so are the speaker and the method. A fake keeps its source where the
    original is not there.

    Args:
        root: the folder above `dfdc_train_part_0` to `dfdc_train_part_49`, or one of these.
        exclude: records what is left out.
        folders: numbers of the folders to read; None reads those that are there.

    Raises:
        TellsError: a folder that was asked for is not there.

    Thesis: 4.8.2.
    """
    places = _places(root, exclude)
    wanted = sorted(places) if folders is None else sorted({int(folder) for folder in folders})
    absent = [str(number) for number in wanted if number not in places]
    if absent:
        there = ", ".join(map(str, sorted(places))) or "none"
        raise TellsError(
            f"folders of dfdc names {', '.join(absent)}, but root {str(root)!r} has {there}; "
            f"unpack dfdc_train_part_{absent[0]} there or leave it out of folders"
        )
    rows: list[Row] = []
    owners: dict[object, object] = {}  # the fold in which a name stands for a clip
    for number in wanted:
        for row in _folder(root, places[number], str(number), exclude):
            names = {row["utterance"], row["source"]}
            if any(owners.get(name, row["fold"]) != row["fold"] for name in names):
                exclude(str(row["file"]), exclusions.NAME_TAKEN)
            else:
                owners |= dict.fromkeys(names, row["fold"])
                rows.append(row)
    return rows


def _places(root: Path, exclude: Exclude) -> dict[int, PurePosixPath]:
    """The folders of the corpus by their numbers."""
    for name in (root.name, root.resolve().name):
        own = _FOLDER.fullmatch(name)
        if own:
            return {int(own[1]): PurePosixPath()}
    places: dict[int, PurePosixPath] = {}
    for name in entries(root, ".", exclude):
        match = _FOLDER.fullmatch(name)
        if match is None or not is_dir(root / name):
            continue
        if int(match[1]) not in FOLDERS:
            exclude(name, "folder with a number that the corpus does not have")
        elif int(match[1]) in places:
            exclude(name, exclusions.FOLDER_TWICE)
        else:
            places[int(match[1])] = PurePosixPath(name)
    return places


def _folder(root: Path, folder: PurePosixPath, fold: str, exclude: Exclude) -> list[Row]:
    """The rows of one folder."""
    metadata = str(folder / METADATA)
    if not is_file(root / metadata):
        exclude(metadata, exclusions.NO_METADATA)
        return []
    data = read_json(root, metadata, JsonObject, exclude)
    if data is None:
        return []

    def parse(name: str, said: object) -> Entry | str:
        original = said.get("original") if is_plain(said) else None
        if not CLIP_NAME.fullmatch(name):
            return exclusions.BAD_NAME
        if not is_plain(said) or not isinstance(original, str | None):
            return exclusions.BAD_ENTRY
        if said.get("label") not in ("REAL", "FAKE"):
            return exclusions.UNKNOWN_LABEL
        fake = said["label"] == "FAKE"
        half = None if fake else "real"  # picture and sound
        utterance = name.removesuffix(".mp4")
        source = (original or "").removesuffix(".mp4") if fake else utterance
        columns = {"utterance": utterance, "source": source, "fold": fold}
        return Entry(fake, original, half, half, columns)

    names = entries(root, str(folder), exclude)
    there = {name for name in names if name.lower().endswith(".mp4")}
    return read_clips(root, folder, exclude, data.members, parse, there, pattern=CLIP_NAME)
