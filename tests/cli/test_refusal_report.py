"""A thousand refusals of one reason are three lines and a number."""

from vra_tui.cli.refusal_report import RefusalReport
from vra_tui.domain.refusal import Refusal


def told(refusals):
    lines = []
    report = RefusalReport(lines.append)
    for refusal in refusals:
        report(refusal)
    report.close()
    return lines


def without_place(number):
    name = f"ZTF{number}"
    return Refusal("t.csv", f"object {name}", f"it does not say where table {name} is", name)


def test_a_few_of_each_reason_are_told_and_the_rest_counted():
    lines = told([*map(without_place, range(1000)), Refusal("x", "file", "it is empty")])
    assert len(lines) == 5
    assert lines[0] == "refused: t.csv: object ZTF0: it does not say where table ZTF0 is"
    assert lines[3] == "refused: x: file: it is empty"
    assert lines[4] == (
        "refused: 997 more like the last, t.csv: object ZTF999: it does not say where table ZTF999 is"
    )


def test_few_are_told_one_by_one():
    assert len(told(map(without_place, range(3)))) == 3


def test_the_object_is_named_where_its_place_does_not():
    (line,) = told([Refusal("a.json", "line 3", "its mjd is text", "A1")])
    assert line == "refused: a.json: line 3: A1: its mjd is text"


def test_many_reasons_do_not_flood_the_terminal_either():
    letters = [f"reason {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(600)]
    refusals = [Refusal("x", "file", reason) for reason in letters]
    lines = told(refusals)
    assert len(lines) <= 61
    assert lines[-1].endswith("more for other reasons")


def test_nothing_from_outside_reaches_the_terminal_as_it_is():
    assert "\x1b" not in "".join(told([Refusal("x\x1b[2J", "file", "bad \x1b]0;")] * 5))
