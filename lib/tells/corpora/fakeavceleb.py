"""FakeAVCeleb: one real clip each of 500 celebrities, and what was faked of picture and voice."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tells.corpora import exclusions
from tells.corpora.deepfakes import (
    CLIP_NAME,
    DETECTION_COLUMNS,
    Entry,
    annotation_dir,
    read_clips,
)
from tells.corpora.exclusions import Exclude
from tells.corpora.filesystem import media_files, read_text
from tells.corpora.registry import Expected, register
from tells.corpora.table import Row

TYPES = {
    "RealVideo-RealAudio": ("A", "real", "real"),
    "RealVideo-FakeAudio": ("B", "real", "fake"),
    "FakeVideo-RealAudio": ("C", "fake", "real"),
    "FakeVideo-FakeAudio": ("D", "fake", "fake"),
}
METADATA = "meta_data.csv"

_IDENTITY = re.compile(r"id\d{5}", re.ASCII)
_GROUP = re.compile(r"[A-Za-z][A-Za-z ()-]{0,40}", re.ASCII)  # such as "Caucasian (American)"
# The columns that make up a clip's path and the form of each. The last column of the file, which
# has no name, holds the same path, and is not used.
_PARTS = {"type": None, "race": _GROUP, "gender": _GROUP, "source": _IDENTITY, "path": CLIP_NAME}
_METHOD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)  # such as "faceswap-wav2lip"
_COLUMNS = (*_PARTS, "category", "method", "target1")


@register(
    "fakeavceleb",
    title="FakeAVCeleb",
    layout="meta_data.csv beside RealVideo-RealAudio/African/men/id00076/00109.mp4",
    source="FakeAVCeleb 1.2 is given on request: https://github.com/DASH-Lab/FakeAVCeleb",
    columns={**DETECTION_COLUMNS, "target": "string"},
    expected=Expected("label", {"real": 500, "fake": 21_044}, dict.fromkeys("0123456789")),
    notes=(
        "no split is published: fold is the last digit of the identity's number",
        "the face that was put into a picture is that of `target`, who may be in another fold",
    ),
)
def read(root: Path, exclude: Exclude) -> list[Row]:
    """Read every clip that meta_data.csv names and that is there.

    Everything that was made of a celebrity's one real clip has that celebrity's identity for
    `source` and for `speaker`. The corpus publishes no split. Here the fold is the last digit of
    the identity's number, "0" to "9": the same on every disk, whatever part of the corpus is there.
    Whose face was put in is `target`, where that is known; a split by folds does not keep targets
    apart.

    Args:
        root: the folder of meta_data.csv, or the one above it.
        exclude: records what is left out.

    Thesis: none; a corpus whose voices are labelled, beside DFDC.
    """
    base = annotation_dir(root, METADATA, exclude)
    if base is None:
        return []
    lines = [
        (str(PurePosixPath(*(line[name] for name in _PARTS))), line)
        for line in _lines(root, str(base / METADATA), exclude)
    ]
    there = media_files(root, exclude, base)
    return read_clips(root, base, exclude, lines, _parse, set(there))


def _lines(root: Path, file: str, exclude: Exclude) -> Iterator[dict[str, str]]:
    """The lines of meta_data.csv by the names of the columns; unusable ones are recorded."""
    reader = csv.DictReader((read_text(root, file, exclude) or "").splitlines())
    try:
        for row in reader:
            line = {name: (row.get(name) or "").strip() for name in _COLUMNS}
            if all(line.values()):
                yield line
            else:
                exclude(f"{file}:{reader.line_num}", exclusions.BAD_LINE)
    except csv.Error:  # a field of more than 128 KiB
        exclude(f"{file}:{reader.line_num}", exclusions.BAD_LINE)


def _parse(name: str, line: dict[str, str]) -> Entry | str:
    category, video, audio = TYPES.get(line["type"], (None, None, None))
    if line["category"] != category or not _METHOD.fullmatch(line["method"]):
        return exclusions.UNKNOWN_CODE
    if not all(form.fullmatch(line[name]) for name, form in _PARTS.items() if form):
        return exclusions.BAD_NAME
    fake = category != "A"
    columns = {
        "utterance": name.removesuffix(".mp4"),
        "source": line["source"],
        "speaker": line["source"],
        "fold": line["source"][-1],
        "method": line["method"] if fake else None,
        "target": line["target1"] if _IDENTITY.fullmatch(line["target1"]) else None,
    }
    return Entry(fake, None, video, audio, columns)
