"""Figures of what a network looks at: frames, faces, their maps, and what layers make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.features import FrameWindows
from tells.features.maps import GREATEST_FLOW, Maps
from tells.plots.style import SIGNED, axes, stacked_axes, styled

_BOX_COLUMNS = 2  # frames with boxes in a row


@styled
def faces(
    pictures: Sequence[np.ndarray], texts: Sequence[str], *, columns: int = 5
) -> tuple[Figure, np.ndarray]:
    """Faces in rows, each with a text of one to three lines below it.

    Args:
        pictures: each of shape (height, width), uint8 grey.
        texts: one for each picture.
        columns: pictures in a row.

    Raises:
        TellsError: there is no picture, or not one text for each.

    Thesis: 4.7.2. Chapter: 05_4_1_video_experiment_1.
    """
    if len(pictures) == 0 or len(pictures) != len(texts):
        raise TellsError(
            f"faces needs pictures and a text for each; got {len(pictures)} and {len(texts)}."
        )
    return _pictures(pictures, texts, columns, 2.3)


@styled
def face_boxes(
    pictures: Sequence[np.ndarray],
    boxes: ArrayLike,
    texts: Sequence[str],
    *,
    found: Sequence[bool],
    split: bool = False,
) -> tuple[Figure, np.ndarray]:
    """Frames of a video, two in a row, with the box of a face in each.

    Args:
        pictures: each of shape (height, width) grey or (height, width, 3) RGB, uint8, all alike.
        boxes: shape (n, 4): x0, y0, x1, y1 in pixels of the picture.
        texts: one for each picture.
        found: False for boxes that are a guess, drawn dashed in another colour.
        split: draw a line between the halves of a split screen.

    Raises:
        TellsError: there is no picture, or not one box and text for each.

    Thesis: 4.6.2, 4.7.2, figure 4.5. Chapter: 04_2_video_pipeline.
    """
    boxes = np.asarray(boxes, dtype=float)
    if len(pictures) == 0 or len(pictures) != len(texts) or boxes.shape != (len(pictures), 4):
        raise TellsError(
            "face_boxes needs pictures, and a text and a box (x0, y0, x1, y1) for each; got "
            f"{len(pictures)}, {len(texts)} and boxes of shape {boxes.shape}."
        )
    height, width = pictures[0].shape[:2]
    fig, axs = _pictures(pictures, texts, _BOX_COLUMNS, 0.3 + 7 / _BOX_COLUMNS * height / width)
    for ax, (x0, y0, x1, y1), sure in zip(axs.flat, boxes, found, strict=False):
        style = {"ls": "solid" if sure else "dashed", "ec": "#E69F00" if sure else "#56B4E9"}
        ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, linewidth=2, **style))
        if split:
            ax.axvline(width / 2, color="#FFFFFF", linestyle=":", linewidth=1.2)
    return fig, axs


def _pictures(
    pictures: Sequence[np.ndarray], texts: Sequence[str], columns: int, height: float
) -> tuple[Figure, np.ndarray]:
    """Pictures in rows of a height in inches; places that are left over are hidden."""
    fig, axs = _bare_axes(-(-len(pictures) // columns), columns, height)
    for ax, picture, text in zip(axs.flat, pictures, texts, strict=False):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
        ax.set_xlabel(text, fontsize=9, labelpad=3)
    for ax in axs.flat[len(pictures) :]:
        ax.set_visible(False)
    return fig, axs


def _bare_axes(rows: int, columns: int, height: float) -> tuple[Figure, np.ndarray]:
    fig, axs = plt.subplots(rows, columns, figsize=(7, height * rows), squeeze=False)
    for ax in axs.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return fig, axs


@styled
def example_faces(
    windows: FrameWindows, part: pd.DataFrame, *, by: tuple[str, ...] = ("label",), n: int = 5
) -> tuple[Figure, np.ndarray]:
    """The middle frame of the first window of each class, with its class and its speaker.

    Args:
        windows: of faces.
        part: rows of `windows.table` to choose from.
        by: columns of which one of each value is shown.
        n: how many at most.

    Thesis: 4.7.2. Chapter: 05_4_1_video_experiment_1, 05_4_4_video_experiment_4.
    """
    shown = part.drop_duplicates(list(by)).iloc[:n]
    texts = [f"{row.label}\n{row.speaker}" for row in shown.itertuples()]
    return faces([windows.face(name) for name in shown["segment"]], texts)


@styled
def wrong_faces(windows: FrameWindows, wrong: pd.DataFrame) -> tuple[Figure, np.ndarray]:
    """Faces that a network mistook, each with its class, the predicted one and its probability.

    Args:
        windows: of faces.
        wrong: see `tells.metrics.most_confident_errors`; if it is empty, an empty figure says so.

    Thesis: none; section 5.4 shows no errors. Chapter: 05_4_1_video_experiment_1.
    """
    if wrong.empty:
        fig, axs = stacked_axes((1.0,))
        axs[0].set_axis_off()
        axs[0].text(0.5, 0.5, "no test window was misjudged", ha="center", va="center")
        return fig, axs
    texts = [
        f"{row.label}, not\n{row.predicted}\np = {row.certainty:.2f}" for row in wrong.itertuples()
    ]
    return faces([windows.face(name) for name in wrong["segment"]], texts)


@styled
def channels(clip: Maps, frame: int) -> tuple[Figure, np.ndarray]:
    """The five channels of one frame, its flow as colours, and the wheel that explains them.

    Gradients and flows are blue where they are negative and red where they are positive. In the
    coloured picture a hue is a direction and white is rest.

    Args:
        clip: as `tells.features.maps.maps` gives it.
        frame: the number of the frame; the flow is the one to the next.

    Raises:
        TellsError: the clip has no such frame, or it is the last, from which nothing flows.

    Thesis: 4.4, 4.6.2. Chapter: 04_2_video_pipeline.
    """
    if not 0 <= frame < len(clip.x_flow):
        raise TellsError(f"frame must lie between 0 and {len(clip.x_flow) - 1}; got {frame}.")
    x, y = clip.x_flow[frame], clip.y_flow[frame]
    fastest = max(float(np.quantile(np.hypot(x, y), 0.99)), 1e-3)
    gradients = (clip.x_gradient[frame], clip.y_gradient[frame])
    steepest = max(float(np.quantile(np.abs(gradients), 0.99)), 1e-3)
    side = np.linspace(-1.1, 1.1, 200)
    wheel = flow_colours(*np.meshgrid(side, side))
    wheel[np.hypot(*np.meshgrid(side, side)) > 1] = 1
    rim = f"direction of flow\nrim: {fastest * GREATEST_FLOW:.1f} pixels a frame"
    round_wheel = {"extent": (-1.1, 1.1, 1.1, -1.1), "interpolation": "bilinear"}
    steep, fast = ({"cmap": SIGNED, "vmin": -most, "vmax": most} for most in (steepest, fastest))
    shown = {
        "grey": (clip.grey[frame], {"cmap": "gray", "vmin": -1, "vmax": 1}),
        "x-gradient": (gradients[0], steep),
        "y-gradient": (gradients[1], steep),
        "x-flow": (x, fast),
        "y-flow": (y, fast),
        "flow": (flow_colours(x / fastest, y / fastest), {}),
        rim: (wheel, round_wheel),
    }
    fig, axs = _bare_axes(2, 4, 2.4)
    for ax, (name, (picture, look)) in zip(np.delete(axs, 3), shown.items(), strict=True):
        ax.imshow(picture, **look)
        ax.set_xlabel(name, fontsize=9, labelpad=3)
    axs[0, 3].set_visible(False)
    return fig, axs


def flow_colours(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """RGB in [0, 1] of vectors to the right and downwards: a hue is a direction, a depth a length.

    Rest is white, to the right is red; from a length of 1 on colours get no deeper.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    hue = np.arctan2(-y, x) / (2 * np.pi) % 1
    return hsv_to_rgb(np.stack([hue, np.clip(np.hypot(x, y), 0, 1), np.full_like(x, 0.95)], -1))


