"""The numbers that the thesis printed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from tells.errors import TellsError

_THESIS_YAML = Path(__file__).parents[3] / "data" / "thesis.yaml"
_FIELDS = (
    *("id", "experiment", "section", "title", "what", "value", "upper", "qualifier", "reason"),
    *("paper_value", "paper_whose", "corpus", "split", "classes"),
)


def thesis_numbers(path: str | Path | None = None) -> pd.DataFrame:
    """Every number of the thesis's chapter 5, as printed there.

    Args:
        path: of a file like `data/thesis.yaml`; None takes the project's own.

    Returns:
        A row for each number: `id` (unique; names the result record), `experiment`, `section`,
        `title`, `what`, `metric`, `value` (NaN with a `reason` where the thesis gives none),
        `upper` (end of a range), `qualifier` (over, up to), `paper_value` and `paper_whose`,
        `corpus`, `split`, `classes`. Texts that do not apply are empty.

    Raises:
        TellsError: no such file, or an id comes twice.

    Thesis: 5.3, 5.4, 5.5. Chapter: results.
    """
    path = _THESIS_YAML if path is None else Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TellsError(
            f"path must be the project's data/thesis.yaml; {path} cannot be read: pass its path."
        ) from error
    rows = []
    for row in content["rows"]:
        paper = row.pop("paper", None) or {}
        row |= {"paper_value": paper.get("value"), "paper_whose": paper.get("whose")}
        rows.append({name: row.get(name) or "" for name in _FIELDS})
    table = pd.DataFrame(rows, columns=list(_FIELDS))
    table.insert(_FIELDS.index("value"), "metric", content["metric"])
    numbers = ["value", "upper", "paper_value"]
    table[numbers] = table[numbers].replace("", None).astype(float)
    table["classes"] = table["classes"].map(tuple)
    if (twice := table["id"].duplicated()).any():
        raise TellsError(f"{path}: an id names one row; {table['id'][twice].iloc[0]} comes twice.")
    return table
