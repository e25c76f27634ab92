"""The understudy: its plan's statistics, its files' grammar, its bytes and its sound."""

import errno
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import wave
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import understudy
from understudy import espeak
from understudy.cli import app
from understudy.dfdc import metadata
from understudy.dfdc.plan import plan_groups
from understudy.emotions import majority
from understudy.people import SESSIONS, cast
from understudy.performance import SHAPES, Course, Part, load
from understudy.plan import plan_dialogs
from understudy.sentences import SENTENCES
from understudy.sizes import Size
from understudy.voice import limit, perform, plan_speech

MAIN = ("ang", "hap", "sad", "neu")
CODES = {"neu", "ang", "sad", "exc", "hap", "fru", "sur", "fea", "oth", "dis", "xxx"}
NAMES = {
    "Anger": "ang",
    "Happiness": "hap",
    "Sadness": "sad",
    "Neutral": "neu",
    "Excited": "exc",
    "Frustration": "fru",
    "Surprise": "sur",
    "Fear": "fea",
    "Disgust": "dis",
    "Other": "oth",
}
TURN = r"Ses0[1-5][MF]_(?:impro|script)0[1-9][ab]?(?:_\d)?_[MF](?:\d{3}|XX\d)"
NANO = Size(("impro01",), {}, 0, short=0, long=0, others=("ang", "sad"), rare=(), unclear={})
SEEDS = (0, 1, 7)


@pytest.fixture(scope="session")
def tiny(understudy_root):
    """A whole corpus of size tiny."""
    return understudy_root


class Blank:
    """A head that costs nothing: these tests are about the rest."""

    def __init__(self, basis, appearance):
        self.wall = appearance.wall

    def draw(self, pose, out):
        out[:] = self.wall


@pytest.fixture
def nano(monkeypatch):
    """A size of ten short turns, played without faces."""
    monkeypatch.setitem(understudy.SIZES, "nano", NANO)
    monkeypatch.setattr("understudy.head.Head", Blank)
    monkeypatch.setattr("understudy.head.load_basis", lambda: None)
    return "nano"


def tree(root):
    """Content by path of every file below a folder, hidden ones too."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def sound(path):
    """Samples (n, channels) and the parameters of a WAV file."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels()), file.getparams()


def blocks(path):
    """Header and turn blocks of an EmoEvaluation file, each a list of lines."""
    head, *rest = path.read_text().split("\n\n")
    return head, [block.strip("\n").split("\n") for block in rest]


def evaluations(root):
    return sorted(root.glob("Session*/dialog/EmoEvaluation/*.txt"))


def performances(root):
    return [p for path in sorted((root / "performances").glob("*.json")) for p in load(path)]


def improvised(size, seed):
    """(session, turn) of every improvised turn in a plan."""
    dialogs = [dialog for dialog in plan_dialogs(size, seed) if "impro" in dialog.name]
    return [(dialog.session, turn) for dialog in dialogs for turn in dialog.turns]


# ---------------------------------------------------------------- the plan


