"""The networks over series: of descriptors (thesis 4.3, 5.3), and of emotions (4.5.1, 4.6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from tells.errors import TellsError

Readout = Literal["mean", "last"]


class SpeechMLP(nn.Module):
    """A multi-layer perceptron over a whole utterance of descriptors.

    Three hidden layers of 1024, 512 and 256 units with ReLU, as Tripathi et al. (2018) propose
    and the thesis repeats.

    Args:
        rows: descriptor vectors in an utterance.
        columns: descriptors in a vector.
        classes: units of the output.
        hidden: units of the hidden layers.

    Thesis: 5.3.1. Chapter: 05_3_1_speech_experiment_1.
    """

    def __init__(
        self,
        *,
        rows: int = 100,
        columns: int = 38,
        classes: int = 4,
        hidden: Sequence[int] = (1024, 512, 256),
    ) -> None:
        super().__init__()
        sizes = [rows * columns, *hidden]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        self.layers = nn.Sequential(nn.Flatten(), *layers, nn.Linear(sizes[-1], classes))

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Logits, shape (b, classes), of utterances of shape (b, rows, columns).

        `rows` is for the training loop only: a network without time cannot be told what is padding,
        which is zeros.
        """
        return self.layers(x)


class SpeechLSTM(nn.Module):
    """`LSTM_I`: two LSTM layers, then a dense layer whose 32 values are the emotional features.

    LSTM 64, dropout, LSTM 32, dropout, dense 32 (the features `EMO_s`), dense to the classes.

    The thesis needs the features at each of the 300 time steps (equation 4.4), so here the dense
    layers are applied to each step. It does not say how steps become one label, which dropout it
    uses, nor which activation the feature layer has. Chosen here: the mean of the logits over the
    steps that are not padding; 0.2; and tanh, as in the corresponding layer of the 3DCNN.

    Args:
        columns: descriptors in a vector.
        classes: units of the output.
        dropout: share of units that are dropped in training.
        readout: `mean` of the logits over time, or those of the `last` step.

    Raises:
        TellsError: `readout` is unknown, or `dropout` is not in [0, 1).

    Thesis: 4.3, 4.6.1, 5.3.2. Chapter: 05_3_2_speech_experiment_2.
    """

    def __init__(
        self,
        *,
        columns: int = 130,
        classes: int = 5,
        dropout: float = 0.2,
        readout: Readout = "mean",
    ) -> None:
        super().__init__()
        if readout not in ("mean", "last"):
            raise TellsError(f"readout must be 'mean' or 'last'; got {readout!r}.")
        self.readout = readout
        self.lstm_1 = nn.LSTM(columns, 64, batch_first=True)
        self.lstm_2 = nn.LSTM(64, 32, batch_first=True)
        self.dropout = dropout_layer(dropout)
        self.dense = nn.Linear(32, 32)
        self.output = nn.Linear(32, classes)

    def features(self, x: Tensor) -> Tensor:
        """Emotional features `EMO_s` at each step: (b, t, columns) to (b, t, 32), in [-1, 1]."""
        x = _run(self.lstm_1, x)  # (b, t, 64)
        x = _run(self.lstm_2, self.dropout(x))  # (b, t, 32)
        return torch.tanh(self.dense(self.dropout(x)))

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Logits, shape (b, classes), of windows of shape (b, t, columns).

        `rows`, shape (b,), counts the steps of each window that are not padding; None means all.
        """
        return read_out(self.output(self.features(x)), rows, self.readout)


class DetectorLSTM(nn.Module):
    """`LSTM_II`, which decides whether a series of emotional features is real.

    LSTM 32, dropout, dense 8 with ReLU, dense to the two classes. The thesis says "after dropout,
    we applied two fully connected layers" and nothing of which step they see. Chosen here: the last
    one that is not padding, where the LSTM has seen the whole clip; and a dropout of 0.2.

    Args:
        columns: emotional features at a step: 32 of one modality, 64 of both.
        classes: units of the output.
        dropout: share of units that are dropped in training.

    Raises:
        TellsError: `dropout` is not in [0, 1).

    Thesis: 4.5.1, 4.6.3, 5.5.1. Chapter: 05_5_1_audio_detection.
    """

    def __init__(self, *, columns: int = 32, classes: int = 2, dropout: float = 0.2) -> None:
        super().__init__()
        self.lstm = nn.LSTM(columns, 32, batch_first=True)
        self.dropout = dropout_layer(dropout)
        self.dense = nn.Linear(32, 8)
        self.output = nn.Linear(8, classes)

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Logits, shape (b, classes), of series of shape (b, t, columns).

        `rows`, shape (b,), counts the steps of each series that are not padding; None means all.
        """
        last = read_out(_run(self.lstm, x), rows, "last")  # (b, 32)
        return self.output(torch.relu(self.dense(self.dropout(last))))


def read_out(x: Tensor, rows: Tensor | None, how: Readout) -> Tensor:
    """Mean or last of the steps that are not padding: (b, t, units) to (b, units)."""
    n, steps = x.shape[:2]
    if rows is None:
        rows = torch.full((n,), steps, device=x.device)
    if how == "last":
        return x[torch.arange(n, device=x.device), rows - 1]
    valid = torch.arange(steps, device=x.device) < rows[:, None]  # (b, t)
    return (x * valid[..., None]).sum(dim=1) / rows[:, None]


def dropout_layer(share: float) -> nn.Dropout:
    """A dropout layer, or a TellsError if it would drop everything or less than nothing."""
    if not 0 <= share < 1:
        raise TellsError(f"dropout must lie in [0, 1); got {share}.")
    return nn.Dropout(share)


def _run(lstm: nn.LSTM, x: Tensor) -> Tensor:
    """Output of an LSTM at each step: (b, t, columns) to (b, t, units)."""
    if x.dim() != 3 or x.shape[-1] != lstm.input_size:
        raise TellsError(
            f"series must be of shape (b, t, {lstm.input_size}); got {tuple(x.shape)}."
        )
    return lstm(x)[0]
