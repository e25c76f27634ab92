"""The corpora of real and faked clips: what is read, what not believed, what kept together."""

import json

import pandas as pd
import pytest

from corpora_fixtures import (
    FAKEAVCELEB_HEAD,
    dfdc_folder,
    fakeavceleb_line,
    lavdf_entry,
    put,
    utterances,
)
from tells import corpora
from tells.corpora import selection, splits
from tells.errors import TellsError

BOTH, SOUND, PICTURE = "FakeVideo-FakeAudio", "RealVideo-FakeAudio", "FakeVideo-RealAudio"


def reasons_of(corpus):
    return corpora.count_exclusions(corpus.exclusions).to_dict()


def by_utterance(corpus, *columns):
    table = corpus.table.set_index("utterance")[list(columns)].astype(object)
    return {name: tuple(row) for name, *row in table.where(table.notna(), None).itertuples()}


@pytest.fixture
def parts(tmp_path):
    """Two folders of DFDC as distributed, with what else may lie beside them."""
    dfdc_folder(tmp_path, 45, {"aaaa": None, "bbbb": "aaaa", "cccc": "aaaa"})
    dfdc_folder(tmp_path, 7, {"dddd": None, "eeee": "dddd"})
    put(tmp_path / "understudy.json", "{}")
    put(tmp_path / "other/metadata.json", '{"ffff.mp4": {"label": "REAL"}}')
    put(tmp_path / "other/ffff.mp4")
    return tmp_path


# --- DFDC ---------------------------------------------------------------------------------------


def test_dfdc_knows_the_source_and_not_what_was_faked(parts):
    corpus = corpora.load("dfdc", parts)
    columns = ("label", "source", "fold", "video_label", "audio_label", "method", "speaker")
    assert by_utterance(corpus, *columns) == {
        "aaaa": ("real", "aaaa", "45", "real", "real", None, None),
        "bbbb": ("fake", "aaaa", "45", None, None, None, None),
        "cccc": ("fake", "aaaa", "45", None, None, None, None),
        "dddd": ("real", "dddd", "7", "real", "real", None, None),
        "eeee": ("fake", "dddd", "7", None, None, None, None),
    }
    assert corpus.table.index[0][0] == "dfdc_train_part_45/aaaa.mp4"
    assert corpus.exclusions.empty


def test_dfdc_root_may_be_one_folder(parts, monkeypatch):
    corpus = corpora.load("dfdc", parts / "dfdc_train_part_45")
    assert corpus.table.index.get_level_values("file").tolist() == [
        "aaaa.mp4",
        "bbbb.mp4",
        "cccc.mp4",
    ]
    assert set(corpus.table["fold"]) == {"45"}
    (parts / "link").symlink_to(parts / "dfdc_train_part_7")
    assert set(corpora.load("dfdc", parts / "link").table["fold"]) == {"7"}
    monkeypatch.chdir(parts / "dfdc_train_part_7")
    assert set(corpora.load("dfdc", ".").table["fold"]) == {"7"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [([45], {"45"}), (["7"], {"7"}), ([7, "45", 45], {"7", "45"}), (None, {"7", "45"})],
)
def test_dfdc_reads_the_folders_that_are_asked_for(parts, wanted, found):
    assert set(corpora.load("dfdc", parts, folders=wanted).table["fold"]) == found


def test_dfdc_says_which_folder_is_not_there(parts):
    with pytest.raises(TellsError, match=r"folders of dfdc names 46, 49, but root .* has 7, 45"):
        corpora.load("dfdc", parts, folders=[45, 46, 49])


def test_dfdc_numbers_may_be_padded_and_stand_for_one_folder(tmp_path):
    dfdc_folder(tmp_path, 7, {"aaaa": None}).rename(tmp_path / "dfdc_train_part_07")
    assert set(corpora.load("dfdc", tmp_path).table["fold"]) == {"7"}
    dfdc_folder(tmp_path, 7, {"bbbb": None})
    dfdc_folder(tmp_path, 50, {"cccc": None})
    corpus = corpora.load("dfdc", tmp_path)
    assert set(corpus.table["utterance"]) == {"aaaa"}
    assert reasons_of(corpus) == {
        "folder with a number that the corpus does not have": 1,
        "second folder of the same number": 1,
    }