@styled
def feature_maps(
    rows: Mapping[str, Sequence[np.ndarray]],
    columns: Sequence[str],
    *,
    grey: Mapping[str, int] | None = None,
    each: bool = False,
    gap: int = 4,
) -> tuple[Figure, Axes]:
    """Maps in rows and columns, all to one scale of length, so that what a layer cuts off shows.

    Colours are blue for negative, white for 0 and red for positive, as deep as the largest value
    of the row.

    Args:
        rows: name to maps, each of shape (height, width); a row may be shorter than others.
        columns: a name for each column.
        grey: rows whose first pictures are faces and shown in grey, and how many of them.
        each: colours as deep as the largest value of the map itself, not of its row.
        gap: between maps, in their pixels.

    Raises:
        TellsError: there is nothing to show, or a row is longer than `columns`.

    Thesis: 4.6.2, figure 4.2. Chapter: 04_2_video_pipeline.
    """
    longest = max(map(len, rows.values()), default=0)
    if not rows or longest > len(columns):
        raise TellsError(
            f"feature_maps needs rows of at most {len(columns)} maps, one for each column; got "
            f"{[len(maps) for maps in rows.values()]}."
        )
    heights = [max(m.shape[0] for m in maps) for maps in rows.values()]
    widths = [
        max(maps[i].shape[1] for maps in rows.values() if len(maps) > i) for i in range(longest)
    ]
    lefts = np.cumsum([gap, *(w + gap for w in widths)])
    tops = np.cumsum([gap, *(h + gap for h in heights)])
    canvas = np.ones((tops[-1], lefts[-1], 3))
    for top, height, (name, maps) in zip(tops, heights, rows.items(), strict=False):
        most = max(float(np.abs(m).max()) for m in maps)
        for i, (left, width, picture) in enumerate(zip(lefts, widths, maps, strict=False)):
            (h, w), scale = picture.shape, float(np.abs(picture).max()) if each else most
            y, x = top + (height - h) // 2, left + (width - w) // 2
            look = plt.get_cmap("gray" if i < (grey or {}).get(name, 0) else SIGNED)
            canvas[y : y + h, x : x + w] = look(0.5 + picture / (2 * max(scale, 1e-9)))[..., :3]
    fig, ax = axes(None, (7, 0.4 + 6 * canvas.shape[0] / canvas.shape[1]))
    ax.imshow(canvas, aspect="equal", interpolation="nearest")
    ax.set_yticks(tops[:-1] + np.array(heights) / 2, list(rows))
    ax.set_xticks(lefts[:-1] + np.array(widths) / 2, columns[:longest])
    ax.tick_params(length=0, labelsize=9)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    return fig, ax
