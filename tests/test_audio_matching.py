"""`audio_matching`: copies of a sound are told from other sounds, and the rest is left open."""

import json
import os

import av
import numpy as np
import pandas as pd
import pytest
import soundfile
from scipy import signal

from corpora_fixtures import dfdc_folder, put, utterances
from tells import corpora, media
from tells.corpora import selection
from tells.detection import audio_matching
from tells.detection.audio_matching import DIFFERENT, SAME, audio_labels, similarity
from tells.errors import TellsError

RATE = 16_000
PART = "dfdc_train_part_45"
MARGIN = 0.08  # by which every sound here must clear its threshold


def write_aac(path, samples, *, rate=44_100, bits=64_000):
    """AAC in MP4, as mono sound alone."""
    common = np.gcd(rate, RATE)
    played = signal.resample_poly(samples, rate // common, RATE // common)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(played.astype(np.float32)[None], "fltp", "mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def aac(tmp_path):
    """A function that sends samples through AAC."""
    return lambda samples, **how: media.audio(write_aac(tmp_path / "aac.mp4", samples, **how))


def babble(seconds, *, seed):
    """A buzz whose pitch and loudness wander: like speech, and unlike a tone, never the same."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)

    def wander(low, high, hertz):
        knots = rng.uniform(low, high, round(seconds * hertz) + 2)
        return np.interp(np.arange(count) * hertz / RATE, np.arange(len(knots)), knots)

    phase = 2 * np.pi * np.cumsum(wander(90, 180, 4)) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 12))
    return 0.2 * wander(0.02, 1, 6) * buzz + 0.005 * rng.standard_normal(count)


@pytest.fixture(params=["made up", "real"])
def sounds(request):
    """Two sounds of a few seconds: of one actor, and of another who says the same."""
    if request.param == "made up":
        return babble(5.0, seed=1), babble(5.0, seed=2)
    folder = request.getfixturevalue("shared_data") / "ravdess_speech_16k"
    takes = ("03-01-03-02-01-01", "03-01-06-01-02-02")
    return tuple(
        np.concatenate(
            [soundfile.read(folder / f"Actor_{n:02}" / f"{take}-{n:02}.flac")[0] for take in takes]
        )
        for n in (4, 5)
    )


# --- similarity ---------------------------------------------------------------------------------


def copies(samples, aac):
    """What may happen to a sound that stays the same."""
    again = aac(samples)
    third = len(samples) // 3
    muted = again.copy()
    muted[:third] = 0
    loud = 4 * samples / np.abs(samples).max()
    return {
        "48 kHz": aac(samples, rate=48_000, bits=128_000),
        "22.05 kHz": aac(samples, rate=22_050),
        "twice": aac(aac(samples), rate=48_000),
        "quieter": aac(0.03 * samples),
        "late": np.concatenate([np.zeros(3_200), again]),
        "early": again[3_200:],
        "clipped": aac(np.clip(loud, -0.5, 0.5)),
        "inverted": -again,
        "fading": aac(np.linspace(1, 0.2, len(samples)) * samples),
        "tail cut off": again[:-third],
        "head muted": muted,
    }


def forgeries(samples, other, aac):
    """What is another sound, however close."""
    _, _, spectrum = signal.stft(samples, RATE, nperseg=1024)
    phases = np.exp(2j * np.pi * np.random.default_rng(0).random(spectrum.shape))
    changed = {
        "somebody else": other,
        "backwards": samples[::-1],
        "1 % faster": signal.resample(samples, round(len(samples) / 1.01)),
        "phases invented": signal.istft(np.abs(spectrum) * phases, RATE, nperseg=1024)[1],
        "0.8 s late": np.concatenate([np.zeros(12_800), samples]),
        "noise": np.random.default_rng(1).standard_normal(len(samples)) / 10,
    }
    return {kind: aac(sound) for kind, sound in changed.items()}


def test_copies_and_forgeries_clear_the_thresholds_by_a_margin(sounds, aac):
    samples, other = sounds
    original = aac(samples, bits=96_000)
    for kind, sound in copies(samples, aac).items():
        assert similarity(original, sound) > SAME + MARGIN, kind
    for kind, sound in forgeries(samples, other, aac).items():
        assert similarity(original, sound) < DIFFERENT - MARGIN, kind


def test_similarity_is_symmetric_and_1_for_itself():
    one, other = babble(3.0, seed=1), babble(3.0, seed=1)[8_000:]
    assert similarity(one, one) == pytest.approx(1)
    assert similarity(one, other) == pytest.approx(similarity(other, one))


@pytest.mark.parametrize("late", [-700, -1, 0, 1, 123, 700])
def test_alignment_against_a_loop(monkeypatch, late):
    monkeypatch.setattr(audio_matching, "MAX_SHIFT", 800 / RATE)
    rng = np.random.default_rng(late + 1000)
    one = rng.standard_normal(4_000)
    other = np.roll(one, late)[:3_600] + rng.standard_normal(3_600)

    def coefficient(shift):
        a, b = one[max(shift, 0) :], other[max(-shift, 0) :]
        n = min(len(a), len(b))
        return abs(a[:n] @ b[:n]) / np.linalg.norm(a[:n]) / np.linalg.norm(b[:n])

    assert audio_matching._shift(one, other) == max(range(-800, 801), key=coefficient) == -late


def test_similarity_against_numpy():
    """The median of the frames' correlation coefficients, of sounds that are in step."""
    rng = np.random.default_rng(0)
    one = babble(4.0, seed=1)
    other = one + 0.2 * rng.standard_normal(len(one))
    band = signal.butter(4, (100, 3000), "bandpass", fs=RATE, output="sos")
    frames = [signal.sosfilt(band, x).reshape(8, 8_000) for x in (one, other)]
    expected = np.median([np.corrcoef(a, b)[0, 1] for a, b in zip(*frames, strict=True)])
    assert similarity(one, other) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(48_000), None),
        (None, np.zeros(48_000)),
        (np.zeros(0), None),
        (None, np.ones(3)),
        (None, np.full(48_000, 0.5)[:15_000]),
    ],
)
def test_too_little_sound_has_no_similarity(one, other):
    speech = babble(3.0, seed=1)
    found = similarity(*(speech if sound is None else sound for sound in (one, other)))
    assert found is None


