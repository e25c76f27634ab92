"""`tells.media.frames`: every video gives its pictures and their times, or a sentence."""

import os
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
import pytest

from tells import media
from tells.errors import TellsError
from tells.media import MediaError
from video_fixtures import CODECS, clip, number, picture

FUZZ = Path(__file__).with_name("video_fixtures.py")
SPANS = [(0.3, 0.9), (0.32, 0.64), (0.01, 0.05), (0.64, 0.65), (1.0, None), (1.5, None)]


def read(path, **options):
    """All frames of a file, their numbers and its flaws."""
    with media.frames(path, **options) as video:
        found = list(video)
    return found, [number(frame.image) for frame in found], video.flaws


def numbers_and_flaws(path, **options):
    return read(path, **options)[1:]


def refused(path, reason, **options):
    with pytest.raises(MediaError, match=reason) as caught:
        media.frames(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in str(caught.value)
    return caught.value.reason


# --- pictures and their times -------------------------------------------------------------------


@pytest.mark.parametrize(("codec", "container", "b_frames"), [
    *((codec, container, 0) for codec, container in CODECS),
    ("libx264", "mp4", 2), ("libx264", "flv", 2), ("libx264", "mpegts", 2), ("libx265", "mp4", 2),
    ("mpeg4", "avi", 2), ("mpeg4", "mp4", 2), ("mpeg2video", "mpeg", 2), ("libx264", "avi", 2),
])  # fmt: skip
def test_every_codec_gives_its_frames_and_each_span_the_same(tmp_path, codec, container, b_frames):
    path = clip(tmp_path / f"a.{container}", 40, 25, codec, container, b_frames=b_frames)
    whole, numbers, flaws = read(path)
    assert numbers == list(range(40))
    assert flaws == {}
    times = np.array([frame.time for frame in whole])
    # AVI stores chunks: what the decoder gives after a B-frame's delay comes a chunk later.
    assert times[0] <= (0.08 if container == "avi" else 0)
    np.testing.assert_allclose(np.diff(times), 0.04, atol=1e-6)
    for start, end in SPANS:
        expected = [f for f in whole if start <= f.time and (end is None or f.time < end)]
        if not expected:
            refused(path, "no frames from second", start=start, end=end)
            continue
        span, _, flaws = read(path, start=start, end=end)
        assert flaws == {}
        assert [f.time for f in span] == [f.time for f in expected]
        for ours, theirs in zip(span, expected, strict=True):
            np.testing.assert_array_equal(ours.image, theirs.image)


def test_what_a_stream_says_of_itself(tmp_path):
    path = clip(tmp_path / "a.mp4", 30, Fraction(30000, 1001), "libx264", aspect=Fraction(4, 3))
    info = media.frames(path).info
    assert info.rate == pytest.approx(29.97003, abs=1e-4)
    assert info[:2] == (64, 48)


def test_variable_rate(tmp_path):
    times = [0, 0.03, 0.08, 0.09, 0.2, 0.33, 0.34, 0.5, 0.55, 0.6]
    for name in ("a.mp4", "a.mkv", "a.flv"):
        found, numbers, flaws = read(clip(tmp_path / name, 10, codec="libx264", times=times))
        assert numbers == list(range(10))
        assert [frame.time for frame in found] == pytest.approx(times, abs=1e-3)
        assert flaws == {}


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.mp4", "a.flv"])
def test_the_first_frame_of_a_file_without_sound_is_second_0(tmp_path, name):
    times = [10 + i / 25 for i in range(20)]
    path = clip(tmp_path / name, 20, codec="libx264", times=times)
    found, _, flaws = read(path)
    assert [f.time for f in found] == pytest.approx([i / 25 for i in range(20)], abs=1e-3)
    assert flaws == {}
    assert numbers_and_flaws(path, start=0.39, end=0.5) == ([10, 11, 12], {})


def test_without_timestamps_frames_are_a_period_apart(tmp_path):
    path = clip(tmp_path / "a.h264", 20, 25, "libx264", "h264")
    found, numbers, flaws = read(path)
    assert [f.time for f in found] == pytest.approx([i / 25 for i in range(20)])
    assert (numbers, flaws) == (list(range(20)), {"no timestamp": 20})
    assert numbers_and_flaws(path, start=0.4, end=0.5)[0] == [10, 11, 12]


def test_a_span_is_found_without_decoding_what_comes_before(tmp_path, monkeypatch):
    path = clip(tmp_path / "a.mp4", 250, 25, "libx264", keys=25)
    decoded = []
    time_of = media.video.Decoder._time
    monkeypatch.setattr(
        media.video.Decoder, "_time", lambda *a: decoded.append(time_of(*a)) or decoded[-1]
    )
    assert numbers_and_flaws(path, start=8.2, end=8.4)[0] == [205, 206, 207, 208, 209]
    assert min(decoded) == 8
    assert max(decoded) < 8.6


@pytest.mark.parametrize("keys", [8, 1000])
def test_a_container_without_an_index(tmp_path, keys):
    path = clip(tmp_path / "a.avi", 40, 25, "mpeg4", keys=keys)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"idx1")])
    whole, numbers, _ = read(path)
    assert numbers == list(range(40))
    span, numbers, _ = read(path, start=1.0, end=1.2)
    assert numbers == [25, 26, 27, 28, 29]
    np.testing.assert_array_equal(span[0].image, whole[25].image)


