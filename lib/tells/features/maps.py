"""Faces as the 3DCNN sees them: grey values, gradients and optical flow (thesis 4.4, 4.6.2).

A gradient depends on one frame, a flow on two. So the maps of a window are those of its clip, cut
at the same place, and no statistics of data are used that could leak from one fold to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import cv2
import numpy as np

from tells.errors import TellsError
from tells.features.faces.crop import one_thread

Method = Literal["farneback", "dis"]

HEIGHT, WIDTH = 80, 60  # of a face (thesis 4.6.2)
FRAMES = 7  # in a window (thesis 4.6.2)
CHANNELS = (FRAMES, FRAMES, FRAMES, FRAMES - 1, FRAMES - 1)  # maps of each channel in a window

# What becomes 1. In CREMA-D, whose boxes jump a little, one vertical value in a thousand lies
# beyond, and fewer horizontal ones.
GREATEST_GRADIENT = 64.0  # grey levels a pixel
GREATEST_FLOW = 4.0  # pixels a frame


class Maps(NamedTuple):
    """The five channels of a clip of t frames, scaled to about [-1, 1], float32.

    Attributes:
        grey: shape (t, 80, 60), like the gradients.
        x_gradient: positive where it gets brighter to the right.
        y_gradient: positive where it gets brighter downwards.
        x_flow: shape (t - 1, 80, 60), from each frame to the next; positive is to the right.
        y_flow: the same; positive is downwards.
    """

    grey: np.ndarray
    x_gradient: np.ndarray
    y_gradient: np.ndarray
    x_flow: np.ndarray
    y_flow: np.ndarray

    def window(self, first: int) -> np.ndarray:
        """The MAP of frames `first` to `first + 6`, shape (33, 80, 60), thesis equation 4.6.

        7 grey, 7 x-gradients, 7 y-gradients, 6 x-flows, 6 y-flows. (The thesis writes the maps
        as the last axis; PyTorch wants them first.)

        Raises:
            TellsError: the clip has no such frames.
        """
        if not 0 <= first <= len(self.grey) - FRAMES:
            raise TellsError(
                f"A clip of {len(self.grey)} frames has no window of {FRAMES} that begins "
                f"with frame {first}."
            )
        parts = [channel[first : first + n] for channel, n in zip(self, CHANNELS, strict=True)]
        return np.concatenate(parts)


def grey(faces: np.ndarray) -> np.ndarray:
    """Grey values on the scale that networks take.

    Args:
        faces: any shape, uint8.

    Returns:
        The same shape, float32: 0 becomes -1 and 255 becomes 1.

    Thesis: 4.4, 5.2. Chapter: 05_4_1_video_experiment_1.
    """
    return faces.astype(np.float32) / 127.5 - 1


def gradients(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How fast the grey value changes along x and along y.

    Neither the thesis nor Ji et al. (2013) say which gradient is meant. Here Sobel's, divided by 8
    so that a ramp gives its slope: a central difference, averaged over three lines across it, which
    leaves three eighths of the variance of a camera's noise. Pixels beyond the border
    repeat the last one.

    Args:
        faces: shape (t, 80, 60), uint8.

    Returns:
        x- and y-gradients, each of shape (t, 80, 60), float32, in grey levels a pixel.

    Raises:
        TellsError: `faces` has another shape or type.

    Thesis: 4.4, 4.6.2. Chapter: 05_4_3_video_experiment_3.
    """
    faces = _checked(faces)
    x, y = np.empty((2, *faces.shape), np.float32)
    options = {"ksize": 3, "scale": 1 / 8, "borderType": cv2.BORDER_REPLICATE}
    with one_thread():
        for i, face in enumerate(faces):
            cv2.Sobel(face, cv2.CV_32F, 1, 0, dst=x[i], **options)
            cv2.Sobel(face, cv2.CV_32F, 0, 1, dst=y[i], **options)
    return x, y


