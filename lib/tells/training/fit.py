"""A network is trained on some folds, and its best epoch on a validation fold is kept."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from filelock import FileLock

from tells import models
from tells.errors import TellsError
from tells.features import FrameWindows, Windows
from tells.files import explain_os_errors
from tells.provenance import code_digest
from tells.training.checkpoint import Checkpoint
from tells.training.data import EpochSampler, Scaler, WindowDataset
from tells.training.predict import one_thread


class TrainingOptions(NamedTuple):
    """How a network is trained. The thesis gives the optimiser (Adam) and the learning rates."""

    learning_rate: float = 3e-4  # speech; 2e-4 video, 4e-4 LSTM_II (thesis 5.2)
    batch_size: int = 32  # windows; the thesis is silent
    max_epochs: int = 100  # the thesis is silent
    patience: int = 15  # epochs without a better validation fold before it stops
    balanced: bool = True  # repeat samples of rarer classes (thesis 5.2)
    normalise: bool = True  # features to [-1, 1] (thesis 5.2; not in experiments I and II)
    seed: int = 0

    def check(self) -> None:
        """Raise a TellsError if a value is out of its range."""
        for name, low in (("batch_size", 1), ("max_epochs", 1), ("patience", 1), ("seed", 0)):
            if getattr(self, name) < low:
                raise TellsError(f"{name} must be {low} or more; got {getattr(self, name)}.")
        if not 0 < self.learning_rate < 1:
            raise TellsError(f"learning_rate must lie in (0, 1); got {self.learning_rate}.")


def fit(
    model: str,
    arguments: Mapping[str, Any],
    windows: Windows | FrameWindows,
    split: Mapping[str, pd.DataFrame],
    classes: Sequence[str],
    path: str | Path,
    *,
    data: str = "",
    options: TrainingOptions | None = None,
    pretrained: Checkpoint | None = None,
    progress: bool = False,
) -> Checkpoint:
    """Train a network; keep the epoch that is best on the validation fold.

    Of the split, only `train` and `validation` are read, never `test`. Where `validation` is
    absent, all `max_epochs` are trained and the last is kept: so a network can be trained once more
    on all that may be used, for as many epochs as a run with a validation fold has chosen.

    Stopped and started again with the same arguments, it goes on after the last whole epoch and
    ends with the same weights as an uninterrupted run. What the same code has trained from the same
    inputs before is found at `path` and not trained again.

    Args:
        model: a key of `tells.models.MODELS`.
        arguments: what the network is built with.
        windows: all windows, of descriptors or of frames; those of other folds are not touched.
        split: rows of `windows.table`, as `tells.corpora.splits.split` divides it.
        classes: labels in the order of the output.
        path: of the trained network, as for `Checkpoint.save`; until the end, a folder beside it
            keeps the epochs.
        data: what the corpus is called, for the checkpoint.
        options: how to train.
        pretrained: a trained network of the same kind whose weights this one begins with; an output
            of other classes begins anew.
        progress: show a bar.

    Returns:
        The trained network with its scaler and its history.

    Raises:
        TellsError: the model is unknown, an option is out of range, a fold is empty, frames are to
            be scaled as descriptors are, `pretrained` is of another kind or shape, the disk is
            full, or the loss became NaN.

    Thesis: 5.2. Chapter: 05_3_2_speech_experiment_2.
    """
    options = options or TrainingOptions()
    options.check()
    if model not in models.MODELS:
        raise TellsError(f"model must be one of {', '.join(models.MODELS)}; got {model!r}.")
    shown = isinstance(windows, FrameWindows)
    if options.normalise and shown:
        raise TellsError(
            "normalise must be False for frames: their scale is fixed (tells.features.maps)."
        )
    split = {name: split[name] for name in ("train", "validation") if name in split}
    for name, part in split.items():
        if len(part) == 0:
            raise TellsError(f"The {name} fold holds no windows; choose other folds.")
    path, arguments = Path(path), dict(arguments)
    # Whoever applies a network to frames needs the optical flow that it was trained on.
    inputs = {"inputs": windows.inputs} if shown else {}
    what = [model, arguments, windows.features, data, list(classes), options, inputs]
    fingerprint = _fingerprint(what, windows.path, split, pretrained)
    if (found := _trained_before(path, fingerprint)) is not None:
        return found
    # Here, because Lightning takes seconds to import, and most chapters train nothing.
    from tells.training import loop

    numbers = {name: part["window"].to_numpy() for name, part in split.items()}
    scaler = Scaler.fit(windows, numbers["train"]) if options.normalise else None
    torch.manual_seed(options.seed)
    training = loop.Training(models.MODELS[model](**arguments), options)
    if pretrained is not None:
        pretrained.transfer_weights(training.network)
    sets = {name: WindowDataset(windows, of, classes, scaler) for name, of in numbers.items()}
    train, validation = sets["train"], sets.get("validation")
    sampler = EpochSampler(train.targets, balanced=options.balanced, seed=options.seed)
    folder = path.with_name(f".{path.name}.epochs") / fingerprint
    alone = FileLock(folder.with_suffix(".lock"))  # the same training twice at once: one waits
    with explain_os_errors(str(folder)), alone, loop.quiet(), one_thread():
        if (found := _trained_before(path, fingerprint)) is not None:
            return found
        loop.trainer(options, folder, progress, validated=validation is not None).fit(
            training,
            train.loader(options.batch_size, sampler),
            None if validation is None else validation.loader(options.batch_size),
            ckpt_path=_last_epoch(folder),
            weights_only=True,
        )
        kept = folder / ("last.ckpt" if validation is None else "best.ckpt")
        best = torch.load(kept, "cpu", weights_only=True)
        prefix = "network."
        trained = Checkpoint(
            model=model,
            arguments=arguments,
            weights={
                name.removeprefix(prefix): value.numpy()
                for name, value in best["state_dict"].items()
                if name.startswith(prefix)
            },
            classes=tuple(classes),
            features=windows.features,
            data=data,
            scaler=scaler,
            history=training.history,
            best_epoch=int(best["epoch"]) + 1,
            metadata={**inputs, "options": options._asdict(), "fingerprint": fingerprint},
        )
        trained.save(path)  # before whoever waits looks for it
        shutil.rmtree(folder)
    return trained


def _trained_before(path: Path, fingerprint: str) -> Checkpoint | None:
    """What lies at `path`, if it is whole and was trained of the same by the same code."""
    if not path.with_suffix(".json").exists():
        return None
    try:
        found = Checkpoint.load(path)
    except TellsError:
        return None
    return found if found.metadata.get("fingerprint") == fingerprint else None


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


def _fingerprint(
    what: list[Any], inputs: Path, split: Mapping[str, pd.DataFrame], pretrained: Checkpoint | None
) -> str:
    """Name of an unfinished run: what it computes, so that only the same run goes on with it."""
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode())
    with inputs.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    for name, part in split.items():
        digest.update(f"{name}\n{part.to_csv()}".encode())
    for name, weights in sorted(pretrained.weights.items()) if pretrained else ():
        digest.update(name.encode() + weights.tobytes())
    digest.update(code_digest("", ["tells.training.fit"]).encode())
    digest.update(json.dumps([torch.__version__, np.__version__]).encode())
    return digest.hexdigest()[:16]
