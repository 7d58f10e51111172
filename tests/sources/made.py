"""Made-up files in every format that is taken in, and what is read from them."""

import gzip
import io
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

import fastavro

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.files import read_stream
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import Packet

SCHEMA = {
    "type": "record",
    "name": "alert",
    "namespace": "made.up",
    "fields": [
        {"name": "objectId", "type": "string"},
        {"name": "mag", "type": ["null", "float"]},
        {"name": "stamp", "type": ["null", "bytes"]},
    ],
}
RECORDS = [{"objectId": f"M{n}", "mag": 18.0 + n, "stamp": bytes([n]) * 200} for n in range(9)]
NAMES = [record["objectId"] for record in RECORDS]
_FORCED_ROWS = (
    "###MJD m dm uJy duJy F err chi/N RA Dec x y maj min phi apfit mag5sig Sky Obs",
    "57987.370219 -18.221 0.170 -187 28 c 0 1.33 358.26299 -9.38735 10252.88 2103.36 2.47 2.03 38.6 -0.418"
    " 18.70 21.56 02a57987o0407c",
    "57991.383470 17.902 0.060 251 13 o 0 1.09 358.26299 -9.38735 10212.13 2080.11 2.33 2.01 -35.0 -0.424"
    " 19.20 21.04 01a57991o0408o",
    "57995.383470 16.902 0.060 651 13 o 1 1.09 358.26299 -9.38735 10212.13 2080.11 2.33 2.01 -35.0 -0.424"
    " 19.20 21.04 01a57995o0408o",
)
#: What the ATLAS forced-photometry server writes; the last row is marked as failed.
FORCED_TEXT = "".join(row.replace(" ", "   ") + "\n" for row in _FORCED_ROWS)
CSV = "object_id,mjd,mag,magerr,filter\nA1,60000.5,18.1,0.1,g\nB2,60000.6,19.1,0.2,r\nA1,60001.5,18.3,0.1,g\n"


def read(data: bytes, source: str = "here", **reading: Any) -> tuple[list[Packet], list[Refusal]]:
    """Packets and refusals of a file with this content."""
    found = list(read_stream(io.BytesIO(data), source, Reading(**reading)))
    return [f for f in found if isinstance(f, Packet)], [f for f in found if isinstance(f, Refusal)]


def container(records: Sequence[Any] = RECORDS, codec: str = "null", schema: Any = None) -> bytes:
    """An Avro container with one record a block."""
    out = io.BytesIO()
    fastavro.writer(
        out, schema or SCHEMA, records, codec=codec, sync_interval=1, sync_marker=b"0123456789abcdef"
    )
    return out.getvalue()


def message(number: int, record: Any = RECORDS[0], schema: Any = None) -> bytes:
    """One record in Confluent framing."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema or SCHEMA, record)
    return b"\x00" + number.to_bytes(4, "big") + out.getvalue()


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A Parquet file of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out)
    return out.getvalue()


def tar(members: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    """An archive of files, with a folder and a link beside them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        folder = tarfile.TarInfo("night")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        link = tarfile.TarInfo("night/link.avro")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


NESTED_ROWS = [{"objectId": name, "candidate": {"mag": 18.0}, "prv": [{"jd": 1.0}]} for name in NAMES]
FLAT_ROWS = [{"oid": name, "mjd": 60_000.0 + n, "mag": 18.0, "filter": "r"} for n, name in enumerate("ABA")]


def every_format() -> dict[str, bytes]:
    """One sound file of each format."""
    return {
        "json": b'{"a": {"b": [1, 2.5, null, "x"]}, "c": "\\u00e9"}',
        "json list": b'[{"a": 1}, {"a": 2}, {"a": {"b": 3}}]',
        "json lines": b'{"a": 1}\n{"a": 2}\n{"a": {"b": 3}}\n',
        "avro": container(),
        "avro deflate": container(codec="deflate"),
        "avro snappy": container(codec="snappy"),
        "framed": message(703),
        "nested parquet": parquet(NESTED_ROWS),
        "flat parquet": parquet(FLAT_ROWS),
        "csv": CSV.encode(),
        "forced": FORCED_TEXT.encode(),
        "gzip": gzip.compress(CSV.encode(), mtime=0),
        "tar.gz": tar({"night/a.avro": container(), "b.csv": CSV.encode()}),
        "tar": tar({"night/a.avro": container(), "b.csv": CSV.encode()}, "w"),
    }
