"""Figures of detectors: ROC panels, calibration, results by method (thesis 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tells.errors import TellsError
from tells.metrics.curves import Calibration, Roc
from tells.plots.results import draw_rocs
from tells.plots.style import CLASS_COLOURS, DETECTOR_COLOURS, axes, detector_colours, styled

_ENDS = {"called_fake": ("low", "high"), "auc": ("auc_low", "auc_high")}
_LABELS = {"called_fake": "share called fake", "auc": "AUC against all clips of the other label"}
_STEP = 0.38  # inches between two lines
_GAP = 0.6  # lines between fakes and reals


@styled
def roc_panel(rocs: Mapping[str, Roc], *, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """One panel of the thesis's figure 5.4: detectors on the same clips, and the line of chance.

    Args:
        rocs: curves by the detectors' names, see `roc_curve`; `Audio`, `Video` and `Combined` have
            colours of their own.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: there is no curve.

    Thesis: 5.5.3, figure 5.4. Chapter: 05_5_1_audio_detection.
    """
    if not rocs:
        raise TellsError("rocs must hold at least one curve; got none.")
    fig, ax = axes(ax, (5.4, 4.8))
    draw_rocs(ax, rocs, detector_colours(list(rocs)), "detector, AUC")
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
    ax.plot(
        [0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1.2, label="calibrated, 0.00"
    )
    for (name, curve), colour in zip(curves.items(), detector_colours(list(curves)), strict=True):
        label = f"{name}, {curve.error:.2f}"
        style = {"marker": "o", "markersize": 5, "linewidth": 1.2, "clip_on": False, "zorder": 3}
        ax.plot(curve.predicted, curve.observed, color=colour, label=label, **style)
    ax.set(xlabel="P(fake), mean of a bin", ylabel="share of fakes in the bin")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_box_aspect(1)
    ax.grid(visible=True)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        [*handles[1:], handles[0]],
        [*labels[1:], labels[0]],
        title="detector, calibration error",
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=2,
        alignment="left",
        borderaxespad=0.2,
    )
    return fig, ax


@styled
def detection_methods(
    table: pd.DataFrame,
    *,
    statistic: Literal["called_fake", "auc"] = "called_fake",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A detector's result for each kind of fake and of real, with intervals.

    Args:
        table: as `tells.metrics.by_method` gives it.
        statistic: the share above the threshold, which is the hit rate of fakes and the false
            alarm rate of reals; or the `auc`, which no threshold matters to.
        ax: to draw into; None makes a figure whose height fits.

    Raises:
        TellsError: an unknown statistic, a missing column, or no row.

    Thesis: none; section 5.5 does not part the fakes. Chapter: 05_5_1_audio_detection.
    """
    if statistic not in _ENDS:
        raise TellsError(f"statistic must be one of {', '.join(_ENDS)}; got {statistic!r}.")
    needed = ["label", "method", "n", statistic, *_ENDS[statistic]]
    if missing := [name for name in needed if name not in table]:
        raise TellsError(f"table must be what by_method gives; missing: {', '.join(missing)}.")
    if len(table) == 0:
        raise TellsError("table must hold at least one method; got none.")
    new = (table["label"] != table["label"].shift()).to_numpy()
    y = np.arange(len(table)) + _GAP * (np.cumsum(new) - 1)
    fig, ax = axes(ax, (7, 1.1 + _STEP * (y[-1] + 1)))
    for label in pd.unique(table["label"]):
        own = (table["label"] == label).to_numpy()
        low, high = (table.loc[own, end] for end in _ENDS[statistic])
        colour = CLASS_COLOURS[label]
        ax.hlines(y[own], low, high, color=colour, linewidth=2)
        ax.plot(
            table.loc[own, statistic],
            y[own],
            color=colour,
            marker={"fake": "o", "real": "s"}[label],
            markersize=7,
            linestyle="none",
            clip_on=False,
            label=f"{label} clips",
        )
    if statistic == "auc":
        ax.axvline(0.5, color="#999999", linestyle="--", linewidth=1.2, label="chance", zorder=1)
    names = [f"{row.method} (n = {row.n})" for row in table.itertuples()]
    ax.set_yticks(y, names)
    ax.set(xlabel=_LABELS[statistic], xlim=(0, 1), ylim=(y[-1] + 0.7, -0.7))
    ax.tick_params(axis="y", length=0, pad=8)  # beside a marker at 0
    ax.grid(visible=True, axis="x")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=3, borderaxespad=0.2)
    return fig, ax


@styled
def differences(
    table: pd.DataFrame, *, label: str = "difference of AUC", ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """By how much one detector is better than another, with intervals, around zero.

    Args:
        table: columns `name`, `gain`, `low`, `high`, a row for each pair, as
            `tells.metrics.bootstrap_difference` compares them.
        label: of the axis.
        ax: to draw into; None makes a figure whose height fits.

    Raises:
        TellsError: a column is missing, or there is no row.

    Thesis: none. Chapter: 05_5_3_bimodal_detection.
    """
    if missing := [name for name in ("name", "gain", "low", "high") if name not in table]:
        raise TellsError(f"table must have a row for each pair; missing: {', '.join(missing)}.")
    if len(table) == 0:
        raise TellsError("table must hold at least one difference; got none.")
    y = np.arange(len(table))
    fig, ax = axes(ax, (8, 1.0 + _STEP * len(table)))
    ax.axvline(0, color="#999999", linestyle="--", linewidth=1.2)
    colour = DETECTOR_COLOURS["combined"]
    ax.hlines(y, table["low"], table["high"], color=colour, linewidth=2)
    ax.plot(table["gain"], y, color=colour, marker="o", markersize=7, linestyle="none")
    reach = max(0.1, float(table[["low", "high"]].abs().to_numpy().max()) * 1.1)
    ax.set_yticks(y, list(table["name"]))
    ax.set(xlabel=label, xlim=(-reach, reach), ylim=(y[-1] + 0.7, -0.7))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=True, axis="x")
    return fig, ax
