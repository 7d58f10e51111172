"""Alerts in a store, and what drafts know of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects
from vra_tui.export.drafts.at_report import AtReport, build
from vra_tui.export.drafts.facts import AlertFacts, gather
from vra_tui.pipeline.tns_target import survey_words
from vra_tui.store.finding import find_alert

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


@pytest.fixture
def made(facts) -> Callable[..., AtReport]:
    """The report of such an object."""
    return lambda number=0, **sections: build(facts(number, **sections), Reporting(), NOW)
