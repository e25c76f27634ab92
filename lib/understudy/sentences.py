"""What is said: everyday sentences that fit any mood, dealt so that words give nothing away."""

import numpy as np

from understudy.files import DATA

SENTENCES = tuple((DATA / "sentences.txt").read_text(encoding="utf-8").splitlines())


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
