"""The command line, `tells`: from `doctor`, which looks at the machine, to `compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from tells.errors import TellsError

if TYPE_CHECKING:
    import pandas as pd

SENTENCE = 2  # exit status of bad input, as of a wrong option


class _Sentences(TyperGroup):
    """A `TellsError` ends a command with its sentence, not with a traceback."""

    def invoke(self, ctx: typer.Context) -> object:
        try:
            return super().invoke(ctx)
        except TellsError as error:
            print(f"tells: {error}", file=sys.stderr)
            raise typer.Exit(SENTENCE) from error


app = typer.Typer(
    cls=_Sentences, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
Corpus = Annotated[
    str,
    typer.Argument(
        help="iemocap, javanese, ravdess, cremad, emodb, dfdc, fakeavceleb, lavdf, ravdess-forged "
        "or dubbed"
    ),
]
Root = Annotated[Path, typer.Argument(help="the folder of the corpus")]
Options = Annotated[
    list[str] | None,
    typer.Option("-o", "--option", metavar="NAME=VALUE", help="of the corpus, as media=video"),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="value in YAML; repeatable"),
]
Preset = Annotated[str, typer.Option(help="parameters from notebooks/presets/NAME.yaml")]


@app.callback()
def main() -> None:
    """Deepfake detection through emotion recognition."""


@app.command()
def doctor(
    quiet: Annotated[bool, typer.Option("--quiet", help="say only what is not well")] = False,
) -> None:
    """Look whether this machine has what the chapters, the tests and the book will ask for."""
    from tells.doctor import examine

    failed = 0
    for check in examine():
        failed += check.state == "fail"
        if not (quiet and check.state == "ok"):
            print(f"{check.state:6}{check.subject:12}{check.said}", flush=True)
    if failed:
        raise typer.Exit(1)


@app.command()
def verify(corpus: Corpus, root: Root, option: Options = None) -> None:
    """Compare a corpus on disk with what it should hold, and say what to do about it."""
    from tells import corpora

    verification = corpora.verify(corpus, root, **_assignments(option or [], "-o"))
    print(verification.summary())
    if not verification.ok:
        raise typer.Exit(1)


@app.command()
def forge(
    source: Annotated[
        Path, typer.Argument(help="the folder of RAVDESS's speech; to dub, of the Javanese corpus")
    ],
    target: Annotated[Path, typer.Argument(help="a new folder, for the forged corpus")],
    method: Annotated[
        str,
        typer.Option(help="prosody: RAVDESS's voices changed; dub: Javanese faces, other takes"),
    ] = "prosody",
    seed: Annotated[int, typer.Option(help="of the choice of other emotions and takes")] = 0,
    workers: Annotated[
        int | None, typer.Option(help="processes on this machine; default: one for each core")
    ] = None,
) -> None:
    """Make fakes of emotion alone out of real recordings; start again to resume.

    prosody gives RAVDESS's voices a flat prosody, or that of another emotion. dub gives Javanese
    video clips the sound of other takes by the same actor saying the same sentence: of the same
    emotion, which is real, or of another, which is fake. Both are experiments of this project, not
    of the thesis.
    """
    from tells import corpora, forgery

    made = forgery.forge(source, target, method=method, seed=seed, workers=workers)
    print(f"{len(made.clips)} clips are in {made.root}.")
    for (label, method), clips in made.clips.groupby(["label", "method"], sort=False):
        level = clips["decibels"].mean()
        print(f"  {label} {method}: {len(clips)}, of {level:.1f} dB on average")
    for reason, n in corpora.count_exclusions(made.exclusions).items():
        print(f"  left out: {n} x {reason}")


@app.command()
def extract(
    corpus: Corpus,
    root: Root,
    features: Annotated[
        str, typer.Option(help="compare2016 or is10, descriptors of speech; or faces")
    ] = "compare2016",
    option: Options = None,
    half: Annotated[
        str | None, typer.Option(help="of a split screen, for faces: left or right")
    ] = None,
    store: Annotated[str, typer.Option(help="folder or fsspec address")] = "build/features",
    scheduler: Annotated[
        str | None, typer.Option(help="address of a running Dask scheduler")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="processes on this machine; default: one for each core")
    ] = None,
) -> None:
    """Extract the descriptors or the faces of a corpus; start again to resume."""
    from tells import corpora
    from tells.features import Faces, LLDs
    from tells.features import extract as extract_features

    extractor = Faces(half=half) if features == "faces" else LLDs(features)
    loaded = corpora.load(corpus, root, **_assignments(option or [], "-o"))
    stored = extract_features(
        loaded.root, loaded.table.index, extractor, store, scheduler=scheduler, workers=workers
    )
    table, failed = stored.with_durations(loaded.table)
    print(f"{len(table)} clips have features in {stored.url}.")
    for label, left_out in (("left out by the corpus", loaded.exclusions), ("failed", failed)):
        for reason, n in corpora.count_exclusions(left_out).items():
            print(f"  {label}: {n} x {reason}")


@app.command()
def run(
    chapter: Annotated[str, typer.Argument(help="name of a chapter or its beginning, as 05_3_2")],
    parameter: Parameters = None,
    preset: Preset = "demo",
    again: Annotated[
        bool, typer.Option("--again", help="execute it even if that was done already")
    ] = False,
    html: Annotated[bool, typer.Option(help="also write a page of its own")] = True,
    progress: Annotated[bool, typer.Option(help="show a bar of the cells")] = True,
) -> None:
    """Execute one chapter, unless this question was answered already, and say where it lies."""
    from tells.chapters import runner

    found, values = _asked(chapter, parameter, preset)
    done = runner.execute(found, values, again=again, progress=progress)
    print(done.notebook)
    for path in sorted((done.folder / "records").glob("*.json")):
        print(path)
    if html:
        print(runner.write_page(done))


@app.command()
def book(
    parameter: Parameters = None,
    preset: Preset = "demo",
    scheduler: Annotated[
        str | None, typer.Option(help="address of a running Dask scheduler")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="chapters at a time on this machine; default: one a core")
    ] = None,
) -> None:
    """Execute every chapter that is out of date, several at once, and render the book."""
    from tells import chapters
    from tells.chapters import runner

    given = chapters.from_here(_assignments(parameter or [], "-p"))
    runs = runner.make_all(preset, given, scheduler=scheduler, jobs=jobs)
    print(f"The book: {runner.render(runs, chapters.HOME / 'build' / preset / 'book')}")


@app.command()
def study(
    chapter: Annotated[str, typer.Argument(help="name of a chapter or its beginning, as 05_3_2")],
    parameter: Parameters = None,
    preset: Preset = "demo",
    seeds: Annotated[int, typer.Option(help="how many, from the parameter seed on")] = 3,
    folds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A,B",
            help="tested together; repeatable; default: all, by as many as the preset's",
        ),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="address of a running Dask scheduler")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="runs at a time on this machine; default: one a core")
    ] = None,
) -> None:
    """Run a chapter for every test fold in turn, with several seeds, and pool the scores."""
    from tells.chapters.study import make_study

    found, values = _asked(chapter, parameter, preset)
    groups = [group.split(",") for group in folds or []]
    for path in make_study(
        found, values, seeds=seeds, folds=groups, scheduler=scheduler, jobs=jobs
    ):
        print(path)


@app.command()
def report(
    record: Annotated[Path, typer.Argument(help="the JSON of a record; its scores lie beside it")],
    output: Annotated[
        Path | None, typer.Option(help="folder of the page; default: build/report/EXPERIMENT")
    ] = None,
) -> None:
    """Draw a record's figures again and print its metrics, without any media."""
    from tells.report import write_report

    done = write_report(record, output or Path("build", "report", record.stem))
    print(done.metrics.to_string(index=False, float_format="{:.3f}".format))
    print(done.page)


