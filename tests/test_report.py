"""A record and its scores are enough to draw everything again."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from PIL import Image

from metrics_fixtures import detector_record, detector_table
from tells import results
from tells.errors import TellsError
from tells.report import write_report

mpl.use("Agg")

SPEECH = Path(__file__).parents[1] / "data" / "results" / "ravdess" / "ser-3a.json"


class Page(HTMLParser):
    """What a page consists of; fails at a tag that closes another one than was opened."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.images, self.open = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        elif tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def detector(tmp_path):
    table = detector_table(12)
    return results.write(detector_record(table), table, tmp_path / "results")


def test_a_detectors_report(detector, tmp_path):
    done = write_report(detector, tmp_path / "deep" / "report")
    assert sorted(p.name for p in (tmp_path / "deep" / "report").iterdir()) == [
        "calibration.png",
        "classes.png",
        "confusion_matrix.png",
        "confusion_matrix_at_threshold.png",
        "index.html",
        "roc.png",
    ]
    record = results.read(detector)
    assert dict(zip(done.metrics["metric"], done.metrics["value"], strict=True)) == {
        name: metric["value"] for name, metric in record.metrics.items()
    }
    page = Page(done.page.read_text())
    text = " ".join(page.texts)
    assert record.title in text
    assert "nothing about real people" in text
    assert "high means fake" in text
    assert "folder 49, n = 36, seed 0." in text
    assert "no face" in text
    error = record.metrics["equal_error_rate"]
    assert [t for t in page.texts if t == f"{error['value']:.3f}"]
    assert plt.get_fignums() == []


def test_the_page_holds_its_figures_and_needs_nothing_else(detector, tmp_path):
    done = write_report(detector, tmp_path / "report")
    text = done.page.read_text()
    images = Page(text).images
    assert len(images) == len(done.figures) == 5
    for image, path in zip(images, done.figures, strict=True):
        kind, data = image["src"].split(",", 1)
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data) == path.read_bytes()
        assert image["alt"]
        assert min(Image.open(path).size) > 150
    assert not re.search(r"(src|href)=\"(?!data:)|<script|@import|url\(", text)


def test_the_report_of_a_committed_emotion_record(tmp_path):
    done = write_report(SPEECH, tmp_path)
    assert [p.stem for p in done.figures] == ["classes", "confusion_matrix", "roc"]
    text = " ".join(Page(done.page.read_text()).texts)
    assert "Computed on RAVDESS, recordings of people." in text
    assert "actors 21-24, n = 313" in text
    assert "high means fake" not in text
    assert "macro auc" in text


def test_texts_of_a_record_are_no_markup(tmp_path):
    table = detector_table(8)
    marked = detector_record(
        table,
        title="<script>x</script>",
        exclusions={"<b>a</b>": 1},
        parameters={"p": "<img src=x>"},
    )
    done = write_report(results.write(marked, table, tmp_path), tmp_path / "report")
    page = Page(done.page.read_text())
    assert not {"script", "b"} & set(page.tags)
    assert len(page.images) == len(done.figures)
    assert "<script>x</script>" in page.texts


def test_what_cannot_be_reported(detector, tmp_path):
    scores = results.scores_path(detector)
    whole = detector.read_text()
    with pytest.raises(TellsError, match=r"record's JSON, as ser-2\.json"):
        write_report(scores, tmp_path / "r")
    with pytest.raises(TellsError, match="cannot be read"):
        write_report(tmp_path / "none.json", tmp_path / "r")
    detector.write_text(json.dumps(json.loads(whole) | {"schema": 7}))
    with pytest.raises(TellsError, match="schema 1; got schema 7"):
        write_report(detector, tmp_path / "r")
    detector.write_text(whole)
    other = detector_table(12, noise=1)
    results.write(detector_record(other), other, tmp_path / "other")
    (tmp_path / "other" / scores.name).replace(scores)
    with pytest.raises(TellsError, match="whose confusion_matrix is"):
        write_report(detector, tmp_path / "r")
    scores.unlink()
    with pytest.raises(TellsError, match="missing or damaged"):
        write_report(detector, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_folder_that_cannot_be_written(detector, tmp_path):
    (tmp_path / "file").write_text("letter")
    with pytest.raises(TellsError, match="name another"):
        write_report(detector, tmp_path / "file")
