"""A trained network on disk: weights as safetensors, everything else as JSON; never a pickle."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes
from torch import nn

from tells.corpora import UNDERSTUDY
from tells.errors import TellsError
from tells.files import replacing
from tells.models import MODELS
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
        metadata: the options of training and, of a network that looks, the `inputs` that it got.
        data: what the corpus that it was trained on is called; empty if nobody said.

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
    metadata: dict[str, Any] = field(default_factory=dict)
    data: str = ""

    def build(self) -> nn.Module:
        """The network with its trained weights, ready to be applied."""
        network = MODELS[self.model](**self.arguments)
        network.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in self.weights.items()})
        return network.eval()

    def random_init(self, seed: int = 0) -> Checkpoint:
        """The same network, scaler included, with the random weights that training begins with.

        What its features are good for owes nothing to emotions.

        Thesis: none. Chapter: 05_5_3_bimodal_detection.
        """
        torch.manual_seed(seed)
        state = MODELS[self.model](**self.arguments).state_dict()
        weights = {name: value.numpy() for name, value in state.items()}
        return replace(self, weights=weights, history=[], best_epoch=0)

    def transfer_weights(self, network: nn.Module) -> None:
        """Give a network of the same kind these weights; an output of other classes keeps its own.

        Raises:
            TellsError: the network is of another kind, or of another shape before its output.

        Thesis: 4.5.2. Chapter: 05_5_2_video_detection.
        """
        if not isinstance(network, MODELS[self.model]):
            raise TellsError(
                f"pretrained must be a trained {type(network).__name__}; got {self.model}."
            )
        state = network.state_dict()
        shapes = {k: tuple(v.shape) for k, v in state.items()}
        fits = {
            k: torch.from_numpy(v.copy())
            for k, v in self.weights.items()
            if v.shape == shapes.get(k)
        }
        others = [k for k in shapes if k not in fits and not k.startswith("output.")]
        if others:
            raise TellsError(
                f"pretrained must be of the same shape before its output; it differs in "
                f"{', '.join(others)}."
            )
        network.load_state_dict(state | fits)

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
        names = ["model", "arguments", "classes", "features", "data", "history", "best_epoch"]
        configuration = {
            "format": _FORMAT,
            **{name: getattr(self, name) for name in [*names, "metadata"]},
        }
        with replacing(path.with_suffix(".safetensors")) as beside:
            beside.write_bytes(to_bytes(tensors))
        with replacing(path.with_suffix(".json")) as beside:
            beside.write_text(json.dumps(configuration, indent=1) + "\n", encoding="utf-8")
        return path.with_suffix(".json")

    @classmethod
    def load(cls, path: str | Path, *, data: str | None = None) -> Checkpoint:
        """Read what `save` wrote.

        Args:
            path: as `save` was given it.
            data: what the corpus that the network will be applied to is called. A network of the
                understudy is for the understudy only, and the understudy is for its own, or numbers
                of the demo and of a corpus would mix.

        Raises:
            TellsError: a file is missing or damaged, names a network that does not exist here, or
                holds a network of the understudy for a corpus, or of a corpus for the understudy.
        """
        path = Path(path)
        if not path.name:
            raise TellsError(f"path must name a checkpoint; got {str(path)!r}.")
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
            if "about" in configuration:  # what an older version calls it
                configuration["metadata"] = configuration.pop("about")
            scaler = Scaler(**parts["scaler"]) if parts["scaler"] else None
            checkpoint = cls(weights=parts["network"], scaler=scaler, **configuration)
            checkpoint.build()
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise TellsError(
                f"{path}: not a checkpoint of this version, or its two files do not belong "
                "together; run its chapter again."
            ) from error
        other = {data, checkpoint.data}
        if data and checkpoint.data and UNDERSTUDY in other and len(other) > 1:
            raise TellsError(
                f"{path}: trained on {checkpoint.data}, and to be applied to {data}; name a "
                f"network of {'the understudy' if data == UNDERSTUDY else 'a real corpus'}."
            )
        return checkpoint