@pytest.mark.parametrize("seed", SEEDS)
def test_standard_has_eight_turns_of_each_class_in_each_session(seed):
    counts = Counter(
        (session, turn.label if turn.label in MAIN else "other")
        for session, turn in improvised("standard", seed)
        if turn.label != "xxx"
    )
    wanted = itertools.product(SESSIONS, (*MAIN, "other"))
    assert {key: counts[key] for key in wanted if counts[key] < 8} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_standard_has_three_long_turns_of_each_class_in_each_session(seed):
    counts = Counter(
        (session, turn.label if turn.label in MAIN else "other")
        for session, turn in improvised("standard", seed)
        if turn.label != "xxx" and turn.part.least >= 10
    )
    wanted = itertools.product(SESSIONS, (*MAIN, "other"))
    assert {key: counts[key] for key in wanted if counts[key] < 3} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_tiny_has_two_turns_of_each_class_in_each_session(seed):
    counts = Counter(
        (session, turn.label if turn.label in MAIN else "other")
        for session, turn in improvised("tiny", seed)
        if turn.label != "xxx"
    )
    wanted = itertools.product(SESSIONS, (*MAIN, "other"))
    assert {key: counts[key] for key in wanted if counts[key] < 2} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_standard_labels_are_imbalanced_like_iemocap(seed):
    counts = Counter(
        turn.label for dialog in plan_dialogs("standard", seed) for turn in dialog.turns
    )
    assert set(counts) == CODES
    assert 450 <= counts.total() <= 800
    assert min(counts[c] for c in ("neu", "fru")) > counts["hap"] > counts["sur"]
    assert counts["xxx"] > 0.08 * counts.total()
    assert counts["sur"] > counts["fea"] > max(counts["oth"], counts["dis"]) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sentence_is_said_equally_often_in_each_emotion(seed):
    counts = defaultdict(Counter)
    for session, turn in improvised("standard", seed):
        counts[session, turn.part.emotion].update(turn.part.sentences)
    for said in counts.values():
        numbers = [said[i] for i in range(len(SENTENCES))]
        assert max(numbers) - min(numbers) <= 1
    common = [set().union(*(counts[s, e] for s in SESSIONS)) for e in (*MAIN, "exc", "fru")]
    assert all(len(said) == len(SENTENCES) for said in common)


@pytest.mark.parametrize("seed", SEEDS)
def test_label_cannot_be_told_from_the_words(seed):
    """Naive Bayes on sentences, trained on four sessions, scores chance on the fifth."""
    turns = [(s, t) for s, t in improvised("standard", seed) if t.label in MAIN]
    words = np.zeros((len(turns), len(SENTENCES)))
    for row, (_, turn) in zip(words, turns, strict=True):
        row[list(turn.part.sentences)] = 1
    label = np.array([MAIN.index(turn.label) for _, turn in turns])
    session = np.array([s for s, _ in turns])
    recalls = []
    for held in SESSIONS:
        train, test = session != held, session == held
        rates = np.array([words[train & (label == k)].sum(0) + 1.0 for k in range(len(MAIN))])
        guess = (words[test] @ np.log(rates / rates.sum(1, keepdims=True)).T).argmax(1)
        recalls += [np.mean(guess[label[test] == k] == k) for k in range(len(MAIN))]
    assert np.mean(recalls) < 0.25 + 0.07


def test_both_actors_play_every_class_in_every_session():
    turns = improvised("standard", 0)
    played = {(session, turn.part.emotion, turn.part.actor[-1]) for session, turn in turns}
    assert played >= set(itertools.product(SESSIONS, (*MAIN, "exc", "fru"), "FM"))


def test_a_script_has_the_same_words_in_every_session():
    words = defaultdict(set)
    for dialog in plan_dialogs("standard", 0):
        if "script" in dialog.name:
            said = tuple(turn.part.sentences for turn in dialog.turns)
            words[dialog.name[5:]].add(tuple(itertools.chain(*said))[:6])
    assert {script: len(versions) for script, versions in words.items()} == {
        "F_script01_1": 1,
        "M_script02_2": 1,
    }


def test_weak_emotions_are_disputed_more_often():
    disputed = defaultdict(list)
    for dialog in plan_dialogs("standard", 0):
        for turn in dialog.turns:
            disputed[turn.part.course.peak > 0.6].append(turn.label == "xxx")
    assert np.mean(disputed[False]) > 2 * np.mean(disputed[True])


def test_plan_follows_the_seed():
    assert plan_dialogs("tiny", 3) == plan_dialogs("tiny", 3)
    assert plan_dialogs("tiny", 3) != plan_dialogs("tiny", 4)


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ([("ang",), ("ang",), ("fru",)], "ang"),
        ([("ang",), ("sad",), ("fru",)], "xxx"),
        ([("ang", "fru"), ("ang",), ("fru",)], "xxx"),
        ([("ang", "fru"), ("ang", "fru"), ("fru",)], "fru"),
        ([("ang", "fru"), ("sad",), ("fru",)], "fru"),
    ],
)
def test_majority(votes, label):
    assert majority(votes) == label


