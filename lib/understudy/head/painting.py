"""A person is painted: the face, the small pieces of the texture, and the wall behind."""

import cv2
import numpy as np
from scipy import ndimage

from understudy.head.basis import FACE_SHAPE
from understudy.head.hair import combed_strands, hairline_depth, strand_tile
from understudy.head.texture import Canvas, bell, grid, noise, sheet, step, stroke
from understudy.people import Appearance

GLOSS = {"skin": 42.0, "lips": 75.0, "hair": 36.0}
PARTED = {"long": 0.10, "short": 0.28}  # dm from the middle to the parting
IRIS = 0.50  # of the eyeball's radius, as seen from the front
PUPIL = 0.21
WET = 25.0  # gloss of an eye; its glint is painted


def paint_face(canvas: Canvas, appearance: Appearance) -> np.ndarray:
    """Paint a person's face.

    Returns:
        Shape `FACE_SHAPE` and 4: red, green, blue and gloss from 0 to 255.
    """
    rng = np.random.default_rng(appearance.seed)
    colour = np.empty((*FACE_SHAPE, 3), np.float32)
    colour[:] = appearance.skin
    colour = _complexion(colour, canvas, appearance, rng)
    colour = _lips(colour, canvas, appearance)
    colour = _eyes(colour, canvas, appearance)
    colour = _age(colour, canvas, appearance, rng)
    colour = _beard(colour, canvas, appearance, rng)
    colour = _brows(colour, canvas, appearance, rng)
    colour, hair = _hair(colour, canvas, appearance, rng)
    gloss = GLOSS["skin"] * (0.6 + 0.4 * bell(canvas.x, 0, 0.2) * step(7.75, 7.5, canvas.y))
    gloss = gloss * (1 - canvas.lips) + GLOSS["lips"] * canvas.lips
    gloss = gloss * (1 - hair) + GLOSS["hair"] * hair
    return np.concatenate([colour, gloss[..., None].astype(np.float32)], 2)


def _mixed(colour: np.ndarray, share: np.ndarray, other: object) -> np.ndarray:
    """Lay a colour over another, as thickly as `share` says."""
    mixed = np.asarray(other, np.float32) - colour
    mixed *= np.clip(share, 0, 1)[..., None].astype(np.float32)
    mixed += colour
    return mixed


def _tint(appearance: Appearance, red: float, green: float, blue: float) -> np.ndarray:
    return np.clip(np.multiply(appearance.skin, (red, green, blue)), 0, 255)


def _darkness(appearance: Appearance) -> float:
    return 1 - float(np.mean(appearance.skin)) / 255


