"""Apply a trained network to windows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import torch

from tells.errors import TellsError
from tells.store import Windows
from tells.training.checkpoint import Checkpoint
from tells.training.data import WindowDataset


def predict(
    checkpoint: Checkpoint, windows: Windows, part: pd.DataFrame, *, batch_size: int = 64
) -> pd.DataFrame:
    """Scores of some windows: one row each, as `tells.evaluation` takes them.

    Args:
        checkpoint: a trained network.
        windows: all windows.
        part: the rows of `windows.table` to score, for example the test fold.
        batch_size: windows at a time.

    Returns:
        Columns `segment`, `file`, `utterance`, `group` (the speaker), `label`, and `p_<class>`,
        the probability of each class. A cluster of several utterances counts as an utterance.

    Raises:
        TellsError: there is nothing to score, or the network takes other features than the windows
            hold.

    Chapter: 05_3_1_speech_experiment_1.
    """
    if len(part) == 0:
        raise TellsError("part holds no windows; there is nothing to score.")
    columns = checkpoint.arguments.get("columns", len(windows.columns))
    if columns != len(windows.columns):
        raise TellsError(
            f"The network takes {columns} descriptors; the windows hold {len(windows.columns)}."
        )
    data = WindowDataset(windows, part["window"].to_numpy(), checkpoint.classes, checkpoint.scaler)
    network = checkpoint.build()
    with torch.inference_mode(), one_thread():
        parts = [network(x, rows).double().softmax(1) for x, rows, _ in data.loader(batch_size)]
    probabilities = torch.cat(parts).numpy()
    utterance = part["segment"] if "piece" in part else part["utterance"]
    return pd.DataFrame(
        {
            "segment": part["segment"].to_numpy(),
            "file": part.index.get_level_values("file"),
            "utterance": utterance.to_numpy(),
            "group": part["speaker"].to_numpy(),
            "label": part["label"].to_numpy(),
            **{f"p_{name}": probabilities[:, i] for i, name in enumerate(checkpoint.classes)},
        }
    )


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
