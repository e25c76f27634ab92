"""Make the environment of `requirements.lock` in `.venv`, or fetch a wheel; `make` calls this.

Usage: python3 lib/install.py [--torch cpu|cuda] [--with-this-python]
       python3 lib/install.py --fetch WHEEL [pip's options for it]

It needs nothing but the standard library, and runs before anything is installed. An environment is
described by `.venv/installed`: the lock it came from, its Python, its folder and its build of
PyTorch. One that is not described, because an installation stopped halfway, or that has moved since
or lost its Python, is made anew. Whatever can go wrong with pip ends in one sentence.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
LOG = VENV / "install.log"
LOCK = ROOT / "requirements.lock"
DOWNLOADS = ROOT / "build" / "downloads"
OLDEST, NEWEST = (3, 11), (3, 14)  # of Python, as in pyproject.toml
CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # PyTorch's own; the package index has CUDA's
GIGABYTES = {"cpu": 4, "cuda": 12}  # of disk, while it is installed
INSTALL = ("install", "--progress-bar=off", "--no-compile")  # what is imported is compiled then

# What pip says when the machine is at fault, or the network or the index, and what to tell whoever
# reads it. The first that fits counts: without a network, pip also says that it found no version.
MACHINE = (
    (
        r"No space left on device|Disk quota exceeded|\[Errno (28|122)\]",
        "the disk is full: {free:.1f} GB are free where .venv is made; make room",
    ),
    (
        r"Permission denied|Read-only file system|\[Errno (13|30)\]",
        "a file or folder cannot be written ({line}); mend its permissions",
    ),
)
NETWORK = (
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError"
        r"|Max retries exceeded|[Cc]onnection (refused|reset|broken|aborted|error)|Read timed out"
        r"|Network is unreachable|IncompleteRead",
        "the package index cannot be reached; connect this machine to the network, or name the "
        "proxy in HTTPS_PROXY, or a mirror in PIP_INDEX_URL",
    ),
    (
        r"from versions: none|DO NOT MATCH THE HASHES|BadZipFile|is invalid\b|Invalid wheel",
        "what answers in the package index's place has no packages to give ({line}); a proxy or a "
        "page to log in on may be in between: open the index in a browser, or name a mirror in "
        "PIP_INDEX_URL",
    ),
)


class InstallError(Exception):
    """One sentence: what went wrong and what to do."""


def main() -> None:
    """Read the command line and do what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--torch", choices=["", *GIGABYTES], default="")
    parser.add_argument("--with-this-python", action="store_true")
    parser.add_argument("--fetch", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    try:
        if asked.fetch:
            fetch(asked.fetch)
        else:
            with LOCK.open() as held:  # one installation at a time
                fcntl.flock(held, fcntl.LOCK_EX)
                ensure(asked.torch, asked.with_this_python)
    except InstallError as error:
        sys.exit(f"make: {error}.")
    except OSError as error:
        sys.exit(f"make: {error}; mend it, then run make again.")
    except KeyboardInterrupt:
        sys.exit("make: stopped; run make again to begin anew.")


def ensure(torch: str, with_this_python: bool) -> None:
    """Make the environment, unless there is one already that is as asked for.

    Args:
        torch: the build of PyTorch, `cpu` or `cuda`; empty: what is there, else `cpu`.
        with_this_python: whether another Python in `.venv` than this one will not do.

    Raises:
        InstallError: it cannot be made.
    """
    try:
        stated = json.loads(STAMP.read_text())
        torch = torch or stated["torch"]
        packages = set(stated.pop("packages"))
        other = with_this_python and stated["python"] != version()
        if not other and stated == description(torch) and packages <= installed():
            return
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        pass  # there is no environment, or nobody knows what is in it
    check_python()
    make(torch or "cpu")
    stated = {**description(torch or "cpu"), "packages": sorted(installed())}
    STAMP.write_text(json.dumps(stated) + "\n")


def description(torch: str) -> dict:
    """What `.venv/installed` should say of the environment that is there, but for its packages."""
    needs = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("\n[tool.")[0]
    lock = hashlib.sha256(LOCK.read_bytes() + needs.encode()).hexdigest()
    python = answers(str(VENV / "bin" / "python"))
    return {"lock": lock, "python": python, "folder": str(VENV), "torch": torch}


def answers(python: str) -> str:
    """The version of a Python that can be run, as `3.12`; nothing of another."""
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.check_output(command, stderr=subprocess.DEVNULL).decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def installed() -> set:
    """Names and versions of the packages in the environment."""
    return {path.stem for path in VENV.glob("lib/python3.*/site-packages/*.dist-info")}


def version() -> str:
    """The version of the Python that runs this, as `3.12`."""
    return ".".join(map(str, sys.version_info[:2]))


def check_python() -> None:
    """Refuse a Python that cannot make the environment."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
        other = next(filter(answers, filter(shutil.which, names)), None)
        needed = f"Python 3.{OLDEST[1]} to 3.{NEWEST[1]} is needed"
        mend = f"make book PYTHON={other}" if other else "install one, then make book PYTHON=it"
        raise InstallError(f"{needed}, and {sys.executable} is {version()}: {mend}")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise InstallError(
            f"{sys.executable} cannot make environments; on Debian and Ubuntu: "
            "sudo apt install python3-venv"
        )


def make(torch: str) -> None:
    """Make `.venv` anew and install what the lock says, in exactly these versions."""
    check_disk(torch)
    print(f"installing into .venv, with Python {version()}", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        said = " ".join((made.stdout + made.stderr).split())
        raise InstallError(f"{sys.executable} made no environment: {said[-300:]}")
    if torch == "cpu":
        (pinned,) = re.findall(r"^torch==[\w.]+", LOCK.read_text(), re.MULTILINE)
        once = ("--retries", "0", "--timeout", "5")
        output = pip(*INSTALL, "--no-deps", "--index-url", CPU_INDEX, *once, pinned)
        if any(re.search(pattern, output) for pattern, _ in MACHINE):
            raise InstallError(explain(output))
        if output and sys.platform == "linux":
            print("PyTorch's own index gives no build for the CPU: taking the larger, for GPUs")
            check_disk("cuda")
    # As constraints, of which only those count that something needs: a build of PyTorch for the
    # CPU does not drag in CUDA. And pip sees for itself whether the lock has holes.
    run(*INSTALL, "--constraint", str(LOCK), "--editable", f"{ROOT}[book,dev]")
    run("check")


def check_disk(torch: str) -> None:
    """Refuse a disk that would be full before the end."""
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < GIGABYTES[torch]:
        raise InstallError(
            f"{GIGABYTES[torch]} GB are needed on the disk of {ROOT}, and {free:.1f} are free"
        )


def fetch(arguments: list) -> None:
    """Download a wheel into `build/downloads`; whoever reads it checks its digest."""
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    options = ("--progress-bar=off", "--no-deps", "--only-binary=:all:", "--dest", str(DOWNLOADS))
    run("download", *options, *arguments)


def run(*arguments: str) -> None:
    """Call pip, and say in one sentence what went wrong, if anything did."""
    output = pip(*arguments)
    if output:
        raise InstallError(explain(output))


def explain(output: str) -> str:
    """The sentence for what pip said before it failed."""
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    line = (errors or output.splitlines())[-1].replace("ERROR: ", "").strip().rstrip(".")
    free = shutil.disk_usage(ROOT).free / 1e9
    for pattern, sentence in MACHINE + NETWORK:
        if re.search(pattern, output):
            return sentence.format(line=line, free=free) + ", then run make again"
    return f"pip failed: {line} (all that it said: {LOG})"


def pip(*arguments: str) -> str:
    """Call the environment's pip and return what it said, or nothing if it succeeded."""
    # What it unpacks lies beside what it becomes: the system's folder for that may be small.
    scratch = VENV / "tmp"
    scratch.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    environment.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    logged = LOG.stat().st_size if LOG.exists() else 0
    process = subprocess.Popen(
        [str(VENV / "bin" / "python"), "-m", "pip", "--log", str(LOG), *arguments],
        cwd=ROOT,
        env={**environment, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    said = []
    with process:
        for line in process.stdout:
            said.append(line)
            if sys.stdout.isatty():  # one line that changes, so that nobody thinks it hangs
                print(f"\r\033[K{line.strip()[:78]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    shutil.rmtree(scratch, ignore_errors=True)
    if not process.returncode:
        return ""
    # Of an index that cannot be reached, pip speaks in its log alone, unless it has tried again.
    more = LOG.read_bytes()[logged:].decode(errors="replace") if LOG.exists() else ""
    return "".join([*said, *re.findall(".*Could not fetch URL.*", more)]) or "pip said nothing"


if __name__ == "__main__":
    main()
