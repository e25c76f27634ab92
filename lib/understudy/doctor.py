"""What the actors need and have: `python -m understudy.doctor` prints it as JSON for others.

A list of checks, each of a state (`ok`, `note` or `fail`), a subject and what there is to say.
"""

import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from understudy.errors import UnderstudyError
from understudy.espeak import Line, speak
from understudy.files import BASIS, DIGEST


def check_voice() -> tuple[str, str, str]:
    """Let espeak-ng say a word."""
    try:
        (spoken,), rate = speak("tells doctor", "en-us", [Line("hello", 160, 50, 50)])
    except (UnderstudyError, OSError) as error:
        return "fail", "voice", f"{error}; remove .venv, then make book"
    return "ok", "voice", f"espeak-ng says a word, of {len(spoken.samples) / rate:.1f} s"


def check_head(path: Path = BASIS) -> tuple[str, str, str]:
    """Read the actors' head, and ask what it was made from."""
    if not path.exists():
        return "note", "head", "not made yet; make book does it, or make assets"
    try:
        with np.load(path) as arrays:
            whole = all(arrays[name].nbytes for name in arrays)  # reading checks each one's CRC
            known = whole and str(arrays["source"]) == DIGEST
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error):
        known = False
    if not known:
        return "fail", "head", f"{path} is damaged or another; remove it, then make assets"
    return "ok", "head", f"made from MakeHuman's files {DIGEST[:8]}"


if __name__ == "__main__":
    print(json.dumps([check_voice(), check_head()]))
