"""Records drawn again from their files, without the media: figures, numbers and one page."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tells import metrics, plots, results
from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.metrics.scores import DETECTION
from tells.results import data_name, folds_name
from tells.results.tables import to_html

_DPI = 150
_ROWS = "Rows are the true classes, columns the predicted ones; share of the row, and count."
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: auto; padding: 1rem; }}
figure {{ margin: 1.5rem 0; }}
img {{ max-width: 100%; height: auto; background: white; }}
figcaption {{ font-size: .9rem; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


class Report(NamedTuple):
    """What `write_report` wrote, and the numbers that it shows."""

    page: Path  # a page that needs no other file
    figures: list[Path]  # the same figures, as PNG files
    metrics: pd.DataFrame  # columns metric, value, low, high


class _Drawing(NamedTuple):
    name: str  # of its file
    caption: str
    draw: Callable[[], tuple[Figure, Axes]]


def write_report(record: str | Path, folder: str | Path) -> Report:
    """Draw every figure of a record and write them, with all that it says, as one page.

    Args:
        record: the JSON of a record, `det-audio-lstm.json`; its scores lie beside it as
            `det-audio-lstm.scores.parquet`.
        folder: of the page, `index.html`, and of the figures; made if it does not exist.

    Returns:
        The paths and the table of metrics.

    Raises:
        TellsError: no record or no scores there, another schema, scores that are not the record's,
            or a folder that cannot be written.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    record, folder = Path(record), Path(folder)
    if record.suffix != ".json":
        raise TellsError(f"record must be a record's JSON, as ser-2.json; got {record}.")
    known, scores = results.read(record), results.read_scores(record)
    where = f"{data_name(known)}, test: {folds_name(known)}, n = {known.n_test}, {known.seeds}."
    paths, shown = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for drawing in _drawings(known, scores):
            path = folder / f"{drawing.name}.png"
            fig, _ = drawing.draw()
            fig.savefig(path, dpi=_DPI)
            plt.close(fig)
            paths.append(path)
            shown.append(_figure(path.read_bytes(), f"{drawing.caption} {where}"))
        numbers = _metrics(known)
        page = folder / "index.html"
        body = "\n".join([*_head(known, where), to_html(_as_text(numbers)), *shown, *_tail(known)])
        page.write_text(_PAGE.format(title=html.escape(known.title), body=body), encoding="utf-8")
    except OSError as error:
        raise TellsError(
            f"folder must be one that can be written; {folder} cannot ({error.strerror}): name "
            "another."
        ) from error
    return Report(page, paths, numbers)


def write_comparison(found: results.RecordDiff, page: str | Path) -> Path:
    """Write what `results.compare` found as one page that needs no other file.

    Args:
        found: the difference of two records.
        page: the HTML file; its folder is made if it does not exist.

    Returns:
        Its path.

    Raises:
        TellsError: a file that cannot be written.

    Thesis: none; sections 5.3 to 5.5 compare without a test. Chapter: results.
    """
    page = Path(page)
    title = f"{found.first.experiment} and {found.second.experiment}"
    matrices = [
        _figure(_confusion(record), f"{name}. Confusion matrix of the most probable class. {_ROWS}")
        for name, record in zip(found.names(), (found.first, found.second), strict=True)
    ]
    paragraphs = [*found.names(), *found.notes]
    body = [
        f"<h1>{html.escape(title)}</h1>",
        *(f"<p>{html.escape(text)}</p>" for text in paragraphs),
        "<h2>Metrics</h2>",
        "<p>Intervals of 95 %, from a bootstrap over speakers or over the originals of fakes, and "
        "then over the clips of each; that of a difference judges both on the same resamples.</p>",
        to_html(found.table()),
        "<h2>What was done differently</h2>",
        to_html(found.settings) if len(found.settings) else "<p>Nothing.</p>",
        "<h2>Confusion matrices</h2>",
        *matrices,
    ]
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        text = _PAGE.format(title=html.escape(title), body="\n".join(body))
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TellsError(
            f"page must be a file that can be written; {page} cannot ({error.strerror}): name "
            "another."
        ) from error
    return page


