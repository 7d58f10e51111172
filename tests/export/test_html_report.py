"""The report as a page: one file that asks for nothing and runs nothing, whatever strangers wrote."""

from html.parser import HTMLParser

from vra_tui.export.html_report import as_html
from vra_tui.export.panels import Bars, Columns
from vra_tui.export.report import ReportSection

EVIL = """<script>alert(1)</script>"'&<img src=x onerror=y>\x1b[2J"""


class Page(HTMLParser):
    """What a browser makes of a page: its elements in order, those left open, and its text."""

    VOID = frozenset(("meta", "rect", "line"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page_of(*parts):
    return Page(as_html("Friday", parts, "vra-tui 1"))


def test_every_element_of_the_page_is_closed_and_none_runs_or_fetches_anything():
    figures = [Bars("b", "alerts", {"a": 1.0}), Columns("c", "alerts", ["x"], {"s": [1.0]})]
    page = page_of(ReportSection("One", ["two"], ["a"], [["1"]], figures))
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "a", "base"} & {tag for tag, _ in page.elements}
    assert not {"src", "href", "style"} & {name for _, attributes in page.elements for name in attributes}


def test_what_a_stranger_wrote_is_text_wherever_it_stands():
    figures = [Bars(EVIL, EVIL, {EVIL: 1.0}), Columns(EVIL, EVIL, [EVIL], {EVIL: [1.0]})]
    page = page_of(ReportSection("One", [EVIL], [EVIL], [[EVIL]], figures))
    assert page.open == []
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert any("<script>alert(1)</script>" in text for text in page.text)
    assert "\x1b" not in "".join(page.text)


def test_numbers_stand_at_the_right_under_their_title():
    page = page_of(ReportSection("One", (), ["who", "alerts"], [["ada", "1,204"]]))
    assert [attributes for tag, attributes in page.elements if tag in ("th", "td")] == [
        {}, {"class": "number"}, {}, {"class": "number"}
    ]  # fmt: skip
