"""A file on disk becomes an open container, or a sentence that says why not."""

from __future__ import annotations

import errno
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition

from tells.errors import TellsError


class MediaError(TellsError):
    """A file cannot be used.

    Attributes:
        reason: why, without the file's name, so that a run can count equal reasons.
    """

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Cross process borders, as Dask asks of an exception."""
        return type(self), (str(self).removesuffix(f": {self.reason}"), self.reason)


# FFmpeg also "reads" lists of other files (HLS, DASH, concat, numbered pictures), network
# addresses, devices, filter graphs and plain text. A file is data: only containers that hold
# their own sound and pictures are opened, and no protocol but `file:` from inside them.
CONTAINERS = (
    # pictures, with or without sound
    "amv,apng,asf,avi,cavsvideo,dhav,dirac,dnxhd,dv,flic,flv,gif,gxf,h261,h263,h264,hevc,ivf,kux,"
    "live_flv,m4v,matroska,mjpeg,mov,mpeg,mpegts,mpegvideo,mpjpeg,mxf,nsv,nut,nuv,obu,av1,ogg,rm,"
    "roq,smjpeg,swf,vc1,vc1test,vvc,webm,wtv,xmv,yuv4mpegpipe,"
    # sound alone
    "aac,aax,ac3,ac4,adx,aiff,amr,amrnb,amrwb,ape,asf_o,au,caf,"  # codespell:ignore caf
    "dsf,dts,dtshd,eac3,flac,g722,"
    "g723_1,g726,g726le,g729,gsm,ilbc,iamf,ircam,loas,mlp,mp3,mpc,mpc8,nistsphere,oma,pvf,qcp,qoa,"
    "rso,sbc,shn,sln,sox,tak,truehd,tta,voc,w64,wav,wavarc,wsd,wv,xa,xwma"
)
MAX_SIDE = 16_384  # pixels; beyond it a header is damaged, or made to exhaust the memory
MAX_PIXELS = 200_000_000  # 8K has 33 million
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<MPD", b"<smil", b"<asx")
_SNIFF = 4096  # bytes of a file in which one of these may stand

# What PyAV raises for damaged data. ValueError: the format of a sound changes half-way.
# IndexError: a stream turns up that was not there when the file was opened.
DAMAGE = (av.error.FFmpegError, ValueError, IndexError)


def check_span(start: float, end: float | None) -> None:
    """Refuse a span that holds no moment."""
    if start < 0 or (end is not None and end <= start):
        raise TellsError(f"start must be 0 or more and lie before end; got {start} s and {end} s.")


def open_file(path: Path, kind: str) -> InputContainer:
    """Open a regular file; `kind` (audio, video) is what the message calls it.

    Raises:
        MediaError: the file is missing, empty, no regular file, of no known kind, or a list of
            other files.
        TellsError: the machine does not let it be read.
    """
    try:
        if not path.is_file():  # a pipe or a device could make the reader wait for ever
            raise MediaError(path, "not a file" if path.exists() else "no such file")
        with path.open("rb") as file:
            if not file.read(1):
                raise MediaError(path, "empty file (0 bytes); copy it again")
    except OSError as error:
        raise TellsError(
            f"{path} cannot be read ({error.strerror}), which says nothing about what is in it; "
            "mend its permissions, or the disk."
        ) from error
    try:
        return av.open(
            f"file:{path}",  # or a colon in the name would name a protocol
            metadata_errors="replace",
            options={"max_pixels": str(MAX_PIXELS)},
            container_options={"format_whitelist": CONTAINERS, "protocol_whitelist": "file"},
        )
    except DAMAGE as error:
        with path.open("rb") as file:
            head = file.read(_SNIFF)
        if any(mark in head for mark in _PLAYLISTS):
            raise MediaError(path, "a list of other files; give one of those") from error
        reason = unreadable(kind, error)
        if getattr(error, "errno", None) == errno.EINVAL:  # what the list of containers answers
            reason = f"not readable as {kind}: not a kind of file that holds it"
        raise MediaError(path, reason) from error


def moving_pictures(container: InputContainer) -> list[av.VideoStream]:
    """The video streams of a file; a cover picture is not one."""
    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    return [stream for stream in container.streams.video if not stream.disposition & covers]


def unreadable(kind: str, error: Exception) -> str:
    """The reason for an error of FFmpeg's own."""
    reason = getattr(error, "strerror", None) or str(error)
    return f"not readable as {kind}, perhaps damaged ({reason})"


def beginning(container: InputContainer) -> Fraction | None:
    """Second 0 of `audio` and `frames` on the clock of the file's timestamps.

    The earliest of its streams begins there, as in FFmpeg and in players: zero is one moment for
    picture and sound, although one of them may begin later. None where the file has no timestamps.
    """
    if container.start_time is None:
        return None
    rounded = Fraction(container.start_time, av.time_base)  # to whole microseconds
    starts = [
        stream.start_time * stream.time_base
        for stream in container.streams
        if stream.start_time is not None and stream.time_base is not None
    ]
    exact = [start for start in starts if abs(start - rounded) * av.time_base <= 1]
    return min(exact, default=rounded)
