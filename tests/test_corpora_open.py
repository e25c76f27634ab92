"""The adapters of the open corpora, the registry, and what all corpora have in common."""

import json
from pathlib import Path

import audformat
import pandas as pd
import pytest

from corpora_fixtures import (
    FAKEAVCELEB_HEAD,
    TinyIemocap,
    dfdc_folder,
    fakeavceleb_line,
    lavdf_entry,
    put,
)
from tells import corpora
from tells.errors import TellsError

DATA = Path(__file__).parents[2] / "shared" / "data"
RAVDESS = DATA / "ravdess_speech_16k"
CREMAD = DATA / "cremad_sample"
JAVANESE = DATA / "javanese"

ANGRY = "03-01-05-02-01-02-07"
CALM = "03-01-02-01-01-01-08"


def needs(folder):
    return pytest.mark.skipif(not folder.is_dir(), reason=f"no {folder.name} beside the project")


def clips(root, *files):
    for file in files:
        put(root / file)
    return root


def reasons_of(corpus):
    return corpora.count_exclusions(corpus.exclusions).to_dict()


def files_of(corpus):
    return list(corpus.table.index.get_level_values("file"))


@pytest.fixture
def small(tmp_path):
    """One small corpus of each kind, by adapter name."""
    TinyIemocap(tmp_path / "iemocap").dialog("Ses01F_impro01", {"F000": "ang"})
    clips(tmp_path / "ravdess", f"Actor_07/{ANGRY}.wav")
    clips(tmp_path / "cremad", "AudioWAV/1001_DFA_ANG_XX.wav")
    clips(tmp_path / "emodb", "wav/03a01Wa.wav")
    clips(tmp_path / "javanese", "sound/dataset/01-01-06_01.wav")
    dfdc_folder(tmp_path / "dfdc", 45, {"aaaa": None})
    celebrity = "RealVideo-RealAudio/African/men/id00076/00109.mp4"
    clips(tmp_path / "fakeavceleb", celebrity)
    line = FAKEAVCELEB_HEAD + fakeavceleb_line("id00076", "00109.mp4")
    put(tmp_path / "fakeavceleb/meta_data.csv", line)
    clips(tmp_path / "lavdf", "train/000001.mp4")
    put(tmp_path / "lavdf/metadata.min.json", json.dumps([lavdf_entry("train/000001.mp4")]))
    voice = f"Actor_07/{ANGRY}_original.wav"
    clips(tmp_path / "ravdess-forged", voice)
    claim = {"version": 1, "seed": 0, "clips": {voice: {"label": "REAL"}}}
    put(tmp_path / "ravdess-forged/forged.json", json.dumps(claim))
    voice, claim = corpora.forged.dub_of("01-01-06_01", "01-01-06_02")
    clips(tmp_path / "dubbed", voice, claim["picture"])
    claim = {"version": 1, "seed": 0, "clips": {voice: claim | {"stretch": 1.0}}}
    put(tmp_path / "dubbed/dubbed.json", json.dumps(claim))
    return tmp_path


@pytest.mark.parametrize("name", corpora.CORPORA)
def test_every_corpus_has_the_common_table(small, name):
    corpus = corpora.load(name, str(small / name))
    assert corpus.name == name and corpus.root == small / name
    assert audformat.is_segmented_index(corpus.table)
    assert {"utterance", "emotion", "label", "speaker", "fold"} <= set(corpus.table.columns)
    if "source" in corpus.table.columns:
        assert corpus.table["label"].tolist() == ["real"]
        acted = ["anger"] if name == "ravdess-forged" else [pd.NA]  # only RAVDESS's actors say it
        assert corpus.table["emotion"].tolist() == acted
    else:
        assert corpus.table["label"].tolist() == corpus.table["emotion"].tolist() == ["anger"]
    index = corpus.table.index
    assert (index.get_level_values("start") == pd.Timedelta(0)).all()
    assert index.get_level_values("end").isna().all()
    assert all((corpus.root / file).is_file() for file in files_of(corpus))
    assert list(corpus.exclusions.columns) == ["item", "reason"] and corpus.exclusions.empty