def optical_flow(
    faces: np.ndarray, *, method: Method = "farneback"
) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel goes from each frame to the next.

    The thesis names no method. `farneback` (polynomial expansion) is the most used dense
    one; its parameters are chosen for 80 x 60 pixels: two scales, all that OpenCV accepts there,
    and a window of 9 pixels, about the width of an eye. On real faces that were warped by 2 pixels
    on average it errs by 0.4. `dis` (dense inverse search) errs by 0.3, follows larger
    movements, and takes a quarter longer.

    Args:
        faces: shape (t, 80, 60), uint8.
        method: `farneback` or `dis`.

    Returns:
        x- and y-flows, each of shape (t - 1, 80, 60), float32, in pixels a frame.

    Raises:
        TellsError: `faces` has another shape or type, or the method is unknown.

    Thesis: 4.4, 4.6.2. Chapter: 05_4_3_video_experiment_3.
    """
    faces = _checked(faces)
    if method == "farneback":
        estimate = partial(
            cv2.calcOpticalFlowFarneback,
            flow=None,
            pyr_scale=0.6,  # 0.5 would leave 30 columns, which OpenCV refuses: one scale
            levels=2,
            winsize=9,
            iterations=1,  # at each scale
            poly_n=5,
            poly_sigma=1.1,
            flags=0,
        )
    elif method == "dis":
        # On so small a picture this preset works at full resolution, "medium" at half.
        search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        estimate = partial(search.calc, flow=None)
    else:
        raise TellsError(f"method must be 'farneback' or 'dis'; got {method!r}.")
    flow = np.empty((max(len(faces) - 1, 0), HEIGHT, WIDTH, 2), np.float32)
    with one_thread():
        for i in range(len(flow)):
            flow[i] = estimate(faces[i], faces[i + 1])
    return np.ascontiguousarray(flow[..., 0]), np.ascontiguousarray(flow[..., 1])


def maps(faces: np.ndarray, *, method: Method = "farneback") -> Maps:
    """All channels of a clip, from which windows are slices.

    The thesis (5.2) normalises "each signal" between -1 and 1 and says no more. Here each channel
    has one fixed scale, in its own unit: grey values 0 to 255 become -1 to 1, gradients are
    divided by 64 grey levels a pixel, flows by 4 pixels a frame. Rare larger values stay larger.

    Args:
        faces: shape (t, 80, 60), uint8.
        method: of `optical_flow`.

    Raises:
        TellsError: as `optical_flow`.

    Thesis: 4.4, 4.6.2, 5.2. Chapter: 05_4_3_video_experiment_3.
    """
    return _scaled(faces, optical_flow(faces, method=method))


def hog(faces: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients of faces, what one would describe them by without a network.

    Args:
        faces: shape (t, height, width), uint8.

    Returns:
        Shape (t, 2268), float32: of faces of 80 x 64, blocks of 16 pixels every 8, in each four
        cells of 9 directions (Dalal & Triggs 2005, by OpenCV).

    Thesis: none. Chapter: 05_4_4_video_experiment_4.
    """
    descriptor = cv2.HOGDescriptor((64, 80), (16, 16), (8, 8), (8, 8), 9)
    with one_thread():
        return np.stack(
            [
                descriptor.compute(cv2.resize(face, (64, 80), interpolation=cv2.INTER_CUBIC))
                for face in faces
            ]
        ).reshape(len(faces), -1)


def window_maps(
    windows: np.ndarray,
    *,
    method: Method = "farneback",
    flows: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
) -> np.ndarray:
    """MAPs of windows of seven faces, for training: as `Maps.window` gives them.

    Args:
        windows: shape (b, 7, 80, 60), uint8.
        method: of `optical_flow`.
        flows: what `optical_flow` gives for each window, where it is known already.

    Returns:
        Shape (b, 33, 80, 60), float32.

    Raises:
        TellsError: `windows` has another shape or type, or the method is unknown.

    Thesis: 4.6.2, equation 4.6. Chapter: 05_4_3_video_experiment_3.
    """
    if windows.ndim != 4 or windows.shape[1] != FRAMES:
        raise TellsError(
            f"windows must have shape (b, {FRAMES}, {HEIGHT}, {WIDTH}); got {windows.shape}."
        )
    out = np.empty((len(windows), sum(CHANNELS), HEIGHT, WIDTH), np.float32)
    if flows is None:
        flows = [optical_flow(faces, method=method) for faces in windows]
    for faces, flow, window in zip(windows, flows, out, strict=True):
        np.concatenate(_scaled(faces, flow), out=window)
    return out


def _scaled(faces: np.ndarray, flows: tuple[np.ndarray, np.ndarray]) -> Maps:
    return Maps(
        grey(faces),
        *(gradient / GREATEST_GRADIENT for gradient in gradients(faces)),
        *(flow / GREATEST_FLOW for flow in flows),
    )


def _checked(faces: np.ndarray) -> np.ndarray:
    if faces.dtype != np.uint8 or faces.ndim != 3 or faces.shape[1:] != (HEIGHT, WIDTH):
        raise TellsError(
            f"faces must be uint8 of shape (t, {HEIGHT}, {WIDTH}); "
            f"got {faces.dtype} of shape {faces.shape}."
        )
    return faces
