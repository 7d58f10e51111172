"""AstroNotes of one object and of many, whatever is known of them; templates of one's own; hostile names."""

import json
import re
from pathlib import Path

import pytest

import vra_tui
from tests.factories import FIRST_ID, api_object, detection, ingest_objects, missed_quad, quad, tns_report
from vra_tui.domain.distance import absolute_magnitude, luminosity_distance, modulus_of_distance
from vra_tui.export.drafts.astronote import (
    MOST_ABSTRACT,
    as_markdown,
    as_record,
    as_text,
    changed,
    draft_of,
    fields,
    form_length,
    make_note,
    note_of,
    note_template,
    of_text,
    read_note_template,
)
from vra_tui.export.drafts.facts import gather
from vra_tui.export.drafts.fill import TemplateError
from vra_tui.export.drafts.note_values import FIELDS, values_of
from vra_tui.pipeline.tns_target import survey_words
from vra_tui.store.finding import find_alert

HOSTILE = "<b>{{7*7}}</b> $(id) {0.__class__} *x*"


def note(*facts, template=None):
    found = (
        read_note_template("", len(facts) == 1) if template is None else note_template(template, "mine.txt")
    )
    return make_note(facts, found, "A. Nother (QUB)")


def faults(made) -> list[str]:
    return [one.fault for one in fields(made) if one.fault]


def test_a_note_on_one_object_tells_discovery_host_and_luminosity(facts):
    found = facts(lc=[*quad(0, 18.5), *quad(2, 18.2)], tns_crossmatches=[tns_report()])
    made = note(found)
    assert made.title == "ATLAS: discovery of ATLAS23abc (AT 2023abc) in NGC 9999 (222 Mpc)"
    # One place works out absolute magnitudes; no dust is known here.
    expected = float(absolute_magnitude(18.14, modulus_of_distance(luminosity_distance(0.05))))
    assert f"of M_o = {expected:.1f}" in made.abstract
    for told in (
        "on 2023-02-25.47 UT at o = 18.44 +/- 0.10 mag", "o > 19.30 on 2023-02-23.50 UT",
        'It lies 5.0" from NGC 9999.', "z = 0.05",
    ):  # fmt: skip
        assert told in made.abstract
    assert "    60000.4700  2023-02-25.4700  o     18.44    0.10" in made.text
    assert faults(made) == []
    assert made.missing == ()
    assert made.text.endswith("A. Nother (QUB)")


@pytest.mark.parametrize(
    "sections",
    [
        {"sherlock_crossmatches": [], "lcnondets": []},
        {"lc": [], "lcnondets": missed_quad(-2, 19.9)},
        {"lc": [detection(-0.5, -18.0)], "lcnondets": [], "sherlock_crossmatches": []},
        {"lc": quad(0)[:1], "lcnondets": []},
    ],
)
def test_whatever_is_missing_no_sentence_is_left_half(facts, sections):
    made = note(facts(**sections))
    assert faults(made) == []
    told = f"{made.title}\n{made.abstract}\n{made.text}"
    for broken in ("  .", " .", "..", "()", "None", "nan", "{", "[[", "XXX", "= \n", "> \n"):
        assert broken not in told.replace("    ", ""), broken
    assert not any(line.startswith(" ") and not line.startswith("    ") for line in made.text.split("\n"))


def test_an_object_that_was_never_detected_is_told_by_its_limit(facts):
    made = note(facts(lc=[], lcnondets=[*missed_quad(-2, 19.3), *missed_quad(-4, 19.9)]))
    assert made.title.startswith("ATLAS: limits on ATLAS23abc")
    assert "the deepest limit is o > 19.90 on 2023-02-21" in made.abstract
    assert "classification is encouraged" not in made.text


def test_a_note_on_a_dozen_objects_has_a_table_and_fits_the_form(store, clock):
    objects = [
        api_object(
            n,
            header={"atlas_designation": f"ATLAS23ab{'abcdefghijkl'[n]}", "ra": 150.1 + n},
            lc=quad(0, 17.5 + 0.1 * n),
            tns_crossmatches=[tns_report(f"2023ab{'abcdefghijkl'[n]}")] if n % 2 else [],
        )
        for n in range(12)
    ]
    ingest_objects(store, objects, clock)
    found = [gather(store, find_alert(store, f"atlas:{FIRST_ID + n}"), survey_words) for n in range(12)]
    made = note(*found)
    assert made.title.startswith("ATLAS: 12 transients discovered from 2023-02-25.47")
    assert "ATLAS23abb (AT 2023abb)" in made.abstract
    assert "and 6 more" in made.abstract
    rows = [line for line in made.text.split("\n") if line.startswith("    ATLAS23ab")]
    assert len(rows) == 12
    assert "AT 2023abl" in rows[11]
    assert faults(made) == []
    assert [one["tns_name"] for one in as_record(made)["objects"]][:2] == ["", "AT 2023abb"]


