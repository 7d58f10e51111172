"""Alerts in a store, and what drafts know of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, quad
from vra_tui.domain.tns_objects import TnsObject, TnsObjects
from vra_tui.export.drafts.at_report import AtReport, build
from vra_tui.export.drafts.facts import AlertFacts, gather
from vra_tui.pipeline.tns_target import survey_words
from vra_tui.store.connection import open_store
from vra_tui.store.finding import find_alert
from vra_tui.store.tns_objects import put_tns_objects

#: Two days after the made-up objects' t0.
NOW = datetime(2023, 2, 28, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reporting:
    """A configuration, as the section [tns] gives it."""

    reporter: str = "A. Nother, B. Else (QUB)"
    reporting_group: float = 111.0
    data_source: float = 0.0
    internal_name: str = ""
    observer: str = "Robot"
    remarks: str = ""
    proprietary_days: float = 0.0
    proprietary_groups: str = ""
    points: float = 10.0


@pytest.fixture
def facts(store, clock) -> Callable[..., AlertFacts]:
    """What drafts know of an ATLAS object; sections as `factories.api_object` takes them."""

    def facts(number: int = 0, **sections: Any) -> AlertFacts:
        # The server's own designations have letters alone.
        header = {"atlas_designation": f"ATLAS23ab{'cdefghijklmno'[number]}", **sections.pop("header", {})}
        ingest_objects(store, [api_object(number, header=header, **sections)], clock)
        return gather(store, find_alert(store, f"atlas:{FIRST_ID + number}"), survey_words)

    return facts


@pytest.fixture(scope="session")
def sound_facts(tmp_path_factory) -> AlertFacts:
    """An object against which nothing speaks, seen in two nights; read once for many tests."""
    store = open_store(tmp_path_factory.mktemp("sound") / "vra.db", durable=False)
    put_tns_objects(store, TnsObjects((TnsObject(8, "2023xyz", "AT", 150.1, 30.0),)))
    header = {"atlas_designation": "ATLAS23abc"}
    ingest_objects(store, [api_object(lc=[*quad(0), *quad(1)], header=header)], Clock(NOW))
    found = gather(store, find_alert(store, f"atlas:{FIRST_ID}"), survey_words)
    store.close()
    return found


@pytest.fixture
def sound(sound_facts) -> AtReport:
    """Its report."""
    return build(sound_facts, Reporting(), NOW)


@pytest.fixture
def made(facts) -> Callable[..., AtReport]:
    """The report of such an object."""
    return lambda number=0, **sections: build(facts(number, **sections), Reporting(), NOW)
