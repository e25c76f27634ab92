"""`tells.features.speech`: openSMILE's own descriptors, to the last bit."""

import pickle
import warnings

import numpy as np
import opensmile
import pytest

from tells.errors import TellsError
from tells.features import speech
from tells.media import MediaError

SETS = {"compare2016": 130, "is10": 38}


def reference(samples, feature_set, level):
    frame = opensmile.Smile(feature_set, level).process_signal(samples, 16_000)
    return frame.to_numpy(np.float32), list(frame.columns)


def test_compare2016_is_equal_to_two_passes(voice):
    samples = voice(2.3)
    low, low_names = reference(
        samples, opensmile.FeatureSet.ComParE_2016, opensmile.FeatureLevel.LowLevelDescriptors
    )
    deltas, delta_names = reference(
        samples,
        opensmile.FeatureSet.ComParE_2016,
        opensmile.FeatureLevel.LowLevelDescriptors_Deltas,
    )
    rows = min(len(low), len(deltas))
    ours = speech.llds(samples, "compare2016")
    np.testing.assert_array_equal(ours, np.hstack([low[:rows], deltas[:rows]]))
    assert speech.LLDs("compare2016").columns == low_names + delta_names


def test_is10_is_equal_to_the_shipped_set(voice):
    samples = voice(1.7, seed=1)
    rows, names = reference(
        samples, opensmile.FeatureSet.IS10, opensmile.FeatureLevel.LowLevelDescriptors
    )
    np.testing.assert_array_equal(speech.llds(samples, "is10"), rows)
    assert speech.LLDs("is10").columns == names


@pytest.mark.parametrize(
    ("name", "seconds", "rows"),
    [("compare2016", 1, 96), ("compare2016", 3, 296), ("is10", 1, 95), ("is10", 3, 295)],
)
def test_shape(voice, name, seconds, rows):
    descriptors = speech.llds(voice(seconds), name)
    assert descriptors.shape == (rows, SETS[name])
    assert descriptors.dtype == np.float32
    assert np.isfinite(descriptors).all()


def test_a_call_leaves_no_trace_in_the_next(voice):
    first, other = voice(0.5), voice(0.7, seed=3)
    expected = speech.llds(first)
    speech.llds(other)
    np.testing.assert_array_equal(speech.llds(first), expected)


def test_full_scale_does_not_wrap(voice):
    """A sample of exactly 1.0 would become -32768 in openSMILE's 16 bit."""
    loud = voice(0.5)
    loud[4_000:4_010] = 1.0
    almost = loud.copy()
    almost[4_000:4_010] = 32_767 / 32_768
    wrapped = loud.copy()
    wrapped[4_000:4_010] = -1.0
    np.testing.assert_array_equal(speech.llds(loud), speech.llds(almost))
    assert np.abs(speech.llds(loud) - speech.llds(wrapped)).max() > 1e-3


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("samples", [1, 320, 400, 639, 959, 960, 961, 1_120, 1_500])
def test_short_signals_give_no_rows_or_whole_rows(voice, name, samples):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        descriptors = speech.llds(voice(1.0)[:samples], name)
    assert descriptors.shape[1] == SETS[name]
    assert np.isfinite(descriptors).all()
    assert len(descriptors) <= samples // 160


@pytest.mark.parametrize("name", SETS)
def test_groups_hold_every_column_once(name):
    columns = speech.LLDs(name).columns
    numbers = [i for part in speech.groups(name).values() for i in range(len(columns))[part]]
    assert numbers == list(range(len(columns)))


def test_groups_have_the_sizes_of_the_tables():
    """Tables 4.1 and 5.1 of the thesis; each group of deltas is as large as its descriptors'."""
    sizes = {group: s.stop - s.start for group, s in speech.groups("compare2016").items()}
    low = {"voicing": 6, "energy": 4, "auditory bands": 26, "spectral": 15, "MFCC": 14}
    assert sizes == low | {f"Δ {group}": size for group, size in low.items()}
    sizes = {group: s.stop - s.start for group, s in speech.groups("is10").items()}
    assert sizes == {
        "loudness": 1,
        "MFCC": 15,
        "mel bands": 8,
        "line spectrum": 8,
        "voicing": 6,
    }


@pytest.mark.parametrize("name", ["compare", "", "IS10"])
def test_unknown_set(name):
    with pytest.raises(TellsError, match=r"compare2016, is10; got '" + name):
        speech.LLDs(name)
    with pytest.raises(TellsError):
        speech.llds(np.zeros(16_000), name)
    with pytest.raises(TellsError):
        speech.groups(name)


def test_extractor(tmp_path, voice, write_sound):
    path = write_sound(tmp_path / "a.wav", voice(1.0), subtype="FLOAT")
    extractor = pickle.loads(pickle.dumps(speech.LLDs("is10")))
    descriptors, seconds = extractor(path)
    assert seconds == 1.0
    np.testing.assert_array_equal(descriptors, speech.llds(voice(1.0).astype(np.float32), "is10"))
    assert opensmile.__version__ in extractor.version
    assert extractor.version != speech.LLDs("compare2016").version


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    ("samples", "reason"),
    [(np.zeros(16_000), "silent: every sample is zero"), (np.ones(100) / 2, "shorter than one")],
)
def test_what_has_no_descriptors(tmp_path, write_sound, name, samples, reason):
    path = write_sound(tmp_path / "a.wav", samples)
    with pytest.raises(MediaError, match=f"{path}: {reason}"):
        speech.LLDs(name)(path)


def test_real_speech(shared_data):
    path = sorted((shared_data / "ravdess_speech_16k/Actor_01").glob("*.flac"))[0]
    descriptors, seconds = speech.LLDs("compare2016")(path)
    assert len(descriptors) == pytest.approx(seconds * speech.RATE - 4, abs=1)
    pitch = descriptors[:, speech.LLDs("compare2016").columns.index("F0final_sma")]
    assert 70 < np.median(pitch[pitch > 0]) < 200  # actor 1 is a man
