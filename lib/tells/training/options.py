"""How a network is trained."""

from typing import NamedTuple

from tells.errors import TellsError


class TrainingOptions(NamedTuple):
    """How a network is trained. The thesis gives the optimiser (Adam) and the learning rates."""

    learning_rate: float = 3e-4  # speech; 2e-4 video, 4e-4 LSTM_II (thesis 5.2)
    batch_size: int = 32  # windows; the thesis is silent
    max_epochs: int = 100  # the thesis is silent
    patience: int = 15  # epochs without a better validation fold before it stops
    balanced: bool = True  # repeat samples of rarer classes (thesis 5.2)
    normalise: bool = True  # features to [-1, 1] (thesis 5.2; not in experiments I and II)
    seed: int = 0

    def check(self) -> None:
        """Raise a TellsError if a value is out of its range."""
        for name, low in (("batch_size", 1), ("max_epochs", 1), ("patience", 1), ("seed", 0)):
            if getattr(self, name) < low:
                raise TellsError(f"{name} must be {low} or more; got {getattr(self, name)}.")
        if not 0 < self.learning_rate < 1:
            raise TellsError(f"learning_rate must lie in (0, 1); got {self.learning_rate}.")
