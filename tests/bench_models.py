"""How much faster the networks are than the same ones written with PyTorch's 3D layers.

`bench.py` calls `clip_features` and `video_training`. Both sides have the same weights and must
agree to 1e-5 before they are timed, on one thread. `python tests/bench_models.py` prints both
ratios and what one window of the simple network costs.
"""

from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np
import torch
from torch import Tensor, nn

from tells.features.maps import CHANNELS, Maps
from tells.models import EmotionCNN3D, SimpleCNN3D
from tells.training.predict import one_thread

REPETITIONS = 3
FRAMES = 300  # of the clip: 10 s
BATCH = 32  # windows in a training step, as `TrainingOptions` has it


class Plain(nn.Module):
    """The 3DCNN as one would write it down, with the weights of `network`."""

    def __init__(self, network: EmotionCNN3D) -> None:
        super().__init__()
        self.c2 = nn.ModuleList(nn.Conv3d(1, 2, (3, 7, 7)) for _ in CHANNELS)
        self.s3 = nn.AvgPool3d((1, 2, 2))
        self.c4 = nn.ModuleList(nn.Conv3d(2, 6, (3, 7, 6), groups=2) for _ in CHANNELS)
        self.s5 = nn.AvgPool3d((1, 3, 3))
        self.c6 = nn.Conv2d(78, 32, (10, 7))
        self.output = nn.Linear(32, network.output.out_features)
        weights = [network.c2_weight, network.c2_bias, network.c4_weight, network.c4_bias]
        with torch.no_grad():
            for c2, c4, *own in zip(self.c2, self.c4, *weights, strict=True):
                for parameter, values in zip(
                    (*c2.parameters(), *c4.parameters()), own, strict=True
                ):
                    parameter.copy_(values.reshape(parameter.shape))
            self.c6.weight.copy_(network.c6_weight)
            self.c6.bias.copy_(network.c6_bias)
        self.output.load_state_dict(network.output.state_dict())

    def window_features(self, maps: Tensor) -> Tensor:
        """(b, 33, 80, 60) to (b, 32)."""
        s5 = []
        for x, c2, c4 in zip(maps.split(CHANNELS, dim=1), self.c2, self.c4, strict=True):
            s3 = self.s3(c2(x[:, None]).tanh())  # (b, sets, maps, 37, 27)
            s5.append(self.s5(c4(s3).tanh()))  # (b, sets, maps, 10, 7)
        return self.c6(torch.cat(s5, dim=2).flatten(1, 2)).tanh().flatten(1)

    def forward(self, maps: Tensor) -> Tensor:
        """(b, 33, 80, 60) to (b, classes)."""
        return self.output(self.window_features(maps))


def times(*actions: Callable[[], object]) -> list[float]:
    """Median seconds of each action, of the processor; they take turns to see the same machine."""
    spent = [[] for _ in actions]
    for _ in range(REPETITIONS):
        for seconds, action in zip(spent, actions, strict=True):
            begin = process_time()
            action()
            seconds.append(process_time() - begin)
    return [median(seconds) for seconds in spent]


def pair() -> tuple[EmotionCNN3D, Plain]:
    """The network of the library and the plain one, with equal weights."""
    torch.manual_seed(0)
    network = EmotionCNN3D()
    for bias in (network.c2_bias, network.c4_bias, network.c6_bias):
        nn.init.uniform_(bias, -0.1, 0.1)
    return network, Plain(network)


@one_thread()
def clip_features() -> float:
    """How much faster the features of a clip are than those of its windows one by one."""
    network, plain = pair()
    rng = np.random.default_rng(0)
    clip = Maps(
        *(rng.normal(0, 0.3, (FRAMES - 7 + n, 80, 60)).astype(np.float32) for n in CHANNELS)
    )
    windows = torch.from_numpy(np.stack([clip.window(i) for i in range(FRAMES - 6)]))

    def one_by_one() -> Tensor:
        return torch.cat([plain.window_features(window[None]) for window in windows])

    with torch.inference_mode():
        torch.testing.assert_close(network.features(clip), one_by_one(), atol=1e-5, rtol=0)
        fast, slow = times(lambda: network.features(clip), one_by_one)
    return slow / fast


@one_thread()
def video_training() -> float:
    """How much faster a step of training is: forward, backward and Adam."""
    generator = torch.Generator().manual_seed(0)
    maps = 0.3 * torch.randn(BATCH, 33, 80, 60, generator=generator)
    target = torch.arange(BATCH) % 5
    networks = pair()
    with torch.inference_mode():
        torch.testing.assert_close(networks[0](maps), networks[1](maps), atol=1e-5, rtol=0)
    optimisers = [torch.optim.Adam(network.parameters(), lr=2e-4) for network in networks]

    def step(network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(maps), target).backward()
        optimiser.step()

    fast, slow = times(
        *(lambda n=n, o=o: step(n, o) for n, o in zip(networks, optimisers, strict=True))
    )
    with torch.inference_mode():  # after the same steps they still agree
        torch.testing.assert_close(networks[0](maps), networks[1](maps), atol=1e-3, rtol=0)
    return slow / fast


@one_thread()
def simple_network() -> tuple[float, float]:
    """Milliseconds of the simple network for 300 frames: forward, and forward with backward."""
    network = SimpleCNN3D()
    x = torch.rand(1, 300, 100, 93) * 2 - 1

    def forward() -> None:
        with torch.inference_mode():
            network(x)

    def both() -> None:
        network(x).square().sum().backward()

    forward()
    return tuple(1000 * seconds for seconds in times(forward, both))


def main() -> None:
    """Measure everything."""
    print(f"features of a clip: {clip_features():.1f} times as fast")
    print(f"training: {video_training():.2f} times as fast")
    forward, both = simple_network()
    print(f"simple network, 300 frames: {forward:.0f} ms forward, {both:.0f} ms with backward")


if __name__ == "__main__":
    main()
