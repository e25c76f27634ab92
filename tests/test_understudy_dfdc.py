"""The understudy's small DFDC: its plan, its labels, what its fakes are, its bytes."""

import io
import itertools
import json
import re
from collections import Counter, defaultdict

import av
import numpy as np
import pytest

import understudy
from tells.features.faces import BlazeFace, Tracker
from understudy import espeak, excerpts
from understudy.dfdc import camera, emotion_tracks, metadata, voices
from understudy.dfdc.filming import clip_poses
from understudy.dfdc.plan import FACES, VOICES, plan_groups
from understudy.dfdc.swap import Fault, Swap
from understudy.film import ClipFilm
from understudy.head import UNITS, Head, Pose, load_basis, units
from understudy.people import PEOPLE, people_of_folder
from understudy.sizes import SIZES, FolderCounts
from understudy.writing import write_dfdc

SEEDS = (0, 1, 7)
MOUTH = UNITS.index("jawOpen")
EMOTIONAL = [i for i, u in enumerate(UNITS) if u.startswith(("brow", "cheek", "nose"))]
FELT = [i for i, u in enumerate(UNITS) if u.startswith(("browDown", "cheekSquint", "noseSneer"))]
TRAIN = (45, 46, 47, 48)
OTHERS = {id_: person for id_, person in PEOPLE.items() if not id_.startswith("Ses")}
STANDARD = {seed: plan_groups(SIZES["standard"], seed) for seed in SEEDS}
NANO = SIZES["tiny"]._replace(
    seconds=1, folder_counts={45: FolderCounts(1, 1, 1, 1), 49: FolderCounts(1, 1, 0, 0)}
)
SECONDS = 10  # as DFDC's


def clips(groups):
    """(group, clip) of every clip."""
    return [(group, clip) for group in groups for clip in group.clips]


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
    counts = Counter(group.folder for group, _ in clips(STANDARD[seed]))
    assert counts.keys() == {*TRAIN, 49}
    assert counts.total() >= 66
    assert counts[49] >= 18


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", understudy.SIZES)
def test_both_classes_are_in_every_folder(size, seed):
    found = defaultdict(set)
    for group, clip in clips(plan_groups(SIZES[size], seed)):
        found[group.folder].add((clip.fake_face, clip.fake_voice))
    assert len(found) == 5
    assert all({(False, False), (True, True)} <= kinds for kinds in found.values())


def test_tiny_has_four_clips_a_folder_at_most():
    counts = Counter(group.folder for group, _ in clips(plan_groups(SIZES["tiny"], 0)))
    assert max(counts.values()) <= 4


