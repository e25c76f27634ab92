"""The IEMOCAP adapter on a small corpus written by hand, whole and damaged."""

import random

import pandas as pd
import pytest

from corpora_fixtures import TinyIemocap, evaluation, put, turn_line
from tells import corpora
from tells.corpora import segmentation
from tells.errors import TellsError

DIALOG = "Ses01F_impro01"
TURN = f"{DIALOG}_F000"


@pytest.fixture
def tiny(tmp_path):
    return TinyIemocap(tmp_path)


@pytest.fixture
def two_sessions(tiny):
    codes = ("neu", "hap", "sad", "ang", "exc", "fru", "sur", "fea", "dis", "oth", "xxx")
    tiny.dialog(DIALOG, {f"F{i:03}": code for i, code in enumerate(codes)})
    tiny.dialog("Ses02M_script01_1", {"M000": "ang", "F000": "exc"})
    return tiny


def reasons_of(corpus):
    return corpora.count_exclusions(corpus.exclusions).to_dict()


def test_a_sound_corpus_becomes_one_row_a_turn(two_sessions):
    corpus = corpora.load("iemocap", two_sessions.root)
    assert len(corpus.table) == 13
    assert corpus.exclusions.empty and list(corpus.exclusions.columns) == ["item", "reason"]
    first = corpus.table.iloc[0]
    file, start, end = corpus.table.index[0]
    assert file == f"Session1/sentences/wav/{DIALOG}/{TURN}.wav"
    assert start == pd.Timedelta(0) and pd.isna(end)
    assert first["utterance"] == TURN
    assert first["dialog"] == DIALOG
    assert first["speaker"] == "Ses01F" and first["fold"] == "1"
    assert (first["valence"], first["activation"], first["dominance"]) == (2.5, 3.0, 3.5)
    assert first["dialog_start"] == pd.Timedelta("6.2901s")
    assert first["dialog_end"] == pd.Timedelta("8.2357s")
    assert pd.isna(first["agreement"]) and pd.isna(first["evaluators"]) and pd.isna(first["text"])


def test_every_code_has_its_emotion_and_class(two_sessions):
    table = corpora.load("iemocap", two_sessions.root).table.set_index("majority_code")
    table = table[~table.index.duplicated()]
    other = ("fru", "sur", "fea", "dis", "oth", "exc")
    assert table["label"].dropna().to_dict() == {
        "neu": "neutral",
        "hap": "happiness",
        "sad": "sadness",
        "ang": "anger",
        **dict.fromkeys(other, "other"),
    }
    assert table.loc["exc", "emotion"] == "excited"
    assert table.loc["xxx"][["emotion", "label"]].isna().all()


def test_options_change_the_label_and_nothing_else(two_sessions):
    plain = corpora.load("iemocap", two_sessions.root).table
    merged = corpora.load(
        "iemocap", two_sessions.root, merge_excited=True, no_majority="other"
    ).table
    pd.testing.assert_frame_equal(plain.drop(columns="label"), merged.drop(columns="label"))
    assert set(merged.loc[merged["majority_code"] == "exc", "label"]) == {"happiness"}
    assert set(merged.loc[merged["majority_code"] == "xxx", "label"]) == {"other"}
    assert set(merged.loc[merged["majority_code"] == "fru", "label"]) == {"other"}


def test_speaker_is_the_letter_after_the_last_underscore(two_sessions):
    table = corpora.load("iemocap", two_sessions.root).table.set_index("utterance")
    assert table.loc["Ses02M_script01_1_F000", "speaker"] == "Ses02F"
    assert not table.loc["Ses02M_script01_1_F000", "marker"]
    assert table.loc["Ses02M_script01_1_M000", "marker"]
    assert not table.loc["Ses02M_script01_1_M000", "improvised"]
    assert table.loc[TURN, "improvised"]


@pytest.mark.parametrize(
    "dialog", ["Ses03M_impro05a", "Ses03M_impro08b", "Ses05M_script01_1b", "Ses04F_script02_2"]
)
def test_rare_dialog_names_are_read(tiny, dialog):
    tiny.dialog(dialog, {"M000": "neu"})
    assert corpora.load("iemocap", tiny.root).table["dialog"].tolist() == [dialog]


