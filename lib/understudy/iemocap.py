"""IEMOCAP on disk: where its files lie below the root, and what its annotation lines look like."""

from collections.abc import Iterable
from pathlib import Path

from understudy.emotions import EMOTIONS, Judgement
from understudy.performance import Performance
from understudy.plan import Dialog, Turn
from understudy.sentences import SENTENCES

HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]"
SUFFIXES = {"wav": "wav", "avi/DivX": "avi"}


def dialog_file(name: str, kind: str) -> Path:
    """Return the path of a dialog's `wav`, `avi/DivX`, `transcriptions` or `EmoEvaluation`."""
    return Path(f"Session{name[4]}") / "dialog" / kind / f"{name}.{SUFFIXES.get(kind, 'txt')}"


def performance_file(name: str) -> Path:
    """Return the path of what was performed in a dialog, which IEMOCAP does not have."""
    return Path("performances") / f"{name}.json"


def sound_files(dialog: Dialog) -> list[Path]:
    """Return the paths of all that is made by speaking: the dialog, its turns, the performances."""
    turns = Path(f"Session{dialog.session}") / "sentences" / "wav" / dialog.name
    return [
        dialog_file(dialog.name, "wav"),
        *(turns / f"{turn.part.turn}.wav" for turn in dialog.turns),
        performance_file(dialog.name),
    ]


def text_files(dialog: Dialog) -> list[Path]:
    """Return the paths of a dialog's words, of what each evaluator wrote, and of its labels."""
    labels = dialog_file(dialog.name, "EmoEvaluation")
    categories = labels.parent / "Categorical"
    return [
        dialog_file(dialog.name, "transcriptions"),
        *(categories / f"{dialog.name}_{e.lower()}_cat.txt" for e in dialog.evaluators),
        labels,
    ]


def texts(dialog: Dialog, performances: Iterable[Performance]) -> list[str]:
    """Return what is written into `text_files`, in the same order.

    Args:
        dialog: what was played.
        performances: how it was, in the order of time.
    """
    acted = {p.part.turn: p for p in performances}
    words = ""
    for p in acted.values():
        said = " ".join(SENTENCES[i] for i in p.part.sentences)
        words += f"{p.part.turn} [{p.start:08.4f}-{p.end:08.4f}]: {said}\n"
    by_name = sorted(dialog.turns, key=lambda turn: turn.part.turn)
    categories = (
        "".join(
            f"{turn.part.turn} :{_named(turn.judgements[which], 'Neutral state')} "
            f"({turn.judgements[which].remark})\n"
            for turn in by_name
        )
        for which in range(len(dialog.evaluators))
    )
    blocks = (_block(turn, acted[turn.part.turn]) for turn in by_name)
    return [words, *categories, f"{HEADER}\n\n" + "\n".join(blocks)]


def _block(turn: Turn, performance: Performance) -> str:
    """The labels of one turn."""
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
