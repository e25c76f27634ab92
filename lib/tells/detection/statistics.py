"""The classical detector: statistics of emotional features, and the best of many classifiers.

LazyPredict trains some 25 classifiers of scikit-learn and LightGBM's with their default settings.
The thesis ranks them on the clips that it reports; here they are ranked on the validation folder,
and the winner sees the test folder once.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from tells.corpora import DETECTION_CLASSES
from tells.detection import emotional_features
from tells.errors import TellsError
from tells.features import Windows
from tells.files import replacing
from tells.provenance import code_digest

if TYPE_CHECKING:  # with skops and LazyPredict, it takes seconds to import
    import lightgbm

FORMAT = "statistics 1"
THESIS_WINNER = "LGBMClassifier"  # on sound (thesis 5.5.1)

# in the ranking, and never the winner: the baseline, which guesses, and two that divide 0 by 0
# where a clip is far from all those that they were fitted on
_NO_WINNERS = ("DummyClassifier", "LabelPropagation", "LabelSpreading")
_LIBRARIES = ("scikit-learn", "lightgbm", "lazypredict", "numpy", "scipy")  # decide what is fitted
_FOLDS = 5  # of training sources, to turn decisions into probabilities


@dataclass(frozen=True)
class Trees:
    """A scaler and LightGBM's trees, which are saved as text."""

    mean: np.ndarray
    scale: np.ndarray
    booster: lightgbm.Booster

    @property
    def n_features_in_(self) -> int:
        """Columns that it takes, under scikit-learn's name."""
        return len(self.mean)

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """P(real) and P(fake), shape (n, 2), of clips of shape (n, columns)."""
        fake = self.booster.predict((x - self.mean) / self.scale, num_threads=1)
        return np.column_stack([1 - fake, fake])


@dataclass
class StatisticsDetector:
    """The classifier that is best on the validation folder, on mean, variance and kurtosis.

    Attributes:
        seed: of the classifiers that are random.
        ranking: after `fit`, balanced accuracy on the validation folder by classifier, best first.
        winner: the name of the one that is used.
        pipeline: it, fitted on the training folders.
        fingerprint: of the code and of all that it was fitted on.
        data: what the corpus is called that it was fitted on; empty if nobody said.

    Thesis: 4.5.1, 4.6.3, 4.7.3, 5.5.1. Chapter: 05_5_1_audio_detection.
    """

    seed: int = 0
    ranking: pd.Series | None = None
    winner: str = ""
    pipeline: Pipeline | Trees | None = None
    fingerprint: str = ""
    data: str = ""

    def fit(
        self,
        windows: Windows,
        split: Mapping[str, pd.DataFrame],
        path: str | Path,
        *,
        data: str = "",
    ) -> Self:
        """Rank all classifiers on `validation`, fit the best one on `train`, and save it.

        What the same code has fitted on the same statistics before is found at `path`.

        One that gives no probabilities gets them from a logistic curve over its decisions, fitted
        on training clips that it was not trained on (Platt 1999), by sources.

        Raises:
            TellsError: a fold is missing or lacks one of the two classes, the windows hold faces,
                or LightGBM is not installed.
        """
        if "validation" not in split:
            raise TellsError("split must have a validation fold, to choose the classifier on.")
        table = emotional_features.statistics(windows)
        known = []  # of the training folders, then of the validation folder
        for name in ("train", "validation"):
            part = split[name]
            if absent := sorted(set(DETECTION_CLASSES) - set(part["label"])):
                raise TellsError(f"{name} must hold both classes; it has no {absent[0]} clip.")
            fake = (part["label"] == DETECTION_CLASSES[1]).to_numpy(dtype=int)
            known += [table.iloc[part["window"]].to_numpy(), fake]
        sources = split["train"]["source"].to_numpy(dtype=object)
        fingerprint = _fingerprint(*known, sources, self.seed)
        if (found := _fitted_before(Path(path).with_suffix(".json"), fingerprint)) is not None:
            self.ranking, self.winner, self.pipeline = found.ranking, found.winner, found.pipeline
            return self
        with threadpool_limits(1):
            self.ranking = _rank(*known, self.seed)
            self.winner = next(name for name in self.ranking.index if name not in _NO_WINNERS)
            self.pipeline = _fitted(self.winner, *known[:2], sources, self.seed)
        self.fingerprint, self.data = fingerprint, data
        self.save(path)
        return self

    def predict_proba(self, windows: Windows, part: pd.DataFrame) -> np.ndarray:
        """P(real) and P(fake) of some clips, shape (len(part), 2).

        Raises:
            TellsError: the detector was not fitted, or takes other features.
        """
        if self.pipeline is None:
            raise TellsError("the detector must be fitted first; call fit, or load a saved one.")
        x = emotional_features.statistics(windows).iloc[part["window"]].to_numpy()
        if self.pipeline.n_features_in_ != x.shape[1]:
            raise TellsError(
                f"the detector takes {self.pipeline.n_features_in_} statistics; these clips have "
                f"{x.shape[1]}: use the modality that it was fitted on."
            )
        with threadpool_limits(1):
            return self.pipeline.predict_proba(x)

    def save(self, path: str | Path) -> Path:
        """Write `<path>.json`, and the winner as LightGBM's text or in skops's format.

        Raises:
            TellsError: the detector was not fitted, or the folder cannot be written.
        """
        if self.pipeline is None or self.ranking is None:
            raise TellsError("the detector must be fitted first; there is nothing to save.")
        path = Path(path)
        names = ("seed", "winner", "fingerprint", "data")
        content = {"format": FORMAT, **{name: getattr(self, name) for name in names}}
        content["ranking"] = self.ranking.to_dict()
        if isinstance(self.pipeline, Trees):
            trees = self.pipeline
            content |= {"mean": trees.mean.tolist(), "scale": trees.scale.tolist()}
            with replacing(path.with_suffix(".lgb.txt")) as beside:
                beside.write_text(trees.booster.model_to_string(), encoding="utf-8")
        else:
            import skops.io

            with replacing(path.with_suffix(".skops")) as beside:
                beside.write_bytes(skops.io.dumps(self.pipeline))
        with replacing(path.with_suffix(".json")) as beside:
            beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return path.with_suffix(".json")

    @classmethod
    def of(cls, content: Mapping[str, Any], path: Path) -> Self:
        """The detector that `save` wrote, from its JSON's content and its path.

        Raises:
            TellsError: a file is missing or damaged, or holds something that is no classifier.
        """
        import lightgbm

        try:
            if "mean" in content:
                text = path.with_suffix(".lgb.txt").read_text()
                mean, scale = (np.asarray(content[name], float) for name in ("mean", "scale"))
                pipeline = Trees(mean, scale, lightgbm.Booster(model_str=text))
            else:
                pipeline = _unpacked(path.with_suffix(".skops"))
            ranking = pd.Series(content["ranking"], dtype=float)
            known = (content.get(name, "") for name in ("fingerprint", "data"))
            return cls(content["seed"], ranking, content["winner"], pipeline, *known)
        except TellsError:
            raise
        except FileNotFoundError as error:
            raise TellsError(f"{path}: a file of the detector is missing; fit it again.") from error
        except (KeyError, TypeError, ValueError, lightgbm.basic.LightGBMError) as error:
            raise TellsError(f"{path}: the detector is damaged; fit it again.") from error