def test_the_event_on_whose_map_it_lies_is_told(facts, store):
    found = facts(lc=quad(0))
    about = '{"classification": {"BNS": 0.9, "Terrestrial": 0.1}}'
    store.execute(
        """INSERT INTO sky_maps (event, event_mjd, is_retracted, about, told_at, content, added_at, version)
        VALUES ('S230224ab', 59999.5, 0, ?, '2023', NULL, '2023', 1)""",
        (about,),
    )
    store.execute(
        """INSERT INTO sky_map_places (alert_id, revision, level, density, distance_mpc, distance_sigma_mpc,
        days, host_sigma, is_within, event) VALUES (?, 1, 0.4321, 0.01, 210, 50, 1.5, 0.2, 1, 'S230224ab')""",
        (found.alert_id,),
    )
    made = note(gather(store, found.alert_id, survey_words))
    assert "on the map of S230224ab" in made.title
    assert "It lies at the 43.2% credible level on the map of S230224ab." in made.abstract
    assert "The event may be: BNS 90 %, Terr 10 %. The transient was found 1.50 d after it." in made.text
    assert "In its direction the event is at 210 +/- 50 Mpc." in made.text


def test_what_strangers_wrote_stays_text(facts):
    match = {
        "catalogue_object_id": HOSTILE, "catalogue_table_name": "NED", "association_type": "SN", "rank": 1,
        "catalogue_object_type": "galaxy", "separationarcsec": 5.0, "z": 0.05,
    }  # fmt: skip
    header = {"atlas_designation": "\x1b[31m{label}[[x]]"}
    made = note(facts(header=header, sherlock_crossmatches=[match], lc=quad(0)))
    assert "{{7*7}} $(id) {0.__class__} *x*" in made.title
    assert "<b>" not in json.dumps(as_record(made))
    assert "{label}[[x]]" in made.abstract
    assert "\x1b" not in as_text(made)
    marked = as_markdown(made)
    assert "\\{\\{7\\*7\\}\\} $(id)" in marked
    assert "\\*x\\*" in marked


def test_a_template_of_one_s_own_is_read_by_parts_and_its_faults_are_told_by_line(facts):
    found = facts(lc=quad(0))
    own = "=== title ===\n{name}\n=== abstract ===\nz = {redshift}, P = {tns_type}\n=== text ===\n{objects}\n"
    made = note(found, template=own)
    assert (made.title, made.abstract) == ("ATLAS23abc", "z = 0.05, P = XXX")
    assert [(one.name, one.line) for one in made.missing] == [("tns_type", 4)]
    assert faults(made) == ["holds 1 of the blanks XXX: fill them"]
    with pytest.raises(TemplateError) as raised:
        note_template(
            "=== title ===\n{nmae}\n=== body ===\n\n=== abstract ===\n\n{0.__class__}\n", "mine.txt"
        )
    told = str(raised.value)
    for said in (
        "mine.txt: line 2: there is no field `{nmae}`; did you mean `{name}`?",
        "line 3: there is no part `body`",
        "line 7: there is no field `{0.__class__}`", "the part `=== text ===` is missing",
    ):  # fmt: skip
        assert said in told


def test_every_field_that_templates_may_name_has_a_value_or_none(facts):
    one, other = facts(0, lc=quad(0)), facts(1, lc=[])
    for several in ([one], [other], [one, other]):
        values = values_of(several, "me")
        assert values.keys() == FIELDS.keys()
        assert all(isinstance(value, str) for value in values.values())


@pytest.mark.parametrize(
    ("text", "counted"), [("abc", 3), ("a\nb", 4), ("a\r\nb", 4), ("é", 1), ("\U0001f52d", 2), ("", 0)]
)
def test_characters_are_counted_as_the_form_does(text, counted):
    assert form_length(text) == counted


def test_an_abstract_that_is_too_long_is_told_by_how_much_and_not_cut(facts):
    made = changed(note(facts(lc=quad(0))), "abstract", "x" * (MOST_ABSTRACT - 3) + "\n\n" + "y")
    assert faults(made) == ["has 1,002 characters, 2 more than the form takes"]
    assert len(made.abstract) == MOST_ABSTRACT
    assert faults(changed(made, "abstract", "x" * MOST_ABSTRACT)) == []


def test_an_edited_note_is_read_again_and_a_broken_one_keeps_what_it_had(facts):
    made = note(facts(lc=quad(0)))
    again, wrong = of_text(as_text(made), made)
    assert (again, wrong) == (made, [])
    again, wrong = of_text(as_text(made).replace("We report", "We found", 1), made)
    assert (again.abstract[:8], again.text, wrong) == ("We found", made.text, [])
    again, wrong = of_text("=== body ===\nx\n=== title ===\nnew\n=== title ===\nnewer", made)
    assert (again.title, again.text) == ("new", made.text)
    assert len(wrong) == 2
    assert of_text("nothing", made)[1] == ["there is no line `=== title ===`, by which the parts are told"]
    with pytest.raises(KeyError):
        changed(made, "objects", "")


def test_a_note_goes_into_the_outbox_and_out_again(facts):
    one, other = facts(0, lc=quad(0)), facts(1, lc=quad(0))
    made = note(one, other)
    about = {found.name: found.alert_id for found in (one, other)}
    draft = draft_of(made, about)
    assert (draft.kind, draft.alert_ids) == ("astronote", [one.alert_id, other.alert_id])
    assert draft.identity == draft_of(made, dict(reversed(about.items()))).identity
    assert note_of(json.loads(json.dumps(draft.content))) == made


def test_the_page_names_every_field_that_a_template_may():
    page = (Path(vra_tui.__file__).parents[1] / "docs" / "reports.md").read_text(encoding="utf-8")
    listed = page.partition("Fields of one object:")[2]
    assert set(re.findall(r"`([a-z_]+)`", listed)) >= FIELDS.keys()
