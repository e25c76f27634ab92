"""A run: one execution of one chapter with one set of parameters, and everything it makes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from tells import corpora, metrics, results
from tells.chapters.places import Places
from tells.chapters.question import STATE, Question, decisive, read_state, stamp
from tells.chapters.source import Chapter, find, preset, resolve
from tells.chapters.used import UsedRun
from tells.corpora import splits
from tells.errors import TellsError
from tells.files import replacing

if TYPE_CHECKING:  # they take seconds to import, and half of the chapters need none of them
    from tells import detection, features, training

_T = TypeVar("_T")
# of a run's parameters, what a record says elsewhere, or what is no setting of the experiment
_NOT_SETTINGS = ("corpus", "preset", "uses", "seed", "max_epochs", "patience", "train_folds",
                 "validation_folds", "test_folds")  # fmt: skip


class Run:
    """One execution of a chapter: its data, its folder, what was left out, and its records.

    The same parameters on the same data give the same folder; other parameters never touch it.

    Args:
        chapter: name of the chapter, or its beginning.
        values: its parameters, of which those that are missing have their defaults; a notebook
            gives `globals()`.

    Raises:
        TellsError: a value has the wrong type, the root is missing or is no corpus, or a run that
            this one uses has not been made.

    Thesis: none. Chapter: 05_3_2_speech_experiment_2.
    """

    def __init__(self, chapter: str | Chapter, values: Mapping[str, Any]) -> None:
        self.chapter = chapter if isinstance(chapter, Chapter) else find(chapter)
        known = self.chapter.parameters()
        given = {name: values[name] for name in known if name in values}
        self.parameters = {name: one.default for name, one in known.items()}
        self.parameters |= resolve(self.chapter, given, {})
        self.places = Places(self.parameters)
        self.experiments: list[str] = []
        self._exclusions = [pd.DataFrame(columns=["item", "reason"])]

    # --- what it is -----------------------------------------------------------------------------

    @property
    def seed(self) -> int:
        """Of everything that is random."""
        return self.parameters["seed"]

    @property
    def scheduler(self) -> str | None:
        """Address of a running Dask scheduler, or None for workers on this machine."""
        return self.parameters["scheduler"]

    @property
    def corpus(self) -> str:
        """The adapter that reads the data."""
        return self.parameters.get("corpus", "iemocap")

    @property
    def root(self) -> Path:
        """The folder of the corpus."""
        return self.places.root(self.corpus)

    @property
    def data(self) -> str:
        """What the data are called, `understudy` or the corpus, by `tells.corpora.identify`."""
        return corpora.identify(self.corpus, self.root)

    @cached_property
    def question(self) -> Question:
        """Everything that decides the result, apart from code."""
        data = {}
        if "root" in self.parameters:
            data = {"name": self.data, "files": stamp(self.root, times=True)}
        uses = {name: self.use(name).name for name in self.chapter.uses}
        uses |= {folder.parents[1].name: folder.parent.name for folder in self.record_folders()}
        return Question(self.chapter.name, decisive(self.parameters), data, uses)

    @property
    def name(self) -> str:
        """Of its folder, readable in front, the digest of its question behind."""
        return self.question.name

    @cached_property
    def folder(self) -> Path:
        """Where everything is that this run makes, `build/runs/<chapter>/<name>`."""
        return self.places.build / "runs" / self.chapter.name / self.name

    @property
    def notebook(self) -> Path:
        """The executed chapter."""
        return self.folder / f"{self.chapter.name}.ipynb"

    @property
    def state(self) -> dict[str, Any]:
        """What `run.json` says; empty if the run was never begun, or its file was cut off."""
        return read_state(self.folder)

    def write_state(self, **state: object) -> None:
        """Say in `run.json` how far the run has come; the question is always part of it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with replacing(self.folder / STATE) as beside:
            content = {**state, "time": now, "name": self.name, **vars(self.question)}
            beside.write_text(json.dumps(content, indent=1, default=str) + "\n", encoding="utf-8")

    # --- what it reads --------------------------------------------------------------------------

    def load(self, options: Mapping[str, Any] | None = None) -> corpora.Corpus:
        """Read the corpus that the parameters `corpus` and `root` name; see `tells.corpora.load`.

        Args:
            options: of the adapter.
        """
        source = corpora.load(self.corpus, self.root, **(options or {}))
        self.exclude(source.exclusions)
        return source

    def extract(
        self, extractor: features.Extractor, table: pd.DataFrame
    ) -> tuple[features.FeatureStore, pd.DataFrame]:
        """Extract the features of a table's clips, as far as they are not stored yet.

        Args:
            extractor: for example `features.LLDs("compare2016")`.
            table: rows of the corpus's table.

        Returns:
            The store, and the table with every `end` known, without what could not be used.
        """
        from tells import features

        stored = features.extract(
            self.root, table.index, extractor, self.places.features(self.data),
            scheduler=self.scheduler,
        )  # fmt: skip
        return stored, self.keep(stored.with_durations(table))

    def stored(self, extractor: features.Extractor) -> features.FeatureStore:
        """Features that a run on these data has extracted before."""
        from tells import features

        return features.FeatureStore(self.places.features(self.data), extractor)

    def given(self, *names: str) -> dict[str, Any]:
        """Some of the parameters, to be passed on under their own names."""
        return {name: self.parameters[name] for name in names}

    def keep(self, found: tuple[_T, pd.DataFrame]) -> _T:
        """The first of a pair; the second, what was left out, is counted."""
        kept, excluded = found
        self.exclude(excluded)
        return kept

    def exclude(self, excluded: pd.DataFrame, whose: str = "") -> None:
        """Count what was left out.

        Args:
            excluded: columns `item` and `reason`.
            whose: put before each reason, where several are counted together.
        """
        reasons = f"{whose}: " + excluded["reason"] if whose else excluded["reason"]
        self._exclusions.append(excluded.assign(reason=reasons))

    def cache(self, name: str) -> Path:
        """A file that all runs on these data share, beside their features."""
        folder = self.places.features(self.data)
        return (self.places.build / "cache" / self.data if "://" in folder else Path(folder)) / name

    @property
    def exclusions(self) -> pd.DataFrame:
        """What was left out so far, counted by reason, the most frequent first."""
        return corpora.count_exclusions(pd.concat(self._exclusions)).to_frame("left out")

    def use(self, chapter: str) -> UsedRun:
        """A finished run of another chapter that this one builds on.

        It is the one that the parameter `uses` names or, by default, the latest with the parameters
        of this preset.

        Args:
            chapter: its name, or the beginning of it; one that the header lists under `uses`.

        Raises:
            TellsError: no such run is finished; the message says which command makes it.
        """
        home = self.chapter.path.parent
        other = find(chapter, home)
        if other.name not in (*self.chapter.uses, *self.chapter.reads):
            raise TellsError(
                f"{self.chapter.name} must list {other.name} under `uses` in its header."
            )
        named = {find(k, home).name: v for k, v in self.parameters["uses"].items()}
        chosen = named.get(other.name, self.parameters["preset"])
        if (self.places.resolve(chosen) / STATE).is_file():
            return UsedRun(other, self.places.resolve(chosen), self)
        asked = {name: one.default for name, one in other.parameters().items()}
        asked |= resolve(other, {}, preset(chosen, home))
        wanted = json.loads(json.dumps(decisive(asked)))
        found = []
        for folder in (self.places.build / "runs" / other.name).glob("*"):
            state = read_state(folder)
            if state.get("state") == "done" and state["parameters"] == wanted:
                played = state["data"].get("name") == corpora.UNDERSTUDY
                if "root" not in self.parameters or played == (self.data == corpora.UNDERSTUDY):
                    found.append((state["time"], folder))
        if not found:
            raise TellsError(
                f"{self.chapter.name} uses a run of {other.name} that is not there; make it with "
                f"`tells run {other.name} --preset {chosen}`, or name the folder of another with "
                f"-p 'uses={{{other.name}: FOLDER}}'."
            )
        return UsedRun(other, max(found)[1], self)

    def record_folders(self) -> list[Path]:
        """Folders of the records of other chapters' runs: of those that were made.

        The header lists these chapters under `reads`.
        """
        folders = []
        for chapter in self.chapter.reads:
            with suppress(TellsError):
                folders.append(self.use(chapter).folder / "records")
        return folders

    # --- what it makes --------------------------------------------------------------------------

    def options(self, **given: object) -> training.TrainingOptions:
        """How this run trains; `max_epochs`, `patience` and `seed` are those of the run."""
        from tells import training

        shared = {name: self.parameters[name] for name in ("max_epochs", "patience", "seed")}
        return training.TrainingOptions(**shared | given)

    def fit(
        self,
        experiment: str,
        model: str,
        arguments: Mapping[str, Any],
        windows: features.Windows | features.FrameWindows,
        split: Mapping[str, pd.DataFrame],
        *,
        classes: Sequence[str] = corpora.CLASSES,
        **options: object,
    ) -> training.Checkpoint:
        """Train a network and keep it in this run; see `tells.training.fit`.

        Args:
            experiment: names the trained network, `ser-2`.
            model: a key of `tells.models.MODELS`.
            arguments: what the network is built with.
            windows: all windows.
            split: rows of `windows.table`.
            classes: labels in the order of the output.
            **options: how to train; see `options`.
        """
        from tells import training

        path = self.folder / "models" / experiment
        return training.fit(
            model, arguments, windows, split, classes, path, data=self.data,
            options=self.options(**options),
        )  # fmt: skip

    def evaluate(
        self,
        experiment: str,
        title: str,
        trained: training.Checkpoint,
        windows: features.Windows | features.FrameWindows,
        split: Mapping[str, pd.DataFrame],
        **about: object,
    ) -> Judged:
        """Apply a trained network to the test folds, and record the result.

        Args:
            experiment: names the record, `ser-2`.
            title: of the experiment, for people.
            trained: the network.
            windows: all windows.
            split: what was trained on, chosen on and tested.
            **about: see `record`.
        """
        from tells import training

        size = trained.metadata["options"]["batch_size"]
        scores = training.predict(trained, windows, split["test"], batch_size=size)
        record = self.record(experiment, title, scores, split, trained, **about)
        return Judged(record, scores, scores)

    def caption(self, test: pd.DataFrame, unit: str = "") -> str:
        """What stands under each figure: the data, the test folds, how many, the seed.

        Args:
            test: the test part of the split.
            unit: of what is counted, where the rows are not; `rows` of each row are counted then.
        """
        n = f"{test['rows'].sum()} {unit}" if unit else len(test)
        folds = ", ".join(sorted(test["fold"].unique()))
        return f"Data: {self.data}, test folds {folds}, n = {n}, seed {self.seed}"

    def record(
        self,
        experiment: str,
        title: str,
        scores: pd.DataFrame,
        split: Mapping[str, pd.DataFrame],
        trained: training.Checkpoint | None = None,
        *,
        validation: pd.DataFrame | None = None,
        counts: Mapping[str, Mapping[str, int]] | None = None,
        exclusions: pd.DataFrame | None = None,
        **parameters: object,
    ) -> results.Record:
        """Evaluate a table of scores, and keep it with the record of how it came about.

        Args:
            experiment: names the record, `ser-2`.
            title: of the experiment, for people.
            scores: the test set's.
            split: what was trained on, chosen on and tested.
            trained: the network, if there is one.
            validation: of a detector, the scores on which its threshold is chosen.
            counts: of each class in each part; None counts the rows of `split`.
            exclusions: left out of this experiment, beside what the whole run left out.
            **parameters: what else decides the result.

        Returns:
            The record, with its metrics.
        """
        classes = metrics.classes_of(scores)
        found = metrics.evaluate(scores, validation, seed=self.seed)
        how = {k: v for k, v in self.question.parameters.items() if k not in _NOT_SETTINGS}
        about = {}
        if trained is not None:
            how |= {**trained.arguments, **trained.metadata["options"]}
            about = {"epochs": len(trained.history), "best_epoch": trained.best_epoch}
        excluded = pd.concat([*self._exclusions, *([] if exclusions is None else [exclusions])])
        record = results.Record(
            experiment=experiment,
            title=title,
            chapter=self.chapter.name,
            data=self.data,
            adapter=self.corpus,
            classes=classes,
            split={
                part: sorted(split[part]["fold"].unique()) if part in split else []
                for part in ("train", "validation", "test")
            },
            parameters=how | parameters,
            seed=self.seed,
            versions=results.versions(),
            counts=counts or splits.count_classes(split),
            exclusions=corpora.count_exclusions(excluded).to_dict(),
            training=about,
            inputs={
                "files": stamp(self.root),
                **{u: self.use(u).inputs for u in self.chapter.uses},
            },
            **found._asdict(),
        )
        results.write(record, scores, self.folder / "records")
        with replacing(self.folder / "exclusions.csv") as beside:
            pd.concat(self._exclusions).to_csv(beside, index=False)
        self.experiments.append(experiment)
        return record

    def judge(
        self,
        experiment: str,
        title: str,
        detector: detection.Detector,
        windows: features.Windows | features.FrameWindows,
        split: Mapping[str, pd.DataFrame],
        *,
        others: pd.DataFrame | None = None,
        **parameters: object,
    ) -> Judged:
        """Fit a detector, score the clips that it has not learned from, and record the result.

        Args:
            experiment: names the record and the fitted detector, `det-audio-lstm`.
            title: of the experiment, for people.
            detector: not fitted yet.
            windows: what it takes.
            split: rows of `windows.table`.
            others: further rows that are scored and not counted, such as fakes of another kind.
            **parameters: what else decides the result.
        """
        from tells import detection

        detector.fit(windows, split, self.folder / "models" / experiment, data=self.data)
        parts = [split["validation"], split["test"], *([] if others is None else [others])]
        every = detection.scores(detector, windows, pd.concat(parts))
        path = self.folder / "scores" / f"{experiment}.parquet"
        metrics.write_scores(path, every, metrics.classes_of(every))
        trained, winner = (getattr(detector, name, None) for name in ("checkpoint", "winner"))
        how = {"winner": winner} if winner else {}
        return self.judge_scores(experiment, title, every, split, trained, **how, **parameters)

    def judge_scores(
        self,
        experiment: str,
        title: str,
        every: pd.DataFrame,
        split: Mapping[str, pd.DataFrame],
        trained: training.Checkpoint | None = None,
        **parameters: object,
    ) -> Judged:
        """Record what scores of clips say, whatever gave them; see `judge`.

        Args:
            experiment: names the record.
            title: of the experiment, for people.
            every: scores of the validation and the test clips, and of others beside them.
            split: clips, or windows of them, of each part.
            trained: the network, if there is one.
            **parameters: what else decides the result.
        """
        clips = {name: part.drop_duplicates("utterance") for name, part in split.items()}
        test, validation = (
            every[every["segment"].isin(clips[part]["utterance"])]
            for part in ("test", "validation")
        )
        record = self.record(
            experiment, title, test, clips, trained, validation=validation, **parameters
        )
        return Judged(record, test, every)

    def beside_thesis(self) -> object:
        """This run's records beside the thesis's numbers and the published evidence, as a table."""
        points = results.comparison_points(self.experiments, own=[self.folder / "records"])
        return results.html_table(results.comparison_table(points))


@dataclass(frozen=True)
class Judged:
    """A detector's record, its scores of the test clips, and those of every clip that it judged."""

    record: results.Record
    test: pd.DataFrame
    every: pd.DataFrame
