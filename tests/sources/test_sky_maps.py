"""Sky maps as they arrive, in every order and resolution, and what is no sky map."""

import base64
import gzip
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy_healpix import HEALPix

from vra_tui.domain.alert import Refused
from vra_tui.domain.sky_map import FINEST, area_within, pixel_area, rows_at
from vra_tui.sources.sky_maps import read_map, read_notice

RNG = np.random.default_rng(7)


def written(columns, **cards) -> bytes:
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=data) for name, form, data in columns]
    )
    table.header.update(cards)
    file = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(file)
    return file.getvalue()


def flat(order, ordering="NESTED"):
    """A flat map of random probabilities, and these in nested order."""
    n = 12 << 2 * order
    nested = RNG.random(n)
    shown = nested
    if ordering == "RING":
        shown = np.empty(n)
        shown[HEALPix(1 << order, order="nested").nested_to_ring(np.arange(n))] = nested
    return written([("PROB", "D", shown / nested.sum())], ORDERING=ordering, NSIDE=1 << order), nested


def many_orders(order=4):
    """A multi-order map: the first base pixel whole, of others all pixels of an order; rows in any order."""
    small = np.arange(1 << 2 * order, 12 << 2 * order)
    uniq = np.concatenate([[4], small + (4 << 2 * order)])
    density = RNG.random(len(uniq))
    area = np.concatenate([[np.pi / 3], np.full(len(small), float(pixel_area(order)))])
    density /= (density * area).sum()
    mixed = RNG.permutation(len(uniq))
    return uniq[mixed], density[mixed]


def places(n=500):
    return RNG.uniform(0, 360, n), np.degrees(np.arcsin(RNG.uniform(-1, 1, n)))


def finest(ra, dec):
    from astropy import units as u

    pixels = HEALPix(1 << FINEST, order="nested").lonlat_to_healpix(ra * u.deg, dec * u.deg)
    return np.asarray(pixels, dtype=np.int64)


@pytest.mark.parametrize("ordering", ["NESTED", "RING"])
def test_a_flat_map_gives_at_a_place_what_its_pixel_holds(ordering):
    content, nested = flat(5, ordering)
    one = read_map(content)
    ra, dec = places()
    pixels = finest(ra, dec) >> 2 * (FINEST - 5)
    rows = rows_at(one, finest(ra, dec))
    np.testing.assert_allclose(one.density[rows] * pixel_area(5), (nested / nested.sum())[pixels])


def test_a_level_is_the_probability_of_all_that_is_as_dense():
    content, nested = flat(3)
    one = read_map(content)
    probability = nested / nested.sum()
    rows = rows_at(one, np.arange(12 << 6) << 2 * (FINEST - 3))
    expected = [probability[probability >= mine].sum() for mine in probability]
    np.testing.assert_allclose(one.level[rows], expected)


def test_orders_mixed_in_one_map_give_what_one_order_gives():
    uniq, density = many_orders()
    one = read_map(written([("UNIQ", "K", uniq), ("PROBDENSITY", "D", density)]))
    fine = np.empty(12 << 8)
    fine[: 1 << 8] = density[uniq == 4]
    small = uniq >= 4 << 8
    fine[uniq[small] - (4 << 8)] = density[small]
    same = read_map(written([("PROB", "D", fine * pixel_area(4))], ORDERING="NESTED"))
    pixels = finest(*places())
    np.testing.assert_allclose(one.density[rows_at(one, pixels)], same.density[rows_at(same, pixels)])
    np.testing.assert_allclose(one.level[rows_at(one, pixels)], same.level[rows_at(same, pixels)])
    assert area_within(one, 1.0) == pytest.approx(41252.96, rel=1e-5)


def test_a_map_in_which_a_pixel_is_missing_or_twice_is_refused():
    uniq, density = many_orders()
    for kept in (slice(1, None), np.r_[0 : len(uniq), 3]):
        with pytest.raises(Refused, match="overlap, or do not cover"):
            read_map(written([("UNIQ", "K", uniq[kept]), ("PROBDENSITY", "D", density[kept])]))


def test_pixels_of_the_finest_order_are_numbered_right():
    n = (np.int64(4) << 2 * FINEST) + np.int64(12 << 2 * FINEST) - 1
    content = written([("UNIQ", "K", np.array([n])), ("PROBDENSITY", "D", np.array([1.0]))])
    with pytest.raises(Refused, match="do not cover"):
        read_map(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "neither"),
        (b"SIMPLE  =", "no sound FITS|holds no table"),
        (b"{}", "superevent_id"),
        (b'{"superevent_id": "S1", "alert_type": "INITIAL", "event": null}', "tells nothing"),
        (
            b'{"superevent_id": "S1", "alert_type": "X", "event": {"time": "2026-01-01T00:00:00Z"}}',
            "no sky",
        ),
        (
            b'{"superevent_id":"S1","alert_type":"X","event":{"time":"2026-01-01T00:00:00Z","skymap":"!"}}',
            "cannot be",
        ),
        (gzip.compress(b"SIMPLE", mtime=0)[:-9], "cut off|damaged"),
    ],
)
def test_what_is_no_sky_map_is_refused_with_the_reason(content, why):
    with pytest.raises(Refused, match=why):
        read_map(content) if content.startswith(b"SIMPLE") else read_notice(content, "x")


