"""Templates: what they may say, what hostile values do in them (nothing), and faults by line."""

import pytest

from vra_tui.export.drafts.fill import BLANK, TemplateError, fill, read_template

KNOWN = ("name", "host", "z")
HOSTILE = [
    "{{7*7}}",
    "$(id)",
    "${host}",
    "{0.__class__}",
    "{name.__init__}",
    "%(z)s",
    "[[{host}]]",
    "`id`",
    "{z}",
]


def filled(text: str, **values: str):
    return read_template(text, KNOWN, "mine.txt").fill(values)


def faults(text: str) -> str:
    with pytest.raises(TemplateError) as raised:
        read_template(text, KNOWN, "mine.txt")
    return str(raised.value)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_text_whatever_it_looks_like(value):
    assert filled("a {name} b [[{host}]]", name=value, host=value).text == f"a {value} b {value}"
    assert fill("{name}", {"name": value, "z": "1"}, "x") == value


def test_a_piece_is_left_out_where_a_field_has_no_value():
    text = "SN {name}[[ in {host}]][[ at z = {z}]]."
    assert filled(text, name="a", host="NGC 1").text == "SN a in NGC 1."
    assert filled(text, name="a", z="0.1").text == "SN a at z = 0.1."
    assert filled("x\n[[{host}]]\ny", name="a").text == "x\ny"
    assert filled("[[{?z}far ]]away", z="1").text == "far away"
    assert filled("[[{?z}far ]]away").text == "away"


def test_a_field_outside_of_such_a_piece_leaves_a_blank_that_is_told():
    found = filled("first\nz = {z}")
    assert found.text == f"first\nz = {BLANK}"
    assert [(one.name, one.line) for one in found.missing] == [("z", 2)]


def test_braces_are_written_twice():
    assert filled("{{name}} {name}", name="a").text == "{name} a"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n{hots}", "line 2: there is no field `{hots}`; did you mean `{host}`?"),
        ("{0.__class__}", "line 1: there is no field `{0.__class__}`"),
        ("{name!r} {name:>9}", "line 1: there is no field `{name!r}`"),
        ("{}", "line 1: there is no field `{}`"),
        ("\n\n[[ {host}", "line 3: `[[` is not closed"),
        ("a ]]", "line 1: `]]` closes nothing"),
        ("[[ a\n[[ {z} ]] ]]", "line 2: a piece `[[` within the one of line 1"),
        ("a { b", "line 1: a single `{`"),
        ("{?z}", "line 1: `{?z}` stands within `[[ ]]` only"),
    ],
)
def test_faults_are_named_by_line(text, said):
    assert f"mine.txt: {said}" in faults(text)


def test_all_faults_are_told_at_once():
    told = faults("{one}\n{two}\n[[")
    assert [f"line {n}" in told for n in (1, 2, 3)] == [True] * 3
