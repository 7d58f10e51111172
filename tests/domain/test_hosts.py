"""Which of the sources near an alert is its host: one rule, whoever lists them and in whichever order."""

import numpy as np
import pytest

from vra_tui.domain.hosts import HostKind, Hosts, NearSources, chance_of_galaxy, choose_hosts

TEXTS = ("matcher", "catalogue", "association_type", "object_type")
NUMBERS = (
    "separation_arcsec", "north_arcsec", "east_arcsec", "z", "photoz", "distance_mpc", "direct_distance_mpc",
    "major_axis_arcsec", "mag", "colour", "star_score",
)  # fmt: skip


def near(*alerts):
    """Sources near alerts: for each alert a list of sources by what is told of them."""
    rows = [(owner, one) for owner, sources in enumerate(alerts) for one in sources]
    return NearSources(
        np.array([owner for owner, _ in rows], dtype=np.int64),
        **{name: np.array([one.get(name, "") for _, one in rows], dtype=np.str_) for name in TEXTS},
        **{name: np.array([one.get(name, np.nan) for _, one in rows], dtype=float) for name in NUMBERS},
    )


def host_of(*sources, context_class="", looked=True) -> dict:
    found = choose_hosts(near(sources), np.array([context_class]), np.array([looked]))
    return {name: getattr(found, name)[0] for name in Hosts.__dataclass_fields__}


def ps1(arcsec, score, mag=20.0, **more):
    return {"matcher": "ps1", "separation_arcsec": arcsec, "star_score": score, "mag": mag, **more}


SHERLOCK = {"matcher": "sherlock", "association_type": "SN", "separation_arcsec": 24.5, "photoz": 0.08}
MANGROVE = {"matcher": "mangrove", "catalogue": "MANGROVE", "object_type": "galaxy", "distance_mpc": 100.0}


def test_nobody_looked_is_not_the_same_as_nothing_there():
    assert host_of(looked=False)["kind"] == HostKind.UNKNOWN
    assert np.isnan(host_of(looked=False)["n_other_near"])
    assert host_of(looked=True)["kind"] == HostKind.NONE
    assert host_of(looked=True)["n_other_near"] == 0
    assert host_of(context_class="ORPHAN")["kind"] == HostKind.NONE


@pytest.mark.parametrize(
    ("word", "kind"),
    [("SN", "GALAXY"), ("NT", "GALAXY"), ("AGN", "AGN"), ("CV", "CV"), ("VS", "STAR"), ("BS", "STAR"),
     ("VS/CV", "STAR")],
)  # fmt: skip
def test_sherlocks_class_says_what_its_best_match_is(word, kind):
    plain = {"matcher": "sherlock", "separation_arcsec": 0.9}
    assert host_of(plain, context_class=word)["kind"] == HostKind[kind]
    assert host_of(context_class=word)["kind"] == HostKind[kind]
    # The match's own word comes before the alert's.
    assert host_of({**plain, "association_type": word}, context_class="UNCLEAR")["kind"] == HostKind[kind]


def test_sherlocks_first_match_comes_before_all_others():
    other = {"matcher": "sherlock", "association_type": "VS", "separation_arcsec": 0.1}
    found = host_of(SHERLOCK, other, ps1(0.2, 1.0), MANGROVE)
    assert (found["kind"], found["separation_arcsec"], found["photoz"]) == (HostKind.GALAXY, 24.5, 0.08)
    assert np.isnan(found["distance_mpc"])


def test_what_stands_at_the_place_comes_before_what_lies_around():
    star, galaxy = ps1(0.4, 0.9), ps1(3.0, 0.1, mag=15.0)
    assert host_of(star, galaxy)["kind"] == HostKind.STAR
    assert host_of(galaxy, star)["kind"] == HostKind.STAR
    assert host_of(ps1(4.0, 0.9), galaxy)["separation_arcsec"] == 3.0


def test_a_word_on_what_it_is_comes_before_a_star_score_and_both_tell_of_one_source():
    quasar = {"matcher": "fink", "catalogue": "SIMBAD", "object_type": "QSO"}
    found = host_of(ps1(0.2, 0.97, mag=18.5), quasar)
    assert (found["kind"], found["separation_arcsec"], found["mag"]) == (HostKind.AGN, 0.2, 18.5)


