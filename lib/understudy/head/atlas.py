"""One texture for a whole head: where each part's piece lies, and the pyramid of its sizes."""

import cv2
import numpy as np

FACE = (0.635, 0.17, 1.0, 0.86)  # left, top, right, bottom of the face in MakeHuman's texture
FACE_SHAPE = (1216, 640)  # rows, columns
PIECE = 256  # rows and columns of every other piece; they stand in a column beside the face
SHAPE = (1280, 896)
PIECES = ("eye", "teeth", "mouth", "shirt", "hair")
NECK = (0.3, 0.975)  # a place in the whole texture, below the face: plain skin
MARGIN = 10  # pixels of a piece that are not used, so that neighbours never shine through
DENSITY = 215  # pixels of the face's piece for each dm of skin
LEVELS = 4


def face_window(width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the face in a texture of this size, in pixels."""
    left, top, right, bottom = FACE
    return int(left * width), int(top * height), int(right * width), int(bottom * height)


def on_face(corners: np.ndarray) -> np.ndarray:
    """Return places in the face's piece, in [0, 1] where they are on it, shape (..., 2)."""
    left, top, right, bottom = FACE
    return (corners - [left, top]) / [right - left, bottom - top]


def face_place(places: np.ndarray) -> np.ndarray:
    """Return where places in the face's piece are in the whole texture, shape (..., 2)."""
    return places * [FACE_SHAPE[1] / SHAPE[1], FACE_SHAPE[0] / SHAPE[0]]


def place(piece: str, at: np.ndarray) -> np.ndarray:
    """Return where places in a piece, in [0, 1], are in the whole texture, shape (..., 2)."""
    inner = MARGIN + np.clip(at, 0, 1) * (PIECE - 2 * MARGIN)
    corner = [FACE_SHAPE[1], PIECES.index(piece) * PIECE]
    return (inner + corner) / [SHAPE[1], SHAPE[0]]


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of a piece's pixels, (256, 256) each: 0 and 1 where its margins begin."""
    at = (np.arange(PIECE, dtype=np.float32) + 0.5 - MARGIN) / (PIECE - 2 * MARGIN)
    return np.meshgrid(at, at)


def assemble(face: np.ndarray, neck: np.ndarray, pieces: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Put the pieces together.

    Args:
        face: shape `FACE_SHAPE` and 4: red, green, blue and gloss from 0 to 255.
        neck: shape (4,), the same for the skin that has no piece of its own.
        pieces: shape (256, 256, 4) each, by name.

    Returns:
        The texture, uint8, and smaller ones of half the size each.
    """
    whole = np.zeros((*SHAPE, 4), np.float32)
    whole[:] = neck
    whole[: FACE_SHAPE[0], : FACE_SHAPE[1]] = face
    for number, name in enumerate(PIECES):
        whole[number * PIECE : (number + 1) * PIECE, FACE_SHAPE[1] :] = pieces[name]
    levels = [np.clip(np.rint(whole), 0, 255).astype(np.uint8)]
    for _ in range(LEVELS - 1):
        rows, columns = levels[-1].shape[:2]
        levels.append(
            cv2.resize(levels[-1], (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
        )
    return levels
