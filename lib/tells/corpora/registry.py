"""The corpora by name: what an adapter is, and the two lines that load one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tells.corpora.filesystem import checked_root
from tells.corpora.table import Corpus, Exclusions, Row, build_table, count_exclusions
from tells.errors import TellsError

CORPORA: dict[str, "Adapter"] = {}


@dataclass(frozen=True)
class Expected:
    """What the whole corpus holds, as published.

    Attributes:
        column: the column whose values `labels` counts.
        labels: clips by the value of that column; None where the number is not published.
        folds: clips by fold, all folds that there are; None as above.
        total: clips in all, where `labels` does not say.
    """

    column: str
    labels: Mapping[str, int | None]
    folds: Mapping[str, int | None]
    total: int | None = None

    def __post_init__(self) -> None:
        if self.total is None:
            object.__setattr__(self, "total", sum(self.labels.values()))


@dataclass(frozen=True)
class SubsetOption:
    """What an option may have that takes a list: any of some numbers, or None for all.

    Attributes:
        numbers: as text; a number is as good.
    """

    numbers: tuple[str, ...]

    def __str__(self) -> str:
        return f"a list of numbers out of {self.numbers[0]} to {self.numbers[-1]}"

    def holds(self, value: object) -> bool:
        """Whether a value is such a list, not empty, or None."""
        if not isinstance(value, list | tuple):
            return value is None
        whole = all(isinstance(n, str | int) and not isinstance(n, bool) for n in value)
        return bool(value) and whole and {str(n) for n in value} <= set(self.numbers)


@dataclass(frozen=True)
class Adapter:
    """How one corpus is read.

    Attributes:
        name: what `load` calls it.
        title: what prose calls it.
        read: takes the root, a function that records what is left out, and the options; gives
            the rows.
        layout: where one of its files is expected.
        source: where the corpus comes from and on which terms.
        columns: the corpus's own columns and their dtypes.
        choices: its options and the values that each may have.
        expected: what the whole corpus holds.
        notes: what is known to be odd about it.
        verify_options: the options under which `verify` tries to load it, in this order.
    """

    name: str
    title: str
    read: Callable[..., list[Row]]
    layout: str
    source: str
    columns: Mapping[str, str]
    expected: Expected
    choices: Mapping[str, tuple[object, ...] | SubsetOption] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    verify_options: tuple[Mapping[str, object], ...] = ({},)

    def check_options(self, options: Mapping[str, object]) -> None:
        """Refuse an option that this corpus does not have, or a value that it cannot take.

        Raises:
            TellsError: the option and its choices are in the message.
        """
        for name, value in options.items():
            if name not in self.choices:
                known = ", ".join(self.choices) or "none"
                raise TellsError(f"{self.name} has no option {name!r}; its options: {known}")
            allowed = self.choices[name]
            if isinstance(allowed, SubsetOption):
                fits, shown = allowed.holds(value), str(allowed)
            else:
                fits = any(type(value) is type(one) and value == one for one in allowed)
                shown = " or ".join(repr(choice) for choice in allowed)
            if not fits:
                raise TellsError(f"{name} of {self.name} must be {shown}, not {value!r}")


def register(name: str, **attributes: object) -> Callable[[Callable[..., list[Row]]], Callable]:
    """Enter a reading function into `CORPORA` under a name.

    Args:
        name: what `load` calls the corpus.
        **attributes: the other attributes of its `Adapter`.
    """

    def enter(read: Callable[..., list[Row]]) -> Callable[..., list[Row]]:
        CORPORA[name] = Adapter(name=name, read=read, **attributes)
        return read

    return enter


def adapter_of(name: object) -> Adapter:
    """The adapter of that name.

    Raises:
        TellsError: there is none; the message lists those known.
    """
    if not isinstance(name, str) or name not in CORPORA:
        known = ", ".join(sorted(CORPORA))
        raise TellsError(f"name must be one of the known corpora ({known}), not {name!r}")
    return CORPORA[name]


def load(name: str, root: str | Path, **options: object) -> Corpus:
    """Read a corpus's annotations into one table; no media file is opened.

    Args:
        name: one of `CORPORA`.
        root: the folder that holds the corpus as distributed.
        **options: the corpus's own: iemocap `merge_excited` (False), `no_majority` ("drop" or
            "other"), `media` ("audio" or "video"); ravdess `calm` ("neutral" or "other"),
            `modality` ("audio", "audio-video" or "any"); cremad `media` ("audio" or "video");
            dfdc `folders` (such as `[45, 46]`; None takes all that are there). The others have
            none.

    Returns:
        The table, sorted by file and never empty, with the record of what was left out.

    Raises:
        TellsError: the name, the root or an option is wrong, or nothing there can be used.

    Thesis: 4.8.
    """
    adapter = adapter_of(name)
    adapter.check_options(options)
    folder = checked_root(root, adapter.title, adapter.layout)
    found = Exclusions()
    rows = adapter.read(folder, found.add, **options)
    exclusions = found.table()
    if not rows:
        raise TellsError(_nothing(adapter, root, count_exclusions(exclusions).to_dict()))
    return Corpus(name, folder, build_table(rows, adapter.columns), exclusions)


def _nothing(adapter: Adapter, root: object, counts: Mapping[str, int]) -> str:
    message = f"root {str(root)!r} holds no usable {adapter.title} clip; expected {adapter.layout}"
    if not counts:
        return message
    shown = "; ".join(f"{count} x {reason}" for reason, count in list(counts.items())[:3])
    return f"{message}; found but left out: {shown}"
