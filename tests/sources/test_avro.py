"""Avro is read block by block: a damaged block costs its own records, and what claims too much is refused."""

import json
import zlib

import fastavro
import pytest

from tests.sources.made import NAMES, RECORDS, SCHEMA, container, message, read
from vra_tui.sources import avro

SYNC = b"0123456789abcdef"


def named(packets):
    return [packet.value["objectId"] for packet in packets]


def blocks(data: bytes) -> list[bytes]:
    """The header and the blocks of a container, each with the mark behind it."""
    return [part + SYNC for part in data.split(SYNC)[:-1]]


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "snappy", "zstandard"])
def test_every_codec_of_the_specification_is_read(codec):
    try:
        data = container(codec=codec)
    except ValueError as missing:
        pytest.skip(str(missing))
    packets, refusals = read(data)
    assert [packet.value for packet in packets] == RECORDS
    assert not refusals
    assert {packet.schema for packet in packets} == {"made.up.alert"}
    assert [packet.position for packet in packets][:2] == ["record 1", "record 2"]


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy"])
def test_a_damaged_block_costs_its_own_records(codec):
    parts = blocks(container(codec=codec))
    parts[4] = parts[4][:5] + b"\xff" * 12 + parts[4][17:]
    packets, refusals = read(b"".join(parts))
    assert set(NAMES) - set(named(packets)) <= {NAMES[3]}
    assert set(named(packets)) >= {*NAMES[:3], *NAMES[4:]}
    assert len(packets) + len(refusals) == len(NAMES)


def test_a_block_with_a_wrong_size_is_passed_over_up_to_the_next_mark():
    parts = blocks(container())
    parts[3] = b"\x02\xfe\xff\xff\x7f" + parts[3]
    packets, refusals = read(b"".join(parts))
    assert named(packets) == [*NAMES[:2], *NAMES[3:]]
    assert "reading goes on behind it" in refusals[0].reason
    assert refusals[0].position == "record 3"


def test_bytes_lost_within_a_block_cost_no_more_than_the_two_blocks_that_they_join():
    parts = blocks(container())
    parts[2] = parts[2][:50] + parts[2][80:]
    packets, refusals = read(b"".join(parts))
    assert set(named(packets)) >= {NAMES[0], *NAMES[3:]}
    assert refusals


@pytest.mark.parametrize("left", [0.3, 0.6, 0.95])
def test_a_cut_off_file_gives_its_whole_blocks_and_says_so(left):
    data = container()
    packets, refusals = read(data[: int(len(data) * left)])
    assert named(packets) == NAMES[: len(packets)]
    assert "ends within" in refusals[-1].reason


def test_a_cut_off_header_is_refused():
    packets, refusals = read(container()[:60])
    assert not packets
    assert "header cannot be read" in refusals[0].reason


def test_a_file_without_records_is_refused():
    assert "without a record" in read(container([]))[1][0].reason


def with_block(codec: str, body: bytes, count: int = 1) -> bytes:
    header = blocks(container(codec=codec))[0]
    return header + zigzag(count) + zigzag(len(body)) + body + SYNC


