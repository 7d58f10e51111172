"""An alert is named as on the command line, by a pair, or by a table's rows; what is not one is refused."""

import numpy as np
import pandas as pd
import pytest

import vra_tui as vra
from tests.factories import api_object, ingest_objects, tns_report
from vra_tui.store.connection import open_store


@pytest.mark.parametrize(
    "name",
    ["ZTF24demo", "ztf:ZTF24demo", "ztf ZTF24demo", "demo", ("ztf", "ZTF24demo"), ["ZTF24demo"],
     pd.DataFrame({"survey": ["ztf"], "object_id": ["ZTF24demo"]})],
    ids=str,
)  # fmt: skip
def test_one_alert_has_many_names(opened, name):
    table = opened.light_curves(name)
    assert set(zip(table["survey"], table["object_id"], strict=True)) == {("ztf", "ZTF24demo")}


@pytest.mark.parametrize(
    "number", [1100000000000000003, np.int64(1100000000000000003), np.uint64(1100000000000000003)]
)
def test_a_whole_number_is_an_id_of_digits(opened, number):
    assert set(opened.scores(number)["object_id"]) == {"1100000000000000003"}


@pytest.mark.parametrize(
    "name", [1.1e18, np.float64(1.1e18), True, None, ("ztf",), ("ztf", 1.5), (3, "ZTF24demo")]
)
def test_what_has_rounded_an_id_or_is_none_is_refused(opened, name):
    with pytest.raises(vra.VraError):
        opened.light_curve(name)


@pytest.mark.parametrize("name", ["ZTF24other", ("atlas", "ZTF24demo"), ("ztf", "demo"), "", 12])
def test_an_alert_that_is_not_there_is_unknown(opened, name):
    with pytest.raises(vra.UnknownAlert):
        opened.light_curve(name)
    assert name not in opened
    assert ("ztf", "ZTF24demo") in opened


def test_a_name_that_two_alerts_share_is_refused_with_both(path, clock):
    store = open_store(path)
    shared = [
        api_object(number, tns_crossmatches=[tns_report("2023xyz")], header={"other_designation": None})
        for number in (20, 21)
    ]
    ingest_objects(store, shared, clock)
    store.close()
    with vra.open(path) as opened:
        with pytest.raises(vra.AmbiguousAlert) as raised:
            opened.light_curve("2023xyz")
        assert len(raised.value.choices) == 2
        assert "AT 2023xyz" in opened


def test_a_table_without_ids_names_no_alerts(opened):
    with pytest.raises(vra.VraError, match="object_id"):
        opened.light_curves(pd.DataFrame({"survey": ["ztf"]}))


def test_a_decision_before_its_alert_is_no_alert(path, clock):
    from vra_tui.store.connection import transaction
    from vra_tui.store.objects import numbers

    store = open_store(path)
    with transaction(store):
        numbers(store, [("ztf", "ZTF24later")])
    store.close()
    with vra.open(path) as opened:
        for read in (opened.light_curve, opened.light_curves, opened.scores, opened.stamps):
            with pytest.raises(vra.UnknownAlert):
                read(("ztf", "ZTF24later"))
