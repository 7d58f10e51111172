"""One rule says what a scanner may be called."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NO_NAMES
from vra_tui.store.scanners import MAX_NAME, ScannerNameError, fault_of, scanner_called
from vra_tui.text import printable


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_a_name_that_cannot_be_told_from_another_is_refused(name):
    with pytest.raises(ScannerNameError, match="--scanner"):
        scanner_called(name, "--scanner")


@pytest.mark.parametrize("name", ["zoe", "Zoë", "von der Höhe", "李", "o'neil", "a.b@c", "z" * MAX_NAME])
def test_names_of_people_are_taken_as_they_are(name):
    assert scanner_called(name, "--scanner") == name


def test_two_spellings_of_one_name_are_one_scanner():
    assert scanner_called(unicodedata.normalize("NFD", " Zoë "), "--scanner") == "Zoë"


@given(st.text(max_size=120))
def test_a_name_that_is_taken_is_seen_as_it_is_written_and_stays_so(name):
    if fault_of(name) is None:
        assert printable(name, MAX_NAME) == name
        assert fault_of(scanner_called(name, "--scanner")) is None
