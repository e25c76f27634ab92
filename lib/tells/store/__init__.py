"""Features on disk: extracted once, resumable, on one machine or on a cluster.

`extract` maps an extractor over the files of a corpus into a `FeatureStore`; `cut` takes the
segments of a table out of it as one array of windows of equal length, still on disk.
"""

from tells.store.extraction import extract
from tells.store.features import Extractor, FeatureStore
from tells.store.windows import Windows, cut

__all__ = ["Extractor", "FeatureStore", "Windows", "cut", "extract"]
