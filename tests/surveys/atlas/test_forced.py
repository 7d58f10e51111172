"""Light curves of the ATLAS forced-photometry server, at a position that the file or the user names."""

from dataclasses import replace

import numpy as np
import pytest

from tests.sources.made import FORCED_TEXT, read
from vra_tui.domain.alert import Refused
from vra_tui.surveys.atlas import Atlas


def alert_of(text=FORCED_TEXT, **reading):
    packets, refusals = read(text.encode(), "2018jov_i000.c.lc.txt", **reading)
    assert not refusals
    assert Atlas().recognises(packets[0])
    return Atlas().alert(packets[0])


def test_fluxes_units_bands_and_place_are_those_of_the_file():
    alert = alert_of()
    forced = alert.light_curve.forced
    assert (alert.survey, alert.object_id) == ("atlas", "2018jov")
    assert forced.mjd.tolist() == [57987.370219, 57991.383470]
    assert (forced.flux.tolist(), forced.dflux.tolist()) == ([-187.0, 251.0], [28.0, 13.0])
    assert [alert.instruments[code] for code in forced.instrument] == ["02a", "01a"]
    assert [alert.bands[code] for code in forced.band] == ["c", "o"]
    assert (alert.facts["ra"], alert.facts["dec"]) == (358.26299, -9.38735)


def test_a_row_that_the_server_marks_as_failed_is_left_out_and_counted():
    assert alert_of().extra["forced"] == {"rows": 3, "left_out": 1}


def test_the_sign_of_the_magnitude_is_that_of_the_flux_and_what_is_faint_is_a_limit():
    forced = alert_of().light_curve.forced
    # 23.9 - 2.5 log10(187) = 18.220; the server wrote -18.221.
    assert forced.mag[0] == pytest.approx(-18.220, abs=1e-3)
    assert not forced.is_limit.any()
    weak = alert_of(FORCED_TEXT.replace("-187", "50")).light_curve.forced
    assert weak.is_limit.tolist() == [True, False]
    # 3 sigma of 28 microjansky: 23.9 - 2.5 log10(84).
    assert weak.mag[0] == pytest.approx(19.089, abs=1e-3)


def test_the_user_may_say_where_and_what_it_is():
    alert = alert_of(name="SN 2018jov", ra=358.264, dec=-9.388)
    assert (alert.object_id, alert.facts["ra"], alert.facts["dec"]) == ("SN 2018jov", 358.264, -9.388)


def test_photometry_of_another_place_than_the_user_says_is_refused():
    with pytest.raises(Refused, match="arcsec from where --at says"):
        alert_of(name="SN 2018jov", ra=10.0, dec=-5.0)


def test_the_place_is_right_where_right_ascension_passes_zero():
    rows = FORCED_TEXT.replace("358.26299", "0.00001").splitlines(keepends=True)
    text = "".join([rows[0], rows[1].replace("0.00001", "359.99999"), *rows[2:]])
    ra = alert_of(text).facts["ra"]
    assert min(ra, 360.0 - ra) < 2e-5


def test_without_a_position_the_user_is_asked_for_one():
    with pytest.raises(Refused, match="--at"):
        alert_of(FORCED_TEXT.replace("358.26299", "nan").replace("RA", "R"))


def test_without_a_column_of_errors_it_is_refused_by_name():
    packets, _ = read(FORCED_TEXT.encode(), ra=1.0, dec=2.0)
    table = packets[0].value
    columns = {name: values for name, values in table.columns.items() if name != "duJy"}
    with pytest.raises(Refused, match="duJy"):
        Atlas().alert(replace(packets[0], value=replace(table, columns=columns)))


def test_two_files_of_one_object_are_one_object():
    one, two = alert_of(), alert_of(FORCED_TEXT.replace("57987", "57988"))
    assert one.object_id == two.object_id
    assert np.intersect1d(one.light_curve.forced.exposure, two.light_curve.forced.exposure).size == 1
