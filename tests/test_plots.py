import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from evaluation_fixtures import CLASSES, score_table
from tells import evaluation, plots
from tells.errors import TellsError

mpl.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "train_loss": [1.5, 1.2, 1.0],
        "validation_loss": [1.5, 1.3, 1.4],
        "validation_balanced_accuracy": [0.2, 0.45, 0.4],
    }
)
PITCH = pd.DataFrame(
    [
        (emotion, speaker, 100.0 + 10 * i + 5 * j)
        for i, emotion in enumerate(("anger", "sadness"))
        for speaker in ("a", "b", "c")
        for j in range(4)
    ],
    columns=["emotion", "speaker", "value"],
)


def points(**changes):
    return evaluation.comparison_points(["ser-2", "ver-3"], results=None, understudy=None).assign(
        **changes
    )


def rocs(n=60):
    table = score_table(n)
    p = evaluation.probabilities(table, CLASSES)
    return evaluation.roc_curve_one_vs_rest(table["label"], p, classes=CLASSES)


EVERY = {
    "confusion_matrix": lambda ax=None: plots.confusion_matrix(np.eye(2, dtype=int), "ab", ax=ax),
    "roc_curves": lambda ax=None: plots.roc_curves(rocs(), ax=ax),
    "training_curves": lambda ax=None: plots.training_curves(HISTORY, ax=ax),
    "class_counts": lambda ax=None: plots.class_counts({"train": {"anger": 3}}, ax=ax),
    "waveform": lambda ax=None: plots.waveform(np.ones(800), 16_000, ax=ax),
    "spectrogram": lambda ax=None: plots.spectrogram(np.ones(800), 16_000, ax=ax),
    "llds": lambda ax=None: plots.llds(np.eye(4), list("abcd"), ax=ax),
    "pitch_by_emotion": lambda ax=None: plots.pitch_by_emotion(PITCH, ax=ax),
    "comparison": lambda ax=None: plots.comparison(points(), ax=ax),
}


def test_every_drawing_function_is_tried_here():
    others = {"CLASS_COLOURS", "colours"}
    assert set(EVERY) == set(plots.__all__) - others


