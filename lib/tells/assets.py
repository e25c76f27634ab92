"""The file of the face detector: where it lies, and which one it is."""

from __future__ import annotations

from pathlib import Path

MODEL = Path(__file__).parents[2] / "build" / "assets" / "face_detection_short_range.tflite"
"""Google's short-range BlazeFace; `make assets` gets it."""

DIGEST = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
"""sha256 of it."""
