"""How much is written: the corpus's sizes by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from understudy.errors import UnderstudyError


class FolderCounts(NamedTuple):
    """How many clips a folder of the small DFDC holds."""

    real: int
    both: int  # fakes of face and voice
    face: int  # fakes of the face only
    voice: int  # fakes of the voice only


class Size(NamedTuple):
    """What one session holds, and DFDC; turns are counted over a session's improvised dialogs."""

    scenes: tuple[str, ...]  # improvised; each is played twice, once by each wearer of markers
    scripts: dict[str, str]  # script: who wears the markers
    scripted: int  # turns of each scripted dialog
    short: int  # short turns of each main emotion on which the evaluators agree
    long: int  # the same, 10 s and longer; and of the other emotions together
    others: tuple[str, ...]  # other emotions on which they agree, the long turns first
    rare: tuple[str, ...]  # others of which a session has one, in rotation
    unclear: dict[str, int]  # turns on which they may disagree, by acted emotion
    frame_repeat: int = 1  # frames that the quickest pictures of a film last
    folder_counts: Mapping[int, FolderCounts] = MappingProxyType({})  # of DFDC, by folder
    shapes: tuple[tuple[int, int], ...] = ()  # pixels, width and height of DFDC's clips
    seconds: int = 10  # of each of DFDC's clips


SMALL = ((320, 240), (240, 320), (256, 256))
LARGE = ((512, 512), (960, 540), (540, 960), (1280, 720), (720, 1280), (1920, 1080))
SIZES = {
    "tiny": Size(
        scenes=("impro01",),
        scripts={"script01_1": "F"},
        scripted=2,
        short=1,
        long=1,
        others=("exc", "fru"),
        rare=(),
        unclear={"fru": 1},
        frame_repeat=3,
        folder_counts={
            45: FolderCounts(1, 1, 1, 0),
            46: FolderCounts(1, 1, 0, 1),
            47: FolderCounts(1, 1, 0, 0),
            48: FolderCounts(1, 1, 0, 0),
            49: FolderCounts(2, 2, 0, 0),
        },
        shapes=SMALL,
    ),
    "standard": Size(
        scenes=("impro01", "impro02", "impro03"),
        scripts={"script01_1": "F", "script02_2": "M"},
        scripted=6,
        short=5,
        long=4,
        others=("exc", "fru", "exc", "fru", "sur", "fru", "sur", "exc", "fea"),
        rare=("oth", "dis"),
        unclear={"neu": 7, "fru": 10, "exc": 7, "ang": 4, "sad": 4, "hap": 1, "sur": 1},
        folder_counts={
            **dict.fromkeys((45, 46, 47, 48), FolderCounts(5, 5, 1, 1)),
            49: FolderCounts(7, 7, 2, 2),
        },
        shapes=LARGE,
    ),
}


def size_named(name: str) -> Size:
    """Return a size.

    Raises:
        UnderstudyError: there is none of that name.
    """
    if name not in SIZES:
        raise UnderstudyError(f"size is {name!r}, expected one of: {', '.join(SIZES)}")
    return SIZES[name]
