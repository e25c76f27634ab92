"""Map an extractor over the files of a corpus, on this machine or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dask.distributed import Client, KilledWorker, LocalCluster, as_completed
from tqdm.auto import tqdm

from tells.errors import TellsError
from tells.store.features import Extractor, FeatureStore, disk_full_is_said, source_of


@dataclass(frozen=True)
class _Job:
    """One clip to extract; small and picklable, for a worker anywhere."""

    root: Path
    file: str
    url: str
    extractor: Extractor

    def __call__(self) -> None:
        path = self.root / self.file
        store = FeatureStore(self.url, self.extractor)
        with disk_full_is_said(store.url):
            try:
                features, seconds = self.extractor(path)
            except TellsError as error:
                reason = getattr(error, "reason", str(error))
                store.write_failure(self.file, reason, source_of(path))
            else:
                store.write(self.file, features, seconds, source_of(path))


def extract(
    root: str | Path,
    files: Iterable[str],
    extractor: Extractor,
    url: str | Path,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> FeatureStore:
    """Extract the features of files that are not in the store yet.

    A clip is extracted again only if its file or the extractor's version changed; a file that
    cannot be used is recorded with its reason. Killed and started again, it goes on where it was.

    Args:
        root: the corpus.
        files: paths relative to `root`, as in the index of a corpus's table.
        extractor: for example `tells.speech.LLDs("compare2016")`.
        url: where the store is: a folder, or an address that fsspec knows.
        scheduler: address of a Dask scheduler (`tcp://host:8786`) whose workers see `root` and
            `url` under the same names; None starts workers on this machine.
        workers: processes on this machine; None takes one for each core, 0 works in this process.
        progress: show a bar with the time that is left.

    Returns:
        The store, in which each of `files` has features or a reason.

    Raises:
        TellsError: the root is missing, a path leaves it, the scheduler does not answer, a worker
            dies again and again, or the disk is full; what was finished stays.

    Chapter: 05_3_1_speech_experiment_1.
    """
    root = Path(root).resolve()
    if not root.is_dir():
        raise TellsError(f"root must be the folder of a corpus; {root} is not a folder.")
    if workers is not None and workers < 0:
        raise TellsError(f"workers must be 0 or more; got {workers}.")
    if "://" not in str(url):
        url = Path(url).resolve()  # a scheduler's workers may have another current folder
    store = FeatureStore(url, extractor)
    todo = [file for file in dict.fromkeys(files) if _is_stale(store, root, file)]
    jobs = [_Job(root, file, str(url), extractor) for file in todo]
    bar = tqdm(total=len(jobs), desc=f"extract {extractor.name}", unit="clip", disable=not progress)
    with bar:
        for _ in _run(jobs, scheduler, workers):
            bar.update()
    return store


def _is_stale(store: FeatureStore, root: Path, file: str) -> bool:
    if not (root / file).resolve().is_relative_to(root):
        raise TellsError(f"{file} leads out of the corpus {root}; only files below it are read.")
    record = store.record(file)
    return record is None or record["source"] != source_of(root / file)


def _run(jobs: list[_Job], scheduler: str | None, workers: int | None) -> Iterator[None]:
    """Run the jobs and yield once for each that is finished."""
    if not jobs:
        return
    if scheduler is None and workers == 0:
        for job in jobs:
            yield job()
        return
    with _client(scheduler, min(workers or os.cpu_count() or 1, len(jobs))) as client:
        futures = [client.submit(job, pure=False) for job in jobs]
        files = {future.key: job.file for future, job in zip(futures, jobs, strict=True)}
        for future in as_completed(futures):
            try:
                future.result()
            except KilledWorker as error:
                raise TellsError(
                    f"The process that worked on {files[future.key]} died several times; leave "
                    "out that file, or take fewer workers if memory is short."
                ) from error
            future.release()
            yield


@contextmanager
def _client(scheduler: str | None, workers: int) -> Iterator[Client]:
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=5)
        except (OSError, ValueError) as error:
            raise TellsError(
                f"scheduler must be the address of a running Dask scheduler such as "
                f"tcp://host:8786; {scheduler!r} does not answer."
            ) from error
        with client:
            yield client
        return
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",  # any free port: another extraction may run beside
        memory_limit=None,
        silence_logs="ERROR",
    )
    with cluster, Client(cluster) as client:
        yield client
