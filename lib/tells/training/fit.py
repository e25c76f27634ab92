"""The training loop: Lightning, the thesis's optimiser, early stopping on a validation fold."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import lightning
import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from sklearn.metrics import recall_score
from torch import Tensor, nn

from tells import models
from tells.errors import TellsError
from tells.store import FrameWindows, Windows
from tells.store.features import disk_full_is_said
from tells.training.checkpoint import Checkpoint
from tells.training.data import EpochSampler, Scaler, WindowDataset
from tells.training.predict import by_frame, one_thread

_MONITOR = "validation_balanced_accuracy"


class TrainingOptions(NamedTuple):
    """How a network is trained. The thesis gives the optimiser (Adam) and the learning rates."""

    learning_rate: float = 3e-4  # speech; 2e-4 video, 4e-4 LSTM_II (thesis 5.2)
    batch_size: int = 32  # windows; the thesis is silent
    max_epochs: int = 100  # the thesis is silent
    patience: int = 15  # epochs without a better validation fold before it stops
    balanced: bool = True  # repeat samples of rarer classes (thesis 5.2)
    scaled: bool = True  # features to [-1, 1] (thesis 5.2; not in experiments I and II)
    seed: int = 0

    def check(self) -> None:
        """Raise a TellsError if a value is out of its range."""
        for name, low in (("batch_size", 1), ("max_epochs", 1), ("patience", 1), ("seed", 0)):
            if getattr(self, name) < low:
                raise TellsError(f"{name} must be {low} or more; got {getattr(self, name)}.")
        if not 0 < self.learning_rate < 1:
            raise TellsError(f"learning_rate must lie in (0, 1); got {self.learning_rate}.")


class _Training(lightning.LightningModule):
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
        return torch.optim.Adam(self.parameters(), lr=self.options.learning_rate)

    def on_train_start(self) -> None:
        # A run killed between its last epoch and its result has no epoch to go on with.
        stopper = self.trainer.early_stopping_callback
        self.trainer.should_stop = stopper is not None and stopper.wait_count >= stopper.patience

    def on_train_epoch_start(self) -> None:
        self._losses = []

    def training_step(self, batch: Sequence[Tensor], _: int) -> Tensor:
        # Dropout must not depend on how often the run was stopped before this step.
        torch.manual_seed(self.options.seed * 100_003 + self.global_step)
        x, rows, targets = batch
        logits, targets, _ = by_frame(self.network(x, rows), rows, targets)
        loss = self.loss(logits, targets)
        self._losses.append(float(loss.detach()))
        return loss

    def validation_step(self, batch: Sequence[Tensor], _: int) -> None:
        x, rows, targets = batch
        logits, targets, _ = by_frame(self.network(x, rows), rows, targets)
        self._seen.append((logits.cpu(), targets.cpu()))

    def on_validation_epoch_end(self) -> None:
        logits, targets = (torch.cat(parts) for parts in zip(*self._seen, strict=True))
        self._seen = []
        recall = recall_score(targets, logits.argmax(1), average="macro", zero_division=0)
        self.log(_MONITOR, float(recall))
        self.history.append(
            self._trained()
            | {"validation_loss": float(self.loss(logits, targets)), _MONITOR: float(recall)}
        )

    def on_train_epoch_end(self) -> None:
        if self.trainer.early_stopping_callback is None:  # there is no validation fold
            self.history.append(self._trained())

    def _trained(self) -> dict[str, float]:
        train_loss = float(np.mean(self._losses))
        if not np.isfinite(train_loss):
            raise TellsError("The training loss became NaN; try a smaller learning_rate.")
        return {"epoch": self.current_epoch + 1, "train_loss": train_loss}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["history"] = self.history

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.history = checkpoint["history"]


def fit(
    model: str,
    arguments: Mapping[str, Any],
    windows: Windows | FrameWindows,
    split: Mapping[str, pd.DataFrame],
    classes: Sequence[str],
    folder: str | Path,
    *,
    features: str,
    data: str = "",
    options: TrainingOptions | None = None,
    start: Checkpoint | None = None,
    progress: bool = False,
) -> Checkpoint:
    """Train a network; keep the epoch that is best on the validation fold.

    Of the split, only `train` and `validation` are read, never `test`. Where `validation` is
    absent, all `max_epochs` are trained and the last is kept: so a network can be trained once more
    on all that may be used, for as many epochs as a run with a validation fold has chosen. Stopped
    and started again with the same arguments, it goes on after the last whole epoch and ends with
    the same weights as an uninterrupted run.

    Args:
        model: a key of `tells.models.MODELS`.
        arguments: what the network is built with.
        windows: all windows, of descriptors or of frames; those of other folds are not touched.
        split: rows of `windows.table`, as `tells.corpora.folds.split` divides it.
        classes: labels in the order of the output.
        folder: where the epochs of an unfinished run are kept; removed at the end.
        features: name of the descriptors, for the checkpoint.
        data: what the corpus is called, for the checkpoint.
        options: how to train.
        start: a trained network of the same kind whose weights this one begins with; an output of
            other classes begins anew.
        progress: show a bar.

    Returns:
        The trained network with its scaler and its history.

    Raises:
        TellsError: the model is unknown, an option is out of range, a fold is empty, frames are to
            be scaled as descriptors are, `start` is of another kind or shape, the disk is full, or
            the loss became NaN.

    Thesis: 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    options = options or TrainingOptions()
    options.check()
    if model not in models.MODELS:
        raise TellsError(f"model must be one of {', '.join(models.MODELS)}; got {model!r}.")
    if options.scaled and isinstance(windows, FrameWindows):
        raise TellsError("scaled must be False for frames: their scale is fixed (tells.maps).")
    split = {name: split[name] for name in ("train", "validation") if name in split}
    for name, part in split.items():
        if len(part) == 0:
            raise TellsError(f"The {name} fold holds no windows; choose other folds.")
    what = [model, dict(arguments), features, list(classes), options]
    folder = Path(folder) / _fingerprint(what, split, start)
    numbers = {name: part["window"].to_numpy() for name, part in split.items()}
    scaler = Scaler.fit(windows, numbers["train"]) if options.scaled else None
    torch.manual_seed(options.seed)
    training = _Training(models.MODELS[model](**arguments), options)
    if start is not None:
        start.hand_over(training.network)
    train = WindowDataset(windows, numbers["train"], classes, scaler)
    validation = None
    if "validation" in split:
        validation = WindowDataset(windows, numbers["validation"], classes, scaler).loader(
            options.batch_size
        )
    sampler = EpochSampler(train.targets, balanced=options.balanced, seed=options.seed)
    with disk_full_is_said(str(folder)), _quiet(), one_thread():
        trainer = _trainer(options, folder, progress, validated=validation is not None)
        trainer.fit(
            training,
            train.loader(options.batch_size, sampler),
            validation,
            ckpt_path=_last_epoch(folder),
            weights_only=True,
        )
        kept = "best.ckpt" if validation is not None else "last.ckpt"
        best = torch.load(folder / kept, "cpu", weights_only=True)
    shutil.rmtree(folder)
    prefix = "network."
    weights = {
        name.removeprefix(prefix): value.numpy()
        for name, value in best["state_dict"].items()
        if name.startswith(prefix)
    }
    return Checkpoint(
        model=model,
        arguments=dict(arguments),
        weights=weights,
        classes=tuple(classes),
        features=features,
        data=data,
        scaler=scaler,
        history=training.history,
        best_epoch=int(best["epoch"]) + 1,
        about={**_inputs(windows), "options": options._asdict()},
    )


