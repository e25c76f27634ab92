"""Figures of what changes over time: spans, layers, descriptors, probabilities, boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.features import Windows
from tells.plots.style import (
    CLASS_COLOURS,
    CYCLE,
    INK,
    REFERENCE,
    SIGNED,
    axes,
    colour_bar,
    colours,
    legend_above,
    stacked_axes,
    styled,
)

_LABELLED = 40  # rows of a heat map that have room for a name each
_LANES = 0.8  # of a row, which spans that overlap share
_UNLABELLED = {"facecolor": "white", "edgecolor": "#777777", "hatch": "////"}


@styled
def heat_map(
    values: ArrayLike,
    *,
    rate: float = 100.0,
    start: float = 0.0,
    groups: Mapping[str, slice] | None = None,
    label: str = "activation",
    unit: str = "unit",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Values in [-1, 1] over time, a line of the picture for each unit of a layer.

    Args:
        values: shape (steps, units); what lies outside [-1, 1] is drawn as the end it lies beyond.
        rate: steps a second.
        start: time of the first step, in s.
        groups: name to slice of the units; shown instead of their numbers, with lines between.
        label: what the colour means.
        unit: what a line of the picture is.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the values are no matrix.

    Thesis: 4.6.1, 4.6.2. Chapter: 04_1_speech_pipeline, 04_2_video_pipeline.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or 0 in values.shape:
        raise TellsError(f"values must have shape (steps, units); got {values.shape}.")
    steps, units = values.shape
    fig, ax = axes(ax, (7, min(5.4, 1.3 + 0.035 * units)))
    extent = (start, start + steps / rate, units - 0.5, -0.5)
    image = ax.imshow(values.T, aspect="auto", extent=extent, cmap=SIGNED, vmin=-1, vmax=1)
    ax.set(xlabel="time (s)", ylabel=unit)
    if groups:
        _name_groups(ax, units, groups)
        ax.axhline(-0.5, color=INK, linewidth=0.8)
    ends = {(False, False): "neither", (True, False): "min", (False, True): "max"}
    beyond = ends.get((bool((values < -1).any()), bool((values > 1).any())), "both")
    colour_bar(image, label, pad=0.02, extend=beyond, ticks=(-1, 0, 1))
    return fig, ax


@styled
def llds(
    features: ArrayLike,
    names: Sequence[str],
    *,
    rate: float = 100.0,
    groups: Mapping[str, slice] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Descriptors over time as a heat map, each scaled to its own mean and spread.

    Args:
        features: shape (rows, k), a row for each moment, a column for each descriptor.
        names: of the k descriptors; shown one by one where there is room.
        rate: rows a second.
        groups: name to slice of the descriptors; shown instead of `names`, with lines between.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the names do not fit the features.

    Thesis: 4.7.1, table 4.1. Chapter: 04_1_speech_pipeline.
    """
    features = np.asarray(features, dtype=float)
    if features.ndim != 2 or features.shape[1] != len(names) or 0 in features.shape:
        raise TellsError(
            f"features must have shape (rows, {len(names)}), a column for each name; "
            f"got {features.shape}."
        )
    rows, k = features.shape
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    fig, ax = axes(ax, (7, min(7.0, max(3.0, 1 + 0.17 * (k if k <= _LABELLED else 25)))))
    extent = (0, rows / rate, k - 0.5, -0.5)
    image = ax.imshow(scaled.T, aspect="auto", extent=extent, cmap=SIGNED, vmin=-3, vmax=3)
    if groups:
        _name_groups(ax, k, groups)
    else:
        shown = range(0, k, -(-k // _LABELLED))
        ax.set_yticks(list(shown), [names[i] for i in shown], fontsize=7)
        ax.tick_params(axis="y", length=0)
    ax.set_xlabel("time (s)")
    colour_bar(image, "standard deviations from the mean", pad=0.02, extend="both", aspect=30)
    return fig, ax


def _name_groups(ax: Axes, k: int, groups: Mapping[str, slice]) -> None:
    """Groups of rows in place of the rows' own names, with lines between."""
    spans = {name: range(k)[span] for name, span in groups.items() if range(k)[span]}
    ax.set_yticks([(span[0] + span[-1]) / 2 for span in spans.values()], list(spans))
    ax.tick_params(axis="y", length=0)
    for span in spans.values():
        if span[0] > 0:
            ax.axhline(span[0] - 0.5, color=INK, linewidth=0.8)


@styled
def emotional_series(
    windows: Windows, rows: pd.DataFrame, *, rate: float = 30.0
) -> tuple[Figure, np.ndarray]:
    """Emotional features of some clips as heat maps, one below the other.

    Args:
        windows: series of emotional features, shape (n, t, 32).
        rows: of `windows.table`.
        rate: rows a second.

    Thesis: 4.5.1. Chapter: 05_5_1_audio_detection, 05_5_2_video_detection.
    """
    fig, axs = stacked_axes((2.2,) * len(rows), sharex=True)
    for ax, row in zip(axs, rows.itertuples(), strict=True):
        series = windows.read([row.window])[0][: row.rows]
        extent = (0, len(series) / rate, series.shape[1], 0)
        ax.imshow(series.T, aspect="auto", extent=extent, cmap=SIGNED, vmin=-1, vmax=1)
        ax.set(ylabel=f"{row.label}: feature")
    axs[-1].set(xlabel="time (s)")
    return fig, axs


@styled
def class_probabilities(
    probabilities: ArrayLike,
    classes: Sequence[str],
    times: ArrayLike,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Probability of each class over time, and what guessing would give.

    Args:
        probabilities: shape (n, k), rows that add up to 1.
        classes: the k classes.
        times: shape (n,), s.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the shapes do not fit.

    Thesis: 4.3, 4.4. Chapter: 04_1_speech_pipeline, 04_2_video_pipeline.
    """
    probabilities, times = np.asarray(probabilities), np.asarray(times)
    expected = (len(times), len(classes))
    if probabilities.shape != expected:
        raise TellsError(f"probabilities must have shape {expected}; got {probabilities.shape}.")
    fig, ax = axes(ax, (7, 2.8))
    ax.axhline(1 / len(classes), **REFERENCE)
    marker = {"marker": "o", "markersize": 4} if len(times) < 40 else {}
    for curve, name, colour in zip(probabilities.T, classes, colours(classes), strict=True):
        ax.plot(times, curve, color=colour, label=name, **marker)
    ax.set(xlabel="time (s)", ylabel="probability", ylim=(0, 1))
    ax.grid(visible=True, axis="y")
    legend_above(ax, columns=len(classes))
    return fig, ax


@styled
def box_track(
    times: ArrayLike, boxes: ArrayLike, found: ArrayLike, *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """How the box of a face moves and grows, in pixels from its median; guesses are shaded.

    Args:
        times: shape (n,), s.
        boxes: shape (n, 4): x0, y0, x1, y1.
        found: shape (n,), False where the box is a guess.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the shapes do not fit.

    Thesis: 4.7.2. Chapter: 04_2_video_pipeline.
    """
    times, boxes, found = np.asarray(times), np.asarray(boxes, dtype=float), np.asarray(found)
    if boxes.shape != (len(times), 4) or found.shape != times.shape:
        raise TellsError(
            f"box_track needs a box and a mark for each of {len(times)} times; got shapes "
            f"{boxes.shape} and {found.shape}."
        )
    fig, ax = axes(ax, (7, 2.6))
    x0, y0, x1, y1 = boxes.T
    curves = {"to the right": (x0 + x1) / 2, "downwards": (y0 + y1) / 2, "side": x1 - x0}
    for (name, curve), colour in zip(curves.items(), CYCLE, strict=False):
        ax.plot(times, curve - np.median(curve), color=colour, label=name, linewidth=1.4)
    ax.set(xlabel="time (s)", ylabel="pixels", xlim=(times[0], times[-1]))
    guessed = {"where": ~found.astype(bool), "transform": ax.get_xaxis_transform()}
    ax.fill_between(times, 0, 1, **guessed, color="#999999", alpha=0.3, linewidth=0)
    ax.grid(visible=True, axis="y")
    legend_above(ax)
    return fig, ax


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
    for name, spans in rows.items() if labels is not None else ():
        if (given := len(labels.get(name, ()))) != len(spans):
            raise TellsError(
                f"labels must have one for each of the {len(spans)} spans of {name!r}; got {given}."
            )
    fig, ax = axes(ax, (7, 0.8 + 0.45 * len(rows)))
    for y, (name, spans) in enumerate(rows.items()):
        kinds = labels[name] if labels else [name] * len(spans)
        fills = CLASS_COLOURS if labels else {name: CYCLE[y % len(CYCLE)]}
        lanes = _lanes(spans)
        height = _LANES / (max(lanes, default=0) + 1)
        pairs = list(zip(lanes, kinds, strict=True))
        for lane, kind in dict.fromkeys(pairs):
            alike = [span for span, pair in zip(spans, pairs, strict=True) if pair == (lane, kind)]
            look = _UNLABELLED if kind is None else {"facecolor": fills[kind], "edgecolor": "white"}
            ax.broken_barh(
                [(start, end - start) for start, end in alike],
                (y - _LANES / 2 + lane * height, 0.85 * height),
                linewidth=1.0 if len(spans) < 60 else 0.3,
                **look,
            )
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel="time (s)", ylim=(len(rows) - 0.5, -0.5))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    if labels:
        occur = {kind for kinds in labels.values() for kind in kinds}
        named = {name: colour for name, colour in CLASS_COLOURS.items() if name in occur}
        handles = [Patch(facecolor=colour, label=name) for name, colour in named.items()]
        if None in occur:
            handles.append(Patch(label="no label", **_UNLABELLED))
        # to the left there is room above the names of the rows
        place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "columnspacing": 1.2}
        legend_above(ax, columns=len(handles), handles=handles, handlelength=1.2, **place)
    return fig, ax


def _lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """The first lane of a row that is free when each span begins."""
    free: list[float] = []
    lanes = []
    for start, end in spans:
        lane = next((i for i, until in enumerate(free) if until <= start + 1e-6), len(free))
        free[lane:] = [end, *free[lane + 1 :]]
        lanes.append(lane)
    return lanes
