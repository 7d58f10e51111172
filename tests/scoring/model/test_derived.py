import numpy as np
import pytest

from vra_tui.features.table import DAYN_FEATURES, FEATURE_SETS, FeatureTable
from vra_tui.scoring.model.derived import DERIVED, columns_needed, feature_matrix


def table(**columns: list[float]) -> FeatureTable:
    values = np.array(list(columns.values()), dtype=np.float64).T
    return FeatureTable(np.arange(len(values), dtype=np.int64), tuple(columns), values)


def one(name: str, **columns: float) -> float:
    return float(feature_matrix(table(**{key: [value] for key, value in columns.items()}), [name])[0, 0])


def test_every_derived_feature_is_made_of_published_ones() -> None:
    assert set(columns_needed(list(DERIVED))) <= set(DAYN_FEATURES)


def test_galactic_latitude_is_that_of_astropy() -> None:
    from astropy.coordinates import SkyCoord

    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 50), np.degrees(np.arcsin(rng.uniform(-1, 1, 50)))
    found = feature_matrix(table(ra=list(ra), dec=list(dec)), ["abs_gal_lat"])[:, 0]
    expected = np.abs(SkyCoord(ra, dec, unit="deg").galactic.b.deg)
    assert found == pytest.approx(expected, abs=1e-3)


def test_scatter_in_ra_is_measured_on_the_sky() -> None:
    arcsec = one("log10_std_ra_arcsec", log10_std_ra_min5d=-4.0, dec=60.0)
    assert arcsec == pytest.approx(np.log10(1e-4 * 3600 * 0.5))


def test_the_spectroscopic_redshift_goes_before_the_photometric_one() -> None:
    both = one("host_abs_mag", DET_mag_median_min5d=18.0, z=0.02, photoz=0.3)
    only = one("host_abs_mag", DET_mag_median_min5d=18.0, z=np.nan, photoz=0.02)
    assert both == only
    # 87 Mpc at H0 = 70 and q0 = -0.55: distance modulus 34.70
    assert both == pytest.approx(18 - 34.70, abs=0.01)


def test_a_redshift_that_gives_no_distance_gives_no_host_luminosity() -> None:
    assert np.isnan(one("host_abs_mag", DET_mag_median_min5d=18.0, z=-0.0003, photoz=np.nan))
    assert np.isnan(one("log10_host_offset_kpc", log10_sep_arcsec=0.5, z=0.0, photoz=np.nan))


def test_no_exposure_has_no_share_of_detections() -> None:
    assert np.isnan(one("det_share_min5d", DET_Nsince_min5d=0.0, NON_Nsince_min5d=0.0))


def test_unknown_stays_unknown_and_infinite_becomes_unknown() -> None:
    assert np.isnan(one("fading", DET_mag_median=np.nan, max_mag=17.0))
    assert np.isnan(one("log10_sep_arcsec", log10_sep_arcsec=-np.inf))


def test_missing_columns_are_named() -> None:
    with pytest.raises(KeyError, match="ra, dec"):
        feature_matrix(table(rb_pix=[1.0]), ["rb_pix", "abs_gal_lat"])


def test_no_derived_feature_bears_the_name_of_a_column() -> None:
    columns = {name for names in FEATURE_SETS.values() for name in names}
    assert not columns & DERIVED.keys()


@pytest.mark.parametrize("value", [1e300, -1e300, 3.5e38, np.inf, np.nan])
def test_what_xgboost_would_refuse_with_the_whole_table_is_missing(value: float) -> None:
    assert np.isnan(one("z", z=value))
