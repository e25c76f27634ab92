"""The networks that look (thesis 4.4, 4.6.2, 5.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from tells.errors import TellsError
from tells.features.maps import CHANNELS, FRAMES, HEIGHT, WIDTH, Maps
from tells.models.convolution import convolve
from tells.models.series import dropout_layer, read_out

_BLOCK = 300  # windows of a clip that are computed at once: bounds the memory of a long clip


class EmotionCNN3D(nn.Module):
    """The 3DCNN of Ji et al. (2013), with 32 filters in its feature layer and a face as its input.

    ====== ======================================= ========== ==============================
    layer  what                                    parameters gives
    ====== ======================================= ========== ==============================
    input  7 frames in five channels                          33 maps of 80 x 60
    C2     2 kernels 7 x 7 x 3 a channel; tanh     1,480      2 sets of 23 maps, 74 x 54
    S3     average of 2 x 2                                   37 x 27
    C4     3 kernels 7 x 6 x 3 a channel and set;  3,810      6 sets of 13 maps, 31 x 22
           tanh
    S5     average of 3 x 3                                   10 x 7
    C6     32 filters 10 x 7 over all 78 maps;     174,752    32 values: the features `EMO_v`
           tanh
    output dense                                   33 a class logits
    ====== ======================================= ========== ==============================

    Each of the five channels (grey, x- and y-gradient, x- and y-flow) has its own kernels. Of the
    31 x 22 pixels of C4, S5 uses 30 x 21, as many as fill its pools. C6 sees the 78 maps set by
    set, and in each set 3 grey, 3 x-gradient, 3 y-gradient, 2 x-flow, 2 y-flow.

    The thesis is silent on the activation of C2 and C4; tanh is that of Ji et al. (their equations
    1 and 2). Their pooling layers have a scale and a bias to train; the thesis's "average pooling"
    has none. Nor does it say how the kernels begin: here uniform with a variance of 1 / inputs, so
    that tanh neither saturates nor fades; biases are 0.

    Args:
        classes: units of the output.

    Thesis: 4.4, 4.6.2, 5.4.3, 5.4.4. Chapter: 05_4_3_video_experiment_3.
    """

    def __init__(self, *, classes: int = 5) -> None:
        super().__init__()
        self.c2_weight = _kernels(5, 2, 3, 7, 7, inputs=147)  # (channel, set, frame, row, column)
        self.c2_bias = nn.Parameter(torch.zeros(5, 2))
        self.c4_weight = _kernels(5, 2, 3, 3, 7, 6, inputs=126)  # (channel, set, kernel, frame, ..)
        self.c4_bias = nn.Parameter(torch.zeros(5, 2, 3))
        self.c6_weight = _kernels(32, 78, 10, 7, inputs=78 * 70)
        self.c6_bias = nn.Parameter(torch.zeros(32))
        self.output = nn.Linear(32, classes)

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Logits, shape (b, classes), of MAPs of shape (b, 33, 80, 60), see `tells.features.maps`.

        `rows` is for the training loop only: a MAP has no padding.
        """
        return self.output(self.window_features(x))

    def window_features(self, maps: Tensor) -> Tensor:
        """Emotional features of single windows: (b, 33, 80, 60) to (b, 32), in [-1, 1]."""
        return self._features(_split(maps))[:, 0]

    def features(self, clip: Maps) -> Tensor:
        """Emotional features `EMO_v` of every window of a clip, in [-1, 1].

        Equal to `window_features` of the windows one by one, but what they share is computed once.

        Args:
            clip: the channels of t frames, as `tells.features.maps.maps` gives them.

        Returns:
            Shape (t - 6, 32); row i belongs to frames i to i + 6.

        Raises:
            TellsError: there are fewer than 7 frames, or the channels have other shapes.
        """
        t = len(clip.grey)
        if t < FRAMES:
            raise TellsError(f"A clip needs {FRAMES} frames or more; got {t}.")
        for name, channel, frames in zip(clip._fields, clip, CHANNELS, strict=True):
            expected = (t + frames - FRAMES, HEIGHT, WIDTH)
            if tuple(channel.shape) != expected:
                raise TellsError(f"{name} must have shape {expected}; got {tuple(channel.shape)}.")
        channels = [torch.as_tensor(channel).to(self.c2_weight)[None] for channel in clip]
        blocks = (
            [x[:, i : i + _BLOCK + n - 1] for x, n in zip(channels, CHANNELS, strict=True)]
            for i in range(0, t - FRAMES + 1, _BLOCK)
        )
        return torch.cat([self._features(block)[0] for block in blocks])

    def layers(self, maps: Tensor) -> dict[str, Tensor]:
        """Output of each layer for some windows, in plain convolutions, for figures.

        Args:
            maps: shape (b, 33, 80, 60).

        Returns:
            `C2` (b, 2, 23, 74, 54), `S3` (b, 2, 23, 37, 27), `C4` (b, 6, 13, 31, 22),
            `S5` (b, 6, 13, 10, 7), `C6` (b, 32). The axes of the first four are window, set,
            map, row, column.

        Chapter: 05_4_3_video_experiment_3.
        """
        c2, c4 = [], []
        for i, x in enumerate(_split(maps)):
            weight, bias = self.c2_weight[i][:, None], self.c2_bias[i]
            c2.append(functional.conv3d(x[:, None], weight, bias).tanh())
            weight, bias = self.c4_weight[i].flatten(0, 1)[:, None], self.c4_bias[i].flatten()
            s3 = functional.avg_pool3d(c2[-1], (1, 2, 2))
            c4.append(functional.conv3d(s3, weight, bias, groups=2).tanh())
        layers = {"C2": torch.cat(c2, dim=2)}
        layers["S3"] = functional.avg_pool3d(layers["C2"], (1, 2, 2))
        layers["C4"] = torch.cat(c4, dim=2)
        layers["S5"] = functional.avg_pool3d(layers["C4"], (1, 3, 3))
        c6 = functional.conv2d(layers["S5"].flatten(1, 2), self.c6_weight, self.c6_bias)
        layers["C6"] = c6.flatten(1).tanh()
        return layers

    def _features(self, channels: Sequence[Tensor]) -> Tensor:
        """Channels of n clips, each (n, t or t - 1, 80, 60), to (n, t - 6, 32)."""
        seen = []  # by C6, from each channel
        for i, x in enumerate(channels):
            s3 = convolve(
                x, self.c2_weight[i], self.c2_bias[i], steps=2, phases=2, pool=_average
            )  # (n, t - 2, set, 37, 27)
            s5 = [
                convolve(maps, weight, bias, steps=1, phases=3, pool=_average)
                for maps, weight, bias in zip(
                    s3.unbind(2), self.c4_weight[i], self.c4_bias[i], strict=True
                )
            ]  # (n, t - 4, kernel, 10, 7) of each set
            # A window of 7 frames has 3 maps of each set after C4; one of 6 flows has 2.
            windows = torch.cat(s5, dim=2).unfold(1, CHANNELS[i] - 4, 1)
            seen.append(windows.movedim(-1, 3))  # (n, t - 6, 6 sets, 3 or 2 maps, 10, 7)
        inputs = torch.cat(seen, dim=3).flatten(2)  # (n, t - 6, 78 · 70)
        return functional.linear(inputs, self.c6_weight.flatten(1), self.c6_bias).tanh()


