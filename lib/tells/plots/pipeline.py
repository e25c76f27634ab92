"""Figures of the way from a signal to emotional features: what is cut, and what a layer says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import scipy.signal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.plots.style import axes, colours, styled

_CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_FLOOR = -70.0  # dB, of a spectrum


@styled
def stacked_axes(
    heights: Sequence[float], *, width: float = 7.0, sharex: bool = False
) -> tuple[Figure, np.ndarray]:
    """Empty axes one below the other in the book's style, for functions that take `ax`.

    Args:
        heights: of each, in inches.
        width: of all, in inches.
        sharex: whether they have one axis of time, written under the last.

    Returns:
        The figure and its axes, shape (n,).

    Chapter: 04_1_speech_pipeline.
    """
    fig, axs = plt.subplots(
        len(heights),
        figsize=(width, sum(heights)),
        height_ratios=heights,
        sharex=sharex,
        squeeze=False,
    )
    return fig, axs[:, 0]


@styled
def side_by_side(
    rows: int, columns: int, *, size: tuple[float, float]
) -> tuple[Figure, np.ndarray]:
    """Empty axes in rows and columns in the book's style, for functions that take `ax`.

    Args:
        rows: of axes.
        columns: of axes.
        size: of all, in inches.

    Returns:
        The figure and its axes, shape (rows, columns).

    Chapter: 05_5_3_bimodal_detection.
    """
    return plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")


@styled
def analysis_frames(
    samples: ArrayLike,
    sample_rate: int,
    *,
    size: float = 0.020,
    hop: float = 0.010,
    start: float = 0.0,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A short piece of sound, and the tapers of the frames that are cut out of it.

    Args:
        samples: shape (n,), at most a few frames long, or nothing can be told apart.
        sample_rate: in Hz.
        size: of a frame, in s; each is tapered by a Hamming window.
        hop: from the beginning of a frame to that of the next one, in s.
        start: when the piece begins, in s.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the piece is shorter than a frame.

    Thesis: 4.3, 4.6.1. Chapter: 04_1_speech_pipeline.
    """
    samples = np.asarray(samples, dtype=float)
    seconds = len(samples) / sample_rate
    frames = int((seconds - size) / hop + 1e-6) + 1 if seconds >= size - 1e-9 else 0
    if frames < 1:
        raise TellsError(f"samples must last at least a frame, {size:g} s; got {seconds:g} s.")
    fig, ax = axes(ax, (7, 2.6))
    peak = max(float(np.abs(samples).max()), 1e-3)
    taper = scipy.signal.windows.hamming(round(size * sample_rate))
    for i in range(frames):
        time = 1000 * (start + i * hop + np.arange(len(taper)) / sample_rate)
        colour = _CYCLE[i % len(_CYCLE)]
        ax.fill_between(time, peak * taper, color=colour, alpha=0.12, linewidth=0)
        ax.plot(time, peak * taper, color=colour, linewidth=1.2)
    time = 1000 * (start + np.arange(len(samples)) / sample_rate)
    ax.plot(time, samples, color="#222222", linewidth=1)
    ax.set(xlabel="time (ms)", ylabel="amplitude", xlim=(time[0], 1000 * (start + seconds)))
    return fig, ax


@styled
def spectra(
    frames: Mapping[str, ArrayLike], sample_rate: int, *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Power spectra of a few frames, each in dB below its own peak, 0 to 4 kHz.

    Args:
        frames: samples by name, tapered already; of any lengths.
        sample_rate: in Hz.
        ax: to draw into; None makes a figure.

    Thesis: 4.3. Chapter: 04_1_speech_pipeline.
    """
    fig, ax = axes(ax, (7, 2.8))
    for (name, samples), colour in zip(frames.items(), _CYCLE, strict=False):
        samples = np.asarray(samples, dtype=float)
        power = np.abs(np.fft.rfft(samples, n=max(4096, len(samples)))) ** 2
        level = 10 * np.log10(np.maximum(power / max(power.max(), 1e-20), 10 ** (_FLOOR / 10)))
        ax.plot(
            np.linspace(0, sample_rate / 2000, len(level)), level, color=colour, label=name, lw=1.3
        )
    ax.set(xlabel="frequency (kHz)", ylabel="level (dB)", xlim=(0, 4), ylim=(_FLOOR, 3))
    ax.grid(visible=True)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
    return fig, ax


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
    image = ax.imshow(values.T, aspect="auto", extent=extent, cmap="RdBu_r", vmin=-1, vmax=1)
    ax.set(xlabel="time (s)", ylabel=unit)
    if groups:
        spans = {name: range(units)[span] for name, span in groups.items()}
        ax.set_yticks([(s[0] + s[-1]) / 2 for s in spans.values()], list(spans))
        for span in spans.values():
            ax.axhline(span[0] - 0.5, color="#222222", linewidth=0.8)
        ax.tick_params(axis="y", length=0)
    beyond = {(False, False): "neither", (True, False): "min", (False, True): "max"}
    ends = (bool((values < -1).any()), bool((values > 1).any()))
    bar = fig.colorbar(image, ax=ax, pad=0.02, extend=beyond.get(ends, "both"), ticks=(-1, 0, 1))
    bar.set_label(label)
    bar.outline.set_visible(False)
    return fig, ax


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
    ax.axhline(1 / len(classes), color="#999999", linestyle="--", linewidth=1.2)
    marker = {"marker": "o", "markersize": 4} if len(times) < 40 else {}
    for curve, name, colour in zip(probabilities.T, classes, colours(classes), strict=True):
        ax.plot(times, curve, color=colour, label=name, **marker)
    ax.set(xlabel="time (s)", ylabel="probability", ylim=(0, 1))
    ax.grid(visible=True, axis="y")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(classes), borderaxespad=0.2)
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
    for (name, curve), colour in zip(curves.items(), _CYCLE, strict=False):
        ax.plot(times, curve - np.median(curve), color=colour, label=name, linewidth=1.4)
    ax.set(xlabel="time (s)", ylabel="pixels", xlim=(times[0], times[-1]))
    ax.fill_between(
        times,
        0,
        1,
        where=~found.astype(bool),
        transform=ax.get_xaxis_transform(),
        color="#999999",
        alpha=0.3,
        linewidth=0,
    )
    ax.grid(visible=True, axis="y")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
    return fig, ax
