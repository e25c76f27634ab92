"""A small DFDC: people who were never in IEMOCAP, filmed everywhere, and fakes of them.

A plan (`plan`) says who is filmed where and feels what (`people`, `scene`, `moods`), and what is
faked. A family, an original and its fakes, is spoken (`voices`, `world`), acted (`faces`), filmed
before a painted backdrop (`backdrop`, `camera`, `swap`), encoded (`clip`) and written (`family`,
`writing`), with DFDC's labels and a file that tells the method of every fake (`metadata`).
"""

from understudy.dfdc.writing import write

__all__ = ["write"]
