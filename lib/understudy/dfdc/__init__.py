"""A small DFDC: people who were never in IEMOCAP, filmed everywhere, and fakes of them.

A plan (`plan`) says who is filmed where and feels what (`scene`, `emotion_tracks`), and what is
faked. A clip group, an original and its fakes, is spoken (`voices`) and filmed (`filming`) before a
painted backdrop (`camera`, `swap`); DFDC's labels and a file that tells the method of every fake
stand beside it (`metadata`).
"""