# ---------------------------------------------------------------- the files


def test_layout(tiny):
    expected = {"understudy.json"}
    for dialog in plan_dialogs("tiny", 0):
        home = f"Session{dialog.session}"
        folder = f"{home}/dialog/EmoEvaluation"
        expected |= {
            f"{home}/dialog/wav/{dialog.name}.wav",
            f"{home}/dialog/avi/DivX/{dialog.name}.avi",
            f"{home}/dialog/transcriptions/{dialog.name}.txt",
            f"{folder}/{dialog.name}.txt",
            f"performances/{dialog.name}.json",
        }
        expected |= {
            f"{folder}/Categorical/{dialog.name}_{evaluator.lower()}_cat.txt"
            for evaluator in dialog.evaluators
        }
        expected |= {
            f"{home}/sentences/wav/{dialog.name}/{turn.part.turn}.wav" for turn in dialog.turns
        }
    for group in plan_groups(understudy.SIZES["tiny"], 0):
        expected.add(f"performances/dfdc/{group.stem}.json")
        expected.add(f"dfdc/dfdc_train_part_{group.folder}/metadata.json")
        expected |= {str(path) for path in metadata.clip_files(group)}
    assert set(tree(tiny)) == expected | {"dfdc/understudy.json"}


@pytest.mark.parametrize("size", understudy.SIZES)
def test_turn_names(size):
    names = [turn.part.turn for dialog in plan_dialogs(size, 0) for turn in dialog.turns]
    assert [name for name in names if not re.fullmatch(TURN, name)] == []
    assert len(set(names)) == len(names)


def test_evaluation_lines(tiny):
    span = r"\[\d+\.\d{4} - \d+\.\d{4}\]"
    first = rf"{span}\t{TURN}\t[a-z]{{3}}\t\[\d\.\d{{4}}, \d\.\d{{4}}, \d\.\d{{4}}\]"
    labels = "|".join(NAMES)
    category = rf"C-(E[1-4]|[FM]1):\t({labels});( ({labels});)?\t\([a-z]*\)"
    scales = r"A-(E[1-4]|[FM]1):\tval [1-5]; act [1-5]; dom  [1-5];\t\(\)"
    for path in evaluations(tiny):
        head, turns = blocks(path)
        assert head == "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]"
        for lines in turns:
            patterns = (first, *[category] * 4, *[scales] * 3)
            assert len(lines) == len(patterns)
            assert [
                line
                for line, form in zip(lines, patterns, strict=True)
                if not re.fullmatch(form, line)
            ] == []


def test_label_is_the_majority_and_ratings_are_means(tiny):
    for path in evaluations(tiny):
        for first, *lines in blocks(path)[1]:
            _, _, label, vad = first.split("\t")
            votes = Counter(
                NAMES[name]
                for line in lines
                if line.startswith("C-E")
                for name in re.findall(r"(\w+);", line)
            )
            best = [code for code, n in votes.items() if n == max(votes.values()) and n >= 2]
            assert label == (best[0] if len(best) == 1 else "xxx")
            ratings = [re.findall(r" (\d);", line) for line in lines if line.startswith("A-E")]
            means = np.mean(np.array(ratings, float), axis=0)
            assert [float(x) for x in vad.strip("[]").split(", ")] == pytest.approx(means)


def test_self_judgement_is_the_speakers(tiny):
    for path in evaluations(tiny):
        for first, *lines in blocks(path)[1]:
            speaker = first.split("\t")[1].rpartition("_")[2][0]
            own = {line[:4] for line in lines if line[2] in "FM"}
            assert own == {f"C-{speaker}1", f"A-{speaker}1"}


