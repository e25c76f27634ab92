"""`tells.features.faces`: what is found, followed, lost and cut out; no frame vanishes."""

import hashlib
import itertools
import pickle
import subprocess
import sys
import zipfile
from fractions import Fraction
from functools import partial

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tells import media
from tells.errors import TellsError
from tells.features import extract, faces
from tells.features.faces import detector
from tells.features.faces.crop import interpolate_boxes, smoothed
from tells.features.faces.detector import Face, Window, detect_in_window
from tells.features.faces.tracking import SHARES, Tracker, distinct, search, tiles, window_around
from tells.media import MediaError
from video_fixtures import clip

RATE = 30


class Bright:
    """A detector that takes bright squares for faces, if they fill enough of what it sees."""

    calls = 0

    def __init__(self, least=0.12):
        self.least = least

    def __call__(self, grey):
        Bright.calls += 1
        assert max(grey.shape) <= 256
        _, _, stats, _ = cv2.connectedComponentsWithStats((grey > 150).astype(np.uint8))
        return [
            Face(x, y, x + w, y + h, grey[y : y + h, x : x + w].max() / 255)
            for x, y, w, h, _ in stats[1:].tolist()
            if min(w, h) >= self.least * max(grey.shape)
        ]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def picture(*squares, height=200, width=240):
    """A dark picture with bright squares (x, y, side) or (x, y, side, brightness)."""
    image = np.full((height, width), 20, np.uint8)
    for x, y, side, *brightness in squares:
        part = image[max(y, 0) : max(y + side, 0), max(x, 0) : max(x + side, 0)]
        part[:] = brightness[0] if brightness else 250
    return image


def follow(images, detect=None, rate=RATE):
    """Boxes (n, 4), NaN where nothing was seen, and the tracker."""
    tracker = Tracker(detect or Bright(), rate)
    boxes = np.full((len(images), 4), np.nan)
    decided = list(itertools.chain.from_iterable(tracker.step(image) for image in images))
    for i, face in decided + tracker.finish():
        assert np.isnan(boxes[i, 0])
        boxes[i] = face[:4]
    return boxes, tracker


def box_of(x, y, side, *_):
    return [x, y, x + side, y + side]


# FFV1 loses nothing, so what is read is what was written.
write_video = partial(clip, rate=RATE, codec="ffv1", pixels="gray")
stub = partial(faces.Faces, detector=Bright)


# --- looking and searching ----------------------------------------------------------------------


def test_tiles_are_as_many_as_the_design_says():
    for width, height in ((1920, 1080), (1080, 1920)):
        assert [len(tiles(width, height, share)) for share in SHARES] == [3, 15, 32]
    assert tiles(100, 100, 1.0) == [Window(0, 0, 100, 100)]


@pytest.mark.parametrize("size", [(1920, 1080), (360, 480), (16, 16), (1, 40), (333, 217)])
@pytest.mark.parametrize("share", SHARES)
def test_whatever_is_half_as_large_as_a_tile_lies_in_one(size, share):
    width, height = size
    windows = tiles(width, height, share)
    side = windows[0].width
    half = side // 2
    assert all(w.x >= 0 and w.x + side <= width and w.y + side <= height for w in windows)
    for axis, length in ((0, width), (1, height)):
        starts = sorted({w[axis] for w in windows})
        assert starts[0] == 0
        assert starts[-1] + side == length
        assert all(b - a <= side - half + 1 for a, b in itertools.pairwise(starts))


@pytest.mark.parametrize(
    ("face", "window"),
    [
        (Face(100, 100, 120, 120), Window(80, 80, 60, 60)),
        (Face(0, 0, 20, 20), Window(0, 0, 60, 60)),
        (Face(-10, 170, 30, 210), Window(0, 80, 120, 120)),
        (Face(20, 20, 180, 180), Window(0, 0, 240, 200)),
    ],
)
def test_a_window_lies_in_the_picture(face, window):
    assert window_around(face, 240, 200) == window


def test_a_large_window_is_halved_and_its_boxes_are_not():
    image = picture((640, 320, 256), height=1001, width=1203)
    (face,) = detect_in_window(image, Window(0, 1, 1203, 1000), Bright())
    assert_allclose(face[:4], [640, 320, 896, 576], atol=4)
    (face,) = detect_in_window(image, Window(600, 300, 256, 256), lambda view: [Face(1, 2, 3, 4)])
    assert face[:4] == (601, 302, 603, 304)