@pytest.mark.parametrize("name", corpora.CORPORA)
@pytest.mark.parametrize("below", ["nowhere", "file", "empty", "a\x00b", "loop"])
def test_a_bad_root_is_one_sentence_and_verify_survives_it(tmp_path, name, below):
    put(tmp_path / "file")
    put(tmp_path / "empty/readme.md")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(TellsError, match="expected"):
        corpora.load(name, tmp_path / below)
    found = corpora.verify(name, tmp_path / below)
    assert not found.ok and not found.usable
    assert "not usable" in found.summary() and "what to do" in found.summary()


@pytest.mark.parametrize("root", [None, "", "  ", 3, ["a"]])
def test_a_root_that_is_no_path_is_named(root):
    with pytest.raises(TellsError, match="root must be the path"):
        corpora.load("ravdess", root)
    assert not corpora.verify("ravdess", root).ok


@pytest.mark.parametrize("name", ["iemocab", "IEMOCAP", "", None, 3, ["iemocap"]])
def test_an_unknown_corpus_lists_the_known(tmp_path, name):
    for function in (corpora.load, corpora.verify):
        with pytest.raises(TellsError, match="cremad, dfdc, dubbed, emodb, fakeavceleb, iemocap"):
            function(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "options", "match"),
    [
        ("ravdess", {"calm": "calm"}, "calm of ravdess must be 'neutral' or 'other'"),
        ("ravdess", {"modality": "video"}, "'audio' or 'audio-video' or 'any', not 'video'"),
        ("cremad", {"media": "AudioWAV"}, "media of cremad must be 'audio' or 'video'"),
        ("javanese", {"media": "audio"}, "'sound' or 'video' or 'both', not 'audio'"),
        ("dfdc", {"folders": "45"}, "folders of dfdc must be a list of numbers out of 0 to 49"),
        ("dfdc", {"folders": []}, r"0 to 49, not \[\]"),
        ("dfdc", {"folders": [45, True]}, "list of numbers"),
        ("dfdc", {"folders": [50]}, "list of numbers"),
        ("dfdc", {"folders": ["45/.."]}, "list of numbers"),
        ("dfdc", {"folders": [[45]]}, "list of numbers"),
        ("emodb", {"calm": "other"}, "emodb has no option 'calm'; its options: none"),
    ],
)
def test_a_wrong_option_names_the_choices(small, name, options, match):
    for function in (corpora.load, corpora.verify):
        with pytest.raises(TellsError, match=match):
            function(name, small / name, **options)


@pytest.mark.parametrize(
    "file",
    [
        f"Actor_07/{ANGRY}.wav",
        f"Actor_07/{ANGRY}.WAV",
        f"Audio_Speech_Actors_01-24/Actor_07/{ANGRY}.flac",
        f"RAVDESS.zip/Audio_Speech_Actors_01-24/Actor_07/{ANGRY}.wav",
        f"{ANGRY}.wav",
        "Video_Speech_Actor_07/Actor_07/01-01-05-02-01-02-07.mp4",
    ],
)
def test_ravdess_is_accepted_as_distributed(tmp_path, file):
    corpus = corpora.load("ravdess", clips(tmp_path, file))
    row = corpus.table.iloc[0]
    assert files_of(corpus) == [file] and corpus.exclusions.empty
    assert row[["label", "emotion", "speaker", "fold", "sex"]].tolist() == (
        ["anger", "anger", "07", "07", "male"]
    )
    assert row[["intensity", "sentence", "repetition"]].tolist() == ["strong", "01", "02"]


def test_ravdess_modality_chooses_among_the_recordings_of_a_clip(tmp_path):
    both = ("01-01-05-02-01-02-07.mp4", "03-01-05-02-01-02-07.wav")
    only_sound, only_video = f"{CALM}.wav", "01-01-06-01-01-01-08.mp4"
    clips(tmp_path, *both, only_sound, only_video, "02-01-05-02-01-02-07.mp4")
    taken = {
        modality: corpora.load("ravdess", tmp_path, modality=modality)
        for modality in ("audio", "audio-video", "any")
    }
    assert files_of(taken["audio"]) == [only_video, only_sound, both[1]]
    assert files_of(taken["audio-video"]) == [both[0], only_video]
    assert files_of(taken["any"]) == [both[0], only_video, only_sound]
    assert reasons_of(taken["any"]) == {
        "other medium than the one asked for": 1,
        "pictures only, without sound": 1,
    }
    assert reasons_of(taken["audio-video"])["sound only, where pictures were asked for"] == 2
    assert set(taken["audio"].table["modality"]) == {"audio", "audio-video"}


