"""A person is painted: the face, the small pieces of the texture, and the wall behind."""

import cv2
import numpy as np
from scipy import ndimage

from understudy.head.basis import FACE_SHAPE
from understudy.head.hair import combed_strands, hairline_depth, strand_tile
from understudy.head.texture import Canvas, bell, grid, noise, sheet, smoothstep, stroke
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
    face = _Face(canvas, appearance)
    face.complexion()
    face.lips()
    face.eyes()
    face.age()
    face.beard()
    face.brows()
    hair = face.hair()
    gloss = GLOSS["skin"] * (0.6 + 0.4 * bell(canvas.x, 0, 0.2) * smoothstep(7.75, 7.5, canvas.y))
    gloss = gloss * (1 - canvas.lips) + GLOSS["lips"] * canvas.lips
    gloss = gloss * (1 - hair) + GLOSS["hair"] * hair
    return np.concatenate([face.colour, gloss[..., None].astype(np.float32)], 2)


class _Face:
    """A face in the making, painted layer by layer."""

    def __init__(self, canvas: Canvas, appearance: Appearance) -> None:
        self.at, self.appearance = canvas, appearance
        self.rng = np.random.default_rng(appearance.seed)
        self.woman = appearance.sex == "F"
        self.dark = 1 - float(np.mean(appearance.skin)) / 255
        self.colour = np.empty((*FACE_SHAPE, 3), np.float32)
        self.colour[:] = appearance.skin

    def lay(self, share: np.ndarray, other: object) -> None:
        """Lay a colour over what is there, as thickly as `share` says."""
        mixed = np.asarray(other, np.float32) - self.colour
        mixed *= np.clip(share, 0, 1)[..., None].astype(np.float32)
        mixed += self.colour
        self.colour = mixed

    def tint(self, red: float, green: float, blue: float) -> np.ndarray:
        """Return the skin's colour, changed."""
        return np.clip(np.multiply(self.appearance.skin, (red, green, blue)), 0, 255)

    def complexion(self) -> None:
        at, dark = self.at, self.dark
        blood = self.tint(1.02 - 0.04 * dark, 0.80 + 0.10 * dark, 0.77 + 0.10 * dark)
        shade = self.tint(0.80, 0.70, 0.68)
        front = smoothstep(0.6, 0.9, at.z)
        cheeks = (0.45 + 0.2 * self.woman) * bell(at.x, 0.42, 0.17) * bell(at.y, 7.08, 0.14)
        self.lay(cheeks * front, blood)
        nose = 0.4 * bell(at.x, 0, 0.13) * bell(at.y, 7.14, 0.12) * smoothstep(1.3, 1.5, at.z)
        self.lay(nose, blood)
        self.lay(0.5 * at.ears, blood)
        self.lay(0.25 * bell(at.x, 0, 0.16) * bell(at.y, 6.48, 0.10) * front, blood)
        old = np.clip((self.appearance.age - 25) / 50, 0, 1)
        bags = (0.30 + 0.35 * old) * bell(at.x, 0.32, 0.16) * bell(at.y, 7.34, 0.05)
        self.lay(bags * front, shade)
        self.lay(0.35 * bell(at.x, 0.17, 0.05) * bell(at.y, 7.47, 0.07) * front, shade)
        for size, strength in ((40, 2.4), (14, 1.8), (5, 1.2)):
            grain = noise(self.rng, (FACE_SHAPE[0] // 2, FACE_SHAPE[1] // 2), size / 2)
            grain = cv2.resize(grain, FACE_SHAPE[::-1], interpolation=cv2.INTER_LINEAR)
            rough = strength * (1 - 0.4 * dark) * grain[..., None] * np.float32([0.8, 1, 1])
            self.colour = self.colour + rough

    def lips(self) -> None:
        plain = self.tint(0.88, 0.62, 0.62)
        made_up = np.float32([168, 62, 70]) * (1.1 - 0.6 * self.dark)
        soft = ndimage.gaussian_filter(self.at.lips, 2.0)
        self.lay(0.8 * soft, plain + self.appearance.lips * (made_up - plain))

    def eyes(self) -> None:
        at = self.at
        front = smoothstep(0.9, 1.1, at.z)
        self.lay(0.5 * ndimage.gaussian_filter(at.lids, 3.0), self.tint(0.86, 0.74, 0.72))
        crease = bell(at.x, 0.31, 0.15) * bell(at.y, 7.575, 0.022) * front
        self.lay(0.35 * crease, self.tint(0.66, 0.56, 0.54))
        upper = 0.35 + 0.65 * smoothstep(7.47, 7.53, at.y)
        around = smoothstep(0.30, 0.26, np.hypot(at.x - 0.31, at.y - 7.5)) * front
        lashes = (0.95 if self.woman else 0.6) * upper * around
        self.lay(
            lashes * smoothstep(0.085, 0.025, at.rims), np.multiply(self.appearance.skin, 0.18)
        )

    def age(self) -> None:
        old = float(np.clip((self.appearance.age - 25) / 40, 0, 1))
        lines = sheet()
        t = np.linspace(0, 1, 14)
        for k in range(4):
            y = 7.80 + 0.07 * k + self.rng.uniform(-0.01, 0.01) + 0.02 * np.cos(4 * t + k)
            stroke(lines, np.stack([0.9 * t - 0.45, y], 1), 0.34 * old, 0.020)
        for side in (-1, 1):
            fold = np.stack([side * (0.20 + 0.17 * t + 0.05 * t**2), 7.14 - 0.30 * t], 1)
            stroke(lines, fold, 0.08 + 0.55 * old, 0.020)
            bag = np.stack([side * (0.16 + 0.22 * t), 7.375 - 0.05 * np.sin(2.2 * t)], 1)
            stroke(lines, bag, 0.10 + 0.5 * old, 0.014)
            for k in (-1, 0, 1):
                crow = np.stack([side * (0.56 + 0.10 * t), 7.49 + 0.045 * k * (0.4 + t)], 1)
                stroke(lines, crow, 0.4 * old, 0.012)
        drawn = self.at.pressed(ndimage.gaussian_filter(lines, 5))
        self.colour = self.colour * (1 - 0.45 * drawn[..., None])

    def beard(self) -> None:
        beard = self.appearance.beard
        if beard == 0:
            return
        x, y, z = self.at.x, self.at.y, self.at.z
        jaw = smoothstep(0.30, 0.46, x) * smoothstep(7.12, 6.86, y) + smoothstep(6.74, 6.62, y)
        moustache = bell(y, 6.985, 0.035) * smoothstep(0.36, 0.30, x)
        moustache = moustache + smoothstep(0.26, 0.33, x) * smoothstep(6.99, 6.90, y)
        below_ear = smoothstep(7.30, 6.95, y - 0.25 * smoothstep(0.5, 0.75, x))
        area = np.clip(jaw + moustache, 0, 1) * smoothstep(6.0, 6.3, y) * below_ear
        area = area * smoothstep(0.25, 0.5, z)
        area = ndimage.gaussian_filter(area * (1 - np.clip(1.5 * self.at.lips, 0, 1)), 3)
        self.lay(area * (0.16 + 0.30 * beard), self.tint(0.70, 0.72, 0.78))
        grain = noise(self.rng, FACE_SHAPE, (1.2, 2.0))
        thick = np.clip(beard * 0.85 * (1 + 0.25 * grain), 0, 0.95) * beard
        edge = np.clip(area * 1.5 - 0.25 + 0.12 * grain, 0, 1)
        self.lay(edge * thick, np.multiply(self.appearance.hair_colour, 0.9))

    def brows(self) -> None:
        hairs, rng = sheet(), self.rng
        thick = rng.uniform(0.85, 1.1) * (0.75 if self.woman else 1.15)
        arch = rng.uniform(0.01, 0.04) * (1.6 if self.woman else 0.7)
        for side in (-1, 1):
            for t in rng.random(int(330 * thick)) ** 0.85:
                middle = 7.655 + 0.035 * t + arch * np.sin(2.6 * t)
                middle = middle - 0.15 * max(0.0, t - 0.62) ** 1.2
                half = 0.036 * thick * (1 - 0.75 * max(0.0, t - 0.45) / 0.55)
                half = half * (0.75 + min(1.0, t / 0.15) / 4)
                off = rng.uniform(-1, 1)
                lean = np.interp(t, [0, 0.15, 0.5, 1], [78, 48, 20, -14])
                lean = np.radians(lean + rng.normal(0, 9) - 14 * off)
                root = np.array([0.13 + 0.44 * t, middle + half * off])
                length = rng.uniform(0.045, 0.075) * (1 - 0.35 * t)
                tip = root + length * np.array([np.cos(lean), np.sin(lean)])
                stroke(hairs, np.stack([root, tip]) * [side, 1], rng.uniform(0.45, 0.95), 0.004)
        soft, softer = (ndimage.gaussian_filter(hairs, size) for size in (1.0, 5.0))
        grey = float(np.mean(self.appearance.hair_colour)) > 130
        brow = np.multiply(self.appearance.hair_colour, 0.62 if grey else 0.8)
        self.lay(0.92 * self.at.pressed(np.maximum(soft, 0.8 * softer)), brow)

    def hair(self) -> np.ndarray:
        """Paint the roots of the hair, and return how much there is, shape `FACE_SHAPE`."""
        at, appearance = self.at, self.appearance
        inside = hairline_depth(appearance, at.x, at.y, at.z)
        strands = combed_strands(appearance, at.x * at.side, at.y, at.z, self.rng)  # in [0, 1]
        soft = {"bald": 0.16, "receding": 0.20}.get(appearance.hair, 0.14)
        share = smoothstep(-0.3 * soft, soft, inside + 0.05 * (strands - 0.5))
        most = {"bald": 0.45, "cropped": 0.94}.get(appearance.hair, 1.0)
        if appearance.hair in PARTED:
            middle = PARTED[appearance.hair] * (1 if appearance.seed % 2 else -1)
            line = bell(at.x * at.side, middle, 0.012) * smoothstep(8.0, 8.2, at.y)
            share = share * (1 - 0.55 * line)
        shades = np.multiply.outer(0.62 + 0.7 * strands, np.float32(appearance.hair_colour))
        self.lay(most * share, shades)
        return most * share


def paint_pieces(appearance: Appearance) -> dict[str, np.ndarray]:
    """Paint all pieces, shape (256, 256, 4) each: red, green, blue and gloss from 0 to 255."""
    rng = np.random.default_rng((appearance.seed, 1))
    eye = _eye(appearance, rng)
    tongue = smoothstep(0.45, 0.55, grid()[1])[..., None]  # below the mouth's cavity
    mouth = np.float32([66, 24, 24]) + tongue * np.float32([84, 40, 38])
    grain = noise(rng, (256, 256), 2.0) * 0.02 + noise(rng, (256, 256), 12.0) * 0.03
    shirt = np.multiply.outer(1 + grain, np.float32(appearance.clothes))
    hair = np.multiply.outer(0.6 + 0.7 * strand_tile(rng), np.float32(appearance.hair_colour))
    return {
        "eye": _layers(eye, WET),
        "teeth": _layers(_teeth(), 30),
        "mouth": _layers(mouth, 20),
        "shirt": _layers(shirt, 0),
        "hair": _layers(hair, GLOSS["hair"]),
    }


def _layers(colour: np.ndarray, gloss: object) -> np.ndarray:
    shine = np.broadcast_to(np.float32(gloss), colour.shape[:2])
    return np.concatenate([colour, shine[..., None]], 2).astype(np.float32)


def _eye(appearance: Appearance, rng: np.random.Generator) -> np.ndarray:
    """The eyeball from the front: -1 to 1 in both directions."""
    x, y = (2 * axis - 1 for axis in grid())
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    white = np.float32([205, 196, 190]) - np.multiply.outer(
        smoothstep(0.45, 1.0, np.abs(x)), np.float32([30, 60, 60])
    )
    rays = np.interp(angle, np.linspace(-np.pi, np.pi, 90), rng.uniform(0.8, 1.15, 90))
    ring = 1 - 0.55 * smoothstep(0.72, 1.0, radius / IRIS)
    lit = 1 + 0.35 * np.clip(y, 0, 1)  # light falls through the cornea on the far side
    iris = np.multiply.outer(rays * ring * lit, np.float32(appearance.iris))
    iris = iris * smoothstep(PUPIL - 0.02, PUPIL + 0.04, radius)[..., None] + 6
    share = smoothstep(IRIS + 0.03, IRIS - 0.04, radius)[..., None]
    side = 1 if appearance.seed % 2 else -1
    glint = smoothstep(0.15, 0.08, np.hypot(x - 0.17 * side, y + 0.20))[..., None]
    colour = white + share * (iris - white)
    return colour + glint * (245 - colour)


def _teeth() -> np.ndarray:
    """Seen from the front: x runs over their width, y from the upper gum to the lower."""
    x, y = grid()
    wide = 2 * x - 1
    gap = np.abs(np.sin(np.pi * 6.5 * np.arcsin(np.clip(wide, -1, 1)) / 1.5708))
    tooth = np.float32([222, 212, 192]) * (0.72 + 0.28 * smoothstep(0.0, 0.22, gap))[..., None]
    tooth = tooth * (1 - 0.65 * wide**2)[..., None]  # the cheeks keep the light from the back ones
    gum = np.float32([150, 74, 72])
    share = smoothstep(0.22, 0.06, np.minimum(y, 1 - y) * 1.0)[..., None]
    return tooth + share * (gum - tooth)


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