@pytest.mark.parametrize("name", EVERY)
def test_each_gives_a_figure_without_title_and_leaves_the_style_alone(name):
    before = dict(mpl.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig, ax = EVERY[name]()
    assert dict(mpl.rcParams) == before
    assert isinstance(fig, Figure)
    assert isinstance(ax, Axes)
    assert ax.figure is fig
    assert ax.get_title() == ""
    assert ax.get_xlabel() or ax.get_ylabel()
    assert to_hex(fig.get_facecolor()) == "#ffffff"


@pytest.mark.parametrize("name", EVERY)
def test_each_draws_into_axes_that_are_given(name):
    own, ax = plt.subplots()
    fig, given = EVERY[name](ax)
    assert fig is own
    assert given is ax
    assert plt.get_fignums() == [own.number]


def test_confusion_matrix_shows_counts_and_shares():
    _, ax = plots.confusion_matrix([[3, 1], [0, 0]], ("real", "fake"))
    assert texts(ax) == ["3\n75%", "1\n25%", "0", "0"]  # fake has no samples, so no share
    assert ticks(ax.xaxis) == ticks(ax.yaxis) == ["real", "fake"]
    assert ax.images[0].get_clim() == (0, 1)
    assert "true" in ax.get_ylabel()
    with pytest.raises(TellsError, match=r"\(3, 3\)"):
        plots.confusion_matrix([[3, 1], [0, 0]], "abc")


def test_roc_curves_have_areas_chance_and_the_colours_of_the_classes():
    curves = rocs()
    _, ax = plots.roc_curves(curves)
    assert legend(ax) == [
        *(f"{name}, {curves[name].auc:.2f}" for name in CLASSES),
        "chance, 0.50",
    ]
    lines = {line.get_label().split(",")[0]: line for line in ax.lines}
    np.testing.assert_array_equal(lines["anger"].get_xydata()[:, 0], curves["anger"].fpr)
    np.testing.assert_array_equal(lines["anger"].get_xydata()[:, 1], curves["anger"].tpr)
    assert lines["anger"].get_color() == plots.CLASS_COLOURS["anger"]
    np.testing.assert_array_equal(lines["chance"].get_xydata(), [[0, 0], [1, 1]])


def test_training_curves_mark_the_best_epoch():
    _, ax = plots.training_curves(HISTORY, chance=0.25)
    assert legend(ax) == [
        "loss, training",
        "loss, validation",
        "balanced accuracy, validation (right)",
        "best epoch, 2",
        "chance (right)",
    ]
    _, ax = plots.training_curves(HISTORY, best_epoch=3)
    assert "best epoch, 3" in legend(ax)
    with pytest.raises(TellsError, match="missing: train_loss"):
        plots.training_curves(HISTORY.drop(columns="train_loss"))


def test_class_counts_has_a_bar_for_each_class_and_split():
    counts = {"train": {"anger": 1200, "other": 3}, "validation": {}, "test": {"anger": 4}}
    _, ax = plots.class_counts(counts)
    assert ticks(ax.yaxis) == ["train", "test"]
    assert {c.get_label(): [bar.get_width() for bar in c] for c in ax.containers} == {
        "anger": [1200, 4],
        "other": [3, 0],
    }
    assert "1,200" in texts(ax)
    assert to_hex(ax.containers[0][0].get_facecolor()) == plots.CLASS_COLOURS["anger"].lower()


def test_waveform_of_a_long_signal_is_its_envelope():
    samples = np.zeros(32_000)
    samples[16_000] = 0.5
    _, ax = plots.waveform(samples, 16_000)
    assert ax.get_xlim() == (0, 2)
    outline = ax.collections[0].get_paths()[0].vertices
    assert len(outline) < 5000
    assert outline[:, 1].max() == 0.5
    assert outline[outline[:, 1].argmax(), 0] == pytest.approx(1, abs=0.01)
    with pytest.raises(TellsError, match="average the channels"):
        plots.waveform(np.zeros((2, 100)), 16_000)


def test_spectrogram_shows_a_tone_where_it_is():
    time = np.arange(16_000) / 16_000
    tone = np.where(time < 0.5, np.sin(2 * np.pi * 1000 * time), np.sin(2 * np.pi * 6000 * time))
    _, ax = plots.spectrogram(tone, 16_000)
    image = ax.images[0]
    level = image.get_array()
    left, right, bottom, top = image.get_extent()
    assert (left, right, bottom) == (0, 1, 0)
    for when, kilohertz in ((0.25, 1), (0.75, 6)):
        column = level[:, round(when / right * level.shape[1])]
        found = (column.argmax() + 0.5) / len(column) * top
        assert found == pytest.approx(kilohertz, abs=0.05)
    assert level.max() == 0
    assert level.min() == -80
    assert ax.get_ylim() == (0, 8)
    with pytest.raises(TellsError, match="25 ms"):
        plots.spectrogram(tone[:399], 16_000)


def test_spectrogram_of_a_higher_rate_ends_at_eight_kilohertz():
    _, ax = plots.spectrogram(np.ones(4410), 44_100)
    assert ax.get_ylim() == (0, 8)


def test_llds_scale_each_descriptor_and_label_groups():
    rows = np.arange(20.0)
    features = np.column_stack([rows, 1000 - 50 * rows, np.full(20, 7.0)])
    _, ax = plots.llds(features, ["f0", "loudness", "flat"], rate=100)
    shown = ax.images[0].get_array()  # a row for each descriptor
    np.testing.assert_allclose(shown[0], -shown[1])
    assert shown[0].std() == pytest.approx(1)
    assert (shown[2] == 0).all()
    assert ticks(ax.yaxis) == ["f0", "loudness", "flat"]
    assert ax.get_xlim() == (0, 0.2)

    groups = {"voicing": slice(0, 1), "energy": slice(1, 3), "none": slice(3, 3)}
    _, ax = plots.llds(features, ["f0", "loudness", "flat"], groups=groups)
    assert ticks(ax.yaxis) == ["voicing", "energy"]
    assert list(ax.get_yticks()) == [0, 1.5]

    with pytest.raises(TellsError, match=r"shape \(rows, 2\)"):
        plots.llds(features, ["f0", "loudness"])


def test_130_descriptors_get_no_more_names_than_fit():
    _, ax = plots.llds(np.random.default_rng(0).normal(size=(30, 130)), list(map(str, range(130))))
    assert ticks(ax.yaxis) == [str(i) for i in range(0, 130, 4)]


def test_pitch_joins_the_medians_of_each_speaker():
    with_gap = pd.concat([PITCH, pd.DataFrame([("anger", "d", np.nan)], columns=PITCH.columns)])
    _, ax = plots.pitch_by_emotion(with_gap, classes=CLASSES, label="F0 (Hz)")
    assert ticks(ax.xaxis) == ["anger\nn = 12", "sadness\nn = 12"]
    assert ax.get_ylabel() == "F0 (Hz)"
    medians = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(medians) == 3
    for line in medians:
        np.testing.assert_array_equal(line.get_xydata(), [[0, 107.5], [1, 117.5]])
    with pytest.raises(TellsError, match="missing: speaker"):
        plots.pitch_by_emotion(PITCH.drop(columns="speaker"))


def test_comparison_draws_each_source_in_its_own_way():
    table = points()
    extra = table.iloc[[0]].assign(data="RAVDESS", low=0.41, high=0.52, value=0.47)
    real, demo = extra.assign(source="real corpora"), extra.assign(source="understudy")
    fig, ax = plots.comparison(pd.concat([table.iloc[:1], real, demo, table.iloc[1:]]))
    markers = [line.get_marker() for line in ax.lines]
    assert markers == ["D", "o", "s"]
    assert len({line.get_color() for line in ax.lines}) == 3
    assert ticks(ax.yaxis) == ["ser-2", "ver-3"]
    assert texts(ax) == ["RAVDESS", "thesis: no number given"]
    assert [t.get_text() for t in fig.legends[0].get_texts()] == [
        "thesis",
        "real corpus",
        "understudy (synthetic)",
        "chance",
    ]
    segments = [s for c in ax.collections for s in c.get_segments()]
    horizontal = [s for s in segments if s[0, 1] == s[1, 1]]
    assert [sorted(s[:, 0]) for s in horizontal[1:]] == [[0.41, 0.52]] * 2
    chances = [s[0, 0] for s in segments if s[0, 0] == s[1, 0] and s[0, 1] != s[1, 1]]
    assert chances == [0.25, 0.2]


def test_comparison_needs_points():
    with pytest.raises(TellsError, match="at least one experiment"):
        plots.comparison(points().iloc[:0])
    with pytest.raises(TellsError, match="missing: chance"):
        plots.comparison(points().drop(columns="chance"))


def test_colours_are_fixed_and_different():
    assert len(set(plots.colours(CLASSES))) == len(CLASSES)
    assert plots.colours(["sadness", "anger"]) == plots.colours(CLASSES)[2::-2]
    assert len(set(plots.colours(["fear", "disgust", "anger"]))) == 3
