"""Deepfake detection through emotion recognition: the library beside the book.

The modules follow the data: a corpus becomes a table of labelled segments (`tells.corpora`), its
files become samples (`tells.media`) and stored features (`tells.features`); networks
(`tells.models`) are trained (`tells.training`) and used (`tells.detection`), judged
(`tells.metrics`), kept as records (`tells.results`) and drawn (`tells.plots`). `tells.cli` is the
command line over them.
"""

__version__ = "0.1.0"
