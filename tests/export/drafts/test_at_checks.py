"""The rules that a report is held to before it may leave, each with what it does and does not find."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.export.drafts.conftest import NOW, Reporting
from tests.factories import detection, forced, missed_quad, quad, tns_report
from vra_tui.domain.tns_objects import TnsObject, TnsObjects
from vra_tui.export.drafts.at_checks import RULES, check, in_the_way, in_words
from vra_tui.export.drafts.at_report import build, changed
from vra_tui.export.drafts.facts import ReportSent, gather
from vra_tui.export.drafts.finding import Level
from vra_tui.pipeline.tns_target import survey_words
from vra_tui.store.outbox import State
from vra_tui.store.tns_objects import put_tns_objects
from vra_tui.surveys.base import Packet

KNOWN = TnsObject(7, "2023abc", "AT", 150.1, 2.2, discoverer="ZTF", internal_names="ZTF23aaaaaaa")
FAR = replace(KNOWN, objid=8, name="2023xyz", dec=30.0)


def levels(findings) -> set[tuple[str, str]]:
    return {(one.rule, one.level.value) for one in findings}


@pytest.fixture
def found(facts, store):
    """By rule what is found in the report of an object; the TNS's list holds one that is elsewhere."""
    put_tns_objects(store, TnsObjects((FAR,)))

    def found(number=0, fields=None, alter=None, **sections):
        known = facts(number, **sections)
        if alter is not None:
            alter(known)
            known = gather(store, known.alert_id, survey_words)
        report = build(known, Reporting(), NOW)
        for name, text in (fields or {}).items():
            report = changed(report, name, text)
        return levels(check(report, known, NOW))

    return found


SOUND = {("mover", "note")}
TWO_NIGHTS = [*quad(0), *quad(1)]


def test_in_a_sound_report_nothing_stands_in_the_way(sound, sound_facts):
    assert levels(check(sound, sound_facts, NOW)) == SOUND


@pytest.mark.parametrize(
    ("rule", "level", "fields"),
    [
        ("fields", "block", {"reporter": ""}),
        ("fields", "block", {"photometry.0.flux": "-18"}),
        ("name", "warn", {"internal_name": "1100000000000000000"}),
        ("time", "block", {"discovery_datetime": "2023-03-01.5"}),
        ("time", "block", {"discovery_datetime": "2023-02-24.5"}),
        ("time", "block", {"non_detection.obsdate": "2023-02-25.47000"}),
        ("photometry", "block", {"photometry.0.flux": "", "photometry.1.flux": ""}),
        ("photometry", "note", {"photometry.0.flux_error": ""}),
        ("limit", "block", {"non_detection.limiting_flux": ""}),
        ("limit", "note", {"non_detection.limiting_flux": "18.0"}),
        ("position", "warn", {"dec": "+02:12:09.00"}),
        ("position", "block", {"ra": "0", "dec": "0"}),
        ("position", "block", {"dec": "-02:12:00.00"}),
    ],
)  # fmt: skip
def test_a_field_that_says_something_wrong_is_found(sound, sound_facts, rule, level, fields):
    for name, text in fields.items():
        sound = changed(sound, name, text)
    assert (rule, level) in levels(check(sound, sound_facts, NOW))


def test_an_archive_in_place_of_a_limit_needs_a_remark(found):
    assert found(0, lc=TWO_NIGHTS, lcnondets=[]) == SOUND
    told = found(1, lc=TWO_NIGHTS, lcnondets=[], fields={"non_detection.archival_remarks": ""})
    assert ("limit", "block") in told


def test_what_the_tns_has_already_is_found_in_its_list_and_in_the_survey_s_own_words(found, store):
    assert ("reported", "warn") in found(0, lc=TWO_NIGHTS, tns_crossmatches=[tns_report(), tns_report(" ")])
    put_tns_objects(store, TnsObjects((KNOWN, FAR)))
    assert ("reported", "warn") in found(1, lc=TWO_NIGHTS)
    ours = replace(KNOWN, internal_names="ZTF23aaaaaaa, ATLAS23abe", modified="2023-03-01")
    put_tns_objects(store, TnsObjects((ours, FAR)))
    assert ("reported", "block") in found(2, lc=TWO_NIGHTS)


def test_without_the_list_nobody_has_looked(facts):
    known = facts(lc=TWO_NIGHTS)
    findings = check(build(known, Reporting(), NOW), known, NOW)
    assert [one.level for one in findings if one.rule == "list"] == [Level.WARN]


@pytest.mark.parametrize(("is_real", "found"), [(True, {("sent", "warn")}), (False, set())])
def test_a_report_that_left_for_the_same_server_warns(sound, sound_facts, is_real, found):
    sent = ReportSent("real", State.ACCEPTED, "report 100: it is AT 2023abc")
    findings = check(sound, replace(sound_facts, sent=(sent,)), NOW, is_real=is_real)
    assert levels(findings) - SOUND == found