def _confusion(record: results.Record) -> bytes:
    """The confusion matrix as a PNG file."""
    fig, _ = plots.confusion_matrix(record.confusion_matrix, record.classes)
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=_DPI)
    plt.close(fig)
    return png.getvalue()


def _drawings(record: results.Record, scores: pd.DataFrame) -> Iterator[_Drawing]:
    classes, labels = record.classes, scores["label"]
    counts = {part: record.counts[part] for part in ("train", "validation", "test")}
    yield _Drawing(
        "classes",
        "Segments of each class in each part of the split, before the rarer ones are repeated.",
        lambda: plots.class_counts(counts, classes=classes),
    )
    yield _Drawing(
        "confusion_matrix",
        f"Confusion matrix of the most probable class. {_ROWS}",
        lambda: plots.confusion_matrix(record.confusion_matrix, classes),
    )
    if (there := record.confusion_matrix_at_threshold) is not None:
        known = record.threshold
        threshold = "that of each run" if known is None else f"{known:.3f}"
        yield _Drawing(
            "confusion_matrix_at_threshold",
            f"Confusion matrix at the threshold of validation, {threshold}. {_ROWS}",
            lambda: plots.confusion_matrix(there, classes),
        )
    if classes != DETECTION:
        rocs = metrics.roc_curves(scores)
        yield _Drawing(
            "roc",
            "Receiver operating characteristic of each class against the others.",
            lambda: plots.roc_curves(rocs),
        )
        return
    roc = metrics.roc_curve_of(scores)
    yield _Drawing(
        "roc",
        "Receiver operating characteristic; fake is positive.",
        lambda: plots.roc_curves({record.experiment: roc}, kind="detector"),
    )
    curve = metrics.calibration_curve(labels, scores["p_fake"])
    yield _Drawing(
        "calibration",
        f"Calibration, in bins of {curve.n.min()} to {curve.n.max()} clips.",
        lambda: plots.calibration({record.experiment: curve}),
    )


def _metrics(record: results.Record) -> pd.DataFrame:
    rows = [{"metric": name, **metric} for name, metric in sorted(record.metrics.items())]
    return pd.DataFrame(rows, columns=["metric", "value", "low", "high"])


def _as_text(metrics: pd.DataFrame) -> pd.DataFrame:
    numbers = metrics[["value", "low", "high"]].map("{:.3f}".format)
    numbers.insert(0, "metric", metrics["metric"].str.replace("_", " "))
    return numbers


def _figure(png: bytes, caption: str) -> str:
    data = base64.b64encode(png).decode("ascii")
    text = html.escape(caption)
    return (
        f'<figure><img alt="{text}" src="data:image/png;base64,{data}">\n'
        f"<figcaption>{text}</figcaption></figure>"
    )


def _head(record: results.Record, where: str) -> list[str]:
    origin = (
        "Computed on the understudy, procedural actors: it says that the code works, and nothing "
        "about real people."
        if record.data == UNDERSTUDY
        else f"Computed on {data_name(record)}, recordings of people."
    )
    lines = [f"{record.experiment}. {where}", origin]
    if record.classes == DETECTION:
        lines.append(
            "The score is P(fake): high means fake. No score is evidence about a single clip."
        )
    return [
        f"<h1>{html.escape(record.title)}</h1>",
        *(f"<p>{html.escape(line)}</p>" for line in lines),
        "<h2>Metrics</h2>",
        "<p>With intervals from a bootstrap over speakers, or over the originals of fakes, and "
        "then over the clips of each.</p>",
    ]


def _tail(record: results.Record) -> list[str]:
    parts: dict[str, Mapping[str, Any]] = {
        "Left out": record.exclusions,
        "Split": record.split,
        "Parameters": record.parameters,
        "Training": record.training,
        "Versions": record.versions,
    }
    return [
        f"<h2>{name}</h2>\n" + to_html(pd.DataFrame(part.items(), columns=["", " "]))
        for name, part in parts.items()
        if part
    ]
