"""`vra train`: which way is asked for, and what is refused beside it."""

from dataclasses import fields
from pathlib import Path

import pytest

from vra_tui.cli.options import flag
from vra_tui.cli.training import fast, labels, release, survey, tables
from vra_tui.cli.training.options import TrainOptions
from vra_tui.cli.training.ways import way_of
from vra_tui.errors import VraError

FILE = Path("some.csv")
#: What asks for each way, with what this needs.
ASKING = {
    labels: {},
    survey: {"survey": "ztf"},
    fast: {"question": "pfast"},
    release: {"release": [FILE], "labels": FILE, "rows": Path("rows")},
    tables: {"stage": "day1", "features": FILE, "labels": FILE},
}
#: A value of each option that is not its default; of the others a file.
SAID = {
    "question": "pfast", "stage": "day1", "balance": "stream", "survey": "ztf", "search": 3, "seed": 5,
    "base_weight": 2.0, "last_day": 3, "simulate": 2_000, "repeats": 0, "scanner": ["ada"], "release": [FILE],
    "caveat": ["young"], "grid": True, "dry_run": True, "rows_only": True, "force": True, "plot": True,
    "as_json": True,
}  # fmt: skip
OPTIONS = TrainOptions("mine")
NAMES = {field.name for field in fields(TrainOptions)} - {"name"}
OF_USE_ALWAYS = {"into", "caveat", "seed", "date", "force", "plot", "as_json"}


def refusal(**options) -> str:
    """What is said against the options; nothing where they go together."""
    try:
        way_of(TrainOptions("mine", **options))
    except VraError as error:
        return str(error)
    return ""


def refused_beside(way) -> set[str]:
    """The options that are refused by their names beside what asks for a way."""
    asked = ASKING[way]
    others = NAMES - asked.keys()
    said = {name: refusal(**asked, **{name: SAID.get(name, FILE)}) for name in others}
    return {name for name in others if f"{flag(OPTIONS, name)}," in said[name].replace(":", ",")}


@pytest.mark.parametrize("way", ASKING, ids=lambda way: way.__name__.rpartition(".")[2])
def test_what_is_trained_follows_from_what_is_said(way):
    assert way_of(TrainOptions("mine", **ASKING[way])).train is way.train
    assert not refused_beside(way) & OF_USE_ALWAYS


def test_what_a_way_has_no_use_for_is_refused_by_name():
    of_use = OF_USE_ALWAYS | ASKING[fast].keys() | {"base", "simulate"}
    # Of another survey there is one way only, which has no use for the question.
    assert refused_beside(fast) == NAMES - of_use - {"survey"}
    assert refused_beside(labels) == {"held_out", "last_day", "rows", "rows_only", "simulate", "source"}
    assert {"base", "since", "balance", "db", "dry_run"} < refused_beside(tables)
    assert {"stage", "features", "since", "base"} < refused_beside(release)
    assert {"stage", "grid", "balance", "features", "base_features"} < refused_beside(survey)


def test_every_option_is_of_use_to_some_way():
    assert set.intersection(*(refused_beside(way) for way in ASKING)) == set()


def test_options_that_exclude_each_other_are_named_together():
    said = refusal(question="pfast", stage="day1", features=FILE, labels=FILE)
    assert said == (
        "--stage, --features, --labels: of no use for P(fast), which is trained on simulated alerts, both "
        "stages at once. Leave them out. Nothing was trained."
    )
    assert refusal(survey="ztf", question="pfast").startswith("--question: of no use for a model on stream-1")


def test_the_features_of_all_surveys_may_be_named_and_atlas_too():
    assert way_of(TrainOptions("mine", features=Path("stream-1"))).train is survey.train
    assert way_of(TrainOptions("mine", survey="atlas")).train is labels.train
    assert refusal(survey="ztf", features=FILE).startswith("--features: of no use")