@app.command()
def publish(
    run: Annotated[
        Path, typer.Argument(help="the folder of a run or a study, or the JSON of one record")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="take the place of the record that is there")
    ] = False,
) -> None:
    """Put a run's records of people among the evidence, `data/results`, which no chapter writes."""
    from tells import results

    for path in results.publish(run, replace=replace):
        print(path)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="the JSON of a record")],
    second: Annotated[Path, typer.Argument(metavar="B", help="the JSON of another")],
    html: Annotated[
        Path | None, typer.Option(help="also write a page, which needs no other")
    ] = None,
) -> None:
    """Compare two records: what was done differently, and what came of it."""
    from tells import results

    found = results.compare(first, second)
    for line in [*found.names(), *found.notes]:
        print(line)
    _print_table(found.table(), "Metrics, with 95 % intervals")
    if len(found.settings):
        _print_table(found.settings, "What was done differently")
    if html:
        from tells.report import write_comparison

        print(write_comparison(found, html))


@app.command()
def fetch_detector(
    wheel: Annotated[Path, typer.Argument(help="the wheel of mediapipe 0.10.21")],
    out: Annotated[Path | None, typer.Argument(help="where the file goes")] = None,
) -> None:
    """Take the file of the face detector out of the wheel that holds it, and check it."""
    from tells.features import faces

    print(faces.unpack_model(wheel, out or faces.MODEL))


def _asked(chapter: str, parameter: list[str] | None, preset: str) -> tuple[Any, dict[str, Any]]:
    """A chapter, and the parameters that it is to be run with."""
    from tells import chapters

    found = chapters.find(chapter)
    given = _assignments(parameter or [], "-p")
    if "preset" in found.parameters():
        given |= {"preset": preset}
    return found, chapters.resolve(found, chapters.from_here(given), chapters.preset(preset))


def _print_table(table: pd.DataFrame, title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=f"\n{title}", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in table.columns:
        drawn.add_column(name, overflow="fold")
    for row in table.itertuples(index=False):
        drawn.add_row(*map(escape, row))
    Console().print(drawn)


def _assignments(texts: list[str], flag: str) -> dict[str, Any]:
    from tells import chapters

    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            example = {"-p": "seed=1", "-o": "media=video"}[flag]
            raise TellsError(f"{flag} takes NAME=VALUE, as {flag} {example}; got {text!r}.")
        values[name] = chapters.parse(value, f"{flag} {name}")
    return values


if __name__ == "__main__":
    app()
