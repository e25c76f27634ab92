"""The one exception of this library that a user is meant to read."""


class TellsError(ValueError):
    """Bad input, told in one sentence: the argument, what was expected, what came, what to do.

    The command line prints the sentence alone; everything else is a bug and keeps its traceback.
    """
