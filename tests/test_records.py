import dataclasses
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import tells
from metrics_fixtures import CLASSES, detector_record, detector_table, score_table
from tells import metrics, results
from tells.errors import TellsError
from tells.results.tables import to_html


def record(scores, **changes):
    found = metrics.evaluate(scores, n=50)
    counts = scores["label"].value_counts().to_dict()
    return results.Record(
        **{
            "experiment": "ser-3a",
            "title": "Speech, experiment III",
            "chapter": "05_3_3_speech_experiment_3",
            "data": "understudy",
            "adapter": "iemocap",
            "classes": CLASSES,
            "split": {"train": ["1", "2", "3"], "validation": ["4"], "test": ["5"]},
            "parameters": {"overlap": 2.0, "learning_rate": 3e-4, "hidden": [64, 32]},
            "seed": 0,
            "versions": results.versions(),
            "counts": {"train": dict.fromkeys(CLASSES, 10), "validation": {}, "test": counts},
            "exclusions": {"too short": 3},
            "metrics": found.metrics,
            "confusion_matrix": found.confusion_matrix,
            "training": {"epochs": 40, "best_epoch": 31},
        }
        | changes
    )


@pytest.fixture
def scores():
    return score_table(150)


def test_evaluate_gives_every_metric_with_its_interval(scores):
    values, matrix, threshold, _ = metrics.evaluate(scores, n=50)
    assert threshold is None
    assert set(values) == {
        "balanced_accuracy",
        "balanced_accuracy_utterance",
        "macro_auc",
        *(f"auc_{name}" for name in CLASSES),
    }
    assert all(m["low"] <= m["value"] <= m["high"] for m in values.values())
    assert np.diag(matrix).sum() == (scores["label"] == metrics.predict(scores, CLASSES)).sum()
    whole = metrics.by_utterance(scores)
    assert values["balanced_accuracy_utterance"]["value"] == pytest.approx(
        metrics.balanced_accuracy(whole["label"], metrics.predict(whole, CLASSES))
    )


def test_round_trip(scores, tmp_path):
    written = record(scores)
    path = results.write(written, scores, tmp_path / "new")
    assert path == tmp_path / "new" / "ser-3a.json"
    assert results.read(path) == written
    assert written.n_test == 150
    for name in (path, results.scores_path(path)):
        pd.testing.assert_frame_equal(
            results.read_scores(name), scores.astype({"label": "str"}), check_dtype=False
        )


