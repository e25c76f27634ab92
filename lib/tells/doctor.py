"""`tells doctor`: is everything here that the chapters, the tests and the book will ask for?

It must answer where half of it is missing, and within seconds. So it imports nothing that could
fail to load, and the actors' side, which knows nothing of this package, answers in a process of its
own.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import locale
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Literal, NamedTuple

import psutil
from packaging.requirements import Requirement
from packaging.version import Version

from tells.assets import DIGEST, MODEL

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"

_DISK = 5.0  # GB, that a whole book needs below `build`
_MEMORY = 3.0  # GB, that two chapters at a time need
_PATIENCE = 30  # s, that the actors' side may take to answer

# What OpenCV, MediaPipe and LightGBM link to and do not bring: package of Debian and of Fedora.
LIBRARIES = {
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGLESv2.so.2": ("libgles2", "libglvnd-gles"),
    "libgomp.so.1": ("libgomp1", "libgomp"),
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLAYWRIGHT = (  # where it puts a browser of its own, below the folder of its downloads
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")


class Check(NamedTuple):
    """One line of the doctor's.

    Attributes:
        state: `ok`; `note`, what is missing will be made, or is not needed for the book; `fail`.
        subject: what was looked at.
        said: what was found or, unless all is well, what to do.
    """

    state: Literal["ok", "note", "fail"]
    subject: str
    said: str


def examine() -> Iterator[Check]:
    """Look at everything, in the order in which it is needed.

    Yields:
        One check at a time. Nothing is changed, but that folders are tried by writing to them.
    """
    command = [sys.executable, "-m", "understudy.doctor"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as actors:  # noqa: S603 - a module of this project
        yield Check("ok", "Python", f"{platform.python_version()}, {sys.prefix}")
        yield _packages()
        yield _libraries()
        yield _encoding()
        yield _kernel()
        yield from map(_writable, (BUILD, Path.home()))
        yield from _space()
        yield _detector()
        yield from _answers(actors)
        yield _fonts()
        yield _chromium()
        yield _gpu()


def _packages() -> Check:
    """Whether what decides a number, what the library itself imports, is that of the lock."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    exact = {r.name: str(r.specifier)[2:] for r in locked if not r.marker or r.marker.evaluate()}
    direct = [Requirement(line) for line in metadata.requires("tells") or ()]
    names = sorted(r.name.lower() for r in direct if not r.marker or "extra" not in str(r.marker))
    wrong = []
    for name in names:
        try:
            found = Version(metadata.version(name)).public
        except metadata.PackageNotFoundError:
            found = "missing"
        if found != exact.get(name):
            wrong.append(f"{name} is {found}, not {exact.get(name, 'in the lock')}")
    if wrong:
        return Check("fail", "packages", f"{'; '.join(wrong)}; remove .venv, then make book")
    return Check("ok", "packages", f"{len(names)} that decide numbers are those of the lock")


def _libraries() -> Check:
    """Whether the shared libraries of other people's packages can be loaded."""
    if sys.platform == "darwin":  # LightGBM's wheel leaves OpenMP to Homebrew
        if _missing([str(_folder("lightgbm") / "lib" / "lib_lightgbm.dylib")]):
            return Check("fail", "libraries", "LightGBM finds no OpenMP; brew install libomp")
        return Check("ok", "libraries", "LightGBM finds OpenMP")
    if missing := _missing(LIBRARIES):
        debian, fedora = zip(*(LIBRARIES[name] for name in missing), strict=True)
        said = f"{', '.join(missing)} missing; Debian, Ubuntu: apt install {' '.join(debian)}; "
        return Check("fail", "libraries", f"{said}Fedora: dnf install {' '.join(fedora)}")
    return Check("ok", "libraries", "those of OpenCV, MediaPipe and LightGBM")


def _missing(libraries: Iterable[str]) -> list[str]:
    missing = []
    for library in libraries:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(library)
    return missing


def _folder(package: str) -> Path:
    """Where a package lies that is not imported; no place, if it is not installed."""
    found = util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else Path(os.devnull)


def _encoding() -> Check:
    """Whether text is UTF-8, on the disk and on the screen."""
    used = {locale.getpreferredencoding(False), sys.stdout.encoding, sys.getfilesystemencoding()}
    if {name.lower().replace("-", "") for name in used} != {"utf8"}:
        return Check("fail", "encoding", f"{', '.join(sorted(used))}; export PYTHONUTF8=1")
    return Check("ok", "encoding", "UTF-8")