def test_a_small_face_needs_small_tiles():
    image = picture((1500, 800, 64), height=1080, width=1920)
    assert detect_in_window(image, Window(840, 0, 1080, 1080), Bright()) == []
    found, share = search(image, Bright())
    assert share == 0.4
    assert len(found) == 1
    assert_allclose(found[0][:4], box_of(1500, 800, 64), atol=2)


def test_a_search_ends_at_the_first_size_that_is_sure():
    large, small = (40, 40, 60), (190, 140, 22)
    assert len(search(picture(large, small), Bright(0.14))[0]) == 1
    doubtful, share = search(picture((*large, 180), small), Bright(0.14))
    assert [face.side for face in doubtful] == [22, 60]  # best score first
    assert share < 1


def test_what_is_not_seen_twice_is_dropped():
    once = iter([[Face(10, 10, 50, 50, 0.9)]])
    assert search(picture(height=200, width=200), lambda view: next(once, []))[0] == []


def test_distinct():
    a, b, c = Face(0, 0, 10, 10, 0.6), Face(4, 0, 14, 10, 0.9), Face(30, 0, 40, 10, 0.7)
    assert distinct([a, b, c]) == [b, c]


# --- following ----------------------------------------------------------------------------------


def test_a_face_that_moves_and_grows():
    squares = [(10 + 4 * i, 20 + 3 * i, 40 + i) for i in range(30)]
    boxes, tracker = follow([picture(s) for s in squares])
    assert_array_equal(boxes, [box_of(*s) for s in squares])
    assert not any(tracker.multiple_faces)


@pytest.mark.parametrize("n", [1, 2, 4, 5, 6])
def test_a_clip_shorter_than_the_trial(n):
    boxes, _ = follow([picture((50, 50, 40))] * n)
    assert_array_equal(boxes, [box_of(50, 50, 40)] * n)


def test_a_face_that_does_not_last_is_not_chosen():
    flash, real = (20, 20, 90), (170, 120, 40)
    images = [picture(flash, real)] * 2 + [picture(real)] * 20
    boxes, _ = follow(images)
    assert_array_equal(boxes, [box_of(*real)] * len(images))
    images = [picture(flash)] * 2 + [picture(real)] * 20
    boxes, _ = follow(images)
    assert np.isnan(boxes[:5]).all()
    assert_array_equal(boxes[8:], [box_of(*real)] * 14)


def test_the_largest_of_several_is_followed_and_they_are_counted():
    images = [picture((20, 40, 60), (140 + i, 60, 50)) for i in range(40)]
    boxes, tracker = follow(images)
    assert_array_equal(boxes, [box_of(20, 40, 60)] * 40)
    assert sum(tracker.multiple_faces) == 40


def test_the_same_person_while_a_larger_one_comes_and_goes():
    me = (20, 40, 50)
    images = [picture(me)] * 40 + [picture(me, (130, 40, 90))] * 60 + [picture(me)] * 60
    boxes, tracker = follow(images)
    assert_array_equal(boxes, [box_of(*me)] * len(images))
    # Two tiles cover this picture, so it looks around every 32 frames.
    assert not any(tracker.multiple_faces[:40])
    assert all(tracker.multiple_faces[72:100])
    assert not any(tracker.multiple_faces[132:])


@pytest.mark.parametrize("away", [1, 2, 10, 29, 45, 90])
def test_no_jump_to_somebody_else(away):
    """Not for a moment, and not later: who was there beside the face is not the face."""
    me, other = (20, 40, 60), (150, 60, 50)
    images = [picture(me, other)] * 40 + [picture(other)] * away + [picture(me, other)] * 60
    boxes, tracker = follow(images)
    assert np.isnan(boxes[40 : 40 + away]).all()
    assert_array_equal(boxes[:40], [box_of(*me)] * 40)
    back = 40 + away + (0 if away <= RATE else RATE)
    assert_array_equal(boxes[back:], [box_of(*me)] * (len(images) - back))
    assert sum(tracker.multiple_faces) == len(images)


def test_no_jump_to_a_neighbour_who_comes_nearer():
    me, other = (52, 60, 48), (104, 60, 40)
    images = [picture(me, other)] * 40 + [picture((94, 60, 40))] * 20 + [picture(me, other)] * 20
    boxes, _ = follow(images)
    assert np.isnan(boxes[40:60]).all()
    assert_array_equal(boxes[60:], [box_of(*me)] * 20)


