import os
import subprocess
import sys
import warnings
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from metrics_fixtures import CLASSES, detector_table, score_table
from tells import metrics, plots, results
from tells.errors import TellsError
from tells.features import maps
from tells.plots.pictures import flow_colours

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
TRAINED = SimpleNamespace(curves=HISTORY, best_epoch=2, classes=list("abcd"))
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
    return results.comparison_points(["ser-2", "ver-3"], evidence=None).assign(**changes)


def rocs(n=60):
    return metrics.roc_curves(score_table(n))


def both(noise=0):
    table = detector_table(12, noise=noise)
    return table["label"], table["p_fake"]


def methods():
    """Three kinds of fakes, one of reals."""
    table = detector_table(12)
    kinds = {name: "swap" if i % 2 else "flat" for i, name in enumerate(table["utterance"][:30])}
    reals = table.loc[table["label"] == "real", "utterance"]
    return metrics.by_method(table, kinds | dict.fromkeys(reals, "untouched"), n=20)


TIMES = np.arange(5) / 30
BOXES = np.array([[10.0, 20.0, 30.0, 40.0]] * 5)


def clip(n=8):
    """Maps of a bright square on black that moves to the right by a pixel a frame."""
    faces = np.zeros((n, 80, 60), np.uint8)
    for i, face in enumerate(faces):
        face[30:50, 10 + i : 30 + i] = 200
    return maps.maps(faces)


def halves(ax=None):
    return plots.class_probabilities(np.full((5, 2), 0.5), ("anger", "other"), TIMES, ax=ax)


def gains():
    values = {"gain": [0.1, -0.2], "low": [-0.3, -0.4], "high": [0.4, -0.1]}
    return pd.DataFrame({"name": ["a − b", "c − d"]} | values)


EVERY = {
    "confusion_matrix": lambda ax=None: plots.confusion_matrix(np.eye(2, dtype=int), "ab", ax=ax),
    "roc_curves": lambda ax=None: plots.roc_curves(rocs(), ax=ax),
    "calibration": lambda ax=None: plots.calibration(
        {"Audio": metrics.calibration_curve(*both())}, ax=ax
    ),
    "detection_methods": lambda ax=None: plots.detection_methods(methods(), ax=ax),
    "differences": lambda ax=None: plots.differences(gains(), ax=ax),
    "training_curves": lambda ax=None: plots.training_curves(TRAINED, ax=ax),
    "class_counts": lambda ax=None: plots.class_counts(
        {"train": {"anger": 3}}, classes=["anger"], ax=ax
    ),
    "waveform": lambda ax=None: plots.waveform(np.ones(800), 16_000, ax=ax),
    "spectrogram": lambda ax=None: plots.spectrogram(np.ones(800), 16_000, ax=ax),
    "llds": lambda ax=None: plots.llds(np.eye(4), list("abcd"), ax=ax),
    "pitch_by_emotion": lambda ax=None: plots.pitch_by_emotion(PITCH, classes=CLASSES, ax=ax),
    "comparison": lambda ax=None: plots.comparison(points(), ax=ax),
    "analysis_frames": lambda ax=None: plots.analysis_frames(np.ones(960), 16_000, ax=ax),
    "spectra": lambda ax=None: plots.spectra({"frame": np.ones(320)}, 16_000, ax=ax),
    "heat_map": lambda ax=None: plots.heat_map(np.eye(4), ax=ax),
    "class_probabilities": halves,
    "box_track": lambda ax=None: plots.box_track(TIMES, BOXES, np.ones(5, bool), ax=ax),
    "timeline": lambda ax=None: plots.timeline({"windows": [(0, 3), (1, 4)]}, ax=ax),
    "network": lambda ax=None: plots.network([np.ones((2, 3))], ("in", "out"), ax=ax),
    "emotion_plane": lambda ax=None: plots.emotion_plane(rated(), classes=["anger"], ax=ax),
}
RECORD = SimpleNamespace(confusion_matrix=np.eye(2, dtype=int), classes=("real", "fake"))
WINDOWS = SimpleNamespace(  # two, of faces and of emotional features
    table=pd.DataFrame(
        {"label": ["anger", "other"], "speaker": "a", "segment": ["u#0", "u#1"], "window": [0, 1]}
        | {"rows": 40, "predicted": "sadness", "certainty": 0.9}
    ),
    read=lambda numbers: np.zeros((len(numbers), 50, 32), np.float32),
    face=lambda _: np.zeros((80, 60), np.uint8),
)
GRIDS = {  # several axes, or one of pictures whose names stand beside them
    "faces": lambda: plots.faces([np.zeros((80, 60), np.uint8)] * 6, list("abcdef")),
    "face_boxes": lambda: plots.face_boxes(
        [np.zeros((48, 72), np.uint8)] * 3, BOXES[:3], list("abc"), found=[True] * 3
    ),
    "channels": lambda: plots.channels(clip(), 3),
    "feature_maps": lambda: plots.feature_maps({"grey": [np.eye(7)]}, ["1"]),
    "stacked_axes": lambda: plots.stacked_axes((1, 2)),
    "grids": lambda: plots.grids({"a": np.eye(3), "b": np.eye(2)}),
    "side_by_side": lambda: plots.side_by_side(1, 2, size=(8, 3)),
    "confusion_matrices": lambda: plots.confusion_matrices({"a": RECORD, "b": RECORD}, columns=2),
    "published": lambda: plots.published(results.published("ser-2")),
    "emotional_series": lambda: plots.emotional_series(WINDOWS, WINDOWS.table),
    "example_faces": lambda: plots.example_faces(WINDOWS, WINDOWS.table),
    "wrong_faces": lambda: plots.wrong_faces(WINDOWS, WINDOWS.table),
}


