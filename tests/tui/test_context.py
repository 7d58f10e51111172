"""The context says why an alert stands where it stands, by the policy that filed it."""

import dataclasses
import re

import numpy as np
import pytest

from vra_tui.lightcurve.curves import LightCurve, empty
from vra_tui.lightcurve.epochs import filter_code, pack_detections
from vra_tui.pipeline.teach import renew_teach
from vra_tui.ranking.policies import load_policy
from vra_tui.ranking.policy import Policy
from vra_tui.store.connection import open_store
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import list_ids
from vra_tui.tui.context import context_lines


def lines(detail, curve=None, **more):
    found = context_lines(detail, curve or empty(), 80, **more)
    return ["".join(text for text, _ in line) for line in found]


def seen(mjd, ra, dec, mag=18.0, letter="o") -> LightCurve:
    """A light curve of three detections."""
    columns = {
        "mjd": mjd + np.arange(3.0), "ra": np.asarray(ra, float), "dec": np.asarray(dec, float),
        "mag": np.full(3, mag), "magerr": np.full(3, 0.1), "limit": np.full(3, 19.5),
        "unit": np.zeros(3, np.uint8), "filter": np.full(3, filter_code(letter), np.uint8),
        "exposure": np.arange(1, 4),
    }  # fmt: skip
    return dataclasses.replace(empty(), detections=pack_detections(columns))


@pytest.fixture
def store(store_path):
    connection = open_store(store_path)
    yield connection
    connection.close()


@pytest.mark.parametrize("policy", [Policy(), load_policy("lean").policy])
def test_the_threshold_named_is_the_one_in_force(store, ids, policy):
    (why,) = [line for line in lines(alert_detail(store, ids[5]), policy=policy) if line.startswith("why")]
    assert f"> {policy.extragalactic_rank:.0f}" in why


def test_what_a_label_would_teach_is_said_of_those_that_would(store):
    renew_teach(store)
    listed = list_ids(store, "teach").tolist()
    other = next(one for one in list_ids(store, "all").tolist() if one not in listed)
    assert any(line.startswith("teaches") for line in lines(alert_detail(store, listed[0])))
    assert not any(line.startswith("teaches") for line in lines(alert_detail(store, other)))


def scatter(detail, ra, dec) -> float:
    (quality,) = [line for line in lines(detail, seen(detail.row.t0_mjd, ra, dec)) if "scatter" in line]
    return float(re.search(r'scatter ([\d.]+)"', quality)[1])


@pytest.mark.parametrize("middle", [0.0, 100.0, 359.9999])
@pytest.mark.parametrize("dec", [0.0, -60.0, 89.99])
def test_the_scatter_is_the_same_across_the_seam_of_right_ascension(store, ids, middle, dec):
    step = 1.0 / 3600 / np.cos(np.radians(dec))
    ra = (middle + np.array([-step, 0.0, step])) % 360
    # One arcsecond either side: the root of 2/3.
    assert scatter(alert_detail(store, ids[5]), ra, [dec] * 3) == pytest.approx(0.82, abs=0.011)


def absolute(detail, letter) -> float | None:
    curve = seen(detail.row.t0_mjd, [10.0] * 3, [0.0] * 3, letter=letter)
    found = re.search(r"M (-?[\d.]+)", next(line for line in lines(detail, curve) if "Mpc" in line))
    return None if found is None else float(found[1])


def test_the_absolute_magnitude_leaves_out_the_dust_of_its_own_band(store, ids):
    detail = alert_detail(store, ids[5])
    match = dataclasses.replace(
        detail.matches[0], z=0.1, photoz=None, distance_mpc=None, direct_distance_mpc=None
    )
    detail = dataclasses.replace(detail, matches=(match,), ebv_sfd=1.0)
    # Modulus 38.32; coefficients 2.80, 1.97, 3.24; of an unknown band, none.
    assert absolute(detail, "c") == pytest.approx(18 - 38.32 - 2.80, abs=0.051)
    assert absolute(detail, "o") == pytest.approx(18 - 38.32 - 1.97, abs=0.051)
    assert absolute(detail, "g") == pytest.approx(18 - 38.32 - 3.24, abs=0.051)
    assert absolute(detail, "x") is None
    without = dataclasses.replace(detail, ebv_sfd=None)
    assert absolute(without, "o") == pytest.approx(18 - 38.32, abs=0.051)
