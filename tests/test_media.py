"""`tells.media`: a file that holds sound gives the sound, every other one a sentence."""

import pickle

import av
import numpy as np
import pytest
import soundfile

from tells import media
from tells.errors import TellsError
from tells.media import MediaError


def hertz_of(samples, rate=16_000):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.argmax(spectrum) * rate / len(samples)


def write_mp4(path, samples=None, *, rate=48_000):
    """AAC in MP4, with a few pictures; without samples only the pictures."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio = None
        if samples is not None:
            audio = container.add_stream("aac", rate=rate, layout="mono")
        for _ in range(10):
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if audio is not None:
            frame = av.AudioFrame.from_ndarray(
                samples.astype(np.float32)[None], format="fltp", layout="mono"
            )
            frame.sample_rate = rate
            container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


# --- what can be used ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "PCM_U8", 2**-7),
        ("a.wav", "PCM_16", 2**-15),
        ("a.wav", "PCM_24", 2**-22),
        ("a.wav", "PCM_32", 1e-7),
        ("a.wav", "FLOAT", 1e-7),
        ("a.wav", "DOUBLE", 1e-7),
        ("a.flac", "PCM_16", 2**-15),
        ("a.flac", "PCM_24", 2**-22),
    ],
)
def test_every_sample_format_gives_the_samples(tmp_path, tone, write_sound, name, subtype, error):
    expected = tone(0.5)
    samples = media.audio(write_sound(tmp_path / name, expected, subtype=subtype))
    assert samples.dtype == np.float32
    assert samples.shape == expected.shape
    np.testing.assert_allclose(samples, expected, atol=error)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_every_sample_rate_becomes_16_khz(tmp_path, tone, write_sound, rate):
    samples = media.audio(write_sound(tmp_path / "a.wav", tone(1.0, rate=rate), rate=rate))
    assert abs(len(samples) - 16_000) <= 16
    inner = slice(1_000, 15_000)  # the resampler's filter rings at both ends
    np.testing.assert_allclose(samples[inner], tone(1.0)[inner], atol=2e-3)


def test_what_16_khz_cannot_hold_is_filtered_out(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(0.5, rate=48_000, hertz=15_000), rate=48_000)
    inner = media.audio(path)[1_000:-1_000]
    assert np.abs(inner).max() < 0.01  # an alias would sound at 1 kHz with 0.5


@pytest.mark.parametrize("channels", [2, 3, 6])
def test_channels_are_averaged(tmp_path, tone, write_sound, channels):
    one = tone(0.25)
    mixed = np.stack([one, *[np.zeros_like(one)] * (channels - 1)], axis=1)
    samples = media.audio(write_sound(tmp_path / "a.wav", mixed))
    np.testing.assert_allclose(samples, one / channels, atol=1e-4)


def test_equal_channels_neither_gain_nor_clip(tmp_path, tone, write_sound):
    loud = tone(0.25, amplitude=0.99)
    path = write_sound(tmp_path / "a.wav", np.stack([loud, loud], axis=1), subtype="FLOAT")
    np.testing.assert_allclose(media.audio(path), loud, atol=1e-6)


def test_opposite_channels_cancel(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", np.stack([tone(), -tone()], axis=1), subtype="FLOAT")
    np.testing.assert_array_equal(media.audio(path), 0)


def test_samples_beyond_full_scale_are_clipped(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(amplitude=3.0), subtype="FLOAT")
    samples = media.audio(path)
    assert samples.max() == 1.0
    assert samples.min() == -1.0


def test_aac_in_mp4(tmp_path, tone):
    samples = media.audio(write_mp4(tmp_path / "a.mp4", tone(1.0, rate=48_000)))
    assert len(samples) == pytest.approx(16_000, abs=1_500)  # AAC pads with whole frames
    middle = samples[4_000:12_000]
    assert hertz_of(middle) == pytest.approx(440, abs=2)
    assert middle.std() == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_spans(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(2.0))
    whole = media.audio(path)
    np.testing.assert_array_equal(media.audio(path, start=0.5, end=1.25), whole[8_000:20_000])
    np.testing.assert_array_equal(media.audio(path, end=0.5), whole[:8_000])
    np.testing.assert_array_equal(media.audio(path, start=1.5), whole[24_000:])
    np.testing.assert_array_equal(media.audio(path, start=1.5, end=9.0), whole[24_000:])


def test_spans_of_a_file_with_another_rate(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.flac", tone(2.0, rate=44_100), rate=44_100)
    whole = media.audio(path)
    np.testing.assert_array_equal(media.audio(path, start=0.5, end=1.0), whole[8_000:16_000])


def test_a_wav_that_was_streamed_declares_no_size(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(0.5))
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert len(media.audio(path)) == 8_000


def test_an_odd_name(tmp_path, tone, write_sound, monkeypatch):
    write_sound(tmp_path / "pipe:é 100%d.wav", tone(0.1))
    monkeypatch.chdir(tmp_path)
    assert len(media.audio("pipe:é 100%d.wav")) == 1_600


def test_mp3_in_flv(shared_data):
    path = shared_data / "cremad_sample/VideoFlash/1001_DFA_ANG_XX.flv"
    samples = media.audio(path)
    same, rate = soundfile.read(shared_data / "cremad_sample/AudioWAV/1001_DFA_ANG_XX.wav")
    assert rate == 16_000
    assert abs(len(samples) - len(same)) < 1_600  # the encoder pads by up to 0.1 s
    assert abs(samples.std() / same.std() - 1) < 0.05


def test_real_flac_is_exact(shared_data):
    path = sorted((shared_data / "ravdess_speech_16k/Actor_01").glob("*.flac"))[0]
    np.testing.assert_allclose(media.audio(path), soundfile.read(path)[0], atol=1e-6)


# --- what cannot --------------------------------------------------------------------------------


def refused(path, reason):
    """The error for a file; its message is the file's name and the reason, in one line."""
    with pytest.raises(MediaError, match=reason) as caught:
        media.audio(path)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in str(caught.value)
    return caught.value


