"""Figures of what a network looks at: frames, faces, their maps, and what layers make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from tells.errors import TellsError
from tells.features.maps import GREATEST_FLOW, Maps
from tells.plots.style import axes, styled

_FOUND, _GUESSED = "#E69F00", "#56B4E9"
_SIGNED = "RdBu_r"  # blue is negative, white is 0, red is positive


@styled
def faces(
    pictures: Sequence[np.ndarray], texts: Sequence[str], *, columns: int = 5
) -> tuple[Figure, np.ndarray]:
    """Faces in rows, each with a text of one to three lines below it.

    Args:
        pictures: each of shape (height, width), uint8 grey.
        texts: one for each picture.
        columns: pictures in a row.

    Returns:
        The figure and its axes, shape (rows, columns).

    Raises:
        TellsError: there is no picture, or not one text for each.

    Thesis: 4.7.2. Chapter: 05_4_1_video_experiment_1.
    """
    if len(pictures) == 0 or len(pictures) != len(texts):
        raise TellsError(
            f"faces needs pictures and a text for each; got {len(pictures)} and {len(texts)}."
        )
    rows = -(-len(pictures) // columns)
    fig, axs = _grid(rows, columns)
    for ax, picture, text in zip(axs.flat, pictures, texts, strict=False):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
        ax.set_xlabel(text, fontsize=9, labelpad=3)
    for ax in axs.flat[len(pictures) :]:
        ax.set_visible(False)
    return fig, axs


@styled
def face_boxes(
    pictures: Sequence[np.ndarray],
    boxes: ArrayLike,
    texts: Sequence[str],
    *,
    found: Sequence[bool] | None = None,
    split: bool = False,
    columns: int = 2,
) -> tuple[Figure, np.ndarray]:
    """Frames of a video with the box of a face in each.

    Args:
        pictures: each of shape (height, width) grey or (height, width, 3) RGB, uint8, all alike.
        boxes: shape (n, 4): x0, y0, x1, y1 in pixels of the picture.
        texts: one for each picture.
        found: False for boxes that are a guess, drawn dashed in another colour; None: all found.
        split: draw a line between the halves of a split screen.
        columns: pictures in a row.

    Returns:
        The figure and its axes, shape (rows, columns).

    Raises:
        TellsError: there is no picture, or not one box and text for each.

    Thesis: 4.6.2, 4.7.2, figure 4.5. Chapter: 04_2_video_pipeline.
    """
    boxes = np.asarray(boxes, dtype=float)
    if len(pictures) == 0 or len(pictures) != len(texts) or boxes.shape != (len(pictures), 4):
        raise TellsError(
            "boxed needs pictures, and a text and a box (x0, y0, x1, y1) for each; got "
            f"{len(pictures)}, {len(texts)} and boxes of shape {boxes.shape}."
        )
    height, width = pictures[0].shape[:2]
    fig, axs = _grid(-(-len(pictures) // columns), columns, 0.3 + 7 / columns * height / width)
    sure = [True] * len(pictures) if found is None else found
    for ax, picture, (x0, y0, x1, y1), text, certain in zip(
        axs.flat, pictures, boxes, texts, sure, strict=False
    ):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
        line = ("solid", _FOUND) if certain else ("dashed", _GUESSED)
        ax.add_patch(
            Rectangle(
                (x0, y0), x1 - x0, y1 - y0, fill=False, ls=line[0], edgecolor=line[1], linewidth=2
            )
        )
        if split:
            ax.axvline(width / 2, color="#FFFFFF", linestyle=":", linewidth=1.2)
        ax.set_xlabel(text, fontsize=9, labelpad=3)
    for ax in axs.flat[len(pictures) :]:
        ax.set_visible(False)
    return fig, axs


@styled
def channels(clip: Maps, frame: int) -> tuple[Figure, np.ndarray]:
    """The five channels of one frame, its flow as colours, and the wheel that explains them.

    Gradients and flows are blue where they are negative and red where they are positive. In the
    coloured picture a hue is a direction and white is rest.

    Args:
        clip: as `tells.features.maps.maps` gives it.
        frame: the number of the frame; the flow is the one to the next.

    Returns:
        The figure and its axes, shape (2, 4).

    Raises:
        TellsError: the clip has no such frame, or it is the last, from which nothing flows.

    Thesis: 4.4, 4.6.2. Chapter: 04_2_video_pipeline.
    """
    if not 0 <= frame < len(clip.x_flow):
        raise TellsError(f"frame must lie between 0 and {len(clip.x_flow) - 1}; got {frame}.")
    fig, axs = _grid(2, 4, 2.4)
    x, y = clip.x_flow[frame], clip.y_flow[frame]
    limit = max(float(np.quantile(np.hypot(x, y), 0.99)), 1e-3)
    axs[0, 0].imshow(clip.grey[frame], cmap="gray", vmin=-1, vmax=1)
    gradients = (clip.x_gradient[frame], clip.y_gradient[frame])
    steepest = max(float(np.quantile(np.abs(gradients), 0.99)), 1e-3)
    for ax, picture, most in zip(
        (*axs[0, 1:3], *axs[1, :2]),
        (*gradients, x, y),
        (steepest, steepest, limit, limit),
        strict=True,
    ):
        ax.imshow(picture, cmap=_SIGNED, vmin=-most, vmax=most)
    axs[1, 2].imshow(flow_colours(x / limit, y / limit))
    side = np.linspace(-1.1, 1.1, 200)
    wheel = flow_colours(*np.meshgrid(side, side))
    wheel[np.hypot(*np.meshgrid(side, side)) > 1] = 1
    axs[1, 3].imshow(wheel, extent=(-1.1, 1.1, 1.1, -1.1), interpolation="bilinear")
    names = ("grey", "x-gradient", "y-gradient", "", "x-flow", "y-flow", "flow")
    rim = f"direction of flow\nrim: {limit * GREATEST_FLOW:.1f} pixels a frame"
    for ax, name in zip(axs.flat, (*names, rim), strict=True):
        ax.set_xlabel(name, fontsize=9, labelpad=3)
    axs[0, 3].set_visible(False)
    return fig, axs


def flow_colours(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """A colour for each vector: its hue is the direction, its depth the length.

    Args:
        x: shape (height, width), positive to the right; 1 is as deep as colours get.
        y: shape (height, width), positive downwards.

    Returns:
        Shape (height, width, 3), RGB in [0, 1]; rest is white, to the right is red.

    Chapter: 04_2_video_pipeline.
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
    ax: Axes | None = None,
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
        ax: to draw into; None makes a figure.

    Raises:
        TellsError: there is nothing to show, or a row is longer than `columns`.

    Thesis: 4.6.2, figure 4.2. Chapter: 04_2_video_pipeline.
    """
    if not rows or max(len(maps) for maps in rows.values()) > len(columns):
        raise TellsError(
            f"mosaic needs rows of at most {len(columns)} maps, one for each column; got "
            f"{[len(maps) for maps in rows.values()]}."
        )
    heights = [max(m.shape[0] for m in maps) for maps in rows.values()]
    widths = [
        max(maps[i].shape[1] for maps in rows.values() if len(maps) > i)
        for i in range(max(len(maps) for maps in rows.values()))
    ]
    lefts = np.cumsum([gap, *(w + gap for w in widths)])
    tops = np.cumsum([gap, *(h + gap for h in heights)])
    canvas = np.ones((tops[-1], lefts[-1], 3))
    for top, height, (name, maps) in zip(tops, heights, rows.items(), strict=False):
        most = max(float(np.abs(m).max()) for m in maps)
        for i, (left, width, picture) in enumerate(zip(lefts, widths, maps, strict=False)):
            (h, w), scale = picture.shape, float(np.abs(picture).max()) if each else most
            y, x = top + (height - h) // 2, left + (width - w) // 2
            look = plt.get_cmap("gray" if i < (grey or {}).get(name, 0) else _SIGNED)
            canvas[y : y + h, x : x + w] = look(0.5 + picture / (2 * max(scale, 1e-9)))[..., :3]
    fig, ax = axes(ax, (7, 0.4 + 6 * canvas.shape[0] / canvas.shape[1]))
    ax.imshow(canvas, aspect="equal", interpolation="nearest")
    ax.set_yticks([t + h / 2 for t, h in zip(tops, heights, strict=False)], list(rows))
    ax.set_xticks(
        [le + w / 2 for le, w in zip(lefts, widths, strict=False)], columns[: len(widths)]
    )
    ax.tick_params(length=0, labelsize=9)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    return fig, ax


def _grid(rows: int, columns: int, height: float = 2.3) -> tuple[Figure, np.ndarray]:
    fig, axs = plt.subplots(rows, columns, figsize=(7, height * rows), squeeze=False)
    for ax in axs.flat:
        _bare(ax)
    return fig, axs


def _bare(ax: Axes) -> None:
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
