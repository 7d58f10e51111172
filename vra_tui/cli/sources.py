"""`vra sources`: where alerts come from: how each is, adding one, testing them, what was refused."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say, store_path
from vra_tui.cli.verbs import Verbs

if TYPE_CHECKING:
    from vra_tui.pipeline.source_status import SourceStatus, TestedSource
    from vra_tui.sources.wires.base import SourceSettings
    from vra_tui.store import Store

app = typer.Typer(
    cls=Verbs, help="Where alerts come from: list, add, test; what was refused.", no_args_is_help=True
)

Names = Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="Names; default: all.")]


@app.command("list")
def list_sources(db: Db = None, as_json: AsJson = False) -> None:
    """Print how each source is: up or down, what came, calls left."""
    from vra_tui.cli.output import print_table
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.source_status import status_of_sources
    from vra_tui.pipeline.sources import Keys, chosen_sources, real_edges

    config = load_config()
    store = _store(db)
    found = status_of_sources(store, chosen_sources(config), edges=real_edges(), keys=Keys.beside(config))
    if as_json:
        print_json([_record(one) for one in found])
    elif not found:
        typer.echo("No source is configured: `vra sources add NAME --kind KIND` adds one.")
    else:
        print_table(
            ("source", "kind", "state", "packets", "refused", "calls left", "says"),
            [_row(one) for one in found],
            right=(3, 4, 5),
        )


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it.")],
    options: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="What its kind takes: survey=ztf, query.conditions=..."),
    ] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="lasair, fink, folder, ...")] = "",
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Put secrets into the system's keyring, not into a file.")
    ] = False,
) -> None:
    """Write a source into the configuration, and ask for its secrets. They are not shown."""
    from vra_tui.config.adding import add_source, options_of_words
    from vra_tui.config.reading import config_path, load_config
    from vra_tui.sources.wires.base import SourceError, SourceSettings
    from vra_tui.sources.wires.kinds import kinds

    if not kind:
        raise SourceError(f"Say of which kind it is, with --kind: {', '.join(kinds())}.")
    path = config_path()
    if name in load_config(path).alert_sources:
        raise SourceError(f"{path} has a [source.{name}] already. Nothing was written.")
    given = options_of_words(options or [])
    wanted = _checked(SourceSettings(name, kind, {k: v for k, v in given.items() if k != "account"}))
    add_source(path, name, kind, given)
    typer.echo(f"[source.{name}] stands in {path}.")
    _keep_secrets(name, _asked(name, wanted), path.parent / "credentials.toml", keyring)
    say(f"`vra sources test {name}` asks it whether it answers.")


@app.command("test")
def ask(names: Names = None, db: Db = None, as_json: AsJson = False) -> None:
    """Ask sources whether they answer, all at once. Who you are there and the calls left are told too."""
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.source_status import check_sources
    from vra_tui.pipeline.sources import Keys, chosen_sources, real_edges
    from vra_tui.store.connection import open_store

    config = load_config()
    sources = chosen_sources(config, names or ())
    _store(db).close()
    tested = check_sources(
        sources, lambda: open_store(store_path(db)), edges=real_edges(), keys=Keys.beside(config)
    )
    if as_json:
        print_json([_told(one) for one in tested])
    elif not tested:
        typer.echo("No source is configured: `vra sources add NAME --kind KIND` adds one.")
    else:
        for one in tested:
            typer.echo(_test_line(one))
    if any(one.answered is None for one in tested):
        raise typer.Exit(1)


@app.command("rejects")
def rejects(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Of this source or file alone.")
    ] = None,
    bytes_to: Annotated[
        Path | None,
        typer.Option("--bytes", metavar="FOLDER", help="Write the packets whose bytes were kept to files."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Take those packets in again, as after an update.")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Print what was refused: where, why, how often; the latest first."""
    from vra_tui.cli.output import print_table
    from vra_tui.store.refusals import refusals

    store = open_existing(db)
    if bytes_to is not None:
        _write_packets(store, source, bytes_to)
        return
    if again:
        _take_in_again(store, source, as_json)
        return
    found = refusals(store, source)
    if as_json:
        print_json([vars(one) for one in found])
    elif not found:
        typer.echo("Nothing was refused.")
    else:
        print_table(
            ("last", "source", "where", "object", "times", "why"),
            [
                (
                    one.rejected_at[:16],
                    one.source,
                    one.position,
                    one.object_id or "-",
                    str(one.times),
                    one.reason,
                )
                for one in found
            ],
            right=(4,),
        )


def _store(db: Path | None) -> "Store":
    """The store, made where it is new: sources may be looked at before anything came from them."""
    from vra_tui.store.connection import open_store

    return open_store(store_path(db), on_step=say)


