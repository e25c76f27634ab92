"""A process that speaks one turn: espeak-ng by ctypes, and nothing but the standard library.

Run as `python -I -S espeak_process.py LIBRARY DATA`, with a job in JSON on standard input. It is a
program of its own for two reasons: espeak-ng keeps hidden state from one call to the next, so that
only a fresh process gives the same samples every time; and espeak-ng is licensed under GPL-3.
Its seed must be set even so, or the noise in a breathy voice depends on the second it is run in.
"""

import ctypes
import json
import sys

SEED = 1
SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS
PHONEME_EVENTS = 1  # espeakINITIALIZE_PHONEME_EVENTS
DONT_EXIT = 1 << 15  # espeakINITIALIZE_DONT_EXIT
UTF8 = 1  # espeakCHARS_UTF8
CHARACTER = 1  # POS_CHARACTER
PHONEME = 7  # espeakEVENT_PHONEME
PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}  # espeak_PARAMETER


class Event(ctypes.Structure):
    """espeak_EVENT, whose last member is a union."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("symbol", ctypes.c_char * 8),
    )


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))


def listen(espeak: ctypes.CDLL, pcm: list, phonemes: list) -> object:
    """Collect samples and phonemes as they are spoken; the result must be kept alive."""

    def collect(samples: int | None, count: int, events: ctypes.Array) -> int:
        if samples and count > 0:
            pcm.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type:
            if events[index].type == PHONEME:
                symbol = events[index].symbol.decode("utf-8", "replace")
                phonemes.append((events[index].sample, symbol))
            index += 1
        return 0

    callback = CALLBACK(collect)
    espeak.espeak_SetSynthCallback(callback)
    return callback


def main(library: str, data: str) -> None:
    """Read a job, write a line of JSON about the sentences, then their 16-bit samples."""
    job = json.load(sys.stdin.buffer)
    espeak = ctypes.CDLL(library)
    rate = espeak.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), PHONEME_EVENTS | DONT_EXIT)
    if rate <= 0:
        sys.exit(f"espeak-ng finds no data in {data}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(SEED))  # espeak-ng has taken the time of day
    if espeak.espeak_SetVoiceByName(job["voice"].encode()):
        sys.exit(f"espeak-ng has no voice {job['voice']}")
    pcm, phonemes, spoken, about = [], [], [], []
    callback = listen(espeak, pcm, phonemes)
    for sentence in job["sentences"]:
        pcm.clear()
        phonemes.clear()
        for name, number in PARAMETERS.items():
            espeak.espeak_SetParameter(number, sentence[name], 0)
        words = sentence["text"].encode() + b"\0"
        size = ctypes.c_size_t(len(words))
        if espeak.espeak_Synth(words, size, 0, CHARACTER, 0, UTF8, None, None):
            sys.exit("espeak_Synth failed")
        spoken.append(b"".join(pcm))
        about.append({"samples": len(spoken[-1]) // 2, "phonemes": list(phonemes)})
    del callback
    header = json.dumps({"rate": rate, "sentences": about})
    sys.stdout.buffer.write(header.encode() + b"\n" + b"".join(spoken))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
