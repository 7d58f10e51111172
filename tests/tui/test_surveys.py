"""Alerts of several surveys stand in one list, told apart, led to their pages, decided, scored or not."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.tui.conftest import press, scanning, shown, until_shown
from tests.tui.made import T0, an_alert, put
from vra_tui.domain.alert import Annotation, CatalogueMatch
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.decisions import Author, decide
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import list_rows
from vra_tui.store.objects import number_of
from vra_tui.store.surroundings import surroundings
from vra_tui.surveys import Surveys
from vra_tui.surveys.base import Link
from vra_tui.surveys.ztf import Ztf
from vra_tui.tui.alert_names import full_name, letter_of, short_name
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context.lines import context_lines
from vra_tui.tui.last_place import LastPlaceFile
from vra_tui.tui.list_columns import COLUMNS, Sight, row_line
from vra_tui.tui.settings import Settings
from vra_tui.tui.spans import cells_of, changed_runs, link, text_of

ZTF, LSST, ATLAS = "ZTF26aajcbhr", "313888627544130521", "1000005291314656200"
FACTS = {"star_score": 0.98, "star_arcsec": 0.4, "gaia_mag": 16.1, "gaia_arcsec": 20.4, "solar_arcsec": 2.0,
         "solar_name": "4179", "is_dipole": True, "n_detections_told": 1892,
         "first_told_mjd": T0 - 900}  # fmt: skip


@pytest.fixture
def mixed(tmp_path):
    """A store of alerts of four surveys at one place, none of them scored."""
    path = tmp_path / "mixed.db"
    store = open_store(path)
    answers = (
        Annotation("fink", "SN candidate", numbers={"snn_sn_vs_all": 0.91, "nalerthist": 1.0}, mjd=T0),
        Annotation("\x1b]0;x\x07bad", "\x1b[31mSLSN", numbers={"score": 0.7}, mjd=T0),
    )
    matches = (
        CatalogueMatch("gaia", separation_arcsec=0.1),
        CatalogueMatch("mangrove", "NGC 5674", "MANGROVE", distance_mpc=112.0),
    )
    put(
        store,
        an_alert("ztf", ZTF, annotations=answers, matches=matches, **FACTS),
        an_alert("lsst", LSST, arcsec=0.4),
        an_alert("atlas", ATLAS, arcsec=0.8, name="ATLAS26bwvn"),
        an_alert("goto", "obj-7", arcsec=60.0, bands=["L", "H-alpha narrow"]),
    )
    store.close()
    return path


@pytest.fixture
def store(mixed):
    connection = open_store(mixed)
    yield connection
    connection.close()


def context(store, survey, object_id, width=110):
    number = number_of(survey, object_id)
    codes = CodeBook(instrument_names(store), band_names(store))
    detail, around = alert_detail(store, number), surroundings(store, number)
    lines = context_lines(detail, light_curve(store, number), width, codes, around)
    by_label: dict[str, str] = {}
    label = ""
    for line in lines:
        label = text_of(line)[:9].strip() or label
        by_label[label] = by_label.get(label, "") + "\n" + text_of(line)[9:]
    return lines, by_label


def words_of(store, survey, object_id):
    return "\n".join(map(text_of, context(store, survey, object_id)[0]))


def row_of(store, survey, object_id):
    return list_rows(store, [number_of(survey, object_id)])[0]


def test_a_survey_has_a_letter_and_an_alert_a_name_without_it(store):
    rows = [
        row_of(store, *name) for name in (("ztf", ZTF), ("lsst", LSST), ("atlas", ATLAS), ("goto", "obj-7"))
    ]
    assert [letter_of(row.survey) + short_name(row) for row in rows] == [
        "Z26aajcbhr",
        "L…44130521",
        "A26bwvn",
        "Gobj-7",
    ]
    assert [full_name(row) for row in rows] == [ZTF, f"LSST {LSST}", "ATLAS26bwvn", "obj-7"]


@pytest.mark.parametrize(("survey", "letter"), [("", "?"), ("2mass", "M"), ("\x1b[31m", "?"), ("ßtars", "S")])
def test_any_survey_has_one_letter(survey, letter):
    assert letter_of(survey) == letter


def test_the_letter_is_dim_and_the_name_of_what_is_new_bold(store):
    row = row_of(store, "ztf", ZTF)
    for fresh, role in (({row.alert_id}, "strong"), (set(), "text")):
        line = row_line(row, COLUMNS[:3], Sight(60_001.0, fresh=fresh), 52)
        assert [(text.strip(), role) for text, role in line[1:3]] == [("Z", "dim"), ("26aajcbhr", role)]


def test_the_stores_number_stands_nowhere(store):
    for survey, object_id in (("ztf", ZTF), ("lsst", LSST), ("goto", "obj-7")):
        row = row_of(store, survey, object_id)
        line = row_line(row, COLUMNS, Sight(60_001.0), 90)
        text = "\n".join(map(text_of, context(store, survey, object_id)[0])) + text_of(line)
        assert survey == "lsst" or str(row.alert_id) not in text


async def test_unscored_alerts_of_all_surveys_are_listed_and_decided(mixed, decided_in):
    async with scanning(mixed, size=(160, 50)) as (app, pilot):
        await until_shown(app, "not scored yet")
        text = "\n".join(shown(app))
        assert all(name in text for name in ("Z26aajcbhr", "L…44130521", "A26bwvn", "Gobj-7"))
        order = app.session.order.ids.tolist()
        for key in "gtpc":
            await press(pilot, key)
        await press(pilot, "u", "enter", "l", "h", "f", "m", "b", "F", "escape", "s")
        for size in ((80, 24), (60, 15), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
    lists = ["good", "garbage", "possible", "followup", None, "pm"]
    assert decided_in(mixed) == list(zip([*order, order[3], order[3]], lists, strict=True))


@pytest.fixture
def decided_in():
    def read(path):
        store = open_store(path)
        rows = store.execute("SELECT alert_id, list FROM decisions ORDER BY sequence").fetchall()
        store.close()
        return [tuple(row) for row in rows]

    return read


def test_the_latest_detection_names_its_band(store):
    assert "latest 18.00 y day +5.0" in words_of(store, "lsst", LSST)
    assert "H-alpha narrow" in words_of(store, "goto", "obj-7")


def test_surroundings_and_other_classifiers_are_told_clean(store):
    lines, by_label = context(store, "ztf", ZTF)
    around = by_label["around"]
    for said in (
        "star 0.98 at 0.4″",
        "Gaia 16.1 at 20″",
        "asteroid 4179 at 2.0″",
        "dipole",
        "seen 1892 times",
    ):
        assert said in around
    first, second = by_label["others"].split("\n")[1:3]
    assert first.split() == ["bad", "SLSN", "score", ".70"]
    assert second.split() == ["fink", "SN", "candidate", "snn_sn_vs_all", ".91"]
    assert "nalerthist" not in by_label["others"]
    assert "112 Mpc" in by_label["host"]  # a star is no host, though it is nearer
    assert by_label["also"].split() == ["LSST", LSST, "at", "0.4″", "ATLAS26bwvn", "at", "0.8″"]
    assert all(text.isprintable() for line in lines for text, _ in line)


def test_what_is_not_there_takes_no_line(store):
    _, by_label = context(store, "goto", "obj-7")
    assert not {"host", "also", "others", "votes", "notes"} & by_label.keys()


def test_pages_of_the_survey_are_links_and_an_unknown_survey_has_none(store):
    def urls(survey, object_id):
        roles = [role for line in context(store, survey, object_id)[0] for _, role in line]
        return [role.partition(" ")[2] for role in roles if " " in role]

    assert [url.split("/")[2] for url in urls("ztf", ZTF)] == [
        "lasair-ztf.lsst.ac.uk",
        "ztf.fink-portal.org",
        "alerce.online",
    ]
    assert all(ZTF in url for url in urls("ztf", ZTF))
    assert urls("goto", "obj-7") == []


def test_a_survey_that_leads_to_no_web_page_gives_no_link():
    class Odd(Ztf):
        def links(self, object_id, names):
            return [Link("X", "bad", "javascript:alert(1)")]

    surveys = Surveys({"odd": ""})
    surveys._loaded["odd"] = Odd()
    assert CodeBook(surveys=surveys).links("odd", "1", {}) == []


def test_the_same_words_that_lead_elsewhere_are_painted_anew():
    old, new = ([("TNS  ", "label"), ("Fink", link("value", f"https://x.org/{n}"))] for n in (1, 2))
    assert changed_runs(cells_of(old, 20), cells_of(new, 20)) == [(5, 9)]
    assert changed_runs(cells_of(old, 20), cells_of(old, 20)) == []


def test_codes_that_another_program_gave_meanwhile_are_read(mixed, store):
    names = CodeBook(instrument_names(store), band_names(store))
    put(store, an_alert("goto", "obj-8", bands=["clear"]))
    curve = light_curve(store, number_of("goto", "obj-8"))
    assert not names.knows(curve)
    assert CodeBook(instrument_names(store), band_names(store)).knows(curve)


async def test_y_copies_the_surveys_id_and_shift_y_the_name(mixed):
    async with scanning(mixed, size=(160, 50)) as (app, pilot):
        written = []
        app._driver.write = written.append
        app.session.order.go_to(number_of("atlas", ATLAS))
        app.screen.show_list()
        await pilot.pause()
        await press(pilot, "y", "Y")
        found = [base64.b64decode(text) for text in re.findall(r"\x1b]52;c;([^\a]*)\a", "".join(written))]
        assert found == [ATLAS.encode(), b"ATLAS26bwvn"]


async def test_the_place_is_kept_by_survey_and_id_and_found_in_another_store(mixed, tmp_path):
    settings = Settings(place_file=tmp_path / "places.json")
    async with scanning(mixed, settings=settings) as (app, _):
        app.session.order.go_to(number_of("ztf", ZTF))
    text = (tmp_path / "places.json").read_text()
    assert f'"{ZTF}"' in text
    assert str(number_of("ztf", ZTF)) not in text
    async with scanning(mixed, settings=settings) as (app, _):
        assert app.session.order.current == number_of("ztf", ZTF)


def test_a_place_of_an_older_version_is_understood(tmp_path):
    path, store = tmp_path / "places.json", tmp_path / "a.db"
    path.write_text(
        f'{{"{store.resolve()} amy": {{"list": "good", "sort": "rank", "words": "", "atlas_id": {ATLAS}}}}}'
    )
    assert LastPlaceFile(path, store, "amy").read().alert == ("atlas", ATLAS)


def test_a_label_of_a_surveys_own_is_shown_by_its_name(store):
    number = number_of("ztf", ZTF)
    with transaction(store):
        decide(store, number, "good", Author("amy", "here"), datetime(2026, 1, 1, tzinfo=UTC))
    detail = alert_detail(store, number)
    own = replace(detail, decisions=[replace(detail.decisions[0], list="agn-flare")])
    lines = context_lines(own, light_curve(store, number), 120)
    assert any("agn-flare by amy" in text_of(line) for line in lines)
