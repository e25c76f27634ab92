"""Features on disk: extracted once, resumable, on one machine or on a cluster.

`extract` maps an extractor over the files of a corpus into a `FeatureStore`; `cut` takes the
segments of a table out of it as one array of windows of equal length, still on disk. `group_frames`
and `join_frames` do the same with faces.
"""

from tells.store.extraction import extract
from tells.store.features import Extraction, Extractor, FeatureStore, Span
from tells.store.frames import FrameWindows, group_frames, join_frames
from tells.store.windows import Windows, cut, write_windows

__all__ = [
    "Extraction",
    "Extractor",
    "FeatureStore",
    "FrameWindows",
    "Span",
    "Windows",
    "cut",
    "extract",
    "group_frames",
    "join_frames",
    "write_windows",
]
