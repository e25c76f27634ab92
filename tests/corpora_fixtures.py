"""Small corpora written by hand, and tables of utterances, for the tests of `tells.corpora`."""

import json
from pathlib import Path

import audformat
import pandas as pd

SOUND = b"RIFF----WAVE"  # the adapters look at names and sizes only


def put(path: Path, content: str | bytes = SOUND) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def turn_line(turn: str, code: str = "neu", start: float = 6.2901, end: float = 8.2357) -> str:
    return f"[{start:.4f} - {end:.4f}]\t{turn}\t{code}\t[2.5000, 3.0000, 3.5000]"


def evaluation(*lines: str) -> str:
    blocks = [
        f"{line}\nC-E2:\tNeutral;\t()\nC-F1:\tNeutral;\t()\nA-E3:\tval 3; act 2; dom  2;\t()\n"
        for line in lines
    ]
    return "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n" + "\n".join(blocks)


class TinyIemocap:
    """Writes dialogs in IEMOCAP's layout below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def dialog(self, dialog: str, turns: dict[str, str], *, sounds: bool = True) -> None:
        lines = [turn_line(f"{dialog}_{turn}", code) for turn, code in turns.items()]
        self.evaluate(dialog, evaluation(*lines))
        for turn in turns if sounds else ():
            self.sound(f"{dialog}_{turn}")

    def session(self, dialog: str) -> Path:
        return self.root / f"Session{dialog[4]}"

    def evaluate(self, dialog: str, content: str | bytes) -> Path:
        return put(self.session(dialog) / "dialog/EmoEvaluation" / f"{dialog}.txt", content)

    def vote(self, dialog: str, evaluator: int, content: str | bytes) -> Path:
        folder = self.session(dialog) / "dialog/EmoEvaluation/Categorical"
        return put(folder / f"{dialog}_e{evaluator}_cat.txt", content)

    def transcribe(self, dialog: str, content: str | bytes) -> Path:
        return put(self.session(dialog) / "dialog/transcriptions" / f"{dialog}.txt", content)

    def sound(self, turn: str, content: bytes = SOUND) -> Path:
        dialog = turn.rpartition("_")[0]
        return put(self.session(turn) / "sentences/wav" / dialog / f"{turn}.wav", content)


def dfdc_folder(root: Path, number: int, originals: dict, *, absent: tuple = ()) -> Path:
    """A folder of DFDC: the names of its clips, without .mp4, and their originals; None is real."""
    folder = root / f"dfdc_train_part_{number}"
    entries = {}
    for name, original in originals.items():
        entry = {"label": "FAKE" if original else "REAL", "split": "train"}
        entries[f"{name}.mp4"] = entry | ({"original": f"{original}.mp4"} if original else {})
        if name not in absent:
            put(folder / f"{name}.mp4")
    put(folder / "metadata.json", json.dumps(entries))
    return folder


FAKEAVCELEB_HEAD = "source,target1,target2,method,category,type,race,gender,path,\n"


def fakeavceleb_line(
    identity: str, name: str, kind: str = "RealVideo-RealAudio", *, target: str = "-"
) -> str:
    """A line of meta_data.csv."""
    categories = {"RealVideo-RealAudio": "A", "RealVideo-FakeAudio": "B"}
    categories |= {"FakeVideo-RealAudio": "C", "FakeVideo-FakeAudio": "D"}
    method = "real" if kind == "RealVideo-RealAudio" else "wav2lip"
    place = f"{kind},African,men,{name},FakeAVCeleb/{kind}/African/men/{identity}"
    return f"{identity},{target},-,{method},{categories[kind]},{place}\n"


def lavdf_entry(file: str, original: str | None = None, **changes: object) -> dict:
    """An entry of metadata.min.json: a fake of picture and sound, if it has an original."""
    fake = original is not None
    return {
        "file": file,
        "n_fakes": int(fake),
        "fake_periods": [[0.5, 1.0]] if fake else [],
        "duration": 4.0,
        "original": original,
        "modify_video": fake,
        "modify_audio": fake,
        "split": file.partition("/")[0],
        "video_frames": 100,
        "audio_channels": 1,
        "audio_frames": 64_000,
    } | changes


def utterances(durations, *, speaker="A", label="anger", fold="1", start=0.0) -> pd.DataFrame:
    """A table with one utterance for each duration; scalars stand for all rows."""
    count = len(durations)
    spread = [v if isinstance(v, list) else [v] * count for v in (speaker, label, fold)]
    begin = pd.to_timedelta([start] * count, unit="s")
    index = audformat.segmented_index(
        [f"u{i}.wav" for i in range(count)], begin, begin + pd.to_timedelta(durations, unit="s")
    )
    names = [f"u{i}" for i in range(count)]
    columns = dict(zip(("speaker", "label", "fold"), spread, strict=True))
    return pd.DataFrame({"utterance": names, **columns}, index=index, dtype="string")
