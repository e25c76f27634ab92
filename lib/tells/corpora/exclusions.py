"""Why something that was found on disk is not in a corpus's table, and what helps.

The reasons are fixed sentences, so that `count_exclusions` can count them; which file or line is
meant stands in the item beside the reason.
"""

AUDIO_WITHOUT_ANNOTATION = "sound without annotation"
ANNOTATION_WITHOUT_AUDIO = "annotation without its sound file"
ANNOTATION_WITHOUT_VIDEO = "annotation without its dialog's video"
BAD_ENTRY = "entry of another form than the corpus defines"
BAD_LINE = "annotation line that does not parse"
BAD_NAME = "file name that does not parse"
BAD_PATH = "path that is not valid UTF-8"
BAD_TIMES = "turn whose times make no sense"
CONTRADICTION = "named more than once, and not with the same labels"
DUPLICATE_ANNOTATION = "second annotation of the same thing"
DUPLICATE_CLIP = "second file of a clip that was already taken"
EMPTY_FILE = "empty file"
FOLDER_TWICE = "second folder of the same number"
FOREIGN_DIALOG = "dialog in another session's folder"
FOREIGN_TURN = "turn in another dialog's file or folder"
LFS_POINTER = "git-LFS pointer instead of the file"
NAME_TAKEN = "clip whose name, or whose original's, another folder has already"
NOT_JSON = "not JSON, or not of the form that the corpus defines"
NOT_THERE = "named by the annotations, but not there"
NO_EVALUATION = "dialog without its file in EmoEvaluation"
NO_METADATA = "folder without metadata.json"
NO_ORIGINAL = "fake that does not say of what"
NO_PICTURE = "sound only, where pictures were asked for"
NO_SOUND = "pictures only, without sound"
NOT_A_FILE = "not a regular file"
ORIGINAL_BAD_NAME = "fake of something that is no file name of the corpus"
ORIGINAL_IS_FAKE = "fake whose original is a fake as well"
ORIGINAL_IS_ITSELF = "fake that is said to be its own original"
OTHER_FORMAT = "format that this adapter does not read"
OTHER_MEDIUM = "other medium than the one asked for"
REAL_WITH_ORIGINAL = "real clip that is said to have an original"
SESSION_INCOMPLETE = "session without dialog/EmoEvaluation"
SONG = "song, not speech"
TOO_DEEP = "folder too deep below the root"
TOO_LARGE = "file of annotations that is too large to be one"
UNKNOWN_CODE = "code that the corpus does not define"
UNKNOWN_FOLDER = "folder with a number that the corpus does not have"
UNKNOWN_LABEL = "label that is neither real nor fake"
UNREADABLE = "cannot be read"
VIDEO_WITHOUT_ANNOTATION = "video without annotation"
WRONG_ACTOR = "folder and file name give different actors"
WRONG_SPLIT = "folder and entry give different splits"

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
