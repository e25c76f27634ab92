"""Heads for the actors: built once from MakeHuman's CC0 head, drawn frame by frame on the CPU."""

from understudy.head.basis import Basis, build_head, load_basis
from understudy.head.draw import Framing, Head, View
from understudy.head.pose import UNITS, Pose, units

__all__ = [
    "UNITS",
    "Basis",
    "Framing",
    "Head",
    "Pose",
    "View",
    "build_head",
    "load_basis",
    "units",
]
