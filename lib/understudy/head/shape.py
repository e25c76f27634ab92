"""Whose head it is: MakeHuman's people and features, mixed."""

import re

import numpy as np

from understudy.head.basis import EYE, SKIN, TEETH, TONGUE, Basis
from understudy.head.pose import UNITS
from understudy.people import Appearance

ORIGINS = ("african", "asian", "caucasian")
YOUNG, OLD = 25, 80  # years at which MakeHuman's young and old people stand
OPPOSITE = (
    ("incr", "decr"),
    ("up", "down"),
    ("in", "out"),
    ("forward", "backward"),
    ("convex", "concave"),
    ("compress", "uncompress"),
)
CHIN = 6.30  # dm, in MakeHuman's mesh as it is
SPREAD = {"head": 0.20, "ears": 0.30}  # standard deviation of a feature's weight
USUAL_SPREAD = 0.24
PLACES = re.compile(
    r"trans-|mouth-angles|eye-push|corner|epicanthus"
)  # features that look odd soon
PLACE_SPREAD = 0.08
LOWER_TEETH = np.float32([0, -0.065, -0.04])  # dm; MakeHuman's teeth show between lips at rest
NARROW = 0.94  # of their width; the rows of teeth must not come through cheeks
UPPER_TEETH = np.float32([0, -0.035, 0.015])
TONGUE_BACK = np.float32([0, -0.12, -0.12])


def rest(basis: Basis) -> np.ndarray:
    """Return the head that painting refers to: neither woman nor man, shape (n, 3)."""
    return _mixed(basis, people(0.5, 0.0, (0.0, 0.0, 1.0), 0.0))


def shaped(basis: Basis, appearance: Appearance) -> np.ndarray:
    """Return the person's vertices, face at rest, shape (n, 3), float32.

    The head is as high as that of `rest` and its eyes are in the same place: tall and short
    people sit in front of the camera alike.
    """
    male = 0.85 if appearance.sex == "M" else 0.12
    old = np.clip((appearance.age - YOUNG) / (OLD - YOUNG), 0, 1)
    weights = people(male, float(old), appearance.origin, appearance.weight)
    vertices = _mixed(basis, weights | features(basis, appearance.seed))
    eyes_at_rest, height_at_rest = measure(basis, rest(basis))
    middle, height = measure(basis, vertices)
    scale = height_at_rest / height
    vertices = ((vertices - middle) * scale + eyes_at_rest).astype(np.float32)
    jaw = np.abs(basis.targets[UNITS.index("jawOpen")]).sum(1) > 0.05
    teeth, tongue = mask(basis, TEETH), mask(basis, TONGUE)
    vertices[teeth, 0] *= NARROW
    vertices[teeth & jaw] += LOWER_TEETH
    vertices[teeth & ~jaw] += UPPER_TEETH
    vertices[tongue] += TONGUE_BACK
    return vertices


def measure(basis: Basis, vertices: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the point between a head's eyes, shape (3,), and its height from chin to crown, dm."""
    left, right = eyes(basis)
    skin = mask(basis, SKIN) & (basis.vertices[:, 1] > CHIN)
    middle = vertices[[*left, *right]].mean(0) * [0, 1, 1]
    return middle.astype(np.float32), float(np.ptp(vertices[skin, 1]))


def people(
    male: float, old: float, origin: tuple[float, float, float], weight: float
) -> dict[str, float]:
    """Return the weights of MakeHuman's people.

    Args:
        male: 0 = a woman's shape, 1 = a man's.
        old: 0 = young, 1 = old.
        origin: shares of `ORIGINS`.
        weight: -1 = lean, 0 = average, 1 = heavy.
    """
    build = {"min": max(-weight, 0.0), "average": 1 - abs(weight), "max": max(weight, 0.0)}
    shares = {}
    for sex, of_sex in (("female", 1 - male), ("male", male)):
        for age, of_age in (("young", 1 - old), ("old", old)):
            share = of_sex * of_age
            for name, part in zip(ORIGINS, origin, strict=True):
                shares[f"{name}-{sex}-{age}"] = share * part
            for name, part in build.items():
                shares[f"universal-{sex}-{age}-averagemuscle-{name}weight"] = share * part
    return shares


def features(basis: Basis, seed: int) -> dict[str, float]:
    """Draw the features of a face: a weight for one side of each pair of opposites."""
    rng = np.random.default_rng(seed)
    names = set(map(str, basis.names))
    weights = {}
    for name in sorted(names):
        group, _, feature = name.partition("/")
        if feature.startswith("r-"):
            continue  # as on the left
        for plus, minus in OPPOSITE:
            other = name.removesuffix(plus) + minus
            if not name.endswith(f"-{plus}") or other not in names:
                continue
            spread = PLACE_SPREAD if PLACES.search(feature) else SPREAD.get(group, USUAL_SPREAD)
            value = float(np.clip(rng.normal(0, spread), -0.6, 0.6))
            chosen = name if value > 0 else other
            weights[chosen] = weights[chosen.replace("/l-", "/r-")] = abs(value)
    return weights


def mask(basis: Basis, part: int) -> np.ndarray:
    """Return which vertices a part has, shape (n,), bool."""
    inside = np.zeros(len(basis.vertices), bool)
    inside[basis.faces[basis.parts == part]] = True
    return inside


def eyes(basis: Basis) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the left and of the right eye's vertices; the left is at x > 0."""
    inside = mask(basis, EYE)
    side = basis.vertices[:, 0] > 0
    return np.flatnonzero(inside & side), np.flatnonzero(inside & ~side)


def _mixed(basis: Basis, weights: dict[str, float]) -> np.ndarray:
    number = {str(name): k for k, name in enumerate(basis.names)}
    vertices = basis.vertices.copy()
    for name, weight in weights.items():
        if weight:
            vertices += np.float32(weight) * basis.targets[number[name]].astype(np.float32)
    return vertices
