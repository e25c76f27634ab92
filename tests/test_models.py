"""`tells.models`: the networks have the shapes and sizes that the thesis gives."""

import pytest
import torch

from tells.errors import TellsError
from tells.models import MODELS, DetectorLSTM, SpeechLSTM, SpeechMLP, count_parameters


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def dense(inputs, outputs):
    return inputs * outputs + outputs


def lstm(inputs, units):
    return 4 * units * (inputs + units + 2)  # PyTorch has two biases


def test_mlp_has_the_layers_of_the_thesis():
    """3,800 values to 1024, 512, 256 and 4 units (5.3.1)."""
    model = SpeechMLP()
    expected = dense(3_800, 1_024) + dense(1_024, 512) + dense(512, 256) + dense(256, 4)
    assert count_parameters(model) == expected == 4_549_380
    shapes = [tuple(p.shape) for p in model.parameters() if p.ndim == 2]
    assert shapes == [(1_024, 3_800), (512, 1_024), (256, 512), (4, 256)]


def test_lstm_has_the_layers_of_the_thesis():
    """LSTM 64, LSTM 32, dense 32, dense (5.3.2)."""
    model = SpeechLSTM(columns=130, classes=5)
    expected = lstm(130, 64) + lstm(64, 32) + dense(32, 32) + dense(32, 5)
    assert count_parameters(model) == expected


def test_lstm_is_more_than_ten_times_smaller_than_the_mlp():
    """As 5.3.2 says."""
    assert 10 * count_parameters(SpeechLSTM(classes=4)) < count_parameters(SpeechMLP(classes=4))


def test_frozen_parameters_are_not_counted():
    model = SpeechLSTM()
    before = count_parameters(model)
    model.output.requires_grad_(False)
    assert before - count_parameters(model) == dense(32, 5)


@pytest.mark.parametrize(("name", "arguments"), [("SpeechMLP", {"rows": 7}), ("SpeechLSTM", {})])
def test_logits(name, arguments):
    model = MODELS[name](columns=3, classes=6, **arguments).eval()
    x = torch.randn(4, 7, 3)
    logits = model(x, torch.tensor([7, 3, 1, 7]))
    assert logits.shape == (4, 6)
    assert torch.isfinite(logits).all()
    torch.testing.assert_close(model(x[:1]), logits[:1])  # samples do not see each other
    logits.sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_mlp_with_other_layers():
    model = SpeechMLP(rows=2, columns=3, classes=2, hidden=(5,))
    assert count_parameters(model) == dense(6, 5) + dense(5, 2)


def test_features_are_given_for_each_step_in_the_range_of_tanh():
    model = SpeechLSTM(columns=3).eval()
    features = model.features(100 * torch.randn(2, 50, 3))
    assert features.shape == (2, 50, 32)
    assert features.abs().max() <= 1
    assert features.std() > 0.01


def test_features_see_the_past_and_not_the_future():
    model = SpeechLSTM(columns=3).eval()
    x = torch.randn(1, 20, 3)
    changed = x.clone()
    changed[:, 12] += 1
    before, after = model.features(x), model.features(changed)
    torch.testing.assert_close(before[:, :12], after[:, :12], rtol=0, atol=0)
    assert (before[:, 12:] != after[:, 12:]).any(dim=2).all()


@pytest.mark.parametrize("readout", ["mean", "last"])
def test_padding_does_not_matter(readout):
    model = SpeechLSTM(columns=3, readout=readout).eval()
    x = torch.randn(3, 10, 3)
    rows = torch.tensor([10, 4, 1])
    padded = x.clone()
    for window, n in zip(padded, rows, strict=True):
        window[n:] = 1e3
    torch.testing.assert_close(model(x, rows), model(padded, rows), rtol=0, atol=0)
    alone = torch.cat([model(window[None, :n]) for window, n in zip(x, rows, strict=True)])
    torch.testing.assert_close(model(x, rows), alone)


def test_readouts():
    torch.manual_seed(1)
    mean = SpeechLSTM(columns=3).eval()
    last = SpeechLSTM(columns=3, readout="last").eval()
    last.load_state_dict(mean.state_dict())
    x = torch.randn(2, 8, 3)
    steps = mean.output(mean.features(x))
    torch.testing.assert_close(mean(x), steps.mean(dim=1))
    torch.testing.assert_close(last(x), steps[:, -1])
    torch.testing.assert_close(last(x, torch.tensor([8, 5]))[1], steps[1, 4])


def test_dropout_acts_in_training_only():
    model = SpeechLSTM(columns=3, dropout=0.5)
    x = torch.randn(2, 8, 3)
    assert (model(x) != model(x)).any()
    model.eval()
    torch.testing.assert_close(model(x), model(x), rtol=0, atol=0)


@pytest.mark.parametrize("readout", ["max", "", None])
def test_unknown_readout(readout):
    with pytest.raises(TellsError, match=f"readout must be 'mean' or 'last'; got {readout!r}"):
        SpeechLSTM(readout=readout)


@pytest.mark.parametrize("dropout", [-0.1, 1.0, 2, float("nan")])
def test_dropout_out_of_range(dropout):
    with pytest.raises(TellsError, match=rf"dropout must lie in \[0, 1\); got {dropout}"):
        SpeechLSTM(dropout=dropout)


def test_detector_has_the_layers_of_the_thesis():
    """LSTM 32, then 8 and 2 units (4.6.3), on the features of one modality or of both."""
    for columns in (32, 64):
        expected = lstm(columns, 32) + dense(32, 8) + dense(8, 2)
        assert count_parameters(DetectorLSTM(columns=columns)) == expected


def test_detector_reads_the_last_step_that_is_not_padding():
    model, x = DetectorLSTM().eval(), torch.randn(2, 12, 32)
    x[1, 7:] = 0
    padded = model(x, torch.tensor([12, 7]))
    torch.testing.assert_close(padded[:1], model(x[:1]))
    torch.testing.assert_close(padded[1:], model(x[1:, :7]))


def test_detector_refuses_a_dropout_of_everything():
    with pytest.raises(TellsError, match=r"dropout must lie in \[0, 1\); got 1"):
        DetectorLSTM(dropout=1)


def test_names():
    speech, video = ["SpeechMLP", "SpeechLSTM"], ["SimpleCNN3D", "EmotionCNN3D"]
    assert list(MODELS) == [*speech, *video, "DetectorLSTM"]
    assert all(name == model.__name__ for name, model in MODELS.items())
