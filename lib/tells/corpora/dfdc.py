"""DFDC: paid actors in 50 folders, each with its real clips and all that was faked of them."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    CLIP_NAME,
    DETECTION_COLUMNS,
    Entry,
    JsonObject,
    deduplicate,
    forgery_row,
    is_plain,
    read_json,
    validation_error,
)
from tells.corpora.filesystem import entries, is_dir_entry, is_file, is_valid_media
from tells.corpora.registry import Expected, SubsetOption, register
from tells.corpora.table import Exclude, Row
from tells.errors import TellsError

LABELS = {"REAL": False, "FAKE": True}
FOLDERS = tuple(str(number) for number in range(50))
# thesis 4.8.2 and 5.2: the folders in which voices are faked too
TRAIN_FOLDERS = ("45", "46", "48")
VALIDATION_FOLDERS = ("47",)
TEST_FOLDERS = ("49",)
THESIS_FOLDERS = ("45", "46", "47", "48", "49")

METADATA = "metadata.json"

_FOLDER = re.compile(r"dfdc_train_part_(\d{1,2})", re.ASCII)


@register(
    "dfdc",
    title="DFDC",
    layout="dfdc_train_part_45/metadata.json beside its clips, root being that folder or the one "
    "above it",
    source="DFDC is given to those who accept its terms: https://ai.meta.com/datasets/dfdc/",
    columns=DETECTION_COLUMNS,
    choices={"folders": SubsetOption(FOLDERS)},
    expected=Expected("label", {"real": None, "fake": None}, dict.fromkeys(FOLDERS), total=119_197),
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
    for entry in entries(root, ".", exclude):
        match = _FOLDER.fullmatch(entry.name)
        if match is None or not is_dir_entry(entry):
            continue
        if match[1].lstrip("0") not in ("", *FOLDERS):
            exclude(entry.name, exclusions.UNKNOWN_FOLDER)
        elif int(match[1]) in places:
            exclude(entry.name, exclusions.FOLDER_TWICE)
        else:
            places[int(match[1])] = PurePosixPath(entry.name)
    return places


def _folder(root: Path, folder: PurePosixPath, fold: str, exclude: Exclude) -> list[Row]:
    """The rows of one folder."""
    shown = str(folder / METADATA)
    if not is_file(root, shown):
        exclude(shown, exclusions.NO_METADATA)
        return []
    data = read_json(root / shown, JsonObject, shown, exclude)
    if data is None:
        return []

    def exclude_clip(name: str, reason: str) -> None:
        exclude(f"{folder}/{name}", reason)

    there = {entry.name for entry in entries(root / folder, str(folder), exclude)}
    known = deduplicate(_parse_entries(data, exclude_clip), exclude_clip)
    rows = []
    for name in known:
        error = validation_error(name, known, CLIP_NAME)
        if error is None and name not in there:
            error = exclusions.NOT_THERE
        if error:
            exclude_clip(name, error)
        elif is_valid_media(root, str(folder / name), exclude):
            rows.append(_row(folder / name, known[name], fold))
    for name in sorted(there - set(data)):
        if PurePosixPath(name).suffix.lower() == ".mp4":
            exclude_clip(name, exclusions.VIDEO_WITHOUT_ANNOTATION)
    return rows


def _parse_entries(data: JsonObject, exclude: Exclude) -> list[tuple[str, Entry]]:
    """What is said of each name that can be one; everything else is recorded."""
    parsed = []
    for name, entry in data.members:
        original = entry.get("original") if is_plain(entry) else None
        if not CLIP_NAME.fullmatch(name):
            exclude(name, exclusions.BAD_NAME)
        elif not is_plain(entry) or not isinstance(original, str | None):
            exclude(name, exclusions.BAD_ENTRY)
        elif not isinstance(entry.get("label"), str) or entry["label"] not in LABELS:
            exclude(name, exclusions.UNKNOWN_LABEL)
        else:
            fake = LABELS[entry["label"]]
            half = None if fake else "real"  # picture and sound
            parsed.append((name, Entry(fake, original, half, half)))
    return parsed


def _row(file: PurePosixPath, entry: Entry, fold: str) -> Row:
    source = PurePosixPath(entry.original).stem if entry.fake else file.stem
    return forgery_row(file, entry, utterance=file.stem, source=source, fold=fold)
