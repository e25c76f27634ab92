"""The small pieces of a head's texture: eye, teeth, mouth, shirt, strands of hair."""

import numpy as np

from understudy.head.atlas import grid
from understudy.head.canvas import noise, step
from understudy.head.looks import Look
from understudy.head.strands import tile

IRIS = 0.50  # of the eyeball's radius, as seen from the front
PUPIL = 0.21
HAIR_GLOSS = 36.0
WET = 25.0  # gloss of an eye; its glint is painted


def pieces(look: Look) -> dict[str, np.ndarray]:
    """Paint all pieces, shape (256, 256, 4) each: red, green, blue and gloss from 0 to 255."""
    rng = np.random.default_rng((look.shape, 1))
    return {
        "eye": _eye(look, rng),
        "teeth": _teeth(),
        "mouth": _mouth(),
        "shirt": _plain(look.clothes, 0, rng),
        "hair": _strands(look, rng),
    }


def _layers(colour: np.ndarray, gloss: object) -> np.ndarray:
    shine = np.broadcast_to(np.float32(gloss), colour.shape[:2])
    return np.concatenate([colour, shine[..., None]], 2).astype(np.float32)


def _eye(look: Look, rng: np.random.Generator) -> np.ndarray:
    """The eyeball from the front: -1 to 1 in both directions."""
    x, y = (2 * axis - 1 for axis in grid())
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    white = np.float32([205, 196, 190]) - np.multiply.outer(
        step(0.45, 1.0, np.abs(x)), np.float32([30, 60, 60])
    )
    rays = np.interp(angle, np.linspace(-np.pi, np.pi, 90), rng.uniform(0.8, 1.15, 90))
    ring = 1 - 0.55 * step(0.72, 1.0, radius / IRIS)
    lit = 1 + 0.35 * np.clip(y, 0, 1)  # light falls through the cornea on the far side
    iris = np.multiply.outer(rays * ring * lit, np.float32(look.iris))
    iris = iris * step(PUPIL - 0.02, PUPIL + 0.04, radius)[..., None] + 6
    share = step(IRIS + 0.03, IRIS - 0.04, radius)[..., None]
    side = 1 if look.shape % 2 else -1
    glint = step(0.15, 0.08, np.hypot(x - 0.17 * side, y + 0.20))[..., None]
    colour = white + share * (iris - white)
    return _layers(colour + glint * (245 - colour), WET)


def _teeth() -> np.ndarray:
    """Seen from the front: x runs over their width, y from the upper gum to the lower."""
    x, y = grid()
    wide = 2 * x - 1
    gap = np.abs(np.sin(np.pi * 6.5 * np.arcsin(np.clip(wide, -1, 1)) / 1.5708))
    tooth = np.float32([222, 212, 192]) * (0.72 + 0.28 * step(0.0, 0.22, gap))[..., None]
    tooth = tooth * (1 - 0.65 * wide**2)[..., None]  # the cheeks keep the light from the back ones
    gum = np.float32([150, 74, 72])
    share = step(0.22, 0.06, np.minimum(y, 1 - y) * 1.0)[..., None]
    return _layers(tooth + share * (gum - tooth), 30)


def _mouth() -> np.ndarray:
    """The cavity in the upper half, the tongue in the lower."""
    tongue = step(0.45, 0.55, grid()[1])[..., None]
    return _layers(np.float32([66, 24, 24]) + tongue * np.float32([84, 40, 38]), 20)


def _plain(colour: tuple[int, int, int], gloss: float, rng: np.random.Generator) -> np.ndarray:
    grain = noise(rng, (256, 256), 2.0) * 0.02 + noise(rng, (256, 256), 12.0) * 0.03
    return _layers(np.multiply.outer(1 + grain, np.float32(colour)), gloss)


def _strands(look: Look, rng: np.random.Generator) -> np.ndarray:
    return _layers(np.multiply.outer(0.6 + 0.7 * tile(rng), np.float32(look.colour)), HAIR_GLOSS)
