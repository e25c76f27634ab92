"""A corpus full of broken files goes through the whole pipeline; each is counted and named."""

import numpy as np
import pytest

from tells import corpora, media
from tells.corpora import segmentation
from tells.features import extract, extract_windows, speech


@pytest.fixture
def broken(tmp_path, voice, write_sound):
    """RAVDESS-named clips of one actor: one good, one of each kind of bad, all sentences told."""
    root = tmp_path / "ravdess"
    samples = voice(1.2)
    not_a_number = samples.copy()
    not_a_number[99] = np.nan
    kinds = {
        "good": (samples, {}),
        "stereo": (np.stack([samples, samples], axis=1), {}),
        "8 kHz": (samples[::2], {"rate": 8_000}),
        "96 kHz": (np.repeat(samples, 6), {"rate": 96_000}),
        "24 bit": (samples, {"subtype": "PCM_24"}),
        "32 bit": (samples, {"subtype": "PCM_32"}),
        "float": (samples, {"subtype": "FLOAT"}),
        "short of a window": (samples[:8_000], {}),
        "short of a frame": (samples[:300], {}),
        "silent": (0 * samples, {}),
        "NaN": (not_a_number, {"subtype": "FLOAT"}),
        "no samples": (samples[:0], {}),
        "truncated": (samples, {}),
        "not audio": (samples, {}),
        "empty": (samples, {}),
    }
    paths = {}
    for i, (kind, (sound, options)) in enumerate(kinds.items()):
        name = f"Actor_01/03-01-{i % 8 + 1:02}-01-{i // 8 + 1:02}-01-01.wav"
        paths[kind] = write_sound(root / name, sound, **options)
    paths["truncated"].write_bytes(paths["truncated"].read_bytes()[:9_000])
    paths["not audio"].write_bytes(b"Dear reader, this is a letter.\n" * 99)
    paths["empty"].write_bytes(b"")
    return root, {kind: str(path.relative_to(root)) for kind, path in paths.items()}


def test_each_broken_file_is_counted_and_named(broken, tmp_path):
    root, names = broken
    corpus = corpora.load("ravdess", root)
    files = corpus.table.index.get_level_values("file")
    assert set(names.values()) - set(files) == {names["empty"]}
    assert corpus.exclusions["item"].str.contains(names["empty"]).any()
    assert (corpus.exclusions["reason"] == "empty file").sum() == 1

    store = extract(root, files, speech.LLDs("is10"), tmp_path / "f", workers=0, progress=False)
    table, failed = store.with_durations(corpus.table)
    reasons = dict(zip(failed["item"], failed["reason"], strict=True))
    expected = {
        "short of a frame": "shorter than one descriptor frame",
        "silent": "silent: every sample is zero",
        "NaN": "holds samples that are NaN",
        "no samples": "",
        "truncated": "cut off",
        "not audio": "",
    }
    assert set(reasons) == {names[kind] for kind in expected}
    for kind, reason in expected.items():
        assert reason in reasons[names[kind]]
        assert reasons[names[kind]]
    assert corpora.count_exclusions(failed).sum() == len(failed) == len(expected)
    assert len(table) + len(failed) == len(corpus.table)

    segments, short = segmentation.windows(table, length=1.0, min_length=0.6)
    assert short["item"].tolist() == [table["utterance"].xs(names["short of a window"]).iloc[0]]
    windows = extract_windows(store, segments, tmp_path / "w.npy", seconds=1.0)
    assert len(windows) == 7
    assert (windows.table["rows"] >= 95).all()
    assert np.isfinite(windows.read(range(7))[:, :95]).all()


def test_other_sample_formats_hold_the_same_sound(broken):
    root, names = broken
    good = media.audio(root / names["good"])
    for kind in ("stereo", "24 bit", "32 bit", "float"):
        np.testing.assert_allclose(media.audio(root / names[kind]), good, atol=1e-4, err_msg=kind)
