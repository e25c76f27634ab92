"""Strands of hair: a texture, and which way it is combed over a head."""

import cv2
import numpy as np

from understudy.head.canvas import noise
from understudy.head.looks import Look

TILE = 256  # pixels; a power of two, for the renderer takes remainders by masks


def tile(rng: np.random.Generator) -> np.ndarray:
    """Return strands that run downwards, evenly spread over [0, 1], and repeat at the edges."""
    field = noise(rng, (TILE, TILE), (22, 0.9)) + 0.5 * noise(rng, (TILE, TILE), (40, 4))
    ranks = np.argsort(np.argsort(field.ravel()))
    return (ranks.reshape(field.shape) / field.size).astype(np.float32)


def combed(
    look: Look, x: np.ndarray, y: np.ndarray, z: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return strands over the head, in [0, 1].

    Args:
        look: the person.
        x: dm on the head of `shape.rest`, to the actor's left.
        y: dm, upwards.
        z: dm, ahead.
        rng: where the strands come from.
    """
    if look.hair in ("cropped", "bald"):
        across, along = 3.0 * x, 1.2 * y + 1.2 * z  # too short to lie in a direction
        strands = tile(rng)
        strands = (strands + strands.T) / 2
    else:
        strands = tile(rng)
        around = np.arctan2(x, y - 7.3)
        if look.hair in ("tied", "receding"):
            across, along = 1.6 * around, 0.25 * z  # combed back
        else:
            across, along = 2.0 * z + 0.5 * y, 0.25 * around  # to both sides of a parting
    columns = np.mod(across * TILE, TILE).astype(np.float32)
    rows = np.mod(along * TILE, TILE).astype(np.float32)
    return cv2.remap(strands, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