def test_equal_results_give_equal_bytes(scores, tmp_path):
    results.write(record(scores), scores, tmp_path / "a")
    results.write(record(scores), scores.sample(frac=1, random_state=0), tmp_path / "b")
    for name in ("ser-3a.json", "ser-3a.scores.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    text = (tmp_path / "a" / "ser-3a.json").read_text()
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == [
        "ser-3a.json",
        "ser-3a.scores.parquet",
    ]


def test_a_record_keeps_no_folder_of_the_machine(scores, tmp_path):
    made = record(
        scores,
        parameters={
            "root": "/home/someone/IEMOCAP_full_release",
            "cache": Path("/home/someone/cache"),
            "windows": ["C:\\Users\\someone\\x.wav"],
            "url": "s3://bucket/store",
            "relative": "build/features",
        },
    )
    assert made.parameters == {
        "root": "IEMOCAP_full_release",
        "cache": "cache",
        "windows": ["x.wav"],
        "url": "s3://bucket/store",
        "relative": "build/features",
    }
    path = results.write(made, scores.assign(file="/home/someone/a.wav"), tmp_path)
    assert set(results.read_scores(path)["file"]) == {"a.wav"}
    assert b"someone" not in path.read_bytes()


def test_numbers_keep_six_significant_digits_and_become_plain(scores):
    made = record(
        scores, seed=np.int64(7), parameters={"rate": 1 / 3e4, "k": np.float32(0.1), "ok": True}
    )
    assert made.parameters == {"rate": 3.33333e-05, "k": 0.1, "ok": True}
    assert type(made.seed) is int
    assert made.parameters["ok"] is True


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": {"rate": float("nan")}}, r"finite numbers; got parameters\['rate'\]"),
        ({"parameters": {"model": object()}}, "texts and numbers"),
        ({"classes": CLASSES[:4]}, "a row and a column for each"),
        ({"split": {"train": ["1"], "test": ["5"]}}, "split must have the keys"),
        ({"split": {"train": [5], "validation": [], "test": ["5"]}}, "5 is in test and in train"),
        (
            {"counts": {"train": {}, "validation": {}, "test": {"anger": 1}}},
            "sums of the confusion",
        ),
        ({"metrics": {"macro_auc": {"value": 0.5}}}, "must have value, low and high"),
        (
            {"metrics": {"macro_auc": {"value": "high", "low": 0, "high": 1}}},
            "all numbers; got .*'high'",
        ),
    ],
)
def test_a_record_that_contradicts_itself(scores, changes, message):
    with pytest.raises(TellsError, match=message):
        record(scores, **changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(schema=2), "schema 1; got schema 2"),
        (lambda c: c.pop("schema"), "got schema None"),
        (lambda c: c.pop("metrics"), "missing: metrics; unknown: none"),
        (lambda c: c.update(extra=1), "missing: none; unknown: extra"),
        (lambda c: c["parameters"].update(x=float("nan")), "finite numbers"),
        (lambda c: c["metrics"]["macro_auc"].update(low=float("inf")), "finite numbers"),
        (lambda c: c.update(classes=3), "something else"),
    ],
)
def test_a_file_that_is_not_a_record(scores, tmp_path, change, message):
    path = results.write(record(scores), scores, tmp_path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(TellsError, match=message) as error:
        results.read(path)
    assert str(path) in str(error.value)


def test_files_that_are_missing_or_damaged(tmp_path):
    with pytest.raises(TellsError, match="cannot be read"):
        results.read(tmp_path / "none.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(TellsError, match="schema 1"):
        results.read(tmp_path / "list.json")
    (tmp_path / "cut.json").write_text('{"schema": 1, ')
    with pytest.raises(TellsError, match="cannot be read"):
        results.read(tmp_path / "cut.json")
    with pytest.raises(TellsError, match="missing or damaged"):
        results.read_scores(tmp_path / "none.json")
    (tmp_path / "x.scores.parquet").write_bytes(b"PAR1")
    with pytest.raises(TellsError, match="missing or damaged"):
        results.read_scores(tmp_path / "x.scores.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.drop(columns="p_other"), "missing: p_other; unknown: none"),
        (lambda s: s.drop(columns="group"), "missing: group"),
        (lambda s: s.assign(extra=1), "unknown: extra"),
        (lambda s: s.iloc[:0], "at least one row"),
        (lambda s: s.assign(p_anger=np.nan), "p_anger is missing"),
        (lambda s: s.assign(label=s["label"].where(s.index > 0)), "label is missing"),
        (lambda s: s.assign(segment="s"), "a segment once"),
        (lambda s: s.assign(label="joy"), "got 'joy' in 150 of 150"),
        (lambda s: s.assign(p_anger=s["p_anger"] + 0.1), "sum is off by 0.1"),
        (lambda s: s.assign(p_anger=s["p_anger"] - 2, p_other=s["p_other"] + 2), "at least 0"),
        (lambda s: s.iloc[1:], "those of the record ser-3a, with 150 test segments"),
        (lambda s: s.rename(columns={"p_anger": "p_other", "p_other": "p_anger"}), "theirs is"),
    ],
)
def test_scores_that_do_not_belong_to_the_record(scores, tmp_path, change, message):
    good = record(scores)
    with pytest.raises(TellsError, match=message):
        results.write(good, change(scores), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_scores_are_checked_against_the_record_beside_them(scores, tmp_path):
    path = results.write(record(scores), scores, tmp_path / "a")
    half = scores.iloc[:75]
    other = results.write(record(half), half, tmp_path / "b")
    results.scores_path(other).replace(results.scores_path(path))
    for name in (path, results.scores_path(path)):
        with pytest.raises(TellsError, match="got 75"):
            results.read_scores(name)


def test_versions_name_what_a_result_depends_on():
    found = results.versions()
    assert {"python", "tells", "torch", "opensmile", "mediapipe", "av", "lightgbm"} <= set(found)
    assert found["numpy"] == np.__version__


PUBLIC = {"data": "ravdess", "adapter": "ravdess", "versions": {"tells": "0.1.0+1a2b3c4d5e6f"},
          "inputs": {"files": "0123456789abcdef"}}  # fmt: skip


def test_publishing_and_what_lies_there_already(scores, tmp_path):
    path = results.write(record(scores, **PUBLIC), scores, tmp_path / "run")
    evidence = tmp_path / "evidence"
    (published,) = results.publish(path, evidence=evidence)
    assert published == evidence / "ravdess" / "ser-3a.json"
    assert published.read_bytes() == path.read_bytes()
    pd.testing.assert_frame_equal(results.read_scores(published), results.read_scores(path))
    assert results.publish(path, evidence=evidence) == [published]  # the same once more
    other = results.write(record(scores, **PUBLIC, seed=1), scores, tmp_path / "other")
    with pytest.raises(TellsError, match=r"holds another record; .* --replace"):
        results.publish(other, evidence=evidence)
    results.publish(other, evidence=evidence, replace=True)
    assert results.read(published).seed == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data": "understudy"}, "computed on the understudy"),
        ({"versions": {"tells": "0.1.0+1a2b3c4d5e6f.changed"}}, "must come from a commit"),
        ({"versions": {"tells": "0.1.0"}}, "must come from a commit"),
        ({"versions": {}}, "must come from a commit"),
        ({"inputs": None}, "does not say what it was computed from"),
        (
            {"inputs": {"05_3_3": {"data": "ravdess", "tells": "0.1.0+1a2b3c4d5e6f.changed"}}},
            "must come from a commit",
        ),
    ],
)
def test_what_is_no_evidence_is_not_published(scores, tmp_path, changes, sentence):
    path = results.write(record(scores, **PUBLIC | changes), scores, tmp_path / "run")
    with pytest.raises(TellsError, match=sentence):
        results.publish(path, evidence=tmp_path / "evidence")
    assert not (tmp_path / "evidence").exists()


