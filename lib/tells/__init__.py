"""Deepfake detection through emotion recognition: the library beside the book.

The modules follow the data: a corpus becomes a table of labelled segments (`tells.corpora`), its
files become samples (`tells.media`), descriptors (`tells.speech`) and stored features
(`tells.store`); networks (`tells.models`) are trained (`tells.training`), judged
(`tells.evaluation`) and drawn (`tells.plots`). `tells.cli` is the command line over them.
"""

__version__ = "0.1.0"
