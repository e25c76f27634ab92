"""Corpora: a folder on disk becomes one table of labelled utterances, or of real and faked clips.

`load` reads the annotations of one of `CORPORA`; `verify` counts what is there against what
should be. `segmentation` cuts utterances to the lengths that the networks take, `selection`
filters them, `splits` divides them by speaker and source. Nothing here opens a media file.

Thesis: 4.8, 4.9.
"""

from tells.corpora import (
    acted,
    dfdc,
    fakeavceleb,
    forged,
    iemocap,
    lavdf,
    segmentation,
    selection,
    splits,
)
from tells.corpora.deepfakes import DETECTION_CLASSES
from tells.corpora.exclusions import count_exclusions
from tells.corpora.registry import CORPORA, load, people
from tells.corpora.table import CLASSES, UNDERSTUDY, Corpus, identify
from tells.corpora.verification import Verification, verify

__all__ = [
    "CLASSES",
    "CORPORA",
    "DETECTION_CLASSES",
    "UNDERSTUDY",
    "Corpus",
    "Verification",
    "acted",
    "count_exclusions",
    "dfdc",
    "fakeavceleb",
    "forged",
    "identify",
    "iemocap",
    "lavdf",
    "load",
    "people",
    "segmentation",
    "selection",
    "splits",
    "verify",
]
