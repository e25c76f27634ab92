"""The understudy's faces: the curves they follow, and the film that shows them."""

import errno
import io
import itertools
import os
from dataclasses import replace

import av
import numpy as np
import pytest

import understudy
from tells.features.faces.detector import BlazeFace, Window, detect_in_window
from understudy import espeak, excerpts, writing
from understudy.emotions import EMOTIONS
from understudy.expression import FRAMES, act
from understudy.expression.visemes import SOUNDS, move_mouth
from understudy.files import BASIS
from understudy.film import SERVES, film_dialog
from understudy.head import UNITS, Head, Pose, load_basis, units
from understudy.mixing import record_dialog
from understudy.people import PEOPLE, cast
from understudy.performance import Course, Part, Performance, Phoneme, load
from understudy.plan import plan_dialogs
from understudy.sizes import Size

NANO = Size(("impro01",), {}, 0, short=0, long=0, others=("ang", "sad"), rare=(), unclear={})
MOUTH = [i for i, unit in enumerate(UNITS) if unit.startswith(("mouth", "jaw", "tongue"))]
EMOTIONAL = [i for i, u in enumerate(UNITS) if not u.startswith(("eyeLook", "eyeBlink", "jawOpen"))]
JAW, BLINK = UNITS.index("jawOpen"), UNITS.index("eyeBlinkLeft")
ACTORS = cast(0)


class Plain:
    """A head that costs nothing: a wall, and a square as bright as the mouth is open."""

    def __init__(self, basis, appearance):
        self.wall = appearance.wall

    def draw(self, pose, out):
        out[:] = self.wall
        out[100:140, 150:190] = int(255 * pose.units[JAW])


@pytest.fixture(scope="module")
def played():
    """Three turns of a dialog: the dialog, its performances, its sound as int16."""
    dialog = plan_dialogs("tiny", 0)[0]
    short = sorted(dialog.turns, key=lambda turn: turn.part.least)[:3]
    dialog = replace(dialog, turns=tuple(turn for turn in dialog.turns if turn in short))
    recording = record_dialog(0, dialog, ACTORS, lambda: None)
    return dialog, recording.performances, np.rint(recording.samples * 32767).astype(np.int16)


@pytest.fixture(scope="module")
def poses(played):
    """What the faces of both actors do in these turns."""
    dialog, performances, sound = played
    return tuple(
        act(0, ACTORS[who], performances, sound[:, i] / 32768, wearer=i == 0)
        for i, who in enumerate(dialog.actors)
    )


@pytest.fixture(scope="module")
def heads(played):
    """The heads of both actors."""
    assert BASIS.is_file(), "run `make assets`"
    basis = load_basis()
    return tuple(Head(basis, PEOPLE[who].appearance) for who in played[0].actors)


@pytest.fixture(scope="module")
def film(played, poses, heads, tmp_path_factory):
    """The film of these turns, shot twice."""
    folder = tmp_path_factory.mktemp("film")
    for name in ("first.avi", "second.avi"):
        film_dialog(folder / name, heads, poses, played[2], lambda frames: None)
    return folder / "first.avi"


def plain(patch):
    """Add a size of ten short turns, with heads that cost nothing."""
    patch.setitem(understudy.SIZES, "nano", NANO)
    patch.setattr("understudy.head.Head", Plain)
    patch.setattr("understudy.head.load_basis", lambda: None)


