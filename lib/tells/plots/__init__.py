"""Figures of the book: each function draws one and returns `fig, ax`.

None has a title, which is the caption's work. Colours are Okabe and Ito's (2008), which people
with any common colour vision tell apart; a class has the same colour everywhere.
"""

from tells.plots.forest import comparison
from tells.plots.look import CLASS_COLOURS, colours
from tells.plots.results import class_counts, confusion_matrix, roc_curves, training_curves
from tells.plots.signals import llds, pitch_by_emotion, spectrogram, waveform

__all__ = [
    "CLASS_COLOURS",
    "class_counts",
    "colours",
    "comparison",
    "confusion_matrix",
    "llds",
    "pitch_by_emotion",
    "roc_curves",
    "spectrogram",
    "training_curves",
    "waveform",
]
