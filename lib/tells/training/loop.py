"""The training loop: Lightning, the thesis's optimiser, early stopping on a validation fold."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from sklearn.metrics import recall_score
from torch import Tensor, nn

from tells.errors import TellsError
from tells.training.predict import flatten_frames

if TYPE_CHECKING:
    from tells.training.fit import TrainingOptions

_MONITOR = "validation_balanced_accuracy"


class Training(lightning.LightningModule):
    """Cross-entropy, Adam, and the balanced accuracy of the validation fold after each epoch."""

    def __init__(self, network: nn.Module, options: TrainingOptions) -> None:
        super().__init__()
        self.network = network
        self.options = options
        self.loss = nn.CrossEntropyLoss()
        self.history: list[dict[str, float]] = []
        self._losses: list[float] = []
        self._seen: list[tuple[Tensor, Tensor]] = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, as in the thesis (5.2)."""
        return torch.optim.Adam(self.parameters(), lr=self.options.learning_rate)

    def on_train_start(self) -> None:
        """Do not go on where early stopping had ended the run."""
        # A run killed between its last epoch and its result has no epoch to go on with.
        stopper = self.trainer.early_stopping_callback
        self.trainer.should_stop = stopper is not None and stopper.wait_count >= stopper.patience

    def on_train_epoch_start(self) -> None:
        """Forget the losses of the epoch before."""
        self._losses = []

    def training_step(self, batch: Sequence[Tensor], _: int) -> Tensor:
        """Loss of a batch."""
        # Dropout must not depend on how often the run was stopped before this step.
        torch.manual_seed(self.options.seed * 100_003 + self.global_step)
        loss = self.loss(*self._logits(batch))
        self._losses.append(float(loss.detach()))
        return loss

    def validation_step(self, batch: Sequence[Tensor], _: int) -> None:
        """Keep the logits of a batch."""
        logits, targets = self._logits(batch)
        self._seen.append((logits.cpu(), targets.cpu()))

    def on_validation_epoch_end(self) -> None:
        """Score the validation fold, and note the epoch."""
        logits, targets = (torch.cat(parts) for parts in zip(*self._seen, strict=True))
        self._seen = []
        recall = float(recall_score(targets, logits.argmax(1), average="macro", zero_division=0))
        self.log(_MONITOR, recall)
        self._note(validation_loss=float(self.loss(logits, targets)), **{_MONITOR: recall})

    def on_train_epoch_end(self) -> None:
        """Note an epoch without a validation fold."""
        if self.trainer.early_stopping_callback is None:  # there is no validation fold
            self._note()

    def _logits(self, batch: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        x, rows, targets = batch
        return flatten_frames(self.network(x, rows), rows, targets)[:2]

    def _note(self, **validation: float) -> None:
        train_loss = float(np.mean(self._losses))
        if not np.isfinite(train_loss):
            raise TellsError("The training loss became NaN; try a smaller learning_rate.")
        epoch = {"epoch": self.current_epoch + 1, "train_loss": train_loss}
        self.history.append(epoch | validation)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The history goes with the weights."""
        checkpoint["history"] = self.history

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """And comes back with them."""
        self.history = checkpoint["history"]


def trainer(
    options: TrainingOptions, folder: Path, progress: bool, *, validated: bool
) -> lightning.Trainer:
    """What trains, the same way each time, and keeps in `folder` what it needs to go on."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what determinism costs on a GPU
    # Filling new memory with NaN would show reads of it, and cost a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False
    # After every epoch; and where there is a validation fold, of the best one.
    kept = [ModelCheckpoint(folder, "last", enable_version_counter=False)]
    if validated:
        best = {"monitor": _MONITOR, "mode": "max"}
        kept = [
            ModelCheckpoint(folder, "best", **best, enable_version_counter=False),
            EarlyStopping(**best, patience=options.patience),
            *kept,
        ]
    return lightning.Trainer(
        # Not whatever Lightning finds: Apple's GPUs have no doubles, and no determinism.
        accelerator="cuda" if torch.cuda.is_available() else "cpu",
        max_epochs=options.max_epochs,
        deterministic=True,
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=kept,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Without Lightning's advice on hardware, workers and loggers, which does not apply here."""
    log = logging.getLogger("lightning.pytorch")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            yield
    finally:
        log.setLevel(level)