def test_dfdc_names_what_is_missing_and_what_is_too_much(tmp_path):
    folder = dfdc_folder(tmp_path, 0, {"aaaa": None, "bbbb": "aaaa"}, absent=("aaaa",))
    put(folder / "cccc.mp4")
    put(folder / "._aaaa.mp4")
    corpus = corpora.load("dfdc", tmp_path)
    assert by_utterance(corpus, "source", "audio_label") == {"bbbb": ("aaaa", None)}
    assert corpus.exclusions.to_numpy().tolist() == [
        ["dfdc_train_part_0/aaaa.mp4", "named by the annotations, but not there"],
        ["dfdc_train_part_0/cccc.mp4", "video without annotation"],
    ]


FAKE_OF_A = {"label": "FAKE", "original": "aaaa.mp4"}


@pytest.mark.parametrize(
    ("name", "entry", "reason"),
    [
        *(
            (name, {"label": "REAL"}, "file name that does not parse")
            for name in (
                "../x.mp4",
                "..mp4",
                "/etc/x.mp4",
                "a/x.mp4",
                "a\\x.mp4",
                "x.avi",
                "x.mp4 ",
                "x.mp4\n",
                "x",
                "",
                "é.mp4",
                "x\x00.mp4",
                "\ud800.mp4",
                "file:x.mp4",
                "x" * 200 + ".mp4",
            )
        ),
        *(
            ("x.mp4", {"label": label}, "label that is neither real nor fake")
            for label in ("real", "MAYBE", "", None, 1, ["FAKE"], {})
        ),
        *(
            ("x.mp4", entry, "entry of another form than the corpus defines")
            for entry in (None, "FAKE", [], 3, FAKE_OF_A | {"original": ["aaaa.mp4"]})
        ),
        ("x.mp4", {}, "label that is neither real nor fake"),
        ("x.mp4", {"label": "FAKE"}, "fake that does not say of what"),
        ("x.mp4", {"label": "FAKE", "original": None}, "fake that does not say of what"),
        ("x.mp4", FAKE_OF_A | {"label": "REAL"}, "real clip that is said to have an original"),
        ("x.mp4", FAKE_OF_A | {"original": "x.mp4"}, "fake that is said to be its own original"),
        ("x.mp4", FAKE_OF_A | {"original": "bbbb.mp4"}, "fake whose original is a fake as well"),
        *(
            (
                "x.mp4",
                FAKE_OF_A | {"original": original},
                "fake of something that is no file name of the corpus",
            )
            for original in ("../aaaa.mp4", "/aaaa.mp4", "..\\aaaa.mp4", "aaaa", "")
        ),
    ],
)
def test_dfdc_leaves_out_what_it_cannot_believe(tmp_path, name, entry, reason):
    folder = dfdc_folder(tmp_path, 45, {"aaaa": None, "bbbb": "aaaa"})
    put(folder / "x.mp4")
    put(tmp_path / "x.mp4")
    entries = json.loads((folder / "metadata.json").read_text()) | {name: entry}
    put(folder / "metadata.json", json.dumps(entries))
    corpus = corpora.load("dfdc", tmp_path)
    assert set(corpus.table["utterance"]) == {"aaaa", "bbbb"}
    beside = 0 if name == "x.mp4" else 1  # then x.mp4 itself is not annotated
    assert reasons_of(corpus) == {reason: 1} | ({"video without annotation": 1} if beside else {})


def test_dfdc_null_for_an_original_is_no_original(tmp_path):
    folder = dfdc_folder(tmp_path, 45, {"aaaa": None})
    put(folder / "metadata.json", '{"aaaa.mp4": {"label": "REAL", "original": null}}')
    assert corpora.load("dfdc", tmp_path).exclusions.empty


def test_dfdc_cycles_are_fakes_of_fakes(tmp_path):
    dfdc_folder(tmp_path, 45, {"aaaa": None, "x": "y", "y": "z", "z": "x", "w": "x"})
    corpus = corpora.load("dfdc", tmp_path)
    assert set(corpus.table["utterance"]) == {"aaaa"}
    assert reasons_of(corpus) == {"fake whose original is a fake as well": 4}


