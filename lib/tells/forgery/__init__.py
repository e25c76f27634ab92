"""Fakes made of real recordings: the same speaker and words, and an emotion that is not theirs.

No open corpus has a speaker's real clips beside fakes of nothing but their emotion. `forge` makes
two. Out of RAVDESS (Livingstone and Russo 2018), in which each actor says each sentence in eight
emotions, it makes voices with another prosody, which `tells.corpora` reads as `ravdess-forged`.
Out of the Javanese corpus, with seven takes of each sentence and emotion, it makes clips whose face
and voice come from different takes, read as `dubbed`.

Thesis: none; its fakes are those of DFDC, and both experiments are this book's. Chapter:
05_5_1_audio_detection.
"""

from tells.forgery.writing import Forged, forge

__all__ = ["Forged", "forge"]