def _record(one: "SourceStatus") -> dict[str, Any]:
    state = one.state
    return {
        "source": one.name,
        "kind": one.kind,
        "is_configured": one.is_configured,
        "is_up": None if state is None else state.is_up,
        "since": None if state is None else state.since,
        "seen_at": None if state is None else state.seen_at,
        "message": None if state is None else state.message,
        "packets": 0 if state is None else state.packets,
        "refused": 0 if state is None else state.refused,
        "calls_left": one.calls_left,
        "calls_an_hour": one.calls_an_hour,
        "fault": one.fault,
    }


def _row(one: "SourceStatus") -> tuple[str, ...]:
    state = one.state
    if one.fault:
        standing = "misconfigured"
    elif state is None:
        standing = "never asked"
    else:
        standing = f"{'up' if state.is_up else 'DOWN'} since {state.since[:16]}"
    says = one.fault or ("" if one.is_configured else "configured no more")
    if not says and state is not None and not state.is_up:
        says = state.message
    return (
        one.name,
        one.kind,
        standing,
        "-" if state is None else f"{state.packets:,}",
        "-" if state is None else f"{state.refused:,}",
        "-" if one.calls_left is None else f"{one.calls_left} of {one.calls_an_hour}",
        says,
    )


def _told(one: "TestedSource") -> dict[str, Any]:
    answered = one.answered
    return {
        "source": one.name,
        "kind": one.kind,
        "answers": answered is not None,
        "message": one.fault if answered is None else answered.message,
        "who": None if answered is None else answered.who,
        "calls_left": None if answered is None else answered.calls_left,
        "calls_an_hour": None if answered is None else answered.calls_an_hour,
    }


def _test_line(one: "TestedSource") -> str:
    from vra_tui.text import printable

    if one.answered is None:
        return printable(f"{one.name}: FAILED, {one.fault}")
    answered = one.answered
    who = f", as {answered.who}" if answered.who else ""
    left = (
        ""
        if answered.calls_left is None
        else f", {answered.calls_left} of {answered.calls_an_hour} calls left"
    )
    return printable(f"{one.name}: {answered.message}{who}{left}")


def _checked(settings: "SourceSettings") -> tuple[str, ...]:
    """The secrets that a source needs. Raises SourceError where its options cannot be used."""
    from pydantic import SecretStr

    from vra_tui.pipeline.sources import real_edges
    from vra_tui.sources.wires.base import Tools
    from vra_tui.sources.wires.budget import unlimited
    from vra_tui.sources.wires.kinds import open_wire

    # What is missing is asked for later: here only the options are looked at.
    tools = Tools(real_edges(), lambda word: SecretStr("none"), lambda an_hour: unlimited())
    wire = open_wire(settings, tools)
    wire.close()
    return tuple(wire.secrets)


def _asked(name: str, words: tuple[str, ...]) -> dict[str, str]:
    """The secrets by word: asked for without echo at a terminal, else a line each of standard input."""
    from getpass import getpass

    found = {}
    for word in words:
        text = getpass(f"{word} of {name} (empty: none): ") if sys.stdin.isatty() else sys.stdin.readline()
        if text.strip():
            found[word] = text.strip()
    return found


def _keep_secrets(name: str, secrets: dict[str, str], file: Path, in_keyring: bool) -> None:
    from vra_tui.config.adding import add_secrets
    from vra_tui.sources.wires.credentials import keep_in_keyring

    if not secrets:
        return
    if in_keyring:
        for word, secret in secrets.items():
            keep_in_keyring(name, word, secret)
        typer.echo("Its secrets are in the keyring.")
    else:
        add_secrets(file, name, secrets)
        typer.echo(f"Its secrets stand in {file}, which only you can read.")


def _write_packets(store: "Store", source: str | None, folder: Path) -> None:
    from vra_tui.pipeline.rejects import write_rejected

    written = write_rejected(store, source, folder)
    for path in written:
        typer.echo(path)
    say(f"{len(written)} packets written to {folder}." if written else "No bytes were kept.")


def _take_in_again(store: "Store", source: str | None, as_json: bool) -> None:
    from datetime import UTC, datetime

    from vra_tui.cli.data import in_words, record_of
    from vra_tui.cli.refusal_report import RefusalReport
    from vra_tui.pipeline.rejects import take_in_again

    report = RefusalReport(say)
    intake = take_in_again(store, source, clock=lambda: datetime.now(UTC), on_refusal=report)
    report.close()
    if as_json:
        print_json(record_of(intake))
    else:
        typer.echo(in_words(intake))
    if intake.new or intake.extended:
        say("`vra score` ranks what is new.")
    if intake.refused:
        raise typer.Exit(1)
