"""What one would take instead of a network: a linear support vector machine (thesis: none)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from tells.errors import TellsError

_COSTS = (1e-5, 1e-4, 1e-3, 1e-2)  # C, of which the validation folds choose
_FOLDS = 5  # of training speakers, to turn decisions into probabilities


def linear_svm(
    vectors: pd.DataFrame,
    split: Mapping[str, pd.DataFrame],
    classes: Sequence[str],
    *,
    seed: int = 0,
) -> tuple[pd.DataFrame, float]:
    """Scores of a linear SVM that learns from `train` and chooses its C on `validation`.

    Columns are standardised by the training folds; rare classes weigh as much as frequent ones.
    Probabilities come from a logistic curve over each class's decisions on training speakers that
    it was not trained on (Platt 1999).

    Args:
        vectors: a row for each utterance, by its name, for example `Functionals`.
        split: rows of a corpus's table: `train`, `validation` and `test`.
        classes: labels in the order of the columns.
        seed: of the solver.

    Returns:
        The score table of `test`, one row an utterance; and the C that was chosen.

    Raises:
        TellsError: an utterance has no vector, or `train` lacks a class.

    Thesis: none; its baselines are numbers of other papers. Chapter: 05_3_2_speech_experiment_2.
    """
    x, y = {}, {}
    for name, part in split.items():
        if missing := sorted(set(part["utterance"]) - set(vectors.index)):
            raise TellsError(
                f"vectors must have a row for each utterance; {len(missing)} of {name} have none, "
                f"such as {missing[0]}."
            )
        x[name] = vectors.loc[part["utterance"]].to_numpy()
        y[name] = pd.Categorical(part["label"], categories=list(classes)).codes
    if absent := sorted(set(range(len(classes))) - set(y["train"])):
        raise TellsError(f"train must hold every class; it has no {classes[absent[0]]}.")

    def machine(cost: float) -> Pipeline:
        svm = LinearSVC(C=cost, class_weight="balanced", random_state=seed)
        return make_pipeline(StandardScaler(), svm)

    with threadpool_limits(1):
        best = max(
            _COSTS,
            key=lambda cost: balanced_accuracy_score(
                y["validation"], machine(cost).fit(x["train"], y["train"]).predict(x["validation"])
            ),
        )
        speakers = split["train"]["speaker"].to_numpy(dtype=object)
        folds = GroupKFold(min(_FOLDS, len(set(speakers)))).split(x["train"], groups=speakers)
        fitted = CalibratedClassifierCV(machine(best), cv=list(folds), ensemble=False)
        p = fitted.fit(x["train"], y["train"]).predict_proba(x["test"])
    test = split["test"]
    scores = pd.DataFrame(
        {
            "segment": test["utterance"].to_numpy(),
            "file": test.index.get_level_values("file"),
            "utterance": test["utterance"].to_numpy(),
            "group": test["speaker"].to_numpy(),
            "label": test["label"].to_numpy(),
            **{f"p_{name}": p[:, i] for i, name in enumerate(classes)},
        }
    )
    return scores, best
