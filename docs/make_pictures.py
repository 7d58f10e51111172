"""The pages' pictures of the screen, made by the real program in a pseudo-terminal.

`python docs/make_pictures.py [NAME…]` makes those whose names begin so, or all, in `docs/pictures/`.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyte
from driven_program import make_store, press, program, settle
from screen_svg import DARK, LIGHT, svg_of

from vra_tui.config.message_rules import MessageRule
from vra_tui.pipeline.message_text import message_content, subject
from vra_tui.store import Store, outbox, outbox_sending
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide
from vra_tui.store.listing import list_ids, list_rows
from vra_tui.store.outbox import Draft, State
from vra_tui.store.second_opinions import ASK
from vra_tui.store.viewing import tell_viewing

PICTURES = Path(__file__).parent / "pictures"
BEN = Author("ben", "valley")
#: Has the stamps of ZTF at its place, a host, a rise, and a rank.
BEST = "ATLAS24aafd"
#: Alerts of ZTF and LSST with stamps of their own: a supernova in its host, and a faint one.
ZTF, LSST = "ZTF24avzygxk", "lsst:160462003700000024"


@dataclass(frozen=True)
class Picture:
    """Keys that lead to what is shown, and what is done to the store before and while they are pressed."""

    name: str
    columns: int
    rows: int
    keys: str
    theme: str = "dark"
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    prepared: Callable[[Store], None] = lambda store: None
    meanwhile: Callable[[Store], AbstractContextManager[None]] = lambda store: nullcontext()


def _id_of(store: Store, name: str) -> int:
    return int(store.execute("SELECT alert_id FROM alerts WHERE name = ?", (name,)).fetchone()[0])


def _ben_votes(store: Store) -> None:
    now = datetime.now(UTC)
    with transaction(store):
        alert = _id_of(store, BEST)
        decide(store, alert, "attic", BEN, now, note="surely a dwarf nova", tags=[ASK])
        add_note(store, alert, "seen in outburst before", BEN, now)


def _things_leave(store: Store) -> None:
    """What a night leaves in the outbox: moves and scores for ATLAS, a message, an annotation, a draft."""
    rows = list_rows(store, list_ids(store, "extragalactic").tolist()[:6])
    begun = datetime.now(UTC) - timedelta(hours=3)

    def put(draft: Draft, minutes: int, is_approved: bool = False) -> str:
        at = begun + timedelta(minutes=minutes)
        return outbox.put(store, [draft], by="amy", now=at, is_approved=is_approved)[0]

    def sent(item_id: str, minutes: int, state: State, answer: str, rest: float | None = None) -> None:
        at = begun + timedelta(minutes=minutes)
        outbox_sending.begin(store, item_id, owner="run 1", now=at)
        outbox_sending.settle(store, item_id, state, answer, owner="run 1", now=at, due_at=rest)

    for number, row in enumerate(rows[:2]):
        content = {"object_id": row.object_id, "list": "good"}
        what = f"move {row.object_id} ({row.name}) to good"
        item = put(Draft("atlas.list", "atlas", what, content, row.object_id, (row.alert_id,)), number, True)
        sent(item, number + 1, State.ACCEPTED, "it stands in list 2")
    row = rows[2]
    content = {"object_id": row.object_id, "preal": 0.981, "pgal": 0.022, "pfast": 0.31, "rank": 8.91}
    what = f"scores of {row.object_id} ({row.name}): rank 8.91"
    item = put(Draft("atlas.scores", "atlas", what, content, row.object_id, (row.alert_id,)), 20, True)
    sent(item, 21, State.REFUSED, "it does not allow this to the account (HTTP 403): no permission")
    rule = MessageRule("fast", "fasttrack rank>8", ("team",), title="fast track above 8")
    told = message_content(rule, rows[:3], 5, lambda row: None)
    ids = [row.alert_id for row in rows[:5]]
    item = put(Draft("message", "team", subject(told), told, "fast", ids, rule="fast"), 60, True)
    sent(item, 61, State.SENDING, "it stopped answering in the middle", datetime.now(UTC).timestamp() + 180)
    for number, (row, to) in enumerate(zip(rows[3:5], ("attic", "followup"), strict=True)):
        what = f"move {row.object_id} ({row.name}) to {to}"
        content = {"object_id": row.object_id, "from": "eyeball", "list": to}
        put(Draft("atlas.list", "atlas", what, content, row.object_id, (row.alert_id,)), 90 + number)


@contextmanager
def _ben_looks(store: Store) -> Iterator[None]:
    for number, name in enumerate(("ATLAS24aahi", "ATLAS24aaho", "ATLAS24aafd")):
        who = (BEN, Author("cleo", "summit"))[number % 2]
        tell_viewing(store, f"{number}", who, _id_of(store, name), datetime.now(UTC))
    yield


@contextmanager
def _another_writes(store: Store) -> Iterator[None]:
    store.execute("BEGIN IMMEDIATE")
    yield
    store.execute("ROLLBACK")


def _go(name: str) -> str:
    return f"i {name} enter"


#: No file grows beyond some kilobytes: what a full disk does.
FULL = ("bash", "-c", 'ulimit -f 40; exec "$@"', "bash")

PICTURES_OF_SIZES = [
    Picture(f"{columns}x{rows}-{theme}", columns, rows, _go(BEST), theme)
    for columns, rows in ((120, 40), (80, 24), (200, 60), (60, 20), (44, 12))
    for theme in ("dark", "light")
]
PICTURES_OF_STATES = [
    Picture("marked", 120, 40, f"2 {_go('ATLAS24aaho')} space j space j space j"),
    Picture("others", 120, 40, _go("ATLAS24aahi"), meanwhile=_ben_looks),
    Picture("blind", 120, 40, f"5 {_go(BEST)}", environment={"VRA_SCREEN_BLIND": "1"}, prepared=_ben_votes),
    Picture("waiting", 120, 40, f"{_go(BEST)} g", meanwhile=_another_writes),
    Picture("not-saved", 120, 40, f"{_go(BEST)} g", prefix=FULL),
    Picture("empty", 120, 40, "4"),
    Picture("empty-80x24", 80, 24, "4"),
    Picture("no-stamps", 120, 40, _go("ATLAS24aaje")),
    Picture("help", 120, 40, "?"),
    Picture("filter-error", 120, 40, "/ rank>>7 enter"),
    Picture("filter", 120, 40, "/ survey:ztf enter"),
    Picture("pages", 120, 40, f"{_go(BEST)} W"),
    Picture("views", 120, 40, "V"),
    Picture("palette", 120, 40, "\x10"),
    Picture("stamps", 120, 40, f"{_go(ZTF)} Z"),
    Picture("stamps-80x24", 80, 24, f"{_go(ZTF)} Z"),
    Picture("stamps-lsst", 120, 40, f"{_go(LSST)} Z"),
    Picture("sheet", 120, 40, f"{_go(ZTF)} H"),
    Picture("neighbourhood", 120, 40, f"{_go(ZTF)} N"),
    Picture("neighbourhood-80x24", 80, 24, f"{_go(ZTF)} N"),
    Picture("curve", 120, 40, f"{_go(BEST)} F enter"),
    Picture("curve-80x24", 80, 24, f"{_go(BEST)} enter"),
    Picture("context", 80, 24, f"{_go(BEST)} M"),
    Picture("contrast", 120, 40, _go(BEST), "contrast"),
    Picture("terminal", 120, 40, _go(BEST), "terminal"),
    Picture("no-colour", 120, 40, _go(BEST), "terminal", {"NO_COLOR": "1"}),
    Picture("ascii", 80, 24, _go(BEST), environment={"VRA_CURVE_ASCII": "1"}),
    Picture("20x6", 20, 6, "j"),
    Picture("outbox", 120, 40, "Q j j", prepared=_things_leave),
    Picture("outbox-80x24", 80, 24, "Q", prepared=_things_leave),
    Picture("at-report", 120, 40, f"{_go(BEST)} @ j j j"),
]


def take(picture: Picture, store: Path) -> str:
    """Drive the program to where the picture is taken; the picture."""
    with closing(open_store(store, durable=False)) as hand:
        picture.prepared(hand)
        options = ["--theme", picture.theme]
        terminal = program(store, picture.columns, picture.rows, options, picture.environment, picture.prefix)
        *before, last = picture.keys.split()
        for key in before:
            press(terminal, key)
        with picture.meanwhile(hand):
            press(terminal, last)
            settle(terminal, 1.2)
        terminal.kill(15)
        screen = pyte.Screen(picture.columns, picture.rows)
        pyte.ByteStream(screen).feed(bytes(terminal.output))
        terminal.ended()
    return svg_of(screen, LIGHT if picture.theme == "light" else DARK)


def main() -> None:
    """Make the pictures that are named, or all."""
    names = tuple(sys.argv[1:]) or ("",)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.db"
        make_store(whole)
        for picture in (*PICTURES_OF_SIZES, *PICTURES_OF_STATES):
            if not picture.name.startswith(names):
                continue
            place = Path(folder) / picture.name
            place.mkdir()
            shutil.copy(whole, place / "sample.db")
            svg = take(picture, place / "sample.db")
            (PICTURES / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
            print(f"docs/pictures/{picture.name}.svg: {len(svg) // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
