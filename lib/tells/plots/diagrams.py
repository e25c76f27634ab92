"""Figures of the background: grids of numbers, a network's weights, emotions on a plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Rectangle
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.plots.style import axes, colours, legend_above, styled

_CELL = 0.34  # inches
_GAPS = {True: 0.8, False: 0.35}  # inches between two grids, with a sign and without
_WIDEST = 7.0  # inches of a row of grids
_FRAME = "#E69F00"
_NEGATIVE, _POSITIVE = "#0072B2", "#D55E00"
_DARK = 0.62  # of the largest value: from here on a number is white


@styled
def columns(
    widths: Sequence[float], *, height: float = 2.8, sharey: bool = False
) -> tuple[Figure, np.ndarray]:
    """Empty axes side by side in the book's style; `stacked_axes` puts them one below the other.

    Args:
        widths: of each, in inches.
        height: of all, in inches.
        sharey: whether they have one scale, written beside the first.

    Returns:
        The figure and its axes, shape (n,).

    Chapter: 02_1_networks.
    """
    fig, axs = plt.subplots(
        ncols=len(widths),
        figsize=(sum(widths), height),
        width_ratios=widths,
        sharey=sharey,
        squeeze=False,
    )
    return fig, axs[0]


@styled
def grids(
    matrices: Mapping[str, ArrayLike],
    *,
    signs: Sequence[str] = (),
    frames: Mapping[str, tuple[int, int, int, int]] | None = None,
    decimals: int = 0,
) -> tuple[Figure, np.ndarray]:
    """Small matrices side by side, each number written into its cell; blue is negative.

    Args:
        matrices: name to matrix, shape (rows, columns); the name is written below it.
        signs: between each matrix and the next one: `*`, `=`; none leaves the gaps empty.
        frames: name of a matrix to a block of it that is framed: row, column, rows, columns.
        decimals: of the numbers; trailing zeros are left out.

    Returns:
        The figure and its axes, shape (n,).

    Raises:
        TellsError: there is no matrix, something is none, or the signs do not fit.

    Thesis: 2.1.3, figures 2.4 and 2.5. Chapter: 02_1_3_convolution.
    """
    arrays = {name: np.asarray(matrix, dtype=float) for name, matrix in matrices.items()}
    shapes = [array.shape for array in arrays.values()]
    if not arrays or any(len(shape) != 2 or 0 in shape for shape in shapes):
        raise TellsError(f"grids needs matrices of shape (rows, columns); got shapes {shapes}.")
    if signs and len(signs) != len(arrays) - 1:
        raise TellsError(f"signs must be {len(arrays) - 1}, one a gap; got {len(signs)}.")
    largest = max(float(np.abs(array).max()) for array in arrays.values()) or 1.0
    fig, axs, cell = _side_by_side(shapes, _GAPS[bool(signs)])
    for ax, (name, array) in zip(axs, arrays.items(), strict=True):
        _grid(ax, array, array / largest, decimals, font=min(10.0, 29 * cell))
        ax.set_xlabel(name, fontsize=10, labelpad=5)
        if block := (frames or {}).get(name):
            row, column, rows, wide = block
            at = (column - 0.5, row - 0.5)
            style = {"edgecolor": _FRAME, "linewidth": 3, "clip_on": False, "zorder": 3}
            ax.add_patch(Rectangle(at, wide, rows, fill=False, **style))
    for sign, left, right in zip(signs, axs, axs[1:], strict=False):
        x = (left.get_position().x1 + right.get_position().x0) / 2
        y = (left.get_position().y0 + left.get_position().y1) / 2
        fig.text(x, y, sign, ha="center", va="center", fontsize=15)
    return fig, axs


def _side_by_side(
    shapes: Sequence[tuple[int, ...]], gap: float
) -> tuple[Figure, np.ndarray, float]:
    """Axes whose cells are all of one size, and that size in inches."""
    rows, columns = zip(*shapes, strict=True)
    cell = min(_CELL, (_WIDEST - gap * (len(columns) - 1)) / sum(columns))
    width, height = cell * sum(columns) + gap * (len(columns) - 1), cell * max(rows) + 0.35
    fig, axs = plt.subplots(
        1, len(shapes), figsize=(width, height), width_ratios=columns, squeeze=False, layout="none"
    )
    mean = cell * sum(columns) / len(columns)
    fig.subplots_adjust(left=0, right=1, top=0.99, bottom=0.35 / height, wspace=gap / mean)
    return fig, axs[0], cell


def _grid(ax: Axes, array: np.ndarray, shade: np.ndarray, decimals: int, font: float) -> None:
    ax.imshow(shade, cmap="RdBu_r", vmin=-1, vmax=1)
    texts = [_number(value, decimals) for value in array.ravel()]
    font *= min(1, 3 / max(map(len, texts)))
    for (row, column), text in zip(np.ndindex(array.shape), texts, strict=True):
        colour = "white" if abs(shade[row, column]) > _DARK else "#222222"
        ax.text(column, row, text, ha="center", va="center", fontsize=font, color=colour)
    ax.set_xticks(np.arange(array.shape[1] + 1) - 0.5, [])
    ax.set_yticks(np.arange(array.shape[0] + 1) - 0.5, [])
    ax.grid(visible=True, color="#bbbbbb", linewidth=0.8)
    ax.set_axisbelow(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")


@styled
def network(
    weights: Sequence[ArrayLike], names: Sequence[str], *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """A multi-layer perceptron as neurons and lines: the stronger a weight, the thicker its line.

    Args:
        weights: from each layer to the next, shape (units, units of the next).
        names: of the layers, one more than there are weights.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the layers do not fit together, or not one name for each.

    Thesis: 2.1, figure 2.1. Chapter: 02_1_networks.
    """
    matrices = [np.asarray(matrix, dtype=float) for matrix in weights]
    sizes = [matrix.shape[0] for matrix in matrices] + [matrices[-1].shape[1]] if matrices else []
    shapes = [matrix.shape for matrix in matrices]
    if not matrices or shapes != list(pairwise(sizes)):
        raise TellsError(f"weights must lead from a layer to the next; got shapes {shapes}.")
    if len(names) != len(sizes):
        raise TellsError(f"names must be {len(sizes)}, one a layer; got {len(names)}.")
    fig, ax = axes(ax, (7, 0.9 + 0.36 * max(sizes)))
    heights = [np.arange(size) - (size - 1) / 2 for size in sizes]
    for layer, matrix in enumerate(matrices):
        largest = float(np.abs(matrix).max()) or 1.0
        for (i, j), weight in np.ndenumerate(matrix):
            ax.plot(
                (layer, layer + 1),
                (heights[layer][i], heights[layer + 1][j]),
                color=_POSITIVE if weight > 0 else _NEGATIVE,
                linewidth=0.2 + 3 * abs(weight) / largest,
                alpha=0.75,
                zorder=1,
            )
    for layer, y in enumerate(heights):
        style = {"facecolor": "white", "edgecolor": "#222222", "linewidth": 1.2, "zorder": 2}
        ax.scatter(np.full(len(y), layer), y, s=210, **style)
    ax.set_xticks(range(len(sizes)), names)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0)
    ax.spines[:].set_visible(False)
    half = max(sizes) / 2 + 0.1
    ax.set(xlabel="layer", xlim=(-0.35, len(sizes) - 0.65), ylim=(-half, half))
    return fig, ax


@styled
def emotion_plane(
    table: pd.DataFrame, *, classes: Sequence[str], ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Valence and activation of utterances by class: each one, its class's mean and spread.

    The ellipse of a class holds what lies within one standard deviation of its mean.

    Args:
        table: columns `valence` and `activation`, 1 to 5, and `label`.
        classes: that are drawn.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: a column is missing.

    Thesis: 2.3.1. Chapter: 02_3_emotions.
    """
    needed = ["valence", "activation", "label"]
    if missing := [name for name in needed if name not in table]:
        raise TellsError(f"table must have {', '.join(needed)}; missing: {', '.join(missing)}.")
    fig, ax = axes(ax, (6.4, 5.4))
    rng = np.random.default_rng(0)  # ratings are halves: without a shift they hide each other
    ax.axhline(3, color="#999999", linewidth=1)
    ax.axvline(3, color="#999999", linewidth=1)
    for name, colour in zip(classes, colours(classes), strict=True):
        own = table.loc[table["label"] == name, ["valence", "activation"]].dropna().to_numpy()
        if len(own) < 2:
            continue
        shift = rng.uniform(-0.14, 0.14, own.shape)
        ax.scatter(*(own + shift).T, s=10, color=colour, alpha=0.35, linewidths=0)
        _ellipse(ax, own, colour, f"{name}, n = {len(own):,}")
        ax.annotate(
            name,
            own.mean(axis=0),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=10,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1},
            zorder=5,
        )
    ax.set(xlabel="valence (1 unpleasant, 5 pleasant)", ylabel="activation (1 calm, 5 excited)")
    ax.set(xlim=(0.8, 5.2), ylim=(0.8, 5.2))
    ax.set_box_aspect(1)
    legend_above(ax)
    return fig, ax


def _ellipse(ax: Axes, points: np.ndarray, colour: str, label: str) -> None:
    """The mean and one standard deviation in every direction."""
    mean = points.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(points.T))
    angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
    width, height = 2 * np.sqrt(np.maximum(variances[::-1], 0))
    style = {"edgecolor": colour, "linewidth": 2, "zorder": 3}
    ax.add_patch(Ellipse(tuple(mean), width, height, angle=angle, fill=False, **style))
    ax.plot(*mean, "o", color=colour, ms=8, markeredgecolor="white", zorder=4, label=label)
