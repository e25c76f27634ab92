"""DFDC: paid actors in 50 folders, each with its real clips and all that was faked of them."""

import re
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    CLIP_NAME,
    DETECTION_COLUMNS,
    Entry,
    JsonObject,
    each_once,
    flaw_of,
    forgery_row,
    is_plain,
    read_json,
)
from tells.corpora.filesystem import entries, holds_file, is_folder, is_usable
from tells.corpora.registry import Expected, Several, register
from tells.corpora.table import Row, Skip
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
    choices={"folders": Several(FOLDERS)},
    expected=Expected("label", {"real": None, "fake": None}, dict.fromkeys(FOLDERS), total=119_197),
    notes=(
        "it does not say whose voice is faked: audio_labels of tells.detection.audio_matching "
        "infers that",
    ),
)
def read(root: Path, skip: Skip, *, folders: list[str | int] | None = None) -> list[Row]:
    """Read every clip that a folder's metadata.json names and that is there.

    A clip belongs to its `source`, the original that it derives from, or itself; the fold is the
    number of its folder. What was faked of a fake, picture or sound, DFDC does not say: both
    labels are <NA>, and so are the speaker and the method. A fake keeps its source where the
    original is not there.

    Args:
        root: the folder above `dfdc_train_part_0` to `dfdc_train_part_49`, or one of these.
        skip: records what is left out.
        folders: numbers of the folders to read; None reads those that are there.

    Raises:
        TellsError: a folder that was asked for is not there.

    Thesis: 4.8.2.
    """
    places = _places(root, skip)
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
        for row in _folder(root, places[number], str(number), skip):
            names = {row["utterance"], row["source"]}
            if any(owners.get(name, row["fold"]) != row["fold"] for name in names):
                skip(str(row["file"]), exclusions.NAME_TAKEN)
            else:
                owners |= dict.fromkeys(names, row["fold"])
                rows.append(row)
    return rows


def _places(root: Path, skip: Skip) -> dict[int, PurePosixPath]:
    """The folders of the corpus by their numbers."""
    for name in (root.name, root.resolve().name):
        own = _FOLDER.fullmatch(name)
        if own:
            return {int(own[1]): PurePosixPath()}
    places: dict[int, PurePosixPath] = {}
    for entry in entries(root, ".", skip):
        match = _FOLDER.fullmatch(entry.name)
        if match is None or not is_folder(entry):
            continue
        if match[1].lstrip("0") not in ("", *FOLDERS):
            skip(entry.name, exclusions.UNKNOWN_FOLDER)
        elif int(match[1]) in places:
            skip(entry.name, exclusions.FOLDER_TWICE)
        else:
            places[int(match[1])] = PurePosixPath(entry.name)
    return places


def _folder(root: Path, folder: PurePosixPath, fold: str, skip: Skip) -> list[Row]:
    """The rows of one folder."""
    shown = str(folder / METADATA)
    if not holds_file(root, shown):
        skip(shown, exclusions.NO_METADATA)
        return []
    data = read_json(root / shown, JsonObject, shown, skip)
    if data is None:
        return []

    def leave_out(name: str, reason: str) -> None:
        skip(f"{folder}/{name}", reason)

    there = {entry.name for entry in entries(root / folder, str(folder), skip)}
    known = each_once(_claims(data, leave_out), leave_out)
    rows = []
    for name in known:
        flaw = flaw_of(name, known, CLIP_NAME)
        if flaw is None and name not in there:
            flaw = exclusions.NOT_THERE
        if flaw:
            leave_out(name, flaw)
        elif is_usable(root, str(folder / name), skip):
            rows.append(_row(folder / name, known[name], fold))
    for name in sorted(there - set(data)):
        if PurePosixPath(name).suffix.lower() == ".mp4":
            leave_out(name, exclusions.VIDEO_WITHOUT_ANNOTATION)
    return rows


def _claims(data: JsonObject, skip: Skip) -> list[tuple[str, Entry]]:
    """What is said of each name that can be one; everything else is recorded."""
    claims = []
    for name, said in data.members:
        original = said.get("original") if is_plain(said) else None
        if not CLIP_NAME.fullmatch(name):
            skip(name, exclusions.BAD_NAME)
        elif not is_plain(said) or not isinstance(original, str | None):
            skip(name, exclusions.BAD_ENTRY)
        elif not isinstance(said.get("label"), str) or said["label"] not in LABELS:
            skip(name, exclusions.UNKNOWN_LABEL)
        else:
            fake = LABELS[said["label"]]
            half = None if fake else "real"  # picture and sound
            claims.append((name, Entry(fake, original, half, half)))
    return claims


def _row(file: PurePosixPath, entry: Entry, fold: str) -> Row:
    source = PurePosixPath(entry.original).stem if entry.fake else file.stem
    return forgery_row(file, entry, utterance=file.stem, source=source, fold=fold)