@pytest.fixture
def nano(monkeypatch):
    """A size of ten short turns, with heads that cost nothing."""
    plain(monkeypatch)
    return "nano"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A corpus of that size."""
    with pytest.MonkeyPatch.context() as patch:
        plain(patch)
        return understudy.write(tmp_path_factory.mktemp("corpus"), size="nano", progress=False)


def performance(emotion, *, actor="Ses01F", peak=1.0, seconds=8.0, number=0):
    """A turn that begins at 2 s, without a word."""
    part = Part(
        f"{actor}_impro01_F{number:03}", actor, emotion, (0,), Course("steady", peak), 0, 0, 0
    )
    return Performance(part, 2.0, 2.0 + seconds, (Phoneme(0.1, "_"),))


def face(emotion, *, actor="Ses01F", seconds=12.0, **more):
    """What the actor's face does in such a turn."""
    acted = [performance(emotion, actor=actor, **more)]
    return act(0, ACTORS[actor], acted, np.zeros(round(seconds * 16000)), wearer=True)


def shown(poses, start=3.0, end=9.5):
    """Mean units over a span, shape (52,)."""
    return poses.units[(poses.times >= start) & (poses.times < end)].mean(axis=0)


def pictures(path, colour="rgb24"):
    with av.open(str(path)) as file:
        yield from (frame.to_ndarray(format=colour) for frame in file.decode(video=0))


# ---------------------------------------------------------------- the curves


def test_curves_are_within_their_limits(poses, played):
    frames = round(len(played[2]) / 16000 * FRAMES)
    for side in poses:
        assert side.units.shape == (frames, 52)
        assert side.units.dtype == np.float32
        assert side.units.min() >= 0
        assert side.units.max() <= 1
        assert np.abs(side.rotation[:, 0]).max() < np.radians(25)
        assert np.abs(side.shift).max() < 0.2
        assert all(np.isfinite(curve).all() for curve in vars(side).values())
        assert np.allclose(side.times, np.arange(frames) * 1001 / 30000)


def test_curves_follow_the_seed(played, poses):
    dialog, performances, sound = played
    args = (ACTORS[dialog.actors[0]], performances, sound[:, 0] / 32768)
    again, other = (act(seed, *args, wearer=True) for seed in (0, 1))
    for name, curve in vars(poses[0]).items():
        assert np.array_equal(vars(again)[name], curve)
    assert not np.allclose(other.units, poses[0].units)


@pytest.mark.parametrize("emotion", ["ang", "hap", "sad", "exc", "fru", "sur", "fea", "dis"])
def test_intensity_scales_the_expression(emotion):
    calm = shown(face("neu"))
    far = [
        np.linalg.norm((shown(face(emotion, peak=peak)) - calm)[EMOTIONAL])
        for peak in (0.15, 0.5, 1.0)
    ]
    assert far == sorted(far)
    assert far[2] > 1.5 * far[0]


def test_expression_follows_the_course_within_a_turn():
    rise = replace(
        performance("ang"), part=replace(performance("ang").part, course=Course("rise", 0.6))
    )
    curve = act(0, ACTORS["Ses01F"], [rise], np.zeros(12 * 16000), wearer=True)
    assert shown(curve, 8, 9.8)[EMOTIONAL].sum() > 1.2 * shown(curve, 2.5, 4)[EMOTIONAL].sum()


def test_expression_comes_and_goes_smoothly():
    curve = face("ang", seconds=14.0)
    anger = curve.units[:, UNITS.index("browDownLeft")]
    assert anger[curve.times < 1.2].max() < 0.15
    assert anger[curve.times > 12.5].max() < 0.15
    assert np.abs(np.diff(anger)).max() < 0.2


def test_most_actors_show_what_they_play():
    """Of all emotions' tables, the one that was played is nearest to the face, mostly."""
    means = {
        code: np.mean([units(**face) for face in emotion.faces], axis=0)[EMOTIONAL]
        for code, emotion in EMOTIONS.items()
    }
    right = []
    for actor, emotion in itertools.product(ACTORS, ("ang", "hap", "sad", "fru", "sur", "dis")):
        seen = (
            shown(face(emotion, actor=actor))[EMOTIONAL]
            - shown(face("neu", actor=actor))[EMOTIONAL]
        )
        near = {e: seen @ mean / max(np.linalg.norm(mean), 1) for e, mean in means.items()}
        right.append(max(near, key=near.get) == emotion)
    assert np.mean(right) > 0.7


