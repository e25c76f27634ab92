"""Choosing utterances, each that is left out with its reason."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tells.corpora.deepfakes import DETECTION_CLASSES
from tells.corpora.exclusions import exclusions_table
from tells.corpora.table import CLASSES, MARK, check_table
from tells.errors import TellsError

UNLABELLED = "no label"
SOUND_UNKNOWN = "fake, but whether its sound is fake is not known"


def select(
    table: pd.DataFrame,
    *,
    classes: Sequence[str] | None = None,
    improvised_only: bool | None = None,
    wearer_only: bool | None = None,
    min_agreement: int | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The labelled rows that an experiment uses.

    Args:
        table: a corpus's table, or segments cut from it.
        classes: the labels to keep; None keeps all.
        improvised_only: True leaves scripted dialogs out; None and False keep all.
        wearer_only: True leaves out what the wearer of IEMOCAP's markers does not say himself: the
            left half of the picture shows who listens; None and False keep all.
        min_agreement: how many evaluators must share their most frequent label; None keeps all.

    Returns:
        The rows kept, in their order, and what was left out, each item with the first reason
        that applies: no label, its class, scripted, partner, agreement.

    Raises:
        TellsError: an argument is wrong, or the corpus does not know what it asks for.

    Thesis: 4.9, 5.2, 5.3.3.
    """
    check_table(table, ("utterance", "label"))
    if classes is not None:
        known = ", ".join(CLASSES)
        if isinstance(classes, str) or not isinstance(classes, Sequence) or not classes:
            raise TellsError(f"classes must be a list of labels out of {known}, not {classes!r}")
        unknown = [label for label in classes if label not in CLASSES]
        if unknown:
            raise TellsError(f"classes must be out of {known}; unknown: {unknown!r}")
    against = [(table["label"].isna(), UNLABELLED)]
    for label in CLASSES if classes is not None else ():
        if label not in classes:
            against.append((table["label"] == label, f"class {label} was not asked for"))
    partner = "spoken by the partner of the actor who wears the markers"
    for argument, value, column, reason in (
        ("improvised_only", improvised_only, "improvised", "scripted, not improvised"),
        ("wearer_only", wearer_only, "marker", partner),
    ):
        if not isinstance(value, bool | None):
            raise TellsError(f"{argument} must be True, False or None, not {value!r}")
        if value:
            _check_column(table, column, f"{argument}={value!r}")
            against.append((~table[column].astype(bool), reason))
    if min_agreement is not None:
        whole = isinstance(min_agreement, int | np.integer) and not isinstance(min_agreement, bool)
        if not whole or min_agreement < 1:
            raise TellsError(
                f"min_agreement must be a whole number of at least 1, not {min_agreement!r}"
            )
        _check_column(table, "agreement", f"min_agreement={min_agreement!r}")
        agreement = table["agreement"]
        against.append((agreement.isna(), "agreement of the evaluators is not known"))
        against.append((agreement < min_agreement, f"fewer than {min_agreement} evaluators agree"))
    return _without(table, against)


