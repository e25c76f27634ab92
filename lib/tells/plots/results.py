"""Figures of what a model did: confusion, ROC curves, training, counts (thesis 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.metrics.curves import Roc
from tells.plots.style import axes, colours, styled

if TYPE_CHECKING:
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
    for (i, j), count in np.ndenumerate(matrix):
        known = np.isfinite(share[i, j])
        ax.text(
            j,
            i,
            f"{count:d}\n{share[i, j]:.0%}" if known else f"{count:d}",
            ha="center",
            va="center",
            fontsize=10 if k > 3 else 12,
            color="white" if known and share[i, j] > 0.55 else "#222222",
        )
    ax.set_xticks(range(k), classes)
    ax.set_yticks(range(k), classes)
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    bar = fig.colorbar(image, ax=ax, format=matplotlib.ticker.PercentFormatter(1, decimals=0))
    bar.set_label("share of the true class")
    bar.outline.set_visible(False)
    return fig, ax


@styled
def roc_curves(rocs: Mapping[str, Roc], *, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """One curve for each class against the rest, its area in the legend, and the line of chance.

    Args:
        rocs: curves by class, see `tells.metrics.roc_curves`.
        ax: to draw into; None makes a figure.

    Thesis: 5.1, figure 5.4. Chapter: 05_1_metrics, 05_3_2_speech_experiment_2.
    """
    fig, ax = axes(ax, (5.4, 4.8))
    draw_rocs(ax, rocs, colours(list(rocs)), "class, AUC")
    return fig, ax


def draw_rocs(ax: Axes, rocs: Mapping[str, Roc], own: Sequence[str], title: str) -> None:
    """Curves in colours of their own, and the line of chance, named last."""
    ax.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1.2, label="chance, 0.50")
    for (name, roc), colour in zip(rocs.items(), own, strict=True):
        ax.plot(roc.fpr, roc.tpr, color=colour, label=f"{name}, {roc.auc:.2f}", clip_on=False)
    ax.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(0, 1), ylim=(0, 1))
    ax.set_box_aspect(1)
    ax.grid(visible=True)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        [*handles[1:], handles[0]],
        [*labels[1:], labels[0]],
        title=title,
        loc="lower right",
        alignment="left",
        frameon=True,
        edgecolor="none",
    )


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
    history, best_epoch, chance = trained.curves, trained.best_epoch, 1 / len(trained.classes)
    needed = ["epoch", "train_loss", "validation_loss", "validation_balanced_accuracy"]
    if missing := [name for name in needed if name not in history]:
        raise TellsError(
            f"history must have the columns {', '.join(needed)}; missing: {', '.join(missing)}."
        )
    fig, ax = axes(ax)
    right = ax.twinx()
    right.spines["right"].set_visible(True)
    epoch, score = history["epoch"], history["validation_balanced_accuracy"]
    marker = "o" if len(history) < 12 else None
    style = {"markersize": 4, "marker": marker}
    lines = [
        *ax.plot(epoch, history["train_loss"], color=_TRAIN, label="loss, training", **style),
        *ax.plot(
            epoch, history["validation_loss"], color=_VALIDATION, label="loss, validation", **style
        ),
        *right.plot(
            epoch,
            score,
            color=_SCORE,
            linestyle="--",
            label="balanced accuracy, validation (right)",
            **style,
        ),
        ax.axvline(best_epoch, color="#222222", linewidth=1, label=f"best epoch, {best_epoch}"),
    ]
    lines.append(
        right.axhline(chance, color=_SCORE, linewidth=1, linestyle=":", label="chance (right)")
    )
    ax.set(xlabel="epoch", ylabel="cross-entropy loss")
    if len(epoch) == 1:  # or the axis would count thousandths of it
        ax.set_xlim(0, 2)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    right.set_ylabel("balanced accuracy", color=_SCORE)
    right.tick_params(axis="y", colors=_SCORE)
    right.set_ylim(0, 1)
    ax.legend(handles=lines, loc="lower left", bbox_to_anchor=(0, 1.01), ncols=2, borderaxespad=0.2)
    return fig, ax


@styled
def class_counts(
    counts: Mapping[str, Mapping[str, int]],
    *,
    classes: Sequence[str] | None = None,
    unit: str = "segments",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """How many segments of each class are in each split, as groups of bars.

    Args:
        counts: `{split: {class: n}}`; splits that are empty are left out.
        classes: their order; None takes the order in which they come.
        unit: what is counted.
        ax: to draw into; None makes a figure.

    Thesis: 4.9, 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    splits = [name for name in counts if sum(counts[name].values())]
    if classes is None:
        classes = list(dict.fromkeys(c for split in splits for c in counts[split]))
    fig, ax = axes(ax, (7, 1.0 + 0.26 * (len(classes) + 0.6) * len(splits)))
    step = len(classes) + 1
    for i, (name, colour) in enumerate(zip(classes, colours(classes), strict=True)):
        n = [counts[split].get(name, 0) for split in splits]
        bars = ax.barh([s * step + i for s in range(len(splits))], n, color=colour, label=name)
        ax.bar_label(bars, labels=[f"{value:,}" for value in n], padding=3, fontsize=9)
    ax.set_yticks([s * step + (len(classes) - 1) / 2 for s in range(len(splits))], splits)
    ax.invert_yaxis()
    ax.margins(x=0.09)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(unit)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return fig, ax
