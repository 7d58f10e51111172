"""Two programs that take in alerts at once agree on everything that both of them name for the first time."""

import json
import subprocess
import sys
from contextlib import closing

import pytest

from tests.factories import FIRST_ID, api_object, detection, ingest_objects
from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.pipeline.ingest import ingest
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve
from vra_tui.surveys.base import Packet

pytestmark = pytest.mark.slow


def seen_by(number, *units):
    """An alert seen once by each unit, in the order given."""
    rows = [
        detection(-0.5 + 0.01 * place, expname=f"{unit}60000o{place:04d}o")
        for place, unit in enumerate(units)
    ]
    return api_object(number, lc=rows, lcnondets=[])


def units_of(store, number):
    """The names of the units that saw an alert, in the order of its exposures."""
    names = dict(tuple(row) for row in store.execute("SELECT code, name FROM instruments"))
    return tuple(
        names.get(code) for code in light_curve(store, FIRST_ID + number).detections.instrument.tolist()
    )


def seen(instrument="01a", band="o", survey="atlas"):
    """An alert seen once, by this instrument in this band."""
    nan = [float("nan")]
    row = {"mjd": [60_000.5], "instrument": [instrument], "band": [band], "mag": [18.0], "magerr": [0.1]}
    curve, instruments, bands = build_light_curve({**row, "ra": nan, "dec": nan, "limit": nan})
    return Alert(survey, "1", light_curve=curve, instruments=instruments, bands=bands)


def code(codes, instrument, survey="atlas"):
    return int(codes.recoded(seen(instrument, survey=survey)).detections.instrument[0])


def band(codes, name):
    return int(codes.recoded(seen(band=name)).detections.band[0])


def test_two_programs_that_meet_new_units_in_each_others_batch_keep_every_exposure_with_its_unit(
    store, store_path, clock
):
    """The second program comes in between the reading and the writing of the first."""
    with closing(open_store(store_path)) as other:

        def pieces():
            yield Packet("first", "object 1", seen_by(0, "06x"))
            ingest_objects(other, [seen_by(1, "07y", "08z")], clock)
            yield Packet("first", "object 2", seen_by(2, "08z", "06x", "09q"))

        ingest(store, pieces(), clock=clock)
    found = [units_of(store, number) for number in range(3)]
    assert found == [("06x",), ("07y", "08z"), ("08z", "06x", "09q")]


@pytest.mark.parametrize("first", [0, 1])
def test_each_of_two_programs_takes_the_code_that_the_other_gave(store, store_path, first):
    with closing(open_store(store_path)) as other:
        both = [Codes(store), Codes(other)]
        one, another = both[first], both[1 - first]
        assert code(one, "06x") != code(another, "07y")
        assert code(another, "06x") == code(one, "06x")
        assert code(one, "07y") == code(another, "07y")
        assert code(one, "01a") == code(another, "01a") == 1
        assert band(one, "lum") != band(another, "IR2")
        assert band(another, "lum") == band(one, "lum") > 127
        assert band(one, "o") == band(another, "o") == ord("o")


def test_a_free_code_is_taken_where_the_codes_have_a_gap(store):
    store.execute("INSERT INTO instruments (code, survey, name) VALUES (7, 'atlas', '07y')")
    codes = Codes(store)
    assert [code(codes, "06x"), code(codes, "08z"), code(codes, "07y")] == [6, 8, 7]


def test_instruments_of_two_surveys_that_share_a_name_are_two(store):
    codes = Codes(store)
    assert code(codes, "P48", "ztf") != code(codes, "P48", "another")


INGEST = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.pipeline.ingest import ingest
from vra_tui.store.connection import open_store
from vra_tui.surveys.base import Packet

objects = json.loads(sys.stdin.readline())
store = open_store(Path(sys.argv[1]), durable=False)
pieces = [Packet("a", f"object {n}", one) for n, one in enumerate(objects)]
print("ready", flush=True)
sys.stdin.readline()
ingest(store, pieces, clock=lambda: datetime.now(UTC))
"""


def test_two_processes_at_once_keep_every_exposure_with_its_unit(store, store_path):
    units = [f"{number:02d}{letter}" for number in range(10, 15) for letter in "pqrstuvw"]
    # Both meet all units, one from the front and one from the back, and each many times.
    wanted = {}
    for number in range(200):
        forward = units if number % 2 else units[::-1]
        wanted[number] = tuple(forward[(number // 10 + step) % len(units)] for step in range(3))
    halves = [[seen_by(n, *names) for n, names in wanted.items() if n % 2 == half] for half in (0, 1)]
    command = [sys.executable, "-c", INGEST, store_path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in halves]
    try:
        for process, objects in zip(processes, halves, strict=True):
            process.stdin.write(json.dumps(objects) + "\n")
            process.stdin.flush()
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            process.communicate(timeout=300)
            assert process.returncode == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert {number: units_of(store, number) for number in wanted} == wanted
