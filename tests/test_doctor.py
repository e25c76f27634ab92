"""What `tells doctor` says of a machine that lacks something, one thing at a time."""

import json
import sys
import zipfile

import numpy as np
import pytest
from typer.testing import CliRunner

from tells import doctor
from tells.cli import app
from understudy import doctor as actors
from understudy.files import DIGEST


def look():
    """Everything that the doctor says, by its subject."""
    return {check.subject: check for check in doctor.examine()}


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """HOME and `build` are new folders."""
    monkeypatch.setattr(doctor, "BUILD", tmp_path / "build")
    monkeypatch.setattr(doctor, "MODEL", tmp_path / "build" / "model.tflite")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_this_machine_is_well():
    checks = look()
    assert {check.state for check in checks.values()} <= {"ok", "note"}
    assert set(checks) > {"packages", "libraries", "kernel", "folder", "voice", "head", "detector"}


def test_it_answers_before_anybody_gets_impatient():
    """What takes seconds to import is asked of the installed metadata, and never imported."""
    code = (
        "import sys; from typer.testing import CliRunner; from tells.cli import app; "
        "assert CliRunner().invoke(app, ['doctor']).exit_code == 0; print(*sys.modules)"
    )
    asked = doctor.subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    slow = {"torch", "mediapipe", "cv2", "pandas", "sklearn", "lightgbm", "opensmile", "papermill"}
    assert "tells.doctor" in asked.stdout.split()
    assert not slow & set(asked.stdout.split())


def test_the_command_says_a_line_each_and_fails_if_one_does(monkeypatch):
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert all(line.startswith(("ok  ", "note")) for line in lines)
    monkeypatch.setitem(doctor.LIBRARIES, "libnobody.so.1", ("libnobody1", "nobody-libs"))
    result = CliRunner().invoke(app, ["doctor", "--quiet"])
    assert result.exit_code == 1
    (failed,) = [line for line in result.stdout.splitlines() if line.startswith("fail")]
    assert "libnobody.so.1 missing" in failed
    assert "apt install libnobody1" in failed and "dnf install nobody-libs" in failed
    assert "\nok" not in result.stdout


def test_a_package_of_another_version_or_none(monkeypatch):
    known = doctor.metadata.version

    def version(name):
        if name == "numba":
            raise doctor.metadata.PackageNotFoundError(name)
        return "1.0" if name == "opensmile" else known(name)

    monkeypatch.setattr(doctor.metadata, "version", version)
    check = look()["packages"]
    assert check.state == "fail"
    assert "numba is missing, not 0." in check.said
    assert "opensmile is 1.0, not 2." in check.said
    assert "torch" not in check.said


def test_text_that_is_not_utf_8(monkeypatch):
    monkeypatch.setattr(doctor.locale, "getpreferredencoding", lambda _: "ISO-8859-1")
    check = look()["encoding"]
    assert (check.state, "PYTHONUTF8=1" in check.said) == ("fail", True)


@pytest.mark.parametrize("content", ['{"argv": ["/usr/bin/python9", "-m", "ipykernel"]}', "{}"])
def test_a_kernel_of_another_python(tmp_path, monkeypatch, content):
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(content)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    check = look()["kernel"]
    assert check.state == "fail"
    assert str(spec) in check.said


def test_folders_that_cannot_be_written(nowhere, monkeypatch):
    (nowhere / "build").write_text("a file")
    said = [check for check in doctor.examine() if check.subject == "folder"]
    assert [check.state for check in said] == ["fail", "ok"]
    assert "build cannot be written" in said[0].said


def test_too_little_disk_and_memory(nowhere, monkeypatch):
    usage = doctor.shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    memory = doctor.psutil.virtual_memory()._replace(available=10**9)
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: memory)
    checks = look()
    assert (checks["disk"].state, checks["memory"].state) == ("fail", "note")
    assert "1.0 GB are free" in checks["disk"].said


def test_a_detector_that_is_missing_or_another(nowhere):
    assert look()["detector"].state == "note"
    (nowhere / "build" / "model.tflite").write_bytes(b"a letter")
    check = look()["detector"]
    assert (check.state, "remove it" in check.said) == ("fail", True)


def test_actors_that_cannot_start(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(doctor.sys, "executable", "/bin/false")
    assert look()["actors"].state == "fail"


@pytest.mark.parametrize(
    ("found", "state"), [([], "note"), (["chromium"], "ok"), (["google-chrome"], "ok")]
)
def test_a_browser(nowhere, monkeypatch, found, state):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: name if name in found else None)
    assert look()["Chromium"].state == state


def test_a_browser_that_playwright_has_fetched(nowhere, monkeypatch):
    program = nowhere / "browsers" / "chromium-1200" / "chrome-linux64" / "chrome"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(nowhere / "browsers"))
    monkeypatch.setenv("PATH", "")
    assert doctor.find_chromium() == str(program)


def test_a_machine_without_letters(nowhere, monkeypatch):
    monkeypatch.setattr(doctor, "_FONTS", ())
    assert look()["font"].state == "note"
    (nowhere / ".fonts").mkdir()
    (nowhere / ".fonts" / "some.ttf").touch()
    assert look()["font"].state == "ok"


def test_a_gpu_that_is_not_used(monkeypatch):
    build = "'13.0'"
    monkeypatch.setattr(doctor.shutil, "which", lambda name: name)
    monkeypatch.setattr(doctor.Path, "read_text", lambda *_, **__: f"cuda: str = {build}\n")
    assert doctor._gpu().said.endswith("CUDA 13.0")
    build = "None"
    assert "make book TORCH=cuda" in doctor._gpu().said


# --- the actors' side -----------------------------------------------------------------------------


def test_espeak_fails(monkeypatch):
    def speak(*_):
        raise actors.UnderstudyError("espeak-ng finds no data in .")

    monkeypatch.setattr(actors, "speak", speak)
    state, subject, said = actors.check_voice()
    assert (state, subject) == ("fail", "voice")
    assert said.startswith("espeak-ng finds no data")


def test_heads(tmp_path):
    path = tmp_path / "head.npz"
    assert actors.check_head(path)[0] == "note"
    np.savez_compressed(path, source=np.array(DIGEST), vertices=np.arange(999.0))
    assert actors.check_head(path)[0] == "ok"
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        middle = archive.getinfo("vertices.npy").header_offset + 300
    content[middle] ^= 255
    path.write_bytes(content)
    assert actors.check_head(path)[0] == "fail"
    np.savez_compressed(path, source=np.array("another"), vertices=np.arange(3.0))
    assert actors.check_head(path)[0] == "fail"
    path.write_bytes(b"a letter")
    assert actors.check_head(path)[0] == "fail"
    assert json.dumps(actors.check_head(path))
