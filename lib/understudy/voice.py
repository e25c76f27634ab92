"""A part becomes sound: espeak-ng's sentences, then what changes within a sentence."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage, signal

from understudy.emotions import EMOTIONS
from understudy.espeak import Line, Sound, speak
from understudy.people import Actor
from understudy.performance import RATE, Part, Phoneme
from understudy.prosody import MOOD_SPREAD, Prosody
from understudy.seeding import generator
from understudy.sentences import SENTENCES

PLAIN_RATE = 165.0  # words a minute
PITCH_STEPS = 5.9  # of espeak-ng's pitch parameter for each semitone, measured
GRID = 8  # samples; a turn starts and ends on multiples, which four decimals of a second hold
LONGEST = 14.8  # s
PAD = 0.12  # s of silence before the first sound and after the last
LEVEL = 0.035  # RMS of plain speech; full scale is 1
BREATH = -24.0  # dB of plain speech's aspiration noise, relative to the voice
LOUDEST_BREATH = -6.0  # dB
TREMOR = 5.5  # Hz
ROUGHNESS = 160.0  # Hz, how fast the pitch of a rough voice wavers


@dataclass(frozen=True)
class SpeechPlan:
    """How one actor speaks one part."""

    actor: Actor  # who speaks
    part: Part  # what is played
    plain: Prosody  # the prosody at intensity 0: the person's habit and the turn's mood
    emotional: Prosody  # what is added at intensity 1

    def at(self, progress: ArrayLike) -> Prosody:
        """Return the prosody at one or many moments.

        Args:
            progress: shape (n,) or a number; 0 = the turn's start, 1 = its end.
        """
        return self.plain + self.emotional * self.part.course.at(progress)

    def lines(self) -> list[Line]:
        """Return the part's sentences, each with the settings of its own moment."""
        count = len(self.part.sentences)
        middles = (np.arange(count) + 0.5) / count
        both = zip(self.part.sentences, middles, strict=True)
        return [self._line(SENTENCES[i], self.at(middle)) for i, middle in both]

    def _line(self, words: str, prosody: Prosody) -> Line:
        """Settings that, once the tract has scaled pitch and tempo too, give what is meant."""
        person = 12 * np.log2(self.actor.pitch / self.actor.tract / self.actor.native)
        pitch = 50 + PITCH_STEPS * (person + prosody.pitch)
        rate = PLAIN_RATE * np.exp(prosody.tempo) / self.actor.tract
        return Line(
            text=words,
            rate=round(float(np.clip(rate, 130, 230))),
            pitch=round(float(np.clip(pitch, 0, 99))),
            range=round(float(np.clip(50 + prosody.span, 0, 99))),
        )


def plan_speech(seed: int, actor: Actor, part: Part) -> SpeechPlan:
    """Decide how an actor plays a part today, in a corpus of a seed."""
    mood = MOOD_SPREAD.draw(generator(seed, part.turn, "mood"))
    emotional = EMOTIONS[part.emotion].prosody * actor.style[part.emotion]
    return SpeechPlan(actor, part, actor.habit + mood, emotional)


