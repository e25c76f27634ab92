"""Score tables for the tests of evaluation and plots."""

import numpy as np
import pandas as pd

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
