"""Execute what is out of date: one chapter, or all of them side by side on Dask."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill
from dask.distributed import Client, LocalCluster, as_completed
from filelock import FileLock
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from tqdm.auto import tqdm

from tells.chapters.places import Places
from tells.chapters.run import Run
from tells.chapters.source import HOME, Chapter, chapters, preset, resolve
from tells.errors import TellsError
from tells.files import explain_os_errors, replacing
from tells.provenance import code_digest, versions

# Errors come through papermill; what else a kernel says of itself is noise.
_KERNEL = ["--IPKernelApp.log_level=CRITICAL"]
# The GNU C library keeps what it would give back, and the next training step would ask for again.
_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**30)}


def execute(
    chapter: Chapter,
    values: Mapping[str, Any],
    *,
    again: bool = False,
    progress: bool = True,
    page: bool = True,
) -> Run:
    """Execute a chapter with papermill, unless that was done already.

    A run is done if the same question was answered by the same code. Of two that are asked for at
    once, the second waits for the first and finds it done.

    Args:
        chapter: what to run.
        values: its parameters, as from `resolve`.
        again: execute it even if it is done.
        progress: show papermill's bar of cells.
        page: whether the executed notebook will be read, so that what it shows of other results,
            such as the published ones, must be of today; a study only wants the run's own.

    Returns:
        The run. Its folder holds the executed notebook, models, series, records and `run.json`; of
        a run that failed, `<name>.failed.ipynb`.

    Raises:
        TellsError: the chapter rejected its input, or failed; the message is its own.
    """
    run = Run(chapter, values)
    with explain_os_errors(str(run.folder)):
        run.folder.mkdir(parents=True, exist_ok=True)
    with explain_os_errors(str(run.folder)), FileLock(run.folder / ".lock"):
        answered_by = {"code": _code(run), "shown": _shown(run)}
        wanted = {"state": "done", **answered_by}
        if not page:
            del wanted["shown"]
        if wanted.items() <= run.state.items() and run.notebook.exists() and not again:
            return run
        began = time.monotonic()
        version = versions()["tells"]
        run.write_state(state="running", **answered_by, version=version)
        _papermill(run, values, progress)
        run.write_state(
            state="done", **answered_by, version=version,
            seconds=round(time.monotonic() - began, 1),
        )  # fmt: skip
        for array in run.folder.glob("*.npy"):  # a quarter of a gigabyte each
            if not array.with_suffix(".parquet").exists():  # what no other chapter can load
                array.unlink()
    return run


def make_all(
    name: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    scheduler: str | None = None,
    jobs: int | None = None,
    say: Callable[[str], None] = print,
) -> list[Run]:
    """Make the understudy and execute every chapter that is out of date, several at once.

    A chapter waits for those that its header lists under `uses`. Of those that could begin, the one
    that the longest chain of others waits for comes first.

    Args:
        name: of the preset.
        overrides: parameters for all chapters that have them.
        scheduler: address of a Dask scheduler whose workers see this folder under the same name;
            None takes this machine.
        jobs: chapters at a time on this machine; None takes one for each core.
        say: what to do with a line about each chapter.

    Returns:
        The runs, in the order of the book.

    Raises:
        TellsError: chapters failed; the message says why of each. Those that do not build on them
            were executed all the same.
    """
    known = {c.name: c for c in chapters()}
    shared = preset(name)
    write_understudy(Places(shared | dict(overrides or {})).understudy, say)
    waits = _longest_ways(list(known.values()))
    todo = []
    for chapter in _in_order(known):
        asked = {**(overrides or {}), "preset": name}
        given = {k: v for k, v in asked.items() if k in chapter.parameters()}
        values = resolve(chapter, given, shared)
        after = (*chapter.uses, *chapter.reads)
        todo.append(Job(chapter.name, chapter, values, after, priority=waits[chapter.name]))
    execute_all(todo, scheduler=scheduler, jobs=jobs, say=say)
    return [Run(job.chapter, job.values) for job in sorted(todo)]


class Job(NamedTuple):
    """A run that is to be made.

    Attributes:
        name: for people; unlike those of the others.
        chapter: to be run.
        values: its parameters, as from `resolve`.
        after: names of the jobs that come before it; whatever they fail, it waits for.
        priority: of those that could begin, the highest comes first.
        pinned: whether it uses the runs of the jobs before it, and no others, as those of a study
            do.
    """

    name: str
    chapter: Chapter
    values: Mapping[str, Any]
    after: tuple[str, ...] = ()
    priority: float = 0.0
    pinned: bool = False


class Answer(NamedTuple):
    """What came of a job."""

    folder: str = ""  # of the run
    chapter: str = ""  # that was run
    seconds: float = 0.0  # that it took; 0 if it was done already
    failure: str = ""  # its sentence
    waits: bool = False  # for one that failed


def execute_all(
    todo: Sequence[Job],
    *,
    scheduler: str | None = None,
    jobs: int | None = None,
    say: Callable[[str], None] = print,
    progress: bool = False,
) -> dict[str, Answer]:
    """Execute chapters side by side, as far as they are out of date.

    Args:
        todo: jobs, each behind those that it waits for.
        scheduler: address of a Dask scheduler whose workers see this folder under the same name;
            None takes this machine.
        jobs: at a time on this machine; None takes one for each core.
        say: what to do with a line about each of them.
        progress: show a bar, with the time that is left.

    Returns:
        What came of each, by name.

    Raises:
        TellsError: some failed; the message says why of each. Those that do not build on them were
            executed all the same.
    """
    if scheduler is None and (jobs := jobs or os.cpu_count() or 1) > 1:
        # one core each; what a chapter computes does not depend on it
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    answers: dict[str, Answer] = {}
    with (
        _cluster(scheduler, jobs) as cluster,
        Client(cluster) as client,
        tqdm(total=len(todo), unit="run", disable=not progress) as bar,
    ):
        futures: dict[str, Any] = {}
        for job in todo:
            futures[job.name] = client.submit(
                _answer, job, [futures[name] for name in job.after],
                key=f"{job.name}-{os.getpid()}", priority=job.priority, retries=0,
            )  # fmt: skip
        names = {future.key: name for name, future in futures.items()}
        for future in as_completed(futures.values()):
            name = names[future.key]
            lost = future.exception()  # of a worker, not of a chapter
            answers[name] = Answer(failure=f"{name}: {lost}") if lost else future.result()
            bar.update()
            if answers[name].seconds:
                say(f"{name}: {answers[name].seconds:.0f} s")
    if failures := [answer.failure for answer in answers.values() if answer.failure]:
        waiting = sorted(name for name, answer in answers.items() if answer.waits)
        rest = [f"These wait for it: {', '.join(waiting)}."] if waiting else []
        raise TellsError("\n".join([*failures, *rest]))
    return answers


def _cluster(scheduler: str | None, jobs: int | None) -> AbstractContextManager[LocalCluster | str]:
    """The address that was given, or workers of one thread on this machine."""
    if scheduler is not None:
        return nullcontext(scheduler)
    return LocalCluster(
        n_workers=jobs, threads_per_worker=1, dashboard_address="127.0.0.1:0", memory_limit=None,
        silence_logs="ERROR",
    )  # fmt: skip


def _answer(job: Job, before: Sequence[Answer]) -> Answer:
    """Execute a chapter after those that it uses."""
    if any(other.failure or other.waits for other in before):
        return Answer(waits=True)
    pinned = {other.chapter: other.folder for other in before} if job.pinned else {}
    values = dict(job.values) | ({"uses": pinned} if pinned else {})
    began = time.time()
    try:
        run = execute(job.chapter, values, progress=False, page=not job.pinned)
    except TellsError as error:
        return Answer(failure=str(error).replace(job.chapter.name, job.name, 1))
    fresh = run.notebook.stat().st_mtime >= began
    seconds = run.state["seconds"] if fresh else 0.0
    return Answer(str(run.folder), job.chapter.name, seconds)


def _in_order(known: Mapping[str, Chapter]) -> list[Chapter]:
    """Chapters after those that they use."""
    ordered: dict[str, Chapter] = {}

    def add(chapter: Chapter) -> None:
        for other in (*chapter.uses, *chapter.reads):
            add(known[other])
        ordered[chapter.name] = chapter

    for chapter in known.values():
        add(chapter)
    return list(ordered.values())


def _longest_ways(known: Sequence[Chapter]) -> dict[str, float]:
    """Seconds of the longest chain that begins with each chapter, by the last time it ran."""
    own = {chapter.name: chapter.takes for chapter in known}
    users: dict[str, list[str]] = {name: [] for name in own}
    for chapter in known:
        for other in (*chapter.uses, *chapter.reads):
            users[other].append(chapter.name)

    def way(name: str) -> float:
        return own[name] + max(map(way, users[name]), default=0.0)

    return {name: way(name) for name in own}


def write_understudy(folder: Path, say: Callable[[str], None] = print) -> None:
    """Write the understudy into a folder named as its size, unless that was done already.

    Raises:
        TellsError: its own command refuses to.
    """
    done = folder.with_suffix(".done")
    written_by = code_digest("", ["understudy.writing"])
    with explain_os_errors(str(folder)):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with explain_os_errors(str(folder)), FileLock(folder.with_suffix(".lock")):
        if done.exists() and done.read_text(encoding="utf-8") == written_by:
            return
        say(f"writing the understudy, size {folder.name}")
        command = [sys.executable, "-m", "understudy", "write", str(folder), "--replace"]
        command += ["--size", folder.name]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - ours
            raise TellsError(f"The understudy could not be written to {folder}.")
        done.write_text(written_by, encoding="utf-8")


def render(runs: Sequence[Run], folder: Path, say: Callable[[str], None] = print) -> Path:
    """Render the book from executed chapters.

    Args:
        runs: of all chapters.
        folder: the book's, made anew where a chapter or a page of `book` has changed.
        say: what to do with a line about it.

    Returns:
        Its first page.

    Raises:
        TellsError: Sphinx warns of something; the message is all that it says.
    """
    pages = [*sorted((HOME / "book").rglob("*")), *(run.notebook for run in runs)]
    made_from = "".join(f"{p} {p.stat().st_mtime_ns}\n" for p in pages if p.is_file())
    index, stamp = folder / "_build" / "html" / "index.html", folder / "made_from.txt"
    if index.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
        return index
    say("rendering the book")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HOME / "book", folder)
    (folder / "chapters").mkdir()
    for run in runs:
        shutil.copy(run.notebook, folder / "chapters")
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", "-n", "-W", "--keep-going", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    (folder / "sphinx.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        said = re.findall(r".*(?:WARNING|ERROR|Error).*", done.stdout + done.stderr)
        raise TellsError("\n".join(["The book does not render:", *dict.fromkeys(said)]))
    stamp.write_text(made_from, encoding="utf-8")
    return index


def write_page(run: Run) -> Path:
    """Write a page of the executed notebook, which needs no other file, beside it."""
    from nbconvert import HTMLExporter  # takes half a second, and the book needs no pages

    with warnings.catch_warnings():  # of glued values, which only the book can show
        warnings.filterwarnings("ignore", message="Your element with mimetype")
        page, _ = HTMLExporter().from_filename(str(run.notebook))
    with replacing(run.notebook.with_suffix(".html")) as beside:
        beside.write_text(page, encoding="utf-8")
    return run.notebook.with_suffix(".html")


def _code(run: Run) -> str:
    """What answers: the chapter's text, the code that it reaches, and what it builds on.

    That is what the runs that it uses have trained and recorded.
    """
    used = [run.use(chapter).folder for chapter in run.chapter.uses]
    built_on = [path for folder in used for path in folder.glob("models/*.safetensors")]
    built_on += [path for folder in used for path in folder.glob("records/*.json")]
    return _digest(run.chapter.path, *sorted(built_on), also=code_digest(run.chapter.code))


def _shown(run: Run) -> str:
    """What a chapter shows beside its own results: the evidence, and other chapters' records."""
    paths = [p for p in (HOME / "data").rglob("*.*") if p.suffix in (".json", ".yaml", ".parquet")]
    paths += [path for folder in run.record_folders() for path in folder.glob("*.json")]
    return _digest(*sorted(paths))