def test_ravdess_says_when_there_is_sound_only(tmp_path):
    with pytest.raises(TellsError, match="1 x sound only, where pictures were asked for"):
        corpora.load("ravdess", clips(tmp_path, f"{ANGRY}.wav"), modality="audio-video")


@pytest.mark.parametrize("calm", ["neutral", "other"])
def test_ravdess_calm_counts_as_asked(tmp_path, calm):
    table = corpora.load("ravdess", clips(tmp_path, f"{CALM}.wav"), calm=calm).table
    assert table[["emotion", "label", "sex"]].to_numpy().tolist() == [["calm", calm, "female"]]


def test_ravdess_names_everything_that_it_leaves_out(tmp_path):
    clips(
        tmp_path,
        f"Actor_07/{ANGRY}.wav",
        f"copy/{ANGRY}.wav",
        f"flac/{ANGRY}.flac",
        "Actor_07/03-02-05-02-01-02-07.wav",
        "Actor_08/03-01-05-01-01-01-07.wav",
        "Actor_07/03-01-09-01-01-01-07.wav",
        "Actor_07/03-01-05-01-01-01-25.wav",
        "Actor_07/03-01-05-01-01-01-07-x.wav",
        "Actor_07/03-01-05-01-01-01-07.mp3",
        f"Actor_07/._{ANGRY}.wav",
        f".cache/{ANGRY}.wav",
        "Actor_07/.DS_Store",
        "Actor_07/notes.txt",
    )
    put(tmp_path / "Actor_07/03-01-01-01-01-01-07.wav", b"")
    (tmp_path / "Actor_07/03-01-01-01-01-02-07.wav").symlink_to("nowhere")
    corpus = corpora.load("ravdess", tmp_path)
    assert files_of(corpus) == [f"Actor_07/{ANGRY}.wav"]
    assert reasons_of(corpus) == {
        "file name that does not parse": 3,
        "second file of a clip that was already taken": 2,
        "cannot be read": 1,
        "empty file": 1,
        "folder and file name give different actors": 1,
        "format that this adapter does not read": 1,
        "song, not speech": 1,
    }


def test_an_unusable_copy_gives_way_to_a_usable_one(tmp_path):
    put(tmp_path / f"a/{ANGRY}.wav", b"")
    clips(tmp_path, f"b/{ANGRY}.wav")
    corpus = corpora.load("ravdess", tmp_path)
    assert files_of(corpus) == [f"b/{ANGRY}.wav"]
    assert reasons_of(corpus) == {"empty file": 1}


def test_links_that_go_round_do_not_hang_and_linked_folders_are_read(tmp_path):
    root = clips(tmp_path / "corpus", f"Actor_07/{ANGRY}.wav")
    clips(tmp_path / "disk", f"Actor_08/{CALM}.wav")
    (root / "Actor_07/up").symlink_to(root)
    (root / "top").symlink_to("/")
    (root / "self").symlink_to("self")
    (root / "Actor_08").symlink_to(tmp_path / "disk/Actor_08")
    corpus = corpora.load("ravdess", root)
    assert files_of(corpus) == [f"Actor_07/{ANGRY}.wav", f"Actor_08/{CALM}.wav"]


def test_folders_are_searched_to_a_depth_and_no_further(tmp_path):
    deep = "/".join("abcdefghijk")
    corpus = corpora.load("ravdess", clips(tmp_path, f"{ANGRY}.wav", f"{deep}/{CALM}.wav"))
    assert reasons_of(corpus) == {"folder too deep below the root": 1}


def test_names_that_are_no_text_are_left_out_with_their_reason(tmp_path):
    clips(tmp_path, f"{ANGRY}.wav")
    try:
        put(tmp_path / "bad\udcff\x1b[31m" / f"{CALM}.wav")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    corpus = corpora.load("ravdess", tmp_path)
    assert reasons_of(corpus) == {"path that is not valid UTF-8": 1}
    assert corpus.exclusions["item"].iloc[0].isprintable()


