"""What all figures share: the style file, the colours of the classes, the axes drawn into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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

_STYLE = Path(__file__).parent / "tells.mplstyle"
_OTHERS = ("#0072B2", "#E69F00", "#56B4E9", "#6E6E6E")
_SPARE = ("#009E73", "#56B4E9", "#000000", "#F0E442")

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


def legend_above(ax: Axes, *, columns: int = 3) -> None:
    """The legend in one or a few lines above the axes, where it hides nothing.

    Args:
        ax: whose labelled lines are named.
        columns: entries in a line.

    Chapter: 02_1_2_recurrence.
    """
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    ax.legend(ncols=columns, frameon=False, fontsize=10, **place)


def colours(classes: Sequence[str]) -> list[str]:
    """A colour for each class; classes without one of their own share out those that are left."""
    spare = iter(_SPARE * len(classes))
    return [CLASS_COLOURS.get(name) or next(spare) for name in classes]


def detector_colours(names: Sequence[str]) -> list[str]:
    """A colour for each detector: audio, video and combined have their own, in any spelling."""
    spare = iter(_OTHERS * len(names))
    return [DETECTOR_COLOURS.get(name.lower()) or next(spare) for name in names]
