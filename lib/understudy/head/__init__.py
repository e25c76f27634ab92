"""Heads for the actors: baked once from MakeHuman's CC0 head, drawn frame by frame on the CPU."""

from understudy.head.basis import BASIS, Basis, load_basis
from understudy.head.draw import Framing, Head, View
from understudy.head.looks import LOOKS, Look
from understudy.head.pose import UNITS, Pose, units

__all__ = [
    "BASIS",
    "LOOKS",
    "UNITS",
    "Basis",
    "Framing",
    "Head",
    "Look",
    "Pose",
    "View",
    "load_basis",
    "units",
]
