"""Whether a fake has its original's sound: DFDC does not say whose voice is faked.

What happens to a sound on its way through a video editor leaves its waveform in place: another
codec or rate, a shift, another level. Whatever speaks anew does not, were it the same voice with
the same words at the same times: pitch and phase of two renditions never agree for long. So the
waveforms are aligned and correlated.

Measured with AAC at 96 kbit/s as the original, on 8 x 10 s of RAVDESS's speech and as much of the
understudy's. *Same* sounds, similarity 0.90 to 1.00: AAC again at 32 to 128 kbit/s, once and twice,
at 22.05, 44.1 and 48 kHz, up to 200 ms late or early, 20 and 40 dB quieter, fading, inverted,
clipped to an eighth of the range, with noise 10 dB below the speech, with 2 s cut off or 3 s muted.
Without the clipping, the noise and the 32 kbit/s it is 0.97 to 1.00. *Different* ones, 0.00 to
0.41: other speakers with the same words, the same speaker again, the same sound with its pitch
changed by a quarter of a semitone, 0.5 % faster, stretched, with invented phases (up to 0.38), and
through the WORLD vocoder with its pitch flattened (up to 0.07) or with nothing changed (up to
0.41).

Thesis: 4.8.2.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import fft, signal
from tqdm import tqdm

from tells import media
from tells.corpora import Corpus
from tells.corpora.table import check_table, check_utterances
from tells.errors import TellsError
from tells.files import replacing

__all__ = ["DIFFERENT", "SAME", "audio_labels", "similarity"]

SAME = 0.8  # similarity from which on a sound is the original's
DIFFERENT = 0.5  # similarity up to which it is another
MAX_SHIFT = 0.5  # s, by which two sounds may be out of step
FRAME = 0.5  # s that are compared at a time
LEAST_FRAMES = 2  # of sound in common
BAND = (100.0, 3000.0)  # Hz; above it, a shift by a part of a sample would count
NOISE = 1e-9  # power of what overlaps, relative to all, that may be rounding noise
QUIET = 1e-3  # power of a frame that counts as sound, relative to the loudest

METHOD = 1  # of measuring; with another, what a cache holds is void

NOT_THERE = "not in the table"  # the original
NO_SOUND = "too little sound in common with the original"
IN_BETWEEN = "sound neither clearly the original's nor clearly another"


_Verdict = tuple[float | None, str | None]  # similarity, and why there is none


def audio_labels(
    corpus: Corpus,
    *,
    same: float = SAME,
    different: float = DIFFERENT,
    cache: str | Path | None = None,
) -> Corpus:
    """Find out which fakes have a fake sound, by comparison with their originals.

    Only fakes whose `audio_label` is <NA> are compared. If a fake has its original's sound, its
    picture must be the fake half. If it has another sound, its picture may be either, and its
    `video_label` stays as it was; the thesis counts it as faked in both, for DFDC's fakes are
    largely visual, and so does `tells.corpora.selection.select_av_fakes`.

    A new voice under a louder background that is kept cannot be told from the original's sound.

    Args:
        corpus: one row for each clip, with `source`, as the adapter of DFDC gives it. An original
            is the real clip of that name in the fake's own fold.
        same: similarity from which on the label is "real".
        different: similarity up to which it is "fake"; what lies between stays <NA>.
        cache: a file that keeps the similarities for the next time; one is measured again when the
            clip or its original has changed. None keeps nothing.

    Returns:
        The corpus with both labels filled in where they follow, and the columns `similarity`, in
        [0, 1], and `audio_unknown`, the reason where there is still no label.

    Raises:
        TellsError: the thresholds are wrong, the corpus is of another kind, or the cache cannot be
            written.

    Thesis: 4.8.2. Chapter: 05_5_1_audio_detection.
    """
    if not 0 <= different < same <= 1:
        raise TellsError(
            f"different must be less than same, both in [0, 1]; got {different!r} and {same!r}"
        )
    columns = ("utterance", "label", "fold", "source", "video_label", "audio_label")
    check_table(corpus.table, columns)
    check_utterances(corpus.table)
    table = corpus.table.copy()
    asked = ((table["label"] == "fake") & table["audio_label"].isna()).fillna(False)
    with _similarities(cache) as known:
        found = dict(_verdicts(corpus, np.flatnonzero(asked.to_numpy(dtype=bool)), known))
    verdicts = [found.get(row, (None, None)) for row in range(len(table))]
    table["similarity"] = pd.array([value for value, _ in verdicts], dtype="Float64")
    table["audio_unknown"] = pd.array([reason for _, reason in verdicts], dtype="string")
    heard = table["similarity"].to_numpy(dtype=np.float64, na_value=np.nan)
    between = (different < heard) & (heard < same)
    table.loc[heard >= same, "audio_label"] = "real"
    table.loc[heard <= different, "audio_label"] = "fake"
    table.loc[between, "audio_unknown"] = IN_BETWEEN
    table.loc[(heard >= same) & table["video_label"].isna(), "video_label"] = "fake"
    return replace(corpus, table=table)


def similarity(one: ArrayLike, other: ArrayLike) -> float | None:
    """How much of one sound's waveform is found in another.

    The two are aligned where their normalised cross-correlation is largest, then compared in frames
    of half a second: the median over the frames of the normalised correlation. So a part that is
    missing, muted or louder counts for no more than its duration. Polarity is ignored.

    Args:
        one: samples, shape (n,), at 16 kHz.
        other: samples, shape (m,), at 16 kHz, at most half a second out of step.

    Returns:
        In [0, 1]; None where there is less than a second in which both sound.

    Thesis: 4.8.2.
    """
    band = signal.butter(4, BAND, "bandpass", fs=media.SAMPLE_RATE, output="sos")
    one, other = (np.asarray(x, dtype=np.float64) for x in (one, other))
    size = round(FRAME * media.SAMPLE_RATE)
    if min(len(one), len(other)) < size:
        return None
    one, other = (signal.sosfilt(band, x) for x in (one, other))
    shift = _shift(one, other)
    one, other = one[max(shift, 0) :], other[max(-shift, 0) :]
    count = min(len(one), len(other)) // size
    one, other = (x[: count * size].reshape(count, size) for x in (one, other))
    powers = np.stack([np.sum(one**2, axis=1), np.sum(other**2, axis=1)])  # (2, frames)
    sounding = (powers > QUIET * powers.max(axis=1, keepdims=True, initial=0)).all(axis=0)
    if sounding.sum() < LEAST_FRAMES:
        return None
    products = np.abs(np.sum(one * other, axis=1))[sounding]
    found = np.median(products / np.sqrt(powers[:, sounding].prod(axis=0)))
    return min(float(found), 1.0)  # rounding may exceed it


def _shift(one: np.ndarray, other: np.ndarray) -> int:
    """By how many samples one is behind the other; the correlation is that of what overlaps."""
    most = round(MAX_SHIFT * media.SAMPLE_RATE)
    size = fft.next_fast_len(max(len(one), len(other)) + most, real=True)
    spectrum = fft.rfft(one, size) * np.conj(fft.rfft(other, size))
    shifts = np.arange(-most, most + 1)
    products = np.abs(fft.irfft(spectrum, size)[shifts])
    start, end = np.maximum(shifts, 0), np.minimum(len(one), len(other) + shifts)
    first, second = (np.concatenate([[0.0], np.cumsum(x**2)]) for x in (one, other))
    overlap = (first[end] - first[start]) * (second[end - shifts] - second[start - shifts])
    usable = overlap > NOISE * first[-1] * second[-1]
    scores = np.where(usable, products / np.sqrt(np.where(usable, overlap, 1)), 0)
    return int(shifts[np.argmax(scores)])


def _verdicts(
    corpus: Corpus, rows: np.ndarray, known: dict[str, list]
) -> Iterator[tuple[int, _Verdict]]:
    """Compare each of these rows with its original, whose sound is decoded at most once.

    What is in `known`, of files that are still the same, is not measured again.
    """
    table = corpus.table
    paths = [corpus.root / file for file in table.index.get_level_values("file")]
    keys = list(zip(table["fold"], table["utterance"], strict=True))
    reals = (table["label"] == "real").fillna(False).to_numpy(dtype=bool)
    originals = {keys[row]: paths[row] for row in np.flatnonzero(reals)}
    families: dict[tuple[str, str], list[int]] = {}
    for row in rows.tolist():
        families.setdefault((keys[row][0], table["source"].iloc[row]), []).append(row)
    with tqdm(total=len(rows), unit="sound", disable=None) as bar:
        for family, members in families.items():
            path, original = originals.get(family), None
            for row in members:
                fake, state = str(paths[row]), _state(paths[row], path)
                if known.get(fake, [])[:-2] != state:
                    if original is None:
                        original = NOT_THERE if path is None else _listen(path)
                    known[fake] = [*state, *_compare(original, paths[row])]
                yield row, tuple(known[fake][-2:])
                bar.update()


def _listen(path: Path) -> np.ndarray | str:
    """A file's samples, or the reason why there are none."""
    try:
        return media.audio(path)
    except media.MediaError as error:
        return error.reason


