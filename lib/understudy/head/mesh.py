"""What of a head is drawn: triangles, and everything about them that no pose changes."""

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from understudy.head.vertices import light, move, normals

PIVOT = (0.0, 6.75, 0.15)  # dm; the point that the head turns about


@dataclass(frozen=True)
class Mesh:
    """Triangles that are drawn together."""

    base: np.ndarray  # (n, 3), float32, dm, the vertices of the face at rest
    starts: np.ndarray  # what the face units move, as `vertices.move` has it, like the next two
    numbers: np.ndarray
    moves: np.ndarray
    follow: np.ndarray  # (n,), float32, how far a vertex goes along with the head
    cover: np.ndarray  # (n,), float32, where triangles are cut out, as `rasteriser.fill` has it
    triangles: np.ndarray  # (m, 3), int32
    places: np.ndarray  # (m, 3, 2), float32, of the corners in the texture
    kinds: np.ndarray  # (m,), uint8, as `rasteriser.fill` has them
    degree: np.ndarray  # (n,), float32, as `vertices.normals` has it
    room: np.ndarray  # (n,), float32, as `vertices.light` has it, like key and fold
    key: np.ndarray
    fold: np.ndarray

    def moved(
        self, units: np.ndarray, turn: np.ndarray, shift: np.ndarray, camera: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[float, ...]]:
        """Return `world` and `screen`, (n, 3) each, and the bounds, as `vertices.move` has them."""
        world, screen = np.empty_like(self.base), np.empty_like(self.base)
        bounds = move(
            self.base, units, self.starts, self.numbers, self.moves, self.follow,
            turn, shift, camera, world, screen,
        )  # fmt: skip
        return world, screen, bounds

    def facing(self, world: np.ndarray) -> np.ndarray:
        """Return normals and folds of moved vertices, (n, 4), as `vertices.normals` has them."""
        facing = np.empty((len(world), 4), np.float32)
        normals(world, self.triangles, self.degree, facing)
        return facing

    def lit(self, world: np.ndarray, lamps: np.ndarray) -> np.ndarray:
        """Return the light on moved vertices, (n, 4), as `vertices.light` has it."""
        lit = np.empty((len(world), 4), np.float32)
        light(self.facing(world), self.fold, self.room, self.key, lamps, lit)
        return lit

    def only(self, keep: np.ndarray) -> "Mesh":
        """Return the mesh of some of its triangles, and of the vertices that these use.

        Args:
            keep: shape (m,), bool.
        """
        used, triangles = np.unique(self.triangles[keep], return_inverse=True)
        number = np.full(len(self.base), -1)
        number[used] = np.arange(len(used))
        moved = number[self.numbers] >= 0
        before = np.concatenate([[0], np.cumsum(moved)])
        of_vertices = ("base", "follow", "cover", "degree", "room", "key", "fold")
        return replace(
            self,
            **{name: getattr(self, name)[used] for name in of_vertices},
            starts=before[self.starts].astype(np.int32),
            numbers=number[self.numbers[moved]].astype(np.int32),
            moves=self.moves[moved],
            triangles=triangles.reshape(-1, 3).astype(np.int32),
            places=self.places[keep],
            kinds=self.kinds[keep],
        ).settled()

    def settled(self) -> "Mesh":
        """Return the mesh with `degree` and `fold` counted from its triangles at rest."""
        contiguous = {f.name: np.ascontiguousarray(getattr(self, f.name)) for f in fields(self)}
        degree = np.bincount(self.triangles.ravel(), minlength=len(self.base)).astype(np.float32)
        mesh = Mesh(**contiguous | {"degree": degree})
        return replace(mesh, fold=mesh.facing(mesh.base)[:, 3].copy())


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Return a rotation and the point it turns about, shape (4, 3), for angles of a `Pose`."""
    (cy, sy), (cp, sp), (cr, sr) = ((math.cos(a), math.sin(a)) for a in (yaw, pitch, -roll))
    return np.array(  # yaw after pitch after roll
        [
            [cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, sy * cp],
            [cp * sr, cp * cr, -sp],
            [cy * sp * sr - sy * cr, sy * sr + cy * sp * cr, cy * cp],
            PIVOT,
        ],
        np.float32,
    )


def joined(meshes: list[Mesh]) -> Mesh:
    """Put meshes together; only the first may have face units."""
    offsets = np.cumsum([0, *(len(mesh.base) for mesh in meshes[:-1])])
    first = meshes[0]
    names = [f.name for f in fields(Mesh) if f.name not in ("starts", "numbers", "moves")]
    together = {name: np.concatenate([getattr(m, name) for m in meshes]) for name in names}
    shifted = [m.triangles + o for m, o in zip(meshes, offsets, strict=True)]
    together["triangles"] = np.concatenate(shifted).astype(np.int32)
    return Mesh(**together, starts=first.starts, numbers=first.numbers, moves=first.moves).settled()


def still(
    base: np.ndarray, triangles: np.ndarray, places: np.ndarray, kind: int,
    cover: np.ndarray, follow: np.ndarray,
) -> Mesh:  # fmt: skip
    """Return a mesh without face units; nothing shades it yet."""
    n = len(base)
    full = np.ones(n, np.float32)
    return Mesh(
        base=base.astype(np.float32),
        starts=np.zeros(53, np.int32),
        numbers=np.zeros(0, np.int32),
        moves=np.zeros((0, 3), np.float32),
        follow=follow.astype(np.float32),
        cover=cover.astype(np.float32),
        triangles=triangles.astype(np.int32),
        places=places.astype(np.float32),
        kinds=np.full(len(triangles), kind, np.uint8),
        degree=full,
        room=full,
        key=full,
        fold=np.zeros(n, np.float32),
    ).settled()


def halves(faces: np.ndarray) -> np.ndarray:
    """Cut quadrilaterals, shape (m, 4, ...), into triangles, shape (2 m, 3, ...)."""
    return np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
