"""Some exposures hold two detections of one alert, and nothing else of the stream changes with them."""

from dataclasses import replace

import numpy as np

from vra_tui.simulator.batch import Batch, Section
from vra_tui.simulator.doubles import doubled
from vra_tui.simulator.instrument import Instrument

FIGURES = Instrument.shipped().doubles


def rows(batch: Batch) -> list[tuple]:
    section = batch.detections
    owner = np.repeat(np.arange(len(batch)), np.diff(section.start)).tolist()
    names = ("mjd", "unit", "ra", "dec", "mag", "magerr", "dup")
    columns = (section[name].tolist() for name in names if name in section.columns)
    return list(zip(owner, *columns, strict=True))


def bare(batch: Batch) -> Batch:
    """The batch as it was before second detections were made."""
    section = batch.detections
    first = section["dup"] >= 0
    start = np.concatenate([[0], np.cumsum(first)])[section.start]
    columns = {name: column[first] for name, column in section.columns.items() if name != "dup"}
    return replace(batch, detections=Section(start, columns))


def test_each_second_detection_lies_beside_a_brighter_first_one_of_its_exposure(batch):
    figures = FIGURES.model_copy(update={"alerts": 1.0, "share": 1.0})
    twice = doubled(bare(batch), figures, np.random.default_rng(1))
    pairs = {}
    for owner, mjd, unit, ra, dec, mag, _, dup in rows(twice):
        pairs.setdefault((owner, mjd, unit), {})[dup] = (ra, dec, mag)
    assert len(twice.detections) == 2 * len(bare(batch).detections)
    for pair in pairs.values():
        assert pair.keys() == {1, -1}
        assert abs(pair[-1][2]) >= abs(pair[1][2])
        assert np.sign(pair[-1][2]) == np.sign(pair[1][2])
        assert abs(pair[-1][1] - pair[1][1]) * 3600 < 10


def test_without_second_detections_the_stream_is_the_same(batch):
    none = FIGURES.model_copy(update={"alerts": 0.0})
    single = doubled(bare(batch), none, np.random.default_rng(1))
    firsts = [row[:-1] for row in rows(batch) if row[-1] >= 0]
    assert firsts == [row[:-1] for row in rows(single)]
    assert not single.detections["dup"].any()


def test_about_as_many_exposures_hold_two_as_the_figures_say(batch):
    dup = batch.detections["dup"]
    expected = FIGURES.alerts * FIGURES.share
    assert 0.2 * expected < np.mean(dup == -1) < 3 * expected
    assert np.sum(dup == 1) == np.sum(dup == -1)


def test_detections_stand_in_the_order_of_the_store(batch):
    section = batch.detections
    for low, high in zip(section.start[:-1], section.start[1:], strict=True):
        times = section["mjd"][low:high]
        assert np.all(np.diff(times) >= 0)
