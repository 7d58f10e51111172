"""What stands around is gathered from all that is kept: one source is one thing, whoever listed it."""

import itertools
import json
import re

import pytest

from tests.tui.made import an_alert, put
from vra_tui.domain.alert import CatalogueMatch
from vra_tui.store.connection import open_store
from vra_tui.store.detail import alert_detail
from vra_tui.store.objects import number_of
from vra_tui.store.surroundings import surroundings
from vra_tui.tui.neighbourhood.gathering import things_around
from vra_tui.tui.neighbourhood.map import around_map
from vra_tui.tui.neighbourhood.table import around_table
from vra_tui.tui.neighbourhood.things import Ellipse, Kind
from vra_tui.tui.spans import text_of, width_of

HERE = ("ztf", "ZTF26aajcbhr")
HOST = CatalogueMatch(
    "sherlock", "NGC 9999", "SDSS/2MASS/PS1", "SN", "galaxy", 24.5, 14.0, -20.1, z=0.023,
    major_axis_arcsec=30.0, extra={"field_g": 17.4, "field_r": 16.6},
)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    connection = open_store(tmp_path / "own.db", durable=False)
    yield connection
    connection.close()


def known(store, name=HERE):
    number = number_of(*name)
    return alert_detail(store, number), surroundings(store, number)


def things(store, *matches, **facts):
    put(store, an_alert(*HERE, matches=matches, **facts))
    return things_around(*known(store))


def table(store, width=90, height=16, **more):
    return [text_of(line) for line in around_table(*known(store), width, height, **more)]


def test_a_host_has_its_place_its_magnitude_its_size_and_its_redshift(store):
    (host,) = things(store, HOST)
    assert (host.kind, host.east, host.north, host.z) == (Kind.HOST, -20.1, 14.0, 0.023)
    assert (host.mag, host.band) == (16.6, "r")
    assert host.ellipse == Ellipse(30.0, 1.0, None)
    assert 300 < host.angle < 310


def test_a_shape_is_read_where_a_catalogue_gives_it(store):
    shaped = CatalogueMatch(
        "clu",
        "1",
        "CLU",
        None,
        "galaxy",
        3.0,
        3.0,
        0.0,
        major_axis_arcsec=9.0,
        extra={"b2a": 0.4, "pa": 120.0},
    )
    (host,) = things(store, shaped)
    assert host.ellipse == Ellipse(9.0, 0.4, 120.0)


def test_a_place_in_degrees_becomes_an_offset(store):
    (one,) = things(store, CatalogueMatch("ned", "x", "NED", ra=150.1, dec=2.2 + 10 / 3600))
    assert (round(one.east, 3), round(one.north, 3), round(one.arcsec, 3)) == (0.0, 10.0, 10.0)


def ps1_id(ra, dec):
    zone, height = divmod((dec + 90) / 0.0083333, 1.0)
    return str((int(zone) * 10**9 + round(ra * 1e6)) * 10**4 + int(height * 10**4))


def test_the_direction_of_a_ps1_source_is_read_from_its_id(store):
    identity = ps1_id(150.1, 2.2 + 10 / 3600)
    (one,) = things(store, CatalogueMatch("ps1", identity, "PS1", separation_arcsec=10.0, star_score=1.0))
    assert one.arcsec == 10.0
    assert one.north == pytest.approx(10.0, abs=0.1)
    assert one.east == pytest.approx(0.0, abs=0.1)


def test_an_id_that_contradicts_the_separation_tells_no_direction(store):
    identity = ps1_id(150.1, 2.2 + 30 / 3600)
    (one,) = things(store, CatalogueMatch("ps1", identity, "PS1", separation_arcsec=10.0))
    assert (one.arcsec, one.east, one.north) == (10.0, None, None)


@pytest.mark.parametrize(("score", "kind"), [(0.95, Kind.STAR), (0.5, Kind.SOURCE), (0.05, Kind.GALAXY)])
def test_a_star_score_tells_stars_from_galaxies_and_leaves_open_what_is_between(store, score, kind):
    found = things(store, HOST, CatalogueMatch("ps1", None, "PS1", separation_arcsec=4.0, star_score=score))
    assert found[0].kind is kind


def test_proper_motion_is_read_under_the_names_that_catalogues_use(store):
    for name, extra in (
        ("a", {"pmra": 30.0, "pmdec": -40.0}), ("b", {"gaiadr3_pmRA": 30.0, "gaiadr3_pmDE": 40.0}),
        ("c", {"pm": 50.0}),
    ):  # fmt: skip
        match = CatalogueMatch("gaia", "1", "Gaia DR3", separation_arcsec=3.0, mag=12.0, extra=extra)
        put(store, an_alert("ztf", name, matches=(match,), ra=20.0 + ord(name)))
        (star,) = things_around(*known(store, ("ztf", name)))
        assert star.motion_amount == pytest.approx(50.0)


