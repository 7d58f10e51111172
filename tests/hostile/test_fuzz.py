"""Responses changed at random go in or are refused, are scored and shown; none ends the program."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import api_object, forced, quad, tns_report
from tests.harness.fuzz import Fuzz, responses
from tests.hostile.mutate import VALUES
from vra_tui.domain.alert import Alert, Refused
from vra_tui.scoring.model.library import shipped_default
from vra_tui.scoring.model.trained import load_model
from vra_tui.sources.files import read_stream
from vra_tui.sources.reading import Reading
from vra_tui.surveys.atlas import Atlas
from vra_tui.surveys.base import Packet

pytestmark = pytest.mark.slow


TEMPLATES = [
    api_object(tns_crossmatches=[tns_report()], fp=[forced(-0.5)]),
    api_object(lc=quad(0) + quad(1) + quad(4)),
]


def test_fuzzed_responses_are_taken_in_scored_and_shown_without_a_crash(tmp_path):
    fuzz = Fuzz(tmp_path, load_model(shipped_default()))
    fuzz.take(list(responses(3, 150, TEMPLATES)))
    fuzz.list_all()
    assert not fuzz.crashes
    assert fuzz.intake.new > 40
    assert fuzz.intake.refused > 40
    fuzz.connection.close()


_LEAVES = st.sampled_from(VALUES) | st.text(max_size=20) | st.integers() | st.floats()
_ANYTHING = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_SECTIONS = sorted(TEMPLATES[0])


def assert_taken_or_refused(response):
    try:
        found = Atlas().alert(Packet("here", "object 1", response))
    except Refused as refusal:
        found = refusal
    assert isinstance(found, Alert) or 0 < len(str(found)) < 1_000


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_SECTIONS), _ANYTHING, min_size=1, max_size=3))
def test_a_section_may_be_anything_and_is_taken_or_refused(sections):
    assert_taken_or_refused({**TEMPLATES[0], **sections})


_KEYS = [
    (section, key)
    for section, rows in TEMPLATES[0].items()
    for row in (rows if isinstance(rows, list) else [rows])[:1]
    for key in row
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_KEYS), _ANYTHING)
def test_a_field_may_be_anything_and_is_taken_or_refused(place, value):
    section, key = place
    rows = TEMPLATES[0][section]
    changed = [{**rows[0], key: value}, *rows[1:]] if isinstance(rows, list) else {**rows, key: value}
    assert_taken_or_refused({**TEMPLATES[0], section: changed})


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:0123456789abc\\u\n ').map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    for found in read_stream(io.BytesIO(data), "here", Reading()):
        assert found.source == "here"
        assert isinstance(found, Packet) or found.reason
