"""Figures of what a model did: confusion, ROC curves, calibration, training (thesis 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import matplotlib.pyplot as plt
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.curves import Calibration, Roc, roc_curve_of
from tells.metrics.curves import roc_curves as class_curves
from tells.metrics.scores import DETECTION
from tells.metrics.subgroups import by_group
from tells.plots.style import (
    INK,
    REFERENCE,
    axes,
    check_columns,
    colour_bar,
    colours,
    legend_above,
    styled,
)

if TYPE_CHECKING:
    from tells.results import Record
    from tells.training import Checkpoint

_TRAIN, _VALIDATION, _SCORE = "#6E6E6E", "#0072B2", "#D55E00"


@styled
def confusion_matrix(
    matrix: ArrayLike, classes: Sequence[str], *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Counts and shares of each row; the colour is the share, so the diagonal shows the recalls.

    Args:
        matrix: shape (k, k), counts; rows = true class.
        classes: the k classes.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the matrix does not fit the classes.

    Thesis: 5.1, eq. 5.5. Chapter: 05_1_metrics, 05_3_2_speech_experiment_2.
    """
    matrix = np.asarray(matrix)
    k = len(classes)
    if matrix.shape != (k, k):
        raise TellsError(f"matrix must have shape ({k}, {k}) for {k} classes; got {matrix.shape}.")
    n = matrix.sum(axis=1, keepdims=True)
    share = np.divide(matrix, n, out=np.full((k, k), np.nan), where=n > 0)
    fig, ax = axes(ax, (7, 4.6) if k > 3 else (5, 3.6))
    image = ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    style = {"ha": "center", "va": "center", "fontsize": 10 if k > 3 else 12}
    for (i, j), count in np.ndenumerate(matrix):
        text = f"{count:d}\n{share[i, j]:.0%}" if n[i] > 0 else f"{count:d}"
        ax.text(j, i, text, color="white" if share[i, j] > 0.55 else INK, **style)
    ax.set_xticks(range(k), classes)
    ax.set_yticks(range(k), classes)
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    percent = matplotlib.ticker.PercentFormatter(1, decimals=0)
    colour_bar(image, "share of the true class", format=percent)
    return fig, ax


