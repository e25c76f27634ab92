"""What computed a result: the code, the commit, and the versions of all that decides a number.

A docstring, a comment or the layout of a module is not code, and a chapter that draws one kind of
figure does not depend on how another is drawn: names that a package's `__init__` passes on are
followed to the module that defines them.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("tells", "understudy")
# What decides a number: decodes, describes, finds faces, trains, classifies.
_DECISIVE = (
    *("torch", "lightning", "numpy", "scipy", "scikit-learn", "lightgbm", "lazypredict"),
    *("opensmile", "mediapipe", "opencv-contrib-python", "av", "pyworld-prebuilt"),
)

_LIB = Path(__file__).parents[1]
_DATA = (".json", ".yaml", ".toml", ".csv", ".conf", ".mplstyle")  # read by a module beside them


def code_digest(text: str, roots: Iterable[str] = ()) -> str:
    """Digest of some code and of every module of the project that it reaches.

    Args:
        text: the code of a chapter, or of a module; empty for the roots alone.
        roots: names of modules that are reached in any case, such as `tells.training.fit`.

    Returns:
        Sixteen hexadecimal digits; equal on one version of Python if nothing but docstrings,
        comments and layout has changed.
    """
    total = hashlib.sha256(_bare(ast.parse(text)).encode())
    for name in sorted(modules(text, roots)):
        total.update(f"{name} {_digest_of(name)}\n".encode())
    return total.hexdigest()[:16]


def modules(text: str, roots: Iterable[str] = ()) -> set[str]:
    """Names of the project's modules that some code reaches through imports."""
    reached: set[str] = set()
    waiting = [*roots, *_imports(ast.parse(text))]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _reached_by(name)
    return reached


@cache
def _reached_by(name: str) -> tuple[str, ...]:
    path = _path(name)
    if path is None or path.name == "__init__.py":
        return ()  # an `__init__` only passes names on, and `_imports` follows them
    return tuple(_imports(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def _digest_of(name: str) -> str:
    path = _path(name)
    total = hashlib.sha256()
    if path is not None:
        total.update(_bare(ast.parse(path.read_text(encoding="utf-8"))).encode())
        for beside in sorted([*path.parent.iterdir(), *path.parent.glob("data/*")]):
            if beside.suffix in _DATA:
                total.update(beside.read_bytes())
    return total.hexdigest()


def _path(name: str) -> Path | None:
    base = _LIB.joinpath(*name.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _imports(tree: ast.Module) -> Iterator[str]:
    """Modules of the project that a piece of code uses; of a package, only what it takes of it."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            for alias in node.names:
                target = f"{node.module}.{alias.name}"
                if _path(target) is None:
                    yield from _defining(node.module, alias.name)
                else:
                    bound[alias.asname or alias.name] = target
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_ours(alias.name):
                    bound[alias.asname or alias.name.partition(".")[0]] = alias.name
    used: dict[str, set[str]] = {name: set() for name in bound}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.get(node.value.id, set()).add(node.attr)
    for name, attributes in used.items():
        yield bound[name]
        for attribute in attributes:
            yield from _defining(bound[name], attribute)


def _defining(module: str, name: str) -> Iterator[str]:
    """The module that defines a name, through the packages that pass it on."""
    if _path(f"{module}.{name}") is not None:
        yield f"{module}.{name}"
        return
    yield module
    path = _path(module)
    if path is None or path.name != "__init__.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        passed_on = isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module)
        if passed_on and any((alias.asname or alias.name) == name for alias in node.names):
            yield from _defining(node.module, name)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES


def _bare(tree: ast.Module) -> str:
    """A module's code as text, without docstrings, positions and comments."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = body[1:]
    return ast.dump(tree)


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that a result may depend on.

    That of `tells` names the commit, as `0.1.0+1a2b3c4d5e6f`, and says `.changed` where the tree
    differs from it.
    """
    found = {name: importlib.metadata.version(name) for name in ("tells", *_DECISIVE)}
    found["tells"] += _commit()
    return {"python": platform.python_version(), **found}


def _commit() -> str:
    """`+` and the commit that this library is checked out at, or nothing where there is no git."""
    answers = []
    for question in ("rev-parse --short=12 HEAD", "status --porcelain lib notebooks"):
        command = ["git", "-C", str(Path(__file__).parents[2]), *question.split()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
        except (OSError, subprocess.CalledProcessError):
            return ""
        answers.append(done.stdout.strip())
    commit, changed = answers
    return f"+{commit}{'.changed' if changed else ''}"
