"""Packets of ZTF and LSST in any order, any batches, any repeats, by two processes at once: one store.

Unlike the pieces of an ATLAS response, a packet is never cut: so everything is compared that does not say
when something happened here, also the times at which epochs and facts were told.
"""

import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from tests.pipeline.test_arrival import content
from tests.surveys.lsst import made as lsst
from tests.surveys.ztf import made as ztf
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.ingest import ingest, ingest_paths, read_paths
from vra_tui.store.connection import open_store
from vra_tui.surveys.base import Packet


@st.composite
def ztf_packets(draw):
    """Packets of a few nights of some objects, each with the history that its night knew."""
    packets = []
    for number in range(draw(st.integers(1, 2))):
        nights = draw(st.lists(st.integers(0, 40), min_size=1, max_size=5, unique=True))
        for night in sorted(nights):
            value = ztf.packet_value(
                jd=ztf.JD + night,
                candid=ztf.CANDID + 10**12 * night + number,
                magpsf=draw(st.sampled_from([17.5, 18.25, 19.0])),
                drb=draw(st.sampled_from([None, 0.5, 0.99])),
                ra=267.0 + number + 1e-5 * draw(st.integers(0, 9)),
            )
            value |= {"objectId": f"ZTF21abiuv{'dk'[number]}a", "candid": value["candidate"]["candid"]}
            limit, earlier = value["prv_candidates"]
            value["prv_candidates"] = [limit] + [
                # What a history says of an earlier packet's detection is less than that packet said.
                {**earlier, "jd": ztf.JD + before, "candid": ztf.CANDID + 10**12 * before + number}
                for before in nights
                if before < night and draw(st.booleans())
            ]
            if draw(st.booleans()):
                del value["fp_hists"]
            if draw(st.booleans()):
                value["cutoutScience"] = None
            packets.append(value)
    return packets


@st.composite
def lsst_packets(draw):
    """The same of LSST, and Lasair's messages on the same objects, which say less."""
    values = []
    nights = draw(st.lists(st.integers(0, 40), min_size=1, max_size=5, unique=True))
    for night in nights:
        # `made.source` counts nights backwards.
        value = lsst.packet_value(
            diaSource=lsst.source(-night, reliability=draw(st.sampled_from([0.5, 0.9, None]))),
            diaSourceId=lsst.SOURCE + night,
            prvDiaSources=[lsst.source(-before) for before in nights if before < night],
            prvDiaForcedSources=[lsst.forced(-before) for before in nights if draw(st.booleans())],
        )
        value["diaObject"]["nDiaSources"] = 1 + sum(before < night for before in nights)
        if draw(st.booleans()):
            value = lsst.lasair_alert(
                diaObject=value["diaObject"],
                diaSourcesList=[value["diaSource"], *value["prvDiaSources"]],
                diaForcedSourcesList=value["prvDiaForcedSources"],
            )
        values.append(value)
    return values


def taken_in(folder, clock, packets, rng=None):
    """A store that took packets in, in runs of some packets each where ``rng`` draws them."""
    store = open_store(folder.mktemp("s") / "vra.db", durable=False)
    waiting = list(packets)
    while waiting:
        count = rng.randint(1, len(waiting)) if rng else len(waiting)
        batch, waiting = waiting[:count], waiting[count:]
        pieces = [p if isinstance(p, Packet) else Packet("made", "record 1", p) for p in batch]
        assert ingest(store, pieces, clock=clock).refused == 0
    return store


def shuffled(packets, rng):
    """The packets in another order, some of them more than once."""
    again = [*packets, *rng.choices(packets, k=rng.randint(0, 3))]
    rng.shuffle(again)
    return again


@pytest.mark.parametrize("packets", [ztf_packets(), lsst_packets()], ids=["ztf", "lsst"])
def test_packets_in_any_order_and_batches_and_again_are_the_same_store(packets, tmp_path_factory, clock):
    @settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
    @given(values=packets, seed=st.integers(0, 2**16))
    def check(values, seed):
        rng = random.Random(seed)
        at_once = content(taken_in(tmp_path_factory, clock, values))
        assert content(taken_in(tmp_path_factory, clock, shuffled(values, rng), rng)) == at_once

    check()


REAL = {
    "ztf": "ztf_alerts/series_ZTF21abiuvdk",
    "ztf by fink": "ztf_alerts/fink_ztf_2026-03.avro",
    "lsst": "lsst_alerts/fakeAlert_v11_0.avro",
    "lsst by fink": "lsst_alerts/fink_lsst_v10_0_2026-03.avro",
    "lsst by lasair": "lasair/lsst_stream_20260205.json",
}