@styled
def confusion_matrices(
    records: Mapping[str, Record], *, columns: int = 1
) -> tuple[Figure, np.ndarray]:
    """The confusion matrices of several records, each named beside its true classes.

    Args:
        records: by what they are called in the figure.
        columns: matrices in a row.

    Thesis: 5.5, figures 5.1 and 5.3. Chapter: 05_4_4_video_experiment_4, 05_5_1_audio_detection.
    """
    rows = -(-len(records) // columns)
    two = all(len(record.classes) == 2 for record in records.values())
    size = (8.4, 3.8 * rows) if two and columns == 2 else (6.0 * columns, 5.0 * rows)
    fig, axs = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax, (title, record) in zip(axs.flat, records.items(), strict=True):
        confusion_matrix(record.confusion_matrix, record.classes, ax=ax)
        ax.set_ylabel(f"true class ({title})")
    return fig, axs


@styled
def published(
    found: Mapping[str, tuple[Record, pd.DataFrame]],
) -> tuple[Figure, np.ndarray]:
    """What published records say of people, a row each: confusions, ROC curves, each speaker.

    The third of them has a dot for each seed, over the record's value and its interval.

    Args:
        found: as `tells.results.published` gives them.

    Raises:
        TellsError: there is no record.

    Thesis: none; it draws confusion matrices alone. Chapter: 05_3_2_speech_experiment_2.
    """
    if not found:
        raise TellsError("found must hold at least one record; got none.")
    n = len(found)
    fig, axs = plt.subplots(
        n, 3, figsize=(14, 4.4 * n), squeeze=False, width_ratios=(1.25, 1, 1.15)
    )
    for (name, (record, scores)), (matrix, curves, speakers) in zip(
        found.items(), axs, strict=True
    ):
        confusion_matrix(record.confusion_matrix, record.classes, ax=matrix)
        matrix.set_ylabel(f"{name}\ntrue class")
        if record.classes == DETECTION:
            roc_curves({record.experiment: roc_curve_of(scores)}, kind="detector", ax=curves)
        else:
            roc_curves(class_curves(scores), ax=curves)
        _by_group(record, by_group(scores), speakers)
    return fig, axs


def _by_group(record: Record, table: pd.DataFrame, ax: Axes) -> None:
    """A dot for each seed of each speaker, the value of all with its interval, and chance."""
    value, low, high = (record.metrics["balanced_accuracy"][k] for k in ("value", "low", "high"))
    ordered = table.groupby("group")["balanced_accuracy"].mean().sort_values().index
    x = pd.Index(ordered).get_indexer(table["group"])
    ax.axhspan(low, high, color=_VALIDATION, alpha=0.15, linewidth=0)
    ax.axhline(value, color=_VALIDATION, label=f"all, {value:.2f} [{low:.2f}, {high:.2f}]")
    chance = 1 / len(record.classes)
    ax.axhline(chance, **REFERENCE, label=f"chance, {chance:.2f}")
    ax.plot(x, table["balanced_accuracy"], "o", color=INK, markersize=4, alpha=0.6, clip_on=False)
    few = len(ordered) <= 30
    ax.set_xticks(range(len(ordered)) if few else [], ordered if few else [], fontsize=9)
    ax.set(xlabel=f"speaker (n = {record.n_test})", ylabel="balanced accuracy", ylim=(0, 1))
    if few and len(ordered) > 12:
        ax.tick_params(axis="x", labelrotation=90)
    legend_above(ax, columns=2)


@styled
def roc_curves(
    rocs: Mapping[str, Roc],
    *,
    kind: Literal["class", "detector"] = "class",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Curves with their areas in the legend, and the line of chance.

    Args:
        rocs: of each class against the rest, see `tells.metrics.roc_curves`, or of detectors on the
            same clips, see `roc_curve`; by name.
        kind: whose curves they are; `Audio`, `Video` and `Combined` have colours of their own.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: there is no curve.

    Thesis: 5.1, figure 5.4. Chapter: 05_1_metrics, 05_5_1_audio_detection.
    """
    if not rocs:
        raise TellsError("rocs must hold at least one curve; got none.")
    fig, ax = axes(ax, (5.4, 4.8))
    handles = [_unit_square(ax, "chance, 0.50")]
    for (name, roc), colour in zip(rocs.items(), colours(list(rocs), kind=kind), strict=True):
        label = f"{name}, {roc.auc:.2f}"
        handles[-1:-1] = ax.plot(roc.fpr, roc.tpr, color=colour, label=label, clip_on=False)
    ax.set(xlabel="false positive rate", ylabel="true positive rate")
    style = {"alignment": "left", "frameon": True, "edgecolor": "none"}
    ax.legend(handles=handles, title=f"{kind}, AUC", loc="lower right", **style)
    return fig, ax


@styled
def calibration(
    curves: Mapping[str, Calibration], *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """How often a clip is fake, against how probable that was said to be, and the ideal line.

    Args:
        curves: by the detectors' names, see `calibration_curve`.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: there is no curve.

    Thesis: none; section 5.5 shows no calibration. Chapter: 05_1_metrics.
    """
    if not curves:
        raise TellsError("curves must hold at least one calibration; got none.")
    fig, ax = axes(ax, (5.4, 4.8))
    handles = [_unit_square(ax, "calibrated, 0.00")]
    style = {"marker": "o", "markersize": 5, "linewidth": 1.2, "clip_on": False, "zorder": 3}
    own = colours(list(curves), kind="detector")
    for (name, curve), colour in zip(curves.items(), own, strict=True):
        label = f"{name}, {curve.error:.2f}"
        handles[-1:-1] = ax.plot(
            curve.predicted, curve.observed, color=colour, label=label, **style
        )
    ax.set(xlabel="P(fake), mean of a bin", ylabel="share of fakes in the bin")
    title = {"title": "detector, calibration error", "alignment": "left"}
    legend_above(ax, columns=2, handles=handles, bbox_to_anchor=(0, 1.01), **title)
    return fig, ax


def _unit_square(ax: Axes, label: str) -> plt.Line2D:
    """Make the axes a square from 0 to 1 with its diagonal, which legends name last."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_box_aspect(1)
    ax.grid(visible=True)
    return ax.plot([0, 1], [0, 1], **REFERENCE, label=label)[0]


@styled
def training_curves(trained: Checkpoint, *, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Losses on the left scale, balanced accuracy of validation on the right one, best epoch.

    Args:
        trained: a network that was trained with a validation fold.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the history of its training lacks something.

    Thesis: 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    history, best, chance = trained.curves, trained.best_epoch, 1 / len(trained.classes)
    needed = ("epoch", "train_loss", "validation_loss", "validation_balanced_accuracy")
    check_columns(history, needed, f"history must have the columns {', '.join(needed)}")
    fig, ax = axes(ax)
    right = ax.twinx()
    style = {"markersize": 4, "marker": "o" if len(history) < 12 else None}
    epoch, train, validation, score = (history[name] for name in needed)
    named = "balanced accuracy, validation (right)"
    lines = [
        *ax.plot(epoch, train, color=_TRAIN, label="loss, training", **style),
        *ax.plot(epoch, validation, color=_VALIDATION, label="loss, validation", **style),
        *right.plot(epoch, score, color=_SCORE, linestyle="--", label=named, **style),
        ax.axvline(best, color=INK, linewidth=1, label=f"best epoch, {best}"),
        right.axhline(chance, color=_SCORE, linewidth=1, linestyle=":", label="chance (right)"),
    ]
    ax.set(xlabel="epoch", ylabel="cross-entropy loss")
    if len(epoch) == 1:  # or the axis would count thousandths of it
        ax.set_xlim(0, 2)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    right.spines["right"].set_visible(True)
    right.set_ylabel("balanced accuracy", color=_SCORE)
    right.tick_params(axis="y", colors=_SCORE)
    right.set_ylim(0, 1)
    legend_above(ax, columns=2, handles=lines, bbox_to_anchor=(0, 1.01))
    return fig, ax


@styled
def class_counts(
    counts: Mapping[str, Mapping[str, int]],
    *,
    classes: Sequence[str],
    unit: str = "segments",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """How many segments of each class are in each split, as groups of bars.

    Args:
        counts: `{split: {class: n}}`; splits that are empty are left out.
        classes: their order.
        unit: what is counted.
        ax: to draw into; None makes a figure.

    Thesis: 4.9, 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    splits = [name for name in counts if sum(counts[name].values())]
    fig, ax = axes(ax, (7, 1.0 + 0.26 * (len(classes) + 0.6) * len(splits)))
    y = np.arange(len(splits)) * (len(classes) + 1)
    for i, (name, colour) in enumerate(zip(classes, colours(classes), strict=True)):
        n = [counts[split].get(name, 0) for split in splits]
        bars = ax.barh(y + i, n, color=colour, label=name)
        ax.bar_label(bars, labels=[f"{value:,}" for value in n], padding=3, fontsize=9)
    ax.set_yticks(y + (len(classes) - 1) / 2, splits)
    ax.invert_yaxis()
    ax.margins(x=0.09)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(unit)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return fig, ax
