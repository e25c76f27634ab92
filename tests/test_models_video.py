"""`tells.models`, the networks that look: against plain loops, and as the thesis counts them."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tells.errors import TellsError
from tells.features.maps import CHANNELS, Maps
from tells.models import EmotionCNN3D, SimpleCNN3D, count_parameters
from tells.models.convolution import convolve


@pytest.fixture(autouse=True)
def _seed_and_threads():
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def network():
    """Biases begin at 0, which would hide a mistake with them."""
    network = EmotionCNN3D()
    with torch.no_grad():
        for bias in (network.c2_bias, network.c4_bias, network.c6_bias):
            bias.uniform_(-0.5, 0.5)
    return network


def random_clip(t):
    rng = np.random.default_rng(t)
    return Maps(*(rng.standard_normal((t - 7 + n, 80, 60), np.float32) for n in CHANNELS))


def windows_of(clip):
    n = len(clip.grey) - 6
    return torch.from_numpy(np.stack([clip.window(i) for i in range(n)]))


# The convolution


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
@pytest.mark.parametrize("phases", [1, 2, 3])
@pytest.mark.parametrize("t", [3, 7, 8])
def test_convolution_is_that_of_pytorch(steps, phases, t):
    """A pool gets its pixels along an axis of their own; what fills none is left out."""
    x = torch.randn(2, t, 17, 13, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(4, 3, 5, 4, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(4, dtype=torch.float64, requires_grad=True)
    got = convolve(x, weight, bias, steps=steps, phases=phases, pool=lambda y: y.movedim(1, -1))
    whole = functional.conv3d(x[:, None], weight[:, None], bias)  # (n, kernels, t - 2, 13, 10)
    rows, columns = 13 // phases, 10 // phases
    expected = torch.stack(
        [
            whole[..., i : rows * phases : phases, j : columns * phases : phases]
            for i in range(phases)
            for j in range(phases)
        ],
        dim=1,
    ).permute(0, 3, 2, 4, 5, 1)
    torch.testing.assert_close(got, expected)
    upstream = torch.randn_like(expected)
    for one, other in zip(
        torch.autograd.grad(got, (x, weight, bias), upstream),
        torch.autograd.grad(expected, (x, weight, bias), upstream),
        strict=True,
    ):
        torch.testing.assert_close(one, other)


# The 3DCNN


def test_parameters_of_the_3dcnn():
    """As 4.6.2 and Ji et al. count them: 1,480 and 3,810."""
    sizes = {name: p.numel() for name, p in EmotionCNN3D().named_parameters()}
    assert sizes["c2_weight"] + sizes["c2_bias"] == 1_480
    assert sizes["c4_weight"] + sizes["c4_bias"] == 3_810
    assert sizes["c6_weight"] == 174_720
    assert sizes["c6_bias"] == 32
    assert count_parameters(EmotionCNN3D()) == 1_480 + 3_810 + 174_752 + 165
    assert count_parameters(EmotionCNN3D(classes=2)) == 1_480 + 3_810 + 174_752 + 66


def loops(network, window):
    """The feature layer of one window, kernel by kernel in NumPy, in the thesis's words."""
    p = {name: value.detach().double().numpy() for name, value in network.named_parameters()}
    channels = np.split(window.astype(float), np.cumsum(CHANNELS)[:-1])
    assert [len(c) for c in channels] == [7, 7, 7, 6, 6]

    def convolution(maps, kernel, bias):
        frames, height, width = kernel.shape
        shape = np.array(maps.shape) - kernel.shape + 1
        out = np.full(shape, bias)
        for f in range(frames):
            for i in range(height):
                for j in range(width):
                    part = maps[f : f + shape[0], i : i + shape[1], j : j + shape[2]]
                    out += kernel[f, i, j] * part
        return np.tanh(out)

    def pool(maps, side):
        rows, columns = maps.shape[1] // side, maps.shape[2] // side
        out = np.zeros((len(maps), rows, columns))
        for i in range(rows):
            for j in range(columns):
                square = maps[:, side * i : side * (i + 1), side * j : side * (j + 1)]
                out[:, i, j] = square.mean(axis=(1, 2))
        return out

    sets = []
    for s in range(2):
        s3 = [
            pool(convolution(maps, p["c2_weight"][c, s], p["c2_bias"][c, s]), 2)
            for c, maps in enumerate(channels)
        ]
        assert sum(map(len, s3)) == 23
        for k in range(3):
            s5 = [
                pool(convolution(maps, p["c4_weight"][c, s, k], p["c4_bias"][c, s, k]), 3)
                for c, maps in enumerate(s3)
            ]
            sets.append(np.concatenate(s5))
            assert sets[-1].shape == (13, 10, 7)
    all_maps = np.concatenate(sets)  # (78, 10, 7)
    return np.tanh(
        [(w * all_maps).sum() + b for w, b in zip(p["c6_weight"], p["c6_bias"], strict=True)]
    )