def test_dfdc_names_that_are_given_twice(tmp_path):
    folder = dfdc_folder(tmp_path, 45, {"aaaa": None, "bbbb": None, "cccc": None})
    real, fake = '{"label": "REAL"}', '{"label": "FAKE", "original": "aaaa.mp4"}'
    members = [f'"aaaa.mp4": {real}', f'"bbbb.mp4": {real}', f'"bbbb.mp4": {real}']
    members += [f'"cccc.mp4": {real}', f'"cccc.mp4": {fake}', f'"cccc.mp4": {real}']
    members += ['"dddd.mp4": {"label": "REAL", "label": "FAKE"}']
    put(folder / "metadata.json", "{" + ",".join(members) + "}")
    corpus = corpora.load("dfdc", tmp_path)
    assert set(corpus.table["utterance"]) == {"aaaa", "bbbb"}
    assert reasons_of(corpus) == {
        "entry of another form than the corpus defines": 1,
        "named more than once, and not with the same labels": 1,
        "second annotation of the same thing": 2,
    }


def test_dfdc_a_name_stands_for_one_clip(tmp_path):
    dfdc_folder(tmp_path, 45, {"aaaa": None, "bbbb": "aaaa"})
    dfdc_folder(tmp_path, 46, {"aaaa": None, "cccc": "aaaa", "dddd": None})
    dfdc_folder(tmp_path, 47, {"cccc": None})  # a name that was left out before
    corpus = corpora.load("dfdc", tmp_path)
    assert corpus.table["utterance"].tolist() == ["aaaa", "bbbb", "dddd", "cccc"]
    assert reasons_of(corpus) == {
        "clip whose name, or whose original's, another folder has already": 2
    }


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "3", DEEP, '{"a":' * 50_000, b"\xff\xfe\x00", "9" * 5000, b"\x00" * 99],
)
def test_dfdc_what_is_no_metadata_costs_one_folder(tmp_path, content):
    dfdc_folder(tmp_path, 45, {"aaaa": None})
    put(dfdc_folder(tmp_path, 46, {"bbbb": None}) / "metadata.json", content)
    corpus = corpora.load("dfdc", tmp_path)
    assert set(corpus.table["utterance"]) == {"aaaa"}
    assert reasons_of(corpus) == {"not JSON, or not of the form that the corpus defines": 1}


def test_dfdc_metadata_that_is_huge_or_no_file(tmp_path):
    dfdc_folder(tmp_path, 45, {"aaaa": None})
    with (dfdc_folder(tmp_path, 46, {"bbbb": None}) / "metadata.json").open("r+b") as file:
        file.truncate(1 << 40)  # sparse
    (dfdc_folder(tmp_path, 47, {"cccc": None}) / "metadata.json").unlink()
    folder = dfdc_folder(tmp_path, 48, {"dddd": None})
    (folder / "metadata.json").unlink()
    (folder / "metadata.json").mkdir()
    corpus = corpora.load("dfdc", tmp_path)
    assert set(corpus.table["utterance"]) == {"aaaa"}
    assert reasons_of(corpus) == {
        "folder without metadata.json": 2,
        "file of annotations that is too large to be one": 1,
    }


def test_dfdc_opens_nothing_but_metadata(tmp_path, monkeypatch):
    """Clips are looked at, not into; no name leads out of the root."""
    root = tmp_path / "dfdc"
    folder = dfdc_folder(root, 45, {"aaaa": None, "bbbb": "aaaa"})
    put(tmp_path / "secret.mp4")
    entries = json.loads((folder / "metadata.json").read_text())
    for name in ("../../secret.mp4", str(tmp_path / "secret.mp4")):
        entries[name] = {"label": "REAL"}
        entries[f"{len(entries)}.mp4"] = {"label": "FAKE", "original": name}
    put(folder / "metadata.json", json.dumps(entries))
    seen = []
    kind = type(folder)
    for method in ("read_bytes", "stat", "open"):
        original = getattr(kind, method)

        def spy(path, *args, _original=original, _method=method, **kwargs):
            seen.append((_method, path))
            return _original(path, *args, **kwargs)

        monkeypatch.setattr(kind, method, spy)
    corpora.load("dfdc", root)
    assert {path.name for method, path in seen if method != "stat"} <= {
        "metadata.json",
        "aaaa.mp4",
        "bbbb.mp4",
    }
    assert not [path for _, path in seen if path.name == "secret.mp4"]


