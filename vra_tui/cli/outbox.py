"""`vra outbox`: what is to leave: looking at it, letting it leave, sending it, or not."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, open_existing, print_json, say, scanner_name
from vra_tui.cli.outbox_choice import Choice, check_kinds, states_of
from vra_tui.cli.verbs import Verbs

if TYPE_CHECKING:
    from vra_tui.config.reading import Config
    from vra_tui.store import Store
    from vra_tui.store.outbox import Item, State

app = typer.Typer(
    cls=Verbs, help="What is to leave: approve it, send it, see what came of it.", no_args_is_help=True
)
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="Items, by their ids or the ends of them.")
]
Kind = Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", help="Only of this kind.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


@app.command("list")
def list_items(
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="draft, approved, sending, accepted, refused or withdrawn."),
    ] = None,
    kind: Kind = None,
    alert: Annotated[
        str | None, typer.Option(metavar="ID", help="About this alert, by id, survey:id or name.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many, the latest; 0 for all.")] = 100,
    db: Db = None,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Print items, oldest first. Without --state: all but what was withdrawn."""
    from vra_tui.store import outbox
    from vra_tui.store.finding import find_object
    from vra_tui.store.outbox import State

    store = open_existing(db)
    check_kinds(store, kind)
    _renew(store, scanner)
    states = states_of(state) or [one for one in State if one is not State.WITHDRAWN]
    about = None if alert is None else find_object(store, alert)
    found = outbox.items(
        store, states=states, kinds=kind, alert_id=about, limit=limit or -1, is_latest_first=True
    )[::-1]
    if as_json:
        print_json([for_machines(store, one) for one in found])
        return
    if not found:
        say("There is nothing in the outbox that this asks for.")
        return
    _print(found)
    if len(found) == limit:
        say(f"The latest {limit} are shown; --limit 0 shows all.")


