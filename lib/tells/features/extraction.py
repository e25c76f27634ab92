"""Map an extractor over the clips of a corpus, on this machine or on a cluster."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from filelock import FileLock
from tqdm.auto import tqdm

from tells.errors import TellsError
from tells.features.store import Extraction, Extractor, FeatureStore, Span, file_stamp, spans_of
from tells.files import explain_os_errors, is_full
from tells.media import MediaError

if TYPE_CHECKING:
    from dask.distributed import Client


def extract(
    root: str | Path,
    items: Iterable[str] | pd.MultiIndex,
    extractor: Extractor,
    url: str | Path,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> FeatureStore:
    """Extract the features of clips that are not in the store yet.

    A clip is extracted again only if its file or the extractor's version changed: killed and
    started again, it goes on where it was. Of two that work at once for one folder, the second
    waits for the first, and finds its clips done.

    Args:
        root: the corpus.
        items: the index of a corpus's table, or paths relative to `root`. An extractor that takes
            spans (`tells.features.Faces`) is called for each row, others for each file.
        extractor: for example `tells.features.LLDs("compare2016")`.
        url: where the store is: a folder, or an address that fsspec knows.
        scheduler: address of a Dask scheduler (`tcp://host:8786`) whose workers see `root` and
            `url` under the same names; None starts workers on this machine.
        workers: processes on this machine; None takes one for each core, 0 works in this process.
        progress: show a bar with the time that is left.

    Returns:
        The store, in which each of `items` has features or a reason.

    Raises:
        TellsError: the root is missing, a path leaves it, the scheduler does not answer, a worker
            dies again and again, the disk is full, or the extractor lacks something, such as the
            face detector's file; what was finished stays.

    Chapter: 05_3_1_speech_experiment_1.
    """
    root = Path(root).resolve()
    if not root.is_dir():
        raise TellsError(f"root must be the folder of a corpus; {root} is not a folder.")
    if workers is not None and workers < 0:
        raise TellsError(f"workers must be 0 or more; got {workers}.")
    lock: AbstractContextManager[object] = nullcontext()
    if "://" not in str(url):  # elsewhere nobody can tell who else extracts into the same place
        url = Path(url).resolve()  # a scheduler's workers may have another current folder
        with explain_os_errors(f"{url}/{extractor.name}"):
            url.mkdir(parents=True, exist_ok=True)
            lock = FileLock(url / f".{extractor.name}.lock")
    with lock:
        store = FeatureStore(url, extractor)
        jobs = {}
        for span in dict.fromkeys(spans_of(items, extractor)):
            path = root / span.file
            if not path.resolve().is_relative_to(root):
                raise TellsError(
                    f"{span.file} leads out of the corpus {root}; only files below it are read."
                )
            record = store.record(span.name)
            if record is None or record["source"] != file_stamp(path):
                jobs[span] = partial(_extract_clip, path, span, str(url), extractor)
        with tqdm(
            total=len(jobs), desc=f"extract {extractor.name}", unit="clip", disable=not progress
        ) as bar:
            for _ in _run(jobs, scheduler, workers):
                bar.update()
    return store


def _extract_clip(path: Path, span: Span, url: str, extractor: Extractor) -> None:
    """Extract one clip, on a worker anywhere."""
    where = span[1:] if getattr(extractor, "spans", False) else ()
    store = FeatureStore(url, extractor)
    source = file_stamp(path)  # as it was before: a file that changes meanwhile is stale
    with explain_os_errors(store.url):
        try:
            outcome = Extraction(*extractor(path, *where))
        except MediaError as error:
            outcome = error.reason
        except OSError as error:
            if is_full(error):
                raise
            raise TellsError(
                f"{path}: {error.strerror}; mend that, and start the same command again: what "
                "was finished is kept."
            ) from error
        store.write(span.name, outcome, source)


def _run(
    jobs: dict[Span, Callable[[], None]], scheduler: str | None, workers: int | None
) -> Iterator[None]:
    """Run the jobs and yield once for each that is finished."""
    if not jobs:
        return
    if scheduler is None and workers == 0:
        for job in jobs.values():
            yield job()
        return
    # Here, because Dask takes two seconds to import, and features are read without it.
    from dask.distributed import KilledWorker, as_completed

    with _client(scheduler, min(workers or os.cpu_count() or 1, len(jobs))) as client:
        futures = {client.submit(job, pure=False): span.file for span, job in jobs.items()}
        for future in as_completed(list(futures)):
            try:
                future.result()
            except KilledWorker as error:
                raise TellsError(
                    f"The process that worked on {futures[future]} died several times; leave "
                    "out that file, or take fewer workers if memory is short."
                ) from error
            future.release()
            yield


@contextmanager
def _client(scheduler: str | None, workers: int) -> Iterator[Client]:
    """A client of that scheduler, or of new workers on this machine."""
    from dask.distributed import Client, LocalCluster

    if scheduler is None:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",  # any free port: another extraction may run beside
            memory_limit=None,
            silence_logs="ERROR",
        )
        with cluster, Client(cluster) as client:
            yield client
        return
    client = None
    with suppress(OSError, ValueError):
        client = Client(scheduler, timeout=5)
    if client is None:
        # The client that failed is part of a cycle. Collected later, while another one starts,
        # it would wait for a lock that its own thread holds.
        gc.collect()
        raise TellsError(
            f"scheduler must be the address of a running Dask scheduler such as "
            f"tcp://host:8786; {scheduler!r} does not answer."
        )
    with client:
        yield client
