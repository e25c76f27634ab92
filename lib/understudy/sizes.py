"""How much is written: the corpus's sizes by name."""

from typing import NamedTuple

from understudy.errors import UnderstudyError


class Size(NamedTuple):
    """What one session holds; the counts of turns are those of all its improvised dialogs."""

    scenes: tuple[str, ...]  # improvised; each is played twice, once by each wearer of markers
    scripts: dict[str, str]  # script: who wears the markers
    scripted: int  # turns of each scripted dialog
    short: int  # short turns of each main emotion on which the evaluators agree
    long: int  # the same, 10 s and longer; and of the other emotions together
    others: tuple[str, ...]  # other emotions on which they agree, the long turns first
    rare: tuple[str, ...]  # others of which a session has one, in rotation
    unclear: dict[str, int]  # turns on which they may disagree, by acted emotion
    hold: int = 1  # frames that the quickest pictures of a film last


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
        hold=2,
    ),
    "standard": Size(
        scenes=("impro01", "impro02", "impro03", "impro05a"),
        scripts={"script01_1": "F", "script02_2": "M"},
        scripted=8,
        short=7,
        long=5,
        others=("exc", "fru", "exc", "fru", "sur", "fru", "exc", "sur", "fru", "exc", "fea"),
        rare=("oth", "dis"),
        unclear={"neu": 14, "fru": 20, "exc": 12, "ang": 7, "sad": 7, "hap": 2, "sur": 1},
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
