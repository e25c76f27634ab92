"""3D convolutions of one picture sequence, fast on a CPU by unrolling them into 2D ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    steps: int,
    phases: int = 1,
    pool: Callable[[Tensor], Tensor],
) -> Tensor:
    """Compute `conv3d` of one input channel, and pool its pixels.

    Libraries work on 16 channels at a time, and a single one leaves them idle. So channels are
    made: `steps` consecutive outputs in time and the `phases` x `phases` pixels of a pool become
    the output channels of a 2D convolution, and the frames and pixels that those look at its input
    channels. Its kernels are the same few numbers, each copy moved to its place among zeros. Half
    of the products are with those zeros, and still it is several times as fast, in training too.

    Args:
        x: shape (n, t, height, width).
        weight: shape (kernels, frames, kernel height, kernel width).
        bias: shape (kernels,).
        steps: outputs in time that are computed as channels; changes the speed only.
        phases: side of the pools whose pixels are sorted, in pixels. Rows and columns that do not
            fill a pool are left out.
        pool: takes values of shape (m, phases², channels, rows, columns), the pixels of each pool
            along the second axis, and gives (m, channels, ...). An average is then a mean over an
            axis; all channels of a pixel lie side by side in memory.

    Returns:
        Shape (n, t - frames + 1, kernels, ...), where the dots stand for what the pool leaves of
        rows and columns.
    """
    n, t = x.shape[:2]
    kernels, frames, *size = weight.shape
    outputs = t - frames + 1
    blocks = -(-outputs // steps)
    kernel = _unrolled(weight, steps, phases)
    # Pixels that no whole pool sees go; zeros come where only a kernel's zeros look.
    rows, columns = (
        (side - k + 1) // phases + cells - 1
        for side, k, cells in zip(x.shape[2:], size, kernel.shape[2:], strict=True)
    )
    x = x[:, :, : rows * phases, : columns * phases]
    margins = columns * phases - x.shape[3], rows * phases - x.shape[2], blocks * steps - outputs
    if any(margins):
        x = functional.pad(x, (0, margins[0], 0, margins[1], 0, margins[2]))
    x = x.unfold(1, frames + steps - 1, steps)  # (n, blocks, height, width, frames of a block)
    x = x.unflatten(3, (columns, phases)).unflatten(2, (rows, phases))
    x = x.permute(0, 1, 6, 3, 5, 2, 4).flatten(2, 4).flatten(0, 1)
    x = x.contiguous(memory_format=torch.channels_last)
    y = functional.conv2d(x, kernel, bias.repeat(phases**2 * steps))
    y = pool(y.unflatten(1, (phases**2, steps * kernels)))
    y = y.unflatten(0, (n, blocks)).unflatten(2, (steps, kernels))
    return y.flatten(1, 2)[:, :outputs]


def _unrolled(weight: Tensor, steps: int, phases: int) -> Tensor:
    """Kernels of the 2D convolution: (phases² · steps · kernels, frames · phases², rows, columns).

    One copy of the kernels for each place in a pool and each step, moved there inside a larger
    kernel of zeros; then the larger kernel's pixels are sorted by place, as the input's are.
    """
    size = weight.shape[2:]
    height, width = (-(-(side + phases - 1) // phases) * phases for side in size)
    moved = [
        functional.pad(weight, (j, width - size[1] - j, i, height - size[0] - i, s, steps - 1 - s))
        for i in range(phases)
        for j in range(phases)
        for s in range(steps)
    ]
    y = torch.cat(moved)  # (outputs, frames, height, width)
    y = y.unflatten(3, (width // phases, phases)).unflatten(2, (height // phases, phases))
    return y.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)
