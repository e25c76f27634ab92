"""Randomness that depends on names alone: never on order, time or the number of workers."""

import zlib

import numpy as np


def generator(seed: int, *path: str) -> np.random.Generator:
    """Return the generator that belongs to one named thing in the corpus of one seed.

    Args:
        seed: the corpus's seed, at least 0.
        path: names from the general to the particular, such as a turn and what is drawn for it.

    Returns:
        A fresh generator; the same arguments give the same numbers on every call.
    """
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in path)])
