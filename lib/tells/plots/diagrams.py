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
from tells.plots.style import INK, SIGNED, axes, check_columns, colours, legend_above, styled

_CELL = 0.34  # inches
_WIDEST = 7.0  # inches of a row of grids
_DARK = 0.62  # of the largest value: from here on a number is white


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
    heights, widths = zip(*shapes, strict=True)
    gap, wide = 0.8 if signs else 0.35, sum(widths)  # gap in inches, width in cells
    gaps = gap * (len(widths) - 1)
    cell = min(_CELL, (_WIDEST - gaps) / wide)
    size = (cell * wide + gaps, cell * max(heights) + 0.35)
    fig, axs = plt.subplots(
        ncols=len(shapes), figsize=size, width_ratios=widths, squeeze=False, layout="none"
    )
    axs = axs[0]
    mean = cell * wide / len(widths)
    fig.subplots_adjust(left=0, right=1, top=0.99, bottom=0.35 / size[1], wspace=gap / mean)
    for ax, (name, array) in zip(axs, arrays.items(), strict=True):
        _grid(ax, array, array / largest, decimals, font=min(10.0, 29 * cell))
        ax.set_xlabel(name, fontsize=10, labelpad=5)
        if block := (frames or {}).get(name):
            row, column, rows, columns = block
            at = (column - 0.5, row - 0.5)
            style = {"edgecolor": "#E69F00", "linewidth": 3, "clip_on": False, "zorder": 3}
            ax.add_patch(Rectangle(at, columns, rows, fill=False, **style))
    for sign, left, right in zip(signs, axs, axs[1:], strict=False):
        x = (left.get_position().x1 + right.get_position().x0) / 2
        y = (left.get_position().y0 + left.get_position().y1) / 2
        fig.text(x, y, sign, ha="center", va="center", fontsize=15)
    return fig, axs


def _grid(ax: Axes, array: np.ndarray, shade: np.ndarray, decimals: int, font: float) -> None:
    """A matrix as cells in shades from -1 to 1, with its numbers in a size that fits them."""
    ax.imshow(shade, cmap=SIGNED, vmin=-1, vmax=1)
    texts = [f"{value:.{decimals}f}" for value in array.ravel()]
    if decimals:
        texts = [text.rstrip("0").rstrip(".") for text in texts]
    texts = ["0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}") for text in texts]
    font *= min(1, 3 / max(map(len, texts)))
    for (row, column), text in zip(np.ndindex(array.shape), texts, strict=True):
        colour = "white" if abs(shade[row, column]) > _DARK else INK
        ax.text(column, row, text, ha="center", va="center", fontsize=font, color=colour)
    ax.set_xticks(np.arange(array.shape[1] + 1) - 0.5, [])
    ax.set_yticks(np.arange(array.shape[0] + 1) - 0.5, [])
    ax.grid(visible=True, color="#bbbbbb", linewidth=0.8)
    ax.set_axisbelow(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


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
                color="#D55E00" if weight > 0 else "#0072B2",
                linewidth=0.2 + 3 * abs(weight) / largest,
                alpha=0.75,
                zorder=1,
            )
    for layer, y in enumerate(heights):
        style = {"facecolor": "white", "edgecolor": INK, "linewidth": 1.2, "zorder": 2}
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
    check_columns(
        table, ("valence", "activation", "label"), "table must have valence, activation, label"
    )
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
        mean = own.mean(axis=0)
        variances, directions = np.linalg.eigh(np.cov(own.T))
        width, height = 2 * np.sqrt(np.maximum(variances[::-1], 0))
        angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
        look = {"edgecolor": colour, "linewidth": 2, "fill": False, "zorder": 3}
        ax.add_patch(Ellipse(tuple(mean), width, height, angle=angle, **look))
        label = f"{name}, n = {len(own):,}"
        ax.plot(*mean, "o", color=colour, ms=8, markeredgecolor="white", zorder=4, label=label)
        style = {"xytext": (0, 9), "textcoords": "offset points", "ha": "center", "fontsize": 10}
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1}
        ax.annotate(name, mean, **style, bbox=box, zorder=5)
    ax.set(xlabel="valence (1 unpleasant, 5 pleasant)", ylabel="activation (1 calm, 5 excited)")
    ax.set(xlim=(0.8, 5.2), ylim=(0.8, 5.2))
    ax.set_box_aspect(1)
    legend_above(ax)
    return fig, ax