def select_av_fakes(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The real clips, and the fakes whose picture and sound are both fake.

    A fake with a fake sound counts as one unless its picture is known to be real. DFDC does not say
    what was faked; its fakes are largely visual, so the thesis takes those whose sound differs from
    the original's for fakes of both. With DFDC this needs
    `tells.detection.audio_matching.audio_labels` before, and for the thesis's selection its folders
    45 to 49.

    Args:
        table: of a corpus of real and faked clips, or segments cut from it.

    Returns:
        The rows kept, in their order, and what was left out, each item with its reason.

    Raises:
        TellsError: the table is of another kind.

    Thesis: 4.8.2. Chapter: 05_5_1_audio_detection.
    """
    check_table(table, ("utterance", "label", "video_label", "audio_label"))
    strange = sorted(set(table["label"].dropna()) - set(DETECTION_CLASSES))
    if strange:
        raise TellsError(f"table must have the labels real and fake; it has {', '.join(strange)}")
    against = [(table["label"].isna(), UNLABELLED)]
    if "audio_unknown" in table.columns:
        for reason in sorted(table["audio_unknown"].dropna().unique()):
            against.append((table["audio_unknown"] == reason, f"{SOUND_UNKNOWN}: {reason}"))
    fake = table["label"] == "fake"
    against.append((fake & table["audio_label"].isna(), SOUND_UNKNOWN))
    against.append((fake & (table["audio_label"] == "real"), "fake in its picture alone"))
    against.append((fake & (table["video_label"] == "real"), "fake in its sound alone"))
    return _without(table, against)


def add_unselected_test_clips(
    table: pd.DataFrame, chosen: pd.DataFrame, folds: Sequence[str]
) -> pd.DataFrame:
    """The rows that an experiment uses, and of some folds the other labelled ones beside them.

    A detector of clips faked in both can be asked about clips faked in one, though it has learned
    nothing from them and is not judged by them.

    Args:
        table: a corpus's table.
        chosen: those of its rows that the experiment uses.
        folds: whose other rows come along, the test folds.

    Returns:
        The rows, with the column `chosen`.

    Thesis: none. Chapter: 05_5_2_video_detection.
    """
    used = table["utterance"].isin(chosen["utterance"])
    beside = table["fold"].isin(folds) & table["label"].notna() & ~used
    return table.assign(chosen=used.to_numpy(dtype=bool))[(used | beside).to_numpy(dtype=bool)]


def _without(
    table: pd.DataFrame, against: Iterable[tuple[pd.Series, str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows against which nothing speaks, and the others, each with its first reason."""
    masks, reasons = zip(*against, strict=True)
    masks = [mask.fillna(False).to_numpy(dtype=bool) for mask in masks]
    why = np.select(masks, reasons, default="")
    kept = why == ""
    return table[kept], exclusions_table(zip(table["utterance"][~kept], why[~kept], strict=True))


def _check_column(table: pd.DataFrame, column: str, argument: str) -> None:
    if column not in table.columns:
        raise TellsError(
            f"{argument} needs a corpus with the column {column!r}, and this one has none; leave "
            "the argument out (only IEMOCAP's layout has it)"
        )


def fake_and_original(table: pd.DataFrame) -> pd.DataFrame:
    """The first fake of a table and the real clip that it was made of, the real one first.

    Args:
        table: clips, columns `label` and `source`.

    Returns:
        Two rows; one if the table lacks the original.

    Chapter: 05_5_1_audio_detection, 05_5_2_video_detection, 05_5_3_bimodal_detection.
    """
    fake = table[table["label"] == "fake"].iloc[0]
    family = table[table["source"] == fake["source"]].sort_values("label", ascending=False)
    return family.drop_duplicates("label")


def methods(table: pd.DataFrame, root: str | Path, half: str) -> dict[str, str]:
    """How each clip was made, where that is known; detectors never see it.

    Args:
        table: clips, column `utterance`; some corpora have the column `method`.
        root: the folder of the corpus; the understudy tells more of its clips than DFDC does.
        half: `audio` or `video`.

    Returns:
        `{utterance: method}`, empty if nobody knows.

    Chapter: 05_5_1_audio_detection, 05_5_2_video_detection, 05_5_4_is_it_the_emotion.
    """
    told = _told(root)
    if told:
        return {name: clip[f"{half}_method"] for name, clip in told.items()}
    if "method" not in table:
        return {}
    return dict(zip(table["utterance"], table["method"], strict=True))


def faked_halves(table: pd.DataFrame, root: str | Path) -> tuple[dict[str, str], dict[str, str]]:
    """Of each clip whether its face and whether its voice is real or fake.

    Args:
        table: clips, columns `utterance`, `video_label` and `audio_label`, as the adapters of fakes
            give them, or as `tells.detection.audio_matching` fills them in.
        root: the folder of the corpus; the understudy knows both of each clip.

    Returns:
        `{utterance: label}` of the face and of the voice; <NA> where it is not known.

    Chapter: 05_5_3_bimodal_detection.
    """
    told, known = _told(root), table.set_index("utterance")
    face, voice = (
        {name: clip[f"{half}_label"].lower() for name, clip in told.items()}
        or known[f"{half}_label"].to_dict()
        for half in ("video", "audio")
    )
    return face, voice


def _told(root: str | Path) -> dict[str, dict[str, str]]:
    """What the understudy says of its clips, by utterance; nothing of other corpora."""
    path = Path(root) / MARK
    if not path.is_file():
        return {}
    clips = json.loads(path.read_text(encoding="utf-8"))["clips"]
    return {name.removesuffix(".mp4"): clip for name, clip in clips.items()}
