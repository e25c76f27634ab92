"""Clips dubbed with other takes: what differs between real and fake, and what does not."""

import json
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from corpora_fixtures import put
from tells import corpora, features, forgery, media
from tells.errors import TellsError
from tells.forgery import dubbing, world
from video_fixtures import clip

CLIPS = ["01-01-01_01", "01-01-06_01"]  # a neutral clip and an angry one
TAKES = [f"01-01-{emotion:02}_{take:02}" for emotion, take in product(range(1, 7), range(1, 8))]


@pytest.fixture(scope="module")
def javanese(tmp_path_factory, voice, write_sound):
    """A sentence of one actor in all its takes, none as long as another, and two pictures."""
    root = tmp_path_factory.mktemp("javanese")
    for n, name in enumerate(TAKES):
        around = [np.zeros(2_400 + 160 * (n % 5)), np.zeros(2_400)]
        said = 0.5 * voice(0.5 + 0.01 * (n % 20), seed=n)
        write_sound(root / "sound" / f"{name}.wav", np.concatenate([around[0], said, around[1]]))
    for name in CLIPS:
        put_picture(root, name)
    return root


def put_picture(root, name):
    """A video whose sound begins later than in the sound file, as in the real corpus."""
    path = root / "video" / f"{name}.mp4"
    path.parent.mkdir(exist_ok=True)
    sound = np.concatenate([np.zeros(2_400), media.audio(root / "sound" / f"{name}.wav")])
    clip(path, 25, sound=sound)


@pytest.fixture(scope="module")
def dubbed(javanese, tmp_path_factory):
    return dub(javanese, tmp_path_factory.mktemp("dubbed") / "out")


def dub(source, root, **options):
    return forgery.forge(source, root, method="dub", progress=False, **{"workers": 1} | options)


def reasons_of(made):
    return corpora.count_exclusions(made.exclusions).to_dict()


def copied(javanese, folder):
    return Path(shutil.copytree(javanese, folder / "javanese"))


def test_every_clip_has_two_real_and_two_fake_sounds_and_its_own(dubbed):
    assert dubbed.exclusions.empty
    for picture, made in dubbed.clips.groupby("picture"):
        own = picture.removeprefix("video/").removesuffix(".mp4")
        assert made["method"].value_counts().to_dict() == {"same": 2, "other": 2, "own": 1}
        assert made["take"].is_unique
        assert made.set_index("method").loc["own", "take"] == own
        drawn = made[made["method"] != "own"]
        assert not drawn["take"].str.endswith("_01").any()  # no take is heard in fakes alone
        assert (drawn["label"] == "FAKE").tolist() == (drawn["method"] == "other").tolist()
        same = drawn["face_emotion"] == drawn["voice_emotion"]
        assert same.tolist() == (drawn["method"] == "same").tolist()


def test_all_dubs_last_as_long_speak_when_the_clip_does_and_are_equally_loud(dubbed, javanese):
    for picture, made in dubbed.clips.groupby("picture"):
        sound = media.audio(javanese / picture)
        ends = world.prosody(sound).ends
        assert np.ptp(made["decibels"]) < 0.1
        for row in made.itertuples():
            samples = media.audio(dubbed.root / row.file)
            assert len(samples) == len(sound)
            assert world.prosody(samples).ends == pytest.approx(ends, abs=8)  # frames of 5 ms
            assert np.abs(samples[: (ends[0] - 4) * 80]).max() < 1e-3  # silence outside
            assert np.abs(samples).max() < 0.99


def test_the_own_sound_is_processed_like_the_others(dubbed, javanese):
    own = dubbed.clips[dubbed.clips["method"] == "own"]
    assert own["stretch"].tolist() == [1, 1]
    for row in own.itertuples():
        made, sound = (
            media.audio(root / file)
            for root, file in ((dubbed.root, row.file), (javanese, row.picture))
        )
        assert np.abs(made - sound).max() > 0.01  # a vocoder keeps no phase
        one, other = world.prosody(made), world.prosody(sound)
        assert np.median(one.pitch[one.voiced]) == pytest.approx(
            np.median(other.pitch[other.voiced]), rel=0.03
        )
        at = other.active
        assert np.corrcoef(one.loudness[at], other.loudness[at])[0, 1] > 0.9


