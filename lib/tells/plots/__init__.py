"""Figures of the book: each function draws one and returns `fig, ax`.

Several axes are an array of shape (rows, columns), or (n,) if they lie in one row or column. No
figure has a title, which is the caption's work. Colours are Okabe and Ito's (2008), which people
with any common colour vision tell apart; a class has the same colour everywhere.
"""

from tells.plots.diagrams import emotion_plane, grids, network
from tells.plots.intervals import comparison, detection_methods, differences
from tells.plots.pictures import (
    channels,
    example_faces,
    face_boxes,
    faces,
    feature_maps,
    wrong_faces,
)
from tells.plots.results import (
    calibration,
    class_counts,
    confusion_matrices,
    confusion_matrix,
    published,
    roc_curves,
    training_curves,
)
from tells.plots.series import (
    box_track,
    class_probabilities,
    emotional_series,
    heat_map,
    llds,
    timeline,
)
from tells.plots.signals import (
    analysis_frames,
    pitch_by_emotion,
    spectra,
    spectrogram,
    speech_window,
    waveform,
)
from tells.plots.style import CLASS_COLOURS, colours, legend_above, side_by_side, stacked_axes

__all__ = [
    "CLASS_COLOURS",
    "analysis_frames",
    "box_track",
    "calibration",
    "channels",
    "class_counts",
    "class_probabilities",
    "colours",
    "comparison",
    "confusion_matrices",
    "confusion_matrix",
    "detection_methods",
    "differences",
    "emotion_plane",
    "emotional_series",
    "example_faces",
    "face_boxes",
    "faces",
    "feature_maps",
    "grids",
    "heat_map",
    "legend_above",
    "llds",
    "network",
    "pitch_by_emotion",
    "published",
    "roc_curves",
    "side_by_side",
    "spectra",
    "spectrogram",
    "speech_window",
    "stacked_axes",
    "timeline",
    "training_curves",
    "waveform",
    "wrong_faces",
]
