"""What a page can show of the small DFDC: what its clips are, faces, clips that a browser plays."""

import io
import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from understudy.dfdc import metadata
from understudy.dfdc.faces import FRAMES

ENCODER = {"preset": "slow", "crf": "27"}
AROUND = 1.7  # side of a portrait, in widths of the head
BELOW = 0.12  # of those widths, by which the portrait's middle lies below the eyes


def about(root: Path) -> dict[str, dict[str, Any]]:
    """Return what is told of each clip, by its name.

    Args:
        root: of the corpus.
    """
    return json.loads((root / metadata.ABOUT).read_text(encoding="utf-8"))["clips"]


def labels(root: Path) -> dict[str, dict[str, str]]:
    """Return the entries of all folders' `metadata.json`, by the clip's name.

    Args:
        root: of the corpus.
    """
    paths = sorted((root / metadata.HOME).glob("dfdc_train_part_*/metadata.json"))
    return {k: v for path in paths for k, v in json.loads(path.read_text()).items()}


def portrait(root: Path, name: str, clip: dict[str, Any], time: float, side: int) -> np.ndarray:
    """Return the face in a clip, shape (side, side, 3), uint8 RGB.

    Args:
        root: of the corpus.
        name: of the clip.
        clip: what `about` tells of it.
        time: s.
        side: pixels.
    """
    scene = clip["scene"]
    head = scene["face"] * scene["width"]
    middle = scene["x"] * scene["width"], scene["y"] * scene["height"] + BELOW * head
    with av.open(str(_path(root, name, clip))) as file:
        frame = next(f for f in file.decode(video=0) if f.time >= time - 0.5 / FRAMES)
        picture = frame.to_ndarray(format="rgb24")
    whole = (round(AROUND * head),) * 2
    square = cv2.getRectSubPix(picture, whole, middle)
    return cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)


def preview(root: Path, name: str, clip: dict[str, Any], seconds: float, height: int) -> bytes:
    """Re-encode the beginning of a clip, smaller, as H.264 and AAC in MP4.

    Args:
        root: of the corpus.
        name: of the clip.
        clip: what `about` tells of it.
        seconds: how much of it, at most.
        height: pixels of the picture, even.
    """
    buffer = io.BytesIO()
    with av.open(str(_path(root, name, clip))) as film, av.open(buffer, "w", format="mp4") as file:
        seen, heard = film.streams.video[0], film.streams.audio[0]
        video = file.add_stream("libx264", rate=FRAMES, options=ENCODER)
        video.height, video.pix_fmt = height, "yuv420p"
        video.width = 2 * round(height * seen.width / seen.height / 2)
        audio = file.add_stream("aac", rate=heard.rate, layout="mono", bit_rate=64_000)
        for frame in film.decode(seen, heard):
            if frame.time >= seconds:
                continue
            if isinstance(frame, av.VideoFrame):
                small = frame.reformat(video.width, video.height, interpolation="AREA")
                file.mux(video.encode(small))
            else:
                file.mux(audio.encode(frame))
        for stream in (video, audio):
            file.mux(stream.encode())
    return buffer.getvalue()


def _path(root: Path, name: str, clip: dict[str, Any]) -> Path:
    return root / metadata.folder(clip["folder"]) / name
