"""The thesis, real corpora and the demo in one picture (thesis 5.3-5.5)."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tells.errors import TellsError
from tells.plots.style import axes, styled

_LOOKS = {  # source: colour, marker, what the legend calls it
    "thesis": ("#222222", "D", "thesis"),
    "real corpora": ("#0072B2", "o", "real corpus"),
    "understudy": ("#E69F00", "s", "understudy (synthetic)"),
}
_COLUMNS = ("id", "source", "data", "value", "low", "high", "chance", "text")
_STEP = 0.32  # inches between two lines
_GAP = 0.6  # lines between two experiments
_WIDTH = 22  # letters of a name in one line


@styled
def comparison(
    points: pd.DataFrame,
    *,
    label: str = "balanced accuracy",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Every known number of each experiment with its interval, and what guessing would give.

    Args:
        points: as `tells.results.comparison_points` gives them.
        label: the metric.
        ax: to draw into; None makes a figure whose height fits.

    Raises:
        TellsError: a column is missing, or there is nothing to draw.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    if missing := [name for name in _COLUMNS if name not in points]:
        raise TellsError(
            f"points must be what comparison_points gives; missing: {', '.join(missing)}."
        )
    if len(points) == 0:
        raise TellsError("points must hold at least one experiment; got none.")
    order = points["id"].map({name: i for i, name in enumerate(pd.unique(points["id"]))})
    y = np.arange(len(points)) + _GAP * order.to_numpy()
    fig, ax = axes(ax, (7, 1.3 + _STEP * (y[-1] + 1)))
    for height, (_, point) in zip(y, points.iterrows(), strict=True):
        _draw(ax, float(height), point)
    ticks = {}
    for name, own in pd.Series(y).groupby(points["id"].to_numpy(), sort=False):
        top, bottom = own.iloc[0] - 0.5, own.iloc[-1] + 0.5
        chances = points.loc[points["id"] == name, "chance"].unique()
        ax.vlines(chances, top, bottom, color="#999999", linestyle="--", linewidth=1.2, zorder=1.5)
        ticks[name] = own.mean()
    names = ["\n".join(textwrap.wrap(name, _WIDTH)) for name in ticks]
    ax.set_yticks(list(ticks.values()), names)
    ax.set(xlabel=label, xlim=(0, 1), ylim=(y[-1] + 0.9, -0.9))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=True, axis="x")
    _legend(ax, [name for name in _LOOKS if (points["source"] == name).any()])
    return fig, ax


def _draw(ax: Axes, y: float, point: pd.Series) -> None:
    colour, marker, _ = _LOOKS[point["source"]]
    if pd.isna(point["value"]):
        ax.text(
            0.99,
            y,
            f"thesis: {point['text']}",
            ha="right",
            va="center",
            fontsize=9,
            color="#666666",
        )
        return
    low = point["value"] if pd.isna(point["low"]) else point["low"]
    high = point["value"] if pd.isna(point["high"]) else point["high"]
    ax.hlines(y, low, high, color=colour, linewidth=2)
    ax.plot(
        point["value"],
        y,
        color=colour,
        marker=marker,
        markersize=7,
        linestyle="none",
        clip_on=False,
    )
    if point["source"] == "real corpora":
        right = high < 0.8
        ax.annotate(
            point["data"],
            (high if right else low, y),
            xytext=(8 if right else -8, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=9,
            color=colour,
        )


def _legend(ax: Axes, sources: list[str]) -> None:
    handles = [
        Line2D(
            [],
            [],
            color=colour,
            marker=marker,
            markersize=7,
            linewidth=2 * (source != "thesis"),
            label=text,
        )
        for source in sources
        for colour, marker, text in [_LOOKS[source]]
    ]
    handles.append(Line2D([], [], color="#999999", linestyle="--", linewidth=1.2, label="chance"))
    fig = ax.get_figure(root=True)
    # "outside" keeps the space beside the picture that a legend of the axes would take from it.
    fig.legend(handles=handles, loc="outside upper center", ncols=4, columnspacing=1.4)