@pytest.mark.parametrize(
    ("below", "prefix"), [("", "AudioWAV/"), ("AudioWAV", ""), ("..", "cremad/AudioWAV/")]
)
def test_cremad_root_may_be_the_repository_or_its_folder(small, below, prefix):
    root = small / "cremad"
    if below == "..":
        root, small = clips(small / "outer", "cremad/AudioWAV/1001_DFA_ANG_XX.wav"), small / "outer"
    else:
        root = root / below
    corpus = corpora.load("cremad", root)
    assert files_of(corpus) == [f"{prefix}1001_DFA_ANG_XX.wav"]
    columns = ["speaker", "fold", "sentence", "level"]
    assert corpus.table[columns].iloc[0].tolist() == ["1001", "1001", "DFA", "unspecified"]


def test_cremad_media_and_odd_names(tmp_path):
    clips(
        tmp_path,
        "AudioWAV/1001_IEO_HAP_LO.wav",
        "AudioWAV/1040_ITH_SAD_X.wav",
        "AudioWAV/1001_IEO_JOY_LO.wav",
        "AudioWAV/hello.wav",
        "AudioMP3/1001_IEO_HAP_LO.mp3",
        "VideoFlash/1001_IEO_HAP_LO.flv",
        "copy/1001_IEO_HAP_LO.wav",
    )
    audio = corpora.load("cremad", tmp_path)
    assert audio.table["level"].tolist() == ["low", "unspecified"]
    assert reasons_of(audio) == {
        "code that the corpus does not define": 1,
        "file name that does not parse": 1,
        "format that this adapter does not read": 1,
        "other medium than the one asked for": 1,
        "second file of a clip that was already taken": 1,
    }
    video = corpora.load("cremad", tmp_path, media="video")
    assert files_of(video) == ["VideoFlash/1001_IEO_HAP_LO.flv"]


def test_cremad_cloned_without_lfs_is_told_what_to_do(tmp_path):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    put(tmp_path / "AudioWAV/1001_DFA_ANG_XX.wav", pointer)
    with pytest.raises(TellsError, match="1 x git-LFS pointer"):
        corpora.load("cremad", tmp_path)
    clips(tmp_path, "AudioWAV/1001_DFA_SAD_XX.wav")
    assert "git lfs pull" in corpora.verify("cremad", tmp_path).summary()


def test_cremad_video_only_is_verified_as_video(tmp_path):
    found = corpora.verify("cremad", clips(tmp_path, "VideoFlash/1001_DFA_ANG_XX.flv"))
    assert found.usable and found.labels.loc["anger", "found"] == 1
    assert "1076_MTI_SAD_XX.wav is silent" in found.summary()


@pytest.mark.parametrize("below", ["", "wav"])
def test_emodb_letters(tmp_path, below):
    emotions = ("anger", "boredom", "disgust", "fear", "happiness", "sadness", "neutral")
    letters = dict(zip("WLEAFTN", emotions, strict=True))
    clips(tmp_path, *(f"wav/16b10{letter}b.wav" for letter in letters), "wav/16b10Xb.wav")
    corpus = corpora.load("emodb", tmp_path / below)
    by_letter = {name[5]: e for name, e in corpus.table[["utterance", "emotion"]].to_numpy()}
    assert by_letter == letters
    assert set(corpus.table["sentence"]) == {"b10"} and set(corpus.table["sex"]) == {"female"}
    assert reasons_of(corpus) == {"code that the corpus does not define": 1}
    kept = corpus.table.set_index("emotion")["label"]
    assert kept[["boredom", "disgust", "fear"]].tolist() == ["other"] * 3


def test_javanese_codes_and_classes(tmp_path):
    clips(tmp_path, *(f"sound/dataset/10-04-{code:02}_07.flac" for code in range(1, 7)))
    table = corpora.load("javanese", tmp_path).table
    assert table[["emotion", "label"]].to_numpy().tolist() == [
        ["neutral", "neutral"],
        ["sadness", "sadness"],
        ["happiness", "happiness"],
        ["surprise", "other"],
        ["fear", "other"],
        ["anger", "anger"],
    ]
    columns = ["speaker", "fold", "sentence", "take", "medium"]
    assert (table[columns] == ["10", "10", "04", "07", "sound"]).all(axis=None)