def test_one_source_of_several_catalogues_is_one_thing(store):
    same = [
        CatalogueMatch("sherlock", "2", "2MASS XSC", "SN", "galaxy", 24.5, 14.0, -20.1),
        CatalogueMatch("sherlock", "3", "SDSS", "SN", "galaxy", 25.0, 14.1, -20.6, photoz=0.08),
    ]
    (host,) = things(store, HOST, *same)
    assert host.catalogue == "SDSS/2MASS/PS1 +2"
    assert (host.z, host.z_is_photometric) == (0.023, False)


def test_two_entries_of_one_catalogue_are_two_sources(store):
    pair = [
        CatalogueMatch("ps1", ps1_id(150.1, 2.2 + n / 3600), "PS1", separation_arcsec=n, star_score=0.9)
        for n in (3.0, 4.2)
    ]
    assert len(things(store, *pair)) == 2


def test_what_two_matchers_find_in_one_catalogue_is_one_source(store):
    by_sherlock = CatalogueMatch(
        "sherlock", "115711498", "PS1", "VS", "star", 0.24, -0.24, 0.02, mag=19.7, mag_band="r"
    )
    by_ztf = CatalogueMatch(
        "ps1", ps1_id(150.1, 2.2), "PS1", separation_arcsec=0.3, star_score=0.9, mag=19.6, mag_band="r"
    )
    (one,) = things(store, by_ztf, by_sherlock)
    assert (one.kind, one.catalogue) == (Kind.STAR, "PS1")


def test_gaia_without_a_direction_joins_what_is_as_far_and_as_bright(store):
    star = CatalogueMatch(
        "ps1",
        ps1_id(150.1, 2.2 + 3 / 3600),
        "PS1",
        separation_arcsec=3.0,
        star_score=0.9,
        mag=15.0,
        mag_band="r",
    )
    gaia = CatalogueMatch("gaia", None, "Gaia DR1", separation_arcsec=3.1, mag=15.2, mag_band="G")
    far = CatalogueMatch("gaia", None, "Gaia DR1", separation_arcsec=31.0, mag=11.0, mag_band="G")
    found = things(store, star, gaia, far)
    assert [(one.catalogue, one.east is None) for one in found] == [
        ("PS1, Gaia DR1", False),
        ("Gaia DR1", True),
    ]


def test_matches_without_any_separation_stand_at_the_place_or_nowhere(store):
    star = CatalogueMatch("gaia", "Gaia DR3 17", "Gaia DR3")
    galaxy = CatalogueMatch("mangrove", "NGC 1", "MANGROVE", object_type="galaxy", distance_mpc=20.0)
    found = {one.catalogue: one.is_here for one in things(store, star, galaxy)}
    assert found == {"Gaia DR3": True, "MANGROVE": False}
    assert any(re.search(r"star +here", line) for line in table(store))


def test_solar_system_objects_and_other_alerts_are_told(store):
    put(store, an_alert("lsst", "44130521", arcsec=12.0))
    found = things(store, solar_arcsec=7.0, solar_mag=18.2, solar_name="433 Eros")
    assert [(one.kind, one.arcsec and round(one.arcsec)) for one in found] == [
        (Kind.SOLAR, 7),
        (Kind.ALERT, 12),
    ]
    assert found[1].letter == "L"
    text = "\n".join(table(store))
    assert "asteroid" in text
    assert "433 Eros" in text
    assert "LSST" in text
    assert "no other alert" not in text


def test_what_was_looked_for_in_vain_is_said_and_what_was_not_looked_for_too(store):
    things(store)
    assert "asteroids: not looked for" in table(store)
    assert "no other alert within 2′" in table(store)
    put(store, an_alert("ztf", "asked", arcsec=900, solar_arcsec=None))
    lines = [text_of(line) for line in around_table(*known(store, ("ztf", "asked")), 90, 16)]
    assert "no asteroid known here" in lines


def test_the_table_is_sorted_by_separation(store):
    matches = [CatalogueMatch("ned", str(n), f"C{n}", separation_arcsec=float(n)) for n in (30, 5, 12)]
    things(store, *matches)
    assert [float(line.split()[2]) for line in table(store)[1:4]] == [5.0, 12.0, 30.0]


@pytest.mark.parametrize("width", [26, 38, 58, 90, 130])
@pytest.mark.parametrize("height", [0, 1, 3, 8, 40])
def test_the_table_keeps_to_its_room(store, width, height):
    matches = [
        CatalogueMatch(
            "ned", f"NGC {n}", f"C{n}", separation_arcsec=float(3 * n), mag=18.0, z=0.1, extra={"pm": 5.0}
        )
        for n in range(12)
    ]
    things(store, HOST, *matches)
    lines = around_table(*known(store), width, height)
    assert len(lines) <= height
    assert all(width_of(line) <= width for line in lines[: min(3, len(lines))])
    if height == 8:
        assert any("more" in text_of(line) for line in lines)


HOSTILE = "\x1b[31mNGC\x07 \u202e9999\u200b\x9b2J\n" + "e\u0301" * 30 + "字" * 20


