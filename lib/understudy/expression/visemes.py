"""The mouth speaks: from the times of the phonemes to weights of facial units."""

from typing import NamedTuple

import numpy as np

from understudy.head import UNITS, units
from understudy.performance import Phoneme

SPREAD = 0.02  # s; scale of a logistic curve, whose bell is 70 ms wide at half its height


class Viseme(NamedTuple):
    """The mouth's shape for a speech sound."""

    units: dict[str, float]
    firmness: float = 1.0  # against the sounds beside it: lips must close, an h takes any shape


VISEMES = {
    "rest": Viseme({}, 0.7),
    "closed": Viseme({"mouthPress": 0.45, "mouthRollLower": 0.28, "mouthRollUpper": 0.18}, 5.0),
    "teeth": Viseme({"jawOpen": 0.06, "mouthRollLower": 0.55, "mouthUpperUp": 0.22}, 3.0),
    "tongue": Viseme({"jawOpen": 0.14, "tongueOut": 0.25, "mouthLowerDown": 0.1}, 1.0),
    "hush": Viseme({"jawOpen": 0.1, "mouthFunnel": 0.55}, 1.8),
    "hiss": Viseme({"jawOpen": 0.08, "mouthStretch": 0.14, "mouthLowerDown": 0.22}, 0.8),
    "light": Viseme({"jawOpen": 0.17, "mouthLowerDown": 0.1}, 0.6),
    "back": Viseme({"jawOpen": 0.15}, 0.5),
    "round": Viseme({"jawOpen": 0.1, "mouthPucker": 0.55}, 1.3),
    "glide": Viseme({"jawOpen": 0.1, "mouthStretch": 0.3}, 0.8),
    "wide open": Viseme({"jawOpen": 0.55, "mouthLowerDown": 0.3, "mouthUpperUp": 0.12}),
    "open": Viseme({"jawOpen": 0.38, "mouthLowerDown": 0.22, "mouthUpperUp": 0.08}),
    "open round": Viseme({"jawOpen": 0.36, "mouthFunnel": 0.5}),
    "small round": Viseme({"jawOpen": 0.16, "mouthPucker": 0.7}, 1.2),
    "mid": Viseme({"jawOpen": 0.32, "mouthStretch": 0.22, "mouthLowerDown": 0.22}),
    "spread": Viseme({"jawOpen": 0.17, "mouthStretch": 0.4, "mouthLowerDown": 0.18}, 1.1),
    "slack": Viseme({"jawOpen": 0.24, "mouthLowerDown": 0.1}, 0.8),
}

# espeak-ng's mnemonics of American English, without their stress; diphthongs have two shapes.
SOUNDS = {
    "_": ("rest",),
    **dict.fromkeys(("p", "b", "m"), ("closed",)),
    **dict.fromkeys(("f", "v"), ("teeth",)),
    **dict.fromkeys(("T", "D"), ("tongue",)),
    **dict.fromkeys(("S", "Z", "tS", "dZ"), ("hush",)),
    **dict.fromkeys(("s", "z", "t", "d", "n", "t#"), ("hiss",)),
    **dict.fromkeys(("l", "@L"), ("light",)),
    **dict.fromkeys(("k", "g", "h", "N", "?"), ("back",)),
    **dict.fromkeys(("w", "r", "r-"), ("round",)),
    "j": ("glide",),
    **dict.fromkeys(("a", "aa", "A:", "0"), ("wide open",)),
    **dict.fromkeys(("V", "a#"), ("open",)),
    **dict.fromkeys(("O:", "O2", "O"), ("open round",)),
    **dict.fromkeys(("u:", "U"), ("small round",)),
    "E": ("mid",),
    **dict.fromkeys(("i", "i:", "I", "I2", "I#"), ("spread",)),
    **dict.fromkeys(("@", "@2", "3", "3:"), ("slack",)),
    "eI": ("mid", "spread"),
    "aI": ("wide open", "spread"),
    "aU": ("wide open", "small round"),
    "oU": ("open round", "small round"),
    "OI": ("open round", "spread"),
    "A@": ("wide open", "round"),
    **dict.fromkeys(("O@", "o@"), ("open round", "round")),
    "e@": ("mid", "slack"),
    "i@": ("spread", "slack"),
    "U@": ("small round", "round"),
}


OPENING = np.isin(
    UNITS,
    [u for u in UNITS if u.startswith(("jawOpen", "mouthLower", "mouthUpper", "mouthStretch"))],
)  # (52,), whether a unit opens the mouth
_NAMES = tuple(VISEMES)
_SHAPES = np.array([units(**viseme.units) for viseme in VISEMES.values()])
_FIRMNESS = np.array([viseme.firmness for viseme in VISEMES.values()])


class Mouth(NamedTuple):
    """What speaking does to a face."""

    units: np.ndarray  # (n, 52)
    closure: np.ndarray  # (n,), 0-1: how far a sound asks for lips that are shut


def speak(phonemes: tuple[Phoneme, ...], times: np.ndarray, effort: np.ndarray) -> Mouth:
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
    closure = shares @ (shapes == _NAMES.index("closed"))
    return Mouth(np.where(OPENING, units * effort[:, None], units), closure)


def _sequence(phonemes: tuple[Phoneme, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the shapes, rest first, and when each but the first begins."""
    known = [(t, SOUNDS[s]) for t, symbol in phonemes if (s := symbol.strip("',")) in SOUNDS]
    ends = [start for start, _ in known[1:]] + [known[-1][0]]
    starts, names = [], ["rest"]
    for (start, shapes), end in zip(known, ends, strict=True):
        starts += np.linspace(start, end, len(shapes), endpoint=False).tolist()
        names += shapes
    return np.array(starts), np.array([_NAMES.index(name) for name in names])
