"""What networks over time ask of their input."""

from torch import Tensor

from tells.errors import TellsError


def check_series(x: Tensor, columns: int) -> None:
    """Raise a TellsError unless x is of shape (b, t, columns)."""
    if x.dim() != 3 or x.shape[-1] != columns:
        raise TellsError(f"series must be of shape (b, t, {columns}); got {tuple(x.shape)}.")
