"""How fast a clip becomes emotional features, from its file to `EMO_s` and `EMO_v`.

`bench.py` calls `speeds`. What counts is processor time, all threads together, so the figure is
that of one core. It is no ratio of two things that take turns, so a busy or throttled machine makes
it worse, and the fastest of several runs counts, as in Python's `timeit`. The networks have random
weights, which changes no time.
"""

import tempfile
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import torch

import bench_faces
from tells import media
from tells.corpora import CLASSES
from tells.detection import emotional_features
from tells.features import Extraction, FeatureStore, speech
from tells.features.faces import Faces
from tells.models import MODELS
from tells.training import Checkpoint, Scaler

SECONDS = 10  # of the clip, as in DFDC
SIZE = (720, 1280)  # px, of many of its clips
REPETITIONS = 7


def speeds(sound: np.ndarray) -> tuple[float, float]:
    """Seconds of a clip for each second of processor time: to both series, and decoded only.

    Args:
        sound: of the clip, shape (n,) at 16 kHz, 10 s.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = SECONDS * bench_faces.RATE
        path = bench_faces.film(folder / "clip.mp4", frames=frames, size=SIZE, sound=sound)
        networks = stored_networks(folder)
        both(path, networks)  # loads the libraries
        spent = []
        for _ in range(REPETITIONS):
            moments = [process_time()]
            bench_faces.decode(path)
            media.audio(path)
            moments.append(process_time())
            both(path, networks)
            spent.append(np.diff([*moments, process_time()]))
        decoding, ours = (float(min(column)) for column in zip(*spent, strict=True))
        return SECONDS / ours, SECONDS / decoding


def stored_networks(folder: Path) -> tuple[Path, Path]:
    """`LSTM_I` and the 3DCNN, saved."""
    llds = speech.LLDs("compare2016")
    columns = len(llds.columns)
    scaler = Scaler(np.zeros(columns, np.float32), np.ones(columns, np.float32))
    kinds = {"SpeechLSTM": (llds.name, scaler), "EmotionCNN3D": (Faces().name, None)}
    saved = []
    for model, (features, own) in kinds.items():
        torch.manual_seed(0)
        arguments = {"classes": len(CLASSES)}
        arguments |= {"columns": columns} if model == "SpeechLSTM" else {}
        state = MODELS[model](**arguments).state_dict()
        weights = {k: v.numpy() for k, v in state.items()}
        checkpoint = Checkpoint(model, arguments, weights, CLASSES, features, own)
        saved.append(checkpoint.save(folder / model))
    return saved[0], saved[1]


def both(path: Path, networks: tuple[Path, Path]) -> None:
    """`EMO_s` and `EMO_v` of a clip, as the chapters on detection get them."""
    table = pd.DataFrame(
        {"utterance": ["clip"]},
        pd.MultiIndex.from_tuples(
            [(path.name, pd.Timedelta(0), pd.NaT)], names=["file", "start", "end"]
        ),
    )
    pairs = (
        (speech.LLDs("compare2016"), emotional_features.speech_series),
        (Faces(), emotional_features.video_series),
    )
    with tempfile.TemporaryDirectory() as folder:
        for (extractor, series), network in zip(pairs, networks, strict=True):
            store = FeatureStore(folder, extractor)
            store.write(path.name, Extraction(*extractor(path)), {})
            known, _ = store.with_durations(table)
            series(Checkpoint.load(network), store, known, Path(folder, f"{extractor.name}.npy"))
