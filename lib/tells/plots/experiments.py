"""Figures that several experiments show of their windows, networks and mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tells import media
from tells.features import FrameWindows, Windows
from tells.plots.pictures import faces
from tells.plots.pipeline import stacked_axes
from tells.plots.results import confusion_matrix
from tells.plots.signals import llds, waveform
from tells.plots.style import styled
from tells.results import Record


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

    Returns:
        The figure and its axes, shape (2,).

    Thesis: 4.3, 4.7.1. Chapter: 05_3_1_speech_experiment_1, 05_3_2_speech_experiment_2.
    """
    (file, start, _), rows = row.index[0], int(row["rows"].iloc[0])
    fig, axs = stacked_axes((1.7, 4.7))
    fig.set_layout_engine("constrained")
    begin = start.total_seconds()
    span = {} if whole_file else {"start": begin, "end": begin + windows.shape[1] / rate}
    waveform(media.audio(Path(root) / file, **span), media.SAMPLE_RATE, ax=axs[0])
    matrix = windows.read(row["window"])[0][:rows]
    llds(matrix, windows.columns, rate=rate, groups=groups, ax=axs[1])
    return fig, axs


@styled
def example_faces(
    windows: FrameWindows, part: pd.DataFrame, *, by: tuple[str, ...] = ("label",), n: int = 5
) -> tuple[Figure, np.ndarray]:
    """The middle frame of the first window of each class, with its class and its speaker.

    Args:
        windows: of faces.
        part: rows of `windows.table` to choose from.
        by: columns of which one of each value is shown.
        n: how many at most.

    Thesis: 4.7.2. Chapter: 05_4_1_video_experiment_1, 05_4_4_video_experiment_4.
    """
    shown = part.drop_duplicates(list(by)).iloc[:n]
    texts = [f"{row.label}\n{row.speaker}" for row in shown.itertuples()]
    return faces([windows.face(name) for name in shown["segment"]], texts)


@styled
def wrong_faces(windows: FrameWindows, wrong: pd.DataFrame) -> tuple[Figure, np.ndarray]:
    """Faces that a network mistook, each with its class, the predicted one and its probability.

    Args:
        windows: of faces.
        wrong: see `tells.metrics.most_confident_errors`; if it is empty, an empty figure says so.

    Thesis: none; section 5.4 shows no errors. Chapter: 05_4_1_video_experiment_1.
    """
    if wrong.empty:
        fig, axs = stacked_axes((1.0,))
        axs[0].set_axis_off()
        axs[0].text(0.5, 0.5, "no test window was misjudged", ha="center", va="center")
        return fig, axs
    texts = [
        f"{row.label}, not\n{row.predicted}\np = {row.certainty:.2f}" for row in wrong.itertuples()
    ]
    return faces([windows.face(name) for name in wrong["segment"]], texts)


@styled
def confusion_matrices(
    records: Mapping[str, Record], *, columns: int = 1
) -> tuple[Figure, np.ndarray]:
    """The confusion matrices of several records, each named beside its true classes.

    Args:
        records: by what they are called in the figure.
        columns: matrices in a row.

    Returns:
        The figure and its axes, shape (rows, columns).

    Thesis: 5.5, figures 5.1 and 5.3. Chapter: 05_4_4_video_experiment_4, 05_5_1_audio_detection.
    """
    rows = -(-len(records) // columns)
    two = all(len(record.classes) == 2 for record in records.values())
    size = (8.4, 3.8 * rows) if two and columns == 2 else (6.0 * columns, 5.0 * rows)
    fig, axs = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for ax, (title, record) in zip(axs.flat, records.items(), strict=True):
        confusion_matrix(record.confusion_matrix, record.classes, ax=ax)
        ax.set_ylabel(f"true class ({title})")
    return fig, axs


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
        ax.imshow(
            series.T, aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none",
            extent=extent,
        )  # fmt: skip
        ax.set(ylabel=f"{row.label}: feature")
    axs[-1].set(xlabel="time (s)")
    return fig, axs
