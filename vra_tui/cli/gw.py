"""`vra gw`: sky maps of gravitational-wave events, and the alerts that lie on them."""

import random
import re
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say
from vra_tui.cli.verbs import Verbs
from vra_tui.errors import VraError

if TYPE_CHECKING:
    from vra_tui.config.options import GwOptions
    from vra_tui.pipeline.sky_maps import Added, MapWindow
    from vra_tui.sources.sky_maps import MapNotice
    from vra_tui.store import Store
    from vra_tui.store.sky_maps import MapPlace, StoredMap

app = typer.Typer(cls=Verbs, help="Sky maps of gravitational-wave events, and the alerts on them.")

_STDIN = "-"
_EventName = Annotated[str, typer.Argument(metavar="EVENT", help="The event, as `vra gw list` names it.")]


class MapError(VraError):
    """A sky map that cannot be taken in, or an event that the store does not know."""


@app.command("add")
def add(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|SUPEREVENT",
            help="Sky maps (FITS), alerts (JSON), - for stdin, or ids such as S231129ac, asked of GraceDB.",
        ),
    ],
    db: Db = None,
    mjd: Annotated[
        float | None, typer.Option(help="When the event was (MJD, UTC), where its map does not say.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in the map of an event, or its retraction. The alerts are placed on it."""
    from vra_tui.config.reading import load_config
    from vra_tui.domain.alert import Refused
    from vra_tui.pipeline.sky_maps import MapWindow, add_notice
    from vra_tui.sources.wires.base import WireFault
    from vra_tui.text import printable

    options = load_config().gw()
    window = MapWindow.of(options)
    store = open_existing(db)
    done, refused = list[Any](), 0
    for one in what:
        try:
            notice = _notice(one, options)
            notice = notice if mjd is None else replace(notice, event_mjd=mjd)
            done.append((notice, add_notice(store, notice, lambda: datetime.now(UTC), window, is_anew=True)))
        except (Refused, WireFault) as error:
            refused += 1
            say(f"{printable(one, 200)}: {printable(str(error))}{'' if str(error).endswith('.') else '.'}")
    if as_json:
        print_json([vars(added) for _, added in done])
    else:
        for notice, added in done:
            typer.echo(_added(notice, added, window))
    if refused:
        raise typer.Exit(1)


def _notice(what: str, options: "GwOptions") -> "MapNotice":
    """What a file, standard input or GraceDB tells. Raises Refused, WireFault and MapError."""
    from vra_tui.sources.sky_maps import MOST_BYTES, read_notice
    from vra_tui.sources.wires.base import Edges
    from vra_tui.sources.wires.gracedb import SUPEREVENT, newest_notice

    if what == _STDIN:
        return read_notice(sys.stdin.buffer.read(MOST_BYTES), "standard input")
    path = Path(what)
    if path.is_file():
        return read_notice(path.read_bytes(), path.name)
    if SUPEREVENT.fullmatch(what):
        return newest_notice(options.server, what, Edges(time.time, time.sleep, random.random))
    hint = " A name like GW170817 is none: take the id of its superevent." if re.match("GW", what) else ""
    raise MapError(f"`{what}` is neither a file nor a superevent's id such as S231129ac.{hint}")


def _added(notice: "MapNotice", added: "Added", window: "MapWindow") -> str:
    from vra_tui.domain.event_words import kind_words
    from vra_tui.text import printable

    name = printable(added.event, 40)
    version = "says nothing new"
    if added.version is not None:
        version = f"version {added.version} ({kind_words(notice.about, notice.is_retracted)})"
    if added.counting != added.version:
        version += f"; version {added.counting} counts"
    if added.is_retracted:
        return f"{name}, {version}: it is retracted, no alert is on its map any more"
    return (
        f"{name}, {version}: {window.level:.0%} of it within {added.area:,.1f} square degrees; "
        f"{added.alerts:,} alerts of its time, {added.within:,} of them there"
    )


@app.command("list")
def list_events(db: Db = None, as_json: AsJson = False) -> None:
    """Print the events whose maps the store holds, the latest first."""
    from vra_tui.store.sky_maps import count_places, newest_maps

    store = open_existing(db)
    events, counts = newest_maps(store), count_places(store)
    if as_json:
        print_json([_event_record(one, counts.get(one.event, (0, 0))) for one in events])
    elif events:
        _print_events(events, counts)
    else:
        say("There are no sky maps yet: `vra gw add FILE` or `vra gw add S231129ac` takes one in.")


def _event_record(one: "StoredMap", count: tuple[int, int]) -> dict[str, Any]:
    return {
        "event": one.event, "version": one.version, "event_mjd": one.event_mjd, "added_at": one.added_at,
        "is_retracted": one.is_retracted, "alerts": count[0], "within": count[1], "about": one.about,
    }  # fmt: skip


def _print_events(events: "list[StoredMap]", counts: dict[str, tuple[int, int]]) -> None:
    from vra_tui.cli.output import TableColumn, print_columns
    from vra_tui.domain.event_words import class_words, kind_words
    from vra_tui.domain.times import date_of_mjd
    from vra_tui.text import printable

    found = [counts.get(one.event, (0, 0)) for one in events]
    print_columns(
        [
            TableColumn("event", [printable(one.event, 40) for one in events], 9),
            TableColumn("version", [str(one.version) for one in events], 3, is_right=True),
            TableColumn("kind", [kind_words(one.about, one.is_retracted) for one in events], 6),
            TableColumn("date", [str(date_of_mjd(one.event_mjd)) for one in events], 5),
            TableColumn("MJD", [f"{one.event_mjd:.5f}" for one in events], 4),
            TableColumn("alerts", [f"{count:,}" for count, _ in found], 2, is_right=True),
            TableColumn("within", [f"{within:,}" for _, within in found], 7, is_right=True),
            TableColumn("what", [class_words(one.about) for one in events], 8),
        ]
    )


@app.command("show")
def show(
    event: _EventName,
    db: Db = None,
    level: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Up to this credible level; else as configured.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the alerts on the map of an event, the most credible first."""
    from vra_tui.config.reading import load_config
    from vra_tui.store.listing import list_rows
    from vra_tui.store.sky_maps import newest_maps, places_on

    store = open_existing(db)
    found = _event(event, newest_maps(store))
    upto = load_config().gw().level if level is None else level
    places = places_on(store, found.event, upto, limit)
    rows = list_rows(store, [alert_id for alert_id, _ in places])
    by_id = dict(places)
    pairs = [(row, by_id[row.alert_id]) for row in rows]
    if as_json:
        print_json([_place_record(row, place) for row, place in pairs])
        return
    typer.echo(_heading(store, found))
    if pairs:
        _print_places(pairs)
    elif not found.is_retracted:
        say(f"No alert of its time lies within {upto:.0%} of it.")


def _event(name: str, known: "list[StoredMap]") -> "StoredMap":
    for one in known:
        if one.event.lower() == name.lower():
            return one
    there = f"It holds {', '.join(one.event for one in known[:8])}." if known else "It holds none yet."
    raise MapError(f"The store holds no sky map of `{name}`. {there}")


def _heading(store: "Store", one: "StoredMap") -> str:
    from vra_tui.domain.event_words import class_words, kind_words
    from vra_tui.domain.sky_map import area_within
    from vra_tui.sources.sky_maps import read_map
    from vra_tui.store.sky_maps import map_of
    from vra_tui.text import printable

    parts = [
        printable(one.event, 40), f"{kind_words(one.about, one.is_retracted)}, version {one.version}",
        f"MJD {one.event_mjd:.5f}", class_words(one.about),
    ]  # fmt: skip
    content = map_of(store, one.event)
    if content is not None:
        found = read_map(content)
        areas = (f"{level:.0%} in {area_within(found, level):,.1f}" for level in (0.5, 0.9))
        parts.append(", ".join(areas) + " square degrees")
    return "  ".join(filter(None, parts))


def _place_record(row: Any, place: "MapPlace") -> dict[str, Any]:
    return {
        "event": place.event, "survey": row.survey, "object_id": row.object_id, "name": row.name,
        "ra": row.ra, "dec": row.dec, "rank": row.rank, "list": row.list, "level": place.level,
        "density": place.density, "distance_mpc": place.distance_mpc,
        "distance_sigma_mpc": place.distance_sigma_mpc, "days": place.days, "host_sigma": place.host_sigma,
    }  # fmt: skip


def _print_places(pairs: list[tuple[Any, "MapPlace"]]) -> None:
    from vra_tui.cli.output import TableColumn, number, print_columns
    from vra_tui.domain.event_words import distance_words, host_words
    from vra_tui.store.finding import called
    from vra_tui.text import printable

    def words(place: "MapPlace") -> str:
        return distance_words(place.distance_mpc, place.distance_sigma_mpc) or "-"

    print_columns(
        [
            TableColumn("level", [f"{100 * place.level:.2f} %" for _, place in pairs], 9, is_right=True),
            TableColumn("alert", [called(row.survey, row.object_id) for row, _ in pairs], 9, is_dim=True),
            TableColumn("name", [printable(row.name or row.other_name, 16) for row, _ in pairs], 6),
            TableColumn("rank", [number(row.rank) for row, _ in pairs], 8, is_right=True),
            TableColumn("t0 after", [f"{place.days:+.2f} d" for _, place in pairs], 7, is_right=True),
            TableColumn("per deg²", [f"{place.density:.2e}" for _, place in pairs], 2, is_right=True),
            TableColumn("event there", [words(place) for _, place in pairs], 5, is_right=True),
            TableColumn("host", [host_words(place.host_sigma) or "-" for _, place in pairs], 6),
            TableColumn("mag", [number(row.last_mag) for row, _ in pairs], 4, is_right=True),
            TableColumn("list", [row.list or "unscored" for row, _ in pairs], 7),
        ]
    )