def test_javanese_media_choose_among_the_recordings(tmp_path):
    both = ("01-01-01_01.mp4", "01-01-01_01.wav")
    only_sound, only_video = "01-01-01_02.wav", "01-01-02_01.mp4"
    apart = ("06-01-05_01.mp4", "06-01-05_01.wav")  # its picture is of another recording
    clips(tmp_path, *both, only_sound, only_video, *apart)
    taken = {m: corpora.load("javanese", tmp_path, media=m) for m in ("sound", "video", "both")}
    assert files_of(taken["sound"]) == [both[1], only_sound, apart[1]]
    assert files_of(taken["video"]) == [both[0], only_video]
    assert files_of(taken["both"]) == [both[0], only_sound, only_video, apart[1]]
    assert taken["both"].table["medium"].tolist() == ["video", "sound", "video", "sound"]
    other, mismatched = "other medium than the one asked for", "picture and sound do not belong"
    assert reasons_of(taken["sound"]) == {other: 3}
    assert reasons_of(taken["video"]) == {other: 3, f"{mismatched} together": 1}
    assert reasons_of(taken["both"]) == {other: 1, f"{mismatched} together": 1}


def test_javanese_names_everything_that_it_leaves_out(tmp_path):
    clips(
        tmp_path,
        "dataset/01-01-01_01.wav",
        "flac/01-01-01_01.flac",
        "dataset/11-01-01_01.wav",
        "dataset/01-05-01_01.wav",
        "dataset/01-01-07_01.wav",
        "dataset/01-01-01_08.wav",
        "code/output/01-01-02_01_output.mp4",
        "dataset/01-01-01_02.mp3",
    )
    put(tmp_path / "dataset-resize/01-01-01_01.mp4", b"")
    sound, both = (corpora.load("javanese", tmp_path, media=m) for m in ("sound", "both"))
    assert files_of(sound) == files_of(both) == ["dataset/01-01-01_01.wav"]
    common = {
        "file name that does not parse": 5,
        "second file of a clip that was already taken": 1,
        "format that this adapter does not read": 1,
    }
    assert reasons_of(sound) == common | {"other medium than the one asked for": 1}
    assert reasons_of(both) == common | {"empty file": 1}  # the sound serves in its place


@pytest.fixture(scope="module")
def javanese(tmp_path_factory):
    """As its two repositories lie on a disk, of empty files but for a byte."""
    root = tmp_path_factory.mktemp("javanese")
    for actor in range(1, 11):
        for sentence in range(1, 5):
            for emotion in range(1, 7):
                clip = f"{actor:02}-{sentence:02}-{emotion:02}"
                clips(root, *(f"sound/dataset/{clip}_{take:02}.wav" for take in range(1, 8)))
                clips(root, f"video/dataset-resize/{clip}_01.mp4")
    return root


@pytest.mark.parametrize(
    ("options", "clips", "left_out"),
    [
        ({}, 1680, "240 x other medium"),
        ({"media": "sound"}, 1680, "240 x other medium"),
        ({"media": "video"}, 237, "3 x picture and sound do not belong together"),
        ({"media": "both"}, 1680, "3 x picture and sound do not belong together"),
    ],
)
def test_javanese_is_verified_by_medium(javanese, options, clips, left_out):
    found = corpora.verify("javanese", javanese, **options)
    assert found.ok and found.options == (options or {"media": "sound"})
    assert f"complete, {clips} of {clips} clips" in found.summary()
    assert left_out in found.summary() and "of the 240 videos 237 serve" in found.summary()


def test_javanese_verified_in_part(tmp_path):
    clips(tmp_path, "video/06-01-01_01.mp4", "video/08-04-03_01.mp4")
    found = corpora.verify("javanese", tmp_path)  # there is no sound, so the videos are counted
    assert found.options == {"media": "video"} and found.usable and not found.ok
    assert {"fold 06: 1 found, 23 expected", "fold 08: 0 found, 22 expected"} < set(found.missing)
    found = corpora.verify("javanese", tmp_path, media="both")
    assert "label video: 1 found, 237 expected" in found.missing
    assert not corpora.verify("javanese", tmp_path, media="sound").usable