def test_dfdc_is_verified_by_folder_and_label(parts):
    (parts / "dfdc_train_part_45/cccc.mp4").unlink()
    found = corpora.verify("dfdc", parts)
    assert found.usable and not found.ok and found.total == 119_197
    assert found.found.loc["45"].to_dict() == {"fake": 1, "real": 1}
    assert found.missing == (
        "folds without a clip, 48 of 50: 0 to 6, 8 to 44, 46 to 49",
        "clips: 4 found, 119197 expected",
        "file dfdc_train_part_45/cccc.mp4: named by the annotations, but not there",
    )
    lines = found.summary().splitlines()
    assert lines[0].endswith("incomplete, 4 of 119197 clips")
    assert "  fold            found expected     fake     real" in lines
    assert "  45                  2        -        1        1" in lines
    assert "  - copy or unpack the missing files again" in lines


# --- FakeAVCeleb --------------------------------------------------------------------------------


@pytest.fixture
def celebrities(tmp_path):
    """Two identities, one with a fake of each kind."""
    lines = [FAKEAVCELEB_HEAD]
    for identity, kind, name, target in (
        ("id00076", "RealVideo-RealAudio", "00109.mp4", "-"),
        ("id00076", SOUND, "00109_fake.mp4", "-"),
        ("id00076", PICTURE, "00109_1_id00043.mp4", "id00043"),
        ("id00076", BOTH, "00109_1_id00043_wavtolip.mp4", "id00043"),
        ("id01597", "RealVideo-RealAudio", "00109.mp4", "-"),
    ):
        put(tmp_path / kind / "African/men" / identity / name)
        lines.append(fakeavceleb_line(identity, name, kind, target=target))
    put(tmp_path / "meta_data.csv", "".join(lines))
    return tmp_path


@pytest.mark.parametrize("above", [False, True])
def test_fakeavceleb(celebrities, above):
    root = celebrities
    if above:
        root = celebrities.with_name(f"{celebrities.name}_above")
        root.mkdir()
        celebrities.rename(root / "FakeAVCeleb_v1.2")
    corpus = corpora.load("fakeavceleb", root)
    assert corpus.exclusions.empty
    found = by_utterance(corpus, "label", "video_label", "audio_label", "method", "target", "fold")
    assert {name.split("/")[0]: row for name, row in found.items() if "id00076" in name} == {
        "RealVideo-RealAudio": ("real", "real", "real", None, None, "6"),
        SOUND: ("fake", "real", "fake", "wav2lip", None, "6"),
        PICTURE: ("fake", "fake", "real", "wav2lip", "id00043", "6"),
        BOTH: ("fake", "fake", "fake", "wav2lip", "id00043", "6"),
    }
    assert set(corpus.table["source"]) == set(corpus.table["speaker"]) == {"id00076", "id01597"}
    assert all((root / file).is_file() for file in corpus.table.index.get_level_values("file"))