def _fitted_before(path: Path, fingerprint: str) -> StatisticsDetector | None:
    """What the same code has fitted on the same clips, if it is there."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        same = content.get("fingerprint") == fingerprint and content["format"] == FORMAT
        return StatisticsDetector.of(content, path) if same else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def _fingerprint(*what: np.ndarray | int) -> str:
    """Of the code, its libraries, and all that a detector is fitted on."""
    total = hashlib.sha256(code_digest("", ["tells.detection.statistics"]).encode())
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    for one in (*what, versions):
        total.update(repr(one.tolist() if isinstance(one, np.ndarray) else one).encode())
    return total.hexdigest()[:16]


def _rank(
    x: np.ndarray, y: np.ndarray, x_validation: np.ndarray, y_validation: np.ndarray, seed: int
) -> pd.Series:
    """Balanced accuracy on the validation folder by classifier; equal ones by name."""
    from lazypredict.Supervised import LazyClassifier

    lazy = LazyClassifier(verbose=0, ignore_warnings=True, random_state=seed)
    table, _ = lazy.fit(x, x_validation, y, y_validation)
    if THESIS_WINNER not in table.index:
        raise TellsError("LightGBM must be among the classifiers; install lightgbm.")
    ranking = table["Balanced Accuracy"].sort_index()
    return ranking.sort_values(ascending=False, kind="stable").rename("balanced_accuracy")


def _fitted(
    name: str, x: np.ndarray, y: np.ndarray, sources: np.ndarray, seed: int
) -> Pipeline | Trees:
    """A scaler and the classifier of that name, which gives probabilities."""
    from lazypredict.Supervised import CLASSIFIERS

    made = dict(CLASSIFIERS)[name]
    known = made().get_params()
    wanted = {"random_state": seed, "n_jobs": 1, "verbose": -1 if name == THESIS_WINNER else 0}
    classifier = made(**{key: value for key, value in wanted.items() if key in known})
    if not hasattr(classifier, "predict_proba"):
        folds = GroupKFold(min(_FOLDS, len(set(sources)))).split(x, y, sources)
        classifier = CalibratedClassifierCV(classifier, cv=list(folds), ensemble=False)
    pipeline = make_pipeline(StandardScaler(), classifier).fit(x, y)
    if name == THESIS_WINNER:
        return Trees(pipeline[0].mean_, pipeline[0].scale_, classifier.booster_)
    return pipeline


def _unpacked(path: Path) -> Pipeline:
    """A pipeline of scikit-learn's own parts; anything else in the file is refused."""
    import skops.io

    types = skops.io.get_untrusted_types(file=path)
    if foreign := [name for name in types if not name.startswith("sklearn.")]:
        raise TellsError(f"{path} holds {foreign[0]}, which is no part of scikit-learn; fit again.")
    pipeline = skops.io.load(path, trusted=types)
    if not isinstance(pipeline, Pipeline):
        raise TypeError("not a pipeline")
    return pipeline