def test_categorical_files_agree_with_evaluation(tiny):
    for path in evaluations(tiny):
        files = sorted((path.parent / "Categorical").glob(f"{path.stem}_e?_cat.txt"))
        assert len(files) == 3
        for file in files:
            evaluator = file.stem.split("_")[-2].upper()
            found = []
            for first, *lines in blocks(path)[1]:
                line = next(x for x in lines if x.startswith(f"C-{evaluator}:"))
                names, remark = line.split("\t")[1:]
                names = names.replace("Neutral;", "Neutral state;")
                found.append(f"{first.split(chr(9))[1]} :{names} {remark}\n")
            assert file.read_text() == "".join(found)


def test_dialogs_have_different_evaluators():
    assert len({dialog.evaluators for dialog in plan_dialogs("standard", 0)}) == 4


def test_transcriptions_agree_with_evaluation(tiny):
    for path in evaluations(tiny):
        spans = {
            first.split("\t")[1]: re.findall(r"\d+\.\d{4}", first)[:2]
            for first, *_ in blocks(path)[1]
        }
        text = (path.parents[1] / "transcriptions" / path.name).read_text()
        lines = re.findall(rf"({TURN}) \[(\d{{3}}\.\d{{4}})-(\d{{3}}\.\d{{4}})\]: (.+\.)\n", text)
        assert len(lines) == text.count("\n") == len(spans)
        assert {turn: [float(a), float(b)] for turn, a, b, _ in lines} == {
            turn: [float(a), float(b)] for turn, (a, b) in spans.items()
        }
        starts = [float(start) for _, start, _, _ in lines]
        assert starts == sorted(starts)


def test_turns_are_cut_out_of_their_speakers_channel(tiny):
    for path in evaluations(tiny):
        session = path.parents[2]
        dialog, about = sound(session / "dialog" / "wav" / f"{path.stem}.wav")
        assert about[:3] == (2, 2, 16000)
        for first, *_ in blocks(path)[1]:
            span, turn = first.split("\t")[:2]
            start, end = (round(float(t) * 16000, 4) for t in span.strip("[]").split(" - "))
            said, about = sound(session / "sentences" / "wav" / path.stem / f"{turn}.wav")
            assert about[:3] == (1, 2, 16000)
            channel = 0 if turn.rpartition("_")[2][0] == path.stem[5] else 1
            assert np.array_equal(dialog[int(start) : int(end), channel], said[:, 0])


def test_durations(tiny):
    seconds = {
        p.stem: len(sound(p)[0]) / 16000 for p in tiny.glob("Session*/sentences/wav/*/*.wav")
    }
    assert {turn: s for turn, s in seconds.items() if not 1 <= s <= 15} == {}
    long = Counter(turn[:5] for turn, s in seconds.items() if s >= 10 and "impro" in turn)
    assert min(long[f"Ses0{session}"] for session in SESSIONS) >= 5


def test_nothing_clips_and_nothing_is_mute(tiny):
    for path in tiny.glob("Session*/sentences/wav/*/*.wav"):
        samples = sound(path)[0].astype(int)
        assert 1000 < np.abs(samples).max() < 32000


def test_performances_are_what_was_planned(tiny):
    played = {p.part.turn: p.part for p in performances(tiny)}
    assert played == {
        turn.part.turn: turn.part for d in plan_dialogs("tiny", 0) for turn in d.turns
    }


def test_performances_carry_time(tiny):
    for performance in performances(tiny):
        starts = [phoneme.start for phoneme in performance.phonemes]
        duration = performance.end - performance.start
        assert starts == sorted(starts)
        assert 0.05 < starts[0] < 0.4
        assert duration - 0.8 < starts[-1] < duration
        curve = performance.intensity(np.linspace(0, duration, 50))
        assert 0.4 * performance.part.course.peak <= curve.min()
        assert curve.max() <= performance.part.course.peak