@app.command("show")
def show(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="An item's id, or the end of it.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Print one item: what leaves, and its history."""
    import json

    from vra_tui.store import outbox
    from vra_tui.text import printable

    store = open_existing(db)
    found = outbox.item(store, outbox.find_item(store, item_id))
    if as_json:
        print_json(for_machines(store, found))
        return
    typer.echo(f"{found.item_id}  {printable(found.kind)} to {printable(found.target)}: {found.state}")
    typer.echo(printable(found.subject))
    for name, value in (("decision", found.decision_id), ("rule", found.rule), ("follows", found.follows)):
        if value is not None:
            typer.echo(f"{name}: {printable(value)}")
    for line in json.dumps(found.content, indent=1, ensure_ascii=False).splitlines():
        typer.echo("  " + line[: len(line) - len(line.lstrip())] + printable(line))
    for one in found.history:
        answer = f": {printable(one.answer, 400)}" if one.answer else ""
        typer.echo(f"{one.at[:19].replace('T', ' ')}  {one.state:<9} {printable(one.by, 30)}{answer}")


@app.command("approve")
def approve(
    ids: Ids = None, kind: Kind = None, all_of: All = False, db: Db = None, scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Let drafts leave.

    These, or with --all every one (of a --kind). Reports to the TNS itself and AstroNotes stand in public for
    good, and leave only by their ids or kind.
    """
    from vra_tui.store import outbox
    from vra_tui.store.outbox import State

    change = _Change(outbox.approve, (State.DRAFT,), "approved", leaving=True)
    _change(change, Choice(ids, kind, all_of), db, scanner, as_json)


@app.command("drop")
def drop(
    ids: Ids = None, kind: Kind = None, all_of: All = False,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="With --all: approved or refused, not only drafts."),
    ] = None,
    even_sent: Annotated[
        bool, typer.Option("--even-sent", help="Also what may have arrived: nobody asks any more.")
    ] = False,
    db: Db = None, scanner: Scanner = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Let items not leave; they are kept as withdrawn.

    These, or with --all every draft (of a --kind, or in a --state in place of drafts).
    """
    from functools import partial

    from vra_tui.errors import VraError
    from vra_tui.store import outbox
    from vra_tui.store.outbox import State

    if state and not all_of:
        raise VraError("--state goes with --all. Nothing was changed.")
    withdraw = partial(outbox.withdraw, even_sent=even_sent)
    change = _Change(withdraw, states_of(state) or [State.DRAFT], "withdrawn")
    _change(change, Choice(ids, kind, all_of), db, scanner, as_json)


@app.command("retry")
def retry(
    ids: Ids = None, kind: Kind = None, all_of: All = False, db: Db = None, scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Try again what was refused, and now what rests.

    These, or with --all whatever was refused (of a --kind); reports to the TNS itself only by their ids or
    kind.
    """
    from vra_tui.store import outbox
    from vra_tui.store.outbox import State

    change = _Change(outbox.retry, (State.REFUSED,), "to be tried again", leaving=True)
    _change(change, Choice(ids, kind, all_of), db, scanner, as_json)


@app.command("send")
def send(
    ids: Ids = None,
    kind: Kind = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 for all.")] = 0,
    db: Db = None,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Send what is approved, the oldest first; drafts stay.

    Ends with 1 where something was refused or waits.
    """
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.outbox.running import opener_of
    from vra_tui.pipeline.outbox.sending import send_due
    from vra_tui.pipeline.sources import Keys, real_edges
    from vra_tui.store import outbox
    from vra_tui.text import printable

    store, config, edges = open_existing(db), load_config(), real_edges()
    check_kinds(store, kind)
    _renew(store, scanner, config)
    chosen = [outbox.find_item(store, one) for one in ids] if ids else None
    resting = _resting(store, kind, chosen)
    came = send_due(
        store,
        opener_of(store, config, edges=edges, keys=Keys.beside(config)),
        edges=edges,
        clock=_now,
        kinds=kind,
        item_ids=chosen,
        limit=limit or -1,
    )
    came.waiting += len(resting)
    if as_json:
        print_json(vars(came))
    else:
        parts = [(came.accepted, "accepted"), (came.refused, "refused"), (came.waiting, "wait")]
        told = ", ".join(f"{count:,} {word}" for count, word in parts if count)
        typer.echo(told or "Nothing is due: `vra outbox list` shows what waits for approval.")
        for one in chosen or ():
            if (found := outbox.item(store, one)).state is outbox.State.DRAFT:
                say(f"{one[-12:]} is a draft: {printable(found.subject, 60)}. `vra outbox approve` it first.")
        for item in resting:
            until = f"{datetime.fromtimestamp(item.due_at or 0.0, UTC):%m-%d %H:%M:%S} UTC"
            say(
                f"{item.item_id[-12:]} rests until {until}; `vra outbox retry` tries it now: "
                f"{printable(item.answer, 200)}"
            )
        for target, fault in came.faults.items():
            say(f"Nothing more is sent to {printable(target, 40)} now: {printable(fault, 400)}")
        if came.refused:
            say("`vra outbox list --state refused` says why.")
    if came.refused or came.waiting or came.faults:
        raise typer.Exit(1)


def for_machines(store: "Store", item: "Item") -> dict[str, Any]:
    """An item as JSON has it; the store's numbers of alerts and the run that is sending stay inside."""
    from vra_tui.store.finding import called
    from vra_tui.store.objects import names_of

    kept = {key: value for key, value in vars(item).items() if key not in ("alert_ids", "owner", "history")}
    names = names_of(store, item.alert_ids)
    alerts = [called(*names[one]) for one in item.alert_ids]
    history = [vars(one) for one in item.history]
    return {**kept, "state": str(item.state), "alerts": alerts, **({"history": history} if history else {})}


@dataclass(frozen=True)
class _Change:
    """Something that is done to items: by which function, to those of which states, and in which words.

    ``leaving``: it lets them leave.
    """

    make: Callable[..., int]
    states: "Collection[State]"
    done: str
    leaving: bool = False


def _change(change: _Change, choice: Choice, db: Path | None, scanner: str | None, as_json: bool) -> None:
    """Change the items that are meant, and tell of them."""
    from vra_tui.store import outbox

    store = open_existing(db)
    choice.check(store)
    _renew(store, scanner)
    chosen = choice.items(store, change.states, leaving=change.leaving)
    changed = change.make(store, chosen.item_ids, by=scanner_name(scanner), now=_now())
    if as_json:
        print_json([for_machines(store, outbox.item(store, one)) for one in chosen.item_ids])
    else:
        typer.echo(f"{changed:,} {change.done}.")
    chosen.say_left()


def _resting(store: "Store", kinds: list[str] | None, chosen: list[str] | None) -> "list[Item]":
    """What may leave, but not before a time that has not come."""
    from vra_tui.store import outbox

    states, now = (outbox.State.APPROVED, outbox.State.SENDING), _now().timestamp()
    return [
        one
        for one in outbox.items(store, states=states, kinds=kinds)
        if one.due_at is not None and one.due_at > now and (chosen is None or one.item_id in chosen)
    ]


def _renew(store: "Store", scanner: str | None, config: "Config | None" = None) -> None:
    """Draft first what the rules ask for, so that what is shown is what is so, if the store can be written.

    A rule that is wrong is told, and keeps nobody from what is in the outbox already.
    """
    from vra_tui.config.reading import load_config
    from vra_tui.errors import VraError
    from vra_tui.pipeline.outbox.drafting import Rules, renew_drafts
    from vra_tui.pipeline.outbox.running import BY_RULE
    from vra_tui.text import printable

    if store.is_read_only:
        return
    try:
        rules = Rules.of(config or load_config())
    except VraError as error:
        say(f"No rule made anything: {printable(str(error), 400)}")
        rules = Rules((), {})
    drafted = renew_drafts(store, rules, by=BY_RULE, clock=_now)
    for rule, fault in (drafted.faults or {}).items():
        say(f"The rule {printable(rule, 40)} made nothing: {printable(fault, 400)}")


def _print(found: "list[Item]") -> None:
    from vra_tui.cli.output import print_table
    from vra_tui.text import printable

    print_table(
        ("made", "id", "state", "kind", "target", "what", "answer"),
        [
            (
                one.made_at[5:16].replace("T", " "),
                one.item_id[-12:],
                str(one.state),
                printable(one.kind, 20),
                printable(one.target, 20),
                printable(one.subject, 60),
                printable(one.answer, 80),
            )
            for one in found
        ],
    )


def _now() -> datetime:
    return datetime.now(UTC)
