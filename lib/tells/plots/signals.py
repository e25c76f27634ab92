"""Figures of the voice: samples, frames, spectra, descriptors, pitch (thesis 4.3, 4.7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.signal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tells import media
from tells.errors import TellsError
from tells.features import Windows
from tells.plots.series import llds
from tells.plots.style import (
    CYCLE,
    INK,
    axes,
    check_columns,
    colour_bar,
    colours,
    legend_above,
    stacked_axes,
    styled,
)

_COLUMNS = 700  # of an envelope: as many as a figure has pixels, at least a pitch period each
_LOWEST = -80.0  # dB, of a spectrogram
_FLOOR = -70.0  # dB, of a spectrum
_TOP = 8000.0  # Hz, where the descriptors' bands end
_FRAME, _HOP = 0.020, 0.010  # s, of the descriptors' frames


@styled
def waveform(
    samples: ArrayLike, sample_rate: int, *, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Amplitude over time; of a long signal the envelope, which looks the same and is small.

    Args:
        samples: shape (n,), in [-1, 1].
        sample_rate: in Hz.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the samples are none, not finite, or of several channels.

    Thesis: 4.6.1. Chapter: 04_1_speech_pipeline.
    """
    samples = _mono(samples)
    fig, ax = axes(ax, (7, 2.2))
    if len(samples) <= 2 * _COLUMNS:
        ax.plot(np.arange(len(samples)) / sample_rate, samples, color="#0072B2", linewidth=1)
    else:
        starts = np.linspace(0, len(samples), _COLUMNS, endpoint=False).astype(int)
        low = np.minimum.reduceat(samples, starts)
        high = np.maximum.reduceat(samples, starts)
        ax.fill_between(starts / sample_rate, low, high, color="#0072B2", linewidth=0.4)
    peak = max(float(np.abs(samples).max()), 1e-3)
    ax.set(xlabel="time (s)", ylabel="amplitude", ylim=(-peak, peak))
    ax.set_xlim(0, len(samples) / sample_rate)
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
        TellsError: as `waveform`, or the signal is shorter than a window.

    Thesis: 4.3. Chapter: 04_1_speech_pipeline.
    """
    samples = _mono(samples)
    size, hop = round(0.025 * sample_rate), max(1, round(0.005 * sample_rate))
    if len(samples) < size:
        raise TellsError(f"samples must last at least 25 ms; got {len(samples)} of {size} samples.")
    taper = scipy.signal.windows.hann(size, sym=False)
    transform = scipy.signal.ShortTimeFFT(taper, hop, sample_rate, mfft=max(1024, size))
    power = transform.spectrogram(samples)
    power = power[:, -transform.p_min :][:, : transform.upper_border_begin(len(samples))[1]]
    level = 10 * np.log10(np.maximum(power, 1e-20))
    level = np.maximum(level - level.max(), _LOWEST)
    fig, ax = axes(ax, (7, 3.2))
    extent = (0, len(samples) / sample_rate, 0, sample_rate / 2000)
    style = {"cmap": "magma", "vmin": _LOWEST, "vmax": 0, "interpolation": "bilinear"}
    image = ax.imshow(level, origin="lower", aspect="auto", extent=extent, **style)
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)", ylim=(0, min(_TOP, sample_rate / 2) / 1000))
    colour_bar(image, "level (dB)", pad=0.02)
    return fig, ax


@styled
def analysis_frames(
    samples: ArrayLike, sample_rate: int, *, start: float = 0.0, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """A short piece of sound, and the Hamming tapers of the frames of 20 ms that are cut out of it.

    Args:
        samples: shape (n,), at most a few frames long, or nothing can be told apart.
        sample_rate: in Hz.
        start: when the piece begins, in s.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: the piece is shorter than a frame.

    Thesis: 4.3, 4.6.1. Chapter: 04_1_speech_pipeline.
    """
    samples = np.asarray(samples, dtype=float)
    seconds = len(samples) / sample_rate
    if seconds < _FRAME - 1e-9:
        raise TellsError(f"samples must last at least a frame, {_FRAME:g} s; got {seconds:g} s.")
    fig, ax = axes(ax, (7, 2.6))
    peak = max(float(np.abs(samples).max()), 1e-3)
    taper = scipy.signal.windows.hamming(round(_FRAME * sample_rate))
    for i in range(int((seconds - _FRAME) / _HOP + 1e-6) + 1):
        time = 1000 * (start + i * _HOP + np.arange(len(taper)) / sample_rate)
        colour = CYCLE[i % len(CYCLE)]
        ax.fill_between(time, peak * taper, color=colour, alpha=0.12, linewidth=0)
        ax.plot(time, peak * taper, color=colour, linewidth=1.2)
    time = 1000 * (start + np.arange(len(samples)) / sample_rate)
    ax.plot(time, samples, color=INK, linewidth=1)
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

    Thesis: 4.3. Chapter: 02_4_signals, 04_1_speech_pipeline.
    """
    fig, ax = axes(ax, (7, 2.8))
    for (name, samples), colour in zip(frames.items(), CYCLE, strict=False):
        samples = np.asarray(samples, dtype=float)
        power = np.abs(np.fft.rfft(samples, n=max(4096, len(samples)))) ** 2
        level = 10 * np.log10(np.maximum(power / max(power.max(), 1e-20), 10 ** (_FLOOR / 10)))
        frequency = np.linspace(0, sample_rate / 2000, len(level))
        ax.plot(frequency, level, color=colour, label=name, linewidth=1.3)
    ax.set(xlabel="frequency (kHz)", ylabel="level (dB)", xlim=(0, 4), ylim=(_FLOOR, 3))
    ax.grid(visible=True)
    legend_above(ax)
    return fig, ax