def _compare(original: np.ndarray | str, path: Path) -> _Verdict:
    if isinstance(original, str):
        return None, f"original: {original}"
    fake = _listen(path)
    if isinstance(fake, str):
        return None, fake
    found = similarity(original, fake)
    return found, NO_SOUND if found is None else None


@contextmanager
def _similarities(path: str | Path | None) -> Iterator[dict[str, list]]:
    """By fake, the state of the two files and the verdict: from a JSON file, and back into it.

    They are written after half of the work, too. A damaged file holds nothing.
    """
    pairs: dict[str, list] = {}
    if path is not None and Path(path).is_file():
        try:
            kept = json.loads(Path(path).read_bytes())
            if kept["method"] == METHOD:
                pairs = {str(fake): list(pair) for fake, pair in kept["pairs"].items()}
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass
    try:
        yield pairs
    finally:
        if path is not None:
            with replacing(path) as beside:
                text = json.dumps({"method": METHOD, "pairs": pairs}, indent=0)
                beside.write_text(text, encoding="utf-8")


def _state(fake: Path, original: Path | None) -> list[object]:
    """What tells whether one of two files has changed: size and time of each."""
    state: list[object] = [str(original)]
    for path in (fake, original):
        try:
            status = path.stat() if path is not None else None
        except OSError:
            status = None
        state += [None, None] if status is None else [status.st_size, status.st_mtime_ns]
    return state
