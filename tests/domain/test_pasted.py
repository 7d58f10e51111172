"""What people paste is taken apart into what may be a name, and into a position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.pasted import names_in, position_in, tns_spellings, unquoted

ADDRESSES = {
    "https://psweb.mp.qub.ac.uk/sne/atlas4/candidate/1161600211221654900/": "1161600211221654900",
    "https://star.pst.qub.ac.uk/sne/atlas4/candidate/1161600211221654900": "1161600211221654900",
    "https://lasair-ztf.lsst.ac.uk/objects/ZTF18aabeyio/": "ZTF18aabeyio",
    "https://lasair.lsst.ac.uk/objects/313853517191479345/": "313853517191479345",
    "https://www.wis-tns.org/object/2024moo": "2024moo",
    "https://www.wis-tns.org/object/2024moo/discovery-cert": "2024moo",
    "https://www.wis-tns.org/search?&name=2024moo": "2024moo",
    "https://alerce.online/object/ZTF18aabeyio": "ZTF18aabeyio",
    "https://alerce.online/?oid=ZTF18aabeyio&selectedClassifier=lc": "ZTF18aabeyio",
    "https://lsst.alerce.online/object/313853517191479345": "313853517191479345",
    "https://ztf.fink-portal.org/ZTF18aabeyio": "ZTF18aabeyio",
    "fink-portal.org/ZTF18aabeyio": "ZTF18aabeyio",
    "www.wis-tns.org/object/2024moo": "2024moo",
    "https://example.org/SN%201987A": "SN 1987A",
}


@pytest.mark.parametrize(("address", "name"), ADDRESSES.items())
def test_the_address_of_a_page_names_its_object(address, name):
    for written in (address, f" <{address}> ", f'"{address}"', f"({address}),"):
        assert names_in(written)[0] == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("AT2024moo", "AT2024moo"),
        ("AT 2024moo (ZTF24aaaaaaa)", "AT 2024moo"),
        ("AT2024moo / ZTF24aaaaaaa", "ZTF24aaaaaaa"),
        ('{"objectId": "ZTF24aaaaaaa", "candid": 1}', "ZTF24aaaaaaa"),
        ("please look at SN_2024moo, it is bright", "SN_2024moo"),
        ("diaObjectId=313853517191479345", "313853517191479345"),
        ("LSST-313853517191479345", "313853517191479345"),
    ],
)
def test_a_name_is_found_among_other_words(text, name):
    assert name in names_in(text)


@pytest.mark.parametrize(
    "text", ["2024moo", "AT2024moo", "SN 2024moo", "at_2024MOO", "24moo", "AT24moo", "SN-2024moo"]
)
def test_a_designation_in_any_spelling_is_the_same(text):
    assert {one.casefold() for one in tns_spellings(text)} >= {"2024moo", "at2024moo", "sn 2024moo"}


def test_two_digits_of_a_year_are_of_the_century_that_fits():
    assert tns_spellings("24aada")[0] == "2024aada"
    assert tns_spellings("SN98bw")[0] == "1998bw"


@pytest.mark.parametrize("text", ["ZTF18aabeyio", "98bw", "ATLAS24abc", "42", "2024", "", "20241abc"])
def test_other_names_are_no_designations(text):
    assert tns_spellings(text) == []


def test_an_address_with_a_position_gives_it():
    assert position_in("https://www.legacysurvey.org/viewer?ra=188.7&dec=-12.58&layer=ls-dr10")[:2] == (
        188.7,
        -12.58,
    )
    assert position_in("https://www.wis-tns.org/search?ra=188.7&decl=-12.58&radius=5")[:2] == (188.7, -12.58)
    assert position_in("https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=188.7+-12.58")[:2] == (
        188.7,
        -12.58,
    )
    assert position_in("https://lasair-ztf.lsst.ac.uk/objects/ZTF18aabeyio/") is None


def test_quotes_and_blanks_around_a_text_are_not_part_of_it():
    for text in ("  2024moo ", '"2024moo"', "'2024moo'", "`2024moo`,", "\u201c2024moo\u201d", "('2024moo')"):
        assert unquoted(text) == "2024moo"


@given(st.text(max_size=200) | st.text("htps:/[]%?&=#a1. ", max_size=60))
def test_no_text_breaks_it(text):
    assert all(names_in(text)) or names_in(text) == [""]
    position_in(text)
    tns_spellings(text)


def test_brackets_without_end_around_a_text_are_as_good_as_one_pair():
    assert unquoted("(" * 4_000 + "2024moo" + ")" * 4_000) == "2024moo"
