"""How an actor delivers a part: from intensity over time to espeak-ng's settings and to effects."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from understudy.actors import Actor, draw
from understudy.espeak import Line
from understudy.manner import EMOTIONAL, MOOD_SPREAD, Manner
from understudy.performance import Part
from understudy.seeding import generator
from understudy.sentences import SENTENCES

PLAIN_RATE = 165.0  # words a minute
PITCH_STEPS = 5.9  # of espeak-ng's pitch parameter for each semitone, measured


@dataclass(frozen=True)
class Delivery:
    """One actor's way through one part.

    Attributes:
        actor: who speaks.
        part: what is played.
        plain: the manner at intensity 0: the person's habit and the turn's mood.
        emotional: what is added at intensity 1.
    """

    actor: Actor
    part: Part
    plain: Manner
    emotional: Manner

    def at(self, progress: ArrayLike) -> Manner:
        """Return the manner at one or many moments.

        Args:
            progress: shape (n,) or a number; 0 = the turn's start, 1 = its end.
        """
        return self.plain + self.emotional * self.part.course.at(progress)

    def lines(self) -> list[Line]:
        """Return the part's sentences, each with the settings of its own moment."""
        count = len(self.part.sentences)
        middles = (np.arange(count) + 0.5) / count
        both = zip(self.part.sentences, middles, strict=True)
        return [self._line(SENTENCES[i], self.at(middle)) for i, middle in both]

    def _line(self, words: str, manner: Manner) -> Line:
        """Settings that, once the tract has scaled pitch and tempo too, give what is meant."""
        person = 12 * np.log2(self.actor.pitch / self.actor.tract / self.actor.native)
        pitch = 50 + PITCH_STEPS * (person + manner.pitch)
        rate = PLAIN_RATE * np.exp(manner.tempo) / self.actor.tract
        return Line(
            text=words,
            rate=round(float(np.clip(rate, 130, 230))),
            pitch=round(float(np.clip(pitch, 0, 99))),
            range=round(float(np.clip(50 + manner.span, 0, 99))),
        )


def deliver(seed: int, actor: Actor, part: Part) -> Delivery:
    """Decide how an actor plays a part today.

    Args:
        seed: the corpus's seed.
        actor: who speaks.
        part: what is to be played.
    """
    mood = draw(MOOD_SPREAD, generator(seed, part.turn, "mood"))
    emotional = EMOTIONAL[part.emotion] * actor.style[part.emotion]
    return Delivery(actor, part, actor.habit + mood, emotional)