def test_open_groups_of_pictures(tmp_path):
    options = {"preset": "veryfast", "x264-params": "open-gop=1:scenecut=0:keyint=10:bframes=3"}
    path = clip(tmp_path / "a.mp4", 60, 25, "libx264", keys=10, b_frames=3, options=options)
    whole, numbers, _ = read(path)
    assert numbers == list(range(60))
    for n in range(1, 60, 3):
        span, numbers, flaws = read(path, start=n / 25, end=(n + 4) / 25 - 1e-3)
        assert (numbers, flaws) == (list(range(60))[n : n + 4], {})
        np.testing.assert_array_equal(span[0].image, whole[n].image)


def test_no_key_frame_but_the_first(tmp_path):
    options = {"x264-params": "intra-refresh=1:scenecut=0:keyint=10"}
    path = clip(tmp_path / "a.ts", 60, 25, "libx264", options=options, keys=10)
    whole, numbers, _ = read(path)
    assert numbers == list(range(60))
    span, numbers, _ = read(path, start=1.6, end=1.7)
    assert numbers == [40, 41, 42]
    np.testing.assert_array_equal(span[0].image, whole[40].image)


@pytest.mark.parametrize(("codec", "name", "pixels"), [
    ("libx264", "a.mp4", "yuv420p10le"), ("libx264", "a.mp4", "yuv444p"),
    ("ffv1", "a.mkv", "gray"), ("ffv1", "a.mkv", "gray16le"), ("ffv1", "a.mkv", "yuv422p10le"),
    ("ffv1", "a.mkv", "bgr0"), ("png", "a.mov", "rgb24"), ("gif", "a.gif", "rgb8"),
    ("rawvideo", "a.avi", "bgr24"), ("rawvideo", "a.avi", "yuyv422"), ("rawvideo", "a.nut", "nv12"),
    ("cinepak", "a.avi", "rgb24"), ("wmv2", "a.asf", "yuv420p"), ("prores_ks", "a.mov", None),
])  # fmt: skip
def test_pixel_formats(tmp_path, codec, name, pixels):
    pixels = pixels or "yuv422p10le"
    path = clip(tmp_path / name, 10, 25, codec, pixels=pixels)
    grey, numbers, _ = read(path)
    assert numbers == list(range(10))
    assert grey[0].image.shape == (48, 64)
    colour, numbers, _ = read(path, colour=True)
    assert numbers == list(range(10))
    assert colour[0].image.shape == (48, 64, 3)
    assert colour[0].image.dtype == grey[0].image.dtype == np.uint8
    # Pictures are 50 and 200; luma in video range is stored as 59 and 188.
    full_range = pixels in ("yuv444p", "gray", "gray16le", "bgr0", "rgb24", "rgb8", "bgr24")
    assert int(grey[9].image[5, 5]) == pytest.approx(200 if full_range else 188, abs=12)


def test_colours(tmp_path):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :, 0], image[24:, :, 2] = 220, 200
    for codec, name, pixels in (("libx264", "a.mp4", "yuv444p"), ("png", "a.mov", "rgb24")):
        found, _, _ = read(clip(tmp_path / name, [image], codec=codec, pixels=pixels), colour=True)
        assert np.abs(found[0].image.astype(int) - image).max() < 12


