"""Two records compared: what differs, and whether the test set can tell them apart."""

import json
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from metrics_fixtures import detector_record, detector_table
from tells import metrics, results
from tells.cli import app
from tells.errors import TellsError
from tells.report import write_comparison

mpl.use("Agg")

RAVDESS = Path(__file__).parents[1] / "data" / "results" / "ravdess"


def written(folder, table, **changes):
    return results.write(detector_record(table, **changes), table, folder)


@pytest.fixture
def pair(tmp_path):
    """A detector and a better one on the same clips."""
    weak = written(tmp_path / "a", detector_table(30, gain=0.5))
    strong = written(tmp_path / "b", detector_table(30, gain=3.0), parameters={"units": 64}, seed=1)
    return weak, strong


def test_differences_are_those_of_the_paired_bootstrap(pair):
    found = results.compare(*pair, n=300)
    tables = [results.read_scores(path) for path in pair[::-1]]
    expected = metrics.bootstrap_difference(*tables, "auc_fake", n=300, seed=0)
    row = found.metrics.loc["auc_fake"]
    assert (row["difference"], row["difference_low"]) == (expected.value, expected.low)
    a, b = (results.read(path).metrics["auc_fake"]["value"] for path in pair)
    assert row["difference"] == pytest.approx(b - a, abs=1e-5)
    assert row["difference_low"] > 0  # B is better, and the test set can tell
    assert found.notes == []


def test_every_metric_of_both_is_compared_and_its_difference_has_an_interval(pair):
    found = results.compare(*pair, n=100)
    first = results.read(pair[0])
    assert set(found.metrics.index) == set(first.metrics)
    assert not found.metrics.isna().any(axis=None)
    for name, row in found.metrics.iterrows():
        assert row["difference"] == pytest.approx(row["B"] - row["A"], abs=2e-5), name
        assert row["difference_low"] <= row["difference_high"]


def test_settings_are_those_that_differ(pair):
    settings = results.compare(*pair, n=50).settings.set_index("setting")
    assert settings.loc["parameters units"].tolist() == ["32", "64"]
    assert settings.loc["seed"].tolist() == ["0", "1"]
    assert "title" not in settings.index
    assert not [name for name in settings.index if name.startswith(("metrics", "versions"))]


def test_a_record_does_not_differ_from_itself(pair):
    found = results.compare(pair[0], pair[0], n=50)
    assert found.settings.empty
    assert (found.metrics[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)


def test_other_versions_and_fields_that_one_lacks_are_shown(pair, tmp_path):
    first = results.read(pair[0])
    other = replace(first, versions=first.versions | {"torch": "0.1"}, training={"epochs": 3})
    path = results.write(other, results.read_scores(pair[0]), tmp_path / "c")
    settings = results.compare(pair[0], path, n=50).settings.set_index("setting")
    assert settings.loc["versions torch"].tolist() == [first.versions["torch"], "0.1"]
    assert settings.loc["training epochs"].tolist() == ["—", "3"]


def test_other_folds_and_other_corpora_are_said(pair, tmp_path):
    split = {"train": ["45", "46", "48"], "validation": ["47"], "test": ["44"]}
    table = detector_table(30, folder="t")
    folds = results.compare(pair[0], written(tmp_path / "c", table, split=split))
    assert folds.notes[0].startswith("The test folds differ, folder 49 and folder 44")
    assert "same segments" in folds.notes[1]
    assert folds.metrics["difference_low"].isna().all()
    assert "[" not in folds.table()["B − A"].str.cat()
    corpora = results.compare(pair[0], written(tmp_path / "d", table, data="dfdc"))
    assert corpora.notes[0].startswith("The corpora differ, understudy and DFDC")


def test_records_without_scores_are_compared_without_intervals(pair):
    results.scores_path(pair[1]).unlink()
    found = results.compare(*pair)
    assert found.notes[0].startswith("The differences have no intervals")
    assert "b/det-audio-lstm.scores.parquet" in found.notes[0]
    assert found.metrics["difference"].notna().all()


def test_other_classes_are_refused(pair):
    with pytest.raises(TellsError, match="same classes; A has real, fake and B has anger"):
        results.compare(pair[0], RAVDESS / "ser-3a.json")


def test_the_page_needs_nothing_else_and_shows_no_markup_of_a_record(pair, tmp_path):
    marked = results.read(pair[1])
    marked = replace(marked, title="<script>x</script>", parameters={"p": "<img src=x>"})
    path = results.write(marked, results.read_scores(pair[1]), tmp_path / "c")
    page = write_comparison(results.compare(pair[0], path, n=50), tmp_path / "deep" / "x.html")
    soup = BeautifulSoup(page.read_text(), "html.parser")
    assert [tag.name for tag in soup.find_all(["script", "link"])] == []
    images = soup.find_all("img")
    assert len(images) == 2
    assert all(i["src"].startswith("data:image/png;base64,") and i["alt"] for i in images)
    assert "<script>x</script>" in soup.get_text()
    assert len(soup.select("table")) == 2
    assert plt.get_fignums() == []


def test_a_page_that_cannot_be_written(pair, tmp_path):
    with pytest.raises(TellsError, match="name another"):
        write_comparison(results.compare(*pair, n=50), tmp_path)


def test_the_command(pair, tmp_path):
    page = tmp_path / "page.html"
    command = ["compare", *map(str, pair), "--html", str(page)]
    result = CliRunner().invoke(app, command, env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("A: det-audio-lstm (Audio detection, LSTM_II), understudy")
    assert lines[-1] == str(page)
    metric = results.read(pair[0]).metrics["equal_error_rate"]
    (line,) = (line for line in lines if line.strip().startswith("equal error rate"))
    assert results.with_interval(**metric) in line
    assert any(line.split() == ["parameters", "units", "32", "64"] for line in lines)


def test_the_command_refuses_in_one_sentence(pair, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"schema": 7}))
    for other, says in ((RAVDESS / "ser-2.json", "same classes"), (wrong, "got schema 7")):
        result = CliRunner().invoke(app, ["compare", str(pair[0]), str(other)])
        assert (result.exit_code, result.stdout) == (2, "")
        assert says in result.stderr
        assert len(result.stderr.splitlines()) == 1
