"""The one exception of this package that a user is meant to read."""


class UnderstudyError(ValueError):
    """What went wrong, told in one sentence: the path or the turn, and what to do.

    The command line prints the sentence alone; everything else is a bug and keeps its traceback.
    """
