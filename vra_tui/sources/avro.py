"""Avro: packets in container files, block by block, and single messages in Confluent framing.

The container is cut into its blocks here and fastavro decodes the records, so that a damaged block costs its
own records and no more, and one that unpacks to gigabytes is refused before it fills the memory.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.bytes import Peekable
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

MAGIC = b"Obj\x01"
#: First byte of a message in Confluent framing; four bytes follow that number its schema.
CONFLUENT = 0
_SYNC_BYTES = 16
#: Real blocks hold one packet, or some of them: half a megabyte. More than this is no alert stream.
MAX_BLOCK_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 256 << 20
_MAX_HEADER_BYTES = 4 << 20
#: Schemas kept in memory: the files of one folder have a handful of them, whoever made them.
_MAX_SCHEMAS = 16


def read_container(
    stream: Peekable, source: str, reading: Reading | None = None
) -> Iterator[Packet | Refusal]:
    """Packets of an Avro container; what is damaged comes as refusals, and reading goes on behind it."""
    try:
        how = reading or Reading()
        header = _Header.read(stream, how.parsed_schemas)
    except Refused as refused:
        yield Refusal(source, "file", str(refused))
        return
    number = 0
    while block := _next_block(stream, header):
        count, data, problem = block
        if problem:
            yield Refusal(source, f"record {number + 1}", problem)
            number += max(count, 1)
            continue
        digests = [how.digest(data, place) for place in range(count)]
        if all(map(how.is_known, digests)):
            for digest in digests:
                number += 1
                yield Packet(source, f"record {number}", None, "avro", digest=digest, is_repeat=True)
            continue
        for value, digest in zip(_records(header, data, count), digests, strict=True):
            number += 1
            if isinstance(value, Refused):
                yield Refusal(source, f"record {number}", str(value))
            else:
                size = len(data) // count
                yield Packet(source, f"record {number}", value, "avro", header.name, size, digest=digest)
    if not number:
        yield Refusal(source, "file", "it is an Avro file without a record")


def read_message(data: bytes, source: str, position: str, reading: Reading) -> Packet | Refusal:
    """One message in Confluent framing, its schema from a folder that the user names."""
    digest = reading.digest(data)
    if reading.is_known(digest):
        return Packet(source, position, None, "avro", digest=digest, is_repeat=True)
    number = int.from_bytes(data[1:5], "big")
    try:
        schema = framed_schema(number, reading.schemas)
        value = read_record(schema, data[5:])
        return Packet(source, position, value, "avro", name_of(schema), len(data), digest=digest)
    except Refused as refused:
        return Refusal(source, position, str(refused))


def framed_schema(number: int, folder: Path | None) -> Any:
    """The parsed schema that a Rubin message's number (major * 100 + minor) stands for. Raises Refused."""
    version = f"{number // 100}_{number % 100}"
    if folder is None:
        raise Refused(
            f"it is a message in Confluent framing, schema {number}: name a folder of schemas with --schemas"
        )
    from fastavro.schema import load_schema

    dotted = version.replace("_", ".")
    for path in sorted(folder.rglob("*.alert.avsc")) + sorted(folder.rglob("alert.avsc")):
        if f"v{version}." in path.name or dotted in path.parts:
            try:
                return load_schema(str(path))
            except Exception as error:  # whatever fastavro finds wrong in files of strangers
                raise Refused(f"the schema {path.name} cannot be read: {_words(error)}") from None
    raise Refused(f"the folder of schemas holds none for version {dotted} (schema {number})")


class _Header:
    """Header of a container: schema, codec, and the mark between its blocks."""

    def __init__(self, schema: Any, codec: str, sync: bytes) -> None:
        self.schema, self.codec, self.sync = schema, codec, sync
        self.name = name_of(schema)

    @classmethod
    def read(cls, stream: Peekable, parsed: dict[bytes, Any]) -> "_Header":
        """Read the header of a container. ``parsed``: schemas by their text, of files before; one is added.

        An archive holds a file for each packet, all of the same schema.
        """
        from fastavro import schemaless_reader

        described = {"type": "map", "values": "bytes"}
        if stream.read(len(MAGIC)) != MAGIC:
            raise Refused("it does not begin as an Avro file")
        kept = _Remembering(stream, _MAX_HEADER_BYTES)
        try:
            meta: Any = schemaless_reader(cast(IO[bytes], kept), described, None)
            schema = _parsed(meta["avro.schema"], parsed)
        except Exception as error:  # fastavro raises what its parts raise: EOFError, KeyError, IndexError ...
            raise Refused(f"its Avro header cannot be read: {_words(error)}") from None
        return cls(
            schema, meta.get("avro.codec", b"null").decode("ascii", "replace"), stream.read(_SYNC_BYTES)
        )


def _parsed(text: bytes, parsed: dict[bytes, Any]) -> Any:
    schema = parsed.get(text)
    if schema is None:
        import orjson
        from fastavro import parse_schema

        schema = parse_schema(orjson.loads(text))
        if len(parsed) >= _MAX_SCHEMAS:
            parsed.clear()
        parsed[text] = schema
    return schema