def _inputs(windows: Windows | FrameWindows) -> dict[str, str]:
    """Of frames, what the network saw of them: whoever applies it needs the same optical flow."""
    return {"inputs": windows.inputs} if isinstance(windows, FrameWindows) else {}


def _trainer(
    options: TrainingOptions, folder: Path, progress: bool, *, validated: bool
) -> lightning.Trainer:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what determinism costs on a GPU
    # Filling new memory with NaN would show reads of it, and cost a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False
    return lightning.Trainer(
        max_epochs=options.max_epochs,
        deterministic=True,
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=[
            *(_choosing(options, folder) if validated else ()),
            ModelCheckpoint(folder, "last", enable_version_counter=False),  # after every epoch
        ],
    )


def _choosing(options: TrainingOptions, folder: Path) -> list[lightning.Callback]:
    """What keeps the best epoch, and stops when no better one comes."""
    return [
        ModelCheckpoint(folder, "best", monitor=_MONITOR, mode="max", enable_version_counter=False),
        EarlyStopping(_MONITOR, patience=options.patience, mode="max"),
    ]


def _last_epoch(folder: Path) -> Path | None:
    """Where an unfinished run goes on; None if there is none, or what it left cannot be read."""
    last = folder / "last.ckpt"
    if not last.exists():
        return None
    try:
        torch.load(last, "cpu", weights_only=True)
    except (EOFError, RuntimeError, UnpicklingError):
        shutil.rmtree(folder)
        return None
    return last


@contextmanager
def _quiet() -> Iterator[None]:
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


def _fingerprint(
    what: list[Any], split: Mapping[str, pd.DataFrame], start: Checkpoint | None
) -> str:
    """Name of an unfinished run: what it computes, so that only the same run goes on with it."""
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode())
    for name, part in split.items():
        digest.update(f"{name}\n{part.to_csv()}".encode())
    for name, weights in sorted(start.weights.items()) if start else ():
        digest.update(name.encode() + weights.tobytes())
    for source in sorted(Path(__file__).parents[1].glob("**/*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
