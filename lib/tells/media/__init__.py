"""Samples and pictures out of any file that FFmpeg can read (thesis 4.6).

`audio` and `frames` share a clock: second 0 is where the file begins, so that what is heard at a
time is what is seen at that time.
"""

from tells.media.files import MediaError
from tells.media.sound import SAMPLE_RATE, audio
from tells.media.video import Frame, Frames, VideoInfo, frames

__all__ = [
    "SAMPLE_RATE",
    "Frame",
    "Frames",
    "MediaError",
    "VideoInfo",
    "audio",
    "frames",
]
