"""Values as JSON can hold them, written so that equal results give equal bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tells.errors import TellsError
from tells.files import replacing
from tells.metrics.scores import significant, without_folder


def to_jsonable(value: Any, where: str) -> Any:  # noqa: ANN401
    """A value as JSON can hold it, without NaN, absolute paths and digits that mean nothing.

    Args:
        value: texts, numbers, paths and NumPy values, in lists, sets and dicts.
        where: what it is called in a message.

    Raises:
        TellsError: anything else, NaN or infinity.
    """
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(v, f"{where}[{str(key)!r}]") for key, v in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [to_jsonable(v, f"{where}[{i}]") for i, v in enumerate(ordered)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (str, Path)):
        return without_folder(str(value))
    if value is None or isinstance(value, (bool, int)):
        return value
    if not isinstance(value, float):
        raise TellsError(f"a record holds texts and numbers; got {where} = {value!r}.")
    if not math.isfinite(value):
        raise TellsError(f"a record must hold finite numbers; got {where} = {value}.")
    return significant(value)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file as a whole: keys sorted, a newline at the end."""
    text = json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as beside:
        beside.write_text(text + "\n", encoding="utf-8")
