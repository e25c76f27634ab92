"""Why something that was found on disk is not in a corpus's table, and what helps.

The reasons are fixed sentences, so that `count_reasons` can count them; which file or line is
meant stands in the item beside the reason.
"""

AUDIO_WITHOUT_ANNOTATION = "sound without annotation"
ANNOTATION_WITHOUT_AUDIO = "annotation without its sound file"
ANNOTATION_WITHOUT_VIDEO = "annotation without its dialog's video"
BAD_LINE = "annotation line that does not parse"
BAD_NAME = "file name that does not parse"
BAD_PATH = "path that is not valid UTF-8"
BAD_TIMES = "turn whose times make no sense"
DUPLICATE_ANNOTATION = "second annotation of the same thing"
DUPLICATE_CLIP = "second file of a clip that was already taken"
EMPTY_FILE = "empty file"
FOREIGN_DIALOG = "dialog in another session's folder"
FOREIGN_TURN = "turn in another dialog's file or folder"
LFS_POINTER = "git-LFS pointer instead of the file"
NO_EVALUATION = "dialog without its file in EmoEvaluation"
NO_PICTURE = "sound only, where pictures were asked for"
NO_SOUND = "pictures only, without sound"
NOT_A_FILE = "not a regular file"
OTHER_FORMAT = "format that this adapter does not read"
OTHER_MEDIUM = "other medium than the one asked for"
SESSION_INCOMPLETE = "session without dialog/EmoEvaluation"
SONG = "song, not speech"
TOO_DEEP = "folder too deep below the root"
UNKNOWN_CODE = "code that the corpus does not define"
UNREADABLE = "cannot be read"
VIDEO_WITHOUT_ANNOTATION = "video without annotation"
WRONG_ACTOR = "folder and file name give different actors"

ADVICE = {
    ANNOTATION_WITHOUT_AUDIO: "unpack the corpus's sound files again",
    ANNOTATION_WITHOUT_VIDEO: "unpack the corpus's dialog/avi/DivX again",
    BAD_LINE: "compare those annotation files with the distributed ones",
    BAD_PATH: "rename the folders concerned",
    DUPLICATE_CLIP: "remove the second copy, or point root at one copy only",
    EMPTY_FILE: "copy or unpack the empty files again",
    LFS_POINTER: "run `git lfs pull` in the corpus's repository",
    SESSION_INCOMPLETE: "unpack that session again",
    TOO_DEEP: "point root nearer to the files",
    UNREADABLE: "check the permissions of the files concerned",
}
