"""Voices forged out of RAVDESS: what is equal in all four versions of a clip, and what is not."""

import json
import shutil

import numpy as np
import pytest

from tells import corpora, forgery, media
from tells.errors import TellsError
from tells.forgery import world

CLIPS = ["03-01-01-01-01-01-02", "03-01-05-02-01-01-02"]  # a neutral clip and an angry one


@pytest.fixture(scope="module")
def acted(shared_data, tmp_path_factory):
    """One sentence of one actor, in two emotions, and an emotion of which there is no other."""
    root = tmp_path_factory.mktemp("ravdess") / "Actor_02"
    root.mkdir()
    for name in [*CLIPS, "03-01-03-01-02-01-02"]:
        shutil.copy(shared_data / "ravdess_speech_16k" / "Actor_02" / f"{name}.flac", root)
    return root.parent


@pytest.fixture(scope="module")
def forged(acted, tmp_path_factory):
    root = tmp_path_factory.mktemp("forged") / "out"
    return forgery.forge(acted, root, workers=1, progress=False)


def sounds(forged, clip):
    rows = forged.clips[forged.clips["file"].str.contains(clip)]
    return {r.method: media.audio(forged.root / r.file).astype(float) for r in rows.itertuples()}


@pytest.mark.parametrize("clip", CLIPS)
def test_no_version_is_louder_longer_or_cut_off(forged, clip):
    made = sounds(forged, clip)
    assert set(made) == {"original", "resynthesised", "flat", "exchanged"}
    assert len({len(one) for one in made.values()}) == 1
    levels = [10 * np.log10(np.mean(one**2)) for one in made.values()]
    assert np.ptp(levels) < 0.1
    assert max(np.abs(one).max() for one in made.values()) < 0.99


def test_flat_speech_moves_less_and_resynthesised_speech_as_before(forged):
    for clip in CLIPS:
        heard = {name: world.prosody(one) for name, one in sounds(forged, clip).items()}
        speech = heard["original"].active
        pitch = {name: np.log(p.pitch[p.voiced]).std() for name, p in heard.items()}
        loudness = {name: p.loudness[speech].std() for name, p in heard.items()}
        assert pitch["flat"] < 0.5 * pitch["original"]
        assert loudness["flat"] < 0.75 * loudness["original"]
        assert loudness["resynthesised"] == pytest.approx(loudness["original"], rel=0.15)


def test_exchanged_speech_has_the_pitch_of_the_other_emotion(forged):
    neutral, angry = (
        {name: np.median(p.pitch[p.voiced]) for name, p in heard.items()}
        for heard in (
            {name: world.prosody(one) for name, one in sounds(forged, clip).items()}
            for clip in CLIPS
        )
    )
    assert angry["original"] > 1.2 * neutral["original"]
    assert neutral["exchanged"] == pytest.approx(angry["original"], rel=0.15)
    assert angry["exchanged"] == pytest.approx(neutral["original"], rel=0.15)


def test_the_adapter_reads_what_was_written(forged):
    corpus = corpora.load("ravdess-forged", forged.root)
    assert corpus.exclusions.empty
    table = corpus.table
    assert table.groupby("method")["label"].unique().map(list).to_dict() == {
        "original": ["real"],
        "resynthesised": ["real"],
        "flat": ["fake"],
        "exchanged": ["fake"],
    }
    assert table.groupby("source").size().to_dict() == dict.fromkeys(CLIPS, 4)
    assert set(table["fold"]) == set(table["speaker"]) == {"02"}
    assert table["video_label"].isna().all()


def test_what_has_no_other_emotion_is_counted(forged):
    reasons = corpora.count_exclusions(forged.exclusions).to_dict()
    assert reasons == {"no clip of this actor and sentence in another emotion": 1}