def test_a_list_of_last_month_tells_nothing_of_this_night(sound, sound_facts):
    def level(until):
        return levels(check(sound, replace(sound_facts, listed_until=until), NOW)) - SOUND

    assert level("2023-02-27 01:02:03") == set()
    assert level("2023-02-01 01:02:03") == {("list", "warn")}


def test_movers_are_looked_for(found, store, clock):
    # One night, and nobody looked: it may be one.
    assert ("mover", "warn") in found(0, lc=quad(0))

    def solar(arcsec):
        def alter(known):
            from vra_tui.domain.alert import Alert
            from vra_tui.pipeline.ingest import ingest

            said = {"solar_arcsec": arcsec, "solar_name": "Ceres"}
            alert = Alert("atlas", known.detail.object_id, as_of=60_005.0, facts=said)
            ingest(store, [Packet("sky", "1", alert, form="alert")], clock=clock)

        return alter

    assert ("mover", "warn") in found(1, lc=TWO_NIGHTS, alter=solar(2.0))
    assert not [one for one in found(2, lc=TWO_NIGHTS, alter=solar(60.0)) if one[0] == "mover"]


@pytest.mark.parametrize(
    ("word", "rule"), [("VS", "galactic"), ("CV", "galactic"), ("BS", "galactic"), ("AGN", "agn")]
)
def test_what_is_no_supernova_by_its_context_is_found(found, word, rule):
    sections = {
        "header": {"sherlockClassification": word},
        "sherlock_classifications": [{"classification": word}],
    }
    assert (rule, "warn") in found(lc=TWO_NIGHTS, sherlock_crossmatches=[], **sections)


def test_p_galactic_is_believed(facts, store, clock):
    from tests.factories import score_all

    known = facts(lc=TWO_NIGHTS)
    score_all(store, clock, pgal=0.9)
    known = gather(store, known.alert_id, survey_words)
    found = check(build(known, Reporting(), NOW), known, NOW)
    assert "P(galactic) is 0.90" in next(one.what for one in found if one.rule == "galactic")


def test_the_nucleus_of_a_host_is_noted(found):
    match = {
        "catalogue_object_id": "NGC 9999", "catalogue_table_name": "NED", "association_type": "NT", "rank": 1,
        "catalogue_object_type": "galaxy", "separationarcsec": 0.2, "z": 0.05,
    }  # fmt: skip
    assert ("nuclear", "note") in found(lc=TWO_NIGHTS, sherlock_crossmatches=[match])


def test_one_detection_warns_and_a_history_too(found):
    assert ("detections", "warn") in found(0, lc=quad(0)[:1])
    assert ("history", "warn") in found(1, lc=[detection(-200.0, 18.2), *TWO_NIGHTS])
    lone = [detection(-5.5, 19.3), *TWO_NIGHTS]
    assert ("history", "note") in found(2, lc=lone, lcnondets=missed_quad(-5) + missed_quad(-7))
    assert ("negative", "warn") in found(3, lc=[*TWO_NIGHTS, detection(1.0, -18.5)])
    before = [forced(-3.0 + n, 18.9, flux=90.0, dflux=5.0) for n in (0.0, 0.1)]
    assert ("forced", "note") in found(4, lc=TWO_NIGHTS, fp=before, lcnondets=missed_quad(-9))


def test_what_somebody_decided_otherwise_warns(facts, store, clock):
    from tests.factories import score_all
    from vra_tui.store.connection import transaction
    from vra_tui.store.decisions import Author, decide

    known = facts(lc=TWO_NIGHTS)
    score_all(store, clock)
    for name, expected in (("good", []), ("garbage", [Level.WARN])):
        with transaction(store):
            decide(store, known.alert_id, name, Author("zoe", "summit"), clock())
        again = gather(store, known.alert_id, survey_words)
        found = check(build(again, Reporting(), NOW), again, NOW)
        assert [one.level for one in found if one.rule == "decided"] == expected


def test_an_old_discovery_warns(sound, sound_facts):
    assert ("late", "warn") in levels(check(sound, sound_facts, NOW + timedelta(days=60)))


def test_a_reason_answers_a_warning_and_never_what_blocks(facts):
    known = facts(lc=quad(0)[:1], lcnondets=[])
    report = changed(build(known, Reporting(), NOW), "reporter", "")
    findings = check(report, known, NOW)
    rules = {one.rule for one in in_the_way(findings, {})}
    assert rules == {"fields", "list", "mover", "detections"}
    reasons = dict.fromkeys(rules, "looked at it")
    assert {one.rule for one in in_the_way(findings, reasons)} == {"fields"}
    assert {one.rule for one in in_the_way(findings, dict.fromkeys(rules, "  "))} == rules
    assert [one.level for one in findings] == sorted((one.level for one in findings), key=[*Level].index)
    assert all(one.rule in RULES and one.remedy and "\n" not in in_words(one) for one in findings)
