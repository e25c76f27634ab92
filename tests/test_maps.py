"""`tells.features.maps`: gradients, optical flow, and the 33 maps of a window."""

import cv2
import numpy as np
import pytest

from tells.errors import TellsError
from tells.features import maps as m

METHODS = ["farneback", "dis"]


@pytest.fixture(scope="module")
def scene():
    """Something with texture of several sizes, wider than a face, so that it can move."""
    rng = np.random.default_rng(0)
    picture = sum(
        cv2.GaussianBlur(rng.standard_normal((120, 100)), (0, 0), s) * s for s in (1.5, 3, 6)
    )
    return np.uint8(np.clip(128 + 60 * picture, 0, 255))


def view(scene, right=0, down=0):
    """A face-sized part of the scene after the scene moved by so many pixels."""
    return scene[20 - down : 100 - down, 20 - right : 80 - right]


@pytest.fixture(scope="module")
def clip(scene):
    return np.stack([view(scene, round(3 * np.sin(i)), round(2 * np.cos(i))) for i in range(12)])


def test_gradient_of_a_ramp_is_its_slope():
    rows, columns = np.mgrid[:80, :60]
    x, y = m.gradients(np.uint8([2 * columns + 1 * rows]))
    assert x.dtype == y.dtype == np.float32
    np.testing.assert_array_equal(x[0, 1:-1, 1:-1], 2)
    np.testing.assert_array_equal(y[0, 1:-1, 1:-1], 1)


def test_gradient_is_the_sobel_filter(scene):
    face = view(scene)
    padded = np.pad(face.astype(float), 1, mode="edge")
    smooth = np.array([1, 2, 1]) / 4
    difference = np.array([-1, 0, 1]) / 2
    expected = np.zeros((2, 80, 60))
    for i in range(3):
        for j in range(3):
            part = padded[i : i + 80, j : j + 60]
            expected[0] += smooth[i] * difference[j] * part
            expected[1] += difference[i] * smooth[j] * part
    np.testing.assert_array_equal(np.concatenate(m.gradients(face[None])), expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("right", "down"), [(1, 0), (-2, 0), (0, 2), (0, -1), (3, -2), (0, 0)])
def test_flow_of_a_shift_is_the_shift(scene, method, right, down):
    pair = np.stack([view(scene), view(scene, right, down)])
    x, y = m.optical_flow(pair, method=method)
    assert x.shape == y.shape == (1, 80, 60)
    assert x.dtype == y.dtype == np.float32
    inner = np.s_[0, 10:-10, 10:-10]
    assert np.abs(x[inner] - right).mean() < 0.1
    assert np.abs(y[inner] - down).mean() < 0.1


def test_flow_goes_from_each_frame_to_the_next(scene):
    positions = [0, 1, 3, 2]
    x, _ = m.optical_flow(np.stack([view(scene, p) for p in positions]))
    np.testing.assert_allclose(x[:, 10:-10, 10:-10].mean((1, 2)), np.diff(positions), atol=0.1)


def test_scales(scene):
    """0 and 255 become -1 and 1; 64 grey levels a pixel and 4 pixels a frame become 1."""
    black_white = np.repeat(np.uint8([0, 255]), 30)[None].repeat(80, 0)
    channels = m.maps(np.stack([black_white] * 2))
    assert set(np.unique(channels.grey)) == {-1, 1}
    assert channels.x_gradient.max() == np.float32(127.5 / 64)
    moving = np.stack([view(scene), view(scene, 2, -1)])
    channels = m.maps(moving)
    for gradient, scaled in zip(m.gradients(moving), channels[1:3], strict=True):
        np.testing.assert_array_equal(scaled, gradient / np.float32(64))
    for flow, scaled in zip(m.optical_flow(moving), channels[3:], strict=True):
        np.testing.assert_array_equal(scaled, flow / np.float32(4))
    assert channels.x_flow[0, 40, 30] == pytest.approx(0.5, abs=0.03)
    assert channels.y_flow[0, 40, 30] == pytest.approx(-0.25, abs=0.03)


