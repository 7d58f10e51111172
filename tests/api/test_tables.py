"""The tables of an open store: the right columns, dtypes and units, and the values of the command line."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from astropy import units as u

import vra_tui as vra
from tests.api.conftest import CANDID, NIGHT
from vra_tui.store.objects import known_numbers

NO_ARGUMENT = ["alerts", "scores", "matches", "annotations", "labels"]


def table_of(store, name):
    """One of the tables of `vra.TABLES`, with rows in it."""
    if name in NO_ARGUMENT:
        return getattr(store, name)()
    return {
        "history": lambda: store.labels(history=True),
        "light_curve": lambda: store.light_curve("ZTF24demo"),
        "light_curves": lambda: store.light_curves(store.alerts()),
        "stamps": lambda: store.stamps("ZTF24demo"),
    }[name]()


READABLE = sorted(vra.TABLES.keys() - {"undone", "evaluation"})


@pytest.mark.parametrize("name", READABLE)
def test_a_table_has_the_columns_dtypes_and_units_that_are_promised(opened, name):
    table = table_of(opened, name)
    assert len(table)
    assert {n: str(kind) for n, kind in table.dtypes.items()} == {c.name: c.dtype for c in vra.TABLES[name]}
    assert table.attrs["units"] == {c.name: c.unit for c in vra.TABLES[name] if c.unit}


@pytest.mark.parametrize("name", sorted(set(READABLE) - {"light_curve", "stamps"}))
def test_a_table_of_nothing_has_them_too(tmp_path, name):
    with vra.open(tmp_path / "new.db", create=True) as store:
        table = store.light_curves([]) if name == "light_curves" else table_of(store, name)
        assert len(table) == 0
        assert {n: str(kind) for n, kind in table.dtypes.items()} == {
            c.name: c.dtype for c in vra.TABLES[name]
        }


def test_units_are_those_of_astropy():
    for columns in vra.TABLES.values():
        for column in columns:
            assert not column.unit or u.Unit(column.unit).to_string() == column.unit


@pytest.mark.parametrize("name", READABLE)
def test_the_stores_own_number_of_an_alert_is_nowhere(opened, name):
    number = known_numbers(opened._open, [("ztf", "ZTF24demo")])["ztf", "ZTF24demo"]
    table = table_of(opened, name)
    assert "alert_id" not in table
    assert not any(str(value) == str(number) for value in table.to_numpy(dtype=object).ravel())


def test_the_alerts_are_those_of_vra_list_in_its_order(opened, path, vra_list):
    table = opened.alerts("all")
    for record, row in zip(vra_list(path, "all"), table.to_dict("records"), strict=True):
        for name, value in record.items():
            is_missing = value is None
            assert (pd.isna(row[name]) and is_missing) or row[name] == value, name


@pytest.fixture
def vra_list(monkeypatch, capsys):
    """The records of `vra list --json`."""
    from vra_tui.cli import main

    def listed(path, name):
        monkeypatch.setattr("sys.argv", ["vra", "list", name, "--json", "--db", str(path)])
        with pytest.raises(SystemExit):
            main()
        return json.loads(capsys.readouterr().out)

    return listed


def test_a_list_is_narrowed_by_the_words_of_the_screen_and_sorted_in_its_ways(opened):
    everything = opened.alerts()
    narrowed = opened.alerts(filter="rank>8 undecided")
    kept = everything[(everything["rank"] > 8) & everything["is_undecided"]]
    pd.testing.assert_frame_equal(narrowed, kept.reset_index(drop=True))
    newest = opened.alerts(sort="newest")
    assert newest["t0_mjd"].is_monotonic_decreasing
    assert set(newest["object_id"]) == set(everything["object_id"])
    pd.testing.assert_frame_equal(opened.alerts(limit=3), everything[:3])


@pytest.mark.parametrize("how", [{"list": "nowhere"}, {"filter": "colour>1"}, {"sort": "luck"}])
def test_a_list_a_word_or_an_order_that_is_none_is_refused(opened, how):
    with pytest.raises(vra.VraError):
        opened.alerts(**how)


def test_without_a_score_the_numbers_are_missing_and_no_flag_says_no(opened):
    row = opened.alerts(filter="name:demo").iloc[0]
    assert np.isnan(row["rank"])
    assert row[["visit", "is_gal_cand", "is_tns_match", "list", "model"]].isna().all()


def test_a_light_curve_keeps_ids_to_the_last_digit_and_the_sign_of_the_flux(opened):
    curve = opened.light_curve("ZTF24demo")
    assert curve["epoch_id"].tolist() == [str(CANDID - 1), str(CANDID)]
    assert curve["mjd"].tolist() == pytest.approx([60474.3, 60475.31], abs=1e-9)
    assert curve["flux_ujy"].tolist() == pytest.approx([10 ** (0.4 * 5.3), -(10 ** (0.4 * 4.65))])
    assert curve["fluxerr_ujy"].tolist() == pytest.approx(
        [10 ** (0.4 * 5.3) * 0.05 * 0.4 * np.log(10), 10 ** (0.4 * 4.65) * 0.1 * 0.4 * np.log(10)]
    )
    assert curve["mag"].tolist() == [18.6, -19.25]
    assert curve[["band", "instrument", "score"]].values.tolist() == [["g", "ZTF", 0.9], ["r", "ZTF", 0.99]]


def test_a_light_curve_holds_every_epoch_once_in_the_order_of_time(opened):
    curve = opened.light_curve("1100000000000000001")
    assert curve["mjd"].is_monotonic_increasing
    assert curve["kind"].value_counts().to_dict() == {"limit": 8, "detection": 4, "forced": 2}
    limits = curve[curve["kind"] == "limit"]
    assert limits[["flux_ujy", "mag", "magerr"]].isna().all(axis=None)
    assert (limits["limit_mag"] == 19.3).all()
    assert limits["fluxerr_ujy"].tolist() == pytest.approx([10 ** (0.4 * (23.9 - 19.3)) / 5] * 8)
    forced = curve[curve["kind"] == "forced"]
    assert forced["flux_ujy"].tolist()[0] == pytest.approx(10 ** (0.4 * (23.9 - 18.6)))
    assert forced["mag"].tolist()[0] == 18.6
    assert np.isnan(forced["mag"].tolist()[1])
    assert forced["limit_mag"].tolist()[1] == 19.1


def test_many_light_curves_are_the_single_ones_whatever_the_order_in_which_they_are_asked(opened):
    alerts = opened.alerts()
    many = opened.light_curves(alerts)
    pd.testing.assert_frame_equal(many, opened.light_curves(alerts[::-1]))
    for (_, object_id), rows in many.groupby(["survey", "object_id"]):
        one = rows.drop(columns=["survey", "object_id"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(one, opened.light_curve(object_id))


def test_scores_matches_and_annotations_of_all_are_those_of_each(opened):
    for name in ("scores", "matches", "annotations"):
        read = getattr(opened, name)
        whole = read()
        parts = [read((row.survey, row.object_id)) for row in opened.alerts().itertuples()]
        parts = pd.concat(parts).sort_values(["survey", "object_id"], kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(whole, parts, check_like=False)


def test_what_a_classifier_said_keeps_its_numbers_by_name(opened):
    [said] = opened.annotations("ZTF24demo").to_dict("records")
    assert (said["topic"], said["classification"], said["mjd"]) == ("needle", "SLSN", 60475.4)
    assert said["numbers"] == {"SLSN": 0.75, "TDE": None}


def test_a_stamp_is_the_bytes_that_came_and_an_image_of_them(opened):
    [stamp] = opened.stamps("ZTF24demo").to_dict("records")
    assert stamp["epoch_id"] == str(CANDID)
    assert vra.image(stamp["data"]).tolist() == np.arange(25.0).reshape(5, 5).tolist()


@pytest.mark.parametrize("data", [b"", b"no image", b"\x1f\x8b and then nothing", b"SIMPLE  ="])
def test_bytes_that_are_no_image_are_refused_in_words(data):
    with pytest.raises(vra.VraError, match="no"):
        vra.image(data)


def test_the_labels_are_those_of_the_export(opened, path):
    from vra_tui.export import label_files

    for history, rows in ((False, label_files.standing_labels), (True, label_files.history_labels)):
        told = [{k: v for k, v in row.items() if k != "atlas_id"} for row in rows(opened._open)]
        table = opened.labels(history=history)
        assert table.astype(object).where(table.notna(), None).to_dict("records") == told


def test_features_are_those_of_vra_features_in_the_order_in_which_alerts_are_named(
    opened, monkeypatch, capsys, path
):
    from vra_tui.cli import main

    monkeypatch.setattr("sys.argv", ["vra", "features", "--db", str(path), "--at-mjd", str(NIGHT + 0.2)])
    with pytest.raises(SystemExit):
        main()
    printed = pd.read_csv(
        io.StringIO(capsys.readouterr().out), dtype={"object_id": "string", "survey": "string"}
    )
    names = printed["object_id"].tolist()
    table = opened.features("vra-dayN-1", names, at_mjd=NIGHT + 0.2)
    pd.testing.assert_frame_equal(table, printed.drop(columns="atlas_id", errors="ignore"), check_exact=True)
    turned = opened.features("vra-dayN-1", names[::-1], at_mjd=NIGHT + 0.2)
    pd.testing.assert_frame_equal(turned, table[::-1].reset_index(drop=True))
    assert len(opened.features("vra-day1-1")) == 8


def test_a_feature_set_that_is_none_is_refused_with_those_that_there_are(opened):
    with pytest.raises(vra.VraError, match="vra-day1-1"):
        opened.features("vra-day9-9")


@pytest.mark.parametrize("name", sorted(set(READABLE) - {"stamps", "annotations"}))
def test_every_table_goes_to_astropy_with_its_units_and_times(opened, name):
    table = table_of(opened, name)
    made = vra.to_astropy(table)
    assert made.colnames == list(table.columns)
    for column in vra.TABLES[name]:
        if column.name == "mjd" or column.name.endswith("_mjd"):
            assert (made[column.name].scale, made[column.name].format) == ("utc", "mjd")
        elif column.unit:
            assert made[column.name].unit == u.Unit(column.unit)
            np.testing.assert_array_equal(made[column.name].value, table[column.name].to_numpy())
        elif column.dtype == "string":
            assert made[column.name].tolist() == table[column.name].fillna("").tolist()


def test_any_set_is_printed_by_its_name_as_it_is_read_from_python(opened, monkeypatch, capsys, path):
    from vra_tui.cli import main

    for feature_set in ("vra-day1-1", "vra-fast-1"):
        monkeypatch.setattr("sys.argv", ["vra", "features", "--db", str(path), "--set", feature_set])
        with pytest.raises(SystemExit):
            main()
        text = io.StringIO(capsys.readouterr().out)
        printed = pd.read_csv(text, dtype={"object_id": "string", "survey": "string"})
        table = opened.features(feature_set, printed[["survey", "object_id"]])
        pd.testing.assert_frame_equal(table, printed, check_exact=True, check_dtype=False)