def test_no_emotion_is_one_mask():
    """One actor's angry turns differ, and so do two actors'."""
    own = [shown(face("ang", number=n))[EMOTIONAL] for n in range(4)]
    theirs = [shown(face("ang", actor=actor))[EMOTIONAL] for actor in ACTORS]
    for faces in (own, theirs):
        apart = [np.abs(a - b).max() for a, b in itertools.combinations(faces, 2)]
        assert min(apart) > 0.05
        assert max(apart) > 0.25


def test_mouth_opens_for_vowels_and_shuts_for_lips():
    word = [
        (0.1, "m"),
        (0.2, "'A:"),
        (0.4, "p"),
        (0.5, "'aI"),
        (0.75, "b"),
        (0.85, "u:"),
        (1.1, "_"),
    ]
    times = np.array([0.15, 0.3, 0.45, 0.56, 0.8, 0.95, 1.3])
    mouth = move_mouth(tuple(Phoneme(*sound) for sound in word), times, np.ones(len(times)))
    jaw = mouth.units[:, JAW]
    assert jaw[[0, 2, 4]].max() < 0.07
    assert jaw[[1, 3]].min() > 0.3
    assert mouth.closure[[0, 2, 4]].min() > 0.75
    assert mouth.closure[[1, 3, 5]].max() < 0.25
    assert mouth.units[5, UNITS.index("mouthPucker")] > 0.4
    assert np.abs(mouth.units[6]).max() < 0.01


def test_every_sound_that_is_spoken_has_a_shape(played):
    symbols = {p.symbol.strip("',") for turn in played[1] for p in turn.phonemes}
    assert symbols - set(SOUNDS) <= {";"}  # only softens the sound before it


def test_loud_sounds_open_the_mouth(played, poses):
    dialog, performances, sound = played
    for who, side, channel in zip(dialog.actors, poses, sound.T, strict=True):
        talking = np.zeros(len(side), bool)
        for turn in performances:
            if turn.part.actor == who:
                talking |= (side.times > turn.start) & (side.times < turn.end)
        if talking.any():
            size = 533
            level = np.array(
                [np.abs(channel[i : i + size]).mean() for i in (side.times * 16000).astype(int)]
            )
            assert np.corrcoef(level[talking], side.units[talking, JAW])[0, 1] > 0.35
            assert side.units[talking, JAW].mean() > 3 * side.units[~talking, JAW].mean()


def test_eyes_blink():
    for actor in ("Ses01F", "Ses03M", "Ses05M"):
        blink = face("neu", actor=actor, seconds=120.0).units[:, BLINK] > 0.7
        count = np.count_nonzero(blink[1:] & ~blink[:-1])
        assert 14 <= count <= 70


def test_who_listens_is_calmer_than_who_speaks():
    def motion(actor):
        turn = performance("ang", seconds=30.0)
        curve = act(0, ACTORS[actor], [turn], np.zeros(40 * 16000), wearer=actor == "Ses01F")
        span = (curve.times > 4) & (curve.times < 30)
        face = [i for i in EMOTIONAL if i not in MOUTH]
        return np.abs(np.diff(curve.rotation[span], axis=0)).mean(), curve.units[span][
            :, face
        ].mean()

    speaker, listener = motion("Ses01F"), motion("Ses01M")
    assert speaker[0] > 1.3 * listener[0]
    assert speaker[1] > 1.5 * listener[1]


def test_actors_turn_to_each_other(poses):
    left, right = (side.rotation[:, 0].mean() for side in poses)
    assert left > 0 > right


# ---------------------------------------------------------------- the film


def test_film_has_the_same_bytes_twice(film):
    assert film.read_bytes() == film.with_name("second.avi").read_bytes()