@pytest.mark.parametrize(
    ("votes", "agreement", "evaluators"),
    [
        (["Neutral state; ()", "Neutral state; ()", "Anger; ()"], 2, 3),
        (["Anger; ()", "Anger; Anger; ()", "Sadness; ()"], 2, 3),
        (["Anger; Anger; ()", "Sadness; ()"], 1, 2),
        (["Anger; Sadness; ()", "Sadness; ()", "Sadness; Other; (tired)"], 3, 3),
        (["Neutral; ()", "Neutral state; ()"], 2, 2),
        (["Happiness; ()"], 1, 1),
        (["Anger; Sadness; ()", "Sadness; Anger; ()", "Other; ()"], 1, 3),
        (["Anger; ()", "Anger; ()", "Sadness; ()", "Sadness; ()"], 1, 4),
        (["Anger; ()", "Anger; ()", "Sadness; ()", "Other; ()"], 2, 4),
    ],
)
def test_agreement_counts_each_evaluator_once_a_label(tiny, votes, agreement, evaluators):
    tiny.dialog(DIALOG, {"F000": "xxx"})
    for number, vote in enumerate(votes, 1):
        tiny.vote(DIALOG, number, f"{TURN} :{vote}\n")
    row = corpora.load("iemocap", tiny.root).table.iloc[0]
    assert row["agreement"] == agreement and row["evaluators"] == evaluators


def test_a_turn_that_nobody_judged_has_no_agreement(tiny):
    tiny.dialog(DIALOG, {"F000": "neu", "F001": "neu"})
    tiny.vote(DIALOG, 1, f"{TURN} :Anger; ()\n")
    row = corpora.load("iemocap", tiny.root).table.iloc[1]
    assert row["evaluators"] == 0 and pd.isna(row["agreement"])


def test_transcriptions_are_read_and_extra_turns_cost_nothing(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    tiny.transcribe(
        DIALOG,
        f"{TURN} [006.2901-008.2357]: Excuse me: please.\n{DIALOG}_MXX0 [001.0-002.0]: Hm.\n",
    )
    corpus = corpora.load("iemocap", tiny.root)
    assert corpus.table["text"].tolist() == ["Excuse me: please."]
    assert corpus.exclusions.empty


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tiny, encoding, newline):
    tiny.dialog(DIALOG, {"F000": "neu"})
    tiny.evaluate(DIALOG, evaluation(turn_line(TURN)).replace("\n", newline).encode(encoding))
    said = f"{TURN} [006.2901-008.2357]: Voilà, the café.\n".replace("\n", newline)
    tiny.transcribe(DIALOG, said.encode(encoding))
    corpus = corpora.load("iemocap", tiny.root)
    assert corpus.table["text"].tolist() == ["Voilà, the café."]
    assert corpus.exclusions.empty


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[6.2901 - 8.2357]\tSes01F_impro01_F009\tneu", "annotation line that does not parse"),
        ("[6.2901 - 8.2357", "annotation line that does not parse"),
        ("6.2 - 8.2]\tSes01F_impro01_F009\tneu\t[1, 2, 3]", "annotation line that does not parse"),
        (turn_line("Ses01F_impro01_F009")[:-1], "annotation line that does not parse"),
        (turn_line("../../../etc/passwd"), "annotation line that does not parse"),
        (turn_line("Ses01F_impro01_F009\x00"), "annotation line that does not parse"),
        (turn_line("Ses01F_impro01_F٠٠٩"), "annotation line that does not parse"),
        (turn_line("Ses01F_impro01_F009", "joy"), "code that the corpus does not define"),
        (turn_line("Ses01F_impro01_F009", start=9.0), "turn whose times make no sense"),
        (turn_line("Ses01F_impro01_F009", start=-1.0), "turn whose times make no sense"),
        (turn_line("Ses01F_impro01_F009", end=1e60), "annotation line that does not parse"),
        (turn_line("Ses01F_impro02_F009"), "turn in another dialog's file or folder"),
        (turn_line(TURN, "ang"), "second annotation of the same thing"),
    ],
)
def test_a_bad_turn_line_is_named_and_the_rest_loads(tiny, line, reason):
    tiny.dialog(DIALOG, {"F000": "neu"})
    file = tiny.evaluate(DIALOG, evaluation(turn_line(TURN), line))
    number = file.read_text().split("\n").index(line) + 1
    corpus = corpora.load("iemocap", tiny.root)
    assert corpus.table["majority_code"].tolist() == ["neu"]
    place = f"Session1/dialog/EmoEvaluation/{DIALOG}.txt:{number}"
    assert corpus.exclusions.to_numpy().tolist() == [[place, reason]]


