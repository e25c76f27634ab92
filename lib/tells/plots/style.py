"""What all figures share: the style file, colours, axes, legends, and the check of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import cycle
from pathlib import Path
from typing import Literal, ParamSpec

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from tells.errors import TellsError

CLASS_COLOURS = {
    "anger": "#D55E00",
    "happiness": "#E69F00",
    "sadness": "#0072B2",
    "neutral": "#6E6E6E",
    "other": "#CC79A7",
    "real": "#0072B2",
    "fake": "#D55E00",
}
DETECTOR_COLOURS = {"audio": "#009E73", "video": "#CC79A7", "combined": "#222222"}
CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")  # of what has no colour of its own
INK = "#222222"
REFERENCE = {"color": "#999999", "linestyle": "--", "linewidth": 1.2}  # chance, zero, the ideal
SIGNED = "RdBu_r"  # blue is negative, white is 0, red is positive

_STYLE = Path(__file__).parent / "tells.mplstyle"
_PALETTES = {  # colours of known names, and those that the others share out
    "class": (CLASS_COLOURS, ("#009E73", "#56B4E9", "#000000", "#F0E442")),
    "detector": (DETECTOR_COLOURS, ("#0072B2", "#E69F00", "#56B4E9", "#6E6E6E")),
}

P = ParamSpec("P")
Drawing = Callable[P, tuple[Figure, Axes]]


def styled(draw: Drawing) -> Drawing:
    """Run a drawing function under the book's style, and no other code."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> tuple[Figure, Axes]:
        # A notebook's backend is loaded by its first figure and says there that figures are to be
        # shown, which the context below would take back: later figures would be missing.
        plt.draw_if_interactive()
        with plt.style.context(_STYLE):
            fig, ax = draw(*args, **kwargs)
            fig.draw_without_rendering()  # ticks are made late, and would miss the style
        return fig, ax

    return wrapper


def axes(ax: Axes | None, size: tuple[float, float] | None = None) -> tuple[Figure, Axes]:
    """The axes given, or those of a new figure of a size in inches."""
    if ax is None:
        fig = plt.figure(figsize=size)
        return fig, fig.add_subplot()
    return ax.get_figure(root=True), ax


@styled
def stacked_axes(heights: Sequence[float], *, sharex: bool = False) -> tuple[Figure, np.ndarray]:
    """Empty axes one below the other, 7 inches wide, for functions that take `ax`.

    Args:
        heights: of each, in inches.
        sharex: whether they have one axis of time, written under the last.

    Chapter: 04_1_speech_pipeline.
    """
    size = (7, sum(heights))
    fig, axs = plt.subplots(
        len(heights), figsize=size, height_ratios=heights, sharex=sharex, squeeze=False
    )
    return fig, axs[:, 0]


@styled
def side_by_side(
    rows: int, columns: int, *, size: tuple[float, float], sharey: bool = False
) -> tuple[Figure, np.ndarray]:
    """Empty axes in rows and columns, for functions that take `ax`.

    Args:
        rows: of axes.
        columns: of axes.
        size: of all, in inches.
        sharey: whether they have one scale, written beside the first column.

    Chapter: 02_1_networks, 05_5_3_bimodal_detection.
    """
    return plt.subplots(rows, columns, figsize=size, sharey=sharey, squeeze=False)


def legend_above(ax: Axes, *, columns: int = 3, **options: object) -> None:
    """The legend in one or a few lines above the axes, where it hides nothing.

    Args:
        ax: whose labelled lines are named.
        columns: entries in a line.
        options: of `Axes.legend`, in place of these or besides.

    Chapter: 02_1_2_recurrence.
    """
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    ax.legend(**{"ncols": columns, "frameon": False, "fontsize": 10} | place | options)


def colour_bar(image: AxesImage, label: str, **options: object) -> None:
    """The scale of an image beside it, without a frame."""
    bar = image.get_figure(root=True).colorbar(image, ax=image.axes, **options)
    bar.set_label(label)
    bar.outline.set_visible(False)


def colours(names: Sequence[str], *, kind: Literal["class", "detector"] = "class") -> list[str]:
    """A colour for each class; those without one of their own share out the colours left.

    Args:
        names: of classes or detectors, in any spelling.
        kind: what they are; of detectors, `audio`, `video` and `combined` have their own colours.
    """
    own, others = _PALETTES[kind]
    spare = cycle(others)
    return [own.get(name.lower()) or next(spare) for name in names]


def check_columns(table: pd.DataFrame, needed: Iterable[str], expected: str) -> None:
    """Refuse a table that lacks a column; `expected` begins the sentence."""
    if missing := [name for name in needed if name not in table]:
        raise TellsError(f"{expected}; missing: {', '.join(missing)}.")
