"""What computed a result: the versions of everything that decides a number, and the commit."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from pathlib import Path

# What decides a number: decodes, describes, finds faces, trains, classifies.
_PACKAGES = (
    *("torch", "lightning", "numpy", "scipy", "scikit-learn", "lightgbm", "lazypredict"),
    *("opensmile", "mediapipe", "opencv-contrib-python", "av", "pyworld-prebuilt"),
)


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that a result may depend on.

    That of `tells` names the commit, as `0.1.0+1a2b3c4d5e6f`, and says `.changed` where the tree
    differs from it.
    """
    found = {name: importlib.metadata.version(name) for name in ("tells", *_PACKAGES)}
    found["tells"] += _commit()
    return {"python": platform.python_version(), **found}


def _commit() -> str:
    """`+` and the commit that this library is checked out at, or nothing where there is no git."""
    answers = []
    for question in ("rev-parse --short=12 HEAD", "status --porcelain lib notebooks"):
        command = ["git", "-C", str(Path(__file__).parents[3]), *question.split()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
        except (OSError, subprocess.CalledProcessError):
            return ""
        answers.append(done.stdout.strip())
    commit, changed = answers
    return f"+{commit}{'.changed' if changed else ''}"
