"""The understudy's small DFDC: its plan, its labels, what its fakes are, its bytes."""

import io
import itertools
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace

import av
import numpy as np
import pytest

import understudy
from tells.faces.detector import BlazeFace
from tells.faces.track import Tracker
from understudy import dfdc, espeak
from understudy.actors import VOICES as USUAL_VOICES
from understudy.dfdc import camera, faces, metadata, moods, people, voices, world
from understudy.dfdc.clip import Clip as File
from understudy.dfdc.plan import FACES, SECONDS, VOICES, Coding, plan
from understudy.dfdc.swap import Fault, Swap
from understudy.head import LOOKS, UNITS, Head, Pose, load_basis, units
from understudy.seeding import generator
from understudy.sizes import SIZES, Reel

SEEDS = (0, 1, 7)
MOUTH = UNITS.index("jawOpen")
EMOTIONAL = [i for i, u in enumerate(UNITS) if u.startswith(("brow", "cheek", "nose"))]
TRAIN = (45, 46, 47, 48)
STANDARD = {seed: plan(SIZES["standard"], seed) for seed in SEEDS}
NANO = SIZES["tiny"]._replace(reels={45: Reel(1, 1, 1, 1), 49: Reel(1, 1, 0, 0)})


def clips(families):
    """(family, clip) of every clip."""
    return [(family, clip) for family in families for clip in family.clips]


def pictures(path):
    with av.open(str(path)) as file:
        yield from (frame.to_ndarray(format="gray") for frame in file.decode(video=0))


def sound(path):
    with av.open(str(path)) as file:
        return np.concatenate([f.to_ndarray()[0] for f in file.decode(audio=0)])


