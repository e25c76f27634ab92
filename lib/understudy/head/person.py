"""A person is put together: head, hair and shoulders, textured and shaded, nothing hidden."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from understudy.head.atlas import NECK, assemble, face_place, on_face, place
from understudy.head.basis import EYE, SHIRT, SKIN, TEETH, TONGUE, Basis
from understudy.head.canvas import canvas, step
from understudy.head.hair import hanging, raised
from understudy.head.light import lamps, shaded
from understudy.head.looks import Look
from understudy.head.model import Model, halves, joined, still, turned
from understudy.head.pieces import pieces
from understudy.head.pose import FURTHEST_TURN, UNITS, units
from understudy.head.seen import look as look_at
from understudy.head.shape import eyes, mask, rest, shaped
from understudy.head.skin import paint
from understudy.head.strands import tile

COLLAR = {"F": 5.86, "M": 6.04}  # dm: how high the shirt goes in front
ON_TEETH, ON_TONGUE = 0.62, 0.40  # light that an open mouth lets in
GAINS = {"browInnerUp": 1.5, "browDown": 1.25, "browOuterUp": 1.2}  # small faces must act broadly
MOUTHS = (  # with `LIDS`, what shows all of a face that is ever seen
    units(),
    units(jawOpen=1.0),
    units(jawOpen=0.5, mouthFunnel=0.6),
    units(mouthSmile=1.0, mouthUpperUp=0.6, mouthLowerDown=0.6, jawOpen=0.2),
    units(tongueOut=0.8, jawOpen=0.6),
)
LIDS = (units(), units(eyeBlink=1.0), units(eyeWide=1.0, browInnerUp=1.0), units(eyeLookUp=1.0))


class Person(NamedTuple):
    """All that is drawn of a person."""

    head: Model  # and neck and hair: what moves
    torso: Model
    atlas: list[np.ndarray]  # the texture in falling sizes
    strands: np.ndarray
    lamps: np.ndarray


def person(basis: Basis, look: Look) -> Person:
    """Build a person; takes about a second."""
    reference, base = rest(basis), shaped(basis, look)
    head = _head(basis, base, reference)
    skin = mask(basis, SKIN)
    facing = head.facing(base)
    with_hair = np.where(skin[:, None], raised(look, base, facing[:, :3], reference), base)
    head = _head(basis, with_hair, reference)
    hair = hanging(look, with_hair[skin])
    torso = _torso(basis, base, reference, look)
    lights = lamps(look)
    whole = joined([head, *hair])
    whole, torso = shaded(whole, [], lights), shaded(torso, [whole], lights)
    whole = _mouth_lit(whole, mask(basis, TEETH), mask(basis, TONGUE), reference[:, 2])
    strands = tile(np.random.default_rng((look.shape, 4)))
    return Person(
        head=whole.only(_ever_seen(whole, torso)),
        torso=torso,
        atlas=assemble(paint(canvas(basis), look), np.float32([*look.skin, 40]), pieces(look)),
        strands=strands,
        lamps=lights,
    )


def _mouth_lit(model: Model, teeth: np.ndarray, tongue: np.ndarray, z: np.ndarray) -> Model:
    """Return a model that starts with the basis's vertices with the light an open mouth lets in.

    Args:
        model: shaded with its mouth closed.
        teeth: shape (n,), bool, over the basis's vertices.
        tongue: shape (n,), bool.
        z: shape (n,), dm ahead; the tongue's back stays dark.
    """
    n = len(z)
    inner = np.where(teeth, ON_TEETH, ON_TONGUE * step(0.75, 1.35, z))
    both = {}
    for name in ("room", "key"):
        value = getattr(model, name).copy()
        value[:n] = np.where(teeth | tongue, inner, value[:n])
        both[name] = value
    return replace(model, **both)


def _head(basis: Basis, base: np.ndarray, reference: np.ndarray) -> Model:
    """Everything of the basis that moves, with its face units."""
    faces = basis.parts != SHIRT
    model = still(
        base, halves(basis.faces[faces]), halves(_places(basis, base, reference)[faces]), 0,
        np.ones(len(base)), step(5.95, 6.85, reference[:, 1]),
    )  # fmt: skip
    gains = np.float32(
        [GAINS.get(unit.removesuffix("Left").removesuffix("Right"), 1) for unit in UNITS]
    )
    deltas = gains[:, None, None] * basis.targets[: len(UNITS)].astype(np.float32)
    moved = [np.flatnonzero(np.abs(delta).sum(1) > 2e-4) for delta in deltas]
    numbers = np.concatenate(moved).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum([len(v) for v in moved])]).astype(np.int32)
    moves = np.concatenate([delta[v] for delta, v in zip(deltas, moved, strict=True)])
    return Model(**vars(model) | {"starts": starts, "numbers": numbers, "moves": moves})


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


def _torso(basis: Basis, base: np.ndarray, reference: np.ndarray, look: Look) -> Model:
    faces = basis.faces[basis.parts == SHIRT]
    x, y, z = reference.T
    collar = COLLAR[look.sex] + 0.18 * step(0.5, 0.9, np.abs(x)) + 0.35 * step(0.5, -0.5, z)
    at = place("shirt", np.stack([x / 5 + 0.5, (6.2 - y) / 3], 1))
    torso = still(base, halves(faces), halves(at[faces]), 1, collar - y, np.zeros(len(base)))
    return torso.only((torso.cover[torso.triangles] > 0).any(1))


def _ever_seen(model: Model, torso: Model) -> np.ndarray:
    """Return which triangles any face shows, at any angle, shape (m,), and their neighbours."""
    rng = np.random.default_rng(0)
    side = 420
    camera = np.float32([130, side / 2, side / 2, 7.2, 11, 0.6])
    shown = np.zeros(len(model.triangles), bool)
    loose = model.kinds == 2  # one can look through it
    shirt = torso.triangles[(torso.cover[torso.triangles] > 0).all(1)]
    worn = (
        shirt,
        torso.moved(units(), turned(0, 0, 0), np.zeros(2, np.float32), camera)[1],
        shirt[:, 0] < 0,
    )
    for k in range(30):
        turn = turned(*np.multiply(rng.uniform(-1, 1, 3), FURTHEST_TURN))
        weights = np.clip(MOUTHS[k % len(MOUTHS)] + LIDS[k % len(LIDS)], 0, 1)
        shift = rng.uniform(-0.4, 0.4, 2).astype(np.float32)  # dm
        _, screen, _ = model.moved(weights, turn, shift, camera)
        solid, hair = (
            (model.triangles[which], screen, model.kinds[which] > 0) for which in (~loose, loose)
        )
        depth = None
        for models, which in (([worn, solid], ~loose), ([hair], loose)):
            depth, hit, _ = look_at(models, (side, side), behind=depth)
            shown[np.flatnonzero(which)[hit[hit >= 0]]] = True
    touched = np.zeros(len(model.base), bool)
    touched[model.triangles[shown]] = True
    return touched[model.triangles].any(1)
