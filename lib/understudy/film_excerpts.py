"""What a page can show of a corpus: portraits, curves and clips that a browser plays."""

import io
import json
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np

from understudy.actors import cast
from understudy.expression import FRAMES, act, level
from understudy.files import sound
from understudy.film import COLUMNS, LEFTS, ROWS, TOP
from understudy.head import UNITS
from understudy.performance import Performance, load

ENCODER = {"preset": "slow", "crf": "25"}
SIDE = 170  # pixels, of a portrait


class Curves(NamedTuple):
    """A turn over time, frame by frame."""

    times: np.ndarray  # (n,), s since the turn's start
    intensity: np.ndarray  # (n,), of the emotion, 0-1
    units: dict[str, np.ndarray]  # (n,) each, 0-1
    level: np.ndarray  # (n,), of the voice, dB of full scale


def portrait(root: Path, turn: Performance, share: float) -> np.ndarray:
    """Return the speaker's face, shape (SIDE, SIDE, 3), uint8 RGB.

    Args:
        root: of the corpus.
        turn: which one.
        share: 0 = at the turn's start, 1 = at its end.
    """
    time = turn.start + share * (turn.end - turn.start)
    left, top = LEFTS[not _on_the_left(turn)] + (COLUMNS - SIDE) // 2, TOP + (ROWS - SIDE) // 2
    with av.open(str(_file(root, turn, "avi/DivX"))) as film:
        film.seek(int(time * av.time_base))
        frame = next(f for f in film.decode(video=0) if f.time >= time - 0.5 / FRAMES)
        return frame.to_ndarray(format="rgb24")[top : top + SIDE, left : left + SIDE]


def contact_sheet(pictures: list[list[np.ndarray | None]], side: int) -> np.ndarray:
    """Return pictures in rows and columns, uint8 RGB; None leaves a place white.

    Args:
        pictures: rows of square pictures.
        side: pixels to which each is scaled.
    """
    blank = np.full((side, side, 3), 255, np.uint8)
    scaled = [
        [
            blank if p is None else cv2.resize(p, (side, side), interpolation=cv2.INTER_CUBIC)
            for p in row
        ]
        for row in pictures
    ]
    return np.vstack([np.hstack(row) for row in scaled])


def curves(root: Path, turn: Performance, units: tuple[str, ...]) -> Curves:
    """Act a turn again, and say what intensity, face and voice do in it.

    Args:
        root: of the corpus.
        turn: which one.
        units: of the face, names in `understudy.head.UNITS`.
    """
    seed = json.loads((root / "understudy.json").read_text())["seed"]
    left = _on_the_left(turn)
    heard = sound(_file(root, turn, "wav"))[:, 0 if left else 1] / 32768
    turns = load(root / "performances" / f"{_dialog(turn)}.json")
    poses = act(seed, cast(seed)[turn.part.actor], turns, heard, wearer=left)
    span = (poses.times >= turn.start) & (poses.times <= turn.end)
    times = poses.times[span] - turn.start
    shown = {unit: poses.units[span, UNITS.index(unit)] for unit in units}
    return Curves(times, turn.intensity(times), shown, level(heard, poses.times[span]))


def clip(root: Path, turn: Performance, seconds: float) -> bytes:
    """Re-encode the beginning of a turn as H.264 and AAC in MP4, without black above and below.

    Args:
        root: of the corpus.
        turn: which one.
        seconds: how much of it, at most.

    Returns:
        The MP4 file, some 30 kB for each second.
    """
    start, end = turn.start, min(turn.end, turn.start + seconds)
    buffer = io.BytesIO()
    path = str(_file(root, turn, "avi/DivX"))
    with av.open(path) as film, av.open(buffer, "w", format="mp4") as file:
        seen, heard = film.streams.video[0], film.streams.audio[0]
        video = file.add_stream("libx264", rate=FRAMES, options=ENCODER)
        video.width, video.height, video.pix_fmt = seen.width, ROWS, "yuv420p"
        audio = file.add_stream("aac", rate=heard.rate, layout="stereo", bit_rate=64_000)
        film.seek(int(start * av.time_base))
        for frame in film.decode(seen):
            if frame.time >= end:
                break
            if frame.time >= start:
                image = frame.to_ndarray(format="rgb24")[TOP : TOP + ROWS]
                file.mux(video.encode(av.VideoFrame.from_ndarray(image)))
        samples = sound(_file(root, turn, "wav"))
        samples = samples[round(start * heard.rate) : round(end * heard.rate)].reshape(1, -1)
        spoken = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        spoken.sample_rate = heard.rate
        file.mux(audio.encode(spoken))
        for stream in (video, audio):
            file.mux(stream.encode())
    return buffer.getvalue()


def _dialog(turn: Performance) -> str:
    return turn.part.turn.rpartition("_")[0]


def _on_the_left(turn: Performance) -> bool:
    return turn.part.actor == _dialog(turn)[:6]


def _file(root: Path, turn: Performance, kind: str) -> Path:
    name = _dialog(turn)
    suffix = kind.partition("/")[0]
    return root / f"Session{int(name[3:5])}" / "dialog" / kind / f"{name}.{suffix}"
