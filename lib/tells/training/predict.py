"""Apply a trained network to windows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from tells.errors import TellsError
from tells.features import FrameWindows, Windows
from tells.training.checkpoint import Checkpoint
from tells.training.data import WindowDataset


def predict(
    checkpoint: Checkpoint,
    windows: Windows | FrameWindows,
    part: pd.DataFrame,
    *,
    batch_size: int = 64,
    group: str = "speaker",
) -> pd.DataFrame:
    """Scores of some windows: one row each, as `tells.metrics` takes them.

    A network that labels each frame gives one row for each frame that is not padding, named
    `<segment>@<frame>`.

    Args:
        checkpoint: a trained network.
        windows: all windows.
        part: the rows of `windows.table` to score, for example the test fold.
        batch_size: windows at a time.
        group: column of what must not be taken for independent: the speaker, or a fake's source.

    Returns:
        Columns `segment`, `file`, `utterance`, `group`, `label`, and `p_<class>`,
        the probability of each class. A cluster of several utterances counts as an utterance.

    Raises:
        TellsError: there is nothing to score, or the network takes other features than the windows
            hold.

    Chapter: 05_3_1_speech_experiment_1.
    """
    if len(part) == 0:
        raise TellsError("part holds no windows; there is nothing to score.")
    if isinstance(windows, FrameWindows):
        if "columns" in checkpoint.arguments or checkpoint.scaler is not None:
            raise TellsError(f"windows must hold series for a {checkpoint.model}; got faces.")
    else:
        held = len(windows.columns)
        if (columns := checkpoint.arguments.get("columns", held)) != held:
            raise TellsError(f"The network takes {columns} descriptors; the windows hold {held}.")
    data = WindowDataset(windows, part["window"].to_numpy(), checkpoint.classes, checkpoint.scaler)
    network = checkpoint.build()
    with torch.inference_mode(), one_thread():
        parts, counts = [], []
        for x, rows, targets in data.loader(batch_size):
            logits, _, frames = flatten_frames(network(x, rows), rows, targets)
            parts.append(logits.double().softmax(1))
            counts.append(frames)
    probabilities = torch.cat(parts).numpy()
    segment = part["segment"].to_numpy()
    if len(probabilities) != len(part):
        frames = torch.cat(counts).tolist()
        segment = [f"{name}@{i}" for name, n in zip(segment, frames, strict=True) for i in range(n)]
        part = part.iloc[np.repeat(np.arange(len(part)), frames)]
    utterance = part["segment"] if "piece" in part else part["utterance"]
    return pd.DataFrame(
        {
            "segment": segment,
            "file": part.index.get_level_values("file"),
            "utterance": utterance.to_numpy(),
            "group": part[group].to_numpy(),
            "label": part["label"].to_numpy(),
            **{f"p_{name}": probabilities[:, i] for i, name in enumerate(checkpoint.classes)},
        }
    )


def flatten_frames(logits: Tensor, rows: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (n, classes) and targets (n,) of what is scored, and how many of it each window has.

    Windows as they are, of logits (b, classes); or of logits (b, t, classes) their frames, the
    first `rows` of each.
    """
    if logits.ndim == 2:
        return logits, targets, torch.ones_like(rows)
    valid = torch.arange(logits.shape[1], device=rows.device) < rows[:, None]  # (b, t)
    return logits[valid], targets.repeat_interleave(rows), rows


@contextmanager
def one_thread() -> Iterator[None]:
    """Work on one CPU thread.

    Networks of this size gain little from a second one, and lose tenfold where a core is busy with
    something else; and sums whose order depends on the number of cores differ.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