@pytest.mark.parametrize("which", REAL)
def test_real_packets_in_any_order_are_the_same_store(which, real_data, tmp_path_factory, clock, chance):
    packets = [p for p in read_paths([real_data / REAL[which]]) if not isinstance(p, Refusal)]
    assert packets
    whole = content(taken_in(tmp_path_factory, clock, packets))
    assert whole["alerts"]
    for _ in range(3):
        assert content(taken_in(tmp_path_factory, clock, shuffled(packets, chance), chance)) == whole


INGEST = """
import pickle, sys
from datetime import UTC, datetime
from pathlib import Path
from vra_tui.pipeline.ingest import ingest
from vra_tui.store.connection import open_store

packets = pickle.loads(Path(sys.argv[2]).read_bytes())
store = open_store(Path(sys.argv[1]), durable=False)
print("ready", flush=True)
sys.stdin.readline()
for first in range(0, len(packets), 3):
    ingest(store, packets[first : first + 3], clock=lambda: datetime.now(UTC))
"""


def night_of_ztf(night, number):
    value = ztf.packet_value(jd=ztf.JD + night, candid=ztf.CANDID + 10**12 * night + number)
    value["objectId"], value["candid"] = f"ZTF21abiuv{'abcdefghij'[number]}a", value["candidate"]["candid"]
    value["prv_candidates"] = [
        {**value["prv_candidates"][1], "jd": ztf.JD + n, "candid": ztf.CANDID + 10**12 * n + number}
        for n in range(night)
    ]
    return Packet("made", f"night {night}", value)


@pytest.mark.slow
def test_two_processes_at_once_make_the_store_that_one_makes(tmp_path, tmp_path_factory, clock, chance):
    packets = [night_of_ztf(night, number) for night in range(12) for number in range(6)]
    path = tmp_path / "both" / "vra.db"
    open_store(path).close()
    processes = []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    try:
        for half in range(2):
            # Each has its share of every object, and some of the other's.
            own = shuffled(packets[half::2] + chance.sample(packets, 20), chance)
            (file := tmp_path / f"{half}.pickle").write_bytes(pickle.dumps(own))
            command = [sys.executable, "-c", INGEST, str(path), str(file)]
            processes.append(subprocess.Popen(command, **pipes))
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
    both = open_store(path)
    assert content(both) == content(taken_in(tmp_path_factory, clock, packets))
    both.close()


def night_file(folder: Path, values, name="night.jsonl") -> Path:
    import orjson

    path = folder / name
    path.write_bytes(b"\n".join(orjson.dumps(value) for value in values))
    return path


def test_the_same_bytes_again_are_known_without_being_decoded(store, clock, tmp_path, monkeypatch):
    rows = [{**lsst.ROW, "diaObjectId": lsst.OBJECT + n, "ra": 10.0 + n} for n in range(4)]
    file = night_file(tmp_path, rows)
    assert ingest_paths(store, [file], clock=clock).new == 4
    before = content(store)
    decoded = []
    monkeypatch.setattr("vra_tui.sources.json_text.decode", decoded.append)
    assert ingest_paths(store, [file], clock=clock).unchanged == 4
    assert not [line for line in decoded if line]  # the file's first line is looked at to tell its format
    assert content(store) == before


def test_what_was_refused_is_looked_at_again(store, clock, tmp_path):
    """It may only have been early: an object whose place is not yet known."""
    rows = [{**lsst.ROW, "diaObjectId": lsst.OBJECT + 1}, {**lsst.ROW, "ra": None}]
    file = night_file(tmp_path, rows)
    for new in (1, 0):
        intake = ingest_paths(store, [file], clock=clock)
        assert (intake.new, intake.refused) == (new, 1)
    assert store.execute("SELECT count(*) FROM packets_seen").fetchone()[0] == 1


def test_what_the_user_says_of_a_file_makes_its_packets_others(store, clock, tmp_path):
    from vra_tui.sources.reading import Reading

    numbers = [lsst.OBJECT, lsst.OBJECT + 1]
    ingest_paths(
        store, [night_file(tmp_path, [{**lsst.ROW, "diaObjectId": n} for n in numbers])], clock=clock
    )
    lite = night_file(tmp_path, [lsst.LITE], "lite.json")
    for number in numbers:
        assert ingest_paths(store, [lite], Reading(name=str(number)), clock=clock).extended == 1


def test_an_interrupted_batch_remembers_no_packet(store, clock, tmp_path, monkeypatch):
    file = night_file(tmp_path, [lsst.ROW])

    def broken(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("vra_tui.store.intake_rows._write_stamps", broken)
        with pytest.raises(OSError, match="disk full"):
            ingest_paths(store, [file], clock=clock)
    assert store.execute("SELECT count(*) FROM packets_seen").fetchone()[0] == 0
    assert ingest_paths(store, [file], clock=clock).new == 1
