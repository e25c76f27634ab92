"""What is felt when: the emotions of a clip, and those that fakes have instead.

A track is a segment for each part of what is said. Fakes without a seam and without a vocoder
differ from their original in nothing but the track.
"""

from typing import NamedTuple

import numpy as np

from understudy.emotions import EMOTIONS
from understudy.performance import SHAPES, Course

FELT = ("ang", "hap", "sad", "exc", "fru", "neu", "sur", "fea")
WEIGHTS = (4, 4, 4, 3, 3, 2.5, 1, 0.5)  # how often each is felt
PEAK = (0.6, 0.95)
FLAT_PEAK = (0.05, 0.2)
FAR = 4  # so many of the emotions least like the true one may be a fake's
DELAY = (1.0, 2.0)  # s by which a late expression is late


class Segment(NamedTuple):
    """An emotion and how strongly it shows over a part."""

    emotion: str  # a key of `EMOTIONS`
    course: Course


Track = tuple[Segment, ...]


def true_track(count: int, rng: np.random.Generator) -> Track:
    """Return the track of a real clip: an emotion for each of `count` parts, none twice running."""
    chances = np.array(WEIGHTS) / sum(WEIGHTS)
    emotions = rng.choice(FELT, count, replace=False, p=chances)
    return tuple(_segment(str(emotion), PEAK, rng) for emotion in emotions)


def wrong_track(true: Track, rng: np.random.Generator, other: Track = ()) -> Track:
    """Return a track that agrees in no part with the original's, nor with another, if any."""
    track = []
    for i, segment in enumerate(true):
        feel = np.array(EMOTIONS[segment.emotion].feel)
        unlike = sorted(FELT, key=lambda code: -np.linalg.norm(EMOTIONS[code].feel - feel))
        taken = {segment.emotion, other[i].emotion} if other else {segment.emotion}
        left = [code for code in unlike if code not in taken]  # the least alike first
        track.append(_segment(str(rng.choice(left[:FAR])), PEAK, rng))
    return tuple(track)


def flat_track(true: Track, rng: np.random.Generator) -> Track:
    """Return a track without emotion, as long as the true one."""
    return tuple(_segment("neu", FLAT_PEAK, rng) for _ in true)


def _segment(emotion: str, peak: tuple[float, float], rng: np.random.Generator) -> Segment:
    return Segment(emotion, Course(str(rng.choice(SHAPES)), round(float(rng.uniform(*peak)), 3)))