def test_3dcnn_against_a_loop_over_its_kernels(network):
    windows = windows_of(random_clip(8))
    expected = np.stack([loops(network, window.numpy()) for window in windows])
    with torch.inference_mode():
        np.testing.assert_allclose(network.window_features(windows), expected, atol=1e-5)
        np.testing.assert_allclose(network.layers(windows)["C6"], expected, atol=1e-5)
        logits = network.output(torch.from_numpy(expected).float())
        torch.testing.assert_close(network(windows), logits, atol=1e-5, rtol=0)


def test_a_clip_at_once_is_its_windows_one_by_one(network, monkeypatch):
    clip = random_clip(30)
    windows = windows_of(clip)
    with torch.inference_mode():
        one_by_one = torch.cat([network.window_features(w[None]) for w in windows])
        assert one_by_one.shape == (24, 32)
        assert one_by_one.std(dim=0).min() > 0.01
        torch.testing.assert_close(network.window_features(windows), one_by_one, atol=1e-5, rtol=0)
        for block in (300, 10, 1):
            monkeypatch.setattr("tells.models.video._BLOCK", block)
            torch.testing.assert_close(network.features(clip), one_by_one, atol=1e-5, rtol=0)


def test_the_shortest_clip_is_one_window(network):
    clip = random_clip(7)
    torch.testing.assert_close(network.features(clip), network.window_features(windows_of(clip)))


def test_layers_have_the_sizes_of_the_thesis(network):
    maps = torch.randn(2, 33, 80, 60)
    layers = network.layers(maps)
    assert {name: tuple(layer.shape) for name, layer in layers.items()} == {
        "C2": (2, 2, 23, 74, 54),
        "S3": (2, 2, 23, 37, 27),
        "C4": (2, 6, 13, 31, 22),
        "S5": (2, 6, 13, 10, 7),
        "C6": (2, 32),
    }
    torch.testing.assert_close(layers["C6"], network.window_features(maps), atol=1e-5, rtol=0)


def test_each_channel_has_its_own_kernels(network):
    """A change of one channel reaches only that channel's maps, up to the filters over all."""
    maps = torch.randn(1, 33, 80, 60)
    before = network.layers(maps)
    changed = maps.clone()
    changed[:, 21:27] += 1  # x-flow
    after = network.layers(changed)
    c2 = (before["C2"] != after["C2"]).any(dim=(0, 1, 3, 4))
    c4 = (before["C4"] != after["C4"]).any(dim=(0, 1, 3, 4))
    assert c2.nonzero().flatten().tolist() == [15, 16, 17, 18]
    assert c4.nonzero().flatten().tolist() == [9, 10]
    assert (before["C6"] != after["C6"]).all()


def test_gradients_reach_all_parameters_and_equal_those_of_the_plain_layers(network):
    maps = torch.randn(3, 33, 80, 60)
    parameters = dict(network.named_parameters())
    upstream = torch.randn(3, 5)
    fast = torch.autograd.grad(network(maps), parameters.values(), upstream)
    logits = network.output(network.layers(maps)["C6"])
    plain = torch.autograd.grad(logits, parameters.values(), upstream)
    for name, one, other in zip(parameters, fast, plain, strict=True):
        assert one.abs().min() > 0, name
        torch.testing.assert_close(one, other, atol=1e-5 * float(other.abs().max()), rtol=1e-3)


def test_3dcnn_learns():
    """It tells a blob that moves to the left from one that moves to the right."""
    generator = torch.Generator().manual_seed(0)
    maps = 0.1 * torch.randn(24, 33, 80, 60, generator=generator)
    target = torch.arange(24) % 2
    maps[:, 21:27, 20:60, 15:45] += 0.4 * (2 * target[:, None, None, None] - 1)
    network = EmotionCNN3D(classes=2)
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-4)
    for _ in range(6):
        optimiser.zero_grad()
        functional.cross_entropy(network(maps[:16]), target[:16]).backward()
        optimiser.step()
    assert (network(maps[16:]).argmax(1) == target[16:]).all()


@pytest.mark.parametrize("model", [EmotionCNN3D, SimpleCNN3D])
def test_same_seed_same_network(model):
    states = []
    for _ in range(2):
        torch.manual_seed(3)
        states.append(model().state_dict())
    for one, other in zip(*(state.values() for state in states), strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0)


def test_3dcnn_is_deterministic(network):
    maps = torch.randn(2, 33, 80, 60)
    results = []
    for _ in range(2):
        logits = network(maps)
        results.append((logits, *torch.autograd.grad(logits.sum(), network.parameters())))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0)


@pytest.mark.parametrize(
    "maps",
    [
        torch.zeros(2, 32, 80, 60),
        torch.zeros(33, 80, 60),
        torch.zeros(2, 33, 60, 80),
        torch.zeros(2, 33, 80, 60, dtype=torch.uint8),
    ],
)
def test_wrong_maps(network, maps):
    expected = r"maps must be floating-point, of shape \(b, 33, 80, 60\); got torch"
    for method in (network, network.window_features, network.layers):
        with pytest.raises(TellsError, match=expected):
            method(maps)


