"""The networks that listen (thesis 4.3, 4.6.1, 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from tells.errors import TellsError
from tells.models._shapes import check_series

Readout = Literal["mean", "last"]


class SpeechMLP(nn.Module):
    """A multi-layer perceptron over a whole utterance of descriptors (thesis 5.3.1).

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

        `rows` is accepted for the sake of one training loop: rows past an utterance's end are
        zeros, which is all that a network without time can be told about them.
        """
        return self.layers(x)


class SpeechLSTM(nn.Module):
    """`LSTM_I`: two LSTM layers, then a dense layer whose 32 values are the emotional features.

    LSTM 64, dropout, LSTM 32, dropout, dense 32 (the features `EMO_s`), dense to the classes.

    The thesis needs the features at each of the 300 time steps (equation 4.4), so here the dense
    layers are applied to each step. It does not say how steps become one label, which dropout it
    uses, nor which activation the feature layer has. Chosen here: the mean of the logits over the
    steps that are not padding; 0.2; and tanh, the activation of the corresponding layer of the
    3DCNN.

    Args:
        columns: descriptors in a vector.
        classes: units of the output.
        dropout: share of units that are dropped in training.
        readout: `mean` of the logits over time, or those of the `last` step.

    Raises:
        TellsError: `readout` or `dropout` is not as above.

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
        if not 0 <= dropout < 1:
            raise TellsError(f"dropout must lie in [0, 1); got {dropout}.")
        self.readout = readout
        self.lstm_1 = nn.LSTM(columns, 64, batch_first=True)
        self.lstm_2 = nn.LSTM(64, 32, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(32, 32)
        self.output = nn.Linear(32, classes)

    def features(self, x: Tensor) -> Tensor:
        """Emotional features `EMO_s` at each step: (b, t, columns) to (b, t, 32), in [-1, 1]."""
        check_series(x, self.lstm_1.input_size)
        x, _ = self.lstm_1(x)  # (b, t, 64)
        x, _ = self.lstm_2(self.dropout(x))  # (b, t, 32)
        return torch.tanh(self.dense(self.dropout(x)))

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Logits, shape (b, classes), of windows of shape (b, t, columns).

        `rows`, shape (b,), counts the steps of each window that are not padding; None means all.
        """
        logits = self.output(self.features(x))  # (b, t, classes)
        steps = logits.shape[1]
        if rows is None:
            rows = torch.full((len(x),), steps, device=x.device)
        if self.readout == "last":
            return logits[torch.arange(len(x), device=x.device), rows - 1]
        valid = torch.arange(steps, device=x.device) < rows[:, None]  # (b, t)
        return (logits * valid[..., None]).sum(dim=1) / rows[:, None]
