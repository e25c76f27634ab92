"""Figures of numbers with intervals: all experiments, kinds of fakes, pairs of detectors."""

from __future__ import annotations

import textwrap
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tells.errors import TellsError
from tells.plots.style import (
    CLASS_COLOURS,
    DETECTOR_COLOURS,
    REFERENCE,
    axes,
    check_columns,
    legend_above,
    styled,
)

_STATISTICS = {  # the ends of its interval, and what the axis calls it
    "called_fake": ("low", "high", "share called fake"),
    "auc": ("auc_low", "auc_high", "AUC against all clips of the other label"),
}
_LOOKS = {  # source: colour, marker, what the legend calls it
    "thesis": ("#222222", "D", "thesis"),
    "real corpora": ("#0072B2", "o", "real corpus"),
    "understudy": ("#E69F00", "s", "understudy (synthetic)"),
}
_POINTS = {"markersize": 7, "linestyle": "none"}
_GAP = 0.6  # lines between two groups
_WIDTH = 22  # letters of a name in one line


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
    if statistic not in _STATISTICS:
        raise TellsError(f"statistic must be one of {', '.join(_STATISTICS)}; got {statistic!r}.")
    low, high, label = _STATISTICS[statistic]
    needed = ("label", "method", "n", statistic, low, high)
    check_columns(table, needed, "table must be what by_method gives")
    if len(table) == 0:
        raise TellsError("table must hold at least one method; got none.")
    new = (table["label"] != table["label"].shift()).to_numpy()
    y = np.arange(len(table)) + _GAP * (np.cumsum(new) - 1)
    fig, ax = axes(ax, (7, 1.1 + 0.38 * (y[-1] + 1)))
    for kind in pd.unique(table["label"]):
        own = table[table["label"] == kind]
        height = y[(table["label"] == kind).to_numpy()]
        look = {"color": CLASS_COLOURS[kind], "marker": {"fake": "o", "real": "s"}[kind]}
        ax.hlines(height, own[low], own[high], color=look["color"], linewidth=2)
        ax.plot(own[statistic], height, label=f"{kind} clips", clip_on=False, **look, **_POINTS)
    if statistic == "auc":
        ax.axvline(0.5, **REFERENCE, label="chance", zorder=1)
    names = [f"{row.method} (n = {row.n})" for row in table.itertuples()]
    ax.set_yticks(y, names)
    ax.set(xlabel=label, xlim=(0, 1), ylim=(y[-1] + 0.7, -0.7))
    ax.tick_params(axis="y", length=0, pad=8)  # beside a marker at 0
    ax.grid(visible=True, axis="x")
    legend_above(ax, bbox_to_anchor=(0, 1.01))
    return fig, ax


@styled
def differences(table: pd.DataFrame, *, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """By how much one detector's AUC is larger than another's, with intervals, around zero.

    Args:
        table: columns `name`, `gain`, `low`, `high`, a row for each pair, as
            `tells.metrics.bootstrap_difference` compares them.
        ax: to draw into; None makes a figure whose height fits.

    Raises:
        TellsError: a column is missing, or there is no row.

    Thesis: none. Chapter: 05_5_4_is_it_the_emotion, 06_conclusions.
    """
    check_columns(table, ("name", "gain", "low", "high"), "table must have a row for each pair")
    if len(table) == 0:
        raise TellsError("table must hold at least one difference; got none.")
    y = np.arange(len(table))
    fig, ax = axes(ax, (8, 1.0 + 0.38 * len(table)))
    ax.axvline(0, **REFERENCE)
    colour = DETECTOR_COLOURS["combined"]
    ax.hlines(y, table["low"], table["high"], color=colour, linewidth=2)
    ax.plot(table["gain"], y, color=colour, marker="o", **_POINTS)
    reach = max(0.1, float(table[["low", "high"]].abs().to_numpy().max()) * 1.1)
    ax.set_yticks(y, list(table["name"]))
    ax.set(xlabel="difference of AUC", xlim=(-reach, reach), ylim=(y[-1] + 0.7, -0.7))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=True, axis="x")
    return fig, ax


@styled
def comparison(points: pd.DataFrame, *, ax: Axes | None = None) -> tuple[Figure, Axes]:
    """Every known number of each experiment with its interval, and what guessing would give.

    Args:
        points: balanced accuracies as `tells.results.comparison_points` gives them.
        ax: to draw into; None makes a figure whose height fits.

    Raises:
        TellsError: a column is missing, or there is nothing to draw.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    needed = ("id", "source", "data", "value", "low", "high", "chance", "text")
    check_columns(points, needed, "points must be what comparison_points gives")
    if len(points) == 0:
        raise TellsError("points must hold at least one experiment; got none.")
    y = np.arange(len(points)) + _GAP * pd.factorize(points["id"])[0]
    fig, ax = axes(ax, (7, 1.3 + 0.32 * (y[-1] + 1)))
    for height, (_, point) in zip(y, points.iterrows(), strict=True):
        _draw_point(ax, float(height), point)
    ticks = {}
    for name, own in pd.Series(y).groupby(points["id"].to_numpy(), sort=False):
        chances = points.loc[points["id"] == name, "chance"].unique()
        ends = own.iloc[0] - 0.5, own.iloc[-1] + 0.5
        ax.vlines(chances, *ends, **REFERENCE, zorder=1.5)
        ticks["\n".join(textwrap.wrap(name, _WIDTH))] = own.mean()
    ax.set_yticks(list(ticks.values()), list(ticks))
    ax.set(xlabel="balanced accuracy", xlim=(0, 1), ylim=(y[-1] + 0.9, -0.9))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=True, axis="x")
    handles = []
    for source, (colour, marker, text) in _LOOKS.items():
        if (points["source"] == source).any():
            look = {"color": colour, "marker": marker, "linewidth": 0 if source == "thesis" else 2}
            handles.append(Line2D([], [], markersize=7, label=text, **look))
    handles.append(Line2D([], [], **REFERENCE, label="chance"))
    # "outside" keeps the space beside the picture that a legend of the axes would take from it.
    fig.legend(handles=handles, loc="outside upper center", ncols=4, columnspacing=1.4)
    return fig, ax


def _draw_point(ax: Axes, y: float, point: pd.Series) -> None:
    """A number with its interval, or why there is none; of a real corpus, its name."""
    if pd.isna(point["value"]):
        style = {"ha": "right", "va": "center", "fontsize": 9, "color": "#666666"}
        ax.text(0.99, y, f"thesis: {point['text']}", **style)
        return
    colour, marker, _ = _LOOKS[point["source"]]
    low, high = (point["value"] if pd.isna(point[end]) else point[end] for end in ("low", "high"))
    ax.hlines(y, low, high, color=colour, linewidth=2)
    ax.plot(point["value"], y, color=colour, marker=marker, clip_on=False, **_POINTS)
    if point["source"] == "real corpora":
        x, shift, side = (high, 8, "left") if high < 0.8 else (low, -8, "right")
        place = {"xytext": (shift, 0), "textcoords": "offset points", "ha": side, "va": "center"}
        ax.annotate(point["data"], (x, y), **place, fontsize=9, color=colour)