def _kernel() -> Check:
    """Whether chapters will run on this Python, and not on another that Jupyter finds first."""
    from jupyter_core.paths import jupyter_path

    specs = (Path(folder, "python3", "kernel.json") for folder in jupyter_path("kernels"))
    spec = next(filter(Path.is_file, specs), None)
    try:
        program = json.loads(spec.read_text(encoding="utf-8"))["argv"][0] if spec else "python"
    except (OSError, ValueError, LookupError):
        program = "nobody knows what"
    # Jupyter puts the running Python in the place of one that is named without a folder.
    if re.fullmatch(r"python[\d.]*", program) or Path(program) == Path(sys.executable):
        return Check("ok", "kernel", "this environment's")
    return Check(
        "fail", "kernel", f"{spec} runs {program}, not this environment's Python; remove it"
    )


def _writable(folder: Path) -> Check:
    """Whether a file can be written: libraries keep caches in HOME, and all else is in `build`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"a word")
    except OSError as error:
        said = f"{folder} cannot be written ({error.strerror}); mend its permissions"
        return Check("fail", "folder", said)
    return Check("ok", "folder", f"{folder} can be written")


def _space() -> Iterator[Check]:
    """Whether a book fits on the disk, unless it is there, and two chapters into memory."""
    free = shutil.disk_usage(BUILD if BUILD.exists() else ROOT).free / 1e9
    if free >= _DISK or (BUILD / "understudy" / "standard.done").exists():
        yield Check("ok", "disk", f"{free:.0f} GB are free")
    else:
        yield Check("fail", "disk", f"{free:.1f} GB are free for {BUILD}; {_DISK:g} are needed")
    free = psutil.virtual_memory().available / 1e9
    if free >= _MEMORY:
        yield Check("ok", "memory", f"{free:.0f} GB are free")
    else:
        said = f"{free:.1f} GB are free, {_MEMORY:g} are needed; end other programs, or run "
        yield Check("note", "memory", f"{said}`.venv/bin/tells book --jobs 1`")


def _detector() -> Check:
    """Whether the face detector's file is the one that was asked for."""
    try:
        content = MODEL.read_bytes()
    except FileNotFoundError:
        return Check("note", "detector", "not fetched yet; make book does it, or make assets")
    except OSError as error:
        return Check("fail", "detector", f"{MODEL}: {error.strerror}; mend its permissions")
    if hashlib.sha256(content).hexdigest() != DIGEST:
        return Check("fail", "detector", f"{MODEL} is another file; remove it, then make assets")
    return Check("ok", "detector", f"BlazeFace {DIGEST[:8]}")


def _answers(actors: subprocess.Popen[str]) -> Iterator[Check]:
    """What the actors' side says of itself."""
    try:
        output, errors = actors.communicate(timeout=_PATIENCE)
        yield from (Check(*check) for check in json.loads(output))
    except subprocess.TimeoutExpired:
        actors.kill()
        yield Check("fail", "actors", f"no answer within {_PATIENCE} s; is the machine very busy?")
    except ValueError:
        reason = (errors.strip().splitlines() or ["it said nothing"])[-1]
        yield Check("fail", "actors", f"cannot start ({reason}); mend what is said above")


def _fonts() -> Check:
    """Whether a browser has letters to draw with; figures bring their own."""
    folders = (*_FONTS, Path.home() / ".fonts", Path.home() / ".local" / "share" / "fonts")
    if any(next(Path(f).rglob("*.[to]t[fc]"), None) for f in folders):
        return Check("ok", "font", "pages can be drawn")
    said = "none, so pages cannot be drawn for the tests; install fonts-dejavu-core "
    return Check("note", "font", f"{said}(Debian, Ubuntu) or dejavu-sans-fonts (Fedora)")


def find_chromium() -> str | None:
    """A Chromium or Chrome on this machine: of the system, or one that playwright has fetched."""
    chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    caches = Path("Library", "Caches") if sys.platform == "darwin" else Path(".cache")
    fetched = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / caches / "ms-playwright"
    own = (str(path) for pattern in _PLAYWRIGHT for path in sorted(Path(fetched).glob(pattern)))
    return next(filter(None, map(shutil.which, (*_BROWSERS, chrome, *own))), None)


def _chromium() -> Check:
    """Whether the tests can open the book's pages."""
    if found := find_chromium():
        return Check("ok", "Chromium", found)
    said = "none, so the tests open no page; install chromium (Debian, Fedora) or Chrome, or "
    return Check("note", "Chromium", f"{said}.venv/bin/playwright install chromium")


def _gpu() -> Check:
    """Whether there is a GPU, and a build of PyTorch that can use it."""
    file = _folder("torch") / "version.py"
    build = re.search(r"^cuda.*= *'([\d.]+)'", file.read_text(), re.M) if file.is_file() else None
    device = shutil.which("nvidia-smi") or Path("/dev/nvidiactl").exists()
    if device and build:
        return Check("ok", "GPU", f"NVIDIA's; PyTorch is built for CUDA {build[1]}")
    if device:
        return Check("note", "GPU", "not used: PyTorch is built for the CPU; make book TORCH=cuda")
    return Check("ok", "GPU", "none; networks are trained on the CPU")
