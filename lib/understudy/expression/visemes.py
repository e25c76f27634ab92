"""The mouth speaks: from the times of the phonemes to weights of facial units."""

from typing import NamedTuple

import numpy as np

from understudy.files import read_yaml
from understudy.head import UNITS, units
from understudy.performance import Phoneme

SPREAD = 0.02  # s; scale of a logistic curve, whose bell is 70 ms wide at half its height
OPENING = np.array(
    [u.startswith(("jawOpen", "mouthLower", "mouthUpper", "mouthStretch")) for u in UNITS]
)  # (52,), whether a unit opens the mouth
_TABLE = read_yaml("visemes.yaml")
_VISEMES = tuple(_TABLE["visemes"])
_FIRMNESS = np.array([shape.pop("firmness", 1.0) for shape in _TABLE["visemes"].values()])
_SHAPES = np.array([units(**shape) for shape in _TABLE["visemes"].values()])

SOUNDS = {
    symbol: tuple(shapes.split())
    for shapes, symbols in _TABLE["sounds"].items()
    for symbol in symbols.split()
}
"""Visemes, one or two, by espeak-ng's mnemonics without their stress."""


class Mouth(NamedTuple):
    """What speaking does to a face."""

    units: np.ndarray  # (n, 52)
    closure: np.ndarray  # (n,), 0-1: how far a sound asks for lips that are shut


def move_mouth(phonemes: tuple[Phoneme, ...], times: np.ndarray, effort: np.ndarray) -> Mouth:
    """Move the mouth through the sounds of one turn.

    The shape at a moment is the mean of the shapes around it, each weighted by its firmness and
    by how much of a bell around the moment its sound fills (after Cohen and Massaro 1993).

    Args:
        phonemes: of the turn; unknown symbols prolong the sound before them.
        times: shape (n,), s since the turn's start.
        effort: shape (n,), by which opening movements are scaled.
    """
    starts, shapes = _sequence(phonemes)
    passed = 0.5 + 0.5 * np.tanh((times[:, None] - starts) / (2 * SPREAD))  # (n, shapes - 1)
    ends = np.ones((len(times), 1))
    filled = -np.diff(np.hstack([ends, passed, 0 * ends]), axis=1)  # (n, shapes), rows sum to 1
    shares = filled * _FIRMNESS[shapes]
    shares /= shares.sum(axis=1, keepdims=True)
    units = shares @ _SHAPES[shapes]
    closure = shares @ (shapes == _VISEMES.index("closed"))
    return Mouth(np.where(OPENING, units * effort[:, None], units), closure)


def _sequence(phonemes: tuple[Phoneme, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the shapes, rest first, and when each but the first begins."""
    known = [(t, SOUNDS[s]) for t, symbol in phonemes if (s := symbol.strip("',")) in SOUNDS]
    ends = [start for start, _ in known[1:]] + [known[-1][0]]
    starts, names = [], ["rest"]
    for (start, shapes), end in zip(known, ends, strict=True):
        starts += np.linspace(start, end, len(shapes), endpoint=False).tolist()
        names += shapes
    return np.array(starts), np.array([_VISEMES.index(name) for name in names])