@pytest.mark.parametrize("t", [0, 6])
def test_clip_too_short(network, t):
    faces, flows = np.zeros((t, 80, 60)), np.zeros((max(t - 1, 0), 80, 60))
    with pytest.raises(TellsError, match=f"A clip needs 7 frames or more; got {t}"):
        network.features(Maps(faces, faces, faces, flows, flows))


def test_clip_with_a_channel_of_another_length(network):
    clip = random_clip(9)
    with pytest.raises(
        TellsError, match=r"y_flow must have shape \(8, 80, 60\); got \(9, 80, 60\)"
    ):
        network.features(clip._replace(y_flow=clip.grey))


# The simple network


def simple(x, network):
    """Its feature layer in PyTorch's own layers, for windows without padding."""
    y = network.conv_1(functional.pad(x[:, None], (0, 0, 0, 0, 1, 1))).relu()
    y = functional.max_pool3d(y, (3, 4, 4), (1, 4, 4), (1, 0, 0))
    y = network.conv_2(functional.pad(y, (0, 0, 0, 0, 1, 1))).flatten(2).transpose(1, 2)
    return y.softmax(2) if network.feature_activation == "softmax" else y.tanh()


def test_parameters_of_the_simple_network():
    """2 filters, 32 filters, 5 units (5.4.1)."""
    expected = 2 * (27 + 1) + 32 * (2 * 3 * 24 * 22 + 1) + 32 * 5 + 5
    assert count_parameters(SimpleCNN3D()) == expected


@pytest.mark.parametrize("activation", ["softmax", "tanh"])
@pytest.mark.parametrize("t", [1, 2, 13])
def test_simple_network_against_the_layers_of_pytorch(activation, t):
    network = SimpleCNN3D(feature_activation=activation).eval()
    x = torch.rand(2, t, 100, 93) * 2 - 1
    features = network.features(x)
    assert features.shape == (2, t, 32)
    torch.testing.assert_close(features, simple(x, network), atol=1e-5, rtol=1e-5)
    if activation == "softmax":
        torch.testing.assert_close(features.sum(2), torch.ones(2, t))
    upstream = torch.randn(2, t, 32)
    parameters = [*network.conv_1.parameters(), *network.conv_2.parameters()]
    for one, other in zip(
        torch.autograd.grad(features, parameters, upstream),
        torch.autograd.grad(simple(x, network), parameters, upstream),
        strict=True,
    ):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)


def test_a_label_for_each_frame_or_one_for_all():
    network = SimpleCNN3D(classes=4, per_frame=True).eval()
    x = torch.rand(2, 9, 100, 93) * 2 - 1
    each = network(x)
    assert each.shape == (2, 9, 4)
    network.per_frame = False
    torch.testing.assert_close(network(x), each.mean(dim=1))
    rows = torch.tensor([9, 4])
    logits = network(x, rows)
    assert logits.shape == (2, 4)
    torch.testing.assert_close(logits[1], network(x[1:, :4])[0])


@pytest.mark.parametrize("padding", [0.0, 1e3, float("nan")])
def test_padding_does_not_matter(padding):
    network = SimpleCNN3D(feature_activation="tanh").eval()
    x = torch.rand(3, 10, 100, 93) * 2 - 1
    rows = torch.tensor([10, 4, 1])
    for window, n in zip(x, rows, strict=True):
        window[n:] = padding
    features = network.features(x, rows)
    for window, got, n in zip(x, features, rows, strict=True):
        torch.testing.assert_close(got[:n], network.features(window[None, :n])[0])
    assert torch.isfinite(network(x, rows)).all()


def test_simple_network_drops_out_in_training_only():
    network = SimpleCNN3D(dropout=0.5)
    x = torch.rand(1, 4, 100, 93)
    assert (network(x) != network(x)).any()
    network(x).sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in network.parameters())
    network.eval()
    torch.testing.assert_close(network(x), network(x), rtol=0, atol=0)


@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(2, 5, 93, 100),
        torch.zeros(5, 100, 93),
        torch.zeros(2, 5, 100, 93, dtype=torch.uint8),
    ],
)
def test_wrong_windows(x):
    expected = r"x must be floating-point grey windows of shape \(b, t, 100, 93\); got torch"
    with pytest.raises(TellsError, match=expected):
        SimpleCNN3D()(x)


def test_unknown_activation():
    with pytest.raises(TellsError, match="feature_activation must be 'softmax' or 'tanh'; got 'x'"):
        SimpleCNN3D(feature_activation="x")


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_dropout_out_of_range(dropout):
    with pytest.raises(TellsError, match=rf"dropout must lie in \[0, 1\); got {dropout}"):
        SimpleCNN3D(dropout=dropout)