def _digest(*paths: Path, also: str = "") -> str:
    total = hashlib.sha256(also.encode())
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _papermill(run: Run, values: Mapping[str, Any], progress: bool) -> None:
    os.environ |= _MEMORY | dict(os.environ)  # the kernel's, too
    logging.getLogger("papermill").setLevel(logging.ERROR)  # shared parameters are in no cell
    failed = run.folder / f"{run.chapter.name}.failed.ipynb"
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / f"{run.chapter.name}.ipynb"
        nbformat.write(run.chapter.notebook(), source)
        try:
            papermill.execute_notebook(
                source,
                failed,
                dict(values),
                progress_bar=progress,
                kernel_name="python3",
                extra_arguments=_KERNEL,
            )
        except PapermillExecutionError as error:
            raise TellsError(_sentence(run.chapter, error, failed)) from error
        except DeadKernelError as error:
            why = f"its kernel died, perhaps for want of memory (what it had done: {failed})"
            raise TellsError(f"{run.chapter.name}: {why}.") from error
    failed.replace(run.notebook)


def _sentence(chapter: Chapter, error: PapermillExecutionError, output: Path) -> str:
    """The sentence of a `TellsError` inside the chapter, or where to look for any other error."""
    if error.ename in ("TellsError", "MediaError"):
        return f"{chapter.name}: {error.evalue}"
    where = f"{chapter.name} failed in cell {error.exec_count}"
    return f"{where} with {error.ename}: {error.evalue} (the whole traceback: {output})"
