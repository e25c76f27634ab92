"""What a page can show of the corpora: portraits, curves and films that a browser plays."""

import io
import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np

from understudy.dfdc import metadata
from understudy.expression import FRAMES, act, level
from understudy.files import read_wav
from understudy.film import CLIP_FRAMES, COLUMNS, LEFTS, ROWS, TOP
from understudy.head import UNITS
from understudy.iemocap import dialog_file, performance_file
from understudy.people import cast
from understudy.performance import RATE, Performance, load

SIDE = 170  # pixels, of a portrait out of a dialog
AROUND = 1.7  # side of a portrait out of a clip, in widths of the head
BELOW = 0.12  # of those widths, by which that portrait's middle lies below the eyes


class Curves(NamedTuple):
    """A turn over time, frame by frame."""

    times: np.ndarray  # (n,), s since the turn's start
    intensity: np.ndarray  # (n,), of the emotion, 0-1
    units: dict[str, np.ndarray]  # (n,) each, 0-1
    level: np.ndarray  # (n,), of the voice, dB of full scale


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


# ---------------------------------------------------------------- IEMOCAP's stand-in


def turn_portrait(root: Path, turn: Performance, share: float) -> np.ndarray:
    """Return the speaker's face, shape (SIDE, SIDE, 3), uint8 RGB.

    Args:
        root: of the corpus.
        turn: which one.
        share: 0 = at the turn's start, 1 = at its end.
    """
    time = turn.start + share * (turn.end - turn.start)
    left = LEFTS[not _wears_markers(turn)] + (COLUMNS - SIDE) // 2
    top = TOP + (ROWS - SIDE) // 2
    with av.open(str(root / dialog_file(_dialog(turn), "avi/DivX"))) as film:
        film.seek(int(time * av.time_base))
        frame = next(f for f in film.decode(video=0) if f.time >= time - 0.5 / FRAMES)
        return frame.to_ndarray(format="rgb24")[top : top + SIDE, left : left + SIDE]


def turn_curves(root: Path, turn: Performance, units: tuple[str, ...]) -> Curves:
    """Act a turn again, and say what intensity, face and voice do in it.

    Args:
        root: of the corpus.
        turn: which one.
        units: of the face, names in `understudy.head.UNITS`.
    """
    seed = json.loads((root / "understudy.json").read_text())["seed"]
    wearer = _wears_markers(turn)
    heard = read_wav(root / dialog_file(_dialog(turn), "wav"))[:, 0 if wearer else 1] / 32768
    turns = load(root / performance_file(_dialog(turn)))
    poses = act(seed, cast(seed)[turn.part.actor], turns, heard, wearer=wearer)
    span = (poses.times >= turn.start) & (poses.times <= turn.end)
    times = poses.times[span] - turn.start
    shown = {unit: poses.units[span, UNITS.index(unit)] for unit in units}
    return Curves(times, turn.intensity(times), shown, level(heard, poses.times[span]))


def turn_film(root: Path, turn: Performance, seconds: float) -> bytes:
    """Re-encode the beginning of a turn as H.264 and AAC in MP4, without black above and below.

    Args:
        root: of the corpus.
        turn: which one.
        seconds: how much of it, at most.

    Returns:
        The MP4 file, some 30 kB for each second.
    """
    start, end = turn.start, min(turn.end, turn.start + seconds)
    with av.open(str(root / dialog_file(_dialog(turn), "avi/DivX"))) as film:
        seen, heard = film.streams.video[0], film.streams.audio[0]
        film.seek(int(start * av.time_base))
        pictures = []
        for frame in film.decode(seen):
            if frame.time >= end:
                break
            if frame.time >= start:
                image = frame.to_ndarray(format="rgb24")[TOP : TOP + ROWS]
                pictures.append(av.VideoFrame.from_ndarray(image))
        samples = read_wav(root / dialog_file(_dialog(turn), "wav"))
        samples = samples[round(start * heard.rate) : round(end * heard.rate)].reshape(1, -1)
        spoken = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        spoken.sample_rate = heard.rate
        return _mp4([*pictures, spoken], (seen.width, ROWS), FRAMES, "25", "stereo")


def _dialog(turn: Performance) -> str:
    return turn.part.turn.rpartition("_")[0]


def _wears_markers(turn: Performance) -> bool:
    return turn.part.actor == _dialog(turn)[:6]


# ---------------------------------------------------------------- the small DFDC


def clip_facts(root: Path) -> dict[str, dict[str, Any]]:
    """Return what is told of each clip, by its name.

    Args:
        root: of the corpus.
    """
    return json.loads((root / metadata.FACTS).read_text(encoding="utf-8"))["clips"]


def clip_labels(root: Path) -> dict[str, dict[str, str]]:
    """Return the entries of all folders' `metadata.json`, by the clip's name.

    Args:
        root: of the corpus.
    """
    paths = sorted((root / metadata.HOME).glob("dfdc_train_part_*/metadata.json"))
    return {k: v for path in paths for k, v in json.loads(path.read_text()).items()}


def clip_portrait(
    root: Path, name: str, facts: dict[str, Any], time: float, side: int
) -> np.ndarray:
    """Return the face in a clip, shape (side, side, 3), uint8 RGB.

    Args:
        root: of the corpus.
        name: of the clip.
        facts: what `clip_facts` tells of it.
        time: s.
        side: pixels.
    """
    scene = facts["scene"]
    head = scene["face"] * scene["width"]
    middle = scene["x"] * scene["width"], scene["y"] * scene["height"] + BELOW * head
    with av.open(str(root / metadata.folder(facts["folder"]) / name)) as file:
        frame = next(f for f in file.decode(video=0) if f.time >= time - 0.5 / CLIP_FRAMES)
        picture = frame.to_ndarray(format="rgb24")
    square = cv2.getRectSubPix(picture, (round(AROUND * head),) * 2, middle)
    return cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)


def clip_film(root: Path, name: str, facts: dict[str, Any], seconds: float, height: int) -> bytes:
    """Re-encode the beginning of a clip, smaller, as H.264 and AAC in MP4.

    Args:
        root: of the corpus.
        name: of the clip.
        facts: what `clip_facts` tells of it.
        seconds: how much of it, at most.
        height: pixels of the picture, even.
    """
    with av.open(str(root / metadata.folder(facts["folder"]) / name)) as film:
        seen, heard = film.streams.video[0], film.streams.audio[0]
        width = 2 * round(height * seen.width / seen.height / 2)
        frames = (
            frame.reformat(width, height, interpolation="AREA")
            if isinstance(frame, av.VideoFrame)
            else frame
            for frame in film.decode(seen, heard)
            if frame.time < seconds
        )
        return _mp4(frames, (width, height), CLIP_FRAMES, "27", "mono")


def _mp4(
    frames: Iterable[av.VideoFrame | av.AudioFrame],
    size: tuple[int, int],
    rate: Fraction,
    crf: str,
    layout: str,
) -> bytes:
    """Encode pictures and sound at 16 kHz for a browser."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as file:
        video = file.add_stream("libx264", rate=rate, options={"preset": "slow", "crf": crf})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = file.add_stream("aac", rate=RATE, layout=layout, bit_rate=64_000)
        for frame in frames:
            stream = video if isinstance(frame, av.VideoFrame) else audio
            file.mux(stream.encode(frame))
        for stream in (video, audio):
            file.mux(stream.encode())
    return buffer.getvalue()