def _complexion(
    colour: np.ndarray, at: Canvas, appearance: Appearance, rng: np.random.Generator
) -> np.ndarray:
    dark = _darkness(appearance)
    blood = _tint(appearance, 1.02 - 0.04 * dark, 0.80 + 0.10 * dark, 0.77 + 0.10 * dark)
    shade = _tint(appearance, 0.80, 0.70, 0.68)
    front = step(0.6, 0.9, at.z)
    woman = appearance.sex == "F"
    colour = _mixed(
        colour,
        (0.45 + 0.2 * woman) * bell(at.x, 0.42, 0.17) * bell(at.y, 7.08, 0.14) * front,
        blood,
    )
    colour = _mixed(
        colour, 0.4 * bell(at.x, 0, 0.13) * bell(at.y, 7.14, 0.12) * step(1.3, 1.5, at.z), blood
    )
    colour = _mixed(colour, 0.5 * at.ears, blood)
    colour = _mixed(colour, 0.25 * bell(at.x, 0, 0.16) * bell(at.y, 6.48, 0.10) * front, blood)
    old = np.clip((appearance.age - 25) / 50, 0, 1)
    colour = _mixed(
        colour, (0.30 + 0.35 * old) * bell(at.x, 0.32, 0.16) * bell(at.y, 7.34, 0.05) * front, shade
    )
    colour = _mixed(colour, 0.35 * bell(at.x, 0.17, 0.05) * bell(at.y, 7.47, 0.07) * front, shade)
    for size, strength in ((40, 2.4), (14, 1.8), (5, 1.2)):
        grain = noise(rng, (FACE_SHAPE[0] // 2, FACE_SHAPE[1] // 2), size / 2)
        grain = cv2.resize(grain, FACE_SHAPE[::-1], interpolation=cv2.INTER_LINEAR)
        colour = colour + strength * (1 - 0.4 * dark) * grain[..., None] * np.float32([0.8, 1, 1])
    return colour


def _lips(colour: np.ndarray, at: Canvas, appearance: Appearance) -> np.ndarray:
    plain = _tint(appearance, 0.88, 0.62, 0.62)
    made_up = np.float32([168, 62, 70]) * (1.1 - 0.6 * _darkness(appearance))
    lips = plain + appearance.lips * (made_up - plain)
    soft = ndimage.gaussian_filter(at.lips, 2.0)
    return _mixed(colour, 0.8 * soft, lips)


def _eyes(colour: np.ndarray, at: Canvas, appearance: Appearance) -> np.ndarray:
    front = step(0.9, 1.1, at.z)
    lid = _tint(appearance, 0.86, 0.74, 0.72)
    colour = _mixed(colour, 0.5 * ndimage.gaussian_filter(at.lids, 3.0), lid)
    crease = bell(at.x, 0.31, 0.15) * bell(at.y, 7.575, 0.022) * front
    colour = _mixed(colour, 0.35 * crease, _tint(appearance, 0.66, 0.56, 0.54))
    upper = 0.35 + 0.65 * step(7.47, 7.53, at.y)
    around = step(0.30, 0.26, np.hypot(at.x - 0.31, at.y - 7.5)) * front
    lashes = (0.95 if appearance.sex == "F" else 0.6) * upper * around * step(0.085, 0.025, at.rims)
    return _mixed(colour, lashes, np.multiply(appearance.skin, 0.18))


def _age(
    colour: np.ndarray, at: Canvas, appearance: Appearance, rng: np.random.Generator
) -> np.ndarray:
    old = float(np.clip((appearance.age - 25) / 40, 0, 1))
    lines = sheet()
    t = np.linspace(0, 1, 14)
    for k in range(4):
        y = 7.80 + 0.07 * k + rng.uniform(-0.01, 0.01) + 0.02 * np.cos(4 * t + k)
        stroke(lines, np.stack([0.9 * t - 0.45, y], 1), 0.34 * old, 0.020)
    for side in (-1, 1):
        fold = np.stack([side * (0.20 + 0.17 * t + 0.05 * t**2), 7.14 - 0.30 * t], 1)
        stroke(lines, fold, 0.08 + 0.55 * old, 0.020)
        bag = np.stack([side * (0.16 + 0.22 * t), 7.375 - 0.05 * np.sin(2.2 * t)], 1)
        stroke(lines, bag, 0.10 + 0.5 * old, 0.014)
        for k in (-1, 0, 1):
            crow = np.stack([side * (0.56 + 0.10 * t), 7.49 + 0.045 * k * (0.4 + t)], 1)
            stroke(lines, crow, 0.4 * old, 0.012)
    drawn = at.pressed(ndimage.gaussian_filter(lines, 5))
    return colour * (1 - 0.45 * drawn[..., None])


def _beard(
    colour: np.ndarray, at: Canvas, appearance: Appearance, rng: np.random.Generator
) -> np.ndarray:
    if appearance.beard == 0:
        return colour
    x, y, z = at.x, at.y, at.z
    jaw = step(0.30, 0.46, x) * step(7.12, 6.86, y) + step(6.74, 6.62, y)
    moustache = bell(y, 6.985, 0.035) * step(0.36, 0.30, x) + step(0.26, 0.33, x) * step(
        6.99, 6.90, y
    )
    below_ear = step(7.30, 6.95, y - 0.25 * step(0.5, 0.75, x))
    area = np.clip(jaw + moustache, 0, 1) * step(6.0, 6.3, y) * below_ear * step(0.25, 0.5, z)
    area = ndimage.gaussian_filter(area * (1 - np.clip(1.5 * at.lips, 0, 1)), 3)
    colour = _mixed(
        colour, area * (0.16 + 0.30 * appearance.beard), _tint(appearance, 0.70, 0.72, 0.78)
    )
    grain = noise(rng, FACE_SHAPE, (1.2, 2.0))
    thick = np.clip(appearance.beard * 0.85 * (1 + 0.25 * grain), 0, 0.95) * appearance.beard
    edge = np.clip(area * 1.5 - 0.25 + 0.12 * grain, 0, 1)
    return _mixed(colour, edge * thick, np.multiply(appearance.hair_colour, 0.9))


def _brows(
    colour: np.ndarray, at: Canvas, appearance: Appearance, rng: np.random.Generator
) -> np.ndarray:
    hairs = sheet()
    woman = appearance.sex == "F"
    thick = rng.uniform(0.85, 1.1) * (0.75 if woman else 1.15)
    arch = rng.uniform(0.01, 0.04) * (1.6 if woman else 0.7)
    for side in (-1, 1):
        for t in rng.random(int(330 * thick)) ** 0.85:
            middle = 7.655 + 0.035 * t + arch * np.sin(2.6 * t) - 0.15 * max(0.0, t - 0.62) ** 1.2
            half = (
                0.036
                * thick
                * (1 - 0.75 * max(0.0, t - 0.45) / 0.55)
                * (0.75 + min(1.0, t / 0.15) / 4)
            )
            off = rng.uniform(-1, 1)
            lean = np.radians(
                np.interp(t, [0, 0.15, 0.5, 1], [78, 48, 20, -14]) + rng.normal(0, 9) - 14 * off
            )
            root = np.array([0.13 + 0.44 * t, middle + half * off])
            tip = root + rng.uniform(0.045, 0.075) * (1 - 0.35 * t) * np.array(
                [np.cos(lean), np.sin(lean)]
            )
            stroke(hairs, np.stack([root, tip]) * [side, 1], rng.uniform(0.45, 0.95), 0.004)
    mass = np.maximum(
        ndimage.gaussian_filter(hairs, 1.0), 0.8 * ndimage.gaussian_filter(hairs, 5.0)
    )
    grey = float(np.mean(appearance.hair_colour)) > 130
    brow = np.multiply(appearance.hair_colour, 0.62 if grey else 0.8)
    return _mixed(colour, 0.92 * at.pressed(mass), brow)


def _hair(
    colour: np.ndarray, at: Canvas, appearance: Appearance, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Paint the roots of the hair; return the colours and how much hair there is."""
    inside = hairline_depth(appearance, at.x, at.y, at.z)
    strands = combed_strands(appearance, at.x * at.side, at.y, at.z, rng)  # in [0, 1]
    soft = {"bald": 0.16, "receding": 0.20}.get(appearance.hair, 0.14)
    share = step(-0.3 * soft, soft, inside + 0.05 * (strands - 0.5))
    most = {"bald": 0.45, "cropped": 0.94}.get(appearance.hair, 1.0)
    shades = np.multiply.outer(0.62 + 0.7 * strands, np.float32(appearance.hair_colour))
    if appearance.hair in PARTED:
        middle = PARTED[appearance.hair] * (1 if appearance.seed % 2 else -1)
        line = bell(at.x * at.side, middle, 0.012) * step(8.0, 8.2, at.y)
        share = share * (1 - 0.55 * line)
    return _mixed(colour, most * share, shades), most * share


def paint_pieces(appearance: Appearance) -> dict[str, np.ndarray]:
    """Paint all pieces, shape (256, 256, 4) each: red, green, blue and gloss from 0 to 255."""
    rng = np.random.default_rng((appearance.seed, 1))
    return {
        "eye": _eye(appearance, rng),
        "teeth": _teeth(),
        "mouth": _mouth(),
        "shirt": _plain(appearance.clothes, 0, rng),
        "hair": _strands(appearance, rng),
    }


def _layers(colour: np.ndarray, gloss: object) -> np.ndarray:
    shine = np.broadcast_to(np.float32(gloss), colour.shape[:2])
    return np.concatenate([colour, shine[..., None]], 2).astype(np.float32)


def _eye(appearance: Appearance, rng: np.random.Generator) -> np.ndarray:
    """The eyeball from the front: -1 to 1 in both directions."""
    x, y = (2 * axis - 1 for axis in grid())
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    white = np.float32([205, 196, 190]) - np.multiply.outer(
        step(0.45, 1.0, np.abs(x)), np.float32([30, 60, 60])
    )
    rays = np.interp(angle, np.linspace(-np.pi, np.pi, 90), rng.uniform(0.8, 1.15, 90))
    ring = 1 - 0.55 * step(0.72, 1.0, radius / IRIS)
    lit = 1 + 0.35 * np.clip(y, 0, 1)  # light falls through the cornea on the far side
    iris = np.multiply.outer(rays * ring * lit, np.float32(appearance.iris))
    iris = iris * step(PUPIL - 0.02, PUPIL + 0.04, radius)[..., None] + 6
    share = step(IRIS + 0.03, IRIS - 0.04, radius)[..., None]
    side = 1 if appearance.seed % 2 else -1
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


def _strands(appearance: Appearance, rng: np.random.Generator) -> np.ndarray:
    return _layers(
        np.multiply.outer(0.6 + 0.7 * strand_tile(rng), np.float32(appearance.hair_colour)),
        GLOSS["hair"],
    )


def paint_wall(appearance: Appearance, height: int, width: int) -> np.ndarray:
    """Paint a dim room, shape (height, width, 3), uint8 RGB; the same at every size."""
    rng = np.random.default_rng((appearance.seed, 5))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    x -= width / height / 2
    side = 1 if appearance.seed % 2 else -1
    glow = np.exp(-(((x - 0.35 * side) / 0.7) ** 2 + ((y - 0.25) / 0.6) ** 2))
    picture = np.multiply.outer(0.50 + 0.45 * glow, np.float32(appearance.wall))
    for _ in range(rng.integers(3, 6)):  # doors, shelves, pictures
        middle, reach = rng.uniform(-0.8, 0.8), rng.uniform(0.06, 0.22)
        top, bottom = sorted(rng.uniform(-0.1, 1.1, 2))
        box = (np.abs(x - middle) < reach) & (y > top) & (y < bottom)
        soft = cv2.GaussianBlur(box.astype(np.float32), (0, 0), 0.022 * height)
        shade = np.float32(appearance.wall) * rng.uniform(0.35, 1.0) + rng.normal(0, 12, 3)
        picture += 0.55 * soft[..., None] * (shade - picture)
    return np.clip(picture, 0, 255).astype(np.uint8)