def test_one_seed_gives_the_same_bytes_and_a_second_run_makes_nothing(forged, acted, tmp_path):
    again = forgery.forge(acted, tmp_path / "out", workers=2, progress=False)
    for file in [*again.clips["file"], "forged.json"]:
        assert (again.root / file).read_bytes() == (forged.root / file).read_bytes()
    lost, kept = again.root / again.clips["file"][0], again.root / again.clips["file"][7]
    content, then = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    forgery.forge(acted, tmp_path / "out", workers=1, progress=False)
    assert lost.read_bytes() == content
    assert kept.stat().st_mtime_ns == then


def test_a_clip_that_cannot_be_forged_is_counted(acted, tmp_path, write_sound):
    root = tmp_path / "ravdess"
    shutil.copytree(acted, root)
    hiss = 0.1 * np.random.default_rng(0).standard_normal(16_000)
    write_sound(root / "Actor_02" / "03-01-04-01-01-01-02.wav", hiss)
    (root / "Actor_02" / "03-01-06-01-01-01-02.flac").write_bytes(b"no sound at all, but words")
    made = forgery.forge(root, tmp_path / "out", workers=1, progress=False)
    reasons = corpora.count_exclusions(made.exclusions).to_dict()
    assert reasons["less than 0.1 s of voiced sound"] == 1
    assert reasons["no samples"] == 1
    assert len(made.clips) % 4 == 0
    assert not list(made.root.rglob("03-01-0[46]-*"))


def test_a_folder_of_something_else_is_left_alone(acted, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear reader")
    with pytest.raises(TellsError, match="must be a new or an empty folder"):
        forgery.forge(acted, tmp_path, progress=False)


def test_forgeries_of_another_seed_are_left_alone(forged, acted):
    with pytest.raises(TellsError, match=r"another version or seed, not of .*, seed 1"):
        forgery.forge(acted, forged.root, seed=1, progress=False)


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"workers": 0}])
def test_options_out_of_range(tmp_path, wrong):
    (name,) = wrong
    with pytest.raises(TellsError, match=f"{name} must be"):
        forgery.forge(tmp_path, tmp_path / "out", **wrong)


# --- what is not believed -------------------------------------------------------------------------

REAL, FAKE = "Actor_01/03-01-05-01-01-01-01_original.wav", "Actor_01/03-01-05-01-01-01-01_flat.wav"


def claimed(root, clips):
    for name in (REAL, FAKE):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a sound")
    (root / "forged.json").write_text(json.dumps({"version": 1, "seed": 0, "clips": clips}))
    return corpora.load("ravdess-forged", root)


@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [
        ("../../etc/passwd.wav", {"label": "REAL"}, "file name that does not parse"),
        ("/Actor_01/x.wav", {"label": "REAL"}, "file name that does not parse"),
        (FAKE.replace("Actor_01", "Actor_02"), {"label": "FAKE"}, "file name that does not parse"),
        (FAKE, {"label": "fake", "original": REAL}, "label that is neither real nor fake"),
        (FAKE, {"label": "REAL"}, "not with the same labels"),
        (FAKE, {"label": "FAKE"}, "fake that does not say of what"),
        (FAKE, {"label": "FAKE", "original": "../a.wav"}, "fake of something that is no file name"),
        (FAKE, {"label": "FAKE", "original": FAKE}, "fake that is said to be its own original"),
        (FAKE, "flat", "entry of another form"),
        (FAKE.replace("_flat", "_exchanged"), {"label": "FAKE", "original": REAL}, "not there"),
    ],
)
def test_claims_that_cannot_be_believed(tmp_path, name, said, reason):
    corpus = claimed(tmp_path, {REAL: {"label": "REAL"}, name: said})
    assert corpus.table["label"].tolist() == ["real"]
    assert [found for found in corpus.exclusions["reason"] if reason in found], corpus.exclusions


def test_no_clips_at_all(tmp_path):
    with pytest.raises(TellsError, match="holds no usable RAVDESS with forged voices clip"):
        claimed(tmp_path, ["a list"])
