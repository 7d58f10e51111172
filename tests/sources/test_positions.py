"""Light curves of one table at the positions of another."""

from pathlib import Path

import pytest

from vra_tui.domain.alert import Alert, Refused
from vra_tui.errors import VraError
from vra_tui.pipeline.input_options import reading_of
from vra_tui.sources.files import read_file
from vra_tui.sources.positions import read_positions
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

CURVES = "oid,mjd,mag,magerr,filter\n007,60000.1,18.5,0.1,g\n007,60001.1,18.4,0.1,r\n8,60000.1,19.0,0.1,g\n"


@pytest.fixture
def curves(tmp_path: Path) -> Path:
    path = tmp_path / "curves.csv"
    path.write_text(CURVES)
    return path


def places(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "places.csv"
    path.write_text(text)
    return path


def alerts(curves: Path, positions: Path) -> dict[str, Alert | str]:
    surveys = installed_surveys()
    found: dict[str, Alert | str] = {}
    for piece in read_file(curves, reading_of(surveys, positions=positions)):
        assert isinstance(piece, Packet)
        try:
            alert = surveys["table"].alert(piece)
            found[alert.object_id] = alert
        except Refused as refused:
            found[piece.value.object_id] = str(refused)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "id,ra,dec\n007,150.5,-2.25\n",
        "name;RA;Dec\n007;150.5;-2.25\n",
        "ZTFID,RA,Dec,type\n007,10:02:00.0,-02:15:00,SN Ia\n",
        "dec,ra,objid\n-2.25,510.5,007\n",
    ],
)
def test_an_object_lies_where_the_other_table_says(text: str, curves: Path, tmp_path: Path):
    found = alerts(curves, places(tmp_path, text))
    alert = found["007"]
    assert isinstance(alert, Alert)
    assert (alert.facts["ra"], alert.facts["dec"]) == (pytest.approx(150.5), pytest.approx(-2.25))
    assert found["8"] == "it has no position: none in its table, and none in the table of positions"


def test_a_position_of_the_light_curve_itself_stands(tmp_path: Path):
    own = tmp_path / "own.csv"
    own.write_text("oid,mjd,mag,magerr,ra,dec\n7,60000.1,18.5,0.1,10.0,20.0\n")
    alert = alerts(own, places(tmp_path, "id,ra,dec\n7,150.5,-2.25\n"))["7"]
    assert isinstance(alert, Alert)
    assert alert.facts["ra"] == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,ra\n7,1\n", r"no column of declinations \(dec\)"),
        ("ra,dec\n7,1\n", "no column of object ids"),
        ("", "cannot be read"),
        ("\n\n", "cannot be read"),
        ("name\nA\n", r"Its columns are: name\."),
        ("id,ra,dec\n7,1,2\n7,1.1,2\n", "two places for 7"),
    ],
)
def test_what_is_no_table_of_positions_is_refused(text: str, why: str, tmp_path: Path):
    with pytest.raises(VraError, match=why):
        read_positions(places(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "id;ra;dec\n7;150,5;-2,25\n",
        "\ufeff# mine\n# id ra dec\n7 150.5 -2.25\n",
        "id , ra , dec\n7 , 150.5 , -2.25\n",
        "id|ra|dec\n7|10:02:00|-02:15:00\n",
    ],
)
def test_positions_are_read_however_people_write_tables(text: str, tmp_path: Path):
    assert read_positions(places(tmp_path, text)).by_id["7"] == pytest.approx((150.5, -2.25))


def test_rows_without_a_place_on_the_sky_are_left_out(tmp_path: Path):
    found = read_positions(places(tmp_path, "id,ra,dec\n7,nan,2\n8,1,95\n,1,2\n9,1,2\n"))
    assert dict(found.by_id) == {"9": (1.0, 2.0)}


def test_other_positions_make_another_packet(curves: Path, tmp_path: Path):
    """What was refused for its position is read again once the table is right."""
    digests = []
    for text in ("id,ra,dec\n007,150.5,-2.25\n", "id,ra,dec\n007,150.5,-2.26\n"):
        reading = reading_of(installed_surveys(), positions=places(tmp_path, text))
        digests.append([piece.digest for piece in read_file(curves, reading) if isinstance(piece, Packet)])
    assert not set(digests[0]) & set(digests[1])
