"""The form of an AT report: faults beside what was written, and editing that loses nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vra_tui.export.drafts.at_form import as_text, degrees_of, fields, in_lines, mjd_of_text, of_text
from vra_tui.export.drafts.at_report import AtReport, changed, names


def fault(report: AtReport, name: str) -> str | None:
    (one,) = (field for field in fields(report) if field.name == name)
    return one.fault


def test_a_report_from_a_light_curve_has_no_fault(sound):
    report = sound
    assert [one for one in fields(report) if one.fault] == []
    assert [one.name for one in fields(report)] == names(report)
    assert {one.name: one.means for one in fields(report)}["photometry.0.filter"] == "orange-ATLAS"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("photometry.0.flux", "-18.4", "is negative"),
        ("photometry.0.flux", "1e5", "is not between"),
        ("photometry.0.unit", "34", "the TNS refuses nJy"),
        ("photometry.0.filter", "o", "is no number of the TNS's tables"),
        ("photometry.0.instrument", "", "is empty, and is needed"),
        ("discovery_datetime", "2023-02-25 11:16:00+01:00", "write UTC"),
        ("discovery_datetime", "2023-02-25 11:16:00 TAI", "write UTC"),
        ("discovery_datetime", "60000.47", "as the TNS writes it: 2023-02-25.47000"),
        ("discovery_datetime", "2023-02-30.1", "is no time"),
        ("ra", "24:00:00.0", "is no such angle"),
        ("dec", "+91", "is no such angle"),
        ("ra_error", "0", "is not between"),
        ("reporter", "  ", "is empty"),
        ("at_type", "9", "is none of the TNS's numbers"),
        ("host_redshift", "photometric", "is no number"),
        ("internal_name", "ATLAS 23abc", "without blanks"),
        ("proprietary_until", "soon", "is no date"),
        ("proprietary_groups", "ATLAS", "is no list of groups"),
        ("remarks", "bell\x07", "holds characters that no form takes"),
        ("remarks", "x" * 2_001, "is longer than"),
        ("non_detection.archive", "7", "is none of the TNS's numbers"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_written_is_kept(sound, name, text, said):
    report = changed(sound, name, text)
    assert report[name] == text
    assert said in fault(report, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("discovery_datetime", "2023-02-25 11:16:48"),
        ("discovery_datetime", "2023-02-25T11:16:48.123Z"),
        ("ra", "150.1"),
        ("dec", "-00:00:03.60"),
        ("host_redshift", ""),
        ("remarks", "rises  fast,\nsee ATel"),
        ("photometry.0.flux_error", ""),
    ],
)
def test_the_other_ways_of_writing_it_are_right(sound, name, text):
    assert fault(changed(sound, name, text), name) is None


def test_times_and_angles_are_read_as_they_are_written():
    assert mjd_of_text("2023-02-25.5") == mjd_of_text("2023-02-25 12:00") == 60_000.5
    assert degrees_of("10:00:24.000", is_ra=True) == pytest.approx(150.1)
    assert degrees_of("-00:00:03.60", is_ra=False) == pytest.approx(-0.001)
    assert degrees_of("nan", is_ra=True) is None
    assert degrees_of("10:61:00", is_ra=True) is None


def test_an_unchanged_text_gives_the_same_report(sound):
    report = sound
    again, faults = of_text(as_text(report), report)
    assert (faults, dict(again.values)) == ([], dict(report.values))


def test_an_edit_changes_fields_takes_lines_out_and_adds_measurements(sound):
    report = sound
    text = as_text(report).replace("remarks: ", "remarks: rises fast: look")
    lines = text.splitlines()
    points = [n for n, line in enumerate(lines) if line.startswith("|")]
    lines[points[1]] = "| 2023-02-26.1 | 18.30 | 0.10 |  | 1 | 71 | 160 | 30 | Robot | by hand |"
    again, faults = of_text("\n".join(lines), report)
    assert (faults, again["remarks"]) == ([], "rises fast: look")
    assert [(row["filter"], row["comments"]) for _, row in again.points()] == [("72", ""), ("71", "by hand")]
    del lines[points[1]]
    assert of_text("\n".join(lines), report)[0].n_points == 1


def test_what_cannot_be_read_is_named_by_line_and_the_rest_is_kept(sound):
    report = sound
    text = "colour: blue\nremarks: one\nremarks: two\n| 1 | 2 |\nno colon here\n"
    again, faults = of_text(text, report)
    assert [fault.split(":")[0] for fault in faults] == ["line 1", "line 3", "line 4", "line 5"]
    assert again["remarks"] == "one"
    assert again["internal_name"] == report["internal_name"]


def test_hostile_text_cannot_break_out_of_its_line(sound):
    hostile = "x\nreporter: me\n| 1 | 2"
    report = changed(changed(sound, "remarks", hostile), "photometry.0.comments", "a | b\n| c")
    again, faults = of_text(as_text(report), report)
    assert faults == []
    assert (again["reporter"], again.n_points) == (report["reporter"], report.n_points)
    assert again["remarks"] == "x reporter: me | 1 | 2"
    assert all(line.isprintable() for line in in_lines(changed(report, "remarks", "\x1b[31mred\x07")))


def test_faults_stand_beside_their_fields_in_the_text_and_in_the_lines(sound):
    report = changed(sound, "photometry.0.flux", "-3")
    assert "# ! magnitude is negative" in as_text(report)
    assert any("! magnitude is negative" in line for line in in_lines(report))
    assert "# ! look at this" in as_text(report, ["look at this"])


@given(
    st.dictionaries(
        st.sampled_from(
            ["remarks", "reporter", "host_name", "photometry.0.comments", "non_detection.comments"]
        ),
        st.text(max_size=60),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_in_a_field_spills_into_another(sound, texts):
    report = sound
    for name, text in texts.items():
        report = changed(report, name, text)
    again, faults = of_text(as_text(report), report)
    assert faults == []
    assert {name: again[name] for name in names(sound)} == {
        name: " ".join(report[name].split()).replace("|", "/" if name.startswith("photometry") else "|")
        for name in names(sound)
    }