def test_speech_is_warped_and_nothing_else_is(voice):
    """Unstretched, a dub is what the vocoder gives; stretched, it has the same pitch."""
    samples = np.concatenate([np.zeros(1_600), voice(0.6), np.zeros(1_600)])
    own = world.prosody(samples)
    (again,) = world.resynthesise(samples, own, [own])
    first, last = own.ends * 80
    alike = world.dubbed(samples, own, own, len(samples))
    assert np.corrcoef(alike[first:last], again[first:last])[0, 1] > 0.99
    long = world.prosody(np.concatenate([np.zeros(1_600), voice(1.2), np.zeros(1_600)]))
    slow = world.prosody(world.dubbed(samples, own, long, 22_400))
    ratio = world.stretch(long.loudness, own.loudness)
    assert ratio == pytest.approx(1.4 / 0.8, abs=0.05)  # with their fringes
    assert slow.ends == pytest.approx(long.ends, abs=14)  # fringes fade
    assert np.median(slow.pitch[slow.voiced]) == pytest.approx(
        np.median(own.pitch[own.voiced]), rel=0.05
    )


def test_a_picture_is_stored_once_as_a_link_or_a_copy(dubbed, javanese, tmp_path, monkeypatch):
    found = sorted(path.name for path in (dubbed.root / "video").iterdir())
    assert found == [f"{name}.mp4" for name in CLIPS]
    assert (dubbed.root / "video" / found[0]).samefile(javanese / "video" / found[0])

    def no_links(*_):
        raise OSError("Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    jobs, _ = dubbing.plan(javanese, tmp_path, 0)
    dubbing.make(jobs[0])
    copy, original = tmp_path / "video" / found[0], javanese / "video" / found[0]
    assert copy.read_bytes() == original.read_bytes() and not copy.samefile(original)


def test_a_killed_run_goes_on_and_gives_the_same_bytes(dubbed, javanese, tmp_path):
    root = tmp_path / "out"
    shutil.copytree(dubbed.root, root)
    whole = (root / "dubbed.json").read_bytes()
    claim = json.loads(whole) | {"clips": {}}
    (root / "dubbed.json").write_text(json.dumps(claim))
    lost, kept = (root / file for file in dubbed.clips["file"].iloc[[0, 7]])
    content, then = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    (root / "video" / f"{CLIPS[1]}.mp4").unlink()
    dub(javanese, root, workers=2)
    assert (root / "dubbed.json").read_bytes() == whole
    assert lost.read_bytes() == content
    assert kept.stat().st_mtime_ns == then
    assert (root / "video" / f"{CLIPS[1]}.mp4").exists()


def test_forgeries_of_another_seed_or_method_are_left_alone(dubbed, javanese, tmp_path):
    with pytest.raises(TellsError, match=r"another version or seed, not of .*, seed 1"):
        dub(javanese, dubbed.root, seed=1)
    (tmp_path / "forged.json").write_text("{}")
    with pytest.raises(TellsError, match="must be a new or an empty folder"):
        dub(javanese, tmp_path)


def test_a_clip_has_a_random_stream_of_its_own(javanese, tmp_path):
    def drawn(root, seed=0):
        jobs, _ = dubbing.plan(root, tmp_path / "out", seed)
        return {job.clip: list(job.takes) for job in jobs}

    before = drawn(javanese)
    root = copied(javanese, tmp_path)
    (root / "video" / f"{CLIPS[0]}.mp4").unlink()
    (root / "sound" / "01-01-03_03.wav").unlink()
    assert drawn(root) == {CLIPS[1]: before[CLIPS[1]]}  # a lost take keeps its place, too
    assert drawn(javanese, seed=1) != before


def test_a_take_that_cannot_be_used_gives_way_to_another(javanese, tmp_path, write_sound, voice):
    root = copied(javanese, tmp_path)
    (root / "video" / f"{CLIPS[1]}.mp4").unlink()
    takes = {take: root / "sound" / f"01-01-01_{take:02}.wav" for take in range(2, 8)}
    takes[2].unlink()
    write_sound(takes[3], np.zeros(16_000))
    write_sound(takes[4], voice(2.0))
    write_sound(takes[5], np.concatenate([voice(0.2), np.zeros(8_000)]))
    (job,), _ = dubbing.plan(root, tmp_path / "out", 0)
    made, _ = dubbing.make(job)
    assert len(made) == 5
    same = sorted(one.entry["take"] for one in made if one.entry["method"] == "same")
    assert same == ["01-01-01_06", "01-01-01_07"]

    takes[7].unlink()  # now all of them are tried, and are not enough
    made = dub(root, tmp_path / "none")
    assert made.clips.empty and not list((tmp_path / "none").rglob("*.mp4"))
    assert reasons_of(made) == {
        "take that cannot be used: not there": 2,
        "take that cannot be used: more than 2 times as long or short as the clip": 2,
        "take that cannot be used: less than 0.1 s of voiced sound": 1,
        "too few takes of the same emotion that can be used": 1,
    }


def test_a_clip_without_a_voice_is_left_out(javanese, tmp_path):
    root = copied(javanese, tmp_path)
    clip(root / "video" / f"{CLIPS[1]}.mp4", 25, sound=np.zeros(16_000))
    job = dubbing.plan(root, tmp_path / "out", 0)[0][1]
    assert dubbing.make(job) == ([], [(CLIPS[1], "less than 0.1 s of voiced sound")])


def test_fakes_are_stretched_as_much_as_reals(dubbed):
    for _, made in dubbed.clips.groupby("picture"):
        same, other = (made.loc[made["method"] == kind, "stretch"] for kind in ("same", "other"))
        assert sorted(same) == pytest.approx(sorted(other), rel=0.03)
        assert same.nunique() == 2


def test_an_unknown_method(tmp_path):
    with pytest.raises(TellsError, match="method must be prosody or dub; got 'lips'"):
        forgery.forge(tmp_path, tmp_path / "out", method="lips")


def test_the_real_corpus_has_every_take(shared_data, tmp_path):
    if not (shared_data / "javanese").is_dir():
        pytest.skip(f"no Javanese corpus in {shared_data}; it is no part of this project")
    jobs, exclusions = dubbing.plan(shared_data / "javanese", tmp_path, 0)
    assert len(jobs) == 237 and not exclusions
    assert all(len(job.takes) == 36 and None not in job.takes.values() for job in jobs)


# --- the adapter ----------------------------------------------------------------------------------


class Counting:
    """An extractor that notes what it was called for."""

    name, version, columns = "counting", "1", ["one"]

    def __init__(self):
        self.calls = []

    def __call__(self, path):
        self.calls.append(path.name)
        return np.zeros((10, 1), np.float32), 1.0


def test_sound_and_picture_are_the_same_table(dubbed):
    sound, video = (corpora.load("dubbed", dubbed.root, media=one) for one in ("sound", "video"))
    assert reasons_of(sound) == {"clip with its own sound, which was not asked for": 2}
    one, other = (c.table.set_index("utterance").sort_index() for c in (sound, video))
    assert one.equals(other)
    assert one["label"].value_counts().to_dict() == {"real": 4, "fake": 4}
    assert (one["audio_label"] == one["label"]).all() and one["video_label"].isna().all()
    assert set(one["speaker"]) == set(one["source"]) == set(one["fold"]) == {"01"}
    assert set(one.index) == {
        Path(file).stem for file in dubbed.clips["file"] if "_own_" not in file
    }
    assert set(video.table.index.get_level_values("file")) == {f"video/{n}.mp4" for n in CLIPS}


def test_own_sounds_belong_to_the_table_if_they_are_asked_for(dubbed):
    corpus = corpora.load("dubbed", dubbed.root.parent, own=True)
    assert corpus.exclusions.empty
    methods = corpus.table.groupby("method")["label"].agg(["first", "size"])
    assert methods.T.to_dict("list") == {
        "own": ["real", 2],
        "same": ["real", 4],
        "other": ["fake", 4],
    }


def test_faces_are_extracted_once_for_each_picture(dubbed, tmp_path):
    corpus, extractor = corpora.load("dubbed", dubbed.root, media="video"), Counting()
    stored = features.extract(
        corpus.root, corpus.table.index, extractor, tmp_path, workers=0, progress=False
    )
    assert sorted(extractor.calls) == [f"{name}.mp4" for name in CLIPS]
    table, failed = stored.with_durations(corpus.table)
    assert len(table) == 8 and failed.empty
    segments, left_out = corpora.segmentation.windows(table, length=0.5)
    assert segments["segment"].is_unique and len(segments) == 16 and left_out.empty
    cut = features.extract_windows(stored, segments, tmp_path / "windows.npy", seconds=0.05)
    assert len(cut) == 16


def dub_name(seen, heard, kind):
    return f"sound/{seen}_{kind}_{heard}.wav"


def claim(root, entries):
    for name in entries:
        if name.startswith("sound/"):
            put(root / name)
            put(root / "video" / f"{name[6:17]}.mp4")
    (root / "dubbed.json").write_text(json.dumps({"version": 1, "seed": 0, "clips": entries}))
    return corpora.load("dubbed", root)


def believable(seen, heard):
    file, entry = corpora.forged.dub_of(seen, heard)
    return file, entry | {"stretch": 1.0}


def test_no_actor_crosses_a_split(tmp_path):
    entries = dict(
        believable(f"{actor}-01-01_01", f"{actor}-01-{emotion}_02")
        for actor in ("01", "02", "03")
        for emotion in ("01", "06")
    )
    table = claim(tmp_path, entries).table
    parts = corpora.splits.split(table, test=["01"], validation=["02"])
    assert {n: set(p["speaker"]) for n, p in parts.items()} == {
        "train": {"03"},
        "validation": {"02"},
        "test": {"01"},
    }
    with pytest.raises(TellsError, match="share the speaker"):
        moved = table.assign(fold=["01", "02", "02", "02", "03", "03"])
        corpora.splits.split(moved, test=["01"], validation=["02"])


REAL, SAID = believable("01-01-01_01", "01-01-01_02")
FAKE, FAKED = believable("01-01-01_01", "01-01-06_02")


@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [
        ("../../etc/passwd.wav", FAKED, "file name that does not parse"),
        (dub_name("01-01-01_01", "02-01-06_02", "other"), FAKED, "does not parse"),
        (dub_name("01-01-01_01", "01-02-06_02", "other"), FAKED, "does not parse"),
        (dub_name("01-01-01_01", "01-01-06_02", "same"), FAKED, "does not parse"),
        (dub_name("01-01-01_01", "01-01-01_02", "own"), FAKED, "does not parse"),
        (FAKE, "other", "entry of another form"),
        (FAKE, {"label": "FAKE"}, "entry of another form"),
        (FAKE, FAKED | {"lips": 1}, "entry of another form"),
        (FAKE, FAKED | {"stretch": 3.0}, "entry of another form"),
        (FAKE, FAKED | {"stretch": float("nan")}, "entry of another form"),
        (FAKE, FAKED | {"stretch": "1"}, "entry of another form"),
        (FAKE, FAKED | {"label": ["FAKE"]}, "label that is neither real nor fake"),
        (FAKE, FAKED | {"label": "REAL"}, "not with the same labels"),
        (FAKE, FAKED | {"picture": "../../etc/passwd.mp4"}, "not with the same labels"),
        (FAKE, FAKED | {"picture": ["video/01-01-01_01.mp4"]}, "not with the same labels"),
        (FAKE, FAKED | {"voice_emotion": "neutral"}, "not with the same labels"),
    ],
)
def test_claims_that_cannot_be_believed(tmp_path, name, said, reason):
    put(tmp_path / REAL)
    put(tmp_path / "video/01-01-01_01.mp4")
    corpus = claim(tmp_path, {REAL: SAID, name: said})
    assert corpus.table["label"].tolist() == ["real"]
    assert [found for found in corpus.exclusions["reason"] if reason in found], corpus.exclusions


def test_what_is_not_there_or_not_named_is_counted(tmp_path):
    gone, said = believable("01-01-02_01", "01-01-02_02")
    claim(tmp_path, {REAL: SAID, FAKE: FAKED, gone: said})
    (tmp_path / FAKE).unlink()
    (tmp_path / "video/01-01-02_01.mp4").unlink()
    put(tmp_path / "sound/01-01-01_01_same_01-01-01_03.wav")
    put(tmp_path / "video/09-01-01_01.mp4")
    for one in ("sound", "video"):
        corpus = corpora.load("dubbed", tmp_path, media=one)
        assert corpus.table["utterance"].tolist() == [Path(REAL).stem]
        assert reasons_of(corpus) == {
            "named by the annotations, but not there": 2,
            "dubbed clip whose picture cannot be used": 1,
            "sound without annotation": 1,
            "video without annotation": 1,
        }