class SimpleCNN3D(nn.Module):
    """The thesis's first network for faces: two 3D convolutions over 10 s of grey frames.

    3D convolution with 2 filters, 3D max-pool, dropout, 3D convolution with 32 filters (the
    features `EMO_v`), dense to the classes.

    The thesis gives no more than that, and that the features have shape (300, 32). Chosen here:
    each frame has its 32 features, by padding of one step at both ends in each layer; the first
    convolution is 3 x 3 x 3 with ReLU; the pool 3 x 4 x 4 (time, rows, columns) with strides 1, 4,
    4; the second convolution sees 3 steps of the whole pooled picture, 24 x 22; dropout 0.2. The
    dense layer is applied to each step. One label for each frame (5.4.1) takes these logits as
    they are; one label for all (5.4.2) their mean over the frames that are not padding.

    Args:
        classes: units of the output.
        dropout: share of the pooled values that are dropped in training.
        feature_activation: `softmax` over the 32 features (the thesis's first choice) or `tanh`
            (the better one).
        per_frame: give the logits of each frame, not their mean.

    Raises:
        TellsError: `feature_activation` is unknown, or `dropout` is not in [0, 1).

    Thesis: 5.4.1, 5.4.2. Chapter: 05_4_1_video_experiment_1.
    """

    size = (100, 93)  # rows and columns of a face

    def __init__(
        self,
        *,
        classes: int = 5,
        dropout: float = 0.2,
        feature_activation: Literal["softmax", "tanh"] = "softmax",
        per_frame: bool = False,
    ) -> None:
        super().__init__()
        if feature_activation not in ("softmax", "tanh"):
            raise TellsError(
                f"feature_activation must be 'softmax' or 'tanh'; got {feature_activation!r}."
            )
        self.feature_activation = feature_activation
        self.per_frame = per_frame
        self.conv_1 = nn.Conv3d(1, 2, 3)
        self.dropout = dropout_layer(dropout)
        self.conv_2 = nn.Conv3d(2, 32, (3, 24, 22))
        self.output = nn.Linear(32, classes)

    def features(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Emotional features `EMO_v` at each frame: (b, t, 100, 93) to (b, t, 32).

        Frames past `rows`, shape (b,), are padding: no other frame sees them.
        """
        if x.ndim != 4 or tuple(x.shape[2:]) != self.size or not x.is_floating_point():
            raise TellsError(
                "x must be floating-point grey windows of shape (b, t, 100, 93); "
                f"got {x.dtype} {tuple(x.shape)}."
            )
        t = x.shape[1]
        lengths = [t] * len(x) if rows is None else rows.tolist()
        # Window by window: the first convolution's result is 48 times as large as what is kept.
        pooled = [
            functional.pad(self._pooled(window[:n]), (0, 0, 0, 0, 0, 0, 1, 1 + t - n))
            for window, n in zip(x, lengths, strict=True)
        ]
        y = self.dropout(torch.stack(pooled))  # (b, t + 2, 2, 24, 22)
        y = y.unfold(1, 3, 1).movedim(-1, 3).flatten(2)  # (b, t, 2 · 3 · 24 · 22)
        y = functional.linear(y, self.conv_2.weight.flatten(1), self.conv_2.bias)
        return y.softmax(dim=-1) if self.feature_activation == "softmax" else y.tanh()

    def forward(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Logits of windows of shape (b, t, 100, 93): (b, classes), or (b, t, classes) `per_frame`.

        `rows`, shape (b,), counts the frames of each window that are not padding; None means all.
        """
        logits = self.output(self.features(x, rows))
        return logits if self.per_frame else read_out(logits, rows, "mean")

    def _pooled(self, x: Tensor) -> Tensor:
        """First convolution and pool of one window: (t, 100, 93) to (t, 2, 24, 22)."""
        x = functional.pad(x[:, :98, :90], (0, 0, 0, 0, 1, 1))  # the pool leaves the last ones out
        weight, bias = self.conv_1.weight[:, 0], self.conv_1.bias
        y = convolve(x[None], weight, bias, steps=6, pool=_greatest)[0]  # (t, 2, 24, 22)
        # ReLU grows, so it may follow the pool.
        y = functional.pad(y, (0, 0, 0, 0, 0, 0, 1, 1), value=-torch.inf)
        return torch.maximum(torch.maximum(y[:-2], y[1:-1]), y[2:]).relu()


def _average(y: Tensor) -> Tensor:
    """Activation of a convolution and average over each pool's pixels, as `convolve` calls it."""
    return y.tanh().mean(dim=1)


def _greatest(y: Tensor) -> Tensor:
    """Greatest of each 4 x 4 pixels, as `convolve` calls it."""
    y = functional.max_pool2d(y.flatten(1, 2), 4)
    if y.requires_grad:  # the pool's way back is five times as fast in the order of its way forth
        y.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
    return y


def _kernels(*shape: int, inputs: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).uniform_(-1, 1) * (3 / inputs) ** 0.5)


def _split(maps: Tensor) -> tuple[Tensor, ...]:
    """The five channels of MAPs."""
    expected = (sum(CHANNELS), HEIGHT, WIDTH)
    if maps.ndim != 4 or tuple(maps.shape[1:]) != expected or not maps.is_floating_point():
        raise TellsError(
            f"maps must be floating-point, of shape (b, {', '.join(map(str, expected))}); "
            f"got {maps.dtype} {tuple(maps.shape)}."
        )
    return maps.split(CHANNELS, dim=1)
