"""What is computed once and kept: descriptors of speech, faces, and windows cut out of them.

`LLDs`, `Functionals`, `Faces` and `StaticCrop` are extractors. `extract` maps one over the files of
a corpus into a `FeatureStore`, resumable, on one machine or on a cluster. `extract_windows` takes
the segments of a table out of it as one array of windows of equal length, still on disk;
`frame_windows` and `fixed_length_clips` do the same with faces, `mean_vectors` averages over time.
`maps` makes of faces what the 3DCNN sees, `speech` knows the descriptors.

Thesis: 4.3, 4.4, 4.6, 4.7.
"""

from tells.features import maps, speech
from tells.features.extraction import extract
from tells.features.faces import Faces, StaticCrop, coverage, crop_and_resize
from tells.features.frame_windows import FrameWindows, fixed_length_clips, frame_windows
from tells.features.speech import Functionals, LLDs
from tells.features.store import Extraction, Extractor, FeatureStore, Span
from tells.features.windows import Windows, extract_windows, mean_vectors, write_windows

__all__ = [
    "Extraction",
    "Extractor",
    "Faces",
    "FeatureStore",
    "FrameWindows",
    "Functionals",
    "LLDs",
    "Span",
    "StaticCrop",
    "Windows",
    "coverage",
    "crop_and_resize",
    "extract",
    "extract_windows",
    "fixed_length_clips",
    "frame_windows",
    "maps",
    "mean_vectors",
    "speech",
    "write_windows",
]