def test_fakeavceleb_does_not_believe_its_table(celebrities):
    good = fakeavceleb_line("id00076", "00109.mp4")
    bad = [
        good,
        good.replace("id00076", "../x", 1),
        good.replace("African,men", "African,.."),
        good.replace("African,men", "/etc,men"),
        good.replace(",A,", ",D,"),
        good.replace(",A,Real", ",A,Un"),
        good.replace(",real,A", ",\x1b[31m,A"),
        good.replace("00109.mp4", "../00109.mp4"),
        good.replace("00109.mp4", "00110.mp4"),
        "id00076,-\n",
    ]
    with (celebrities / "meta_data.csv").open("a") as file:
        file.writelines(bad)
    put(celebrities / "RealVideo-RealAudio/African/men/id00076/extra.mp4")
    corpus = corpora.load("fakeavceleb", celebrities)
    assert len(corpus.table) == 5
    assert reasons_of(corpus) == {
        "file name that does not parse": 4,
        "code that the corpus does not define": 3,
        "annotation line that does not parse": 1,
        "named by the annotations, but not there": 1,
        "second annotation of the same thing": 1,
        "video without annotation": 1,
    }


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "x" * 200_000, b"\x00" * 99])
def test_fakeavceleb_without_a_usable_table(celebrities, content):
    put(celebrities / "meta_data.csv", content)
    with pytest.raises(TellsError, match="no usable FakeAVCeleb clip"):
        corpora.load("fakeavceleb", celebrities)


# --- LAV-DF -------------------------------------------------------------------------------------


def lavdf(root, *entries):
    put(root / "metadata.min.json", json.dumps(entries))
    for entry in entries:
        if isinstance(entry, dict) and str(entry.get("file")).startswith(("train", "dev", "test")):
            put(root / entry["file"])
    return root


def test_lavdf(tmp_path):
    lavdf(
        tmp_path / "LAV-DF",
        lavdf_entry("train/000001.mp4"),
        lavdf_entry("train/000002.mp4", "train/000001.mp4", modify_audio=False),
        lavdf_entry("test/000003.mp4", "test/000004.mp4", modify_video=False),
        lavdf_entry("dev/000005.mp4", "dev/000006.mp4"),
    )
    corpus = corpora.load("lavdf", tmp_path)
    columns = ("label", "video_label", "audio_label", "source", "fold", "method", "speaker")
    assert by_utterance(corpus, *columns) == {
        "train/000001": ("real", "real", "real", "train/000001", "train", None, None),
        "train/000002": ("fake", "fake", "real", "train/000001", "train", None, None),
        "test/000003": ("fake", "real", "fake", "test/000004", "test", None, None),
        "dev/000005": ("fake", "fake", "fake", "dev/000006", "dev", None, None),
    }
    assert corpus.exclusions.empty
    assert corpora.verify("lavdf", tmp_path).labels["expected"].tolist() == [36_431, 99_873]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "entry of another form than the corpus defines"),
        (lavdf_entry("train/x.mp4") | {"file": ["x"]}, "entry of another form"),
        (lavdf_entry("train/x.mp4", "train/a.mp4") | {"original": {}}, "entry of another form"),
        (lavdf_entry("train/../x.mp4"), "file name that does not parse"),
        (lavdf_entry("/train/x.mp4"), "file name that does not parse"),
        (lavdf_entry("train/x.mp4", split="test"), "folder and entry give different splits"),
        (lavdf_entry("train/x.mp4", modify_audio="no"), "label that is neither real nor fake"),
        (lavdf_entry("train/x.mp4", modify_audio=True), "fake that does not say of what"),
        (lavdf_entry("train/x.mp4", "train/x.mp4"), "fake that is said to be its own original"),
        (lavdf_entry("train/x.mp4", "../a.mp4"), "fake of something that is no file name"),
        (lavdf_entry("train/a.mp4", "train/b.mp4"), "named more than once"),
    ],
)
def test_lavdf_leaves_out_what_it_cannot_believe(tmp_path, entry, reason):
    lavdf(tmp_path, lavdf_entry("train/a.mp4"), lavdf_entry("train/b.mp4"), entry)
    corpus = corpora.load("lavdf", tmp_path)
    assert {"train/b"} <= set(corpus.table["utterance"]) <= {"train/a", "train/b"}
    assert [found for found in corpus.exclusions["reason"] if reason in found], reasons_of(corpus)


# --- selection and splits -----------------------------------------------------------------------


def forged(rows):
    """A table of clips of 10 s: label, picture, sound, source and fold of each."""
    labels, video, audio, source, fold = map(list, zip(*rows, strict=True))
    table = utterances([10.0] * len(rows), speaker=None, label=labels, fold=fold)
    return table.assign(
        video_label=pd.array(video, dtype="string"),
        audio_label=pd.array(audio, dtype="string"),
        source=pd.array(source, dtype="string"),
    )