@styled
def speech_window(
    root: str | Path,
    windows: Windows,
    row: pd.DataFrame,
    *,
    rate: float = 100.0,
    groups: Mapping[str, slice] | None = None,
    whole_file: bool = False,
) -> tuple[Figure, np.ndarray]:
    """The waveform of a window above its descriptors, each relative to its own mean.

    Args:
        root: the folder of the corpus.
        windows: all windows.
        row: the one row of `windows.table` that is drawn.
        rate: vectors a second.
        groups: of descriptors; see `llds`.
        whole_file: draw the waveform of the whole file, not of the window alone.

    Thesis: 4.3, 4.7.1. Chapter: 05_3_1_speech_experiment_1, 05_3_2_speech_experiment_2.
    """
    (file, start, _), rows = row.index[0], int(row["rows"].iloc[0])
    fig, axs = stacked_axes((1.7, 4.7))
    begin = start.total_seconds()
    span = {} if whole_file else {"start": begin, "end": begin + windows.shape[1] / rate}
    waveform(media.audio(Path(root) / file, **span), media.SAMPLE_RATE, ax=axs[0])
    matrix = windows.read(row["window"])[0][:rows]
    llds(matrix, windows.columns, rate=rate, groups=groups, ax=axs[1])
    return fig, axs


@styled
def pitch_by_emotion(
    table: pd.DataFrame,
    *,
    classes: Sequence[str],
    value: str = "value",
    label: str = "median pitch (Hz)",
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """A quantity by emotion: its distribution, and each speaker's own median, joined by lines.

    Speakers differ more from each other than emotions do, so it is the slopes of the lines that
    tell whether an emotion changes a voice.

    Args:
        table: columns `emotion`, `speaker` and `value`, a row for each segment.
        classes: the emotions in their order; those that do not occur are left out.
        value: the name of the column that is drawn.
        label: what it is, with its unit.
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: a column is missing.

    Thesis: 4.3. Chapter: understudy.
    """
    needed = ("emotion", "speaker", value)
    check_columns(table, needed, f"table must have the columns {', '.join(needed)}")
    table = table.dropna(subset=[value])
    n = table["emotion"].value_counts()
    order = [name for name in classes if name in n]
    fig, ax = axes(ax)
    rng = np.random.default_rng(0)
    for i, (name, colour) in enumerate(zip(order, colours(order), strict=True)):
        values = table.loc[table["emotion"] == name, value].to_numpy(dtype=float)
        x = i + rng.uniform(-0.28, 0.28, len(values))
        ax.scatter(x, values, s=9, color=colour, alpha=0.35, linewidths=0, zorder=1)
        lines = {f"{part}props": {"color": colour} for part in ("box", "whisker", "cap")}
        lines["medianprops"] = {"color": colour, "linewidth": 2.5}
        place = {"positions": [i], "widths": 0.62, "manage_ticks": False}
        ax.boxplot(values, showfliers=False, **place, **lines)
    medians = table.pivot_table(index="speaker", columns="emotion", values=value, aggfunc="median")
    style = {"color": INK, "linewidth": 1, "marker": "o", "markersize": 3.5, "zorder": 3}
    style["alpha"] = max(0.2, 0.8 - 0.04 * len(medians))
    for line in ax.plot(range(len(order)), medians[order].T, **style)[:1]:
        line.set_label("median of a speaker")
    ax.set_xticks(range(len(order)), [f"{name}\nn = {n[name]:,}" for name in order])
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
