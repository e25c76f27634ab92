"""A trained network on disk: weights as safetensors, everything else as JSON; never a pickle."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes
from torch import nn

from tells.errors import TellsError
from tells.models import MODELS
from tells.store.features import disk_full_is_said
from tells.training.data import Scaler

_FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """A trained network with all that is needed to apply it.

    Attributes:
        model: name of the network, a key of `tells.models.MODELS`.
        arguments: what the network was built with.
        weights: its state.
        classes: labels in the order of its output.
        features: name of the descriptors it takes.
        scaler: fitted on the training fold; None if it takes them as they are.
        history: one dict an epoch (`epoch`, `train_loss`, `validation_loss`, ...).
        best_epoch: the epoch whose weights these are.
        about: corpus, split, seed: whatever the experiment wants to remember.

    Chapter: 05_3_2_speech_experiment_2.
    """

    model: str
    arguments: dict[str, Any]
    weights: dict[str, np.ndarray]
    classes: tuple[str, ...]
    features: str
    scaler: Scaler | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    about: dict[str, Any] = field(default_factory=dict)

    def build(self) -> nn.Module:
        """The network with its trained weights, ready to be applied."""
        network = MODELS[self.model](**self.arguments)
        network.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in self.weights.items()})
        return network.eval()

    @property
    def curves(self) -> pd.DataFrame:
        """The history as a table, one row an epoch."""
        return pd.DataFrame(self.history)

    def save(self, path: str | Path) -> Path:
        """Write `<path>.safetensors` and `<path>.json`.

        Returns:
            The path of the JSON file.

        Raises:
            TellsError: the disk is full or the folder cannot be written.
        """
        path = Path(path)
        tensors = {f"network.{name}": value for name, value in self.weights.items()}
        if self.scaler is not None:
            tensors |= {f"scaler.{name}": value for name, value in asdict(self.scaler).items()}
        configuration = {
            "format": _FORMAT,
            **{
                name: getattr(self, name)
                for name in (
                    "model",
                    "arguments",
                    "classes",
                    "features",
                    "history",
                    "best_epoch",
                    "about",
                )
            },
        }
        with disk_full_is_said(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".safetensors").write_bytes(to_bytes(tensors))
            path.with_suffix(".json").write_text(json.dumps(configuration, indent=1) + "\n")
        return path.with_suffix(".json")

    @classmethod
    def load(cls, path: str | Path) -> Checkpoint:
        """Read what `save` wrote.

        Raises:
            TellsError: a file is missing or damaged, or names a network that does not exist here.
        """
        path = Path(path)
        try:
            configuration = json.loads(path.with_suffix(".json").read_text())
            tensors = load_file(path.with_suffix(".safetensors"))
        except FileNotFoundError as error:
            raise TellsError(
                f"{path}: no such checkpoint; run the chapter that trains it first."
            ) from error
        except (SafetensorError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise TellsError(
                f"{path}: the checkpoint is damaged ({error}); run its chapter again."
            ) from error
        parts: dict[str, dict[str, np.ndarray]] = {"network": {}, "scaler": {}}
        try:
            if configuration.pop("format") != _FORMAT:
                raise ValueError("another format")
            for name, value in tensors.items():
                part, _, rest = name.partition(".")
                parts[part][rest] = value
            configuration["classes"] = tuple(configuration["classes"])
            scaler = Scaler(**parts["scaler"]) if parts["scaler"] else None
            checkpoint = cls(weights=parts["network"], scaler=scaler, **configuration)
            checkpoint.build()
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise TellsError(
                f"{path}: not a checkpoint of this version, or its two files do not belong "
                "together; run its chapter again."
            ) from error
        return checkpoint
