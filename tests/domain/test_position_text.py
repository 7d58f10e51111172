"""A position is read from whatever people paste, and nothing else is taken for one."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.position_text import RADIUS_ARCSEC, Position, parse_position

RA, DEC = 188.73625, -12.582222

WAYS = [
    "12:34:56.7 -12:34:56",
    "12 34 56.7 -12 34 56",
    "12:34:56.7, -12:34:56",
    "12:34:56.7-12:34:56",
    "12h34m56.7s -12d34m56s",
    "12h34m56.7s, -12d34m56s",
    "12h 34m 56.7s  -12\u00b0 34' 56\"",
    "12\u02b034\u1d5056.7\u02e2 \u221212\u00b034\u203256\u2033",
    "188d44m10.5s -12d34m56s",
    "188.73625 -12.582222",
    "188.73625,-12.582222",
    "188.73625\t-12.582222",
    "(188.73625, -12.582222)",
    "188.73625d -12.582222d",
    "188.73625 deg, -12.582222 deg",
    "ra=188.73625 dec=-12.582222",
    "RA: 188.73625 Decl.: -12.582222",
    "RA (J2000) 12:34:56.7 Dec (J2000) -12:34:56",
    "J2000 12:34:56.7 -12:34:56",
    '"ra": 188.73625, "dec": -12.582222',
    "{'meanra': 188.73625, 'meandec': -12.582222}".replace("'", ""),
    "\u03b1=12:34:56.7 \u03b4=-12:34:56",
    # What only astropy reads.
    "J123456.70-123456.0",
    "12h34.945m -12d34.9333m",
]


@pytest.mark.parametrize("text", WAYS)
def test_one_place_in_every_way_in_which_it_is_written(text):
    place = parse_position(text)
    assert place is not None
    assert place == pytest.approx((RA, DEC, RADIUS_ARCSEC), abs=3e-4)


@pytest.mark.parametrize(
    ("text", "arcsec"),
    [('10"', 10.0), ("0.5'", 30.0), ("r=5", 5.0), ("radius: 7 arcsec", 7.0), ("0.01 deg", 36.0), ("3", 3.0)],
)
def test_what_stands_behind_is_the_radius(text, arcsec):
    for place in ("12:34:56.7 -12:34:56", "188.7 12.58", "ra=188.7, dec=12.58"):
        found = parse_position(f"{place} {text}")
        assert found is not None
        assert found.radius_arcsec == pytest.approx(arcsec)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("12:34:56 -00:30:00", (188.733333, -0.5)),  # the sign of a declination that begins with zero
        ("00:00:00 +90:00:00", (0.0, 90.0)),
        ("10 12.5 5", (10.0, 12.5, 5.0)),
        ("24:00:00 0:0:0", None),
        ("12:60:00 0:0:0", None),
        ("12:34:56 91:00:00", None),
        ("360.0 0.0", None),
        ("188.7", None),
        ("1161600211221654900", None),
        ("313853517191479345", None),
        ("ATLAS24abc", None),
        ("2024moo", None),
        ("24aada", None),
        ("SN 1987A", None),
        ("42 Cyg", None),
        ("", None),
        ("1 " * 5_000, None),
        ("1e999 1e999", None),
        ("nan nan", None),
    ],
)
def test_edges_of_the_sky_and_what_is_no_position(text, place):
    found = parse_position(text)
    assert found is None if place is None else found == pytest.approx(Position(*place), abs=1e-5)


@given(st.text(max_size=60) | st.text("0123456789:+-. hmsd\"'\u00b0,", max_size=40))
def test_no_text_breaks_it(text):
    found = parse_position(text)
    assert found is None or (0 <= found.ra < 360 and -90 <= found.dec <= 90)


def test_astropy_is_imported_only_when_the_simple_ways_fail():
    code = f"""
import sys
from vra_tui.domain.position_text import parse_position
for text in {[*WAYS[:-2], "ATLAS24abc", "SN 2024moo", "1161600211221654900"]!r}:
    parse_position(text)
sys.exit("astropy" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