def test_missing(tmp_path):
    refused(tmp_path / "a.wav", "no such file")


def test_folder(tmp_path):
    refused(tmp_path, "not a file")


def test_empty(tmp_path):
    (tmp_path / "a.wav").touch()
    refused(tmp_path / "a.wav", r"empty file \(0 bytes\)")


def test_a_file_that_this_machine_does_not_let_be_read(tmp_path, tone, write_sound, monkeypatch):
    """Its own fault, and no statement about the file."""
    path = write_sound(tmp_path / "a.wav", tone(0.2))

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    for read in (media.audio, media.frames):
        with pytest.raises(TellsError, match=r"a.wav cannot be read \(Permission") as error:
            read(path)
        assert not isinstance(error.value, MediaError)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp4", "a.txt"])
@pytest.mark.parametrize("content", [b"This is a letter, not a sound.\n" * 40, bytes(4_000)])
def test_not_audio(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, "not readable as audio|no audio stream|no samples")


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.85])
def test_truncated(tmp_path, voice, write_sound, name, share):
    path = write_sound(tmp_path / name, voice(2.0))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refused(path, "cut off|damaged")


def test_a_wav_that_lacks_one_sample(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(1.0))
    path.write_bytes(path.read_bytes()[:-2])
    refused(path, "cut off")


def test_truncated_in_the_header(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(1.0))
    path.write_bytes(path.read_bytes()[:30])
    refused(path, "cut off|not readable|no samples")


def test_truncated_mp4(tmp_path, tone):
    path = write_mp4(tmp_path / "a.mp4", tone(1.0, rate=48_000))
    path.write_bytes(path.read_bytes()[:3_000])
    refused(path, "not readable as audio")


def test_a_span_of_a_truncated_file_can_be_read(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(2.0))
    path.write_bytes(path.read_bytes()[:40_000])
    assert len(media.audio(path, end=1.0)) == 16_000


def test_no_audio_stream(tmp_path):
    refused(write_mp4(tmp_path / "a.mp4"), "has no audio stream")


def test_no_samples(tmp_path, write_sound):
    refused(write_sound(tmp_path / "a.wav", np.zeros(0)), "no samples|not readable as audio")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_not_finite(tmp_path, tone, write_sound, value, rate):
    samples = tone(0.5, rate=rate)
    samples[1_234] = value
    refused(write_sound(tmp_path / "a.wav", samples, rate=rate, subtype="FLOAT"), "NaN or infinite")


def test_a_span_behind_the_end(tmp_path, tone, write_sound):
    path = write_sound(tmp_path / "a.wav", tone(1.0))
    with pytest.raises(MediaError, match="no samples from second 2 on"):
        media.audio(path, start=2.0)


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (-1.0, None), (-2.0, 1.0)])
def test_a_span_that_makes_no_sense(tmp_path, tone, write_sound, start, end):
    path = write_sound(tmp_path / "a.wav", tone(1.0))
    with pytest.raises(TellsError, match="start must"):
        media.audio(path, start=start, end=end)


def test_silence_and_single_samples_are_samples(tmp_path, write_sound):
    """What is too short or silent for descriptors is the extractor's to say."""
    np.testing.assert_array_equal(media.audio(write_sound(tmp_path / "a.wav", np.zeros(9))), 0)
    assert len(media.audio(write_sound(tmp_path / "b.wav", np.ones(1) / 2))) == 1


def test_the_error_crosses_process_borders(tmp_path):
    error = refused(tmp_path / "a: b.wav", "no such file")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is MediaError
    assert (str(copy), copy.reason) == (str(error), error.reason)