def test_versions_name_the_commit(monkeypatch):
    root = Path(__file__).parents[1]
    head = subprocess.run(["git", "-C", root, "rev-parse", "HEAD"], capture_output=True, text=True)
    if head.returncode:
        pytest.skip("not a git checkout, so there is no commit to name")
    version, _, commit = results.versions()["tells"].partition("+")
    assert version == tells.__version__
    assert head.stdout.startswith(commit.removesuffix(".changed"))
    monkeypatch.setenv("PATH", "")
    assert results.versions()["tells"] == tells.__version__


# --- detectors ------------------------------------------------------------------------------------


def test_a_detector_keeps_its_threshold(tmp_path):
    table = detector_table(20)
    written = detector_record(table)
    path = results.write(written, table, tmp_path)
    assert results.read(path) == written
    assert 0 < written.threshold < 1
    assert np.sum(written.confusion_matrix_at_threshold) == 60
    results.read_scores(path)  # which compares both matrices


def test_what_a_record_does_not_have_is_not_in_its_file(scores, tmp_path):
    content = json.loads(results.write(record(scores), scores, tmp_path).read_text())
    assert not {"threshold", "confusion_matrix_at_threshold"} & set(content)
    committed = Path(__file__).parents[1] / "data" / "results" / "ravdess" / "ser-1.json"
    assert results.read(committed).threshold is None


def test_committed_records_keep_the_names_that_they_were_written_with(scores, tmp_path):
    content = json.loads(results.write(record(scores), scores, tmp_path).read_text())
    committed = Path(__file__).parents[1] / "data" / "results" / "ravdess" / "ser-1.json"
    old, read = json.loads(committed.read_text()), results.read(committed)
    assert set(content) - set(old) == {"exclusions"}
    assert set(old) - set(content) == {"skipped"}
    assert read.exclusions == old["skipped"]
    assert read.parameters["normalise"] == old["parameters"]["scaled"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": None}, "got None with"),
        ({"threshold": 1.5}, "must be a probability"),
        ({"confusion_matrix_at_threshold": None}, "with None"),
        (
            {"confusion_matrix_at_threshold": [[60]]},
            "confusion_matrix_at_threshold must have a row",
        ),
        ({"confusion_matrix_at_threshold": [[19, 0], [0, 41]]}, "must count the same segments"),
        ({"classes": ("fake", "real")}, "for the classes real, fake; got fake, real"),
    ],
)
def test_a_threshold_that_contradicts_the_record(changes, message):
    good = detector_record(detector_table(20))
    if "classes" in changes:
        changes |= {"counts": {"train": {}, "validation": {}, "test": {"fake": 20, "real": 40}}}
    with pytest.raises(TellsError, match=message):
        dataclasses.replace(good, **changes)


def test_scores_that_another_threshold_would_have_judged(tmp_path):
    table = detector_table(20)
    path = results.write(detector_record(table), table, tmp_path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"threshold": 0.95}))
    with pytest.raises(TellsError, match="whose confusion_matrix_at_threshold is"):
        results.read_scores(path)


