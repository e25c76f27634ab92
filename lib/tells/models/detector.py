"""The network that decides whether a series of emotions is real (thesis 4.5.1, 4.6.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tells.errors import TellsError
from tells.models._shapes import check_series


class DetectorLSTM(nn.Module):
    """`LSTM_II`: one LSTM layer over emotional features, dropout, and two dense layers.

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
        if not 0 <= dropout < 1:
            raise TellsError(f"dropout must lie in [0, 1); got {dropout}.")
        self.lstm = nn.LSTM(columns, 32, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(32, 8)
        self.output = nn.Linear(8, classes)

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Logits, shape (b, classes), of series of shape (b, t, columns).

        `rows`, shape (b,), counts the steps of each series that are not padding; None means all.
        """
        check_series(x, self.lstm.input_size)
        x, _ = self.lstm(x)  # (b, t, 32)
        if rows is None:
            rows = torch.full((len(x),), x.shape[1], device=x.device)
        last = x[torch.arange(len(x), device=x.device), rows - 1]  # (b, 32)
        return self.output(torch.relu(self.dense(self.dropout(last))))