def test_phonemes_lie_where_the_sound_is(tiny):
    """Stressed vowels are much louder than the silences between sentences."""
    louder = []
    for performance in performances(tiny):
        if len(performance.part.sentences) < 3:
            continue
        turn = performance.part.turn
        session, dialog = tiny / f"Session{turn[4]}", turn.rpartition("_")[0]
        samples = sound(session / "sentences" / "wav" / dialog / f"{turn}.wav")[0][:, 0] / 32768
        rms = {"vowel": [], "silence": []}
        for phoneme, after in itertools.pairwise(performance.phonemes):
            vowel = re.match(r"'[aeiouAEIOU0V3@]", phoneme.symbol)
            kind = "vowel" if vowel else "silence" if phoneme.symbol == "_" else None
            piece = samples[int(phoneme.start * 16000) : int(after.start * 16000)]
            if kind and len(piece) > 400:
                rms[kind].append(np.sqrt(np.mean(piece**2)))
        louder.append(np.median(rms["vowel"]) > 5 * np.median(rms["silence"]))
    assert len(louder) >= 25
    assert all(louder)


def test_manifest(tiny):
    manifest = json.loads((tiny / "understudy.json").read_text())
    assert (manifest["size"], manifest["seed"]) == ("tiny", 0)
    people = manifest["actors"]
    assert [p["id"] for p in people] == [f"Ses0{s}{sex}" for s in SESSIONS for sex in "FM"]
    assert len({(p["voice"], p["pitch"]) for p in people}) == 10


# ---------------------------------------------------------------- the bytes


def test_bytes_do_not_depend_on_the_number_of_workers(nano, tmp_path):
    one = understudy.write(tmp_path / "one", size=nano, workers=1, progress=False)
    three = understudy.write(tmp_path / "three", size=nano, workers=3, progress=False)
    assert tree(one) == tree(three)


def test_bytes_follow_the_seed(nano, tmp_path):
    zero = tree(understudy.write(tmp_path / "zero", size=nano, seed=0, progress=False))
    one = tree(understudy.write(tmp_path / "one", size=nano, seed=1, progress=False))
    same = {path for path in zero.keys() & one.keys() if zero[path] == one[path]}
    assert {path for path in same if path.endswith(".wav")} == set()


def test_missing_files_are_written_again(nano, tmp_path):
    root = understudy.write(tmp_path / "corpus", size=nano, progress=False)
    before = tree(root)
    removed = ["Session2/dialog/EmoEvaluation/Ses02F_impro01.txt"]
    removed += [next(p for p in before if p.startswith("Session4/sentences"))]
    for path in removed:
        (root / path).unlink()
    kept = {path: (root / path).stat().st_mtime_ns for path in before if path not in removed}
    understudy.write(root, size=nano, progress=False)
    assert tree(root) == before
    assert {path: (root / path).stat().st_mtime_ns for path in kept} == kept


def test_killed_run_is_continued_to_the_same_bytes(nano, tmp_path):
    root = tmp_path / "killed"
    script = (
        "import sys, understudy.head, test_understudy as t; understudy.SIZES['nano'] = t.NANO;"
        "understudy.head.Head, understudy.head.load_basis = t.Blank, lambda: None;"
        "understudy.write(sys.argv[1], size='nano', progress=False)"
    )
    process = subprocess.Popen([sys.executable, "-c", script, root], cwd=Path(__file__).parent)
    limit = time.monotonic() + 60
    while not evaluations(root):
        assert time.monotonic() < limit
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < len(evaluations(root)) < 10
    understudy.write(root, size=nano, progress=False)
    assert tree(root) == tree(understudy.write(tmp_path / "whole", size=nano, progress=False))


def test_complete_corpus_is_left_alone_at_once(tiny, monkeypatch):
    monkeypatch.setattr(espeak, "speak", lambda *_: pytest.fail("something was spoken"))
    start = time.perf_counter()
    understudy.write(tiny, size="tiny", seed=0, progress=False)
    assert time.perf_counter() - start < 2


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("other", [{"seed": 1}, {"size": "standard"}])
def test_another_corpus_is_refused(tiny, other):
    with pytest.raises(understudy.UnderstudyError, match="holds the corpus of size tiny, seed 0"):
        understudy.write(tiny, **{"size": "tiny", "seed": 0, "progress": False} | other)