def test_a_newcomer_elsewhere_is_followed_after_a_second():
    images = [picture((20, 40, 60))] * 40 + [picture((160, 120, 50))] * 120
    boxes, _ = follow(images)
    assert np.isnan(boxes[40 : 40 + RATE]).all()
    assert_array_equal(boxes[-60:], [box_of(160, 120, 50)] * 60)


def test_a_face_lost_for_a_moment_that_went_out_of_its_window():
    images = [picture((20, 40, 30))] * 20 + [picture()] * 6 + [picture((70, 55, 30))] * 20
    boxes, _ = follow(images)
    assert_array_equal(boxes[-10:], [box_of(70, 55, 30)] * 10)


def test_a_face_that_leaves_at_the_border():
    squares = [(180 + 2 * i, 80, 40) for i in range(40)]
    boxes, _ = follow([picture(s) for s in squares])
    assert not np.isnan(boxes[:20]).any()
    assert np.isnan(boxes[31:]).all()


def test_a_clip_without_a_face_costs_one_search_a_second():
    image = picture()
    tiles_of_all_sizes = sum(len(tiles(240, 200, share)) for share in SHARES)
    Bright.calls = 0
    boxes, _ = follow([image] * 300)
    assert np.isnan(boxes).all()
    assert Bright.calls <= (10 + 6) * tiles_of_all_sizes  # 0, 1, 3, 7, 15, and each second


def test_following_costs_one_look_a_frame_and_a_tenth():
    Bright.calls = 0
    follow([picture((100, 80, 40))] * 320)
    assert 320 <= Bright.calls < 320 * 1.1 + 10


# --- boxes --------------------------------------------------------------------------------------


def test_gaps_are_filled_by_straight_lines():
    times = np.array([0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 1.6, 1.7])
    boxes = np.full((8, 4), np.nan)
    boxes[1], boxes[4], boxes[6] = 0, 8, 30
    filled, missing = interpolate_boxes(boxes, times, max_gap=0.5)
    assert_allclose(filled[:, 0], [0, 0, 2, 6, 8, 10, 30, 30])
    assert_array_equal(np.flatnonzero(missing), [5])


def test_long_ends_are_missing():
    times = np.arange(10) / 10
    boxes = np.full((10, 4), np.nan)
    boxes[6] = 1, 2, 3, 4
    filled, missing = interpolate_boxes(boxes, times, max_gap=0.5)
    assert_array_equal(filled, [[1, 2, 3, 4]] * 10)
    assert_array_equal(np.flatnonzero(missing), range(6))


def test_smoothing():
    times, boxes = np.arange(6) / 10, np.arange(24.0).reshape(6, 4) ** 2
    assert_allclose(smoothed(boxes, times, 0), boxes)
    smooth = smoothed(boxes, times, 0.2)
    assert_allclose(smooth[2], boxes[1:4].mean(axis=0))
    assert_allclose(smooth[0], boxes[:2].mean(axis=0))
    assert_allclose(smooth[5], boxes[4:].mean(axis=0))


# --- cutting out --------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [0.5, 1, 1.7, 2.5, 4, 9])
@pytest.mark.parametrize("shift", [0, 0.25])
def test_a_ramp_stays_a_ramp(scale, shift):
    """Where things are does not depend on how much the face is reduced."""
    side, x0, y0 = 80 * scale, 100 + shift, 50 + shift
    ramp = 20 + (np.arange(1000) + 0.5 - x0) / side * 200  # 20 at the left edge, 220 at the right
    crops = []
    for values in (ramp, 240 - ramp):
        image = np.broadcast_to(np.rint(values.clip(0, 255)).astype(np.uint8), (900, 1000))
        face = faces.crop_and_resize(image, np.array([x0, y0, x0 + side, y0 + side]), (80, 60))
        assert face.shape == (80, 60)
        assert face.dtype == np.uint8
        crops.append(face[40].astype(float))
    expected = 20 + (np.arange(60) + 0.5) / 60 * 200  # 3.3 from column to column
    assert_allclose(crops[0], expected, atol=2)  # each halving rounds up
    assert_allclose((crops[0] - crops[1]) / 2, expected - 120, atol=0.8)
    assert_array_equal(face, np.broadcast_to(face[0], face.shape))


