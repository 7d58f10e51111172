"""Tables of epochs as text, however they are separated, become one packet an object."""

import pytest

from tests.sources.made import CSV, FORCED_TEXT, read
from vra_tui.sources.tables import object_name_of


@pytest.mark.parametrize("mark", [",", "\t", ";", "|", " ", "   "])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_columns_may_be_separated_by_anything_usual(mark, newline):
    packets, refusals = read(CSV.replace(",", mark).replace("\n", newline).encode())
    assert not refusals
    assert [packet.value.object_id for packet in packets] == ["A1", "B2"]
    assert packets[0].value.columns["mjd"].tolist() == ["60000.5", "60001.5"]
    assert packets[0].value.columns["filter"].tolist() == ["g", "g"]
    assert packets[1].position == "object B2"


def test_the_order_of_rows_makes_no_difference_but_for_the_order_of_objects():
    header, *rows = CSV.splitlines()
    packets, _ = read("\n".join([header, *rows[::-1]]).encode())
    assert {packet.value.object_id: sorted(packet.value.columns["mjd"]) for packet in packets} == {
        "A1": ["60000.5", "60001.5"],
        "B2": ["60000.6"],
    }


def test_comments_before_the_header_are_passed_over():
    packets, refusals = read(b"# made by hand\n# twice\n" + CSV.encode())
    assert len(packets) == 2
    assert not refusals


def test_ids_stay_text_to_the_last_digit():
    packets, _ = read(b"diaObjectId,mjd,mag\n313637921267122191,60000,18\n000123,60001,18\n")
    assert [packet.value.object_id for packet in packets] == ["313637921267122191", "000123"]


def test_a_table_without_ids_is_one_object_that_the_file_or_the_user_names():
    data = b"mjd,mag\n60000,18\n60001,19\n"
    assert read(data, "deep/SN2023ixf.csv.gz")[0][0].value.object_id == "SN2023ixf"
    assert read(data, "x.csv", name="2023ixf")[0][0].value.object_id == "2023ixf"


def test_rows_with_too_many_fields_are_refused_and_the_rest_goes_in():
    packets, refusals = read((CSV + "C3,60000,18,0.1,g,9,9\n").encode())
    assert [packet.value.object_id for packet in packets] == ["A1", "B2"]
    assert "7 fields" in refusals[0].reason


def test_rows_without_an_id_are_refused():
    packets, refusals = read((CSV + ",60000,18,0.1,g\n").encode())
    assert [packet.value.object_id for packet in packets] == ["A1", "B2"]
    assert "no object id" in refusals[0].reason


def test_names_of_columns_are_those_the_user_says():
    data = b"star,when,how_bright\nV1,60000.0,18\n"
    assert "--columns" in read(data)[1][0].reason
    columns = {"object": "star", "mjd": "when", "mag": "how_bright"}
    packets, _ = read(data, columns=columns)
    assert packets[0].value.object_id == "V1"
    assert packets[0].value.columns["mjd"].tolist() == ["60000.0"]


def test_a_header_without_rows_is_refused():
    assert "without rows" in read(b"mjd,mag\n", format="table")[1][0].reason


@pytest.mark.parametrize("head", ["###MJD", "MJD", "# MJD"])
def test_text_of_the_forced_photometry_server_is_known_by_its_header(head):
    packets, refusals = read(FORCED_TEXT.replace("###MJD", head, 1).encode(), "a/2018jov_i000.c.lc.txt")
    assert not refusals
    assert packets[0].value.kind == "forced"
    assert packets[0].value.object_id == "2018jov"
    assert packets[0].value.columns["uJy"].tolist() == ["-187", "251", "651"]


def test_a_file_that_names_no_object_is_called_after():
    assert object_name_of("/x/2018jov_i000.c.lc.txt") == "2018jov"
    assert object_name_of("archive.tar.gz:in/AT2020x.csv") == "AT2020x"
    assert object_name_of(".lc") == ".lc"
