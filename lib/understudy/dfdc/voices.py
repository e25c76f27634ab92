"""What is heard in a clip: the original's voice, and the ways in which it is faked.

Every fake says the original's words at the original's times, as well as can be, for the lips must
fit. `resynthesis` goes through the WORLD vocoder, which takes speech apart into pitch, envelope and
noise, and puts it together again; the others do not. Morise, Yokomori and Ozawa (2016): WORLD: a
vocoder-based high-quality speech synthesis system.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyworld
from scipy import ndimage

from understudy.dfdc.plan import RESYNTHESISED, UNTOUCHED, Clip, ClipGroup
from understudy.espeak import Sound, speak
from understudy.mixing import Recording, add_at, room_noise
from understudy.people import Actor, actor
from understudy.performance import RATE, Performance
from understudy.prosody import Prosody
from understudy.seeding import generator
from understudy.voice import GRID, PAD, SpeechPlan, join, perform, plan_speech

LEAD = 0.15  # s before the first part
FRAME = 5.0  # ms from one frame to the next
LOUDNESS_WINDOW = 8  # frames, standard deviation of the window in which loudness is compared
LOUDER = (0.1, 6.0)  # limits of what a frame's amplitude is multiplied by
QUIET = 1e-3  # amplitude below which nothing is made louder


def record_original(seed: int, group: ClipGroup) -> Recording:
    """Play a group's original, on one channel.

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    who = actor(seed, group.target)
    samples = _room(seed, group, "original")
    performances, end = [], LEAD
    for part in group.parts:
        said = perform(seed, plan_speech(seed, who, part))
        start = GRID * round((end + part.gap) * RATE / GRID)
        end = (start + len(said.samples)) / RATE
        performances.append(Performance(part, start / RATE, end, said.phonemes))
        add_at(samples, said.samples, start)
    return Recording(samples, performances)


def clip_sound(seed: int, group: ClipGroup, original: Recording, clip: Clip) -> np.ndarray:
    """Return the sound of a group's clip, shape (n,), float in [-1, 1].

    Raises:
        UnderstudyError: espeak-ng failed.
    """
    samples = original.samples
    if clip.audio == UNTOUCHED:
        return samples
    if clip.audio == RESYNTHESISED:  # the emotion intact: real
        return synthesise(analyse(samples), len(samples))
    if clip.audio == "other":  # the donor's voice, with the emotion of the original
        return _dubbed(seed, group, original, clip, actor(seed, group.donor))
    replayed = _dubbed(seed, group, original, clip, actor(seed, group.target))
    if clip.audio == "resynthesis":  # the original, with the prosody of another track
        return synthesise(with_prosody(analyse(samples), samples, replayed), len(samples))
    return replayed  # the same voice with a track of its own: `wrong` or `flat`


def _dubbed(seed: int, group: ClipGroup, original: Recording, clip: Clip, who: Actor) -> np.ndarray:
    """Say the original's words at its times, with the clip's track."""
    samples = _room(seed, group, clip.name)
    for performance, segment in zip(original.performances, clip.voice, strict=True):
        part = replace(  # under another name: nobody is in quite the same mood again
            performance.part,
            turn=f"{performance.part.turn}_{clip.name}",
            actor=who.id,
            emotion=segment.emotion,
            course=segment.course,
        )
        length = performance.end - performance.start
        said = _in_time(seed, plan_speech(seed, who, part), length)
        kept = said.samples[: round(length * RATE)]
        add_at(samples, kept, round(performance.start * RATE))
    return samples


def _in_time(seed: int, plan: SpeechPlan, length: float) -> Sound:
    """Speak a part at the tempo at which it lasts so many seconds, about."""
    part, who = plan.part, plan.actor
    spoken, rate = speak(part.turn, who.voice, plan.lines())
    first, _ = join(spoken, rate, who.tract, part.pause, part.least)
    silent = 2 * PAD + (len(part.sentences) - 1) * part.pause
    ratio = (len(first) / RATE - silent) / (length - silent)
    hurry = Prosody(tempo=float(np.log(ratio)))
    return perform(seed, replace(plan, plain=plan.plain + hurry))


def _room(seed: int, group: ClipGroup, name: str) -> np.ndarray:
    rng = generator(seed, group.stem, name, "room")
    return room_noise(group.scene.room, group.seconds * RATE, rng)


class Speech(NamedTuple):
    """Speech taken apart."""

    pitch: np.ndarray  # (n,), Hz; 0 = unvoiced
    envelope: np.ndarray  # (n, bins), power
    noise: np.ndarray  # (n, bins), share of it that is noise
    times: np.ndarray  # (n,), s


def analyse(samples: np.ndarray) -> Speech:
    """Take speech apart, shape (n,), at 16 kHz."""
    x = np.ascontiguousarray(samples, np.float64)
    rough, times = pyworld.dio(x, RATE, frame_period=FRAME)
    pitch = pyworld.stonemask(x, rough, times, RATE)
    envelope = pyworld.cheaptrick(x, pitch, times, RATE)
    return Speech(pitch, envelope, pyworld.d4c(x, pitch, times, RATE), times)


def synthesise(speech: Speech, count: int) -> np.ndarray:
    """Put speech together again, changed or not: shape (count,), at 16 kHz."""
    made = pyworld.synthesize(speech.pitch, speech.envelope, speech.noise, RATE, FRAME)
    return np.pad(made, (0, max(0, count - len(made))))[:count]


def with_prosody(speech: Speech, samples: np.ndarray, model: np.ndarray) -> Speech:
    """Give speech the pitch and the loudness of another rendition of the same words.

    Args:
        speech: what `analyse` made of the samples.
        samples: shape (n,).
        model: shape (n,), the same words at the same times.
    """
    theirs = analyse(model)
    voiced = theirs.pitch > 0
    line = np.interp(theirs.times, theirs.times[voiced], np.log(theirs.pitch[voiced]))
    pitch = np.where(speech.pitch > 0, np.exp(ndimage.gaussian_filter1d(line, 2)), 0.0)
    own, other = (_amplitude(s, speech.times) for s in (samples, model))
    gain = np.clip(other / np.maximum(own, QUIET), *LOUDER)
    gain = np.where(own < QUIET, np.minimum(gain, 1), gain)
    return speech._replace(pitch=pitch, envelope=speech.envelope * gain[:, None] ** 2)


def _amplitude(samples: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Root mean square around each moment, smooth."""
    step = round(FRAME * RATE / 1000)
    power = np.pad(samples**2, (0, step * len(times)))[: step * len(times)]
    frames = power.reshape(len(times), step).mean(1)
    return np.sqrt(ndimage.gaussian_filter1d(frames, LOUDNESS_WINDOW))