def test_a_packed_map_reads_as_the_same_map():
    content, _ = flat(2)
    np.testing.assert_array_equal(read_map(gzip.compress(content)).density, read_map(content).density)


def test_an_alert_carries_its_map_and_what_is_told_of_it():
    content, _ = flat(2)
    body = {"time": "2026-01-01T12:00:00Z", "skymap": base64.b64encode(content).decode(), "far": 1e-9}
    told = {"superevent_id": "S260101a", "alert_type": "UPDATE", "time_created": "t", "event": body}
    notice = read_notice(json.dumps(told).encode(), "message")
    assert (notice.event, notice.event_mjd, notice.content) == ("S260101a", 61041.5, content)
    assert notice.about == {"alert_type": "UPDATE", "far": 1e-9}


def test_a_map_by_itself_is_named_by_its_file_or_its_header():
    content, _ = flat(1)
    assert read_notice(content, "S231129ac_bayestar.fits").event == "S231129ac"
    with pytest.raises(Refused, match="which event"):
        read_notice(content, "map.fits")
    named = written([("PROB", "D", np.full(12, 1 / 12))], OBJECT="G123", **{"MJD-OBS": 60000.5})
    assert read_notice(named, "map.fits").event == "G123"
    assert read_notice(named, "map.fits").event_mjd == 60000.5


@pytest.mark.skipif("VRA_REAL_DATA" not in os.environ, reason="VRA_REAL_DATA does not name the real data")
def test_the_real_map_says_what_its_header_says():
    folder = Path(os.environ["VRA_REAL_DATA"]) / "gw"
    one = read_map((folder / "igwn_MS260605l.multiorder.fits").read_bytes())
    probability = one.density * pixel_area(one.order)
    is_told = np.isfinite(one.mean)
    mean = (probability * one.mean)[is_told].sum() / probability[is_told].sum()
    assert mean == pytest.approx(39.588, rel=0.01)
    alert = read_notice((folder / "igwn_gwalert_preliminary.json").read_bytes(), "alert")
    same = read_map(alert.content or b"")
    assert area_within(same, 0.9) == pytest.approx(area_within(one, 0.9))
    assert read_notice((folder / "igwn_gwalert_retraction.json").read_bytes(), "r").is_retracted


def voevent(kind: str, event: str = "S190425z") -> bytes:
    return f"""<?xml version="1.0" ?><voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0"><What>
        <Param value="{event}" name="GraceID" dataType="string"/><Param name="AlertType" value="{kind}"/>
        <Group><Param name="skymap_fits" value="https://elsewhere.example/map.fits"/></Group></What>
        </voe:VOEvent>""".encode()


def test_a_voevent_names_what_to_ask_for_and_its_retraction_is_one():
    with pytest.raises(Refused, match="vra gw add S190425z"):
        read_notice(voevent("Initial"), "x.xml")
    assert read_notice(voevent("Retraction"), "x.xml").is_retracted
    for bad in ("", "GW190425", "S190425z;rm -rf"):
        with pytest.raises(Refused, match="no superevent"):
            read_notice(voevent("Initial", bad), "x.xml")


@pytest.mark.parametrize("name", ["", "a" * 65, "S1\x1b[31m", "S1 S2", "S1<br>"])
def test_an_event_whose_name_is_none_is_refused(name):
    told = {"superevent_id": name, "alert_type": "RETRACTION", "event": None}
    with pytest.raises(Refused, match="no name"):
        read_notice(json.dumps(told).encode(), "x")


def test_a_name_with_blanks_in_a_header_becomes_one_word():
    content = written([("PROB", "D", np.full(12, 1 / 12))], OBJECT="GRB 240101")
    assert read_notice(content, "map.fits").event == "GRB_240101"


def test_the_name_of_a_file_with_words_around_the_event_is_understood():
    assert read_notice(flat(1)[0], "igwn_MS260605l.multiorder.fits").event == "MS260605l"


@pytest.mark.parametrize("time", ["soon", True, 1 + 2j])
def test_a_header_whose_time_is_no_number_is_refused(time):
    columns = [("PROB", "D", np.ones(12) / 12)]
    with pytest.raises(Refused, match="MJD-OBS"):
        read_notice(written(columns, OBJECT="S231129ac", **{"MJD-OBS": time}), "a.fits")


def test_of_a_header_only_what_json_holds_is_kept():
    columns = [("PROB", "D", np.ones(12) / 12)]
    notice = read_notice(written(columns, OBJECT="S231129ac", CREATOR="me", DISTMEAN=1 + 2j), "a.fits")
    assert json.loads(json.dumps(notice.about)) == {"creator": "me"}