def test_grey_is_the_plane_of_the_decoder_and_cannot_be_written(tmp_path):
    path = clip(tmp_path / "a.mp4", 5, 25, "libx264")
    with av.open(str(path)) as container:
        planes = [np.array(f.to_ndarray()[:48]) for f in container.decode(video=0)]
    found, _, _ = read(path)  # all of them are kept, while the decoder goes on
    for frame, plane in zip(found, planes, strict=True):
        np.testing.assert_array_equal(frame.image, plane)
        assert not frame.image.flags.writeable
    assert cv2.resize(found[0].image, (8, 8)).shape == (8, 8)


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_rotation_as_opencv_has_it(tmp_path, degrees):
    path = clip(tmp_path / "a.mp4", [picture(1)], codec="libx264", rotation=degrees)
    with media.frames(path) as video:
        (frame,) = video
    _, theirs = cv2.VideoCapture(str(path)).read()
    assert frame.image.shape == theirs.shape[:2] == (video.info.height, video.info.width)
    assert np.abs((frame.image > 125) * 255.0 - (theirs[..., 0] > 125) * 255.0).mean() < 3
    assert frame.image.flags.c_contiguous or degrees == 0


@pytest.mark.parametrize("a_b_c_d", [
    (1, 0, 0, 1), (-1, 0, 0, 1), (1, 0, 0, -1), (-1, 0, 0, -1),
    (0, 1, 1, 0), (0, 1, -1, 0), (0, -1, 1, 0), (0, -1, -1, 0),
])  # fmt: skip
def test_each_display_matrix_does_what_it_says(a_b_c_d):
    a, b, c, d = a_b_c_d
    matrix = np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30], np.int32)

    class WithMatrix:
        side_data = {"DISPLAYMATRIX": matrix.tobytes()}  # noqa: RUF012

    stored = np.arange(6, dtype=np.uint8).reshape(2, 3)
    shown = {(a * x + c * y, b * x + d * y): stored[y, x] for y in range(2) for x in range(3)}
    left, top = (min(at[i] for at in shown) for i in (0, 1))
    turned = media.video.upright(stored, media.video.orientation(WithMatrix()))
    for (x, y), value in shown.items():
        assert turned[y - top, x - left] == value


@pytest.mark.parametrize("late", [0.0, 0.4])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv", "a.ts", "a.webm"])
def test_sound_and_picture_share_a_clock(tmp_path, name, late):
    """A flash at frame 20 and a click at that time, in sound that begins with it or later."""
    images = [np.full((48, 64), 200 if i >= 20 else 50, np.uint8) for i in range(40)]
    sound = np.zeros(round((1.6 - late) * 16_000))
    at = round((0.8 - late) * 16_000)
    sound[at : at + 400] = 0.9 * np.sin(np.arange(400) * 0.9)
    codec = "libvpx-vp9" if name == "a.webm" else "libx264"
    path = clip(tmp_path / name, images, 25, codec, sound=sound, sound_at=late, b_frames=2)
    flash = next(f.time for f in media.frames(path) if f.image.mean() > 125)
    samples = media.audio(path)
    click = np.argmax(np.abs(samples) > 0.3) / media.SAMPLE_RATE
    assert click == pytest.approx(flash, abs=0.01)


def test_vp6_in_flv(shared_data):
    for path in sorted((shared_data / "cremad_sample/VideoFlash").glob("*.flv"))[:2]:
        whole, _, flaws = read(path)
        info = media.frames(path).info
        assert info[:2] == (480, 360)
        assert info.rate == pytest.approx(29.97, abs=0.01)
        assert flaws == {}
        assert len(whole) > 50
        assert np.diff([f.time for f in whole]) == pytest.approx(1 / 29.97, abs=2e-3)
        assert whole[-1].time + 1 / info.rate == pytest.approx(
            len(media.audio(path)) / 16e3, abs=0.3
        )
        span, _, _ = read(path, start=1.0, end=1.5)
        expected = [f for f in whole if 1.0 <= f.time < 1.5]
        assert [f.time for f in span] == [f.time for f in expected]
        np.testing.assert_array_equal(span[0].image, expected[0].image)
        # A picture of a person in front of a wall: neither flat nor noise.
        assert 10 < whole[20].image.std() < 120


# --- chunks of AVI ------------------------------------------------------------------------------


def chunks_of(data):
    """The bytes before the chunks of an AVI that `clip` wrote, and the chunks."""
    at = begin = data.index(b"movi") + 4
    chunks = []
    while data[at : at + 4] == b"00dc":
        n = int.from_bytes(data[at + 4 : at + 8], "little")
        chunks.append(data[at + 8 : at + 8 + n])
        at += 8 + n + n % 2
    return data[:begin], chunks


