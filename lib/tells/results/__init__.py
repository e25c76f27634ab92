"""Results: the record of an experiment, the evidence, and the comparison with the thesis.

A record (`records`) says everything about one result, so that every figure and number of the book
can be redrawn without the media.
"""

from tells.provenance import versions
from tells.results.comparison import comparison_points, comparison_table, thesis_numbers
from tells.results.evidence import EVIDENCE, publish, published
from tells.results.record_diff import RecordDiff, compare
from tells.results.records import Record, read, read_scores, scores_path, write
from tells.results.study import StudyRun, pool
from tells.results.tables import (
    data_name,
    detection_table,
    folds_name,
    html_table,
    with_interval,
)

__all__ = [
    "EVIDENCE",
    "Record",
    "RecordDiff",
    "StudyRun",
    "compare",
    "comparison_points",
    "comparison_table",
    "data_name",
    "detection_table",
    "folds_name",
    "html_table",
    "pool",
    "publish",
    "published",
    "read",
    "read_scores",
    "scores_path",
    "thesis_numbers",
    "versions",
    "with_interval",
    "write",
]