def test_film_is_divx_with_the_dialogs_sound(film, played):
    sound = played[2]
    with av.open(str(film)) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.codec_tag) == ("mpeg4", "DIVX")
        assert (video.width, video.height, video.pix_fmt) == (720, 480, "yuv420p")
        assert video.average_rate == FRAMES
        assert (audio.codec_context.name, audio.rate, audio.channels) == ("pcm_s16le", 16000, 2)
        heard = np.concatenate([f.to_ndarray().reshape(-1, 2) for f in file.decode(audio=0)])
        file.seek(0)
        times = [frame.time for frame in file.decode(video=0)]
    assert np.array_equal(heard, sound)
    assert times == pytest.approx(np.arange(len(times)) / float(FRAMES), abs=1e-4)
    assert abs(len(times) / FRAMES - len(sound) / 16000) < 1 / FRAMES


def test_film_is_a_split_screen_in_black_borders(film):
    picture = next(itertools.islice(pictures(film), 20, None)).astype(int)
    seen = np.zeros((480, 720), bool)
    seen[120:360, 5:355] = seen[120:360, 365:715] = True
    assert np.median(picture[~seen]) == 0
    assert np.quantile(picture[~seen], 0.999) < 12
    for half in (picture[120:360, 5:355], picture[120:360, 365:715]):
        edge = np.concatenate([half[2], half[-3], half[:, 2], half[:, -3]])
        assert edge.mean(axis=1).min() > 20
        assert half.std() > 20


def test_who_wears_the_markers_sits_on_the_left(film, played, heads):
    """The left half's wall and shirt are those of the person whose voice is on the left."""
    picture = next(pictures(film))
    alone = [np.zeros((240, 350, 3), np.uint8) for _ in range(2)]
    for head, out in zip(heads, alone, strict=True):
        head.draw(Pose(np.zeros(52, np.float32)), out)
    halves = picture[120:360, 5:355].astype(int), picture[120:360, 365:715].astype(int)
    apart = [[np.abs(half - one).mean() for one in alone] for half in halves]
    assert played[0].actors[0].endswith(played[0].wearer)
    assert apart[0][0] < apart[0][1]
    assert apart[1][1] < apart[1][0]


def test_face_detector_finds_one_face_in_each_half(film):
    counts = []
    with BlazeFace() as detect:
        for picture in itertools.islice(pictures(film, "gray"), 0, None, 4):
            for left in (5, 365):
                half = Window(left, 120, 350, 240)
                counts.append(len(detect_in_window(picture, half, detect)))
    assert len(counts) > 100
    assert np.mean(np.array(counts) == 1) >= 0.98


@pytest.mark.parametrize("frame_repeat", [1, 2])
def test_listener_is_drawn_less_often_than_the_speaker(played, poses, tmp_path, frame_repeat):
    drawn = [[], []]

    class Counted(Plain):
        def __init__(self, half):
            self.wall, self.half = (90, 90, 90), half

        def draw(self, pose, out):
            super().draw(pose, out)
            drawn[self.half].append(tuple(map(float, pose.rotation)))

    heads = Counted(0), Counted(1)
    film_dialog(
        tmp_path / "a.avi", heads, poses, played[2], lambda frames: None, frame_repeat=frame_repeat
    )
    for side, calls, serves in zip(poses, drawn, SERVES, strict=True):
        talking = (side.turn > 0).astype(int)
        wanted = [i for i in range(len(side)) if i % (frame_repeat * serves[talking[i]]) == 0]
        assert calls == [tuple(map(float, side.rotation[i])) for i in wanted]
    assert SERVES[0][1] == 1  # the marker wearer's own turns, which experiments look at
    assert sum(map(len, drawn)) < 1.3 / frame_repeat * len(poses[0])


# ---------------------------------------------------------------- the corpus