def rated():
    """Utterances of two classes whose ratings are known."""
    return pd.DataFrame(
        {
            "label": ["anger"] * 4 + ["sadness"] * 4,
            "valence": [1.0, 2, 2, 3, 2, 2, 2, 2],
            "activation": [4.0, 3, 5, 4, 1, 1, 2, 2],
        }
    )


def test_every_drawing_function_is_tried_here():
    others = {"CLASS_COLOURS", "colours", "legend_above"}
    others |= {"speech_window"}  # which reads media; the chapters try it
    assert set(EVERY) | set(GRIDS) == set(plots.__all__) - others


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


@pytest.mark.parametrize("name", GRIDS)
def test_grids_have_no_title_and_leave_the_style_alone(name):
    before = dict(mpl.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig, axs = GRIDS[name]()
    assert dict(mpl.rcParams) == before
    assert [ax.get_title() for ax in np.ravel(axs)] == [""] * np.size(axs)
    assert to_hex(fig.get_facecolor()) == "#ffffff"


def test_figures_are_shown_in_a_notebook_whose_first_figure_is_ours():
    script = (
        "import matplotlib; from IPython.core.interactiveshell import InteractiveShell;"
        "InteractiveShell.instance(); from tells import plots; plots.waveform([0, 1], 10);"
        "assert matplotlib.is_interactive()"
    )
    inline = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    subprocess.run([sys.executable, "-c", script], env=os.environ | inline, check=True)


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


def test_roc_curves_of_detectors_have_the_colours_of_audio_video_and_combined():
    curves = {n: metrics.roc_curve(*both(i)) for i, n in enumerate(("Audio", "Video", "Combined"))}
    _, ax = plots.roc_curves(curves, kind="detector")
    assert legend(ax) == [*(f"{n}, {c.auc:.2f}" for n, c in curves.items()), "chance, 0.50"]
    assert ax.get_box_aspect() == 1
    assert ax.get_xlim() == ax.get_ylim() == (0, 1)
    lines = {line.get_label().split(",")[0]: line for line in ax.lines}
    np.testing.assert_array_equal(lines["Video"].get_ydata(), curves["Video"].tpr)
    drawn = [lines[name].get_color() for name in ("Audio", "Video", "Combined", "chance")]
    assert len(set(drawn)) == 4
    two = {"combined": curves["Combined"], "audio": curves["Audio"]}
    _, ax = plots.roc_curves(two, kind="detector")
    assert [line.get_color() for line in ax.lines[1:]] == [drawn[2], drawn[0]]
    with pytest.raises(TellsError, match="at least one curve"):
        plots.roc_curves({})


def test_calibration_draws_each_bin_and_names_the_error():
    curve = metrics.calibration_curve(*both())
    _, ax = plots.calibration({"Audio": curve, "LSTM_II": curve})
    assert legend(ax) == [
        *(f"{name}, {curve.error:.2f}" for name in ("Audio", "LSTM_II")),
        "calibrated, 0.00",
    ]
    ideal, first, second = ax.lines
    np.testing.assert_array_equal(
        first.get_xydata(), np.stack([curve.predicted, curve.observed], 1)
    )
    np.testing.assert_array_equal(ideal.get_xydata(), [[0, 0], [1, 1]])
    assert first.get_color() != second.get_color()
    with pytest.raises(TellsError, match="at least one calibration"):
        plots.calibration({})


@pytest.mark.parametrize(
    ("statistic", "ends"), [("called_fake", ["low", "high"]), ("auc", ["auc_low", "auc_high"])]
)
def test_detection_methods_parts_fakes_from_reals(statistic, ends):
    table = methods()
    _, ax = plots.detection_methods(table, statistic=statistic)
    assert ticks(ax.yaxis) == [
        *("flat (n = 10)", "swap (n = 10)", "unknown (n = 4)"),
        "untouched (n = 12)",
    ]
    assert legend(ax) == ["fake clips", "real clips", "chance"][: 2 + (statistic == "auc")]
    drawn = np.concatenate([line.get_xdata() for line in ax.lines[:2]])
    np.testing.assert_array_equal(drawn, table[statistic])
    segments = [s for c in ax.collections for s in c.get_segments()]
    np.testing.assert_array_equal([s[:, 0] for s in segments], table[ends])
    heights = ax.get_yticks()
    assert heights[3] - heights[2] > heights[2] - heights[1]
    colours = [plots.CLASS_COLOURS[name] for name in ("fake", "real")]
    assert [line.get_color() for line in ax.lines[:2]] == colours


def test_detection_methods_needs_a_table_of_methods():
    with pytest.raises(TellsError, match="got 'hits'"):
        plots.detection_methods(methods(), statistic="hits")
    with pytest.raises(TellsError, match="missing: method"):
        plots.detection_methods(methods().drop(columns="method"))
    with pytest.raises(TellsError, match="at least one method"):
        plots.detection_methods(methods().iloc[:0])


def test_differences_lie_around_zero():
    _, ax = plots.differences(gains())
    assert ticks(ax.yaxis) == ["a − b", "c − d"]
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [0.1, -0.2])
    segments = [s[:, 0].tolist() for s in ax.collections[0].get_segments()]
    assert segments == [[-0.3, 0.4], [-0.4, -0.1]]
    assert ax.get_xlim()[0] == -ax.get_xlim()[1]


