"""A detector that asks whether voice and face portray the same emotion (thesis 2.3.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from tells.corpora import DETECTION_CLASSES
from tells.detection.emotional_features import RATE
from tells.errors import TellsError
from tells.features import Windows
from tells.files import replacing

FORMAT = "consistency 1"
MEASURES = ("distance of means", "same emotion", "correlation", "best correlation", "best lag")

_LONGEST_LAG = 30  # rows, one second


def consistency_measures(voice: np.ndarray, face: np.ndarray) -> np.ndarray:
    """How far the emotions of a voice and of a face agree.

    Args:
        voice: shape (t, k), the probability of each of k emotions at t moments.
        face: likewise, of the same moments and emotions.

    Returns:
        The five `MEASURES`: the Jensen-Shannon distance of the two means over time, in [0, 1]; the
        probability that an emotion drawn from one mean and one drawn from the other are the same;
        the correlation over time, of all emotions together; the highest one with the face up to a
        second early or late; and that lag in seconds, without its sign. A correlation with what
        does not change is 0.

    Raises:
        TellsError: the shapes differ, or there is no moment.

    Thesis: 2.3.1, which names the idea and builds no such detector. Chapter:
    05_5_3_bimodal_detection.
    """
    if voice.shape != face.shape or len(voice) == 0:
        raise TellsError(
            "voice and face must have one shape (t, k) with t of at least 1; got "
            f"{voice.shape} and {face.shape}."
        )
    means = voice.mean(axis=0), face.mean(axis=0)
    longest = min(_LONGEST_LAG, len(voice) - 1)
    lags = sorted(range(-longest, longest + 1), key=abs)
    found = [
        _correlation(voice[max(-lag, 0) : len(voice) - max(lag, 0)],
                     face[max(lag, 0) : len(face) - max(-lag, 0)])
        for lag in lags
    ]  # fmt: skip
    best = int(np.argmax(found))
    with np.errstate(invalid="ignore"):  # the root of what rounding takes below 0
        distance = np.nan_to_num(jensenshannon(*means, base=2))
    return np.array([distance, means[0] @ means[1], found[0], found[best], abs(lags[best]) / RATE])


@dataclass
class ConsistencyDetector:
    """A logistic regression on the `consistency_measures` of a clip's voice and face.

    Attributes:
        mean: of each measure over the training clips, shape (5,); None before `fit`.
        scale: its standard deviation.
        weights: of the standardised measures; a positive one speaks for fake.
        intercept: of the regression.
        data: what the corpus is called that it was fitted on; empty if nobody said.

    Thesis: 2.3.1 ("if portrayed sentiments are detected as consistent, we suppose the content to be
    real"); the detector is ours. Chapter: 05_5_3_bimodal_detection.
    """

    mean: np.ndarray | None = None
    scale: np.ndarray | None = None
    weights: np.ndarray | None = None
    intercept: float = 0.0
    data: str = ""

    def fit(
        self,
        windows: Windows,
        split: Mapping[str, pd.DataFrame],
        path: str | Path,
        *,
        data: str = "",
    ) -> Self:
        """Learn from `train`, and save to `<path>.json`; nothing is chosen, so no validation.

        Args:
            windows: probabilities of emotions over time, those of the voice beside those of the
                face, as `fuse` puts two `class_probabilities` side by side.
            split: rows of its table.
            path: of the file, without its suffix.
            data: what the corpus is called.

        Raises:
            TellsError: `train` lacks a class, or see `consistency_measures`.
        """
        train = split["train"]
        if absent := sorted(set(DETECTION_CLASSES) - set(train["label"])):
            raise TellsError(f"train must hold both classes; it has no {absent[0]} clip.")
        scaler = StandardScaler().fit(x := _measures(windows, train))
        fake = (train["label"] == DETECTION_CLASSES[1]).to_numpy(dtype=int)
        with threadpool_limits(1):
            model = LogisticRegression(class_weight="balanced").fit(scaler.transform(x), fake)
        self.mean, self.scale = scaler.mean_, scaler.scale_
        self.weights, self.intercept, self.data = model.coef_[0], float(model.intercept_[0]), data
        content = {"format": FORMAT, "measures": MEASURES, **vars(self)}
        with replacing(Path(path).with_suffix(".json")) as beside:
            text = json.dumps(content, indent=1, default=lambda array: array.tolist())
            beside.write_text(text + "\n", encoding="utf-8")
        return self

    def predict_proba(self, windows: Windows, part: pd.DataFrame) -> np.ndarray:
        """P(real) and P(fake) of some clips, shape (len(part), 2).

        Raises:
            TellsError: the detector was not fitted.
        """
        if self.mean is None or self.scale is None or self.weights is None:
            raise TellsError("the detector must be fitted first; call fit, or load a saved one.")
        x = (_measures(windows, part) - self.mean) / self.scale
        fake = 1 / (1 + np.exp(-(x @ self.weights + self.intercept)))
        return np.column_stack([1 - fake, fake])

    @classmethod
    def of(cls, content: Mapping[str, Any], path: Path) -> Self:
        """The detector that `fit` wrote, from its JSON's content and its path.

        Raises:
            TellsError: the file is damaged.
        """
        try:
            arrays = [np.asarray(content[name], float) for name in ("mean", "scale", "weights")]
            found = cls(*arrays, float(content["intercept"]), str(content["data"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TellsError(f"{path}: the detector is damaged; fit it again.") from error
        if any(array.shape != (len(MEASURES),) for array in arrays):
            raise TellsError(f"{path}: the detector is damaged; fit it again.")
        return found


def _measures(windows: Windows, part: pd.DataFrame) -> np.ndarray:
    """The measures of each clip, shape (len(part), 5)."""
    k = len(windows.columns) // 2
    clips = zip(windows.read(part["window"].to_numpy()), part["rows"], strict=True)
    return np.array([consistency_measures(x[:rows, :k], x[:rows, k:]) for x, rows in clips])


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    one, other = (x.astype(np.float64) - x.mean(axis=0) for x in (one, other))
    power = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / power) if power > 1e-12 else 0.0
