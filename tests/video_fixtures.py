"""Video clips made on the spot, whose every picture carries its number."""

import contextlib
import math
import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = (2, 4)  # rows and columns of the blocks that spell a picture's number
SIZE = (64, 48)  # width and height of a clip that asks for no other
CODECS = (  # codec, container: what the encoders of PyAV's wheel can write
    ("libx264", "mp4"),
    ("libx264", "mkv"),
    ("libx264", "flv"),
    ("libx264", "mpegts"),
    ("libx265", "mp4"),
    ("libvpx-vp9", "webm"),
    ("libvpx", "webm"),
    ("libsvtav1", "mp4"),
    ("mpeg4", "avi"),
    ("mpeg4", "mp4"),
    ("mpeg2video", "mpeg"),
    ("mjpeg", "avi"),
    ("flv", "flv"),
)


def picture(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A picture, shape (height, width), whose blocks spell its number: bright is 1."""
    width, height = size
    bits = [(number >> i) & 1 for i in range(BITS[0] * BITS[1])]
    rows = np.arange(height) * BITS[0] // height
    columns = np.arange(width) * BITS[1] // width
    return np.reshape(np.where(bits, 200, 50), BITS).astype(np.uint8)[rows][:, columns]


def number(image: np.ndarray) -> int:
    """The number that a decoded picture spells, in grey or in colour, at any size."""
    grey = image.mean(axis=2) if image.ndim == 3 else image
    rows, columns = np.shape(grey)[0] / BITS[0], np.shape(grey)[1] / BITS[1]
    bits = [
        grey[int((i + 0.5) * rows), int((j + 0.5) * columns)] > 125
        for i in range(BITS[0])
        for j in range(BITS[1])
    ]
    return sum(1 << i for i, bit in enumerate(bits) if bit)


def clip(
    path: Path,
    frames: int | Iterable[np.ndarray] = 25,
    rate: float | Fraction = 25,
    codec: str = "mpeg4",
    container: str | None = None,
    *,
    size: tuple[int, int] = SIZE,
    times: Sequence[float] | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    aspect: Fraction | None = None,
    pixels: str | None = None,
    keys: int = 8,
    b_frames: int = 0,
    options: dict[str, str] | None = None,
    sound: np.ndarray | None = None,
    sound_at: float = 0.0,
) -> Path:
    """Write a clip.

    Args:
        path: where; its suffix says the container unless `container` does.
        frames: how many numbered pictures, or the pictures, (height, width) or (height, width, 3).
        rate: frames per second.
        codec: FFmpeg's name of the encoder.
        container: FFmpeg's name of the container.
        size: width and height of the numbered pictures.
        times: s, when each picture is shown; None spaces them by the rate.
        rotation: degrees by which a player must turn the stored picture counterclockwise.
        mirrored: whether it must also flip it left to right.
        aspect: width over height of one pixel.
        pixels: FFmpeg's name of the pixel format; None is the codec's usual one.
        keys: most frames from one key frame to the next.
        b_frames: most B-frames in a row.
        options: of the encoder.
        sound: shape (n,) at 16 kHz; None writes no sound.
        sound_at: s, when it begins.
    """
    if isinstance(frames, int):
        frames = (picture(i, size) for i in range(frames))
    format_name = {"mkv": "matroska", "ts": "mpegts"}.get(container, container)
    # Without B-frames and look-ahead an encoder needs no time to speak of.
    fast = {
        "libx264": {"preset": "ultrafast", "bf": str(b_frames), "x264-params": "scenecut=0"},
        "libx265": {"preset": "ultrafast", "x265-params": f"log-level=none:bframes={b_frames}"},
        "libsvtav1": {"preset": "12"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
        "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    }
    pixels = pixels or ("yuvj420p" if codec == "mjpeg" else "yuv420p")
    rate = Fraction(rate).limit_denominator(1001)
    tick = 1 / rate if times is None else Fraction(1, 1000)
    with av.open(str(path), "w", format=format_name) as file:
        stream = voice = None
        if sound is not None:
            voice = file.add_stream(_voice(path, container), rate=16_000, layout="mono")
        for i, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, "gray" if image.ndim == 2 else "rgb24")
            if stream is None:
                chosen = {**fast.get(codec, {}), **(options or {})}
                stream = file.add_stream(codec, rate=rate, options=chosen)
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixels
                stream.gop_size, stream.max_b_frames = keys, b_frames
                stream.thread_count, stream.codec_context.time_base = 1, tick
                if aspect is not None:
                    stream.sample_aspect_ratio = aspect
            if rotation or mirrored:
                stream.set_display_rotation(rotation, hflip=mirrored)
            frame = frame.reformat(format=pixels)
            frame.pts = i if times is None else round(times[i] / tick)
            frame.time_base = tick
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if voice is not None:
            for at in range(0, len(sound), 1024):
                piece = av.AudioFrame.from_ndarray(
                    np.int16(sound[None, at : at + 1024] * 32767), format="s16", layout="mono"
                )
                piece.sample_rate, piece.pts = 16_000, at + round(sound_at * 16_000)
                piece.time_base = Fraction(1, 16_000)
                file.mux(voice.encode(piece))
            file.mux(voice.encode(None))
    return path


def _voice(path: Path, container: str | None) -> str:
    """The encoder for the sound of a container."""
    name = container or Path(path).suffix.removeprefix(".")
    return {"webm": "libopus", "avi": "pcm_s16le", "mkv": "pcm_s16le"}.get(name, "aac")


def fuzz(folder: Path, variants: int) -> tuple[int, int]:
    """Read damaged clips; any error but MediaError is let through.

    Returns:
        How many gave frames and how many a MediaError.
    """
    from tells import media

    rng = np.random.default_rng(0)
    sound = np.sin(np.arange(8_000) / 9) / 2
    clips = []
    for i, (codec, container) in enumerate(CODECS):
        path = folder / f"good{i}.{container}"
        voice = None if container in ("mpeg", "mpegts") else sound
        clips.append(clip(path, 12, 25, codec, container, sound=voice).read_bytes())
    decoded = refused = 0
    for i in range(variants):
        data = bytearray(clips[i % len(clips)])
        kind = rng.integers(4)
        if kind == 0:  # flip bytes anywhere
            for at in rng.integers(len(data), size=rng.integers(1, 60)):
                data[at] = rng.integers(256)
        elif kind == 1:  # flip bytes in the first kilobyte, where headers are
            for at in rng.integers(min(len(data), 1024), size=rng.integers(1, 8)):
                data[at] = rng.integers(256)
        elif kind == 2:  # cut
            data = data[: rng.integers(1, len(data))]
        else:  # splice the end of another
            other = clips[rng.integers(len(clips))]
            data = data[: rng.integers(1, len(data))] + other[rng.integers(len(other)) :]
        path = folder / f"bad{i}.bin"
        path.write_bytes(data)
        try:
            last = -math.inf
            start, colour = float(rng.choice([0.0, 0.2])), bool(rng.integers(2))
            for frame in media.frames(path, start=start, colour=colour):
                if frame.time <= last or frame.image.dtype != np.uint8:
                    raise AssertionError(f"{path}: {frame.time} s after {last} s")
                last = frame.time
            decoded += 1
        except media.MediaError:
            refused += 1
        with contextlib.suppress(media.MediaError):
            media.audio(path)
        path.unlink()
    return decoded, refused


if __name__ == "__main__":
    counts = fuzz(Path(sys.argv[1]), int(sys.argv[2]))
    print(sys.argv[2], *counts)
