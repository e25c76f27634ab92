"""Figures of the voice: samples, spectrum, descriptors, pitch (thesis 4.3, 4.7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.signal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.plots.style import axes, colours, styled

_COLUMNS = 700  # of an envelope: as many as a figure has pixels, at least a pitch period each
_FLOOR = -80.0  # dB, of a spectrogram
_TOP = 8000.0  # Hz, where the descriptors' bands end
_LABELLED = 40  # rows of a heat map that have room for a name each


@styled
def waveform(
    samples: ArrayLike, sample_rate: int, *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Amplitude over time; of a long signal the envelope, which looks the same and is small.

    Args:
        samples: shape (n,), in [-1, 1].
        sample_rate: in Hz.
        ax: to draw into; None makes a figure.

    Thesis: 4.6.1. Chapter: 05_3_2_speech_experiment_2.
    """
    samples = _mono(samples)
    fig, ax = axes(ax, (7, 2.2))
    seconds = len(samples) / sample_rate
    if len(samples) <= 2 * _COLUMNS:
        ax.plot(np.arange(len(samples)) / sample_rate, samples, color="#0072B2", linewidth=1)
    else:
        starts = np.linspace(0, len(samples), _COLUMNS, endpoint=False).astype(int)
        low = np.minimum.reduceat(samples, starts)
        high = np.maximum.reduceat(samples, starts)
        ax.fill_between(starts / sample_rate, low, high, color="#0072B2", linewidth=0.4)
    peak = max(float(np.abs(samples).max()), 1e-3)
    ax.set(xlabel="time (s)", ylabel="amplitude", xlim=(0, seconds), ylim=(-peak, peak))
    return fig, ax


@styled
def spectrogram(
    samples: ArrayLike, sample_rate: int, *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Power over time and frequency, in dB below the loudest point, 0 to 8 kHz.

    Windows of 25 ms every 5 ms (Hann): short enough for the pulses of a low voice to blur into
    its harmonics, long enough for those to show.

    Args:
        samples: shape (n,).
        sample_rate: in Hz.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the signal is shorter than a window.

    Thesis: 4.3. Chapter: 05_3_2_speech_experiment_2.
    """
    samples = _mono(samples)
    size, hop = round(0.025 * sample_rate), max(1, round(0.005 * sample_rate))
    if len(samples) < size:
        raise TellsError(f"samples must last at least 25 ms; got {len(samples)} of {size} samples.")
    transform = scipy.signal.ShortTimeFFT(
        scipy.signal.windows.hann(size, sym=False), hop, sample_rate, mfft=max(1024, size)
    )
    power = transform.spectrogram(samples)
    power = power[:, -transform.p_min :][:, : transform.upper_border_begin(len(samples))[1]]
    level = 10 * np.log10(np.maximum(power, 1e-20))
    level = np.maximum(level - level.max(), _FLOOR)
    fig, ax = axes(ax, (7, 3.2))
    extent = (0, len(samples) / sample_rate, 0, sample_rate / 2000)
    image = ax.imshow(
        level, origin="lower", aspect="auto", extent=extent, cmap="magma", interpolation="bilinear"
    )
    image.set_clim(_FLOOR, 0)
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)", ylim=(0, min(_TOP, sample_rate / 2) / 1000))
    bar = fig.colorbar(image, ax=ax, pad=0.02)
    bar.set_label("level (dB)")
    bar.outline.set_visible(False)
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

    Thesis: 4.7.1, table 4.1. Chapter: 05_3_2_speech_experiment_2.
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
    image = ax.imshow(scaled.T, aspect="auto", extent=extent, cmap="RdBu_r", vmin=-3, vmax=3)
    if groups:
        spans = {name: range(k)[span] for name, span in groups.items()}
        ax.set_yticks(
            [(s[0] + s[-1]) / 2 for s in spans.values() if s], [n for n in spans if spans[n]]
        )
        for span in spans.values():
            if span and span[0] > 0:
                ax.axhline(span[0] - 0.5, color="#222222", linewidth=0.8)
    else:
        shown = range(0, k, -(-k // _LABELLED))
        ax.set_yticks(list(shown), [names[i] for i in shown], fontsize=7)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("time (s)")
    bar = fig.colorbar(image, ax=ax, pad=0.02, extend="both", aspect=30)
    bar.set_label("standard deviations from the mean")
    bar.outline.set_visible(False)
    return fig, ax


@styled
def pitch_by_emotion(
    table: pd.DataFrame,
    *,
    value: str = "value",
    label: str = "median pitch (Hz)",
    classes: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A quantity by emotion: its distribution, and each speaker's own median, joined by lines.

    Speakers differ more from each other than emotions do, so it is the slopes of the lines that
    tell whether an emotion changes a voice.

    Args:
        table: columns `emotion`, `speaker` and `value`, a row for each segment.
        value: the name of the column that is drawn.
        label: what it is, with its unit.
        classes: the emotions in their order; None takes the order in which they come.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: a column is missing.

    Thesis: 4.3. Chapter: 05_3_2_speech_experiment_2.
    """
    if missing := [name for name in ("emotion", "speaker", value) if name not in table]:
        raise TellsError(
            f"table must have the columns emotion, speaker, {value}; missing: {', '.join(missing)}."
        )
    table = table.dropna(subset=[value])
    present = set(table["emotion"])
    order = [c for c in (classes or pd.unique(table["emotion"])) if c in present]
    fig, ax = axes(ax)
    rng = np.random.default_rng(0)
    for i, (name, colour) in enumerate(zip(order, colours(order), strict=True)):
        values = table.loc[table["emotion"] == name, value].to_numpy(dtype=float)
        x = i + rng.uniform(-0.28, 0.28, len(values))
        ax.scatter(x, values, s=9, color=colour, alpha=0.35, linewidths=0, zorder=1)
        ax.boxplot(
            values,
            positions=[i],
            widths=0.62,
            showfliers=False,
            manage_ticks=False,
            boxprops={"color": colour},
            whiskerprops={"color": colour},
            capprops={"color": colour},
            medianprops={"color": colour, "linewidth": 2.5},
        )
    medians = table.pivot_table(index="speaker", columns="emotion", values=value, aggfunc="median")
    for j, (_, row) in enumerate(medians[order].iterrows()):
        ax.plot(
            range(len(order)),
            row,
            color="#222222",
            alpha=max(0.2, 0.8 - 0.04 * len(medians)),
            linewidth=1,
            marker="o",
            markersize=3.5,
            zorder=3,
            label="median of a speaker" if j == 0 else None,
        )
    ax.set_xticks(range(len(order)), [f"{c}\nn = {(table['emotion'] == c).sum():,}" for c in order])
    ax.tick_params(axis="x", length=0)
    ax.set_ylabel(label)
    ax.grid(visible=True, axis="y")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1.0), borderaxespad=0.1)
    return fig, ax


def _mono(samples: ArrayLike) -> np.ndarray:
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or len(samples) == 0 or not np.isfinite(samples).all():
        raise TellsError(
            f"samples must have shape (n,), n > 0, and be finite; got shape {samples.shape}: "
            "average the channels first."
        )
    return samples