def test_another_understudy_is_replaced_where_that_is_asked_for(nano, tmp_path):
    root = tmp_path / "corpus"
    root.mkdir()
    manifest = {"size": nano, "seed": 0, "version": understudy.writing.VERSION - 1}
    (root / "understudy.json").write_text(json.dumps(manifest))
    (root / "old.wav").touch()
    understudy.write(root, size=nano, progress=False, replace=True)
    assert json.loads((root / "understudy.json").read_text())["version"] == manifest["version"] + 1
    assert not (root / "old.wav").exists()


@pytest.mark.parametrize("folder", ["Session1", "dfdc"])
def test_a_real_corpus_is_never_touched(nano, tmp_path, folder):
    (tmp_path / folder).mkdir()
    with pytest.raises(understudy.UnderstudyError, match="not the understudy's"):
        understudy.write(tmp_path, size=nano, progress=False)
    assert [p.name for p in tmp_path.iterdir()] == [folder]


@pytest.mark.parametrize("below", ["", "corpus"])
def test_root_that_is_a_file(nano, tmp_path, below):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(understudy.UnderstudyError, match=re.escape(str(file))):
        understudy.write(file / below, size=nano, progress=False)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": "huge"}, "size is 'huge', expected one of: tiny, standard"),
        ({"seed": -1}, "seed is -1"),
        ({"workers": 0}, "workers is 0"),
    ],
)
def test_wrong_arguments(tmp_path, wrong, message):
    with pytest.raises(understudy.UnderstudyError, match=message):
        understudy.write(tmp_path / "corpus", progress=False, **wrong)
    assert not (tmp_path / "corpus").exists()


