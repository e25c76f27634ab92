"""One face through a clip: searched for, chosen, followed, lost and found again (thesis 4.7.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from tells.features.faces.detector import Detect, Face, Window, detect_in_window

SHARES = (1.0, 0.6, 0.4)  # sides of the tiles, in shorter sides of the picture

_AROUND = 3.0  # side of the window in which a face is followed, in sides of its box
_SURE = 0.75  # a score from which on smaller tiles are not looked at
_SAME = 0.5  # sides; boxes whose centres are nearer than that are of one face

TRIAL = 5  # frames in which a new face must be seen again

_SEEN = 0.6  # share of the trial's frames in which it must be
_STEP = 1.0  # sides that a face may move, and factor that it may grow, from frame to frame
_GROWTH = 2.0
_NEAR = 2.0  # sides within which a face that was lost a moment ago must turn up again
_BLINK = 2  # frames of loss before the picture is searched
_MOMENT = 1.0  # s; also the longest wait between searches, and how long a search is remembered
_SURVEY = 16  # frames of following that pay for one tile of looking around


def search(image: np.ndarray, detect: Detect) -> tuple[list[Face], float]:
    """Look for faces in ever smaller tiles of a picture.

    BlazeFace was made for a face that fills much of the picture: of a whole frame of 1920 x 1080 it
    often sees nothing. Tiles of one size overlap by half. Each face is looked at again, in a window
    three times its box, and what is not seen twice is dropped. A size that shows a face with a
    score of 0.75 or more ends the search; otherwise all sizes count. At 16:9 these are 3, 15 and 32
    tiles. Gives the faces, best first, and the size of tile that showed the best.
    """
    seen: list[tuple[Face, float]] = []
    for share in SHARES:
        seen += [(face, share) for face in faces_in_tiles(image, share, detect)]
        if any(face.score >= _SURE for face, _ in seen):
            break
    shares = dict(reversed(seen))
    faces = distinct(shares)
    return faces, shares[faces[0]] if faces else SHARES[0]


def faces_in_tiles(image: np.ndarray, share: float, detect: Detect) -> list[Face]:
    """Faces that tiles of one size show, each seen again in a window of its own, best first."""
    height, width = image.shape
    found = [
        face
        for tile in tiles(width, height, share)
        for face in detect_in_window(image, tile, detect)
    ]
    again = []
    for face in distinct(found):
        seen = detect_in_window(image, window_around(face, width, height), detect)
        again += [other for other in seen if face.center_distance(other) < _SAME][:1]
    return distinct(again)


def distinct(faces: Iterable[Face]) -> list[Face]:
    """Faces without the worse of any two whose centres are within half a side, best first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(face.center_distance(other) >= _SAME for other in kept):
            kept.append(face)
    return kept


def tiles(width: int, height: int, share: float) -> list[Window]:
    """Squares that cover a picture and overlap by half or more, `share` of its shorter side."""
    side = max(1, round(share * min(width, height)))
    rows, columns = (
        [round(x) for x in np.linspace(0, length - side, ceil((length - side) / (side / 2)) + 1)]
        for length in (height, width)
    )
    return [Window(x, y, side, side) for y in rows for x in columns]


def window_around(face: Face, width: int, height: int) -> Window:
    """The square three times as wide as a face's box, moved and cut to lie in the picture."""
    side = max(1, round(_AROUND * face.side))
    x, y = face.centre
    columns, rows = min(side, width), min(side, height)
    left = min(max(round(x - side / 2), 0), width - columns)
    top = min(max(round(y - side / 2), 0), height - rows)
    return Window(left, top, columns, rows)


@dataclass
class _CandidateTrack:
    """A face that was just found, and where it was in each frame since (None: not seen)."""

    first: int
    faces: list[Face | None]

    @property
    def seen(self) -> list[Face]:
        return [face for face in self.faces if face]


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
        decided = []
        if self._candidates:
            for candidate in self._candidates:
                face, _ = _look_near(image, candidate.seen[-1], self.detect)
                candidate.faces.append(face)
            if len(self._candidates[0].faces) == TRIAL:
                decided = self.finish()
        elif self._follow(image, i):
            decided = [(i, self._face)]
        else:
            moment = _MOMENT * self.rate
            if i - self._searched > moment:
                self._pause = 0
            blinks = self._face is not None and self._lost <= _BLINK
            if not blinks and i - self._searched >= self._pause:
                self._searched = i
                self._pause = min(max(1, 2 * self._pause), max(1, round(moment)))
                self._search(image, i)
        self.multiple_faces[i] = bool(self._others) or len(self._candidates) > 1
        return decided

    def finish(self) -> list[tuple[int, Face]]:
        """End the trials, as the clip's end does: choose one face. Returns what `step` does."""
        lasting = [c for c in self._candidates if len(c.seen) >= _SEEN * len(c.faces)]
        tried, self._candidates = bool(self._candidates), []
        if not lasting:
            self._lost += TRIAL * tried
            return []
        lost = self._face
        if lost is None:  # of the largest, best and most lasting face most
            best = max(lasting, key=lambda c: sum(face.side * face.score for face in c.seen))
        else:
            best = min(lasting, key=lambda c: lost.center_distance(c.faces[0] or c.seen[-1]))
        self._face, self._lost = best.seen[-1], 0
        ends = [candidate.seen[-1] for candidate in lasting]
        self._remember_others(f for f in ends if f.center_distance(self._face) > _STEP / 2)
        return [(best.first + k, face) for k, face in enumerate(best.faces) if face]

    def _follow(self, image: np.ndarray, i: int) -> bool:
        """Look for the face where it was, and now and then for who else is there."""
        face = None
        if self._face is not None and self._lost <= _MOMENT * self.rate:
            face, others = _look_near(image, self._face, self.detect, self._others)
            self._remember_others(others)
        if face is None:
            self._lost += 1
            return False
        self._face, self._lost = face, 0
        if i >= self._next_survey:  # what was known of the others is forgotten
            seen = faces_in_tiles(image, self._share, self.detect)
            self._others = [other for other in seen if other.center_distance(face) > _STEP / 2]
            self._put_off_survey(image, i)
        return True

    def _search(self, image: np.ndarray, i: int) -> None:
        """Put on trial what is found; what is far away, only a moment after the loss."""
        faces, self._share = search(image, self.detect)
        self._put_off_survey(image, i)
        lost = self._face
        if lost is not None:
            known = [face for face in faces if any(_alike(face, o) for o in self._others)]
            self._remember_others(known)
            faces = [
                face
                for face in faces
                if face not in known
                and (_alike(face, lost, _NEAR) or self._lost > _MOMENT * self.rate)
            ]
        self._candidates = [_CandidateTrack(i, [face]) for face in faces]

    def _put_off_survey(self, image: np.ndarray, i: int) -> None:
        height, width = image.shape
        self._next_survey = i + _SURVEY * len(tiles(width, height, self._share))

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


def _alike(face: Face, last: Face, sides: float = _STEP) -> bool:
    """Whether a face can be the same as an earlier one, at most so many sides away."""
    return face.center_distance(last) <= sides and face.size_ratio(last) <= _GROWTH
