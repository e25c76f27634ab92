"""IEMOCAP's ten emotions: their names on disk, how they feel, what they are mistaken for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Emotion:
    """One category of IEMOCAP.

    Attributes:
        name: as an evaluator names it in EmoEvaluation, such as `Happiness`.
        feel: valence, activation and dominance at full intensity, each on IEMOCAP's scale 1-5.
        clarity: probability that it is recognised when it is acted at full intensity.
        neighbours: what it is taken for otherwise, with relative weights.
    """

    name: str
    feel: tuple[float, float, float]
    clarity: float
    neighbours: dict[str, float]


NO_MAJORITY = "xxx"  # IEMOCAP's code for a turn on which the evaluators do not agree
CALM = (3.0, 2.4, 2.8)  # valence, activation, dominance of speech without emotion

EMOTIONS = {
    "neu": Emotion("Neutral", CALM, 0.74, {"fru": 5, "sad": 3, "hap": 2, "exc": 1, "oth": 0.3}),
    "ang": Emotion("Anger", (1.5, 4.3, 4.4), 0.86, {"fru": 7, "neu": 2, "dis": 0.4, "oth": 0.3}),
    "sad": Emotion("Sadness", (1.7, 1.8, 2.0), 0.86, {"neu": 4, "fru": 4, "fea": 0.7}),
    "exc": Emotion("Excited", (4.4, 4.2, 3.7), 0.84, {"hap": 6, "neu": 2, "sur": 1}),
    "hap": Emotion("Happiness", (4.5, 3.4, 3.3), 0.82, {"exc": 7, "neu": 3, "sur": 0.5}),
    "fru": Emotion("Frustration", (2.0, 3.3, 3.4), 0.84, {"ang": 4, "neu": 5, "sad": 2}),
    "sur": Emotion("Surprise", (3.3, 4.0, 2.9), 0.78, {"exc": 5, "neu": 3, "oth": 0.5}),
    "fea": Emotion("Fear", (1.7, 3.8, 1.7), 0.74, {"sad": 4, "sur": 2, "fru": 3}),
    "dis": Emotion("Disgust", (1.7, 3.0, 3.5), 0.72, {"fru": 5, "ang": 3, "neu": 2}),
    "oth": Emotion("Other", (3.0, 3.0, 3.0), 0.70, {"neu": 5, "hap": 2, "fru": 3}),
}