def tree(root):
    """Content by path of every file below a folder, hidden ones too."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


# ---------------------------------------------------------------- the plan


@pytest.mark.parametrize("seed", SEEDS)
def test_standard_is_as_large_as_promised(seed):
    counts = Counter(family.folder for family, _ in clips(STANDARD[seed]))
    assert counts.keys() == {*TRAIN, 49}
    assert counts.total() >= 100
    assert counts[49] >= 24


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", understudy.SIZES)
def test_both_classes_are_in_every_folder(size, seed):
    found = defaultdict(set)
    for family, clip in clips(plan(SIZES[size], seed)):
        found[family.folder].add((clip.fake_face, clip.fake_voice))
    assert len(found) == 5
    assert all({(False, False), (True, True)} <= kinds for kinds in found.values())


def test_tiny_has_three_clips_a_folder_at_most():
    counts = Counter(family.folder for family, _ in clips(plan(SIZES["tiny"], 0)))
    assert max(counts.values()) <= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_every_method_is_in_training_and_in_test(seed):
    found = defaultdict(set)
    for family, clip in clips(STANDARD[seed]):
        part = "test" if family.folder == 49 else "training"
        found[part] |= {("face", clip.video), ("voice", clip.audio)}
    every = {("face", m) for m in (*FACES, "untouched", "reencoded")}
    every |= {("voice", m) for m in (*VOICES, "untouched", "resynthesised")}
    assert found == {"test": every, "training": every}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_processed_says_nothing_about_the_label(seed):
    """Encoding twice, x264's settings and the sound's bit rate: as often in fakes as in reals."""
    for measure in (
        lambda coding: coding.twice,
        lambda coding: coding.preset == "superfast",
        lambda coding: coding.factor,
        lambda coding: coding.sound / 20_000,
    ):
        values = {fake: [] for fake in (False, True)}
        for _, clip in clips(STANDARD[seed]):
            values[clip.fake].append(float(measure(clip.coding)))
        error = np.hypot(*(np.std(v) / np.sqrt(len(v)) for v in values.values()))
        assert abs(np.mean(values[False]) - np.mean(values[True])) < 3 * error


@pytest.mark.parametrize("seed", SEEDS)
def test_reals_go_through_the_vocoder_as_often_as_faked_voices(seed):
    real = [c.audio == "resynthesised" for _, c in clips(STANDARD[seed]) if not c.fake]
    fake = [c.audio == "resynthesis" for _, c in clips(STANDARD[seed]) if c.fake_voice]
    assert abs(np.mean(real) - np.mean(fake)) < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_in_two_folders_or_in_iemocap(seed):
    folders = defaultdict(set)
    for family in STANDARD[seed]:
        folders[family.player].add(family.folder)
        folders[family.double].add(family.folder)
        assert family.player != family.double
    assert all(len(found) == 1 for found in folders.values())
    assert folders.keys() == {player.id for player in people.PLAYERS}


def test_looks_and_voices_are_new():
    shapes = [player.look.shape for player in people.PLAYERS]
    assert len({*shapes} | {look.shape for look in LOOKS.values()}) == len(shapes) + len(LOOKS)
    names = {player.voice.name for player in people.PLAYERS}
    assert names.isdisjoint(voice.name for sex in USUAL_VOICES.values() for voice in sex)
    assert len({(p.voice.name, p.voice.tract) for p in people.PLAYERS}) == len(people.PLAYERS)


def test_people_are_a_fair_spread_in_training_and_test():
    for folders in (TRAIN, (49,)):
        looks = [p.look for folder in folders for p in people.players(folder)]
        assert 0.4 <= np.mean([look.sex == "F" for look in looks]) <= 0.6
        assert min(look.age for look in looks) < 30
        assert max(look.age for look in looks) > 50
        skins = [np.mean(look.skin) for look in looks]
        assert min(skins) < 130
        assert max(skins) > 180


@pytest.mark.parametrize("seed", SEEDS)
def test_scenes_are_as_different_as_those_of_dfdc(seed):
    scenes = [family.scene for family in STANDARD[seed]]
    assert {(s.width, s.height) for s in scenes} == set(SIZES["standard"].shapes)
    assert min(s.face for s in scenes) < 0.13
    assert max(s.face for s in scenes) > 0.28
    for measure in (
        lambda s: s.width > s.height,
        lambda s: s.brightness < 0.6,
        lambda s: s.sway > 0,
        lambda s: s.backdrop == "plain",
    ):
        assert 0.05 < np.mean([measure(s) for s in scenes]) < 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_courses_change(seed):
    for family in STANDARD[seed]:
        felt = [part.emotion for part in family.parts]
        assert len(felt) in (2, 3)
        assert len(set(felt)) == len(felt)


@pytest.mark.parametrize("seed", SEEDS)
def test_reals_feel_one_thing_with_face_and_voice_and_fakes_do_not(seed):
    for family, clip in clips(STANDARD[seed]):
        true = family.clips[0].voice
        assert [(part.emotion, part.course) for part in family.parts] == list(true)
        if not clip.fake:
            assert clip.face == clip.voice == true
            assert clip.delay == 0
        if clip.video == "wrong":
            assert all(a.emotion != b.emotion for a, b in zip(clip.face, true, strict=True))
        if {clip.video, clip.audio} & {"wrong", "flat"} or clip.audio == "resynthesis":
            assert any(
                a.emotion != b.emotion for a, b in zip(clip.face, clip.voice, strict=True)
            ), (clip.video, clip.audio)
        assert (clip.video == "late") == (clip.delay > 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_names_are_dfdcs(seed):
    names = [clip.name for _, clip in clips(STANDARD[seed])]
    assert all(re.fullmatch(r"[a-z]{10}\.mp4", name) for name in names)
    assert len(set(names)) == len(names)


def test_plan_follows_the_seed():
    assert plan(SIZES["tiny"], 3) == plan(SIZES["tiny"], 3)
    assert plan(SIZES["tiny"], 3) != plan(SIZES["tiny"], 4)


def test_wrong_is_far_from_true_and_from_what_it_must_not_be():
    rng = np.random.default_rng(0)
    for _ in range(50):
        true = moods.felt(3, rng)
        face = moods.wrong(true, rng)
        voice = moods.wrong(true, rng, face)
        for a, b, c in zip(true, face, voice, strict=True):
            assert len({a.emotion, b.emotion, c.emotion}) == 3


# ---------------------------------------------------------------- the files


def test_metadata_is_dfdcs():
    text = metadata.metadata_text([f for f in STANDARD[0] if f.folder == 47])
    entries = json.loads(text)
    assert len(entries) == 20
    for entry in entries.values():
        assert entry["split"] == "train"
        if entry["label"] == "FAKE":
            assert entry.keys() == {"label", "split", "original"}
            assert entries[entry["original"]]["label"] == "REAL"
        else:
            assert entry.keys() == {"label", "split"}
            assert entry["label"] == "REAL"


@pytest.fixture(scope="session")
def written(understudy_root):
    """The DFDC of a whole understudy of size tiny."""
    return understudy_root / "dfdc"


@pytest.fixture(scope="session")
def told(written):
    """What is written about each of its clips."""
    return json.loads((written / "understudy.json").read_text())


def path_of(written, told, name):
    return written / f"dfdc_train_part_{told['clips'][name]['folder']}" / name


def test_labels_methods_and_metadata_agree(written, told):
    listed = {}
    for path in written.glob("dfdc_train_part_*/metadata.json"):
        entries = json.loads(path.read_text())
        assert {p.name for p in path.parent.glob("*.mp4")} == entries.keys()
        listed |= entries
    assert listed.keys() == told["clips"].keys()
    for name, about in told["clips"].items():
        faked = (about["video_label"] == "FAKE", about["audio_label"] == "FAKE")
        assert (listed[name]["label"] == "FAKE") == any(faked)
        assert listed[name].get("original") == about["original"]
        assert faked == (about["video_method"] in FACES, about["audio_method"] in VOICES)
    assert {person["id"] for person in told["people"]} == {a["actor"] for a in told["clips"].values()}


def test_clips_are_ten_seconds_of_h264_and_aac(written, told):
    for name, about in told["clips"].items():
        with av.open(str(path_of(written, told, name))) as file:
            video, audio = file.streams.video[0], file.streams.audio[0]
            assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
            size = (about["scene"]["width"], about["scene"]["height"])
            assert (video.width, video.height) == size
            assert video.average_rate == 30
            times = [frame.time for frame in file.decode(video=0)]
        assert times == pytest.approx(np.arange(30 * SECONDS) / 30, abs=1e-3)
        assert len(sound(path_of(written, told, name))) / 16000 == pytest.approx(SECONDS, abs=0.1)


def test_sound_is_the_originals_where_it_is_not_faked(written, told):
    for name, about in told["clips"].items():
        if about["original"]:
            own, true = (sound(path_of(written, told, n)) for n in (name, about["original"]))
            length = min(len(own), len(true))
            alike = np.corrcoef(own[:length], true[:length])[0, 1]
            assert alike > 0.95 if about["audio_label"] == "REAL" else alike < 0.6, about


def test_courses_are_told_in_time(told):
    for about in told["clips"].values():
        starts = [mood["start"] for mood in about["voice"]]
        assert starts == sorted(starts)
        assert 0 <= starts[0] < 1
        assert starts[-1] < SECONDS - 1
        if about["video_label"] == about["audio_label"] == "REAL":
            assert about["face"] == about["voice"]


def test_face_detector_finds_the_face_in_every_clip(written, told):
    with BlazeFace() as detect:
        for name in told["clips"]:
            tracker = Tracker(detect, 30.0)
            every_third = list(itertools.islice(pictures(path_of(written, told, name)), 0, None, 3))
            found = [f for picture in every_third for f in tracker.step(picture)]
            found += tracker.finish()
            assert len({number for number, _ in found}) >= 0.95 * len(every_third), name