def avi_of(head, chunks, keys):
    """An AVI, index included, from other chunks."""
    body, index = b"", b""
    for i, chunk in enumerate(chunks):
        index += b"00dc" + struct.pack("<III", 16 * (i in keys), 4 + len(body), len(chunk))
        body += b"00dc" + struct.pack("<I", len(chunk)) + chunk + bytes(len(chunk) % 2)
    size = struct.pack("<I", 4 + len(body))
    data = head[:-8] + size + b"movi" + body + b"idx1" + struct.pack("<I", len(index)) + index
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def test_empty_chunks_of_avi_repeat_a_picture(tmp_path):
    path = clip(tmp_path / "a.avi", 20, 25, "mpeg4")
    head, chunks = chunks_of(path.read_bytes())
    chunks[5:5] = [b""]
    chunks[10:10] = [b"", b""]
    path.write_bytes(avi_of(head, chunks, keys={0, 9, 19}))
    found, numbers, flaws = read(path)
    assert numbers == list(range(20))
    at = [0, 1, 2, 3, 4, 6, 7, 8, 9, *range(12, 23)]
    assert [round(f.time * 25) for f in found] == at
    assert flaws == {}
    assert numbers_and_flaws(path, start=0.5)[0] == numbers[-10:]


def test_frames_that_divx_packed_two_in_a_chunk(tmp_path):
    path = clip(tmp_path / "a.avi", 21, 25, "mpeg4", b_frames=1)
    plain, numbers, _ = read(path)
    head, chunks = chunks_of(path.read_bytes())
    vop = b"\0\0\1\xb6"
    kinds = ["IPBS"[chunk[chunk.index(vop) + 4] >> 6] for chunk in chunks]
    assert "PB" in "".join(kinds)
    packed, keys = [], set()
    for i, chunk in enumerate(chunks):
        if kinds[i] == "I":
            keys.add(len(packed))
        if kinds[i] == "B":
            packed[-1] += chunk
            packed.append(vop + b"\x40\x00\x7f")  # "not coded": it has been shown already
        else:
            packed.append(chunk)
    lavc = packed[0].index(b"\0\0\1\xb2Lavc")
    packed[0] = (
        packed[0][:lavc]
        + b"\0\0\1\xb2DivX503b1393p\0"
        + packed[0][lavc + 4 :].partition(vop)[2].join([vop, b""])
    )
    path.write_bytes(avi_of(head, packed, keys))
    found, numbers, flaws = read(path)
    assert numbers == list(range(21))
    assert [f.time for f in found] == [f.time for f in plain]
    assert flaws == {}
    span, numbers, _ = read(path, start=0.5)
    assert [f.time for f in span] == [f.time for f in plain if f.time >= 0.5]
    assert numbers == list(range(21))[-len(span) :]


# --- what is damaged or odd ---------------------------------------------------------------------


@pytest.mark.parametrize("codec_container", CODECS)
def test_one_frame(tmp_path, codec_container):
    codec, container = codec_container
    found, numbers, flaws = read(clip(tmp_path / f"a.{container}", 1, 25, codec, container))
    assert (numbers, flaws, found[0].time) == ([0], {}, 0.0)


def test_black_and_frozen_pictures_are_pictures(tmp_path):
    path = clip(tmp_path / "a.mp4", [np.zeros((48, 64), np.uint8)] * 9, codec="libx264")
    assert numbers_and_flaws(path) == ([0] * 9, {})


def test_a_cut_mp4_has_lost_its_table(tmp_path):
    path = clip(tmp_path / "a.mp4", 60)
    path.write_bytes(path.read_bytes()[:-500])
    refused(path, "not readable as video, perhaps damaged")


