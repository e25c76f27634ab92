"""The corpora by name: what an adapter is, and the two lines that load one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tells.corpora.exclusions import count_exclusions, exclusions_table
from tells.corpora.filesystem import checked_root
from tells.corpora.table import Corpus, Row, build_table
from tells.errors import TellsError

CORPORA: dict[str, "Adapter"] = {}


@dataclass
class Expected:
    """What the whole corpus holds, as published; None where a number is not."""

    column: str  # whose values `labels` counts
    labels: Mapping[str, int | None]  # clips by the value of that column
    folds: Mapping[str, int | None]  # clips by fold, all folds that there are
    total: int | None = None  # clips in all, where `labels` does not say

    def __post_init__(self) -> None:
        if self.total is None:
            self.total = sum(self.labels.values())


@dataclass(frozen=True)
class Adapter:
    """How one corpus is read."""

    name: str  # what `load` calls it
    title: str  # what prose calls it
    read: Callable[..., list[Row]]  # of the root, what records what is left out, and the options
    layout: str  # where one of its files is expected
    source: str  # where it comes from and on which terms
    columns: Mapping[str, str]  # its own columns and their dtypes
    expected: Expected
    # in place of `expected`, by the value of the option `media`, where that makes a difference
    expected_of_media: Mapping[str, Expected] = field(default_factory=dict)
    # its options and their values; a range stands for a list of any of its numbers, and for None
    choices: Mapping[str, tuple[object, ...] | range] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what is known to be odd about it
    verify_options: tuple[Mapping[str, object], ...] = ({},)  # that `verify` tries, in this order
    # The adapter of the corpus whose people one that was made from it shows. Its folds are named
    # alike, so that splits by speaker of both correspond.
    made_of: str = ""


def register(name: str, **attributes: object) -> Callable[[Callable[..., list[Row]]], Callable]:
    """Enter a reading function into `CORPORA`, with the other attributes of its `Adapter`."""

    def enter(read: Callable[..., list[Row]]) -> Callable[..., list[Row]]:
        CORPORA[name] = Adapter(name=name, read=read, **attributes)
        return read

    return enter


def adapter_of(name: object) -> Adapter:
    """The adapter of that name; if there is none, the message lists those known."""
    if not isinstance(name, str) or name not in CORPORA:
        known = ", ".join(sorted(CORPORA))
        raise TellsError(f"name must be one of the known corpora ({known}), not {name!r}")
    return CORPORA[name]


def people(name: str) -> str:
    """Whom a corpus shows: the adapter of the corpus that it was made of, or its own.

    Thesis: none. Chapter: 05_5_1_audio_detection.
    """
    return adapter_of(name).made_of or name


def load(name: str, root: str | Path, **options: object) -> Corpus:
    """Read a corpus's annotations into one table; no media file is opened.

    Args:
        name: one of `CORPORA`.
        root: the folder that holds the corpus as distributed.
        **options: the corpus's own: iemocap `merge_excited` (False), `no_majority` ("drop" or
            "other"), `media` ("audio" or "video"); ravdess `calm` ("neutral" or "other"),
            `modality` ("audio", "audio-video" or "any"); cremad `media` ("audio" or "video");
            javanese `media` ("sound", "video" or "both"); dfdc `folders` (such as `[45, 46]`; None
            takes all that are there); dubbed `media` ("sound" or "video"), `own` (False). The
            others have none.

    Returns:
        The table, sorted by file and never empty, with the record of what was left out.

    Raises:
        TellsError: the name, the root or an option is wrong, or nothing there can be used.

    Thesis: 4.8.
    """
    adapter = adapter_of(name)
    check_options(adapter, options)
    folder = checked_root(root, adapter.title, adapter.layout)
    found: list[tuple[str, str]] = []

    def exclude(item: str, reason: str) -> None:
        """Record an item; characters that a terminal cannot show are escaped."""
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in item)
        found.append((shown, reason))

    rows = adapter.read(folder, exclude, **options)
    exclusions = exclusions_table(sorted(found))
    if not rows:
        message = f"root {str(root)!r} holds no usable {adapter.title} clip; "
        message += f"expected {adapter.layout}"
        counts = list(count_exclusions(exclusions).items())[:3]
        if counts:
            shown = "; ".join(f"{count} x {reason}" for reason, count in counts)
            message += f"; found but left out: {shown}"
        raise TellsError(message)
    return Corpus(name, folder, build_table(rows, adapter.columns), exclusions)


def check_options(adapter: Adapter, options: Mapping[str, object]) -> None:
    """Refuse an option that a corpus does not have, or a value that it cannot take."""
    for name, value in options.items():
        if name not in adapter.choices:
            known = ", ".join(adapter.choices) or "none"
            raise TellsError(f"{adapter.name} has no option {name!r}; its options: {known}")
        allowed = adapter.choices[name]
        if not isinstance(allowed, range):
            fits = any(type(value) is type(one) and value == one for one in allowed)
            shown = " or ".join(repr(choice) for choice in allowed)
        else:
            shown = f"a list of numbers out of {allowed[0]} to {allowed[-1]}"
            fits = value is None
            if isinstance(value, list | tuple) and value:
                whole = all(isinstance(n, str | int) and not isinstance(n, bool) for n in value)
                fits = whole and {str(n) for n in value} <= {str(n) for n in allowed}
        if not fits:
            raise TellsError(f"{name} of {adapter.name} must be {shown}, not {value!r}")
