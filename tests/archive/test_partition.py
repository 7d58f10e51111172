"""A partition's nested tables become light curves, features and ranks; no LSDB is needed here."""

import numpy as np
import pandas as pd
import pytest

from vra_tui.archive.columns import PRESETS, Layout, columns_by, find_columns
from vra_tui.archive.partition import features_of, layout_of, objects_of, result_of, scores_of
from vra_tui.errors import VraError
from vra_tui.scoring.model.starter import Starter


def frame(n: int = 20, seed: int = 1) -> pd.DataFrame:
    """A catalogue with columns of lists: objects of 0 to 30 epochs."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 30, n)
    return pd.DataFrame(
        {
            "objectid": np.arange(n) + 1000,
            "ra": rng.uniform(0, 360, n),
            "dec": rng.uniform(-80, 80, n),
            "mjd": [rng.uniform(59000, 59080, k) for k in sizes],
            "mag": [rng.normal(19, 0.4, k) for k in sizes],
            "magerr": [rng.uniform(0.02, 0.2, k) for k in sizes],
            "band": [rng.choice(["g", "r", "zi"], k) for k in sizes],
            "score": [rng.uniform(0, 1, k) for k in sizes],
        }
    )


LISTS = ("mjd", "mag", "magerr", "band", "score")


def result(table: pd.DataFrame, judge: Starter | None = None, **said: str) -> pd.DataFrame:
    return result_of(objects_of(table, find_columns(layout_of(table), said)), judge)


def test_each_object_has_the_features_that_it_has_alone():
    table = frame()
    together = result(table)
    alone = pd.concat([result(table.iloc[[row]]) for row in range(len(table))], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)


def test_neither_the_order_of_epochs_nor_repeated_ones_make_a_difference():
    table = frame()
    rng = np.random.default_rng(3)
    orders = [rng.permutation([*range(size), *range(size // 2)]) for size in map(len, table["mjd"])]
    mixed = table.assign(
        **{
            name: [own[order.astype(int)] for own, order in zip(table[name], orders, strict=True)]
            for name in LISTS
        }
    )
    pd.testing.assert_frame_equal(result(table), result(mixed))


def test_a_magnitude_and_its_flux_in_any_unit_are_the_same_detection():
    table = frame()
    mags = result(table)
    for unit, size in (("njy", 1e3), ("ujy", 1.0), ("jy", 1e-6)):
        fluxes = table.drop(columns=["mag", "magerr"])
        fluxes[unit] = [10 ** (0.4 * (23.9 - mag)) * size for mag in table["mag"]]
        fluxes[f"d{unit}"] = [
            flux * err * 0.4 * np.log(10) for flux, err in zip(fluxes[unit], table["magerr"], strict=True)
        ]
        found = result(fluxes)
        significant = np.array([err.max(initial=0.0) < 0.2 for err in table["magerr"]])
        names = ["n_detections", "mag_latest", "mag_brightest", "signal_to_noise_max"]
        assert significant.any()
        np.testing.assert_allclose(found[names], mags[names], rtol=1e-3)


def test_bands_by_number_and_a_band_of_the_object_itself():
    table = frame()
    codes = {"g": 1, "r": 2, "zi": 3}
    numbered = table.assign(filterid=[np.array([codes[one] for one in own]) for own in table["band"]])
    columns = find_columns(
        layout_of(numbered.drop(columns="band")), {"band": "filterid"}, {"1": "g", "2": "r", "3": "i"}
    )
    pd.testing.assert_frame_equal(result(table), result_of(objects_of(numbered, columns), None))
    single = table.drop(columns="band").assign(filterid=2)
    columns = find_columns(layout_of(single), {"band": "filterid"}, {"2": "r"})
    assert objects_of(single, columns).bands == {0: "r"}


def test_what_is_flagged_or_senseless_is_left_out_and_counted():
    table = frame()
    worse = table.copy()
    worse["flag"] = [np.zeros(len(own), dtype=int) for own in table["mjd"]]
    bad = {"mjd": [np.nan, 59010.0, 59020.0, -1.0], "mag": [19.0, 99.0, 19.0, 19.0], "magerr": [0.1] * 4,
           "band": ["g"] * 4, "score": [0.5] * 4, "flag": [0, 0, 32768, 0]}  # fmt: skip
    for name, values in bad.items():
        worse.at[0, name] = np.concatenate([worse.at[0, name], values])
    columns = find_columns(layout_of(worse), {"flag": "flag"})
    found = objects_of(worse, columns)
    assert found.unusable.tolist() == [4] + [0] * 19
    pd.testing.assert_frame_equal(result(table), result_of(found, None))


def test_times_in_tai_are_37_seconds_later():
    table = frame()
    tai = table.rename(columns={"mjd": "midpointMjdTai"})
    seconds = (result(table)["days_since_first"] - result(tai)["days_since_first"]).abs().max() * 86400
    assert seconds < 1e-3
    first = objects_of(table, find_columns(layout_of(table), {})).curves.detections.mjd
    other = objects_of(tai, find_columns(layout_of(tai), {})).curves.detections.mjd
    np.testing.assert_allclose((first - other) * 86400, 37.0, atol=1e-3)


def test_the_starter_ranks_what_has_a_score_and_says_nothing_of_the_rest():
    table = frame()
    ranked = result(table, Starter.shipped("table"))
    seen = table["mjd"].map(len) > 0
    assert ranked["rank"].notna().tolist() == seen.tolist()
    assert ranked.loc[seen, "preal"].between(0, 1).all()
    assert result(table.drop(columns="score"), Starter.shipped("table"))["rank"].isna().all()
    table["realbogus"] = 0.9
    assert (
        result(table.drop(columns="score"), Starter.shipped("table"))["rank"].notna().tolist()
        == seen.tolist()
    )


def test_scores_do_not_depend_on_the_partition_that_an_object_lies_in():
    table, judge = frame(40), Starter.shipped("table")
    objects = objects_of(table, find_columns(layout_of(table), {}))
    whole = scores_of(judge, features_of(objects))["rank"]
    parts = [result(table.iloc[a : a + 7], judge)["rank"] for a in range(0, 40, 7)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_a_place_that_is_none_costs_only_the_features_of_the_place():
    table = frame()
    table.loc[0, "dec"] = -999.0
    found = result(table)
    assert np.isnan(found.loc[0, ["dec", "ebv", "galactic_latitude_deg"]].astype(float)).all()
    assert found.loc[1:, "ebv"].notna().all()


def test_lists_of_different_lengths_are_refused():
    table = frame()
    table.at[4, "mag"] = np.append(table.at[4, "mag"], 19.0)
    with pytest.raises(ValueError, match="`mag` are not as long"):
        result(table)


@pytest.mark.parametrize(
    ("layout", "said", "words"),
    [
        (Layout(["ra", "dec"], ["mjd", "mag"], {}), {}, "lacks object_id"),
        (Layout(["id", "ra", "dec"], ["mag"], {}), {}, "a time of each epoch"),
        (Layout(["id", "ra", "dec"], ["mjd", "flux"], {}), {}, "a brightness of each epoch"),
        (Layout(["id", "ra", "dec"], ["mjd", "njy"], {}), {}, r"error of the flux \(dnjy\)"),
        (Layout(["id", "ra", "dec"], ["mjd", "mag"], {}), {"band": "filt"}, "band \\(said to be `filt`\\)"),
        (Layout(["id", "ra", "dec"], [], {"a": ["mjd"], "b": ["mjd"]}), {}, "say which holds"),
        (Layout(["id", "ra", "dec"], [], {"a": ["mjd", "mag"]}), {"lightcurve": "lc"}, "called `lc`"),
        (Layout(["id"], [], {}), {"magnitude": "m"}, "knows no magnitude"),
    ],
)
def test_what_a_catalogue_lacks_is_said_by_name(layout: Layout, said: dict[str, str], words: str):
    with pytest.raises(VraError, match=words):
        find_columns(layout, said)


def test_only_the_bits_of_a_flag_that_are_said_tell_against_an_epoch():
    table = frame()
    rng = np.random.default_rng(5)
    flags = [rng.choice([0, 1, 256, 32768, 32770], len(own)) for own in table["mjd"]]
    table["catflags"] = flags
    said = {"flag": "catflags", "flag_bits": "32768"}
    found = objects_of(table, find_columns(layout_of(table), said))
    assert found.unusable.tolist() == [int((own >= 32768).sum()) for own in flags]
    for wrong in ("0", "-1", "bit 15"):
        with pytest.raises(VraError, match="is no sum of bits"):
            find_columns(layout_of(table), {**said, "flag_bits": wrong})


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fits_a_catalogue_of_its_columns(name: str):
    preset = PRESETS[name]
    theirs = {ours: column for ours, column in preset.columns.items() if ours != "lightcurve"}
    own = [theirs[ours] for ours in ("object_id", "ra", "dec")]
    fields = [one for one in theirs.values() if one not in own]
    # A single nested column may be called what its release calls it.
    for nested in (preset.columns["lightcurve"], "their_lc"):
        found = columns_by(Layout(own, [], {nested: fields}), name, {}, {})
        assert {**found.objects, **found.epochs} == theirs
        assert (found.lightcurve, found.flag_bits) == (nested, preset.flag_bits)
    with pytest.raises(VraError, match=f"called `{preset.columns['lightcurve']}`"):
        columns_by(Layout(own, [], {"one": fields, "other": fields}), name, {}, {})


def test_what_is_said_stands_in_the_place_of_a_presets_column():
    layout = Layout(["objID", "raMean", "decMean"], [], {"lc": ["t", "ujy", "dujy", "filterID", "obsTime"]})
    said = {"mjd": "t", "ujy": "ujy", "dujy": "dujy"}
    found = columns_by(layout, "ps1", said, {"5": "Y"})
    assert dict(found.epochs) == {**said, "band": "filterID"}
    assert (found.bands["5"], found.bands["1"]) == ("Y", "g")
    flagged = Layout(
        ["objectid", "objra", "objdec"], [], {"lc": ["hmjd", "mag", "magerr", "filterid", "bad"]}
    )
    assert columns_by(flagged, "ztf_dr", {"flag": "bad"}, {}).flag_bits is None
    with pytest.raises(VraError, match="no preset `ztf`"):
        columns_by(layout, "ztf", {}, {})


def test_a_catalogue_of_single_epochs_is_told_to_be_nested_first():
    with pytest.raises(VraError, match=r"a row an epoch.*join_nested"):
        find_columns(Layout(["objectid", "ra", "dec", "mjd", "mag"], [], {}), {})


@pytest.mark.parametrize("kind", ["list_", "large_list"])
def test_lists_of_arrow_are_those_of_python(kind: str):
    pa = pytest.importorskip("pyarrow")
    table = frame()
    for name in LISTS:
        table.at[3, name] = None
    arrow = table.copy()
    for name in LISTS:
        dtype = getattr(pa, kind)(pa.string() if name == "band" else pa.float64())
        arrow[name] = pd.array(pa.array(table[name].tolist(), dtype), dtype=pd.ArrowDtype(dtype))
    assert [*layout_of(arrow).lists] == [*LISTS]
    pd.testing.assert_frame_equal(result(table), result(arrow))