@pytest.mark.parametrize("seed", SEEDS)
def test_every_method_is_in_training_and_in_test(seed):
    found = defaultdict(set)
    for group, clip in clips(STANDARD[seed]):
        part = "test" if group.folder == 49 else "training"
        found[part] |= {("face", clip.video), ("voice", clip.audio)}
    every = {("face", m) for m in (*FACES, "untouched", "reencoded")}
    every |= {("voice", m) for m in (*VOICES, "untouched", "resynthesised")}
    assert found == {"test": every, "training": every}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_processed_says_nothing_about_the_label(seed):
    """Encoding twice, x264's settings and the sound's bit rate: as often in fakes as in reals."""
    for measure in (
        lambda coding: coding.twice,
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
    for group in STANDARD[seed]:
        folders[group.target].add(group.folder)
        folders[group.donor].add(group.folder)
        assert group.target != group.donor
    assert all(len(found) == 1 for found in folders.values())
    assert folders.keys() == set(OTHERS)


def test_looks_and_voices_are_new():
    assert len({person.appearance.seed for person in PEOPLE.values()}) == len(PEOPLE) == 32
    names = {person.voice for person in OTHERS.values()}
    assert names.isdisjoint(PEOPLE[id_].voice for id_ in PEOPLE.keys() - OTHERS)
    assert len({(p.voice, p.tract) for p in OTHERS.values()}) == len(OTHERS)


def test_people_are_a_fair_spread_in_training_and_test():
    for folders in (TRAIN, (49,)):
        looks = [p.appearance for folder in folders for p in people_of_folder(folder)]
        assert 0.4 <= np.mean([look.sex == "F" for look in looks]) <= 0.6
        assert min(look.age for look in looks) < 30
        assert max(look.age for look in looks) > 50
        skins = [np.mean(look.skin) for look in looks]
        assert min(skins) < 130
        assert max(skins) > 180


@pytest.mark.parametrize("seed", SEEDS)
def test_scenes_are_as_different_as_those_of_dfdc(seed):
    scenes = [group.scene for group in STANDARD[seed]]
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
def test_tracks_change(seed):
    for group in STANDARD[seed]:
        felt = [part.emotion for part in group.parts]
        assert len(felt) in (2, 3)
        assert len(set(felt)) == len(felt)


@pytest.mark.parametrize("seed", SEEDS)
def test_reals_feel_one_thing_with_face_and_voice_and_fakes_do_not(seed):
    for group, clip in clips(STANDARD[seed]):
        true = group.clips[0].voice
        assert [(part.emotion, part.course) for part in group.parts] == list(true)
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
    assert plan_groups(SIZES["tiny"], 3) == plan_groups(SIZES["tiny"], 3)
    assert plan_groups(SIZES["tiny"], 3) != plan_groups(SIZES["tiny"], 4)


def test_wrong_is_far_from_true_and_from_what_it_must_not_be():
    rng = np.random.default_rng(0)
    for _ in range(50):
        true = emotion_tracks.true_track(3, rng)
        face = emotion_tracks.wrong_track(true, rng)
        voice = emotion_tracks.wrong_track(true, rng, face)
        for a, b, c in zip(true, face, voice, strict=True):
            assert len({a.emotion, b.emotion, c.emotion}) == 3


# ---------------------------------------------------------------- the files


def test_metadata_is_dfdcs():
    text = metadata.metadata_text([f for f in STANDARD[0] if f.folder == 47])
    entries = json.loads(text)
    assert len(entries) == sum(SIZES["standard"].folder_counts[47])
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
    assert {person["id"] for person in told["people"]} == {
        a["actor"] for a in told["clips"].values()
    }


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


def test_tracks_are_told_in_time(told):
    for about in told["clips"].values():
        starts = [mood["start"] for mood in about["voice"]]
        assert starts == sorted(starts)
        assert 0 <= starts[0] < 1
        assert starts[-1] < SECONDS - 1
        if about["video_label"] == about["audio_label"] == "REAL":
            assert about["face"] == about["voice"]


def test_face_detector_finds_the_face_in_a_clip_of_each_folder(written, told):
    chosen = {about["folder"]: name for name, about in told["clips"].items()}
    assert len(chosen) == 5
    with BlazeFace() as detect:
        for name in chosen.values():
            tracker = Tracker(detect, 30.0)
            some = list(itertools.islice(pictures(path_of(written, told, name)), 0, None, 5))
            found = [f for picture in some for f in tracker.step(picture)]
            found += tracker.finish()
            assert len({number for number, _ in found}) >= 0.95 * len(some), name


# ---------------------------------------------------------------- voices


def group_where(wanted):
    """The first group of the standard size that fits, and its original."""
    group = next(group for group in STANDARD[0] if wanted(group))
    return group, voices.record_original(0, group)


def has(**methods):
    """Whether a group has a clip with these methods."""
    return lambda group: any(
        all(getattr(clip, half) == method for half, method in methods.items())
        for clip in group.clips
    )


def syllables(samples):
    """Level in dB, 100 times a second, relative to the second around each moment."""
    level = 10 * np.log10(np.convolve(samples**2, np.ones(800) / 800, "same")[::160] + 1e-6)
    return level - np.convolve(level, np.ones(100) / 100, "same")


@pytest.mark.parametrize("method", VOICES)
def test_faked_voice_says_the_same_at_the_same_times_and_sounds_different(method):
    group, original = group_where(has(audio=method))
    clip = next(clip for clip in group.clips if clip.audio == method)
    samples = voices.clip_sound(0, group, original, clip)
    assert len(samples) == len(original.samples) == 16000 * SECONDS
    assert np.corrcoef(syllables(samples), syllables(original.samples))[0, 1] > 0.5
    assert abs(np.corrcoef(samples, original.samples)[0, 1]) < 0.2


def pitch(samples):
    """Median over voiced frames, in Hz."""
    found = voices.analyse(samples).pitch
    return np.median(found[found > 0])


def test_resynthesis_keeps_the_emotion_where_it_is_meant_to():
    group, original = group_where(has(audio="resynthesised"))
    samples = voices.clip_sound(0, group, original, group.clips[0])
    assert not np.array_equal(samples, original.samples)
    assert pitch(samples) == pytest.approx(pitch(original.samples), rel=0.03)
    assert np.corrcoef(syllables(samples), syllables(original.samples))[0, 1] > 0.95


def test_exchanged_prosody_is_the_models():
    t = np.arange(3 * 16000) / 16000
    own, model = (
        sum(np.sin(2 * np.pi * k * hertz * t) / k for k in range(1, 20)) * level
        for hertz, level in ((120, 0.1), (180, 0.3))
    )
    made = voices.synthesise(voices.with_prosody(voices.analyse(own), own, model), len(own))
    assert pitch(made) == pytest.approx(180, rel=0.02)
    assert np.std(made) > 2 * np.std(own)


# ---------------------------------------------------------------- faces


def face(group, original, **changes):
    """What the original's face would do in a clip that is different in some way."""
    return clip_poses(0, group, original, group.clips[0]._replace(**changes))


@pytest.fixture(scope="module")
def acted():
    """A group that is happy or excited and then something very different, and its original."""

    def wanted(group):
        felt = [part.emotion for part in group.parts]
        return felt[0] in ("hap", "exc") and felt[1] in ("ang", "sad", "fru")

    return group_where(wanted)


def test_face_and_voice_of_reals_change_together(acted):
    group, original = acted
    poses = face(group, original)
    smile = poses.units[:, [i for i, unit in enumerate(UNITS) if unit.startswith("mouthSmile")]]
    first, second = (
        (poses.times > p.start + 0.5) & (poses.times < min(p.end, SECONDS) - 0.3)
        for p in original.performances[:2]
    )
    assert smile[first].mean() > 2 * smile[second].mean()
    spoken = [
        pitch(original.samples[int(16000 * p.start) : int(16000 * p.end)])
        for p in original.performances
    ]
    assert spoken[0] > spoken[1]


def test_late_expression_lags_and_lips_do_not(acted):
    group, original = acted
    true, late = face(group, original), face(group, original, video="late", delay=1.5)

    def lag_of(units):
        pairs = (
            (late.units[lag:, units], true.units[: len(true.units) - lag, units])
            for lag in range(90)
        )
        return np.argmax([np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in pairs])

    assert lag_of(FELT) == pytest.approx(45, abs=12)
    assert lag_of(MOUTH) == 0


def test_flat_face_shows_little_and_wrong_face_shows_something_else(acted):
    group, original = acted
    rng = np.random.default_rng(0)
    felt = group.clips[0].voice
    true = face(group, original).units[:, EMOTIONAL]
    flat = face(group, original, video="flat", face=emotion_tracks.flat_track(felt, rng)).units[
        :, EMOTIONAL
    ]
    wrong = face(group, original, video="wrong", face=emotion_tracks.wrong_track(felt, rng)).units[
        :, EMOTIONAL
    ]
    assert flat.mean() < 0.5 * true.mean()
    assert np.abs(wrong - true).mean() > 0.5 * true.mean()


# ---------------------------------------------------------------- pictures


@pytest.fixture(scope="module")
def heads():
    """The heads of a woman and of her donor."""
    basis = load_basis()
    return [Head(basis, PEOPLE[who].appearance) for who in ("45F1", "45F2")]


def scene_like(**changes):
    return STANDARD[0][0].scene._replace(
        width=640, height=480, x=0.5, y=0.45, brightness=1.0, sway=0.01, **changes
    )


def moment(yaw=0.0, **weights):
    return Pose(units(**weights), (yaw, 0.05, 0.0), (0.02, 0.01))


@pytest.mark.parametrize("share", [0.12, 0.45])
def test_no_seam_is_left_around_a_head_that_moves(heads, share):
    """Developing only what has changed gives the same planes as developing the whole picture."""
    built = camera.build_set(scene_like(face=share), heads[0], np.random.default_rng(0))
    assert (built.enlarged > 1) == (share > 0.4)
    film = camera.Camera(built, heads[0])
    for yaw in (0.0, 0.3, -0.3):
        film.draw(moment(yaw, jawOpen=0.4))
        film.develop()
    piecewise = [plane.copy() for plane in film.planes(0, 0)]
    film.changed = tuple(slice(0, n) for n in film.picture.shape[:2])
    film.develop()
    for part, whole in zip(piecewise, film.planes(0, 0), strict=True):
        assert np.array_equal(part, whole)


def test_camera_stays_in_its_picture(heads):
    built = camera.build_set(scene_like(face=0.2), heads[0], np.random.default_rng(0))
    film = camera.Camera(built, heads[0])
    path = camera.camera_path(built, 300, np.random.default_rng(1))
    assert len({tuple(at) for at in path}) > 3
    for left, top in path:
        shapes = [plane.shape for plane in film.planes(left, top)]
        assert shapes == [(480, 640), (240, 320), (240, 320)]


def test_swap_changes_the_face_and_nothing_else(heads):
    built = camera.build_set(scene_like(face=0.25), heads[0], np.random.default_rng(0))
    film = camera.Camera(built, heads[0])
    swap = Swap(built, heads[1], Fault(0.6, 0.04, 0.3, 0.9), np.random.default_rng(2))
    pose = moment(0.1, mouthSmile=0.6)
    film.draw(pose)
    before = film.picture.astype(int)
    swap.draw(pose, film)
    far = np.abs(film.picture - before).max(axis=2)
    rows, columns = np.nonzero(far > 12)
    head = 0.25 * 640 / built.enlarged
    assert np.ptp(columns) < head
    assert np.ptp(rows) < 1.4 * head
    assert (far > 12).sum() > 0.05 * head**2
    assert abs(columns.mean() - built.framing.x) < 0.25 * head


def test_swap_follows_the_head_and_trembles(heads):
    built = camera.build_set(scene_like(face=0.25), heads[0], np.random.default_rng(0))
    film = camera.Camera(built, heads[0])
    swap = Swap(built, heads[1], Fault(0.6, 0.04, 0.5, 0.9), np.random.default_rng(2))
    shown = []
    for yaw in (0.1, 0.1, 0.4):
        film.draw(moment(yaw))
        swap.draw(moment(yaw), film)
        shown.append(film.picture.astype(int))
    still = np.abs(shown[1] - shown[0]).mean()
    assert 0 < still < 0.3 * np.abs(shown[2] - shown[0]).mean()


def test_excerpts_show_the_face_and_play(understudy_root):
    told = excerpts.clip_facts(understudy_root)
    assert told.keys() == excerpts.clip_labels(understudy_root).keys()
    name, clip = next(iter(told.items()))
    picture = excerpts.clip_portrait(understudy_root, name, clip, 4.0, 160)
    with BlazeFace() as detect:
        (found,) = detect(picture.mean(axis=2).astype(np.uint8))
    assert 60 < found.centre[0] < 100
    assert 60 < found.centre[1] < 110
    data = excerpts.clip_film(understudy_root, name, clip, 2.0, 120)
    with av.open(io.BytesIO(data)) as file:
        names = {stream.type: stream.codec_context.name for stream in file.streams}
        assert names == {"video": "h264", "audio": "aac"}
        assert file.streams.video[0].height == 120
        assert file.duration / av.time_base == pytest.approx(2.0, abs=0.15)


# ---------------------------------------------------------------- the bytes


class Plain:
    """A head that costs nothing: the backdrop, and a square as bright as the mouth is open."""

    def __init__(self, basis, appearance):
        self.shown = appearance.skin

    def before(self, picture, framing):
        rows = slice(int(framing.y) // 2 * 2 - 20, int(framing.y) // 2 * 2 + 20)
        columns = slice(int(framing.x) // 2 * 2 - 20, int(framing.x) // 2 * 2 + 20)
        middle = np.float32([1.5 * framing.scale, 1.5 * framing.x, 1.5 * framing.y, 7.18, 11, 0.6])
        return Standing(picture, (rows, columns), middle)

    def appear(self, view, pose, out):
        out[view.place] = int(255 * pose.units[MOUTH])
        return view.place


class Standing:
    """What a plain head looks at."""

    def __init__(self, still, place, middle):
        self.still, self.place, self.camera = still, place, middle


@pytest.fixture
def nano(monkeypatch):
    """A size of a few clips, with heads that cost nothing."""
    monkeypatch.setattr("understudy.head.Head", Plain)
    monkeypatch.setattr("understudy.head.load_basis", lambda: None)
    return NANO


def write(root, size, *, workers=1, seed=0):
    write_dfdc(root, size, seed=seed, workers=workers, progress=False)
    return root


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A DFDC of that size; nobody changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("understudy.head.Head", Plain)
        patch.setattr("understudy.head.load_basis", lambda: None)
        return write(tmp_path_factory.mktemp("plain"), NANO)


def test_bytes_do_not_depend_on_the_number_of_workers(plain, nano, tmp_path):
    assert tree(write(tmp_path, nano, workers=3)) == tree(plain)


def test_missing_clips_are_written_again_and_no_others(plain, nano, tmp_path):
    before = tree(plain)
    names = [name for name in before if name.endswith(".mp4")]
    gone = {names[1], names[-1], "dfdc/dfdc_train_part_45/metadata.json", "dfdc/understudy.json"}
    for name, content in before.items():
        if name not in gone:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
    kept = {name: (tmp_path / name).stat().st_mtime_ns for name in before if name not in gone}
    write(tmp_path, nano)
    assert tree(tmp_path) == before
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in kept} == kept


def test_stopped_run_is_continued_to_the_same_bytes(plain, nano, tmp_path, monkeypatch):
    """What stops it comes in the middle of a clip; no part of that clip is left."""
    frames = itertools.count()

    def stop(film, planes):
        if next(frames) == 70:
            raise KeyboardInterrupt
        expose(film, planes)

    expose = ClipFilm.expose
    monkeypatch.setattr(ClipFilm, "expose", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, nano)
    left = tree(tmp_path)
    assert set(left) < set(tree(plain))
    assert not [name for name in left if name.endswith("metadata.json")]
    monkeypatch.setattr(ClipFilm, "expose", expose)
    assert tree(write(tmp_path, nano)) == tree(plain)


def test_whole_dfdc_is_left_alone(plain, nano, monkeypatch):
    monkeypatch.setattr(espeak, "speak", lambda *_: pytest.fail("something was spoken"))
    before = tree(plain)
    assert tree(write(plain, nano)) == before


def test_another_seed_has_other_clips(plain, nano, tmp_path):
    one = {path.name for path in write(tmp_path, nano, seed=1).rglob("*.mp4")}
    assert one.isdisjoint(path.name for path in plain.rglob("*.mp4"))


def test_missing_heads_are_told_before_anything_is_written(nano, tmp_path, monkeypatch):
    def missing():
        raise understudy.UnderstudyError("head.npz: the actors' heads are missing")

    monkeypatch.setattr("understudy.head.load_basis", missing)
    with pytest.raises(understudy.UnderstudyError, match="heads are missing"):
        write(tmp_path, nano)
    assert not list(tmp_path.iterdir())
