"""Tables and names as the pages of the book and of a report show them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from IPython.display import HTML

    from tells.results.records import Record


_NAMES = {
    "iemocap": "IEMOCAP",
    "javanese": "Javanese",
    "ravdess": "RAVDESS",
    "ravdess-forged": "RAVDESS with forged voices",
    "dubbed": "Javanese corpus, dubbed",
    "crema-d": "CREMA-D",
    "cremad": "CREMA-D",
    "emodb": "EMO-DB",
    "emo-db": "EMO-DB",
    "dfdc": "DFDC",
    "fakeavceleb": "FakeAVCeleb",
    "lav-df": "LAV-DF",
    "lavdf": "LAV-DF",
}
_FOLDS = {  # what a fold of an adapter is; else: fold
    "iemocap": "session",
    "javanese": "actor",
    "ravdess": "actor",
    "ravdess-forged": "actor",
    "dubbed": "actor",
    "cremad": "actor",
    "emodb": "speaker",
    "dfdc": "folder",
}


def html_table(table: pd.DataFrame) -> HTML:
    """A table for a page of the book: no index, and on a phone it scrolls in its own box.

    Args:
        table: of texts, such as `comparison_table`; a line break in a cell is one on the page.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    from IPython.display import HTML  # half a second that the command line need not wait for

    return HTML(to_html(table))


def with_interval(value: float, low: float, high: float, *, sign: bool = False) -> str:
    """A number with its interval as tables show it: `0.57 [0.31, 0.80]`.

    Args:
        value: the number.
        low: end of its interval; NaN where there is none, and none is written.
        high: the other end.
        sign: write plus signs, as differences need them.

    Thesis: none; it gives no intervals. Chapter: results.
    """
    number, space = "{:+.2f}" if sign else "{:.2f}", "\N{NO-BREAK SPACE}"
    if pd.isna(low):
        return number.format(value)
    value, low, high = (number.format(x) for x in (value, low, high))
    return f"{value}{space}[{low},{space}{high}]"


def detection_table(records: Mapping[str, Record]) -> HTML:
    """What the records of detectors say, a row each, with 95 % intervals over sources.

    Args:
        records: by what they are called in the table.

    Thesis: 5.5. Chapter: 05_5_1_audio_detection, 05_5_2_video_detection, 05_5_3_bimodal_detection.
    """
    shown = {
        "balanced_accuracy": "balanced accuracy at 0.5",
        "balanced_accuracy_validation_threshold": "at the validation folder's threshold",
        "auc_fake": "AUC",
        "equal_error_rate": "equal error rate",
    }
    rows = {
        name: {text: with_interval(**record.metrics[one]) for one, text in shown.items()}
        for name, record in records.items()
    }
    return html_table(pd.DataFrame(rows).T.rename_axis("detector").reset_index())


def to_html(table: pd.DataFrame) -> str:
    """The HTML of `html_table`; it takes its colours from the page, light or dark."""
    cell = "padding: .4em .8em; text-align: left; vertical-align: top; min-width: 4em;"
    line = "border-bottom: 1px solid rgba(128, 128, 128, .4);"

    def row(tag: str, values: Iterable[Any]) -> str:
        cells = (html.escape(str(value)).replace("\n", "<br>") for value in values)
        scope = ' scope="col"' if tag == "th" else ""
        return "<tr>" + "".join(f'<{tag}{scope} style="{cell} {line}">{c}</{tag}>' for c in cells)

    body = "</tr>\n".join(row("td", values) for values in table.itertuples(index=False))
    return (
        '<div class="tells-table" style="overflow-x: auto; max-width: 100%;">\n'
        '<table style="border-collapse: collapse; width: auto; margin: 0;">\n'
        f"<thead>{row('th', table.columns)}</tr></thead>\n<tbody>\n{body}</tr>\n</tbody>\n"
        "</table>\n</div>"
    )


def data_name(record: Record) -> str:
    """The corpus as people write it: `RAVDESS`. Chapter: 05_5_1_audio_detection."""
    return _NAMES.get(record.data, record.data)


def folds_name(record: Record) -> str:
    """The test folds: `session 5`, `actors 21-24`. Chapter: 05_5_1_audio_detection."""
    folds = [str(fold) for fold in record.split["test"]]
    if len(folds) > 2 and all(fold.isdecimal() for fold in folds):
        numbers = sorted(map(int, folds))
        if numbers == list(range(numbers[0], numbers[-1] + 1)):
            folds = [f"{numbers[0]}-{numbers[-1]}"]
    if not all(fold.replace("-", "").isdecimal() for fold in folds):
        return ", ".join(folds)
    word = _FOLDS.get(record.adapter, "fold")
    return f"{word}{'s' if len(record.split['test']) > 1 else ''} {', '.join(folds)}"