# --- comparison -----------------------------------------------------------------------------------


def test_thesis_numbers():
    table = results.thesis_numbers().set_index("id")
    assert table.index.is_unique
    assert (table["metric"] == "balanced accuracy").all()
    # Read off the thesis's sections 5.3.1, 5.3.2, 5.3.3, 5.5.2 and 5.5.3.
    printed = {"ser-1": 0.334, "ser-2": 0.54, "ser-3a": 0.557, "ser-3b": 0.44}
    assert table.loc[list(printed), "value"].to_dict() == printed
    assert table.loc["ser-1", "paper_value"] == 0.506
    assert table.loc["ser-2", "paper_value"] == 0.5132
    assert table["value"].max() == table.loc["det-bimodal-decision-lgbm-retrained", "value"]
    assert table.loc["det-video-direct", ["value", "upper"]].tolist() == [0.8242, 0.8304]
    assert "AUC 0.847" in table.loc["det-video-direct", "also"]
    assert len(table.loc["ser-2", "classes"]) == 4
    # A number or the reason for none, never both.
    assert (table["value"].isna() == (table["reason"] != "")).all()
    assert (table["upper"].isna() | (table["upper"] > table["value"])).all()


def test_every_experiment_of_the_thesis_is_there():
    assert list(results.thesis_numbers()["experiment"].unique()) == [
        *("ser-1", "ser-2", "ser-3a", "ser-3b", "ver-1", "ver-2", "ver-3", "ver-4"),
        *("det-audio", "det-video", "det-bimodal"),
    ]


def test_thesis_numbers_of_another_file(tmp_path):
    with pytest.raises(TellsError, match="cannot be read"):
        results.thesis_numbers(tmp_path / "none.yaml")
    row = {"id": "x", "experiment": "x", "section": "1", "value": 0.5, "classes": ["a", "b"]}
    (tmp_path / "t.yaml").write_text(yaml.safe_dump({"metric": "m", "rows": [row, row]}))
    with pytest.raises(TellsError, match="x comes twice"):
        results.thesis_numbers(tmp_path / "t.yaml")


@pytest.fixture
def folders(scores, tmp_path):
    """One committed record of RAVDESS, and a run on the demo."""
    known = {"balanced_accuracy": {"value": 0.4712, "low": 0.4149, "high": 0.521}}
    real = record(
        scores,
        data="ravdess",
        adapter="ravdess",
        split={"train": ["1"], "validation": ["2"], "test": ["21", "22", "23", "24"]},
        metrics=known,
    )
    results.write(real, scores, tmp_path / "results" / "ravdess")
    demo = record(scores, metrics={"balanced_accuracy": {"value": 0.6, "low": 0.5, "high": 0.7}})
    results.write(demo, scores, tmp_path / "demo")
    return {"evidence": tmp_path / "results", "own": [tmp_path / "demo"]}


def compared(*experiments, **options):
    return results.comparison_table(results.comparison_points(*experiments, **options))


def test_comparison_table_keeps_three_columns_apart(folders):
    table = compared(["ser-1", "ser-3a"], **folders)
    assert table.to_dict("records") == [
        {
            "experiment": "ser-1",
            "section": "5.3.1",
            "thesis": "0.334\n(Tripathi et al. 2018: 0.506)",
            "real corpora": "—",
            "understudy": "—",
        },
        {
            "experiment": "ser-3a",
            "section": "5.3.3",
            "thesis": "0.557\n0.54 in section 5.4.2",
            "real corpora": "0.47\u00a0[0.41,\u00a00.52]\nRAVDESS, actors 21-24, n\u00a0=\u00a0150",
            "understudy": "0.60\u00a0[0.50,\u00a00.70]\nsession 5, n\u00a0=\u00a0150",
        },
    ]


def test_a_readers_own_run_on_a_real_corpus_counts_as_real(folders, scores):
    own = record(scores, data="iemocap")
    results.write(own, scores, folders["own"][0])
    row = compared(["ser-3a"], **folders).iloc[0]
    assert row["understudy"] == "—"
    committed, mine = row["real corpora"].split("\n\n")
    assert "RAVDESS" in committed
    assert mine.endswith("IEMOCAP, session 5, n\u00a0=\u00a0150, this run")


def test_a_demo_record_among_the_committed_ones_is_an_error(folders, scores):
    results.write(record(scores), scores, folders["evidence"] / "iemocap")
    with pytest.raises(TellsError, match="real corpora only"):
        compared(["ser-3a"], **folders)