def test_bicubic_as_an_independent_library_does_it():
    """OpenCV's bicubic with a = -0.5 does not exist; at a scale of one all kernels agree."""
    image = np.random.default_rng(0).integers(0, 255, (200, 240), dtype=np.uint8)
    face = faces.crop_and_resize(image, np.array([30, 40, 90, 120]), (80, 60))
    assert_array_equal(face, image[40:120, 30:90])


def test_fine_structure_does_not_turn_into_coarse():
    image = np.indices((640, 640)).sum(axis=0).astype(np.uint8) % 2 * 200  # a chessboard
    face = faces.crop_and_resize(image, np.array([100, 100, 500, 500]), (80, 60))
    assert_allclose(face.astype(float), 100, atol=2)


@pytest.mark.parametrize(
    "box", [(-30, 50, 50, 130), (210, 50, 290, 130), (50, -20, 130, 60), (50, 170, 130, 250)]
)
def test_the_border_is_continued(box):
    image = np.add.outer(np.arange(200) // 2, np.arange(240) // 3).astype(np.uint8)
    face = faces.crop_and_resize(image, np.array(box), (80, 80))
    rows = np.arange(box[1], box[3]).clip(0, 199)
    columns = np.arange(box[0], box[2]).clip(0, 239)
    assert_array_equal(face, image[np.ix_(rows, columns)])


@pytest.mark.parametrize("box", [(500, 500, 600, 600), (10, 10, 10, 10), (-5e3, -5e3, 5e3, 5e3)])
def test_senseless_boxes_give_pictures(box):
    image = np.full((200, 240), 77, np.uint8)
    assert_array_equal(faces.crop_and_resize(image, np.array(box), (80, 60)), np.full((80, 60), 77))


# --- the extractor, with the stand-in for BlazeFace ---------------------------------------------


def test_a_clip_becomes_faces(tmp_path):
    squares = [(60 + i, 60, 40) for i in range(30)]
    path = write_video(tmp_path / "a.mkv", [picture(s) for s in squares])
    track = stub()(path)
    assert track.features.shape == (30, 80, 60)
    assert track.features.dtype == np.uint8
    assert track.features[:, 5:-5, 5:-5].min() >= 249
    assert track.seconds == pytest.approx(1.0, abs=0.002)
    assert_allclose(track.arrays["times"], np.arange(30) / RATE, atol=0.001)
    assert_array_equal(track.arrays["boxes"], np.float32([box_of(*s) for s in squares]))
    assert track.arrays["boxes"].dtype == np.float32
    assert track.arrays["found"].all()
    expected = {"frames": 30, "found": 30, "interpolated": 0, "missing": 0, "multiple_faces": 0}
    assert track.report == expected


@pytest.mark.parametrize("smooth", [0.0, 0.1])
def test_no_frame_vanishes(tmp_path, smooth):
    """A late beginning, a short gap, a long one and an early end: a row for each frame."""
    seen = [False] * 3 + [True] * 30 + [False] * 6 + [True] * 30 + [False] * 40 + [True] * 60
    seen += [False] * 5
    shown = [picture((60 + i // 3, 60, 40)) if s else picture() for i, s in enumerate(seen)]
    track = stub(smooth=smooth)(write_video(tmp_path / "a.mkv", shown))
    report, n = track.report, len(seen)
    assert len(track.features) == len(track.arrays["times"]) == report["frames"] == n
    assert report["found"] + report["interpolated"] + report["missing"] == n
    assert report["found"] == track.arrays["found"].sum()
    assert not track.arrays["found"][~np.array(seen)].any()
    assert report["interpolated"] >= 3 + 6 + 5
    assert 40 <= report["missing"] <= 40 + RATE
    x = track.arrays["boxes"][:, 0]
    truth = np.array([60 + i // 3 for i in range(n)])
    inner = slice(6, n - 6)  # the ends are held
    assert np.abs(x - truth)[inner].max() <= 1.5
    # What was cut out is what the boxes say, in gaps as well.
    for i in (0, 35, 90, n - 1):
        assert_array_equal(
            track.features[i], faces.crop_and_resize(shown[i], track.arrays["boxes"][i], (80, 60))
        )


def test_smoothing_changes_the_crops(tmp_path):
    shown = [picture((60 + 6 * (i % 2), 60, 40)) for i in range(30)]
    path = write_video(tmp_path / "a.mkv", shown)
    rough, smooth = stub()(path), stub(smooth=0.2)(path)
    assert np.ptp(rough.arrays["boxes"][5:-5, 0]) == 6
    assert np.ptp(smooth.arrays["boxes"][5:-5, 0]) < 2
    assert (rough.features != smooth.features).any()


@pytest.mark.parametrize(("half", "square"), [("left", (30, 60, 40)), ("right", (150, 70, 50))])
def test_half_of_a_split_screen(tmp_path, half, square):
    shown = [picture((30, 60, 40), (150, 70, 50))] * 10
    track = stub(half)(write_video(tmp_path / "a.mkv", shown))
    assert_array_equal(track.arrays["boxes"], np.float32([box_of(*square)] * 10))
    assert track.report["multiple_faces"] == 0
    assert track.features[:, 5:-5, 5:-5].min() >= 249


def test_a_half_ends_at_the_middle(tmp_path):
    """The neighbour's half is not seen, even where a box reaches into it."""
    shown = picture((100, 60, 20, 200), (120, 60, 40))
    track = stub("left")(write_video(tmp_path / "a.mkv", [shown] * 10))
    box = box_of(100, 60, 20)
    assert track.arrays["boxes"][0].tolist() == box
    assert_array_equal(track.features[0], faces.crop_and_resize(shown[:, :120], box, (80, 60)))
    assert (track.features[0] != faces.crop_and_resize(shown, box, (80, 60))).any()


def test_a_span(tmp_path):
    shown = [picture((40 + i, 60, 40)) for i in range(90)]
    path = write_video(tmp_path / "a.mkv", shown)
    whole, part = stub()(path), stub()(path, 1.0, 2.0)
    assert part.seconds == pytest.approx(1.0, abs=0.04)
    assert part.arrays["times"][0] == pytest.approx(1.0, abs=0.002)
    rows = np.isin(whole.arrays["times"], part.arrays["times"])
    assert rows.sum() == len(part.features) == 30
    assert_array_equal(part.features, whole.features[rows])
    assert_array_equal(part.arrays["boxes"], whole.arrays["boxes"][rows])


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ([picture()] * 20, "no face in any of 20 frames"),
        ([np.zeros((48, 64), np.uint8)], "no face in any of 1 frames"),
        ([np.zeros((16, 16), np.uint8)] * 3, "no face in any of 3 frames"),
        (
            [picture((60, 60, 40))] * 10 + [picture()] * 20,
            "a face in 10 of 30 frames, less than 0.5 of them",
        ),
    ],
)
def test_too_few_faces(tmp_path, shown, reason):
    path = write_video(tmp_path / "a.mkv", shown)
    with pytest.raises(MediaError) as error:
        stub()(path)
    assert error.value.reason == reason


def test_the_share_can_be_asked_for(tmp_path):
    path = write_video(tmp_path / "a.mkv", [picture((60, 60, 40))] * 10 + [picture()] * 20)
    track = stub(min_share=0.3)(path)
    assert track.report["found"] == 10
    assert track.report["missing"] == 20


def test_one_frame_and_a_frozen_picture(tmp_path):
    one = stub()(write_video(tmp_path / "a.mkv", [picture((60, 60, 40))]))
    assert one.features.shape == (1, 80, 60)
    assert one.seconds == pytest.approx(1 / RATE, abs=0.001)
    frozen = stub()(write_video(tmp_path / "b.mkv", [picture((60, 60, 40))] * 20))
    assert (frozen.features == one.features).all()


def test_pixels_that_are_not_square_stay_as_they_are(tmp_path):
    shown = [picture((60, 60, 40))] * 5
    path = write_video(tmp_path / "a.mkv", shown, aspect=Fraction(8, 9))
    track = stub()(path)
    assert track.arrays["boxes"][0].tolist() == box_of(60, 60, 40)
    assert faces.StaticCrop(40, 40, half=None)(path).features.shape == (5, 40, 40)


def test_files_without_pictures(tmp_path, tone, write_sound):
    sound = write_sound(tmp_path / "a.wav", tone(0.2))
    for extractor in (stub(), faces.StaticCrop(10, 10)):
        with pytest.raises(MediaError):
            extractor(sound)
        with pytest.raises(MediaError):
            extractor(tmp_path / "missing.mkv")


def test_without_the_detectors_file_no_clip_is_blamed(tmp_path):
    write_video(tmp_path / "a.mkv", [picture((60, 60, 40))] * 5)
    missing = partial(faces.BlazeFace, tmp_path / "none.tflite")
    how = {"workers": 0, "progress": False}
    with pytest.raises(TellsError, match="make assets"):
        extract(tmp_path, ["a.mkv"], faces.Faces(detector=missing), tmp_path / "store", **how)
    stored = extract(tmp_path, ["a.mkv"], stub(), tmp_path / "store", **how)
    assert len(stored.read("a.mkv")) == 5


def test_options_lie_side_by_side_in_a_store(tmp_path):
    names = [
        *(faces.Faces().name, faces.Faces("left").name, faces.Faces(smooth=0.2).name),
        *(faces.Faces(max_gap=1).name, faces.Faces(min_share=0.3).name),
        faces.Faces("left", smooth=0.2).name,
    ]
    assert names[:2] == ["faces", "faces-left"]
    assert len(set(names)) == len(names)


def test_extractors_travel_and_know_their_version():
    made = [
        faces.Faces(),
        faces.Faces("left"),
        faces.Faces("left", smooth=0.2),
        faces.Faces("left", min_share=0.1),
        faces.Faces("left", max_gap=1.0),
        faces.StaticCrop(100, 93),
        faces.StaticCrop(110, 95, (80, 60)),
        faces.StaticCrop(110, 95, (80, 60), half=None),
    ]
    for extractor in made:
        assert pickle.loads(pickle.dumps(extractor)) == extractor
        assert extractor.spans
        assert extractor.columns == []
    assert len({extractor.version for extractor in made}) == len(made)
    assert [extractor.name for extractor in made[:2]] == ["faces", "faces-left"]
    assert len({extractor.name for extractor in made[5:]}) == 3
    assert "mediapipe" in made[0].version
    assert faces.MODEL.name == "face_detection_short_range.tflite"


@pytest.mark.parametrize(
    "make",
    [
        lambda: faces.Faces("top"),
        lambda: faces.Faces(smooth=-1),
        lambda: faces.Faces(max_gap=float("nan")),
        lambda: faces.Faces(min_share=1.5),
        lambda: faces.StaticCrop(100, 93, half="middle"),
        lambda: faces.StaticCrop(0, 93),
        lambda: faces.StaticCrop(100, 93, (80, 0)),
    ],
)
def test_wrong_arguments(make):
    with pytest.raises(TellsError, match=r"must be|must lie"):
        make()


def test_coverage():
    reports = {
        "a.avi": {"frames": 100, "found": 90, "interpolated": 8, "missing": 2, "multiple_faces": 0},
        "b.avi": {"frames": 50, "found": 50, "interpolated": 0, "missing": 0, "multiple_faces": 9},
    }
    reports["b.avi"]["gap"] = 3  # damage in the file has a column of its own
    table = faces.coverage(reports)
    assert list(table.index) == ["a.avi", "b.avi"]
    assert table["share"].tolist() == [0.9, 1.0]
    assert table["gap"].tolist() == [0, 3]
    assert table.sum()["frames"] == 150
    assert list(faces.coverage({}).columns)[:5] == list(reports["a.avi"])
    old = {"b.avi": {"frames": 50, "found": 50, "several": 9}}  # as stored by an older version
    assert list(faces.coverage(old).columns)[:5] == list(reports["a.avi"])
    assert faces.coverage(old)["multiple_faces"].tolist() == [9]


# --- static crops -------------------------------------------------------------------------------


def split_screen(height=480, width=720):
    """Columns in the luma: column x has the value x modulo 251, rows shift it."""
    return (np.add.outer(7 * np.arange(height), np.arange(width)) % 251).astype(np.uint8)


@pytest.mark.parametrize(
    ("rows", "columns", "half", "x", "y"),
    [
        (100, 93, "left", 133, 190),
        (110, 95, "left", 132, 185),
        (100, 93, "right", 493, 190),
        (100, 93, None, 313, 190),
    ],
)
def test_static_crops_lie_where_the_thesis_cut(tmp_path, rows, columns, half, x, y):
    shown = split_screen()
    path = write_video(tmp_path / "a.mkv", [shown] * 3)
    track = faces.StaticCrop(rows, columns, half=half)(path)
    assert track.features.shape == (3, rows, columns)
    assert_array_equal(track.features[1], shown[y : y + rows, x : x + columns])
    assert track.arrays["boxes"][0].tolist() == [x, y, x + columns, y + rows]
    assert track.report["frames"] == track.report["found"] == 3
    if half == "left":  # the window of the speaker: x from 5 to 355, y from 120 to 360
        assert x + columns / 2 == pytest.approx(180, abs=0.5)
        assert y + rows / 2 == pytest.approx(240, abs=0.5)


def test_static_crop_brought_to_the_networks_size(tmp_path):
    path = write_video(tmp_path / "a.mkv", [split_screen()] * 2)
    track = faces.StaticCrop(110, 95, (80, 60))(path, 0.0, 0.05)
    assert track.features.shape == (2, 80, 60)
    large = faces.StaticCrop(110, 95)(path).features[0]
    assert_array_equal(
        track.features[0], faces.crop_and_resize(large, np.array([0, 0, 95, 110]), (80, 60))
    )


def test_a_picture_smaller_than_the_crop(tmp_path):
    path = write_video(tmp_path / "a.mkv", [split_screen(120, 160)] * 2)
    with pytest.raises(MediaError, match=r"left half of the picture, 80 x 120 .* 93 x 100"):
        faces.StaticCrop(100, 93)(path)
    assert faces.StaticCrop(100, 93, half=None)(path).features.shape == (2, 100, 93)


# --- the network's file -------------------------------------------------------------------------


def test_the_file_of_the_network(tmp_path):
    with pytest.raises(TellsError, match=r"not at .*; run `make assets`"):
        detector.BlazeFace(tmp_path / "none.tflite")
    wrong = tmp_path / "wrong.tflite"
    wrong.write_bytes(b"something else")
    with pytest.raises(TellsError, match="run `make assets`"):
        detector.BlazeFace(wrong)


def test_unpack_model(tmp_path, monkeypatch):
    wheel, out = tmp_path / "mediapipe.whl", tmp_path / "assets" / "model.tflite"
    with pytest.raises(TellsError, match=r"0\.10\.21.*got"):
        faces.unpack_model(wheel, out)
    wheel.write_bytes(b"no zip")
    with pytest.raises(TellsError, match=r"0\.10\.21.*got"):
        faces.unpack_model(wheel, out)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mediapipe/__init__.py", "")
    with pytest.raises(TellsError, match=r"0\.10\.21.*got"):
        faces.unpack_model(wheel, out)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(detector.MEMBER, b"a network")
    with pytest.raises(TellsError, match="another network"):
        faces.unpack_model(wheel, out)
    assert not out.exists()
    monkeypatch.setattr(detector, "DIGEST", hashlib.sha256(b"a network").hexdigest())
    assert faces.unpack_model(wheel, out) == out
    assert out.read_bytes() == b"a network"
    assert list(out.parent.iterdir()) == [out]


# --- BlazeFace itself, on real people -----------------------------------------------------------


@pytest.fixture(scope="module")
def model():
    assert faces.MODEL.exists(), "run `make assets`"
    return faces.MODEL


@pytest.fixture(scope="module")
def clips(shared_data, model):
    found = sorted((shared_data / "cremad_sample/VideoFlash").glob("*.flv"))
    if not found:
        pytest.skip(f"no real video below {shared_data}")
    return found


@pytest.fixture(scope="module")
def person(clips):
    """Twenty frames of a real person, grey, 360 x 360, with the face in the middle."""
    with media.frames(clips[0], end=0.62) as frames:
        return [frame.image[:, 40:400] for frame in frames][:18]


def grey(people, height, width, place):
    """Pictures in which people stand where `place(i)` says: ((x, y, side), ...)."""
    rng = np.random.default_rng(0)
    scene = cv2.resize(rng.integers(60, 160, (9, 16), dtype=np.uint8), (width, height))
    shown = []
    for i, face in enumerate(people):
        image = scene.copy()
        for x, y, side in place(i):
            left, top = max(x, 0), max(y, 0)
            right, bottom = min(x + side, width), min(y + side, height)
            if right > left and bottom > top:
                small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
                image[top:bottom, left:right] = small[top - y : bottom - y, left - x : right - x]
        shown.append(image)
    return shown


H264 = {"codec": "libx264", "pixels": "yuv420p"}


def test_real_clips(clips):
    for path in clips[:2]:
        track = faces.Faces()(path)
        assert track.report["found"] == track.report["frames"] > 50
        x0, y0, x1, y1 = track.arrays["boxes"].mean(axis=0)
        assert 120 < x0 < x1 < 320
        assert 60 < y0 < y1 < 260
        assert track.features.std() > 20
        again = faces.Faces()(path)
        assert_array_equal(again.features, track.features)


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (1920, 1080)])
def test_a_tiny_face_off_centre(tmp_path, person, height, width):
    shown = grey(person, height, width, lambda i: [(width - 330 + i, 70, 240)])
    track = faces.Faces()(write_video(tmp_path / "a.mp4", shown, **H264))
    assert track.report["found"] == len(shown)
    centre = track.arrays["boxes"].reshape(-1, 2, 2).mean(axis=1)
    assert np.abs(centre[:, 0] - (width - 330 + 115)).max() < 40
    assert np.ptp(centre, axis=0).max() < 40


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_video_that_lies_on_its_side(tmp_path, person, degrees):
    upright = grey(person, 480, 640, lambda i: [(30, 60, 400)])
    lying = [np.ascontiguousarray(np.rot90(image, -degrees // 90)) for image in upright]
    path = write_video(tmp_path / "a.mp4", lying, **H264, rotation=degrees)
    track = faces.Faces()(path)
    assert track.report["found"] == len(upright)
    expected = faces.Faces()(write_video(tmp_path / "b.mp4", upright, **H264)).arrays["boxes"]
    assert np.abs(track.arrays["boxes"] - expected).max() < 12


def test_two_people_side_by_side(tmp_path, person):
    shown = grey(person * 2, 480, 720, lambda i: [(5, 100, 300), (380, 120, 330)])
    path = write_video(tmp_path / "a.mp4", shown, **H264)
    track = faces.Faces()(path)
    assert track.report["found"] == track.report["multiple_faces"] == len(shown)
    assert track.arrays["boxes"][:, 0].min() > 360
    left = faces.Faces("left")(path)
    assert left.report["multiple_faces"] == 0
    assert left.arrays["boxes"][:, 2].max() < 360


def test_somebody_who_leaves(tmp_path, person):
    shown = grey(person * 4, 360, 640, lambda i: [(100 + max(0, i - 20) * 20, 0, 360)])
    path = write_video(tmp_path / "a.mp4", shown, **H264)
    with pytest.raises(MediaError, match=r"a face in \d\d of 72 frames"):
        faces.Faces(min_share=0.95)(path)
    track = faces.Faces(min_share=0.3)(path)
    assert track.arrays["found"][:30].all()
    assert not track.arrays["found"][-25:].any()
    assert track.report["missing"] >= 25


@pytest.mark.parametrize("gain", [0.12, 0.5])
def test_dark_pictures(tmp_path, person, gain):
    shown = [(16 + gain * (image - 16.0).clip(0)).astype(np.uint8) for image in person]
    track = faces.Faces()(write_video(tmp_path / "a.mkv", shown))
    assert track.report["found"] >= 0.9 * len(shown)


def test_nobody(tmp_path, model, capfd):
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (240, 320), dtype=np.uint8) for _ in range(10)]
    black = [np.zeros((240, 320), np.uint8)] * 10
    for shown in (noise, black, [np.full((16, 16), 90, np.uint8)]):
        with pytest.raises(MediaError, match=f"no face in any of {len(shown)} frames"):
            faces.Faces()(write_video(tmp_path / "a.mkv", shown))
    assert capfd.readouterr().err == ""  # the native library is not heard


def test_training_in_between_does_not_end_the_process(model):
    """Lightning sets signals back to their defaults, which for SIGPROF is the process's end."""
    script = (
        "import numpy as np, signal, time; from tells.features.faces.detector import BlazeFace\n"
        "noise = np.random.default_rng(0).integers(0, 255, (240, 240), dtype=np.uint8)\n"
        "def detect_in_window(detect):\n"
        "    end = time.process_time() + 0.3\n"
        "    while time.process_time() < end: detect(noise)\n"
        "with BlazeFace() as detect:\n"
        "    detect_in_window(detect)\n"
        "    signal.signal(signal.SIGPROF, signal.SIG_DFL)\n"
        "    detect_in_window(detect)\n"
        "with BlazeFace() as detect: detect_in_window(detect)\n"
        "assert signal.SIGPROF not in signal.pthread_sigmask(signal.SIG_BLOCK, [])\n"
        "print('alive')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_the_understudys_actors(understudy_root, model):
    videos = sorted(understudy_root.glob("Session*/dialog/avi/**/*.avi"))
    track = faces.Faces("left")(videos[0], 0.0, 4.0)
    assert track.report["found"] >= 0.9 * track.report["frames"]
    assert track.arrays["boxes"][:, 2].max() < 360