# --- labels -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder of DFDC whose clips have sound alone; nobody changes it."""
    root = tmp_path_factory.mktemp("dfdc")
    names = {"aaaa": None, "gone": None, "mute": None, "zero": None}
    names |= {"copy": "aaaa", "dubb": "aaaa", "lost": "gone", "hush": "aaaa", "null": "aaaa"}
    names |= {"half": "aaaa", "dumb": "mute", "none": "zero"}
    folder = dfdc_folder(root, 45, names, absent=("gone",))
    said = babble(3.0, seed=1)
    clips = {"aaaa": said, "copy": 0.3 * said, "dubb": babble(3.0, seed=2), "lost": said}
    clips |= {"null": 0 * said, "zero": 0 * said, "none": said, "dumb": said}
    clips["half"] = said + 0.15 * np.random.default_rng(0).standard_normal(len(said))
    for name, samples in clips.items():
        write_aac(folder / f"{name}.mp4", samples)
    return corpora.load("dfdc", root)


@pytest.fixture
def pair(tmp_path):
    """An original and one fake, which has its sound."""
    folder = dfdc_folder(tmp_path, 45, {"aaaa": None, "bbbb": "aaaa"})
    for name in ("aaaa", "bbbb"):
        write_aac(folder / f"{name}.mp4", babble(1.1, seed=1))
    return corpora.load("dfdc", tmp_path)


def test_audio_labels(corpus):
    between = similarity(*(media.audio(corpus.root / f"{PART}/{n}.mp4") for n in ("aaaa", "half")))
    labelled = audio_labels(corpus, same=between + 0.01, different=between - 0.01)
    columns = ["audio_label", "video_label", "audio_unknown"]
    table = labelled.table.set_index("utterance")[columns].astype(object)
    found = {name: tuple(row) for name, *row in table.where(table.notna(), None).itertuples()}
    damaged = found["hush"][2]
    assert damaged.startswith("not readable as audio")
    assert found == {
        "aaaa": ("real", "real", None),
        "mute": ("real", "real", None),
        "zero": ("real", "real", None),
        "copy": ("real", "fake", None),
        "dubb": ("fake", None, None),
        "half": (None, None, "sound neither clearly the original's nor clearly another"),
        "lost": (None, None, "original: not in the table"),
        "hush": (None, None, damaged),
        "null": (None, None, "too little sound in common with the original"),
        "none": (None, None, "too little sound in common with the original"),
        "dumb": (None, None, f"original: {damaged}"),
    }
    scores = labelled.table.set_index("utterance")["similarity"]
    assert scores["copy"] > SAME and scores["dubb"] < DIFFERENT and scores.notna().sum() == 3
    assert labelled.exclusions is corpus.exclusions
    assert corpus.table["audio_label"].notna().sum() == 3  # it was not changed


def test_the_selection_says_why_a_sound_is_not_known(corpus):
    kept, exclusions = selection.select_av_fakes(audio_labels(corpus).table)
    assert set(kept["utterance"]) == {"aaaa", "mute", "zero", "dubb"}
    counts = corpora.count_exclusions(exclusions)
    assert counts["fake in its picture alone"] >= 1
    unknown = "fake, but whether its sound is fake is not known"
    assert counts[f"{unknown}: original: not in the table"] == 1
    assert counts[f"{unknown}: too little sound in common with the original"] == 2
    assert len(kept) + counts.sum() == len(corpus.table)