@pytest.mark.parametrize(
    ("catalogue", "word", "kind"),
    [("SIMBAD", "CataclyV*", "CV"), ("SIMBAD", "CV*_Candidate", "CV"), ("SIMBAD", "EB*", "STAR"),
     ("SIMBAD", "Galaxy", "GALAXY"), ("SIMBAD", "Seyfert_1", "AGN"), ("SIMBAD", "Radio", "UNKNOWN"),
     ("VSX", "UGSU", "CV"), ("VSX", "NL/VY", "CV"), ("VSX", "RRAB", "STAR"), ("VSX", "AGN", "AGN"),
     ("Gaia DR3", "AGN", "AGN"), ("Gaia DR3", "LPV", "STAR"), ("Gaia DR3", "", "STAR")],
)  # fmt: skip
def test_catalogues_words_for_kinds_are_understood(catalogue, word, kind):
    assert host_of({"matcher": "fink", "catalogue": catalogue, "object_type": word})["kind"] == HostKind[kind]


def test_the_galaxy_least_likely_there_by_chance_is_the_host_and_not_the_nearest():
    faint, bright = ps1(2.5, 0.1, mag=22.5), ps1(6.0, 0.1, mag=15.5)
    assert host_of(faint, bright)["mag"] == 15.5
    assert host_of(bright, faint)["mag"] == 15.5
    # A faint one that far lies near everything.
    assert host_of(ps1(9.0, 0.1, mag=22.5))["kind"] == HostKind.NONE


def test_the_chance_of_a_galaxy_is_that_of_the_published_counts():
    """Bloom et al. (2002): r < 20 within 10 arcsec is there by chance in 7 of 100."""
    density = 10 ** (0.33 * (20.0 - 24.0) - 2.44) / (0.33 * np.log(10.0))
    assert chance_of_galaxy(np.array([10.0]), np.array([20.0]))[0] == pytest.approx(
        1 - np.exp(-np.pi * 100.0 * density)
    )


def test_the_distance_of_a_known_galaxy_near_by_goes_to_the_galaxy_seen_there():
    found = host_of(ps1(3.0, 0.1, mag=16.0), MANGROVE)
    assert (found["separation_arcsec"], found["distance_mpc"]) == (3.0, 100.0)
    assert host_of(MANGROVE)["kind"] == HostKind.GALAXY
    # A star at the place stands in front of it.
    star = host_of(ps1(0.3, 0.99), MANGROVE)
    assert star["kind"] == HostKind.STAR
    assert np.isnan(star["distance_mpc"])


def test_a_star_has_no_redshift_whatever_is_written_of_it():
    star = {"matcher": "legacy", "object_type": "star", "star_score": 0.998, "photoz": 0.348}
    assert host_of(star)["kind"] == HostKind.STAR
    assert np.isnan(host_of(star)["photoz"])


def test_a_score_of_a_half_tells_nothing_and_a_blazar_within_an_arcminute_is_no_host():
    assert host_of(ps1(0.4, 0.5))["kind"] == HostKind.UNKNOWN
    assert host_of(ps1(0.4, 0.5))["separation_arcsec"] == 0.4
    blazar = {"matcher": "fink", "catalogue": "4LAC DR3", "object_type": "blazar"}
    assert host_of(blazar)["kind"] == HostKind.NONE


def test_others_near_are_those_of_one_matcher_within_ten_arcsec():
    gaia = {"matcher": "gaia", "separation_arcsec": 0.2}
    assert host_of(ps1(0.2, 0.9), ps1(5.0, 0.9), ps1(12.0, 0.9), gaia)["n_other_near"] == 1


def test_alerts_beside_one_another_do_not_matter():
    """Each alert of many gets what it gets alone, in whichever order its unranked sources stand."""
    rng = np.random.default_rng(3)
    kinds = [ps1(0.3, 0.9), ps1(2.0, 0.1, mag=18.0), ps1(7.0, 0.2, mag=17.0), MANGROVE,
             {"matcher": "fink", "catalogue": "SIMBAD", "object_type": "Galaxy"}, ps1(0.9, 0.5)]  # fmt: skip
    alerts = [[kinds[i] for i in rng.permutation(6)[: rng.integers(0, 7)]] for _ in range(60)]
    together = choose_hosts(near(*alerts), np.full(60, ""), np.full(60, True))
    for row, sources in enumerate(alerts):
        alone = host_of(*reversed(sources))
        for name, value in alone.items():
            np.testing.assert_equal(getattr(together, name)[row], value, err_msg=name)