def zigzag(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def test_a_block_that_unpacks_to_gigabytes_is_refused(monkeypatch):
    monkeypatch.setattr(avro, "MAX_UNPACKED_BYTES", 1 << 20)
    deflate = zlib.compressobj(wbits=-15)
    bomb = deflate.compress(bytes(8 << 20)) + deflate.flush()
    packets, refusals = read(with_block("deflate", bomb) + blocks(container(codec="deflate"))[1])
    assert "unpacks to more than" in refusals[0].reason
    assert named(packets) == NAMES[:1]


def test_a_snappy_block_that_claims_gigabytes_is_refused():
    _, refusals = read(with_block("snappy", b"\xff\xff\xff\xff\x0f" + bytes(20)))
    assert "unpacks to 4,294,967,295 bytes" in refusals[0].reason


def test_zstandard_blocks_are_read_within_bounds(monkeypatch):
    cramjam = pytest.importorskip("cramjam")
    named_so = blocks(container())[0].replace(b"avro.codec\x08null", b"avro.codec\x12zstandard")

    def block(data: bytes) -> bytes:
        packed = bytes(cramjam.zstd.compress(data))
        return zigzag(1) + zigzag(len(packed)) + packed + SYNC

    monkeypatch.setattr(avro, "MAX_UNPACKED_BYTES", 1 << 20)
    packets, refusals = read(named_so + block(bytes(8 << 20)) + block(message(0)[5:]))
    assert named(packets) == NAMES[:1]
    assert "cannot be unpacked" in refusals[0].reason


@pytest.mark.parametrize(("count", "size"), [(2**40, 10), (1, 2**50), (-1, 10), (1, -5)])
def test_numbers_that_no_block_has_are_refused(count, size):
    header = blocks(container())[0]
    _, refusals = read(header + zigzag(count) + zigzag(size) + bytes(20) + SYNC)
    assert "claims" in refusals[0].reason


def test_a_text_that_claims_to_be_longer_than_the_block_is_refused():
    _, refusals = read(with_block("null", zigzag(2**40) + b"abc"))
    assert refusals[0].position == "record 1"


def test_records_behind_one_that_cannot_be_decoded_are_refused_one_by_one():
    sound = message(0)[5:]
    packets, refusals = read(with_block("null", sound + b"\xff" * 10, count=3))
    assert named(packets) == NAMES[:1]
    assert [refusal.position for refusal in refusals] == ["record 2", "record 3"]


def test_an_unknown_codec_is_named():
    data = container().replace(b"avro.codec\x08null", b"avro.codec\x08lzma")
    assert "codec `lzma` is not known" in read(data)[1][0].reason


def test_a_header_with_a_schema_that_is_none_is_refused():
    data = container().replace(b'"type": "record"', b'"type": "recird"')
    assert "header cannot be read" in read(data)[1][0].reason


class TestConfluent:
    """A message holds the number of its schema; the user names a folder of them."""

    @pytest.fixture
    def schemas(self, tmp_path):
        for version in ("7_3", "10_0"):
            folder = tmp_path / version.replace("_", ".")
            folder.mkdir()
            space = f"lsst.v{version}"
            inner = {**SCHEMA, "name": "diaSource", "namespace": space}
            fields = [{"name": "diaSource", "type": f"{space}.diaSource"}]
            alert = {"type": "record", "name": "alert", "namespace": space, "fields": fields}
            (folder / f"{space}.diaSource.avsc").write_text(json.dumps(inner))
            (folder / f"{space}.alert.avsc").write_text(json.dumps(alert))
        return tmp_path

    def written(self, number, schemas):
        folder = schemas / f"{number // 100}.{number % 100}"
        schema = fastavro.schema.load_schema(str(next(folder.glob("*.alert.avsc"))))
        return message(number, {"diaSource": RECORDS[2]}, schema)

    @pytest.mark.parametrize(("number", "name"), [(703, "lsst.v7_3.alert"), (1000, "lsst.v10_0.alert")])
    def test_a_message_is_decoded_by_the_schema_of_its_number(self, schemas, number, name):
        packets, refusals = read(self.written(number, schemas), schemas=schemas)
        assert not refusals
        assert packets[0].value == {"diaSource": RECORDS[2]}
        assert packets[0].schema == name

    def test_without_a_folder_the_user_is_asked_for_one(self, schemas):
        assert "--schemas" in read(self.written(1000, schemas))[1][0].reason

    def test_a_schema_that_is_not_in_the_folder_is_named(self, schemas):
        data = b"\x00" + (1100).to_bytes(4, "big") + bytes(200)
        assert "none for version 11.0" in read(data, schemas=schemas)[1][0].reason

    def test_a_broken_schema_is_named(self, schemas):
        next(schemas.rglob("lsst.v10_0.diaSource.avsc")).write_text("{")
        reason = read(
            self.written(703, schemas)[:1] + (1000).to_bytes(4, "big") + bytes(200), schemas=schemas
        )
        assert "lsst.v10_0.alert.avsc cannot be read" in reason[1][0].reason

    def test_a_message_that_does_not_fit_its_schema_is_refused(self, schemas):
        _, refusals = read(self.written(703, schemas)[:150], schemas=schemas)
        assert "does not hold what its schema says" in refusals[0].reason