def test_hostile_names_reach_no_terminal_and_move_no_column(store):
    match = CatalogueMatch(
        HOSTILE, HOSTILE, HOSTILE, None, HOSTILE, 12.0, 12.0, 0.0, mag=18.0, mag_band=HOSTILE, z=0.1,
        extra={HOSTILE: 5.0, "pm": 10**400, "field_g": 1e29, "pa": "x", "b2a": None},
    )  # fmt: skip
    put(store, an_alert("lsst", "44130521", arcsec=12.0, name=HOSTILE))
    things(store, match, solar_arcsec=7.0, solar_name=HOSTILE)
    for lines in (around_map(*known(store), 30, 16), around_table(*known(store), 90, 16)):
        assert all(text_of(line).isprintable() for line in lines)
        assert all(width_of(line) <= 90 for line in lines)
    assert all(width_of(line) == 30 for line in around_map(*known(store), 30, 16))


def test_the_order_of_matches_does_not_matter(store, tmp_path):
    matches = (
        HOST,
        CatalogueMatch("ps1", ps1_id(150.1, 2.2 + 3 / 3600), "PS1", separation_arcsec=3.0, star_score=0.9),
        CatalogueMatch("ned", "b", "NED", None, "galaxy", 25.0, 14.1, -20.6),
        CatalogueMatch("gaia", None, "Gaia DR1", separation_arcsec=3.1, mag=15.2),
    )
    seen = []
    for number, order in enumerate(itertools.permutations(matches)):
        if number % 5:
            continue
        path = tmp_path / f"{number}.db"
        own = open_store(path, durable=False)
        put(own, an_alert(*HERE, matches=order))
        seen.append((around_map(*known(own), 30, 16), around_table(*known(own), 90, 16)))
        own.close()
    assert all(one == seen[0] for one in seen)


def test_real_alerts_of_three_surveys_have_maps(store, real_data, clock):
    from vra_tui.pipeline.ingest import ingest
    from vra_tui.surveys.base import Packet

    value = json.loads((real_data / "atlas_api" / "1000005291314656200_sn.json").read_text())
    value = value[0] if isinstance(value, list) else value
    ingest(store, (Packet("real", "1", one) for one in [value]), clock=clock)
    host, *rest = things_around(*known(store, ("atlas", "1000005291314656200")))
    assert (host.kind, host.ellipse, rest) == (Kind.HOST, Ellipse(pytest.approx(30.17, abs=0.01)), [])
    assert host.catalogue.endswith("+3")


def test_objects_of_a_service_stand_at_their_places_while_the_facts_tell_of_the_same_moment(store):
    objects = [
        {
            "name": name,
            "kind": "MB",
            "mag": 18.0,
            "arcsec": arcsec,
            "east_arcsec": 0.0,
            "north_arcsec": arcsec,
        }
        for name, arcsec in (("433 Eros", 3.0), ("7 Iris", 20.0))
    ]
    extra = {"solar_system": {"mjd": 60_001.0, "objects": objects}}
    found = things(store, extra=extra, solar_arcsec=3.0, solar_name="433 Eros")
    assert [(one.name, one.north) for one in found] == [("433 Eros", 3.0), ("7 Iris", 20.0)]
    # A later detection, another object: the list is of the moment before.
    put(store, an_alert("ztf", "later", extra=extra, ra=20.0, solar_arcsec=5.0, solar_name="2020 AB1"))
    (one,) = things_around(*known(store, ("ztf", "later")))
    assert (one.name, one.arcsec, one.north) == ("2020 AB1", 5.0, None)


def test_the_source_of_the_reference_image_joins_its_entry_in_a_catalogue(store):
    star = CatalogueMatch(
        "ps1",
        ps1_id(150.1, 2.2 + 3 / 3600),
        "PS1",
        separation_arcsec=3.0,
        star_score=0.9,
        mag=15.0,
        mag_band="r",
    )
    (one,) = things(store, star, reference_arcsec=3.2, reference_mag=15.1)
    assert one.catalogue == "PS1, reference"
    put(store, an_alert("ztf", "alone", ra=20.0, reference_arcsec=3.2, reference_mag=15.1))
    (one,) = things_around(*known(store, ("ztf", "alone")))
    assert (one.kind, one.arcsec, one.mag) == (Kind.SOURCE, 3.2, 15.1)


def test_what_a_packet_tells_of_stars_counts_where_no_catalogue_does(store):
    found = things(store, star_score=0.95, star_arcsec=2.0, gaia_arcsec=9.0, gaia_mag=14.0)
    assert [(one.kind, one.arcsec) for one in found] == [(Kind.STAR, 2.0), (Kind.STAR, 9.0)]


def test_the_picture_of_the_field_is_named(store):
    things(store, extra={"picture": {"hips": "CDS/P/DSS2/red", "arcsec": 60.0}})
    assert "picture of the field: CDS/P/DSS2/red, 1′ wide" in table(store)
