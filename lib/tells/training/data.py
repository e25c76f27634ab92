"""Windows on disk as what a network eats: scaled, filled, balanced, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from tells.errors import TellsError
from tells.features import FrameWindows, Windows

_BLOCK = 256  # windows read at once when statistics are taken


@dataclass(frozen=True)
class Scaler:
    """Scales each feature so that its training values span [-1, 1] (thesis 5.2).

    Values outside the training range stay outside. A feature that is constant in training becomes
    0. (The thesis says "each signal" is normalised; its section 5.3.3 says the features.)

    Attributes:
        minimum: shape (columns,), float32.
        maximum: shape (columns,), float32.

    Thesis: 5.2, 5.3.3. Chapter: 05_3_3_speech_experiment_3.
    """

    minimum: np.ndarray
    maximum: np.ndarray

    @classmethod
    def fit(cls, windows: Windows, train: np.ndarray) -> Scaler:
        """Minimum and maximum over the windows whose numbers are in `train`, read in blocks."""
        low = np.full(len(windows.columns), np.inf, dtype=np.float32)
        high = -low
        for first in range(0, len(train), _BLOCK):
            block = windows.read(train[first : first + _BLOCK])
            low = np.fmin(low, np.fmin.reduce(block, axis=(0, 1)))  # fmin: NaN is padding
            high = np.fmax(high, np.fmax.reduce(block, axis=(0, 1)))
        return cls(low, high)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Scale features of shape (..., columns)."""
        span = self.maximum - self.minimum
        varies = span > 0
        scaled = x - self.minimum
        scaled *= np.divide(2, span, out=np.zeros_like(span), where=varies)
        scaled -= varies  # from [0, 2] to [-1, 1]; a constant is 0 already, and padding stays NaN
        return scaled


class WindowDataset(Dataset):
    """Those of the windows that are in `numbers`, read from disk batch by batch."""

    def __init__(
        self,
        windows: Windows | FrameWindows,
        numbers: np.ndarray,
        classes: Sequence[str],
        scaler: Scaler | None,
    ) -> None:
        labels = windows.table["label"].to_numpy()[numbers]
        unknown = sorted({str(label) for label in labels} - set(classes))
        if unknown:
            raise TellsError(
                f"labels must be among {', '.join(classes)}; got {', '.join(unknown)}."
            )
        self.windows = windows
        self.numbers = numbers
        self.scaler = scaler
        self.targets = np.array([list(classes).index(label) for label in labels])
        self.rows = windows.table["rows"].to_numpy()[numbers]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitems__(self, items: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        """A batch: inputs (b, ...) with padding as 0, valid rows (b,), targets (b,)."""
        x = self.windows.read(self.numbers[items])
        if self.scaler is not None:
            x = self.scaler(x)
        rows = self.rows[items]
        if isinstance(self.windows, Windows):  # frames come with their padding
            for window, n in zip(x, rows, strict=True):
                window[n:] = 0
        return (
            torch.from_numpy(x),
            torch.from_numpy(rows).clamp(min=1),
            torch.from_numpy(self.targets[items]),
        )

    def loader(self, batch_size: int, sampler: Sampler | None = None) -> DataLoader:
        """Batches in order, or in the order of a sampler."""
        return DataLoader(self, batch_size, sampler=sampler, collate_fn=lambda batch: batch)


def oversample(targets: np.ndarray, generator: torch.Generator | None = None) -> np.ndarray:
    """Numbers of samples such that each class is there equally often, by repeating the rarer ones.

    Every sample of a class is repeated as often as fits; the remainder is drawn without repetition.

    Args:
        targets: shape (n,), the class of each sample.
        generator: draws the remainders; None takes the first ones.

    Returns:
        Numbers of samples, class by class; n_classes times the largest class's size.

    Thesis: 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    counts = np.bincount(targets)
    chosen = []
    for label in np.flatnonzero(counts):
        members = np.flatnonzero(targets == label)
        repeats, rest = divmod(counts.max(), len(members))
        order = np.arange(len(members))
        if generator is not None:
            order = torch.randperm(len(members), generator=generator).numpy()
        chosen.append(np.concatenate([np.tile(members, repeats), members[order[:rest]]]))
    return np.concatenate(chosen)


class EpochSampler(Sampler[int]):
    """A shuffled epoch whose order depends on the seed and its number alone, resumed or not."""

    def __init__(self, targets: np.ndarray, *, balanced: bool, seed: int) -> None:
        self.targets = targets
        self.balanced = balanced
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        counts = np.bincount(self.targets)
        return int(counts.max() * (counts > 0).sum()) if self.balanced else len(self.targets)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        numbers = np.arange(len(self.targets))
        if self.balanced:
            numbers = oversample(self.targets, generator)
        order = torch.randperm(len(numbers), generator=generator).numpy()
        return iter(numbers[order].tolist())
