"""One face for each frame of a video: found, followed, cut out (thesis 4.6.2, 4.7.2, 5.4).

`Faces` follows a face with BlazeFace, `StaticCrop` cuts where the thesis cut at first; both are
extractors for `tells.features.extract`. `coverage` says how much of a corpus has a face.
"""

from tells.features.faces.crop import crop_and_resize
from tells.features.faces.detector import MODEL, BlazeFace, Face, unpack_model
from tells.features.faces.extractors import SIZE, Faces, StaticCrop, coverage
from tells.features.faces.tracking import Tracker

__all__ = [
    "MODEL",
    "SIZE",
    "BlazeFace",
    "Face",
    "Faces",
    "StaticCrop",
    "Tracker",
    "coverage",
    "crop_and_resize",
    "unpack_model",
]
