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
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import fft, signal
from tqdm import tqdm

from tells import media
from tells.corpora import Corpus
from tells.corpora.durations import check_table, check_utterances
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


class _Verdict(NamedTuple):
    similarity: float | None
    unknown: str | None  # why there is none


def audio_labels(
    corpus: Corpus,
    *,
    same: float = SAME,
    different: float = DIFFERENT,
    cache: str | Path | None = None,
) -> Corpus:
    """Find out which fakes have a fake sound, by comparison with their originals.

    Only fakes whose `audio_label` is <NA> are listened to. One that has its original's sound is
    real in its sound, so its picture must be the fake half. Of one with another sound, the picture
    may be either, and its `video_label` stays as it was; the thesis counts it as faked in both,
    for DFDC's fakes are largely visual, and so does `tells.corpora.selection.select_av_fakes`.

    A new voice over a background that is kept, and louder than the voice, cannot be told from the
    original's sound.

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
    with _SimilarityCache(cache) as similarities:
        found = dict(_verdicts(corpus, np.flatnonzero(asked.to_numpy(dtype=bool)), similarities))
    verdicts = [found.get(row, _Verdict(None, None)) for row in range(len(table))]
    table["similarity"] = pd.array([v.similarity for v in verdicts], dtype="Float64")
    table["audio_unknown"] = pd.array([v.unknown for v in verdicts], dtype="string")
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
    powers = [np.concatenate([[0.0], np.cumsum(x**2)]) for x in (one, other)]
    first, second = powers
    overlap = (first[end] - first[start]) * (second[end - shifts] - second[start - shifts])
    usable = overlap > NOISE * first[-1] * second[-1]
    scores = np.where(usable, products / np.sqrt(np.where(usable, overlap, 1)), 0)
    return int(shifts[np.argmax(scores)])


def _verdicts(
    corpus: Corpus, rows: np.ndarray, similarities: "_SimilarityCache"
) -> Iterator[tuple[int, _Verdict]]:
    """Compare each of these rows with its original, whose sound is decoded at most once."""
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
                verdict = similarities.get(paths[row], path)
                if verdict is None:
                    if original is None:
                        original = NOT_THERE if path is None else _listen(path)
                    verdict = _compare(original, paths[row])
                    similarities.put(paths[row], path, verdict)
                yield row, verdict
                bar.update()


def _listen(path: Path) -> np.ndarray | str:
    """A file's samples, or the reason why there are none."""
    try:
        return media.audio(path)
    except media.MediaError as error:
        return error.reason


def _compare(original: np.ndarray | str, path: Path) -> _Verdict:
    if isinstance(original, str):
        return _Verdict(None, f"original: {original}")
    fake = _listen(path)
    if isinstance(fake, str):
        return _Verdict(None, fake)
    found = similarity(original, fake)
    return _Verdict(found, NO_SOUND if found is None else None)


class _SimilarityCache:
    """Verdicts in a JSON file, each with the state of the two files that it is about."""

    def __init__(self, path: str | Path | None) -> None:
        self._path = None if path is None else Path(path)
        self._pairs: dict[str, list[object]] = {}
        if self._path is not None and self._path.is_file():
            try:
                kept = json.loads(self._path.read_bytes())
                if kept["method"] == METHOD:
                    self._pairs = {str(fake): list(pair) for fake, pair in kept["pairs"].items()}
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                pass  # damaged: everything is measured again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is known, also after half of the work."""
        if self._path is None:
            return
        text = json.dumps({"method": METHOD, "pairs": self._pairs}, indent=0)
        with replacing(self._path) as beside:
            beside.write_text(text, encoding="utf-8")

    def get(self, fake: Path, original: Path | None) -> _Verdict | None:
        """What was found when both files were as they are now."""
        kept, state = self._pairs.get(str(fake), []), _state(fake, original)
        return _Verdict(*kept[len(state) :]) if kept[: len(state)] == state else None

    def put(self, fake: Path, original: Path | None, verdict: _Verdict) -> None:
        """Remember what was found."""
        self._pairs[str(fake)] = [*_state(fake, original), *verdict]


def _state(fake: Path, original: Path | None) -> list[object]:
    """What tells whether one of two files has changed."""
    state: list[object] = [str(original)]
    for path in (fake, original):
        try:
            status = path.stat() if path is not None else None
        except OSError:
            status = None
        state += [None, None] if status is None else [status.st_size, status.st_mtime_ns]
    return state