def test_differences_need_pairs():
    with pytest.raises(TellsError, match="missing: low"):
        plots.differences(gains().drop(columns="low"))
    with pytest.raises(TellsError, match="at least one difference"):
        plots.differences(gains().iloc[:0])


def test_training_curves_mark_the_best_epoch():
    _, ax = plots.training_curves(TRAINED)
    assert legend(ax) == [
        "loss, training",
        "loss, validation",
        "balanced accuracy, validation (right)",
        "best epoch, 2",
        "chance (right)",
    ]
    short = HISTORY.drop(columns="train_loss")
    with pytest.raises(TellsError, match="missing: train_loss"):
        plots.training_curves(SimpleNamespace(curves=short, best_epoch=2, classes="ab"))


def test_class_counts_has_a_bar_for_each_class_and_split():
    counts = {"train": {"anger": 1200, "other": 3}, "validation": {}, "test": {"anger": 4}}
    _, ax = plots.class_counts(counts, classes=["anger", "other"], unit="clips")
    assert ax.get_xlabel() == "clips"
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
        plots.pitch_by_emotion(PITCH.drop(columns="speaker"), classes=CLASSES)


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


def test_analysis_frames_draw_a_taper_for_each_frame_that_fits():
    _, ax = plots.analysis_frames(
        np.ones(960), 16_000, start=2.0
    )  # 60 ms: frames at 0, 10, ... 40 ms
    *tapers, signal = ax.lines
    starts = [line.get_xdata()[0] for line in tapers]
    np.testing.assert_allclose(starts, [2000, 2010, 2020, 2030, 2040])
    assert tapers[0].get_ydata().max() == pytest.approx(1, abs=1e-3)
    assert len(signal.get_xdata()) == 960
    with pytest.raises(TellsError, match=r"at least a frame, 0\.02 s; got 0\.01 s"):
        plots.analysis_frames(np.ones(160), 16_000)


