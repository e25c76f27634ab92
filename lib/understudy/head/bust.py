"""A person is put together: head, hair and shoulders, textured and shaded, nothing hidden."""

from typing import NamedTuple

import numpy as np

from understudy.head.basis import EYE, SHIRT, SKIN, TEETH, TONGUE, Basis
from understudy.head.hair import hanging_hair, raised_scalp, strand_tile
from understudy.head.mesh import Mesh, halves, joined, still
from understudy.head.painting import paint_face, paint_pieces
from understudy.head.pose import UNITS
from understudy.head.shape import eyes, mask, rest, shaped
from understudy.head.texture import NECK, assemble, canvas, face_place, on_face, place, smoothstep
from understudy.head.visibility import ever_visible, lamps, shaded
from understudy.people import Appearance

COLLAR = {"F": 5.86, "M": 6.04}  # dm: how high the shirt goes in front
ON_TEETH, ON_TONGUE = 0.62, 0.40  # light that an open mouth lets in
GAINS = {"browInnerUp": 1.5, "browDown": 1.25, "browOuterUp": 1.2}  # small faces must act broadly


class Bust(NamedTuple):
    """All that is drawn of a person."""

    head: Mesh  # and neck and hair: what moves
    torso: Mesh
    atlas: list[np.ndarray]  # the texture in falling sizes
    strands: np.ndarray
    lamps: np.ndarray


def build_bust(basis: Basis, appearance: Appearance) -> Bust:
    """Build a person; takes about a second."""
    reference, base = rest(basis), shaped(basis, appearance)
    head = _head(basis, base, reference)
    skin = mask(basis, SKIN)
    facing = head.facing(base)
    with_hair = np.where(
        skin[:, None], raised_scalp(appearance, base, facing[:, :3], reference), base
    )
    head = _head(basis, with_hair, reference)
    hair = hanging_hair(appearance, with_hair[skin])
    torso = _torso(basis, base, reference, appearance)
    lights = lamps(appearance)
    whole = joined([head, *hair])
    whole, torso = shaded(whole, [], lights), shaded(torso, [whole], lights)
    # an open mouth lets in light; the tongue's back stays dark
    teeth, tongue = np.flatnonzero(mask(basis, TEETH)), np.flatnonzero(mask(basis, TONGUE))
    on_tongue = ON_TONGUE * smoothstep(0.75, 1.35, reference[tongue, 2])
    for light in (whole.room, whole.key):
        light[teeth], light[tongue] = ON_TEETH, on_tongue
    strands = strand_tile(np.random.default_rng((appearance.seed, 4)))
    return Bust(
        head=whole.only(ever_visible(whole, torso)),
        torso=torso,
        atlas=assemble(
            paint_face(canvas(basis), appearance),
            np.float32([*appearance.skin, 40]),
            paint_pieces(appearance),
        ),
        strands=strands,
        lamps=lights,
    )


def _head(basis: Basis, base: np.ndarray, reference: np.ndarray) -> Mesh:
    """Everything of the basis that moves, with its face units."""
    faces = basis.parts != SHIRT
    mesh = still(
        base, halves(basis.faces[faces]), halves(_places(basis, base, reference)[faces]), 0,
        np.ones(len(base)), smoothstep(5.95, 6.85, reference[:, 1]),
    )  # fmt: skip
    gains = np.float32(
        [GAINS.get(unit.removesuffix("Left").removesuffix("Right"), 1) for unit in UNITS]
    )
    deltas = gains[:, None, None] * basis.targets[: len(UNITS)].astype(np.float32)
    moved = [np.flatnonzero(np.abs(delta).sum(1) > 2e-4) for delta in deltas]
    numbers = np.concatenate(moved).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum([len(v) for v in moved])]).astype(np.int32)
    moves = np.concatenate([delta[v] for delta, v in zip(deltas, moved, strict=True)])
    return Mesh(**vars(mesh) | {"starts": starts, "numbers": numbers, "moves": moves})


def _places(basis: Basis, base: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return where each corner of each face is in the texture, shape (m, 4, 2)."""
    on = on_face(basis.corners)
    inside = ((on > 0) & (on < 1)).all((1, 2))
    places = face_place(on)
    mouth = np.abs(on[..., 0] - 0.5).max(1) < 0.5
    places[~inside] = NECK  # and the sockets
    places[~inside & mouth & (on[..., 1].min(1) > 0.95)] = place("mouth", np.array([0.5, 0.25]))
    places[basis.parts == TONGUE] = place("mouth", np.array([0.5, 0.75]))
    for ball in eyes(basis):
        middle = (base[ball].min(0) + base[ball].max(0)) / 2
        radius = np.ptp(base[ball, 1]) / 2
        at = (base[:, :2] - middle[:2]) * [0.5, -0.5] / radius + 0.5
        faces = np.isin(basis.faces, ball).all(1) & (basis.parts == EYE)
        places[faces] = place("eye", at[basis.faces[faces]])
    teeth = basis.parts == TEETH
    at = reference[basis.faces[teeth]][..., :2]
    low, high = at.min((0, 1)), at.max((0, 1))
    places[teeth] = place("teeth", (at - [low[0], high[1]]) / [high[0] - low[0], low[1] - high[1]])
    return places


def _torso(basis: Basis, base: np.ndarray, reference: np.ndarray, appearance: Appearance) -> Mesh:
    faces = basis.faces[basis.parts == SHIRT]
    x, y, z = reference.T
    collar = (
        COLLAR[appearance.sex]
        + 0.18 * smoothstep(0.5, 0.9, np.abs(x))
        + 0.35 * smoothstep(0.5, -0.5, z)
    )
    at = place("shirt", np.stack([x / 5 + 0.5, (6.2 - y) / 3], 1))
    torso = still(base, halves(faces), halves(at[faces]), 1, collar - y, np.zeros(len(base)))
    return torso.only((torso.cover[torso.triangles] > 0).any(1))