@pytest.mark.parametrize(("codec", "name"), [
    ("mpeg4", "a.avi"), ("libx264", "a.avi"), ("libx264", "a.flv"), ("flv", "a.flv"),
    ("libx264", "a.mkv"), ("libvpx-vp9", "a.webm"),
])  # fmt: skip
def test_a_cut_file_goes_as_far_as_it_goes(tmp_path, codec, name):
    path = clip(tmp_path / name, 100, 25, codec, size=(128, 96))
    data = path.read_bytes()
    begin = max(data.find(b"movi"), 600)
    path.write_bytes(data[: begin + (len(data) - begin) // 2])
    _, numbers, flaws = read(path)
    assert 20 < len(numbers) < 80
    assert numbers[:-1] == list(range(len(numbers) - 1))  # the last may be half a picture
    assert flaws["missing"] == pytest.approx(100 - len(numbers), abs=2)
    assert set(flaws) <= {"missing", "damaged", "undecodable"}


@pytest.mark.parametrize(("codec", "name"), [
    ("mpeg4", "a.avi"), ("libx264", "a.mp4"), ("libx264", "a.flv"), ("flv", "a.flv"),
    ("libx264", "a.ts"), ("mjpeg", "a.avi"), ("libsvtav1", "a.mp4"),
])  # fmt: skip
def test_what_is_damaged_in_the_middle_is_counted(tmp_path, codec, name):
    path = clip(tmp_path / name, 100, 25, codec, size=(128, 96))
    data = bytearray(path.read_bytes())
    begin = max(data.find(b"movi"), 600)
    at = begin + 2 * (len(data) - begin) // 5
    data[at : at + 400] = np.random.default_rng(0).bytes(400)
    path.write_bytes(data)
    found, numbers, flaws = read(path)
    assert 60 < len(numbers) <= 100
    assert numbers[:15] == list(range(15))
    assert flaws
    assert (np.diff([frame.time for frame in found]) > 0).all()


def test_an_odd_timestamp_costs_one_frame(tmp_path):
    path = clip(tmp_path / "a.flv", 20, 25, "libx264")
    data = bytearray(path.read_bytes())
    at, tags = 13, []
    while at < len(data):  # an FLV tag: type, size (3), time (3 and 1), stream (3), data, size (4)
        if data[at] == 9:
            tags.append(at)
        at += 15 + int.from_bytes(data[at + 1 : at + 4], "big")
    for tag in tags:
        if int.from_bytes(data[tag + 4 : tag + 7], "big") == 400:
            data[tag + 5] = 0x70  # 28.7 s instead of 0.4 s
    path.write_bytes(data)
    _, numbers, flaws = read(path)
    assert numbers == [i for i in range(20) if i != 10]
    assert flaws == {"out of order": 1, "gap": 1}
    assert numbers_and_flaws(path, end=0.6)[0] == [i for i in range(15) if i != 10]


def test_times_that_start_again(tmp_path):
    path = clip(tmp_path / "a.ts", 10, 25, "libx264")
    path.write_bytes(path.read_bytes() * 2)
    _, numbers, flaws = read(path)
    assert numbers == list(range(10))
    assert sum(flaws.values()) == 10
    assert set(flaws) == {"out of order", "repeated"}


def test_a_picture_that_changes_its_size(tmp_path):
    times = [0.4 + i / 25 for i in range(10)]
    one = clip(tmp_path / "1.ts", 10, 25, "libx264")
    two = clip(tmp_path / "2.ts", 10, 25, "libx264", size=(128, 96), times=times)
    path = tmp_path / "a.ts"
    path.write_bytes(one.read_bytes() + two.read_bytes())
    found, numbers, flaws = read(path)
    assert numbers == [*range(10), *range(10)]
    assert {frame.image.shape for frame in found} == {(48, 64)}
    assert flaws == {"resized": 10}
    found, _, _ = read(path, start=0.5)
    assert found[0].image.shape == (96, 128)


@pytest.mark.parametrize("size", [(16, 16), (18, 34), (7680, 4320)])
def test_small_and_large_pictures(tmp_path, size):
    path = clip(tmp_path / "a.mkv", 2, codec="mjpeg", size=size)
    found, numbers, _ = read(path)
    assert numbers == [0, 1]
    assert found[0].image.shape == size[::-1]


@pytest.mark.parametrize("size", [(60_000, 60_000), (16_000, 16_000), (20_000, 2)])
def test_absurd_pictures_are_refused_before_they_take_memory(tmp_path, size):
    width, height = size
    header = f"YUV4MPEG2 W{width} H{height} F25:1 Ip C420jpeg\nFRAME\n"
    (tmp_path / "a.y4m").write_bytes(header.encode() + bytes(1000))
    reason = refused(tmp_path / "a.y4m", r"claim \d+ x \d+ pixels|not readable")
    assert f"claim {width} x {height} pixels" in reason or width == 60_000


def test_picture_without_sound_and_sound_without_picture(tmp_path, tone, write_sound):
    path = clip(tmp_path / "a.mp4", 3)
    assert len(read(path)[0]) == 3
    with pytest.raises(MediaError, match="has no audio stream"):
        media.audio(path)
    refused(write_sound(tmp_path / "a.wav", tone()), "has no video stream$")


def test_a_cover_is_not_a_video(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as file:
        sound = file.add_stream("aac", rate=16_000, layout="mono")
        cover = file.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        image = av.VideoFrame.from_ndarray(picture(3), "gray").reformat(format="yuvj420p")
        file.mux([*cover.encode(image), *cover.encode(None)])
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), "fltp", "mono")
        samples.sample_rate = 16_000
        file.mux([*sound.encode(samples), *sound.encode(None)])
    refused(path, "no video stream but a cover")
    assert len(media.audio(path)) >= 16_000


def test_the_suffix_does_not_matter(tmp_path):
    path = clip(tmp_path / "a.mp4", 3)
    for name in ("a.avi", "a.txt", "a.jpg", "a"):
        (tmp_path / name).write_bytes(path.read_bytes())
        assert numbers_and_flaws(tmp_path / name) == ([0, 1, 2], {})


def test_what_is_no_regular_file(tmp_path):
    refused(tmp_path / "a.mp4", "no such file")
    refused(tmp_path, "not a file")
    os.mkfifo(tmp_path / "pipe.mp4")
    refused(tmp_path / "pipe.mp4", "not a file")
    (tmp_path / "empty.mp4").touch()
    refused(tmp_path / "empty.mp4", r"empty file \(0 bytes\)")


@pytest.mark.parametrize("name", ["a.txt", "a.mp4", "a.avi", "a.yuv", "a%d.jpg"])
@pytest.mark.parametrize("content", [b"Dear reader, this is a letter.\n" * 99, bytes(9_000)])
def test_what_is_no_video(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, "not readable as video")


@pytest.mark.parametrize("reader", [media.frames, media.audio])
@pytest.mark.parametrize("content", [
    "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "ffconcat version 1.0\nfile '{}'\n",
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">{}</MPD>',
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={}\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5000 RTP/AVP 96\n",
])  # fmt: skip
def test_files_that_name_other_files_are_refused(tmp_path, content, reader):
    other = clip(tmp_path / "other.mp4", 2, sound=np.zeros(1_600))
    for name in ("a.m3u8", "a.ffconcat", "a.mpd", "a.sdp", "a.mp4"):
        (tmp_path / name).write_text(content.format(other.name))
        with pytest.raises(MediaError, match=r"list of other files|not readable as"):
            reader(tmp_path / name)


def test_names_are_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clip(tmp_path / "a.mp4", 2).rename(tmp_path / "concat:é 100%d.mp4")
    assert numbers_and_flaws("concat:é 100%d.mp4") == ([0, 1], {})


def test_metadata_in_another_alphabet(tmp_path):
    path = clip(tmp_path / "a.avi", 2)
    data = path.read_bytes()
    assert b"Lavf" in data
    path.write_bytes(data.replace(b"Lavf", b"L\xe9\xff\xfe"))
    assert numbers_and_flaws(path) == ([0, 1], {})


def test_spans_that_are_empty_or_make_no_sense(tmp_path):
    path = clip(tmp_path / "a.mp4", 25)
    assert refused(path, "no frames from second 2 on$", start=2.0)
    assert refused(
        path, "no frames from second 0.501 to 0.51, although it claims 1 s", start=0.501, end=0.51
    )
    for start, end in ((1.0, 1.0), (2.0, 1.0), (-1.0, None)):
        with pytest.raises(TellsError, match="start must"):
            media.frames(path, start=start, end=end)


def test_files_are_closed(tmp_path):
    path = clip(tmp_path / "a.mp4", 100, codec="libx264", size=(320, 240))
    for _ in range(3):
        with media.frames(path) as video:
            next(iter(video))
    assert path.resolve() not in {Path(file.path) for file in psutil.Process().open_files()}
    video = media.frames(path)
    assert len(list(video)) == 100
    assert list(video) == []  # once


def test_fuzz(tmp_path):
    """Flipped, cut and spliced files give frames or a sentence: no crash, no hang."""
    result = subprocess.run(
        [sys.executable, FUZZ, tmp_path, "300"], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stdout[-500:] + result.stderr[-2000:]
    tried, decoded, refused_ = map(int, result.stdout.split())
    assert tried == decoded + refused_ == 300
    assert decoded > 60
    assert refused_ > 20