def test_a_corpus_made_of_another_has_its_folds():
    made = {name: one.made_of for name, one in corpora.CORPORA.items() if one.made_of}
    assert made["ravdess-forged"] == "ravdess"
    for name, origin in made.items():
        folds = [set(corpora.CORPORA[one].expected.folds) for one in (name, origin)]
        assert folds[0] <= folds[1]


def test_verify_passes_a_whole_corpus_and_names_what_is_lost(tmp_path):
    actors = range(1, 25)
    for actor in actors:
        for emotion in range(1, 9):
            for intensity in (1,) if emotion == 1 else (1, 2):
                for take in ("01-01", "01-02", "02-01", "02-02"):
                    name = f"03-01-{emotion:02}-{intensity:02}-{take}-{actor:02}.wav"
                    put(tmp_path / f"Actor_{actor:02}" / name)
    found = corpora.verify("ravdess", tmp_path)
    assert found.ok and found.missing == () and "complete, 1440 of 1440" in found.summary()
    for file in (tmp_path / "Actor_24").iterdir():
        file.unlink()
    found = corpora.verify("ravdess", tmp_path)
    assert not found.ok and found.usable
    assert "fold 24: 0 found, 60 expected" in found.missing
    assert "label calm: 184 found, 192 expected" in found.summary()
    assert any("zenodo.org" in sentence for sentence in found.advice)


def test_reasons_are_counted_most_frequent_first():
    exclusions = pd.DataFrame(
        {"item": list("abcd"), "reason": ["y", "x", "z", "z"]}, dtype="string"
    )
    counts = corpora.count_exclusions(exclusions)
    assert list(counts.items()) == [("z", 2), ("x", 1), ("y", 1)]
    assert corpora.count_exclusions(exclusions.iloc[:0]).empty


@needs(RAVDESS)
def test_real_ravdess():
    corpus = corpora.load("ravdess", RAVDESS)
    assert len(corpus.table) == 1440 and corpus.exclusions.empty
    assert corpus.table["label"].value_counts().to_dict() == {
        "other": 576,
        "neutral": 288,
        "anger": 192,
        "happiness": 192,
        "sadness": 192,
    }
    assert corpora.verify("ravdess", RAVDESS).ok


@needs(CREMAD)
def test_real_cremad():
    audio = corpora.load("cremad", CREMAD)
    assert len(audio.table) == 12 and set(audio.table["speaker"]) == {"1001", "1002"}
    assert len(corpora.load("cremad", CREMAD / "VideoFlash", media="video").table) == 6
    assert not corpora.verify("cremad", CREMAD).ok


@needs(JAVANESE)
def test_real_javanese():
    for media, n in (("sound", 1680), ("video", 237), ("both", 1680)):
        assert len(corpora.load("javanese", JAVANESE, media=media).table) == n
        assert corpora.verify("javanese", JAVANESE, media=media).ok


# --- whose data they are --------------------------------------------------------------------------


def test_data_are_called_by_what_they_are(tmp_path):
    """Nobody can record people as the understudy, or the reverse."""
    people, actors = tmp_path / "people", tmp_path / "actors"
    for folder in (people, actors / "dfdc" / "dfdc_train_part_45"):
        folder.mkdir(parents=True)
    (actors / "understudy.json").write_text("{}")
    assert corpora.identify("ravdess", people) == "ravdess"
    assert corpora.identify("ravdess", str(tmp_path / "none")) == "ravdess"
    for root in (actors, actors / "dfdc", actors / "dfdc" / "dfdc_train_part_45"):
        assert corpora.identify("iemocap", root) == corpora.UNDERSTUDY
    (tmp_path / "link").symlink_to(actors / "dfdc")
    assert corpora.identify("dfdc", tmp_path / "link") == corpora.UNDERSTUDY


def test_the_understudy_knows_itself(understudy_root):
    loaded = corpora.load("iemocap", understudy_root)
    assert (loaded.name, loaded.data) == ("iemocap", "understudy")
    assert corpora.load("dfdc", understudy_root / "dfdc").data == "understudy"