def test_spectra_show_a_tone_at_its_frequency():
    tone = np.sin(2 * np.pi * 1000 * np.arange(960) / 16_000)
    _, ax = plots.spectra({"as cut": tone, "tapered": tone * np.hamming(960)}, 16_000)
    assert legend(ax) == ["as cut", "tapered"]
    cut, tapered = (line.get_xydata() for line in ax.lines)
    for curve in (cut, tapered):
        assert curve[curve[:, 1].argmax(), 0] == pytest.approx(1, abs=0.02)
        assert curve[:, 1].max() == pytest.approx(0)
    beside = (cut[:, 0] > 1.1) & (cut[:, 0] < 1.5)
    assert tapered[beside, 1].max() < cut[beside, 1].max() - 10


def test_heat_map_runs_from_minus_one_to_one_at_the_times_of_its_steps():
    values = np.column_stack([np.linspace(-1, 1, 20), np.full(20, 0.5), np.full(20, -3.0)])
    _, ax = plots.heat_map(values, rate=10, start=2, unit="LSTM", groups={"a": slice(0, 3)})
    image = ax.images[0]
    assert image.get_clim() == (-1, 1)
    assert image.get_extent() == [2, 4, 2.5, -0.5]
    np.testing.assert_array_equal(image.get_array(), values.T)
    assert image.colorbar.extend == "min"
    assert ticks(ax.yaxis) == ["a"]
    assert plots.heat_map(values[:, :2])[1].images[0].colorbar.extend == "neither"
    with pytest.raises(TellsError, match=r"\(steps, units\); got \(20,\)"):
        plots.heat_map(values[:, 0])


def test_class_probabilities_have_the_colours_of_the_classes_and_chance():
    p = np.column_stack([np.linspace(0, 1, 5), np.linspace(1, 0, 5)])
    _, ax = plots.class_probabilities(p, ("anger", "sadness"), TIMES)
    assert legend(ax) == ["anger", "sadness"]
    chance, anger, _ = ax.lines
    assert set(chance.get_ydata()) == {0.5}
    assert anger.get_color() == plots.CLASS_COLOURS["anger"]
    np.testing.assert_array_equal(anger.get_xydata(), np.column_stack([TIMES, p[:, 0]]))
    with pytest.raises(TellsError, match=r"\(5, 3\); got \(5, 2\)"):
        plots.class_probabilities(p, "abc", TIMES)


def test_box_track_shades_what_was_not_found():
    boxes = BOXES + np.arange(5)[:, None] * [1, 0, 1, 0]
    _, ax = plots.box_track(TIMES, boxes, [True, True, False, False, True])
    right, down, side = (line.get_ydata() for line in ax.lines)
    np.testing.assert_array_equal(right, [-2, -1, 0, 1, 2])
    assert not down.any()
    assert not side.any()
    (shaded,) = ax.collections[0].get_paths()
    assert shaded.vertices[:, 0].min() == TIMES[2]
    assert shaded.vertices[:, 0].max() == TIMES[3]
    with pytest.raises(TellsError, match="each of 5 times"):
        plots.box_track(TIMES, boxes[:4], np.ones(5))


def test_timeline_puts_spans_that_overlap_into_lanes():
    _, ax = plots.timeline({"all": [(0, 6)], "windows": [(0, 3), (1, 4), (3, 6)], "none": []})
    assert ticks(ax.yaxis) == ["all", "windows", "none"]
    bars = [(p.get_extents(), c.get_facecolor()[0]) for c in ax.collections for p in c.get_paths()]
    assert len({tuple(colour) for _, colour in bars}) == 2
    assert [(box.x0, box.x1) for box, _ in bars] == [(0, 6), (0, 3), (3, 6), (1, 4)]
    heights = [round(box.y0, 6) for box, _ in bars]
    assert heights[1] == heights[2] < heights[3]
    with pytest.raises(TellsError, match="at least one span"):
        plots.timeline({"windows": []})


