"""Figures of the book: each function draws one and returns `fig, ax`.

None has a title, which is the caption's work. Colours are Okabe and Ito's (2008), which people
with any common colour vision tell apart; a class has the same colour everywhere.
"""

from tells.plots.detection import calibration, detection_methods, differences, roc_panel
from tells.plots.diagrams import columns, emotion_plane, grids, network
from tells.plots.experiments import (
    confusion_matrices,
    emotional_series,
    example_faces,
    speech_window,
    wrong_faces,
)
from tells.plots.forest import comparison
from tells.plots.pictures import channels, face_boxes, faces, feature_maps, flow_colours
from tells.plots.pipeline import (
    analysis_frames,
    box_track,
    class_probabilities,
    heat_map,
    side_by_side,
    spectra,
    stacked_axes,
)
from tells.plots.results import class_counts, confusion_matrix, roc_curves, training_curves
from tells.plots.signals import llds, pitch_by_emotion, spectrogram, waveform
from tells.plots.style import CLASS_COLOURS, colours, legend_above
from tells.plots.timelines import timeline

__all__ = [
    "CLASS_COLOURS",
    "analysis_frames",
    "box_track",
    "calibration",
    "channels",
    "class_counts",
    "class_probabilities",
    "colours",
    "columns",
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
    "flow_colours",
    "grids",
    "heat_map",
    "legend_above",
    "llds",
    "network",
    "pitch_by_emotion",
    "roc_curves",
    "roc_panel",
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
