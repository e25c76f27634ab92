"""A finished run that another one builds on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tells import corpora, metrics, results
from tells.chapters.question import read_state
from tells.chapters.source import Chapter, find
from tells.errors import TellsError

if TYPE_CHECKING:
    from tells import features, training
    from tells.chapters.run import Run


class UsedRun:
    """A finished run that another one builds on, as its `run.json` describes it.

    Args:
        chapter: whose run it is.
        folder: of the run.
        by: the run that uses it.

    Attributes:
        parameters: those that decided its result.
        uses: names of the runs that it was built on, by chapter.
        data: what its data were called when it was made; empty if it has none.
        inputs: what names this run on any machine.

    Raises:
        TellsError: the folder holds no finished run of that chapter.

    Chapter: 05_5_1_audio_detection.
    """

    def __init__(self, chapter: Chapter, folder: Path, by: Run) -> None:
        state = read_state(folder)
        if state.get("state") != "done" or state["chapter"] != chapter.name:
            raise TellsError(
                f"{folder} holds no finished run of {chapter.name}; make one with "
                f"`tells run {chapter.name}`, or name another folder under `uses`."
            )
        self.chapter, self.folder, self.by = chapter, folder, by
        self.parameters: Mapping[str, Any] = state["parameters"]
        self.uses: Mapping[str, str] = state["uses"]
        self.data: str = state["data"].get("name", "")
        self.inputs = {"data": self.data, "tells": state["version"]}

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.folder.name

    def given(self, *names: str) -> dict[str, Any]:
        """Some of its parameters, to be passed on under their own names."""
        return {name: self.parameters[name] for name in names}

    def checkpoint(self, name: str) -> training.Checkpoint:
        """A network that this run trained, on other people than those that are tested.

        Raises:
            TellsError: it has learned from a test fold, or would be applied to other data.
        """
        from tells import training

        record = self.folder / "records" / f"{name}.json"
        if record.exists() and "test_folds" in self.by.parameters:
            trained = results.read(record)
            known = {*trained.split["train"], *trained.split["validation"]}
            met = sorted(known & set(self.by.parameters["test_folds"]))
            if met and corpora.people(trained.adapter) == corpora.people(self.by.corpus):
                raise TellsError(
                    f"{self.by.chapter.name} tests {', '.join(met)}, whom {name} of {self.folder} "
                    f"was trained with; name a run of {self.chapter.name} without them under "
                    "`uses`, or let `tells study` make one for each fold."
                )
        data = self.by.data if "root" in self.by.parameters else None
        return training.Checkpoint.load(self.folder / "models" / name, data=data)

    def windows(self, name: str) -> features.Windows:
        """Series that this run made."""
        from tells import features

        return features.Windows.load(self.folder / f"{name}.npy")

    def scores(self, name: str) -> pd.DataFrame:
        """Every clip that a detector of this run has judged."""
        return metrics.load_scores(self.folder / "scores" / f"{name}.parquet")

    def test_scores(self, experiment: str) -> pd.DataFrame:
        """The scores of a record of this run."""
        return results.read_scores(self.folder / "records" / f"{experiment}.json")

    @property
    def experiments(self) -> list[str]:
        """The experiments that this run has recorded."""
        return sorted(path.stem for path in (self.folder / "records").glob("*.json"))

    @property
    def left_out(self) -> pd.DataFrame:
        """What this run left out, columns `item` and `reason`."""
        return pd.read_csv(self.folder / "exclusions.csv", dtype="string")

    def use(self, chapter: str) -> UsedRun:
        """The run of another chapter that this one was built on."""
        other = find(chapter, self.chapter.path.parent)
        runs = self.by.places.build / "runs" / other.name
        return UsedRun(other, runs / self.uses[other.name], self.by)