def test_timeline_colours_spans_by_class_and_hatches_those_without():
    rows = {"Ses01F": [(0, 2), (4, 6)], "Ses01M": [(2, 4)]}
    _, ax = plots.timeline(rows, labels={"Ses01F": ["anger", None], "Ses01M": ["anger"]})
    angry, unknown, other = ax.collections
    assert to_hex(angry.get_facecolor()[0]).upper() == plots.CLASS_COLOURS["anger"]
    assert (other.get_facecolor() == angry.get_facecolor()).all()
    assert (angry.get_hatch(), bool(unknown.get_hatch())) == (None, True)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["anger", "no label"]
    with pytest.raises(TellsError, match="each of the 1 spans of 'Ses01M'; got 0"):
        plots.timeline(rows, labels={"Ses01F": ["anger", None]})


def test_panels_share_time_if_asked():
    fig, axs = plots.stacked_axes((1, 3), sharex=True)
    assert tuple(fig.get_size_inches()) == (7, 4)
    axs[0].set_xlim(0, 9)
    assert axs[1].get_xlim() == (0, 9)


def test_faces_hide_the_places_that_are_left():
    _, axs = GRIDS["faces"]()
    assert axs.shape == (2, 5)
    assert [ax.get_xlabel() for ax in axs.flat if ax.get_visible()] == list("abcdef")
    with pytest.raises(TellsError, match="got 1 and 0"):
        plots.faces([np.zeros((80, 60), np.uint8)], [])


def test_face_boxes_draws_guesses_dashed_and_the_middle_of_a_split_screen():
    pictures = [np.zeros((48, 72, 3), np.uint8)] * 2
    _, axs = plots.face_boxes(pictures, BOXES[:2], "ab", found=[True, False], split=True)
    sure, guess = (ax.patches[0] for ax in axs.flat)
    assert sure.get_bbox().extents.tolist() == [10, 20, 30, 40]
    assert (sure.get_linestyle(), guess.get_linestyle()) == ("solid", "dashed")
    assert sure.get_edgecolor() != guess.get_edgecolor()
    assert axs[0, 0].lines[0].get_xdata() == [36, 36]
    _, axs = plots.face_boxes(pictures, BOXES[:2], "ab", found=[True, True])
    assert not axs[0, 0].lines
    with pytest.raises(TellsError, match=r"boxes of shape \(5, 4\)"):
        plots.face_boxes(pictures, BOXES, "ab", found=[True, True])


def test_hues_are_directions_and_rest_is_white():
    x, y = np.array([[1.0, 0.0, -1.0, 0.0]]), np.array([[0.0, 0.0, 0.0, 1.0]])
    right, rest, left, down = flow_colours(x, y)[0]
    assert right.argmax() == 0  # red
    assert rest.min() == rest.max() > 0.9
    assert left.argmin() == 0  # cyan
    assert (down[2] > down[1]) and down[0] > down[1]  # violet
    longer = flow_colours(3 * x, 3 * y)
    np.testing.assert_array_equal(longer, flow_colours(x, y))


def test_channels_name_what_they_show_and_explain_the_colours():
    _, axs = plots.channels(clip(), 3)
    names = [ax.get_xlabel() for ax in axs.flat if ax.get_visible()]
    assert names[:6] == ["grey", "x-gradient", "y-gradient", "x-flow", "y-flow", "flow"]
    assert "pixels a frame" in names[6]
    shown = axs[1, 0].images[0].get_array()
    assert shown[40, 12] > 0  # its left edge moves to the right
    with pytest.raises(TellsError, match="between 0 and 6; got 7"):
        plots.channels(clip(), 7)


def test_feature_maps_keeps_the_sizes_of_maps():
    rows = {"a": [np.full((4, 6), -2.0), np.full((2, 3), 1.0)], "b": [np.full((4, 6), 0.5)]}
    _, ax = plots.feature_maps(rows, ["in", "out"], gap=1)
    picture = ax.images[0].get_array()
    assert picture.shape == (1 + 4 + 1 + 4 + 1, 1 + 6 + 1 + 3 + 1, 3)
    assert ticks(ax.xaxis) == ["in", "out"]
    assert ticks(ax.yaxis) == ["a", "b"]
    blue, pale, red = picture[2, 3], picture[3, 9], picture[7, 3]
    assert blue.argmax() == 2
    assert red.argmax() == 0
    assert pale.min() > red.min()  # half as large as the largest of its row
    assert picture[1, 9].min() == 1  # above the small map, which lies in the middle
    _, ax = plots.feature_maps(rows, ["in", "out"], gap=1, each=True, grey={"a": 1})
    picture = ax.images[0].get_array()
    np.testing.assert_array_equal(picture[3, 9], red)
    assert picture[2, 3].max() == 0  # black: the smallest value of a face
    with pytest.raises(TellsError, match="at most 1 maps"):
        plots.feature_maps(rows, ["in"])


