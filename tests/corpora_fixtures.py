"""A small IEMOCAP written by hand, and tables of utterances, for the tests of `tells.corpora`."""

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