def test_an_original_is_decoded_once_and_what_is_known_not_at_all(corpus, monkeypatch):
    decoded = []
    audio = media.audio

    def spy(path):
        decoded.append(path.stem)
        return audio(path)

    monkeypatch.setattr(media, "audio", spy)
    labelled = audio_labels(corpus)
    assert sorted(decoded) == sorted(
        ["aaaa", "copy", "dubb", "half", "hush", "null", "mute", "zero", "none"]
    )
    known = labelled.table["audio_label"].notna()
    decoded.clear()
    again = audio_labels(corpora.Corpus("x", corpus.root, labelled.table[known], corpus.exclusions))
    assert decoded == []
    assert again.table["audio_label"].tolist() == labelled.table["audio_label"][known].tolist()


def test_what_was_measured_is_not_measured_again(corpus, tmp_path, monkeypatch):
    cache = tmp_path / "new/sounds.json"
    first = audio_labels(corpus, cache=cache).table
    monkeypatch.setattr(media, "audio", None)
    pd.testing.assert_frame_equal(audio_labels(corpus, cache=cache).table, first)


def listened(monkeypatch, corpus, cache):
    """The names of the clips that are decoded this time."""
    names, audio = [], media.audio
    with monkeypatch.context() as patch:
        patch.setattr(media, "audio", lambda path: names.append(path.stem) or audio(path))
        audio_labels(corpus, cache=cache)
    return names


def test_what_has_changed_is_measured_again(pair, tmp_path, monkeypatch):
    cache = tmp_path / "sounds.json"
    assert listened(monkeypatch, pair, cache) == ["aaaa", "bbbb"]
    assert listened(monkeypatch, pair, cache) == []
    os.utime(pair.root / PART / "aaaa.mp4", (0, 0))
    assert listened(monkeypatch, pair, cache) == ["aaaa", "bbbb"]
    with (pair.root / PART / "bbbb.mp4").open("ab") as file:
        file.write(bytes(8))
    assert listened(monkeypatch, pair, cache) == ["aaaa", "bbbb"]
    monkeypatch.setattr(audio_matching, "METHOD", 0)
    assert listened(monkeypatch, pair, cache) == ["aaaa", "bbbb"]
    assert listened(monkeypatch, pair, cache) == []


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "null", '{"method": 1}', '{"pairs": {}}', b"\xff", "[" * 10_000),
        *('{"method": 1, "pairs": []}', '{"method": 1, "pairs": {"a": 3}}'),
    ],
)
def test_a_damaged_cache_is_made_anew(pair, tmp_path, content):
    cache = put(tmp_path / "sounds.json", content)
    assert audio_labels(pair, cache=cache).table["audio_label"].tolist() == ["real", "real"]
    assert len(json.loads(cache.read_text())["pairs"]) == 1


def test_a_run_that_is_stopped_keeps_what_it_has(corpus, tmp_path, monkeypatch):
    names, audio = [], media.audio

    def stop(path):
        names.append(path.stem)
        if len(names) == 3:
            raise KeyboardInterrupt
        return audio(path)

    monkeypatch.setattr(media, "audio", stop)
    with pytest.raises(KeyboardInterrupt):
        audio_labels(corpus, cache=tmp_path / "sounds.json")
    assert names[:2] == ["aaaa", "copy"]
    assert len(json.loads((tmp_path / "sounds.json").read_text())["pairs"]) == 1


def test_a_cache_that_cannot_be_written_is_said(corpus, tmp_path):
    put(tmp_path / "file")
    with pytest.raises(TellsError, match=r"sounds.json cannot be written"):
        audio_labels(corpus, cache=tmp_path / "file/sounds.json")


def test_an_original_is_looked_for_in_its_own_fold(corpus):
    """A name may stand for other clips in other folds."""
    table = corpus.table.copy()
    table["fold"] = table["fold"].where(table["utterance"] != "copy", "46")
    moved = audio_labels(corpora.Corpus("x", corpus.root, table, corpus.exclusions)).table
    unknown = moved.set_index("utterance")["audio_unknown"]
    assert unknown["copy"] == "original: not in the table" and unknown.isna()["dubb"]


@pytest.mark.parametrize(("same", "different"), [(0.5, 0.5), (0.4, 0.6), (1.1, 0.5), (0.5, -0.1)])
def test_wrong_thresholds_are_refused(corpus, same, different):
    with pytest.raises(TellsError, match="different must be less than same"):
        audio_labels(corpus, same=same, different=different)


def test_a_corpus_of_another_kind_is_refused(corpus):
    other = corpora.Corpus("x", corpus.root, utterances([3.0]), corpus.exclusions)
    with pytest.raises(TellsError, match="must have the column source"):
        audio_labels(other)
