"""Figures of what lies where in time: turns, windows, clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tells.errors import TellsError
from tells.plots.style import CLASS_COLOURS, axes, styled

_CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_LANES = 0.8  # of a row, which spans that overlap share
_UNLABELLED = {"facecolor": "white", "edgecolor": "#777777", "hatch": "////"}


@styled
def timeline(
    rows: Mapping[str, Sequence[tuple[float, float]]],
    *,
    labels: Mapping[str, Sequence[str | None]] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Spans of time as bars, a row for each kind; those that overlap lie in lanes of their row.

    Args:
        rows: name of a kind to its spans (start, end), in s, in the order of their starts.
        labels: name of a kind to the class of each of its spans, whose colour it gets; a span whose
            class is None is hatched. Without this a row has one colour.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: there is no span, or not a label for each.

    Thesis: 4.9, figure 4.6. Chapter: 04_0_method, 04_1_speech_pipeline, 04_2_video_pipeline.
    """
    if not any(len(spans) for spans in rows.values()):
        raise TellsError("timeline needs at least one span; got none.")
    _check_labels(rows, labels)
    fig, ax = axes(ax, (7, 0.8 + 0.45 * len(rows)))
    for y, (name, spans) in enumerate(rows.items()):
        kinds = labels[name] if labels else [name] * len(spans)
        lanes = _lanes(spans)
        height = _LANES / (max(lanes, default=0) + 1)
        pairs = list(zip(lanes, kinds, strict=True))
        for lane, kind in dict.fromkeys(pairs):
            alike = [span for span, pair in zip(spans, pairs, strict=True) if pair == (lane, kind)]
            ax.broken_barh(
                [(start, end - start) for start, end in alike],
                (y - _LANES / 2 + lane * height, 0.85 * height),
                linewidth=1.0 if len(spans) < 60 else 0.3,
                **_fill(kind, _CYCLE[y % len(_CYCLE)], labelled=labels is not None),
            )
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel="time (s)", ylim=(len(rows) - 0.5, -0.5))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    if labels:
        _explain(ax, labels)
    return fig, ax


def _check_labels(
    rows: Mapping[str, Sequence[tuple[float, float]]],
    labels: Mapping[str, Sequence[str | None]] | None,
) -> None:
    for name, spans in rows.items() if labels is not None else ():
        given = len(labels.get(name, ()))
        if given != len(spans):
            raise TellsError(
                f"labels must have one for each of the {len(spans)} spans of {name!r}; got {given}."
            )


def _fill(kind: str | None, colour: str, *, labelled: bool) -> dict[str, str]:
    if labelled and kind is None:
        return _UNLABELLED
    return {"facecolor": CLASS_COLOURS[kind] if labelled else colour, "edgecolor": "white"}


def _explain(ax: Axes, labels: Mapping[str, Sequence[str | None]]) -> None:
    """A legend of the classes that occur, in the order of `CLASS_COLOURS`."""
    occur = {kind for kinds in labels.values() for kind in kinds}
    names = [name for name in CLASS_COLOURS if name in occur]
    handles = [Patch(facecolor=CLASS_COLOURS[name], label=name) for name in names]
    if None in occur:
        handles.append(Patch(label="no label", **_UNLABELLED))
    ax.legend(
        handles=handles,
        loc="lower right",  # to the left there is room above the names of the rows
        bbox_to_anchor=(1, 1.0),
        ncols=len(handles),
        borderaxespad=0.2,
        columnspacing=1.2,
        handlelength=1.2,
    )


def _lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """The first lane of a row that is free when each span begins."""
    free: list[float] = []
    lanes = []
    for start, end in spans:
        lane = next((i for i, until in enumerate(free) if until <= start + 1e-6), len(free))
        free[lane:] = [end, *free[lane + 1 :]]
        lanes.append(lane)
    return lanes