def test_a_damaged_line_is_not_reported_twice(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    tiny.sound(f"{DIALOG}_F001")
    bad = turn_line(f"{DIALOG}_F001")[:-1]
    tiny.evaluate(DIALOG, evaluation(turn_line(TURN), bad))
    assert len(corpora.load("iemocap", tiny.root).exclusions) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "annotation line that does not parse"),
        (f"{TURN} :()", "annotation line that does not parse"),
        (f"{TURN} :Neutral sta", "code that the corpus does not define"),
        ("../x :Anger; ()", "annotation line that does not parse"),
        ("Ses01F_impro02_F000 :Anger; ()", "turn in another dialog's file or folder"),
    ],
)
def test_a_bad_vote_is_named_and_does_not_count(tiny, line, reason):
    tiny.dialog(DIALOG, {"F000": "neu"})
    tiny.vote(DIALOG, 1, line)
    tiny.vote(DIALOG, 2, f"{TURN} :Anger; ()\n{TURN} :Anger; ()")
    corpus = corpora.load("iemocap", tiny.root)
    assert corpus.table["evaluators"].tolist() == [1]
    assert corpus.table["agreement"].tolist() == [1]
    assert reasons_of(corpus) == {reason: 1, "second annotation of the same thing": 1}


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_never_breaks_loading(tiny, seed):
    rng = random.Random(seed)
    tiny.dialog(DIALOG, {"F000": "neu"})
    files = [
        tiny.evaluate(DIALOG, evaluation(*(turn_line(f"{DIALOG}_F{i:03}") for i in range(9)))),
        tiny.vote(DIALOG, 1, "".join(f"{DIALOG}_F{i:03} :Anger; ()\n" for i in range(9))),
        tiny.transcribe(DIALOG, f"{TURN} [006.2901-008.2357]: Excuse me.\n"),
    ]
    for file in files:
        data = bytearray(file.read_bytes())
        for _ in range(rng.randint(1, 30)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        file.write_bytes(data[: rng.randint(len(data) // 2, len(data))])
    tiny.dialog("Ses02F_impro01", {"F000": "neu"})
    table = corpora.load("iemocap", tiny.root).table
    assert "Ses02F_impro01_F000" in set(table["utterance"])


def test_sounds_and_annotations_that_miss_each_other(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    tiny.evaluate(DIALOG, evaluation(turn_line(TURN), turn_line(f"{DIALOG}_F001")))
    tiny.sound(f"{DIALOG}_M000")
    folder = tiny.root / "Session1/sentences/wav" / DIALOG
    put(folder / "notes.wav")
    put(folder / "Ses01F_impro02_F000.wav")
    put(folder / f"{TURN}.WAV")
    corpus = corpora.load("iemocap", tiny.root)
    assert len(corpus.table) == 1
    assert reasons_of(corpus) == {
        "annotation without its sound file": 1,
        "file name that does not parse": 1,
        "second file of a clip that was already taken": 1,
        "sound without annotation": 1,
        "turn in another dialog's file or folder": 1,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-LFS pointer instead of the file"),
    ],
)
def test_a_hollow_sound_file_is_named(tiny, content, reason):
    tiny.dialog(DIALOG, {"F000": "neu", "F001": "neu"})
    tiny.sound(TURN, content)
    corpus = corpora.load("iemocap", tiny.root)
    assert corpus.table["utterance"].tolist() == [f"{DIALOG}_F001"]
    assert reasons_of(corpus) == {reason: 1}


def test_odd_annotation_files_are_named(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    tiny.vote("Ses01F_impro07", 1, "x")
    tiny.transcribe("Ses01F_impro07", "x")
    folder = tiny.root / "Session1/dialog/EmoEvaluation"
    put(folder / "readme.txt", "hello")
    put(folder / "Ses02F_impro01.txt", evaluation(turn_line("Ses02F_impro01_F000")))
    put(folder / f"{DIALOG}.TXT", evaluation(turn_line(TURN)))
    (folder / "Ses01F_impro02.txt").mkdir()
    (folder / "Ses01F_impro03.txt").symlink_to("nowhere")
    assert reasons_of(corpora.load("iemocap", tiny.root)) == {
        "dialog without its file in EmoEvaluation": 2,
        "cannot be read": 1,
        "dialog in another session's folder": 1,
        "file name that does not parse": 1,
        "not a regular file": 1,
        "second annotation of the same thing": 1,
    }


def test_hidden_files_and_the_other_folders_are_passed_over(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    emotions = tiny.root / "Session1/dialog/EmoEvaluation"
    for junk in (
        emotions / f"._{DIALOG}.txt",
        emotions / ".DS_Store",
        emotions / "Attribute" / f"{DIALOG}_e1_atr.txt",
        emotions / "Self-evaluation" / f"{DIALOG}_f1_cat.txt",
        tiny.root / "Session1/sentences/wav" / DIALOG / f"._{TURN}.wav",
        tiny.root / "Session1/sentences/wav/.DS_Store",
        tiny.root / "Documentation/readme.txt",
    ):
        put(junk, b"\x00\xff")
    corpus = corpora.load("iemocap", tiny.root)
    assert len(corpus.table) == 1 and corpus.exclusions.empty


def test_the_folder_above_the_release_is_accepted(tmp_path):
    TinyIemocap(tmp_path / "IEMOCAP_full_release").dialog(DIALOG, {"F000": "neu"})
    corpus = corpora.load("iemocap", tmp_path)
    file = corpus.table.index[0][0]
    assert file.startswith("IEMOCAP_full_release/Session1/")
    assert (corpus.root / file).is_file()


def test_a_session_without_annotations_is_named(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    put(tiny.root / "Session4/sentences/wav/x/x.wav")
    exclusions = corpora.load("iemocap", tiny.root).exclusions
    assert exclusions.to_numpy().tolist() == [["Session4", "session without dialog/EmoEvaluation"]]


def test_links_that_go_round_do_not_hang(tiny):
    tiny.dialog(DIALOG, {"F000": "neu"})
    wav = tiny.root / "Session1/sentences/wav"
    (wav / "loop").symlink_to(tiny.root)
    (wav / "self").symlink_to("self")
    assert len(corpora.load("iemocap", tiny.root).table) == 1


def test_rows_are_in_the_same_order_every_time(two_sessions):
    once, twice = (corpora.load("iemocap", two_sessions.root).table for _ in range(2))
    pd.testing.assert_frame_equal(once, twice)
    files = list(once.index.get_level_values("file"))
    assert files == sorted(files)


@pytest.mark.parametrize("below", ["", "Session1", "Session1/dialog"])
def test_a_wrong_root_says_what_was_expected(two_sessions, below):
    root = two_sessions.root / below if below else two_sessions.root / "Session1/sentences"
    with pytest.raises(TellsError, match="Session1/dialog/EmoEvaluation"):
        corpora.load("iemocap", root)


def test_a_root_without_sounds_is_an_error_and_not_an_empty_table(tiny):
    tiny.dialog(DIALOG, {"F000": "neu", "F001": "neu"}, sounds=False)
    with pytest.raises(TellsError, match="2 x annotation without its sound file"):
        corpora.load("iemocap", tiny.root)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"merge_excited": "yes"}, "merge_excited of iemocap must be False or True, not 'yes'"),
        ({"merge_excited": 1}, "merge_excited"),
        ({"no_majority": None}, "must be 'drop' or 'other', not None"),
        ({"no_majority": ["drop"]}, "no_majority"),
        ({"merge_exited": True}, "no option 'merge_exited'; its options: merge_excited"),
    ],
)
def test_a_wrong_option_is_named(two_sessions, options, match):
    with pytest.raises(TellsError, match=match):
        corpora.load("iemocap", two_sessions.root, **options)


# --- videos --------------------------------------------------------------------------------------


def video(tiny, dialog, content=b"RIFF----AVI ", name=None):
    folder = tiny.session(dialog) / "dialog/avi/DivX"
    return put(folder / (name or f"{dialog}.avi"), content)


def test_turns_as_spans_of_their_dialog_s_video(tiny):
    late, early = f"{DIALOG}_F000", f"{DIALOG}_M000"
    tiny.evaluate(
        DIALOG, evaluation(turn_line(late, "ang", 9.5, 11.25), turn_line(early, "sad", 1.0, 2.5))
    )
    video(tiny, DIALOG)
    corpus = corpora.load("iemocap", tiny.root, media="video")
    assert corpus.exclusions.empty
    assert list(corpus.table["utterance"]) == [early, late]
    assert list(corpus.table["marker"]) == [False, True]
    file = f"Session1/dialog/avi/DivX/{DIALOG}.avi"
    times = [(pd.Timedelta(1, "s"), pd.Timedelta(2.5, "s"))]
    times.append((pd.Timedelta(9.5, "s"), pd.Timedelta(11.25, "s")))
    assert list(corpus.table.index) == [(file, *span) for span in times]


def test_videos_and_annotations_that_miss_each_other(two_sessions):
    video(two_sessions, DIALOG)
    video(two_sessions, "Ses01F_impro09")
    video(two_sessions, "Ses01F_impro01", name="holiday.avi")
    video(two_sessions, "Ses01F_impro01", name="Ses02F_impro01.avi")
    corpus = corpora.load("iemocap", two_sessions.root, media="video")
    assert len(corpus.table) == 11
    assert reasons_of(corpus) == {
        "annotation without its dialog's video": 2,
        "dialog in another session's folder": 1,
        "file name that does not parse": 1,
        "video without annotation": 1,
    }


def test_an_empty_video_costs_its_turns_and_is_named(two_sessions):
    video(two_sessions, DIALOG, b"")
    video(two_sessions, "Ses02M_script01_1")
    corpus = corpora.load("iemocap", two_sessions.root, media="video")
    assert len(corpus.table) == 2
    assert reasons_of(corpus) == {"annotation without its dialog's video": 11, "empty file": 1}


def test_only_the_wearer_of_the_markers_is_seen_on_the_left(two_sessions):
    table = corpora.load("iemocap", two_sessions.root).table
    kept, exclusions = segmentation.select(table, wearer_only=True)
    assert kept["marker"].all() and len(kept) == 11
    assert set(exclusions["reason"]) == {
        "no label",
        "spoken by the partner of the actor who wears the markers",
    }
    with pytest.raises(TellsError, match="wearer_only must be True, False or None, not 1"):
        segmentation.select(table, wearer_only=1)
    with pytest.raises(TellsError, match="needs a corpus with the column 'marker'"):
        segmentation.select(table.drop(columns="marker"), wearer_only=True)


def test_verify_counts_what_is_there(two_sessions):
    found = corpora.verify("iemocap", two_sessions.root)
    assert not found.ok and found.usable
    assert found.labels.loc["neu"].tolist() == [1, 1708]
    assert found.labels["expected"].sum() == found.folds["expected"].sum() == 10039
    assert found.folds.loc["3"].tolist() == [0, 2136]
    summary = found.summary()
    assert "fold 3: 0 found, 2136 expected" in summary
    assert "sail.usc.edu" in summary and "13 of 10039" in summary
