"""Web pages of an alert: each by a letter, https and nothing else, copied and opened where a browser is."""

import base64
import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import FIRST_ID
from tests.tui.conftest import press, scanning, shown, until, until_shown
from tests.tui.made import an_alert, put
from vra_tui.store.connection import open_store
from vra_tui.surveys.base import Link
from vra_tui.tui.browser import has_browser
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.pages import is_safe, pages_of
from vra_tui.tui.picker import Picker

HOSTILE = [
    "x\x1b]52;c;eA==\x07",
    "a b",
    "../../?x=1#y",
    "javascript:alert(1)",
    "\u202eabc",
    "é" * 40,
    "a\nb",
    "'\"<>`$(x)",
    "@evil.org/",
]


@pytest.mark.parametrize("survey", ["atlas", "ztf", "lsst"])
@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_an_object_is_called_its_pages_are_https_and_on_their_hosts(survey, text):
    plain = {urlsplit(one.url).netloc for one in CodeBook().links(survey, "1", {"other_name": "AT2024moo"})}
    links = CodeBook().links(survey, text, {"other_name": f"AT{text}", "name": text})
    pages = pages_of(10.0, -5.0, [(text, links)], text)
    assert all(is_safe(page.url) for page in pages)
    assert {urlsplit(one.url).netloc for one in links} <= plain
    assert all(f"{page.letter}{page.title}{page.about}".isprintable() for page in pages)


@given(st.text(max_size=60))
def test_no_address_with_anything_but_an_addresss_letters_is_safe(text):
    assert not is_safe(f"http://a.org/{text}")
    if is_safe(f"https://a.org/{text}"):
        assert re.fullmatch(r"[!-~]*", text)
        assert not set(text) & set("\"'<>`\\^{}|$")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://",
            "https:///x",
            "file:///etc",
            "javascript:x",
            "https://user@a.org/",
            "https://localhost/",
        ),
        "https://a.org/" + "a" * 600,
        "https://a.org:\u0664\u0664\u0663/x",
    ],
)
def test_other_addresses_are_left_out(url):
    assert not is_safe(url)
    assert all(page.url != url for page in pages_of(1.0, 2.0, [("x", [Link("L", "x", url)])]))


def test_each_page_has_a_letter_of_its_own_and_stands_once():
    links = [Link("L", "Lasair", f"https://lasair.org/{n}") for n in range(60)] + [
        Link("L", "Lasair", "https://lasair.org/0")
    ]
    pages = pages_of(1.0, 2.0, [("x", links)])
    assert len({page.letter for page in pages}) == len(pages) == len({page.url for page in pages}) == 36
    assert pages[0].letter == "l"


@pytest.mark.parametrize(
    ("ra", "dec", "written"), [(10.5, -5.25, "10.500000%20-5.250000"), (0.0, 89.5, "%2B89.5")]
)
def test_pages_of_a_place_hold_it(ra, dec, written):
    pages = {page.title: page.url for page in pages_of(ra, dec, [])}
    assert written in pages["SIMBAD"]
    assert f"ra={ra:.6f}&decl={dec:.6f}" in pages["TNS search"]
    assert {"NED", "Legacy Survey", "Aladin", "ALeRCE search"} <= pages.keys()


def test_an_alert_without_a_place_has_no_pages_of_one():
    assert pages_of(float("nan"), 1.0, []) == []


@pytest.mark.parametrize(
    ("environ", "platform", "is_there"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "darwin", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "1 2 3 4"}, "linux", False),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_where_the_scanner_sits(environ, platform, is_there):
    assert has_browser(environ, platform) is is_there


@pytest.fixture
def written(monkeypatch):
    """What is written to the terminal, and the addresses that a browser was given."""
    opened: list[str] = []

    async def open_page(url):
        opened.append(url)
        return True

    monkeypatch.setattr("vra_tui.tui.room.finding.open_page", open_page)
    for name in (
        "SSH_CONNECTION",
        "SSH_CLIENT",
        "SSH_TTY",
        "MOSH_CONNECTION",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "TMUX",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("vra_tui.tui.browser.sys.platform", "linux")
    return opened


def copied(app, monkeypatch):
    texts: list[str] = []
    monkeypatch.setattr(app._driver, "write", texts.append)
    return texts


async def test_w_and_a_letter_copy_the_address_and_open_none_where_no_browser_is(
    store_path, written, decided, monkeypatch
):
    async with scanning(store_path) as (app, pilot):
        before = app.session.order.current
        texts = copied(app, monkeypatch)
        await press(pilot, "W")
        assert isinstance(app.screen, Picker)
        await until_shown(app, "SIMBAD")
        await press(pilot, "s")
        codes = re.findall(r"\x1b\]52;c;([^\x07]*)\x07", "".join(texts))
        url = base64.b64decode(codes[0]).decode()
        assert url.startswith("https://simbad.cds.unistra.fr/")
        assert "Copied: https://simbad" in "\n".join(shown(app))
        assert app.session.order.current == before
    assert written == decided() == []


async def test_where_a_browser_is_the_page_is_opened_too(store_path, written, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "W", "a")
        await until(app, lambda: written, "no page was opened")
        await until_shown(app, "opened ATLAS")
    assert (
        written == [f"https://psweb.mp.qub.ac.uk/sne/atlas4/candidate/{FIRST_ID + 1}/"] or len(written) == 1
    )


async def test_the_pages_of_the_same_place_in_other_surveys_are_there_too(tmp_path, written):
    path = tmp_path / "two.db"
    store = open_store(path)
    put(store, an_alert("ztf", "ZTF26aaaaaaa"), an_alert("lsst", "313853517191479345", arcsec=0.3))
    store.close()
    async with scanning(path, list_name="all") as (app, pilot):
        await press(pilot, "W")
        await until_shown(app, "lasair-ztf.lsst.ac.uk/objects/ZTF26aaaaaaa")
        await until_shown(app, "lasair.lsst.ac.uk/objects/313853517191479345")
        await press(pilot, "escape")
        assert not isinstance(app.screen, Picker)
