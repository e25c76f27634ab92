"""What was found on disk but is not in a corpus's table: the reasons, and what helps.

The reasons are fixed sentences, so that `count_exclusions` can count them; which file or line is
meant stands in the item beside the reason. Those that a single adapter gives stand there, unless
`verify` has advice for them.
"""

from collections.abc import Callable, Iterable

import pandas as pd

Exclude = Callable[[str, str], None]  # of an item and the reason why it is left out

AUDIO_WITHOUT_ANNOTATION = "sound without annotation"
ANNOTATION_WITHOUT_AUDIO = "annotation without its sound file"
ANNOTATION_WITHOUT_VIDEO = "annotation without its dialog's video"
BAD_ENTRY = "entry of another form than the corpus defines"
BAD_LINE = "annotation line that does not parse"
BAD_NAME = "file name that does not parse"
BAD_PATH = "path that is not valid UTF-8"
CONTRADICTION = "named more than once, and not with the same labels"
DUPLICATE_ANNOTATION = "second annotation of the same thing"
DUPLICATE_CLIP = "second file of a clip that was already taken"
EMPTY_FILE = "empty file"
FOLDER_TWICE = "second folder of the same number"
FOREIGN_DIALOG = "dialog in another session's folder"
FOREIGN_TURN = "turn in another dialog's file or folder"
LFS_POINTER = "git-LFS pointer instead of the file"
NAME_TAKEN = "clip whose name, or whose original's, another folder has already"
NOT_A_FILE = "not a regular file"
NOT_JSON = "not JSON, or not of the form that the corpus defines"
NOT_THERE = "named by the annotations, but not there"
NO_METADATA = "folder without metadata.json"
OTHER_FORMAT = "format that this adapter does not read"
OTHER_MEDIUM = "other medium than the one asked for"
SESSION_INCOMPLETE = "session without dialog/EmoEvaluation"
TOO_DEEP = "folder too deep below the root"
TOO_LARGE = "file of annotations that is too large to be one"
UNKNOWN_CODE = "code that the corpus does not define"
UNKNOWN_LABEL = "label that is neither real nor fake"
UNREADABLE = "cannot be read"
VIDEO_WITHOUT_ANNOTATION = "video without annotation"

ADVICE = {
    ANNOTATION_WITHOUT_AUDIO: "unpack the corpus's sound files again",
    ANNOTATION_WITHOUT_VIDEO: "unpack the corpus's dialog/avi/DivX again",
    BAD_LINE: "compare those annotation files with the distributed ones",
    BAD_PATH: "rename the folders concerned",
    CONTRADICTION: "take the file of annotations from the corpus again",
    DUPLICATE_CLIP: "remove the second copy, or point root at one copy only",
    EMPTY_FILE: "copy or unpack the empty files again",
    FOLDER_TWICE: "remove the second folder, or move it out of root",
    LFS_POINTER: "run `git lfs pull` in the corpus's repository",
    NAME_TAKEN: "remove the copies, so that a name stands for one clip",
    NOT_JSON: "take the file of annotations from the corpus again",
    NOT_THERE: "copy or unpack the missing files again",
    NO_METADATA: "unpack that folder's metadata.json again",
    SESSION_INCOMPLETE: "unpack that session again",
    TOO_DEEP: "point root nearer to the files",
    TOO_LARGE: "take the file of annotations from the corpus again",
    UNREADABLE: "check the permissions of the files concerned",
}


def exclusions_table(exclusions: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Items and reasons as a table with the columns `item` and `reason`."""
    return pd.DataFrame(list(exclusions), columns=["item", "reason"], dtype="string")


def count_exclusions(exclusions: pd.DataFrame) -> pd.Series:
    """How often each reason occurs, most frequent first.

    Args:
        exclusions: shape (n, 2); columns `item` and `reason`, as in `Corpus.exclusions`.

    Returns:
        Counts, indexed by reason; equal counts are in alphabetical order.
    """
    counts = exclusions.groupby("reason").size().rename("count").sort_index()
    return counts.sort_values(ascending=False, kind="stable")
