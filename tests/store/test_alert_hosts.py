"""What an alert belongs to: Sherlock's choice, else what is not there by chance, else a star at the place."""

from tests.factories import put_alert
from vra_tui.domain.alert import CatalogueMatch
from vra_tui.domain.hosts import HostKind
from vra_tui.store.alert_hosts import belongs_to, kinds_of
from vra_tui.store.detail import alert_detail

BRIGHT = CatalogueMatch(source="ps1", separation_arcsec=4.0, mag=16.0, mag_band="r", star_score=0.1)
FAINT = CatalogueMatch(source="ps1", separation_arcsec=8.0, mag=22.5, mag_band="r", star_score=0.1)
STAR = CatalogueMatch(source="ps1", separation_arcsec=0.2, mag=17.0, mag_band="r", star_score=0.99)
SHERLOCK = CatalogueMatch(
    source="sherlock", separation_arcsec=9.0, association_type="SN", object_type="galaxy"
)


def test_the_host_is_what_stands_there_least_likely_by_chance(store, clock):
    letters = iter("abcdefg")

    def found(*matches: CatalogueMatch):
        alert_id = put_alert(store, "ztf", f"ZTF23aaaaaa{next(letters)}", clock, matches=matches)
        detail = alert_detail(store, alert_id)
        best = belongs_to(detail.matches, kinds_of(detail))
        return best and best.separation_arcsec

    assert found() is None
    assert found(FAINT) is None
    assert found(FAINT, BRIGHT) == 4.0
    assert found(STAR, FAINT) == 0.2
    assert found(SHERLOCK, BRIGHT) == 9.0


def test_a_star_score_tells_what_a_source_is(store, clock):
    detail = alert_detail(store, put_alert(store, "ztf", "ZTF23aaaaaaa", clock, matches=(STAR, BRIGHT)))
    assert list(kinds_of(detail).values()) == [HostKind.STAR, HostKind.GALAXY]
