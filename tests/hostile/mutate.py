"""Responses of the API's shape, changed at random: other types, values, structures, bytes."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from tests.hostile.corpus import EVERYTHING, SEQUENCES

#: Values that no field expects, or only just.
VALUES: tuple[Any, ...] = (
    None, True, False, "", " ", "x", "NaN", "1e999", "0", "-1", "12.5", "null", [], {}, [[]], [None],
    {"a": {}}, [{"mjd": 1}], 0, 1, -1, 0.0, -0.0, 0.5, 1e-320, 5e-324, 1e300, -1e300, 1e308, 2**31,
    2**53, 2**63 - 1, 2**63, -(2**63), 2**64 - 1, 10**40, 10**400, float("nan"), float("inf"),
    float("-inf"), 49_999.999, 50_000.0, 59_000.0, 60_001.0, 99_998.999_999_999_9, 99_999.5, 100_000.0,
    360.0, 359.999_999_999, -90.0, 90.0, 90.000_001, "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.999999+14:00", "2023-02-30", "2023-02-25T12:00:00Z", "2023-02-25", -5e12, 1e11,
    "o", "c", "w", "\x00", "02a60000o0001o", "02a60000o99999o", "zz", EVERYTHING,
)  # fmt: skip

Mutation = Callable[[random.Random, dict[str, Any]], None]


def mutated(chance: random.Random, response: dict[str, Any]) -> bytes:
    """A response as JSON after one to six changes; now and then its bytes are changed too."""
    changed = copy.deepcopy(response)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        chance.choice(_MUTATIONS)(chance, changed)
    data = json.dumps(changed, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return _broken(chance, data) if chance.random() < 0.1 else data


def _containers(value: Any) -> list[Any]:
    """All dicts and lists in a value, itself first, without those that are nested deep."""
    found, level = [], [value]
    for _ in range(6):
        level = [item for item in level if isinstance(item, dict | list)]
        found += level
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return found


def _place(chance: random.Random, response: dict[str, Any]) -> tuple[Any, Any] | None:
    """Somewhere in the response: a container and a key or index in it."""
    filled = [item for item in _containers(response) if item]
    # Sections hold many rows: the header gets its share.
    chosen = chance.choice([response.get("object") or response, *filled[:12], chance.choice(filled)])
    if not isinstance(chosen, dict | list) or not chosen:
        return None
    return chosen, chance.choice(list(chosen)) if isinstance(chosen, dict) else chance.randrange(len(chosen))


def _set_value(chance: random.Random, response: dict[str, Any]) -> None:
    if place := _place(chance, response):
        place[0][place[1]] = copy.deepcopy(chance.choice(VALUES))


def _set_column(chance: random.Random, response: dict[str, Any]) -> None:
    """One key of all rows of a section."""
    rows = response.get(chance.choice(("lc", "lcnondets", "fp", "tns_crossmatches", "sherlock_crossmatches")))
    if isinstance(rows, list) and rows and isinstance(rows[0], dict) and rows[0]:
        key, value = chance.choice(list(rows[0])), chance.choice(VALUES)
        for row in rows:
            if isinstance(row, dict):
                row[key] = copy.deepcopy(value)


def _nudge(chance: random.Random, response: dict[str, Any]) -> None:
    if place := _place(chance, response):
        container, key = place
        value = container[key]
        if isinstance(value, int | float) and not isinstance(value, bool):
            factor = chance.choice((-1, 0, 0.5, 1 + 1e-12, 10, 1e6, 1e-6, 1e30))
            try:
                container[key] = value * factor + chance.choice((0, 0, 1e-9, 1, -1))
            except OverflowError:
                container[key] = factor


def _hostile_text(chance: random.Random, response: dict[str, Any]) -> None:
    texts = [
        (item, key)
        for item in _containers(response)
        if isinstance(item, dict)
        for key, value in item.items()
        if isinstance(value, str)
    ]
    if texts:
        container, key = chance.choice(texts)
        text = chance.choice(list(SEQUENCES.values()))
        container[key] = chance.choice((text, container[key] + text, text * 50, "A" * 20_000 + text))


def _delete(chance: random.Random, response: dict[str, Any]) -> None:
    if place := _place(chance, response):
        del place[0][place[1]]


def _rename(chance: random.Random, response: dict[str, Any]) -> None:
    place = _place(chance, response)
    if place and isinstance(place[0], dict):
        place[0][chance.choice(list(SEQUENCES.values()))] = place[0].pop(place[1])


def _add_unknown(chance: random.Random, response: dict[str, Any]) -> None:
    value: Any = copy.deepcopy(chance.choice(VALUES))
    for _ in range(chance.choice((1, 3, 30, 300, 700))):
        value = [value] if chance.random() < 0.5 else {"k": value}
    containers = [item for item in _containers(response) if isinstance(item, dict)]
    chance.choice(containers)[chance.choice(("new", "major", "extra", "__class__", "id2"))] = value


def _rows(chance: random.Random, response: dict[str, Any]) -> None:
    """Rows lost, doubled, shuffled, all at one time, or far apart."""
    name = chance.choice(("lc", "lcnondets", "fp"))
    rows = response.get(name)
    if not isinstance(rows, list) or not rows:
        return
    kind = chance.randrange(5)
    if kind == 0:
        chance.shuffle(rows)
    elif kind == 1:
        response[name] = rows[: chance.randrange(len(rows))]
    elif kind == 2:
        response[name] = rows * chance.choice((2, 20))
    else:
        step = 0.0 if kind == 3 else 10 ** chance.uniform(-9, 3.5)
        for number, row in enumerate(rows):
            if isinstance(row, dict):
                row["mjd_obs" if name == "fp" else "mjd"] = 60_000.0 + step * number


def _swap_sections(chance: random.Random, response: dict[str, Any]) -> None:
    if len(response) > 1:
        first, second = chance.sample(list(response), 2)
        response[first], response[second] = response[second], response[first]


_MUTATIONS: tuple[Mutation, ...] = (
    _set_value, _set_value, _set_value, _set_column, _nudge, _nudge, _hostile_text, _hostile_text, _delete,
    _rename, _add_unknown, _rows, _rows, _swap_sections,
)  # fmt: skip


def _broken(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    kind = chance.randrange(5)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if kind == 2:
        return data[:at] + chance.randbytes(8) + data[at:]
    if kind == 3:
        end = min(len(data), at + 200)
        return data[:end] + data[at:]
    return data.replace(b":", b": -9" * 3, 1) if at % 2 else data.replace(b'"mjd"', b'"mjd":1,"mjd"')