class _Remembering:
    """A stream from which only so much is read."""

    def __init__(self, stream: Peekable, limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._left:
            raise EOFError("it claims to be longer than a header can be")
        self._left -= size
        data = self._stream.read(size)
        if len(data) < size:
            raise EOFError("it ends too early")
        return data


def _next_block(stream: Peekable, header: _Header) -> tuple[int, bytes, str] | None:
    """Count of records, their bytes, and what is wrong with the block; None at the end."""
    count, size = _long(stream), _long(stream)
    if count is None:
        return None
    if size is None:
        return 1, b"", "the file ends within a block"
    if not (0 <= count <= 1_000_000 and 0 <= size <= MAX_BLOCK_BYTES):
        return _resynchronise(stream, header, f"a block claims {count:,} records in {size:,} bytes")
    data = stream.read(size)
    if len(data) < size:
        return max(count, 1), b"", f"the file ends within a block of {count} records"
    mark = stream.read(_SYNC_BYTES)
    if len(mark) < _SYNC_BYTES:
        return max(count, 1), b"", f"the file ends within a block of {count} records"
    if mark != header.sync:
        return _resynchronise(stream, header, "a block does not end where it says")
    try:
        return count, _unpacked(data, header.codec), ""
    except (Refused, ValueError, OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        return max(count, 1), b"", f"a block cannot be unpacked: {_words(error)}"
    except Exception as error:  # cramjam's own
        return max(count, 1), b"", f"a block cannot be unpacked: {_words(error)}"


def _resynchronise(stream: Peekable, header: _Header, problem: str) -> tuple[int, bytes, str]:
    """Skip to behind the next mark between blocks."""
    window = b""
    while chunk := stream.read(1 << 20):
        window += chunk
        found = window.find(header.sync)
        if found >= 0:
            stream.unread(window[found + _SYNC_BYTES :])
            return 1, b"", f"{problem}; reading goes on behind it"
        window = window[-_SYNC_BYTES:]
    return 1, b"", f"{problem}; the rest is not read"


def _long(stream: Peekable) -> int | None:
    """A zigzag number of variable length; None at the end of the file."""
    value = shift = 0
    while byte := stream.read(1):
        value |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
        if shift > 63:
            return -1
    return None


def _unpacked(data: bytes, codec: str) -> bytes:
    if codec == "null":
        return data
    unpack: Mapping[str, Callable[[bytes], bytes]] = {
        "deflate": lambda packed: _bounded(zlib.decompressobj(-15), packed),
        "bzip2": lambda packed: _bounded(bz2.BZ2Decompressor(), packed),
        "xz": lambda packed: _bounded(lzma.LZMADecompressor(), packed),
        "snappy": _snappy,
        "zstandard": _zstandard,
    }
    if codec not in unpack:
        raise Refused(f"its codec `{printable(codec, 40)}` is not known")
    return unpack[codec](data)


def _bounded(decompressor: Any, packed: bytes) -> bytes:
    data: bytes = decompressor.decompress(packed, MAX_UNPACKED_BYTES)
    if len(data) >= MAX_UNPACKED_BYTES:
        raise Refused(f"it unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
    return data


def _snappy(packed: bytes) -> bytes:
    import cramjam

    body = packed[:-4]  # a checksum follows
    size = 0
    for shift, byte in enumerate(body[:5]):
        size |= (byte & 0x7F) << 7 * shift
        if not byte & 0x80:
            break
    if size > MAX_UNPACKED_BYTES:
        raise Refused(f"it unpacks to {size:,} bytes")
    return bytes(cramjam.snappy.decompress_raw(body))


def _zstandard(packed: bytes) -> bytes:
    import cramjam

    unpacked = bytearray(MAX_UNPACKED_BYTES)
    return bytes(unpacked[: cramjam.zstd.decompress_into(packed, unpacked)])


def _records(header: _Header, data: bytes, count: int) -> Iterator[Any]:
    """Decoded records, or Refused; what follows an undecodable one in its block cannot be found."""
    from fastavro import schemaless_reader

    stream = io.BytesIO(data)
    for done in range(count):
        try:
            yield schemaless_reader(stream, header.schema, None)
        except Exception as error:  # fastavro raises what its parts raise
            yield Refused(f"a record cannot be decoded: {_words(error)}")
            yield from (Refused("it follows a record that cannot be decoded") for _ in range(done + 1, count))
            return


def read_record(schema: Any, data: bytes) -> Any:
    """One record without a header, by its schema. Raises Refused."""
    from fastavro import schemaless_reader

    try:
        return schemaless_reader(io.BytesIO(data), schema, None)
    except Exception as error:  # fastavro raises what its parts raise
        raise Refused(f"it does not hold what its schema says: {_words(error)}") from None


def name_of(schema: Any) -> str | None:
    """The full name of a schema; None for one that has none."""
    if not isinstance(schema, dict):
        return None
    name, space = str(schema.get("name") or ""), str(schema.get("namespace") or "")
    return (name if "." in name or not space else f"{space}.{name}") or None


def _words(error: Exception) -> str:
    return printable(" ".join(str(error).split()), 160) or type(error).__name__
