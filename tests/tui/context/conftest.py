"""Alerts with all that a context can tell, and their contexts as text."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tui.made import T0, an_alert, put
from vra_tui.domain.alert import Annotation, CatalogueMatch, ContextNote, TnsReport
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.connection import open_store
from vra_tui.store.curves import associated_curves, light_curve
from vra_tui.store.detail import alert_detail
from vra_tui.store.objects import number_of
from vra_tui.store.surroundings import surroundings
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.lines import alert_lines
from vra_tui.tui.spans import text_of

ZTF = "ZTF26aajcbhr"
HOST = CatalogueMatch(
    "sherlock", "NGC 3057", "SDSS/PS1", "SN", "galaxy", 6.0, -6.0, -0.3, z=0.0312, distance_mpc=136.9,
    major_axis_arcsec=12.0, extra={"field_r": 14.9, "field_g": 15.6},
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    """An empty store."""
    connection = open_store(tmp_path / "context.db")
    yield connection
    connection.close()


@pytest.fixture
def facts(store: Any) -> Callable[..., AlertFacts]:
    """Gives the facts of a ZTF alert that is said to be so."""

    def make(*, now: float | None = T0 + 2.0, others: Any = (), **said: Any) -> AlertFacts:
        put(store, an_alert("ztf", ZTF, **said), *others)
        number = number_of("ztf", ZTF)
        return AlertFacts(
            alert_detail(store, number),
            light_curve(store, number),
            CodeBook(instrument_names(store), band_names(store)),
            surroundings(store, number),
            now_mjd=now,
            clock_mjd=now,
            other_curves=associated_curves(store, number),
        )

    return make


def words(facts: AlertFacts, width: int = 65, height: int = 60) -> str:
    """The context of a pane of this size as text."""
    return "\n".join(text_of(line) for line in alert_lines(facts, width, height))


def section(facts: AlertFacts, label: str, width: int = 65, height: int = 60) -> str:
    """What stands under a label."""
    found, here = [], ""
    for line in alert_lines(facts, width, height):
        text = text_of(line)
        here = text[:9].strip() or here
        if here == label:
            found.append(text[9:])
    return "\n".join(found).strip()


def with_row(facts: AlertFacts, **values: Any) -> AlertFacts:
    """The same alert with other values in its row of the list."""
    return replace(facts, detail=replace(facts.detail, row=replace(facts.detail.row, **values)))


def history(topic: str, name: str, values: list[float]) -> list[Annotation]:
    """What a classifier said night by night."""
    return [
        Annotation(topic, name, numbers={name: value, "other": 1.0 - value}, mjd=T0 + night)
        for night, value in enumerate(values)
    ]


#: Text of strangers that would move the cursor, hide what follows, or name a window.
HOSTILE = "\x1b[2J\x1b]0;x\x07<b>bad</b>\u202e"
HOSTILE_ALERT = {
    "matches": (
        replace(HOST, catalogue_object_id=HOSTILE, catalogue=HOSTILE, association_type=None),
        replace(HOST, north_arcsec=50.0, catalogue_object_id=HOSTILE, object_type=HOSTILE),
    ),
    "context": ContextNote(HOSTILE, HOSTILE, HOSTILE),
    "context_class": HOSTILE,
    "tns": (TnsReport(HOSTILE, type=HOSTILE, discoverer=HOSTILE),),
    "annotations": (Annotation(HOSTILE, HOSTILE, explanation=HOSTILE, numbers={HOSTILE: 0.5}),),
    "comments": HOSTILE,
    "trend_text": HOSTILE,
    "name": HOSTILE,
    "other_name": HOSTILE,
}  # fmt: skip
