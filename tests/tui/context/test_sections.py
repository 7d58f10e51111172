"""Each section says what is known, once, and nothing where nothing is."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.tui.context.conftest import HOST, HOSTILE_ALERT, history, section, with_row, words
from tests.tui.made import T0, an_alert
from vra_tui.domain.alert import Annotation, CatalogueMatch, TnsReport
from vra_tui.domain.observability import nights_at
from vra_tui.store.decisions import DecisionRow
from vra_tui.store.detail import Note
from vra_tui.store.insight_table import Insight
from vra_tui.store.second_opinions import Opinion
from vra_tui.store.viewing import Viewer
from vra_tui.surveys.atlas import Atlas
from vra_tui.tui.context.few_facts import five_facts, three_lines
from vra_tui.tui.context.headline import headline
from vra_tui.tui.context.pane import in_view, pane_lines
from vra_tui.tui.spans import text_of, width_of

STAR = CatalogueMatch(
    "gaia", "Gaia DR3 1", "Gaia DR3", separation_arcsec=38.0, north_arcsec=27.0, east_arcsec=-27.0, mag=15.1,
    mag_band="G", extra={"pmra": 9.0, "pmdec": 12.0},
)  # fmt: skip


def reason(question, effect, text):
    return {
        "question": question,
        "feature": "x",
        "value": 1.0,
        "effect": effect,
        "rank_effect": 1,
        "text": text,
    }


INSIGHT = Insight(
    1, 1, 60_000.0, "m",
    [reason("preal", 0.5, "weak: more real"), reason("pgal", -2.0, "strong: less galactic"),
     reason("pfast", -3.0, "rises slowly: less fast")],
    0.5, ["500 detections"], "fast", "bright", "one peak", 8.2, None, -20.3, "now", "rank 9.0 > 7",
    "brighter by 0.6 mag", None,
)  # fmt: skip


def test_an_alert_of_which_little_is_known_has_few_lines_and_no_dashes(facts):
    text = words(facts())
    assert len(text.split("\n")) < 20
    assert "–" not in text
    assert not {"host", "others", "votes", "notes", "also", "asked"} & {
        line[:9].strip() for line in text.split("\n")
    }


# Host


def test_the_host_is_told_with_its_light_and_the_separation_in_units_of_its_size(facts):
    said = section(facts(matches=(HOST,), context_class="SN"), "host")
    for part in (
        "6.0″ N of a galaxy",
        "z 0.0312",
        "r 14.9",
        "(g-r)₀ +0.70",
        "L*",
        "0.5 of its semi-axis 12″",
    ):
        assert part in said
    assert "NGC 3057" in said


def test_colours_behind_more_dust_than_the_map_can_tell_are_told_as_seen(facts):
    behind = facts(matches=(HOST,))
    behind = replace(behind, detail=replace(behind.detail, ebv_sfd=12.0))
    text = words(behind)
    assert "E(B-V) 12.00" in text
    said = section(behind, "host")
    assert re.search(r"(?<!\()g-r \+\d\.\d\d", said)
    assert "L*" not in said
    assert "₀" not in text


def test_the_absolute_magnitude_stands_once_and_says_what_was_taken_off(facts):
    alert = facts(matches=(HOST,))
    for width, height in ((65, 60), (65, 8), (127, 13)):
        text = words(alert, width, height)
        assert len(re.findall(r"M -\d+\.\d", text)) == 1
        assert text.count("less dust") == 1


def test_separation_on_the_sky_is_told_in_kpc_where_the_distance_is_known(facts):
    # 6 arcsec at 136.9 Mpc: 0.62 kpc an arcsecond, less the cosmology.
    assert "3.7 kpc" in section(facts(matches=(HOST,)), "host")
    assert "kpc" not in section(facts(matches=(replace(HOST, distance_mpc=None, z=None),)), "host")


def test_in_the_centre_it_is_nuclear(facts):
    assert "0.2″ nuclear in a galaxy" in section(
        facts(matches=(replace(HOST, separation_arcsec=0.2),)), "host"
    )


@pytest.mark.parametrize(("arcsec", "told"), [(0.2, "of an active"), (None, "near an active")])
def test_an_active_nucleus_has_the_article_of_its_vowel(facts, arcsec, told):
    match = replace(HOST, separation_arcsec=arcsec, association_type="AGN", object_type="AGN")
    assert told in section(facts(matches=(match,), context_class="AGN"), "host")


def test_a_star_has_no_redshift_and_no_luminosity_whatever_is_written_of_it(facts):
    match = replace(HOST, association_type="VS", object_type="star")
    said = section(facts(matches=(match,), context_class="VS"), "host")
    assert "6.0″ N of a star" in said
    assert not re.search(r"z 0|M -|Mpc|kpc|L\*", said)


def test_what_sherlock_found_nothing_near_is_said_to_have_nothing_near(facts):
    assert section(facts(context_class="ORPHAN"), "host") == "nothing catalogued near"


def test_a_faint_galaxy_far_off_is_no_host_but_stands_around(facts):
    far = CatalogueMatch("ps1", "1", "PS1", separation_arcsec=25.0, mag=22.0, mag_band="r", star_score=0.02)
    alert = facts(matches=(far,))
    assert section(alert, "host") == ""
    assert "galaxy   r 22.0     25″" in section(alert, "around")


# Around


def test_entries_of_several_catalogues_for_one_source_count_once(facts):
    twin = replace(
        HOST, catalogue="2MASS", catalogue_object_id="other", separation_arcsec=6.2, north_arcsec=-6.2
    )
    alert = facts(matches=(HOST, twin, STAR))
    said = section(alert, "around")
    assert said.count("galaxy") == 0
    assert "star     G 15.1     38″ NW" in said
    assert "pm 15 mas/y" in said


def test_a_known_asteroid_at_the_place_and_a_dipole_are_warnings(facts):
    alert = facts(solar_arcsec=2.0, solar_name="4179", is_dipole=True)
    found = {text: role for line in pane_lines(alert, 65, 8) for text, role in line}
    assert found["asteroid 4179 at 2.0″"] == found["dipole"] == "warn"


# Curve


def test_times_are_told_back_from_now_and_of_an_archive_by_the_day(facts):
    assert re.search(r"latest 18\.40 r 1\.0 d ago", section(facts(), "curve"))
    assert re.search(r"latest 18\.40 r day \+\d", section(facts(now=T0 + 900.0), "curve"))


def test_a_trend_below_two_sigma_is_not_told(facts):
    alert = facts()
    assert "↑ 0.45 ± 0.04 a day in r" in words(with_row(alert, rise=0.45, rise_error=0.04, rise_band="r"))
    assert "↓ 0.45 ± 0.04 a day in r" in words(with_row(alert, rise=-0.45, rise_error=0.04, rise_band="r"))
    assert "a day in" not in words(with_row(alert, rise=0.45, rise_error=0.3, rise_band="r"))


def test_labels_of_the_light_curve_are_told_unless_it_is_too_early_for_them(facts):
    alert = facts()
    told = replace(alert, detail=replace(alert.detail, insight=INSIGHT))
    said = section(told, "curve")
    assert "speed fast   luminosity bright   one peak   8 d above half of peak" in said.replace("\n", "   ")
    early = replace(INSIGHT, speed="too early to say", structure="too early to say", luminosity=None)
    assert "early" not in words(replace(alert, detail=replace(alert.detail, insight=early)))


def test_two_surveys_that_saw_it_in_one_band_and_night_are_said_to_agree(facts):
    other = an_alert("lsst", "3138876", arcsec=0.2, bands="gr")
    assert "two surveys agree to 0.00 mag" in section(facts(others=(other,)), "curve")


# Others


def test_a_classifier_has_its_class_its_probability_and_its_history(facts):
    alert = facts(annotations=tuple(history("NEEDLE", "SN", [0.5, 0.6, 0.8, 0.91])))
    said = section(alert, "others")
    assert re.match(r"NEEDLE +SN +[⠀-⣿]{2} +\.91  other \.09", said)
    assert "NEEDLE SN .91" in section(alert, "others", height=8)


def test_the_history_does_not_depend_on_the_order_in_which_it_came(facts, tmp_path):
    told = history("NEEDLE", "SN", [0.1, 0.5, 0.9])
    said = section(facts(annotations=tuple(told)), "others")
    assert said == section(facts(annotations=tuple(told[::-1])), "others")
    assert "⢀⣼" in said


def test_of_each_classifier_the_latest_answer_counts_whatever_the_order(facts):
    told = [
        Annotation("fink", "SN candidate", numbers={"snn_score": 0.9}, mjd=60_000.0),
        Annotation("fink", "Kilonova candidate", numbers={"kn_score": 0.8}, mjd=60_002.0),
        Annotation("needle", "SLSN", numbers={"score": 0.7}, mjd=60_001.0),
    ]
    said = section(facts(annotations=(told[1], told[0], told[2])), "others")
    assert said.index("Kilonova candidate") < said.index("SLSN")
    assert "SN candidate" not in said.replace("Kilonova", "")


def test_counts_and_small_probabilities_are_not_told(facts):
    told = Annotation(
        "fink", "SN candidate", numbers={"snn_sn_vs_all": 0.91, "nalerthist": 1.0, "rf_kn_vs_nonkn": 0.0}
    )
    said = section(facts(annotations=(told,)), "others")
    assert "snn_sn_vs_all .91" in said
    assert "nalerthist" not in said
    assert "rf_kn" not in said


# People


def _decision(scanner, list_name, note=None):
    return DecisionRow(1, 1, None, list_name, None, scanner, "here", "2023-02-26T21:36:00+00:00", note,
                       None, None, None, None, None, None, False)  # fmt: skip


def test_decisions_and_notes_say_who_when_and_why(facts):
    alert = facts(now=T0 + 2.0)
    when = datetime(2023, 2, 27, 22, tzinfo=UTC).isoformat()
    alert = replace(
        alert,
        clock_mjd=60_004.0,
        detail=replace(
            alert.detail,
            decisions=[_decision("bo", "good", "blue")],
            notes=[Note("cy", when, "spectrum asked for")],
        ),
    )
    assert section(alert, "votes") == "good by bo 2.1 d ago: blue"
    assert section(alert, "notes") == "cy 1.1 d ago spectrum asked for"


def test_who_votes_blind_is_told_that_a_vote_is_wanted_and_no_more(facts):
    alert = with_row(facts(), list="second", opinion="wanted", decided_list=None, is_undecided=True)
    said = words(replace(alert, asked=Opinion("wanted", "bo", {})))
    assert "bo asks for your vote" in said
    assert "good" not in said


def test_of_a_second_opinion_its_state_is_told(facts):
    assert "they differ" in words(
        replace(facts(), asked=Opinion("disagree", "bo", {"bo": "good", "cy": "pm"}))
    )


# Nights


def test_the_nights_ahead_tell_hours_from_when_and_the_moon(facts):
    nights = nights_at(Atlas.sites, 60_000, 70)
    alert = replace(facts(), nights=nights)
    said = section(alert, "nights")
    assert re.search(r"\d\.\d h from \d\d:\d\d UT, ", said)
    assert re.search(r"Moon \d+° away, \d+ % lit", said)
    assert any(block in said for block in "▁▂▃▄▅▆▇█")
    ending = replace(alert, detail=replace(alert.detail, insight=replace(INSIGHT, window_ends_mjd=60_012.0)))
    assert "ends in 12 nights, 9 Mar" in section(ending, "nights")


def test_what_is_not_up_for_weeks_has_no_strip(facts):
    alert = with_row(replace(facts(), nights=nights_at(Atlas.sites[:1], 60_000, 70)), dec=-89.0)
    assert section(alert, "nights") == "not up for 60 nights"


# Why


def test_each_score_has_its_strongest_reason_beside_it_and_is_told_once(facts):
    alert = with_row(facts(), preal=0.98, pgal=0.03, pfast=0.12, rank=9.7)
    alert = replace(alert, detail=replace(alert.detail, insight=INSIGHT))
    said = section(alert, "scores")
    assert re.search(r"real +━+ \.98 +\+ weak", said)
    assert re.search(r"galactic .* \.03 +- strong", said)
    assert "rises slowly" not in said  # nine in ten are not fast
    assert words(alert).count(".98") == words(alert, 65, 8).count(".98") == 1
    fast = with_row(alert, pfast=0.6)
    assert "rises slowly" in section(fast, "scores")


def test_what_is_out_of_the_ordinary_is_told_and_stands_out(facts):
    alert = with_row(facts(), is_anomaly=True, is_outside=True, follow_up="now", is_gal_cand=True)
    alert = replace(alert, detail=replace(alert.detail, insight=INSIGHT))
    said = words(alert)
    told = "follow up now; anomaly; galactic candidate; out of the model's scope; brighter by 0.6 mag"
    for part in (*told.split("; "), "500 detections", "rank 9.0 > 7"):
        assert part in said
    assert "-20.3" not in said  # the one M of the screen is that of the brightest detection


def test_what_is_decided_for_is_bold_and_labels_are_dim(facts):
    lines = [*pane_lines(with_row(facts(), preal=0.98, rank=8.0), 65, 8)]
    assert lines[0][0] == ("why      ", "label")
    assert ("not on TNS", "strong") in lines[0]
    assert (".98", "strong") in lines[0]


def test_a_report_on_another_surveys_alert_at_the_place_is_one_on_this(facts):
    other = an_alert("atlas", "1", arcsec=0.5, tns=(TnsReport("2026abc", separation_arcsec=0.1),))
    alert = facts(others=(other,))
    assert "AT2026abc on TNS" in words(alert)
    assert "not on TNS" not in words(alert)
    assert [report.separation_arcsec for report in alert.detail.tns] == [None]  # of the other, not of this
    own = facts(tns=(TnsReport("2026xyz"),), others=(other,))
    assert [report.designation for report in own.detail.tns] == ["2026xyz"]


def test_a_report_at_the_tns_leads_to_its_page(facts):
    alert = facts(tns=(TnsReport("2026abc", type="SN Ia"),))
    roles = {text: role for line in pane_lines(alert, 65, 60) for text, role in line}
    assert roles["SN2026abc SN Ia"] == "strong https://www.wis-tns.org/object/2026abc"
    assert roles["2026abc"].endswith("/object/2026abc")
    assert "not on TNS" not in roles


def test_a_report_without_a_name_is_told_and_leads_nowhere(facts):
    alert = facts(tns=(TnsReport(type="SN Ia"),))
    assert "on TNS" in words(alert, height=8)
    assert not any("wis-tns" in role for line in pane_lines(alert, 65, 60) for _, role in line)


# Headline, three lines, five facts


def test_the_headline_names_the_alert_its_other_names_and_what_it_is_like(facts):
    alert = with_row(facts(others=(an_alert("atlas", "1", arcsec=0.5, name="ATLAS26bwvn"),)), day=3, rank=9.8,
                     last_mag=19.43, rise=0.4, rise_error=0.04, rise_band="r")  # fmt: skip
    line = text_of(headline(alert.detail, 65))
    assert line.startswith(f"{ZTF_NAME}  + ATLAS26bwvn ")
    assert line.endswith("day 3   19.43↑   rank 9.8")
    assert text_of(headline(alert.detail, 48)).endswith("19.43↑  d3  9.8")


ZTF_NAME = "ZTF26aajcbhr"


@pytest.mark.parametrize("width", range(6, 130, 7))
def test_the_headline_fits_any_width_and_keeps_the_name_longest(facts, width):
    alert = with_row(facts(), day=3, rank=9.8, last_mag=19.43)
    viewers = [Viewer(alert.detail.row.alert_id, "ben", "valley", "2026-01-01T00:00:00+00:00")]
    line = headline(alert.detail, width, viewers)
    assert width_of(line) == max(width, width_of(line))
    if width >= 40:
        assert width_of(line) == width
        assert ZTF_NAME in text_of(line)
        assert "@ ben" in text_of(line)


def test_in_three_lines_stand_why_host_and_rise(facts):
    scores = {"preal": 0.99, "pgal": 0.01, "pfast": 0.08, "rank": 10.0}
    alert = with_row(facts(matches=(HOST,)), **scores, rise=0.21, rise_error=0.01, rise_band="r")
    assert [text_of(line) for line in three_lines(alert, 48).lines] == [
        "why  not on TNS  real .99  gal .01  fast .08",
        "host 6.0″ N of a galaxy  z 0.0312  M -17.3",
        "rise ↑ 0.21 ± 0.01 a day",
    ]


def test_a_line_that_has_nothing_to_say_makes_room_for_another(facts):
    alert = facts(annotations=tuple(history("NEEDLE", "SN", [0.5, 0.91])), star_score=0.98, star_arcsec=0.4)
    lines = [text_of(line) for line in three_lines(alert, 48).lines]
    assert [line[:4] for line in lines] == ["why ", "near", "seen"]
    assert "star 0.98 at 0.4″" in lines[1]
    lines = [text_of(line) for line in five_facts(alert, 40).lines]
    assert lines[-1].startswith("says NEEDLE SN .91")


def test_five_facts_fit_a_phone(facts):
    alert = with_row(facts(matches=(HOST,)), preal=0.99, pgal=0.01, pfast=0.08, rank=10.0)
    lines = five_facts(alert, 27).lines
    assert 3 <= len(lines) <= 5
    assert all(width_of(line) <= 27 for line in lines)


#: Width and height of the context on terminals of 44 × 20, 60 × 20 and 80 × 24.
SMALL = [(20, 6), (29, 5), (47, 3)]


@pytest.mark.parametrize(("width", "height"), SMALL)
@pytest.mark.parametrize("matches", [(HOST,), (STAR,), ()])
def test_in_a_small_pane_each_line_says_something_and_no_label_stands_twice(facts, width, height, matches):
    told = tuple(history("NEEDLE", "SN", [0.5, 0.91]))
    alert = with_row(facts(matches=matches, annotations=told), preal=0.99, pgal=0.01, pfast=0.08, rank=9.9)
    shown = [text_of(line) for line in [*pane_lines(alert, width, height)][:height]]
    labels = [line.split(" ")[0] for line in shown if line[:1] != " "]
    assert len(set(labels)) == len(labels)
    assert all(line[5:].strip() for line in shown)


def test_facts_that_do_not_fit_are_told_in_fewer_words(facts):
    scores = {"preal": 0.99, "pgal": 0.91, "pfast": 0.08, "rank": 5.0, "is_gal_cand": True}
    alert = with_row(facts(matches=(HOST,)), **scores, rise=0.21, rise_error=0.01, rise_band="r")
    assert [text_of(line) for line in five_facts(alert, 20).lines] == [
        "why  gal. candidate",
        "vra  R.99 G.91 F.08",
        "host 6.0″ N, galaxy",
        "far  z 0.0312",
        "rise ↑ 0.21 a day",
    ]


def test_when_it_was_not_there_is_no_rise(facts):
    alert = facts()
    (line,) = [text for text in map(text_of, three_lines(alert, 48).lines) if "day" in text or "ago" in text]
    assert line.startswith("seen ")


def test_of_many_other_alerts_the_nearest_is_named_and_the_rest_counted(facts):
    others = tuple(
        an_alert("ztf", f"ZTF23aaaaaa{letter}", arcsec=20.0 + at) for at, letter in enumerate("abcd")
    )
    said = words(facts(others=others))
    assert "alert ZTF23aaaaaaa 20″ N and 3 more" in said
    assert said.count("ZTF23") == 1


@pytest.mark.parametrize(("width", "height"), [(20, 3), (28, 5), (48, 3), (65, 8), (110, 36), (127, 13)])
def test_nothing_is_wider_than_its_pane_and_strangers_texts_are_harmless(facts, width, height):
    alert = facts(**HOSTILE_ALERT)
    lines = [*pane_lines(alert, width, height), headline(alert.detail, width)]
    assert all(text.isprintable() for line in lines for text, _ in line)
    assert all(width_of(line) <= width for line in lines[:-1])
    shown = "\n".join(map(text_of, lines))
    assert "\x1b" not in shown


@pytest.mark.parametrize(("width", "height"), [(28, 5), (48, 3), (65, 8), (65, 36), (127, 13)])
def test_in_ascii_there_is_nothing_else(facts, width, height):
    told = tuple(history("NEEDLE", "SN", [0.1, 0.5, 0.9]))
    alert = replace(facts(matches=(HOST, STAR), annotations=told), nights=nights_at(Atlas.sites, 60_000, 70))
    alert = with_row(alert, preal=0.98, pgal=0.4, rank=9.0, rise=0.5, rise_error=0.04, rise_band="r")
    lines = [*pane_lines(alert, width, height, is_ascii=True)]
    assert all(text_of(line).isascii() for line in lines)
    assert '6.0" N of a galaxy' in "\n".join(map(text_of, lines))


# In view


def test_the_last_line_says_that_there_is_more_and_by_which_key():
    lines = [[(f"line {n}", "value")] for n in range(9)]
    shown = [text_of(line) for line in in_view(lines[:5], 0, 30, 4, "M")]
    assert shown[:3] == ["line 0", "line 1", "line 2"]
    assert re.fullmatch(r"line 3 +M more", shown[3])
    assert [text_of(line) for line in in_view(lines, 5, 30, 4, "M")][-1].endswith("M 5 above")
    assert in_view(lines[:4], 0, 30, 4, "M") == lines[:4]
