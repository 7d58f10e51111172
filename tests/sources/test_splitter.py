"""Objects are found in a long text however it is cut into reads."""

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from vra_tui.sources.splitter import BrokenJson, split_objects

texts = st.text(alphabet='ab{}[]",\\\n é', max_size=12)
values = st.recursive(
    texts | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
objects = st.lists(st.dictionaries(texts, values, max_size=4), max_size=5)


def pieces(data: bytes, chunk: int = 1 << 20, max_bytes: int = 1 << 20):
    stream = io.BytesIO(data)
    return list(split_objects(lambda size: stream.read(min(size, chunk)), max_bytes))


@given(objects, st.integers(1, 9), st.booleans())
def test_every_object_comes_out_whole_whatever_the_reads(items, chunk, as_list):
    data = json.dumps(items) if as_list else "\n".join(json.dumps(item) for item in items)
    found = pieces(data.encode(), chunk)
    assert [json.loads(piece.data) for piece in found] == items


@given(objects, st.integers(1, 9))
def test_each_object_is_told_with_the_byte_at_which_it_begins(items, chunk):
    data = json.dumps(items, indent=1).encode()
    for piece in pieces(data, chunk):
        assert data[piece.position :].startswith(piece.data)


def test_an_object_that_does_not_end_is_reported_where_it_began():
    found = pieces(b'[{"a": 1}, {"b": {"c": 2}')
    assert found[0].data == b'{"a": 1}'
    assert found[1].position == 11
    assert "does not end" in found[1].data.reason


def test_an_object_too_large_is_skipped_and_the_next_one_is_read():
    big = json.dumps({"a": "x" * 500}).encode()
    found = pieces(b"[" + big + b', {"b": 1}]', chunk=64, max_bytes=100)
    assert isinstance(found[0].data, BrokenJson)
    assert "too large" in found[0].data.reason
    assert found[1].data == b'{"b": 1}'


def test_what_is_no_object_is_reported_once_and_the_objects_around_it_are_read():
    found = pieces(b'[1, 2, "x", {"a": 1}, nonsense, {"b": 2}]')
    assert [piece.data for piece in found if isinstance(piece.data, bytes)] == [b'{"a": 1}', b'{"b": 2}']
    assert sum(isinstance(piece.data, BrokenJson) for piece in found) == 2


def test_braces_in_strings_and_escaped_quotes_do_not_count():
    tricky = {"a": 'say "}{" and \\', "b": '\\"'}
    assert json.loads(pieces(json.dumps(tricky).encode(), chunk=1)[0].data) == tricky
