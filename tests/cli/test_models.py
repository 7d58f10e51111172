"""`vra models` lists, shows and chooses models, and holds two of them against each other."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.factories import FIRST_ID, api_object, ingest_objects, missed_quad, quad
from tests.scoring.model.test_trained import edit_card
from vra_tui.cli.models import app
from vra_tui.scoring.model.library import (
    default_model,
    load_chosen,
    load_in_use,
    load_shadow,
    shipped_default,
    user_models,
)
from vra_tui.scoring.model.trained import ModelError, load_model
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide


@pytest.fixture
def own(trained: Path) -> Path:
    return Path(shutil.copytree(trained, user_models() / "made-up"))


@pytest.fixture
def models():
    """Run `vra models`: (exit code, standard output, standard error); errors come through as they are."""

    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def test_the_list_names_every_model_and_the_one_in_use(models, own: Path) -> None:
    code, out, _ = models("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    shipped = shipped_default().name
    assert code == 0
    assert rows[shipped]["roles"] == ["in use"]
    assert rows[shipped]["where"] == "shipped"
    card = load_model(shipped_default()).card
    assert rows[shipped]["aurak"]["day1"]["mean"] == card.stages["day1"].validation.aurak["rank"].mean
    assert rows["made-up"]["where"] == str(own)
    assert rows["made-up"]["stages"] == ["day1", "dayN"]
    assert models("list")[1].splitlines()[0].split()[:2] == ["name", "stages"]


def test_a_model_that_cannot_be_used_is_listed_with_the_reason(models, own: Path) -> None:
    (own / "card.json").write_text("{}")
    code, out, err = models("list")
    assert code == 0
    assert "made-up" in out
    assert "made-up cannot be used" in err


def test_show_prints_the_card(models, own: Path) -> None:
    _, out, _ = models("show", "made-up")
    assert out.startswith("made-up, made 2026-11-22")
    assert "Not for" in out
    assert json.loads(models("show", "made-up", "--json")[1])["name"] == "made-up"
    assert models("show")[1].startswith(shipped_default().name)


def test_a_model_is_put_in_use_and_the_shipped_one_back(models, own: Path) -> None:
    _, out, _ = models("use", "made-up")
    assert out.startswith("made-up scores from now on")
    assert default_model() == own
    models("use", "default")
    assert default_model() == shipped_default()


def test_a_shadow_is_chosen_and_sent_off(models, own: Path) -> None:
    models("shadow", "made-up")
    shadow, _ = load_shadow()
    assert shadow is not None
    assert shadow.name == "made-up"
    assert default_model() == shipped_default()
    models("shadow", "off")
    assert load_shadow() == (None, None)


def test_a_damaged_model_is_refused_and_the_one_in_use_stays(models, own: Path) -> None:
    (own / "day1.preal.ubj").write_bytes(b"")
    with pytest.raises(ModelError, match="checksum"):
        models("use", "made-up")
    assert load_in_use()[0].folder == shipped_default()


def without_stages(card):
    card["stages"] = {}


def without_a_stage(card):
    del card["stages"]["dayN"]


def without_questions(card):
    card["stages"]["day1"]["questions"] = {}


def without_a_question(card):
    del card["stages"]["dayN"]["questions"]["pgal"]


@pytest.mark.parametrize("spoil", [without_stages, without_a_stage, without_questions, without_a_question])
@pytest.mark.parametrize("role", ["use", "shadow"])
def test_a_model_that_gives_no_rank_is_refused_before_it_spoils_every_score(models, own: Path, spoil, role):
    models(role, "made-up")
    chosen = (load_in_use if role == "use" else load_shadow)()
    assert chosen[0].name == "made-up"
    card = json.loads((own / "card.json").read_text())
    spoil(card)
    (own / "card.json").write_text(json.dumps(card))
    with pytest.raises(ModelError):
        models(role, "made-up")
    # One that was chosen while it was whole does not stop the scoring either.
    model, warning = (load_in_use if role == "use" else load_shadow)()
    assert warning
    assert model is None if role == "shadow" else model.folder == shipped_default()


def test_a_choice_that_leads_nowhere_is_said_and_the_list_printed(models, own: Path) -> None:
    models("use", "made-up")
    shutil.rmtree(own)
    code, out, err = models("list")
    assert code == 0
    assert shipped_default().name in out
    assert "no model 'made-up'" in err
    assert "chosen to be in use" in err


@pytest.fixture
def filled(store, store_path: Path, clock) -> Path:
    """A store of twelve unscored alerts, one of them decided good and one garbage."""
    kinds = [{"header": {"rb_pix": 0.25 + 0.06 * n}} for n in range(12)]
    later = [{"lc": quad(0) + quad(2), "lcnondets": missed_quad(-2) + missed_quad(4)}, {}]
    ingest_objects(store, [api_object(n, **kind, **later[n % 2]) for n, kind in enumerate(kinds)], clock)
    author = Author("ana", "here")
    with transaction(store):
        decide(store, FIRST_ID + 11, "good", author, clock())
        decide(store, FIRST_ID, "garbage", author, clock())
    return store_path


def test_comparing_a_model_with_itself_finds_no_difference(models, own: Path, filled: Path) -> None:
    record = json.loads(models("compare", "made-up", own, "--db", filled, "--json")[1])
    assert record["alerts"] == 12
    assert record["rank_correlation"] == pytest.approx(1)
    assert record["change_list"] == 0
    assert record["lost"] == record["gained"] == record["discarded"] == record["spared"] == []
    assert (record["labelled"], record["good"]) == (2, 1)


def test_comparing_two_models_names_whom_the_second_loses_or_gains(models, own: Path, filled: Path) -> None:
    shipped = shipped_default().name
    arguments = ("compare", shipped, "made-up", "--db", filled)
    record = json.loads(models(*arguments, "--json")[1])
    back = json.loads(models("compare", "made-up", shipped, "--db", filled, "--json")[1])
    assert record["lost"] == back["gained"]
    assert record["discarded"] == back["spared"]
    assert record["rank_correlation"] < 1
    _, out, _ = models(*arguments)
    assert "12 alerts at their latest visit" in out
    assert f"above 7 with {shipped} only" in out
    assert "Recall of the 1 good among 2 labelled" in out


def test_comparing_writes_nothing(models, own: Path, filled: Path, store) -> None:
    before = store.execute("SELECT * FROM standing").fetchall()
    models("compare", shipped_default().name, "made-up", "--db", filled)
    assert [tuple(row) for row in store.execute("SELECT * FROM standing")] == [tuple(row) for row in before]
    assert store.execute("SELECT count(*) FROM scores").fetchone()[0] == 0


def test_an_empty_store_is_compared_without_complaint(models, own: Path, store, store_path: Path) -> None:
    code, out, _ = models("compare", "made-up", "made-up", "--db", store_path)
    assert code == 0
    assert "0 alerts" in out


def test_a_model_for_another_survey_is_used_for_that_survey_alone(models, own: Path) -> None:
    edit_card(own, lambda card: card.update(survey="lsst"))
    code, out, _ = models("use", "made-up")
    assert (code, out.split(". ")[0]) == (0, "made-up scores alerts of lsst from now on")
    rows = {row["name"]: row for row in json.loads(models("list", "--json")[1])}
    assert (rows["made-up"]["survey"], rows["made-up"]["roles"]) == ("lsst", ["in use"])
    assert rows[shipped_default().name]["roles"] == ["in use"]
    with pytest.raises(ModelError, match="made-up scores alerts of lsst, not of ztf"):
        models("use", "made-up", "--survey", "ztf")
    assert "the starter ranks them" in models("use", "starter", "--survey", "lsst")[1]
    assert load_chosen("lsst") == (None, None)


def test_atlas_has_a_model_and_is_not_left_to_the_starter(models) -> None:
    with pytest.raises(ModelError, match="atlas has one"):
        models("use", "starter")


def test_the_starters_card_is_shown_as_a_rule(models) -> None:
    code, out, _ = models("show", "starter")
    assert (code, "a rule, not a model" in out.splitlines()[0]) == (0, True)
    assert json.loads(models("show", "starter", "--json")[1])["name"] == "starter"
    assert "starter" not in {row["name"] for row in json.loads(models("list", "--json")[1])}


def test_a_model_travels_as_a_zip_and_says_what_it_is_for(models, own: Path, tmp_path: Path) -> None:
    target = tmp_path / "gift.zip"
    assert models("export", "made-up", target)[0] == 0
    code, out, _ = models("import", target, "--name", "of-a-friend")
    assert code == 0
    assert "of-a-friend, for alerts of atlas on vra-day1-1 and vra-dayN-1, is in" in out
    assert "It is not in use" in out
    assert "there already" in models("import", target)[1]
    assert models("show", target)[1] == models("show", "made-up")[1]


def test_a_rule_of_ones_own_is_chosen_by_its_file(models, tmp_path: Path) -> None:
    card = json.loads(models("show", "starter", "--json")[1])
    (tmp_path / "mine.json").write_text(json.dumps(card | {"version": 9}))
    assert "Your rule, version 9, ranks from now on." in models("starter", tmp_path / "mine.json")[1]
    assert "version 9" in models("show", "starter")[1]
    assert "The shipped rule ranks from now on." in models("starter", "default")[1]
    assert "version 1" in models("show", "starter")[1]


def test_models_of_two_surveys_are_not_compared(models, own: Path, store_path: Path) -> None:
    open_store(store_path).close()
    edit_card(own, lambda card: card.update(survey="lsst"))
    with pytest.raises(ModelError, match="Models of two surveys score no alert in common"):
        models("compare", "made-up", "duck-2", "--db", store_path)