def test_columns_share_a_scale_if_asked():
    fig, axs = plots.side_by_side(1, 2, size=(5, 2), sharey=True)
    assert tuple(fig.get_size_inches()) == (5, 2)
    axs[0, 0].set_ylim(0, 7)
    assert axs[0, 1].get_ylim() == (0, 7)


def test_legend_above_names_lines_in_columns():
    _, ax = plt.subplots()
    ax.plot([0, 1], label="a")
    ax.plot([1, 0], label="b")
    plots.legend_above(ax, columns=2)
    assert legend(ax) == ["a", "b"]
    assert not ax.get_legend().get_frame_on()


def test_grids_write_each_number_into_its_cell():
    picture = np.array([[1.0, -2.0], [0.25, -0.001]])
    fig, axs = plots.grids(
        {"picture": picture, "row": [[8, 0, 1]]},
        signs=("=",),
        frames={"row": (0, 1, 1, 2)},
        decimals=2,
    )
    assert texts(axs[0]) == ["1", "\N{MINUS SIGN}2", "0.25", "0"]
    assert [ax.get_xlabel() for ax in axs] == ["picture", "row"]
    assert [text.get_text() for text in fig.texts] == ["="]
    (frame,) = axs[1].patches
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((0.5, -0.5), 2, 1)
    np.testing.assert_allclose(axs[0].images[0].get_array(), picture / 8)


def test_grids_have_cells_of_one_size_and_fit_the_page():
    fig, axs = plots.grids({str(i): np.zeros((4, 5)) for i in range(5)})
    assert fig.get_size_inches()[0] == pytest.approx(7)
    widths = [ax.get_position().width for ax in axs]
    assert max(widths) == pytest.approx(min(widths))


@pytest.mark.parametrize(
    ("matrices", "signs", "says"),
    [
        ({}, (), r"got shapes \[\]"),
        ({"a": [1, 2]}, (), r"\(rows, columns\); got shapes \[\(2,\)\]"),
        ({"a": [[1]], "b": [[1]]}, ("*", "="), "signs must be 1, one a gap; got 2"),
    ],
)
def test_grids_reject_what_is_no_matrix(matrices, signs, says):
    with pytest.raises(TellsError, match=says):
        plots.grids(matrices, signs=signs)


def test_network_draws_the_stronger_weight_thicker_and_its_sign_as_colour():
    _, ax = plots.network([[[1.0, -2.0]], [[0.5], [0.0]]], ("in", "hidden", "out"))
    weak, strong, *_ = ax.lines
    assert weak.get_linewidth() < strong.get_linewidth()
    assert weak.get_color() != strong.get_color()
    assert ticks(ax.xaxis) == ["in", "hidden", "out"]
    assert len(ax.lines) == 4


@pytest.mark.parametrize(
    ("weights", "names", "says"),
    [
        ([], [], r"got shapes \[\]"),
        ([np.ones((2, 3)), np.ones((2, 1))], "abc", "from a layer to the next"),
        ([np.ones((2, 3))], "abc", "names must be 2, one a layer; got 3"),
    ],
)
def test_network_rejects_layers_that_do_not_fit(weights, names, says):
    with pytest.raises(TellsError, match=says):
        plots.network(weights, names)


def test_emotion_plane_has_an_ellipse_of_one_deviation_at_the_mean_of_a_class():
    table = rated()
    _, ax = plots.emotion_plane(table, classes=("anger", "neutral"))
    (ellipse,) = ax.patches
    own = table[table["label"] == "anger"][["valence", "activation"]]
    np.testing.assert_allclose(ellipse.get_center(), own.mean())
    deviations = np.sort([ellipse.get_width() / 2, ellipse.get_height() / 2])
    np.testing.assert_allclose(deviations, np.sort(own.std()))
    assert legend(ax) == ["anger, n = 4"]
    assert to_hex(ellipse.get_edgecolor()).upper() == plots.CLASS_COLOURS["anger"]
    with pytest.raises(TellsError, match="missing: valence"):
        plots.emotion_plane(table.drop(columns="valence"), classes=("anger",))
