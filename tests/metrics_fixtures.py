"""Score tables for the tests of evaluation and plots."""

import numpy as np
import pandas as pd

from tells import metrics, results

CLASSES = ("anger", "happiness", "sadness", "neutral", "other")


def score_table(n=300, *, gain=1.0, speakers=4, windows=3, classes=CLASSES, seed=0, spread=0.0):
    """Scores of a model that is better than guessing by `gain`, and by `spread` unequally so."""
    rng = np.random.default_rng(seed)
    utterance = np.arange(n) // windows
    speaker = utterance % speakers
    true = rng.permutation(np.arange(utterance[-1] + 1) % len(classes))[utterance]
    logits = rng.normal(size=(n, len(classes)))
    logits[np.arange(n), true] += gain + (spread * rng.normal(size=speakers))[speaker]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return pd.DataFrame(
        {
            "segment": [f"s{i:05d}" for i in range(n)],
            "file": [f"{u}.wav" for u in utterance],
            "utterance": [f"u{u:05d}" for u in utterance],
            "group": [f"g{s:02d}" for s in speaker],
            "label": np.asarray(classes, dtype=object)[true],
        }
        | {f"p_{name}": p[:, i] for i, name in enumerate(classes)}
    )


def detector_table(sources=40, *, fakes=2, gain=1.5, shared=0.5, seed=0, folder="s", noise=0):
    """Scores of a detector on clips, each source a real one and some fakes of it.

    `shared` is how much a source's clips resemble each other; another `noise` gives another
    detector on the same clips.
    """
    rng = np.random.default_rng(seed)
    clips = sources * (1 + fakes)
    source = np.arange(clips) // (1 + fakes)
    fake = np.arange(clips) % (1 + fakes) > 0
    logit = gain * (fake - 0.5) + (shared * rng.normal(size=sources))[source]
    logit += np.random.default_rng((seed, noise)).normal(size=clips)
    p = 1 / (1 + np.exp(-logit))
    return pd.DataFrame(
        {
            "segment": [f"{folder}{i:04d}" for i in range(clips)],
            "file": [f"{folder}{i:04d}.mp4" for i in range(clips)],
            "utterance": [f"{folder}{i:04d}" for i in range(clips)],
            "group": [f"{folder}{s:04d}" for s in source],
            "label": np.where(fake, "fake", "real"),
            "p_real": 1 - p,
            "p_fake": p,
        }
    )


def detector_record(table, **changes):
    """The record of a detector whose validation folder holds 20 other sources."""
    result = metrics.evaluate(table, detector_table(20, seed=9, folder="v"), n=50)
    counts = table["label"].value_counts().to_dict()
    return results.Record(
        **{
            **{"experiment": "det-audio-lstm", "title": "Audio detection, LSTM_II"},
            **{"chapter": "05_5_1_audio_detection", "data": "understudy", "adapter": "dfdc"},
            **{"classes": ("real", "fake"), "parameters": {"units": 32}, "seed": 0},
            "split": {"train": ["45", "46", "48"], "validation": ["47"], "test": ["49"]},
            "versions": results.versions(),
            "counts": {"train": {}, "validation": {}, "test": counts},
            "exclusions": {"no face": 1},
            **result._asdict(),
        }
        | changes
    )
