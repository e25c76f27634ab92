"""One face through a clip: chosen, followed, lost and found again (thesis 4.7.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from tells.features.faces.detector import Detect, Face, detect_in_window
from tells.features.faces.search import SHARES, faces_in_tiles, search, tiles, window_around

TRIAL = 5  # frames in which a new face must be seen again

_SEEN = 0.6  # share of the trial's frames in which it must be
_STEP = 1.0  # sides that a face may move, and factor that it may grow, from frame to frame
_GROWTH = 2.0
_NEAR = 2.0  # sides within which a face that was lost a moment ago must turn up again
_BLINK = 2  # frames of loss before the picture is searched
_MOMENT = 1.0  # s; also the longest wait between searches, and how long a search is remembered
_SURVEY = 16  # frames of following that pay for one tile of looking around


@dataclass
class _CandidateTrack:
    """A face that was just found, and where it was in each frame since (None: not seen)."""

    first: int
    faces: list[Face | None]

    @property
    def last(self) -> Face:
        return [face for face in self.faces if face][-1]

    @property
    def weight(self) -> float:
        """Of the largest, best and most lasting face most."""
        return sum(face.side * face.score for face in self.faces if face)

    def lasts(self) -> bool:
        return sum(face is not None for face in self.faces) >= _SEEN * len(self.faces)


@dataclass
class Tracker:
    """Follows one face through the frames of a clip, which it gets one at a time.

    The picture is searched at first. What is found is on trial for five frames, and of what is
    seen in at least three of them the largest is chosen. It is then looked for in a window three
    times its box, at the place of its last box, and a detection there counts if it is the nearest,
    at most one side away, less than twice as large or small, and not nearer to somebody else.

    When it is lost, the window stays where it is for a second, and after two frames the picture is
    searched again: 1, 2, 4 ... frames apart, at most a second, so a clip without any face costs one
    search for each second. Within the first second only what is near is taken up, later anything
    that is not known to be somebody else. Who else is there is known from the window and from
    looking around now and then, in tiles of the size that showed the face, for about a tenth of the
    cost of following.

    Attributes:
        detect: finds the faces of a small picture.
        rate: frames a second.
        multiple_faces: for each frame, whether somebody else was seen when last looked for.

    Thesis: 4.7.2. Chapter: 05_4_4_video_experiment_4.
    """

    detect: Detect
    rate: float
    multiple_faces: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._face: Face | None = None  # the one that is followed, where it was last
        self._lost = 0  # frames since then
        self._share = SHARES[0]
        self._others: list[Face] = []
        self._candidates: list[_CandidateTrack] = []
        self._next_survey = 0
        self._searched = 0
        self._pause = 0

    def step(self, image: np.ndarray) -> list[tuple[int, Face]]:
        """Look at the next frame.

        Args:
            image: shape (height, width), uint8, of one size throughout.

        Returns:
            Numbers of frames, this or at most four before it, and the face in each: one if it is
            followed, none while it is lost or on trial, several when a trial ends.
        """
        i = len(self.multiple_faces)
        self.multiple_faces.append(False)
        if self._candidates:
            decided = self._try(image)
        else:
            decided = self._follow(image, i)
            if not decided and self._is_time_to_search(i):
                self._search(image, i)
        self.multiple_faces[i] = bool(self._others) or len(self._candidates) > 1
        return decided

    def finish(self) -> list[tuple[int, Face]]:
        """The faces of frames that are still on trial when the clip ends."""
        return self._decide() if self._candidates else []

    def _follow(self, image: np.ndarray, i: int) -> list[tuple[int, Face]]:
        if self._face is None or self._lost > _MOMENT * self.rate:
            self._lost += 1
            return []
        face, others = _look_near(image, self._face, self.detect, self._others)
        self._remember_others(others)
        if face is None:
            self._lost += 1
            return []
        self._face, self._lost = face, 0
        if i >= self._next_survey:
            self._survey(image, i)
        return [(i, face)]

    def _survey(self, image: np.ndarray, i: int) -> None:
        """See who else is there; what was known of them is forgotten."""
        assert self._face is not None
        seen = faces_in_tiles(image, self._share, self.detect)
        self._others = [face for face in seen if face.center_distance(self._face) > _STEP / 2]
        self._put_off_survey(image, i)

    def _put_off_survey(self, image: np.ndarray, i: int) -> None:
        height, width = image.shape
        self._next_survey = i + _SURVEY * len(list(tiles(width, height, self._share)))

    def _is_time_to_search(self, i: int) -> bool:
        if i - self._searched > _MOMENT * self.rate:
            self._pause = 0
        if self._face is not None and self._lost <= _BLINK:
            return False
        return i - self._searched >= self._pause

    def _search(self, image: np.ndarray, i: int) -> None:
        faces, self._share = search(image, self.detect)
        self._put_off_survey(image, i)
        longest = max(1, round(_MOMENT * self.rate))
        self._searched, self._pause = i, min(max(1, 2 * self._pause), longest)
        if self._face is not None:
            known = [face for face in faces if any(_alike(face, o) for o in self._others)]
            self._remember_others(known)
            faces = [face for face in faces if face not in known and self._may_be(face)]
        self._candidates = [_CandidateTrack(i, [face]) for face in faces]

    def _may_be(self, face: Face) -> bool:
        """Whether a face can be the one that was lost: after a moment, wherever it is."""
        assert self._face is not None
        near = face.center_distance(self._face) <= _NEAR and face.size_ratio(self._face) <= _GROWTH
        return near or self._lost > _MOMENT * self.rate

    def _try(self, image: np.ndarray) -> list[tuple[int, Face]]:
        for candidate in self._candidates:
            candidate.faces.append(_look_near(image, candidate.last, self.detect)[0])
        return self._decide() if len(self._candidates[0].faces) == TRIAL else []

    def _decide(self) -> list[tuple[int, Face]]:
        """End the trials: take one, remember the others that lasted, forget the rest."""
        candidates, self._candidates = [one for one in self._candidates if one.lasts()], []
        if not candidates:
            self._lost += TRIAL
            return []
        lost = self._face
        if lost is None:
            best = max(candidates, key=lambda one: one.weight)
        else:
            best = min(candidates, key=lambda one: lost.center_distance(one.faces[0] or one.last))
        self._face, self._lost = best.last, 0
        self._remember_others(
            one.last for one in candidates if one.last.center_distance(self._face) > _STEP / 2
        )
        return [(best.first + k, face) for k, face in enumerate(best.faces) if face]

    def _remember_others(self, faces: Iterable[Face]) -> None:
        """Remember where somebody else is now."""
        for face in faces:
            self._others = [other for other in self._others if not _alike(face, other)] + [face]


def _look_near(
    image: np.ndarray, last: Face, detect: Detect, known: Iterable[Face] = ()
) -> tuple[Face | None, list[Face]]:
    """The face that was in about this place, and others beside it, known ones or new."""
    height, width = image.shape
    faces = detect_in_window(image, window_around(last, width, height), detect)
    theirs = [
        f
        for f in faces
        if any(f.center_distance(other) < f.center_distance(last) for other in known)
    ]
    mine = [f for f in faces if f not in theirs and _alike(f, last)]
    if not mine:
        return None, theirs
    face = min(mine, key=last.center_distance)
    return face, [other for other in faces if other.center_distance(face) > _STEP / 2]


def _alike(face: Face, last: Face) -> bool:
    """Whether a face can be the same as one in the frame before."""
    return face.center_distance(last) <= _STEP and face.size_ratio(last) <= _GROWTH
