"""What is said: everyday sentences that fit any mood, dealt so that words give nothing away."""

import numpy as np

SENTENCES = (
    "The keys are on the kitchen table.",
    "The meeting was moved to Tuesday.",
    "We took the second road on the left.",
    "My brother called about the apartment.",
    "There is a letter for you in the hall.",
    "The train leaves at a quarter past nine.",
    "You left your jacket in the car.",
    "They painted the whole house yellow.",
    "I talked to the doctor this morning.",
    "The box came back from the office.",
    "She told me to wait by the door.",
    "It was raining when we got there.",
    "The neighbours have a new dog.",
    "He asked me about the photograph.",
    "Somebody opened the window upstairs.",
    "We have the room until Friday.",
    "I read the last page of the book.",
    "The table was set for seven people.",
    "You know what they said on the phone.",
    "Everyone is coming over for dinner.",
    "The answer was in the other envelope.",
    "I walked all the way to the station.",
    "That is the number on the ticket.",
    "He put the money in the drawer.",
    "They are closing the shop at noon.",
    "I heard the song on the radio.",
    "Her name was first on the list.",
    "The bus stopped outside the school.",
)


class Deck:
    """Deals sentences so that none is said a second time before every one was said once.

    One deck for each emotion of a session makes sentence and emotion independent by construction:
    in every emotion the sentences' counts differ by one at most.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: list[int] = []

    def deal(self, count: int) -> tuple[int, ...]:
        """Take sentences for one turn.

        Args:
            count: how many, at most half of `SENTENCES`.

        Returns:
            Different indices into `SENTENCES`.
        """
        hand = [self._left.pop() for _ in range(min(count, len(self._left)))]
        if len(hand) < count:
            fresh = [int(i) for i in self._rng.permutation(len(SENTENCES))]
            self._left = [i for i in fresh if i in hand] + [i for i in fresh if i not in hand]
            hand += [self._left.pop() for _ in range(count - len(hand))]
        return tuple(hand)


def text(sentences: tuple[int, ...]) -> str:
    """Return the words of a turn.

    Args:
        sentences: indices into `SENTENCES`.
    """
    return " ".join(SENTENCES[i] for i in sentences)
