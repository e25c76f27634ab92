"""Clips of real people: from files as distributed to faces and emotional features."""

import numpy as np
import pytest
import torch

from tells import corpora
from tells.features import extract, faces, frame_windows, maps
from tells.models import EmotionCNN3D


@pytest.fixture(scope="module")
def cremad(shared_data):
    return corpora.load("cremad", shared_data / "cremad_sample", media="video")


@pytest.fixture(scope="module")
def stored(cremad, tmp_path_factory):
    index, folder = cremad.table.index, tmp_path_factory.mktemp("cremad")
    return extract(cremad.root, index, faces.Faces(), folder, workers=0, progress=False)


def test_the_face_is_found_in_every_frame(cremad, stored):
    table, failed = stored.with_durations(cremad.table)
    assert len(table) == 6 and failed.empty
    coverage = faces.coverage(stored.reports(table))
    assert (coverage["frames"] >= 50).all()
    assert (coverage["found"] == coverage["frames"]).all()
    seconds = table.index.get_level_values("end").total_seconds()
    np.testing.assert_allclose(coverage["frames"] / seconds, 29.97, rtol=0.03)


def test_faces_of_ravdess(shared_data, tmp_path):
    """Four clips of two actors, 1280 x 720 with sound, as distributed."""
    corpus = corpora.load("ravdess", shared_data / "ravdess_video_sample", modality="audio-video")
    assert corpus.exclusions.empty
    assert corpus.table["speaker"].value_counts().to_dict() == {"01": 2, "05": 2}
    assert set(corpus.table["modality"]) == {"audio-video"}
    index = corpus.table.index
    stored = extract(corpus.root, index, faces.Faces(), tmp_path, workers=0, progress=False)
    table, failed = stored.with_durations(corpus.table)
    assert len(table) == 4 and failed.empty
    coverage = faces.coverage(stored.reports(table))
    assert (coverage["frames"] >= 80).all() and (coverage["share"] >= 0.95).all()


def test_features_of_a_clip_are_those_of_its_windows(cremad, stored, tmp_path):
    table, _ = stored.with_durations(cremad.table)
    windows, short = frame_windows(stored, table, tmp_path / "w.npy", stride=20)
    assert short.empty and set(windows.table["label"]) == set(cremad.table["label"])
    torch.manual_seed(0)
    network = EmotionCNN3D().eval()
    for clip, rows in windows.table.groupby("clip"):
        face = stored.read(clip)
        with torch.inference_mode():
            features = network.features(maps.maps(face)).numpy()
            alone = network.window_features(torch.from_numpy(windows.read(rows["window"]))).numpy()
        assert features.shape == (len(face) - 6, 32)
        assert np.isfinite(features).all() and features.std(axis=0).max() > 0
        np.testing.assert_allclose(features[::20], alone, atol=1e-5)
