"""`vra evaluate` on the labels of a store: features as they stood then, models judged by later labels."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.factories import FIRST_ID, T0, api_object, ingest_objects, missed_quad, quad, score_all
from vra_tui.scoring.model.card import LabelsCard
from vra_tui.scoring.model.library import save_model, shipped_default, user_models
from vra_tui.scoring.model.trained import load_model
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide

pytestmark = pytest.mark.slow

QUICK = ("--resamples", "20", "--shuffles", "0")
ALERTS = 24
Run = Callable[..., tuple[int, str, str]]


def decided_at(number: int) -> datetime:
    """An hour after each other, from the third night on."""
    return datetime(1858, 11, 17, tzinfo=UTC) + timedelta(days=T0 + 3, hours=number)


def alert(number: int, **more: list[dict]) -> dict:
    """Even numbers are good: bright, seen again, real by rb_pix; the others are lost at the visit."""
    is_good = number % 2 == 0
    seen = quad(0, 17.5) + quad(2, 17.2) if is_good else quad(0, 19.0)
    made = api_object(number, lc=seen + more.get("lc", []), lcnondets=missed_quad(-2) + missed_quad(2.4))
    made["object"]["rb_pix"] = 0.95 - 0.01 * number if is_good else 0.3 + 0.01 * number
    return made


@pytest.fixture
def labelled(store, store_path, clock) -> Path:
    """Alerts with an entry and a visit, decided in turn."""
    ingest_objects(store, [alert(number) for number in range(ALERTS)], clock)
    score_all(store, clock)
    with transaction(store):
        for number in range(ALERTS):
            name = "good" if number % 2 == 0 else "garbage"
            decide(store, FIRST_ID + number, name, Author("me", "here"), decided_at(number))
    return store_path


def model_taught_until(last: datetime) -> str:
    """A copy of the shipped model whose card says that scanners' labels up to then trained it."""
    shipped = load_model(shipped_default())
    said = last.isoformat(timespec="milliseconds")
    labels = LabelsCard(alerts=1, scanners={"me": 1}, first=said, last=said, contested=0, balance="none")
    stages = {name: part.model_copy(update={"labels": labels}) for name, part in shipped.card.stages.items()}
    card = shipped.card.model_copy(update={"name": "mine", "stages": stages})
    files = {path.name: path.read_bytes() for path in shipped.folder.iterdir() if path.name != "card.json"}
    user_models().mkdir(parents=True)
    save_model(user_models() / "mine", card, files)
    return "mine"


def test_both_stages_are_judged_with_their_units_and_what_the_labels_are_not(
    evaluate: Run, labelled: Path
) -> None:
    code, out, _ = evaluate("--db", labelled, *QUICK)
    assert code == 0
    assert "duck-2 at day1" in out
    assert "duck-2 at dayN" in out
    assert f"{ALERTS} rows of {ALERTS} objects: good 12, garbage 12" in out
    assert "\n02a " in out
    assert "recall is of what was looked at" in " ".join(out.split())
    assert [line for line in out.splitlines() if len(line.rstrip()) > 80] == []


def test_one_stage_is_enough_where_it_is_asked_for(evaluate: Run, labelled: Path) -> None:
    _, out, _ = evaluate("--db", labelled, *QUICK, "--stage", "day1", "--json")
    (report,) = json.loads(out)
    assert report["stage"] == "day1"
    assert report["labels"] == {"good": [12, 12], "garbage": [12, 12]}


def test_a_model_trained_on_labels_is_judged_by_those_that_came_later(evaluate: Run, labelled: Path) -> None:
    name = model_taught_until(decided_at(9))
    code, out, err = evaluate(name, "--db", labelled, *QUICK, "--stage", "day1")
    assert code == 0
    assert f"10 of {ALERTS} rows" in err
    assert "14 rows of 14 objects" in out
    assert "by heart" not in out


def test_where_no_label_came_later_it_is_said_that_the_model_knows_them(
    evaluate: Run, labelled: Path
) -> None:
    name = model_taught_until(decided_at(ALERTS))
    _, out, _ = evaluate(name, "--db", labelled, *QUICK, "--stage", "day1")
    assert "TRAINED ON THESE ROWS" in out.splitlines()[0]
    assert f"{ALERTS} rows of {ALERTS} objects" in out


def test_without_labels_it_is_said_what_recall_needs(evaluate: Run, store, store_path: Path) -> None:
    code, _, err = evaluate("--db", store_path, *QUICK)
    assert code == 2
    assert "recall needs good ones and others" in err


def test_a_stage_without_recall_does_not_stop_the_other(
    evaluate: Run, store, store_path: Path, clock
) -> None:
    objects = [api_object(number, lc=quad(0)) for number in range(6)]
    ingest_objects(store, objects, clock)
    score_all(store, clock)
    with transaction(store):
        for number in range(6):
            name = "good" if number < 3 else "garbage"
            decide(store, FIRST_ID + number, name, Author("me", "here"), decided_at(number))
    code, out, err = evaluate("--db", store_path, *QUICK)
    assert code == 0
    assert "duck-2 at day1" in out
    assert "0 labelled rows at dayN" in err


def test_features_are_those_of_the_time_of_the_decision(evaluate: Run, labelled: Path, store, clock) -> None:
    def figures() -> dict[str, object]:
        return json.loads(evaluate("--db", labelled, *QUICK, "--json")[1])

    before = figures()
    ingest_objects(store, [alert(number, lc=quad(8, 16.0)) for number in range(ALERTS)], clock)
    after = figures()
    assert after == before
    assert np.isfinite(before[0]["orders"][0]["stream"]["aurak"]["value"])