def test_film_that_was_deleted_is_shot_again_without_a_word(root, nano, monkeypatch):
    films = sorted(root.glob("Session*/dialog/avi/DivX/*.avi"))
    assert len(films) == 10
    before = {film: (film.read_bytes(), film.stat().st_mtime_ns) for film in films}
    films[3].unlink()
    monkeypatch.setattr(espeak, "speak", lambda *_: pytest.fail("something was spoken"))
    understudy.write(root, size=nano, progress=False)
    assert {film: film.read_bytes() for film in films} == {f: b for f, (b, _) in before.items()}
    kept = [film for film in films if film != films[3]]
    assert [film.stat().st_mtime_ns for film in kept] == [before[film][1] for film in kept]


def test_missing_heads_are_told_before_anything_is_written(nano, tmp_path, monkeypatch):
    def missing():
        raise understudy.UnderstudyError("head.npz: the actors' heads are missing")

    monkeypatch.setattr("understudy.head.load_basis", missing)
    with pytest.raises(understudy.UnderstudyError, match="heads are missing"):
        understudy.write(tmp_path / "corpus", size=nano, progress=False)
    assert not list(tmp_path.glob("corpus/Session*"))


def test_film_that_fails_leaves_nothing_behind(nano, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Plain, "draw", full)
    with pytest.raises(understudy.UnderstudyError, match=r"cannot write .*avi: No space left"):
        understudy.write(tmp_path / "corpus", size=nano, progress=False)
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.avi"))


def test_corpus_without_films_is_refused(nano, tmp_path):
    manifest = tmp_path / writing.MANIFEST
    manifest.write_text('{"size": "nano", "seed": 0, "version": 1}')
    told = rf"version 1, not .* version {writing.VERSION}"
    with pytest.raises(understudy.UnderstudyError, match=told):
        understudy.write(tmp_path, size=nano, progress=False)


# ---------------------------------------------------------------- excerpts of it


@pytest.fixture
def turns(root):
    """Every turn of the corpus."""
    return [t for path in sorted((root / "performances").glob("*.json")) for t in load(path)]


def test_portrait_shows_what_the_curves_say(root, turns):
    """The speaker's half, at the moment asked for: the square is as bright as the jaw is open."""
    for turn, share in itertools.product(turns, (0.2, 0.5, 0.8)):
        curves = excerpts.turn_curves(root, turn, ("jawOpen",))
        picture = excerpts.turn_portrait(root, turn, share)
        jaw = np.interp(share * (turn.end - turn.start), curves.times, curves.units["jawOpen"])
        assert picture.shape == (170, 170, 3)
        assert abs(picture[70:100, 70:95].mean() / 255 - jaw) < 0.15


def test_curves_are_those_of_one_performance(root, turns):
    curves = excerpts.turn_curves(root, turns[0], ("jawOpen", "browDownLeft"))
    assert np.array_equal(curves.intensity, turns[0].intensity(curves.times))
    assert list(curves.units) == ["jawOpen", "browDownLeft"]
    assert len(curves.times) == pytest.approx((turns[0].end - turns[0].start) * FRAMES, abs=1)
    assert np.corrcoef(curves.level, curves.units["jawOpen"])[0, 1] > 0.3


def test_clip_plays_in_a_browser(root, turns):
    data = excerpts.turn_film(root, turns[0], 1.5)
    assert len(data) < 120_000
    with av.open(io.BytesIO(data)) as file:
        names = {stream.type: stream.codec_context.name for stream in file.streams}
        assert names == {"video": "h264", "audio": "aac"}
        assert (file.streams.video[0].width, file.streams.video[0].height) == (720, 240)
        assert file.duration / av.time_base == pytest.approx(1.5, abs=0.1)


def test_contact_sheet_leaves_places_white():
    dark = np.zeros((240, 240, 3), np.uint8)
    sheet = excerpts.contact_sheet([[dark, None], [None, dark]], 50)
    assert sheet.shape == (100, 100, 3)
    assert (sheet[:50, 50:] == 255).all()
    assert (sheet[50:, 50:] == 0).all()