def test_full_disk_is_told_and_can_be_continued(nano, tmp_path, monkeypatch):
    whole = Path.write_bytes

    def full(path, content):
        if path.name.endswith(".wav.part"):
            whole(path, content[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(understudy.UnderstudyError, match=r"cannot write .*: No space left"):
        understudy.write(tmp_path / "corpus", size=nano, progress=False)
    monkeypatch.undo()
    monkeypatch.setitem(understudy.SIZES, nano, NANO)
    understudy.write(tmp_path / "corpus", size=nano, progress=False)
    understudy.write(tmp_path / "whole", size=nano, progress=False)
    assert tree(tmp_path / "corpus") == tree(tmp_path / "whole")


def test_voice_that_is_unknown():
    line = espeak.Line("The keys are here.", 165, 50, 50)
    with pytest.raises(understudy.UnderstudyError, match=r"Ses01F_impro01_F000.*no voice xx-zz"):
        espeak.speak("Ses01F_impro01_F000", "xx-zz", [line])


def test_voice_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(espeak, "TIMEOUT", 1e-3)
    line = espeak.Line("The keys are here.", 165, 50, 50)
    with pytest.raises(understudy.UnderstudyError, match=r"Ses01F_impro01_F000.*within"):
        espeak.speak("Ses01F_impro01_F000", "en-us", [line])


def test_command_line(nano, tmp_path):
    runner = CliRunner()
    root = tmp_path / "corpus"
    done = runner.invoke(app, ["write", str(root), "--size", nano, "--seed", "2", "--workers", "2"])
    assert done.exit_code == 0
    assert len(evaluations(root)) == 10
    refused = runner.invoke(app, ["write", str(root), "--size", nano, "--seed", "3"])
    assert refused.exit_code == 1
    assert refused.stderr.startswith("understudy: ")
    assert refused.stderr.count("\n") == 1


# ---------------------------------------------------------------- the sound


def part(actor, emotion, peak=1.0):
    course = Course("steady", peak)
    return Part(f"{actor}_impro01_F000", actor, emotion, (0, 3), course, 0.3, 0.0, 0.5)


def acted(actor, emotion):
    return perform(0, plan_speech(0, actor, part(actor.id, emotion))).samples


def tilt(samples):
    """Energy above 1 kHz relative to below, in dB."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    high = np.fft.rfftfreq(len(samples), 1 / 16000) > 1000
    return 10 * np.log10(power[high].sum() / power[~high].sum())


def level(samples):
    return 10 * np.log10(np.mean(samples**2))


def pitch(samples):
    """Median over voiced frames of the autocorrelation's peak, in Hz."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 800)[::400]
    frames = frames[frames.std(1) > 0.5 * samples.std()]
    spectra = np.abs(np.fft.rfft(frames, 2048, axis=1)) ** 2
    lags = np.fft.irfft(spectra, axis=1)[:, 40:230]  # 400 Hz to 70 Hz
    return float(np.median(16000 / (40 + lags.argmax(1))))


@pytest.fixture(scope="module")
def voices():
    """Every actor saying the same in four emotions, at full intensity."""
    return {
        (actor.id, emotion): acted(actor, emotion) for actor in cast(0).values() for emotion in MAIN
    }


@pytest.mark.parametrize(
    ("measure", "more", "less"),
    [
        (level, "ang", "neu"),
        (level, "neu", "sad"),
        (tilt, "ang", "neu"),
        (tilt, "neu", "sad"),
        (pitch, "hap", "neu"),
        (pitch, "neu", "sad"),
        (len, "sad", "neu"),
        (len, "neu", "ang"),
    ],
)
def test_emotions_sound_as_expected_for_most_actors(voices, measure, more, less):
    actors = [actor for actor, emotion in voices if emotion == "neu"]
    right = [measure(voices[a, more]) > measure(voices[a, less]) for a in actors]
    assert np.mean(right) >= 0.8


def test_women_speak_higher_than_men(voices):
    pitches = {a: pitch(said) for (a, emotion), said in voices.items() if emotion == "neu"}
    assert len(pitches) == 10
    women = [hz for actor, hz in pitches.items() if actor.endswith("F")]
    men = [hz for actor, hz in pitches.items() if actor.endswith("M")]
    assert min(women) > max(men)


def test_ten_voices_are_distinct(voices):
    """The long-term spectra of any two actors differ by 1 dB and more on average."""
    spectra = []
    for (_, emotion), said in voices.items():
        if emotion == "neu":
            bands = np.array_split(np.abs(np.fft.rfft(said))[: len(said) // 4] ** 2, 60)
            decibels = 10 * np.log10([band.mean() for band in bands])
            spectra.append(decibels - decibels.mean())
    apart = [np.abs(a - b).mean() for a, b in itertools.combinations(spectra, 2)]
    assert len(apart) == 45
    assert min(apart) > 1.0


def test_intensity_makes_the_difference():
    actor = cast(0)["Ses01F"]
    loud = [
        level(perform(0, plan_speech(0, actor, part(actor.id, "ang", peak))).samples)
        for peak in (0.1, 0.5, 1.0)
    ]
    assert loud == sorted(loud)
    assert loud[-1] - loud[0] > 3


@pytest.mark.parametrize("shape", SHAPES)
def test_course_stays_within_its_peak(shape):
    curve = Course(shape, 0.8).at(np.linspace(0, 1, 101))
    assert curve.min() >= 0.4 * 0.8
    assert 0.7 * 0.8 < curve.max() <= 0.8


def test_unknown_course():
    with pytest.raises(ValueError, match="'flat'"):
        Course("flat", 1.0).at(0.5)


def test_limit_keeps_order_and_ceiling():
    samples = np.linspace(-5, 5, 1001)
    bent = limit(samples, knee=0.6, ceiling=0.95)
    assert np.abs(bent).max() <= 0.95
    assert np.array_equal(bent[np.abs(samples) <= 0.6], samples[np.abs(samples) <= 0.6])
    assert (np.diff(bent) >= 0).all()