def perform(seed: int, plan: SpeechPlan) -> Sound:
    """Speak one part.

    Returns:
        The turn at `RATE`, a multiple of `GRID` samples, with a little silence around it; nothing
        clips.

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    part, actor = plan.part, plan.actor
    spoken, rate = speak(part.turn, actor.voice, plan.lines())
    raw, phonemes = join(spoken, rate, actor.tract, part.pause, part.least)
    rng = generator(seed, part.turn, "voice")
    prosody = plan.at(np.linspace(0, 1, len(raw)))
    bent, phonemes = bend_pitch(raw, phonemes, prosody, rng)
    return Sound(limit(timbre(bent, prosody, rng)), phonemes)


def join(
    spoken: list[Sound], rate: int, tract: float, pause: float, least: float
) -> tuple[np.ndarray, tuple[Phoneme, ...]]:
    """Put sentences one after another, with pauses, at `RATE` and at the level of plain speech.

    Args:
        spoken: the sentences.
        rate: Hz, of the sentences.
        tract: ratio by which the formants are raised; pitch and tempo rise with them.
        pause: s between two sentences, changed where the turn would leave [`least`, `LONGEST`].
        least: s of the whole turn.

    Returns:
        Samples, shape (n,), and the phonemes with times in s since the turn's start.
    """
    played = 50 * round(rate * tract / 50)  # Hz; a round ratio to RATE keeps resampling light
    pieces = [signal.resample_poly(sentence.samples, RATE, played) for sentence in spoken]
    level = LEVEL / np.sqrt(np.mean(np.concatenate(pieces) ** 2))
    speech = sum(len(piece) for piece in pieces) / RATE + 2 * PAD
    gaps = max(len(pieces) - 1, 1)
    pause = max(min(max(pause, (least - speech) / gaps), (LONGEST - speech) / gaps), 0.0)
    starts, at = [], PAD
    for piece in pieces:
        starts.append(at)
        at += len(piece) / RATE + pause
    samples = np.zeros(GRID * math.ceil((at - pause + PAD) * RATE / GRID))
    phonemes: list[Phoneme] = []
    for start, piece, sentence in zip(starts, pieces, spoken, strict=True):
        first = round(start * RATE)
        samples[first : first + len(piece)] = level * piece
        phonemes += [Phoneme(start + t * rate / played, symbol) for t, symbol in sentence.phonemes]
    return samples, tuple(phonemes)


def bend_pitch(
    samples: np.ndarray, phonemes: tuple[Phoneme, ...], prosody: Prosody, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[Phoneme, ...]]:
    """Make the pitch tremble and waver by playing the samples at a speed that changes.

    Args:
        samples: shape (n,).
        phonemes: with times in s.
        prosody: its tremor and roughness are used, shape (n,) each.
        rng: where phase and irregularity come from.

    Returns:
        Samples, shape (n,), and the phonemes at the times they have moved to.
    """
    time = np.arange(len(samples)) / RATE
    tremble = prosody.tremor * np.sin(2 * np.pi * (TREMOR * time + rng.random()))
    knots = rng.standard_normal(int(time[-1] * ROUGHNESS) + 2)
    waver = np.interp(time * ROUGHNESS, np.arange(len(knots)), knots)
    speed = 2 ** (tremble / 12) * (1 + np.maximum(prosody.rough, 0) / 100 * waver)
    where = np.cumsum(speed) - speed[0]  # the sample that is heard at each moment
    bent = ndimage.map_coordinates(samples, where[None], order=3, mode="constant")
    moved = np.interp([phoneme.start for phoneme in phonemes], where / RATE, time)
    both = zip(moved, phonemes, strict=True)
    return bent, tuple(Phoneme(round(float(t), 4), phoneme.symbol) for t, phoneme in both)


def timbre(samples: np.ndarray, prosody: Prosody, rng: np.random.Generator) -> np.ndarray:
    """Give a voice its loudness, its brightness and its breath.

    Args:
        samples: shape (n,).
        prosody: its gain, tilt and breath are used, shape (n,) each.
        rng: where the breath's noise comes from.

    Returns:
        Samples, shape (n,).
    """
    envelope = signal.lfilter(*signal.butter(1, 30, fs=RATE), np.abs(samples))
    hiss = signal.lfilter(
        *signal.butter(2, (1000, 6000), "bandpass", fs=RATE), rng.standard_normal(len(samples))
    )
    breath = _ratio(np.minimum(BREATH + prosody.breath, LOUDEST_BREATH))
    breathy = samples + envelope * hiss * breath
    bright = signal.lfilter(*signal.butter(1, 1000, "highpass", fs=RATE), breathy)
    return (breathy + bright * (_ratio(prosody.tilt) - 1)) * _ratio(prosody.gain)


def limit(samples: np.ndarray, knee: float = 0.6, ceiling: float = 0.95) -> np.ndarray:
    """Bend what is louder than the knee, so that nothing reaches the ceiling.

    Args:
        samples: shape (n,).
        knee: up to which samples stay as they are.
        ceiling: below which they all end.
    """
    room = ceiling - knee
    over = np.maximum(np.abs(samples) - knee, 0.0)
    soft = knee + room * np.tanh(over / room)
    return np.where(over > 0, np.sign(samples) * soft, samples)


def _ratio(decibels: ArrayLike) -> np.ndarray:
    return 10 ** (np.asarray(decibels) / 20)