@pytest.fixture
def three_folds():
    kinds = (("real", "real", "real"), ("fake", None, "fake"))
    return forged([(*kind, f"o{fold}", fold) for fold in ("45", "47", "49") for kind in kinds])


def test_select_av_fakes_is_the_thesis_selection():
    table = forged(
        [
            ("real", "real", "real", "a", "45"),
            ("fake", None, "fake", "a", "45"),
            ("fake", "fake", "fake", "a", "45"),
            ("fake", "fake", "real", "a", "45"),
            ("fake", "real", "fake", "a", "45"),
            ("fake", None, None, "a", "45"),
            (None, None, None, "a", "45"),
        ]
    )
    kept, exclusions = selection.select_av_fakes(table)
    assert kept["utterance"].tolist() == ["u0", "u1", "u2"]
    assert exclusions.to_numpy().tolist() == [
        ["u3", "fake in its picture alone"],
        ["u4", "fake in its sound alone"],
        ["u5", "fake, but whether its sound is fake is not known"],
        ["u6", "no label"],
    ]


def test_select_av_fakes_is_for_real_and_fake():
    with pytest.raises(TellsError, match="must have the column video_label, audio_label"):
        selection.select_av_fakes(utterances([10.0]))
    table = forged([("anger", "real", "real", "a", "45")])
    with pytest.raises(TellsError, match="must have the labels real and fake; it has anger"):
        selection.select_av_fakes(table)


def test_the_rest_of_the_test_folder_comes_along():
    rows = [
        ("real", "real", "real", "a", "45"),
        ("fake", "fake", "real", "a", "45"),
        ("real", "real", "real", "b", "49"),
        ("fake", "fake", "real", "b", "49"),
        ("fake", None, "fake", "b", "49"),
        (None, None, None, "b", "49"),
    ]
    table = forged(rows)
    chosen, _ = selection.select_av_fakes(table)
    found = selection.add_unselected_test_clips(table, chosen, ["49"])
    assert found["utterance"].tolist() == ["u0", "u2", "u3", "u4"]
    assert found["chosen"].tolist() == [True, True, False, True]


def test_the_thesis_folders_are_a_split(three_folds):
    parts = splits.split(three_folds, test=["49"], validation=["47"], train=["45"])
    assert {name: set(part["source"]) for name, part in parts.items()} == {
        "train": {"o45"},
        "validation": {"o47"},
        "test": {"o49"},
    }


def test_a_folder_that_is_not_there_is_named(three_folds):
    with pytest.raises(TellsError, match=r"train names unknown folds \['46', '48'\]"):
        splits.split(three_folds, test=["49"], validation=["47"], train=["45", "46", "48"])


def test_a_source_in_two_sets_is_refused(three_folds):
    three_folds["source"] = three_folds["source"].replace("o49", "o45")
    with pytest.raises(TellsError, match="train and test share the source o45; a source must be"):
        splits.split(three_folds, test=["49"], validation=["47"])


def test_of_many_shared_sources_a_few_are_named():
    rows = [("real", None, None, f"o{i}", fold) for i in range(9) for fold in "123"]
    with pytest.raises(TellsError, match="source o0, o1, o2, o3, o4 and 4 more"):
        splits.split(forged(rows), test=["1"], validation=["2"])


@pytest.mark.parametrize("fold", ["45", "47", "49"])
@pytest.mark.parametrize("label", ["real", "fake"])
def test_a_set_with_one_class_is_refused(three_folds, fold, label):
    name = {"45": "train", "47": "validation", "49": "test"}[fold]
    rest = three_folds[~((three_folds["fold"] == fold) & (three_folds["label"] == label))]
    with pytest.raises(TellsError, match=f"{name} has no {label}, which it needs"):
        splits.split(rest, test=["49"], validation=["47"])


def test_a_table_with_one_class_is_refused(three_folds):
    reals = three_folds[three_folds["label"] == "real"]
    with pytest.raises(TellsError, match="has no fake, which it needs"):
        splits.split(reals, test=["49"], validation=["47"])