@pytest.mark.parametrize("method", METHODS)
def test_windows_are_cut_from_their_clip_exactly(clip, method):
    """Also when a window is computed alone, after others, or before them."""
    whole = m.maps(clip, method=method)
    assert [c.shape for c in whole] == [(12, 80, 60)] * 3 + [(11, 80, 60)] * 2
    firsts = [4, 0, 5, 5, 2]
    windows = m.window_maps(np.stack([clip[i : i + 7] for i in firsts]), method=method)
    assert windows.shape == (5, 33, 80, 60)
    assert windows.dtype == np.float32
    for window, first in zip(windows, firsts, strict=True):
        np.testing.assert_array_equal(window, whole.window(first))


def test_order_of_the_maps(clip):
    window = m.maps(clip).window(3)
    whole = m.maps(clip)
    np.testing.assert_array_equal(window[0], whole.grey[3])
    np.testing.assert_array_equal(window[7], whole.x_gradient[3])
    np.testing.assert_array_equal(window[20], whole.y_gradient[9])
    np.testing.assert_array_equal(window[21], whole.x_flow[3])
    np.testing.assert_array_equal(window[32], whole.y_flow[8])


@pytest.mark.parametrize("first", [-1, 6])
def test_no_such_window(clip, first):
    with pytest.raises(TellsError, match=f"12 frames has no window of 7 .* with frame {first}"):
        m.maps(clip).window(first)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0, 77, 255])
def test_constant_pictures_do_not_move(method, value):
    windows = m.window_maps(np.full((1, 7, 80, 60), value, np.uint8), method=method)
    np.testing.assert_array_equal(windows[:, 7:], 0)
    np.testing.assert_array_equal(windows[:, :7], np.float32(value) / np.float32(127.5) - 1)


@pytest.mark.parametrize("method", METHODS)
def test_noise_stays_finite_and_the_input_unchanged(method):
    noise = np.random.default_rng(1).integers(0, 256, (2, 7, 80, 60), np.uint8)
    noise[:, 3] = 0  # a cut to black
    before = noise.copy()
    windows = m.window_maps(noise, method=method)
    assert np.isfinite(windows).all()
    np.testing.assert_array_equal(noise, before)
    np.testing.assert_array_equal(m.window_maps(noise, method=method), windows)


def test_a_single_face_has_no_flow(scene):
    channels = m.maps(view(scene)[None])
    assert [len(c) for c in channels] == [1, 1, 1, 0, 0]


def test_faces_that_are_not_contiguous(clip):
    faces = np.ascontiguousarray(clip.transpose(1, 2, 0)).transpose(2, 0, 1)
    for one, other in zip(m.maps(faces), m.maps(clip), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "faces",
    [
        np.zeros((7, 60, 80), np.uint8),
        np.zeros((80, 60), np.uint8),
        np.zeros((7, 80, 60), np.float32),
        np.zeros((7, 80, 60, 3), np.uint8),
    ],
)
def test_wrong_faces(faces):
    for function in (m.gradients, m.optical_flow, m.maps):
        with pytest.raises(TellsError, match=r"faces must be uint8 of shape \(t, 80, 60\); got"):
            function(faces)


@pytest.mark.parametrize("shape", [(2, 6, 80, 60), (7, 80, 60), (2, 8, 80, 60)])
def test_wrong_windows(shape):
    with pytest.raises(TellsError, match=r"windows must have shape \(b, 7, 80, 60\); got"):
        m.window_maps(np.zeros(shape, np.uint8))


def test_wrong_type_of_windows():
    with pytest.raises(TellsError, match="faces must be uint8"):
        m.window_maps(np.zeros((1, 7, 80, 60)))


def test_unknown_method(clip):
    with pytest.raises(TellsError, match="method must be 'farneback' or 'dis'; got 'tvl1'"):
        m.maps(clip, method="tvl1")


def test_threads_are_restored(clip):
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        m.maps(clip)
        assert cv2.getNumThreads() == 3
        with pytest.raises(TellsError):
            m.maps(clip, method="")
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)
