"""Voices forged out of real ones: the same speaker and words, and an emotion that is not theirs.

No open corpus has a speaker's real clips beside fakes of nothing but their prosody. `forge` makes
one out of RAVDESS (Livingstone and Russo 2018), in which each actor says each sentence in eight
emotions. `tells.corpora` reads it as `ravdess-forged`.

Thesis: none; its voices are those of DFDC. Chapter: 05_5_1_audio_detection.
"""

from tells.forgery.writing import Forged, forge

__all__ = ["Forged", "forge"]
