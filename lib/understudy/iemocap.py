"""IEMOCAP on disk: where its files lie, and what its annotation lines look like."""

from collections.abc import Iterable
from pathlib import Path

from understudy.emotions import EMOTIONS
from understudy.evaluators import Judgement
from understudy.performance import Performance
from understudy.plan import Dialog, Turn
from understudy.sentences import text

RATE = 16_000  # Hz, of all sound
HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]"


def dialog_wav(dialog: Dialog) -> Path:
    """Path of a dialog's sound below the corpus root."""
    return _folder(dialog, "wav") / f"{dialog.name}.wav"


def dialog_avi(dialog: Dialog) -> Path:
    """Path of a dialog's film below the corpus root."""
    return _folder(dialog, "avi") / "DivX" / f"{dialog.name}.avi"


def turn_wav(dialog: Dialog, turn: Turn) -> Path:
    """Path of a turn's sound below the corpus root."""
    session = Path(f"Session{dialog.session}")
    return session / "sentences" / "wav" / dialog.name / f"{turn.part.turn}.wav"


def transcription(dialog: Dialog) -> Path:
    """Path of a dialog's words below the corpus root."""
    return _folder(dialog, "transcriptions") / f"{dialog.name}.txt"


def categories(dialog: Dialog, evaluator: str) -> Path:
    """Path of what one evaluator wrote about a dialog, below the corpus root."""
    name = f"{dialog.name}_{evaluator.lower()}_cat.txt"
    return _folder(dialog, "EmoEvaluation") / "Categorical" / name


def evaluation(dialog: Dialog) -> Path:
    """Path of a dialog's labels below the corpus root."""
    return _folder(dialog, "EmoEvaluation") / f"{dialog.name}.txt"


def transcription_text(performances: Iterable[Performance]) -> str:
    """Return the words of a dialog, one turn a line, in the order of time."""
    lines = (
        f"{p.part.turn} [{p.start:08.4f}-{p.end:08.4f}]: {text(p.part.sentences)}\n"
        for p in performances
    )
    return "".join(lines)


def categories_text(dialog: Dialog, evaluator: str) -> str:
    """Return what one evaluator wrote about a dialog, one turn a line, sorted by name."""
    which = dialog.evaluators.index(evaluator)
    lines = (
        f"{turn.part.turn} :{_named(turn.judgements[which], 'Neutral state')} "
        f"({turn.judgements[which].remark})\n"
        for turn in _by_name(dialog)
    )
    return "".join(lines)


def evaluation_text(dialog: Dialog, performances: Iterable[Performance]) -> str:
    """Return the labels of a dialog, a block for each turn, sorted by name."""
    acted = {performance.part.turn: performance for performance in performances}
    blocks = (_block(turn, acted[turn.part.turn]) for turn in _by_name(dialog))
    return f"{HEADER}\n\n" + "\n".join(blocks)


def _block(turn: Turn, performance: Performance) -> str:
    span = f"[{performance.start:.4f} - {performance.end:.4f}]"
    ratings = ", ".join(f"{rating:.4f}" for rating in turn.ratings)
    lines = ["\t".join((span, turn.part.turn, turn.label, f"[{ratings}]"))]
    for judgement in (*turn.judgements, turn.own):
        named = _named(judgement, "Neutral")
        lines.append(f"C-{judgement.evaluator}:\t{named}\t({judgement.remark})")
    for judgement in (*turn.raters, turn.own):
        valence, activation, dominance = judgement.ratings
        scales = f"val {valence}; act {activation}; dom  {dominance};"
        lines.append(f"A-{judgement.evaluator}:\t{scales}\t()")
    return "".join(f"{line}\n" for line in lines)


def _named(judgement: Judgement, neutral: str) -> str:
    names = (neutral if code == "neu" else EMOTIONS[code].name for code in judgement.emotions)
    return " ".join(f"{name};" for name in names)


def _by_name(dialog: Dialog) -> list[Turn]:
    return sorted(dialog.turns, key=lambda turn: turn.part.turn)


def _folder(dialog: Dialog, kind: str) -> Path:
    return Path(f"Session{dialog.session}") / "dialog" / kind