def test_an_experiment_stands_for_its_rows_and_all_are_the_default():
    nothing = {"evidence": None}
    assert list(compared(["det-audio"], **nothing)["experiment"]) == [
        "det-audio-lstm",
        "det-audio-lazypredict",
    ]
    everything = compared(**nothing)
    assert list(everything["experiment"]) == list(results.thesis_numbers()["id"])
    printed = everything.set_index("experiment")["thesis"]
    assert printed["ver-1"] == "over 0.64"
    assert printed["ver-3"] == "no number given"
    assert printed["ver-2-softmax-lstm"] == "0.50"
    assert printed["det-video-direct"].startswith("0.8242 to 0.8304\nslightly below 0.83")


def test_variants_stand_after_what_they_are_named_after(folders, scores):
    for name in ("ser-3a-scaled", "ver-2-all", "det-audio-lld", "det-audio-lstm-random", "own"):
        results.write(record(scores, experiment=name), scores, folders["own"][0])
    names = list(compared(**folders)["experiment"])
    thesis = list(results.thesis_numbers()["id"])
    assert [name for name in names if name in thesis] == thesis
    after = dict(zip(names[1:], names, strict=False))
    assert after["ser-3a-scaled"] == "ser-3a"
    assert after["ver-2-all"] == "ver-2-tanh-lstm"
    assert after["det-audio-lstm-random"] == "det-audio-lstm"
    assert after["det-audio-lld"] == "det-audio-lazypredict"
    assert names[-1] == "own"


def test_a_cell_names_corpora_and_folds_of_detectors(folders):
    table = detector_table(20)
    results.write(detector_record(table), table, folders["own"][0])
    dfdc = detector_record(table, data="dfdc")
    results.write(dfdc, table, folders["evidence"] / "dfdc")
    split = {"train": ["1"], "validation": ["2"], "test": ["21", "22", "23", "24"]}
    forged = detector_record(table, data="ravdess-forged", adapter="ravdess-forged", split=split)
    results.write(forged, table, folders["evidence"] / "ravdess-forged")
    row = compared(["det-audio-lstm"], **folders).iloc[0]
    assert row["thesis"] == "up to 0.5838"
    assert row["understudy"].endswith("]\nfolder 49, n\u00a0=\u00a060")
    cells = row["real corpora"].split("\n\n")
    assert cells[0].endswith("]\nDFDC, folder 49, n\u00a0=\u00a060")
    assert cells[1].endswith("]\nRAVDESS with forged voices, actors 21-24, n\u00a0=\u00a060")


def test_an_experiment_of_ones_own_is_known_by_its_record(folders, scores):
    mine = record(scores, experiment="egemaps-svm")
    results.write(mine, scores, folders["own"][0])
    row = compared(["egemaps-svm"], **folders).iloc[0]
    assert row["thesis"] == "—"
    assert row["understudy"].startswith(f"{mine.metrics['balanced_accuracy']['value']:.2f}\u00a0[")
    with pytest.raises(TellsError, match="'nonsense' is neither"):
        compared(["nonsense"], **folders)


def test_a_metric_that_no_record_has(folders):
    with pytest.raises(TellsError, match="got 'f1'"):
        compared(["ser-3a"], metric="f1", **folders)


def test_points_hold_the_numbers_of_the_table(folders):
    points = results.comparison_points(["ser-3a"], **folders).set_index("source")
    assert list(points.index) == ["thesis", "real corpora", "understudy"]
    assert points.loc["real corpora", ["value", "low", "high"]].tolist() == [0.4712, 0.4149, 0.521]
    assert (points["chance"] == 0.2).all()
    assert np.isnan(points.loc["thesis", "low"])


def test_html_escapes_breaks_lines_and_scrolls():
    page = to_html(pd.DataFrame({"a<b": ["x & y\nz"], "c": ["—"]}))
    assert "<th" in page
    assert "a&lt;b" in page
    assert "x &amp; y<br>z" in page
    assert "overflow-x: auto" in page
    for tag in ("tr", "td", "th", "table", "thead", "tbody", "div"):
        assert page.count(f"<{tag} ") + page.count(f"<{tag}>") == page.count(f"</{tag}>")
    assert results.html_table(pd.DataFrame({"c": ["—"]})).data == to_html(
        pd.DataFrame({"c": ["—"]})
    )


def test_a_record_cannot_be_changed(scores):
    with pytest.raises(dataclasses.FrozenInstanceError):
        record(scores).seed = 1
