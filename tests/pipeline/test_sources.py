"""From a table of the configuration to a wire: its secrets, its budget, what it gets to see."""

import threading
from pathlib import Path

import pytest

from vra_tui.config.alert_sources import AlertSource
from vra_tui.config.reading import load_config
from vra_tui.pipeline.sources import Keys, chosen_sources, open_source, real_edges, settings_of, tools_for
from vra_tui.sources.wires.base import Edges, SourceError, Stopped
from vra_tui.sources.wires.lasair import Lasair
from vra_tui.store import Store

EDGES = Edges(lambda: 1.8e9, lambda seconds: None, lambda: 0.5)


def source(**options: object) -> AlertSource:
    return AlertSource("night", "lasair", "config.toml, line 1", options)


def keys(tmp_path: Path, **environment: str) -> Keys:
    return Keys(environment, tmp_path / "credentials.toml")


def test_sources_are_chosen_by_name_and_all_without_one(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text('[source.b]\nkind = "lasair"\n[source.a]\nkind = "lasair"\n')
    config = load_config(file, {})
    assert [one.name for one in chosen_sources(config)] == ["b", "a"]
    assert [one.name for one in chosen_sources(config, ["a", "a"])] == ["a"]
    with pytest.raises(SourceError, match=r"no \[source.aa\].*a, b.*Is it `a`"):
        chosen_sources(config, ["aa"])
    with pytest.raises(SourceError, match="none yet"):
        chosen_sources(load_config(tmp_path / "none.toml", {}), ["a"])


def test_a_wire_sees_no_secret_and_no_account_among_its_options():
    settings = settings_of(source(token="s3cret", account="team", survey="ztf"))
    assert settings.options == {"survey": "ztf"}
    assert "s3cret" not in repr(source(token="s3cret"))


def test_the_environment_counts_before_the_table_and_the_table_before_the_file(store: Store, tmp_path: Path):
    file = tmp_path / "credentials.toml"
    file.write_text('[night]\ntoken = "of the file"\npassword = "pass"\n')
    file.chmod(0o600)
    named = source(token="of the table")

    def told(word: str, **environment: str) -> str:
        found = tools_for(store, named, edges=EDGES, keys=keys(tmp_path, **environment)).secret(word)
        assert found is not None
        return found.get_secret_value()

    assert told("token", VRA_SOURCE_NIGHT_TOKEN="of the environment") == "of the environment"
    assert told("token") == "of the table"
    assert told("password") == "pass"


def test_sources_of_one_account_share_its_calls(store: Store, tmp_path: Path):
    def tools(**options: object):
        return tools_for(store, source(**options), edges=EDGES, keys=keys(tmp_path))

    tools(account="team").budget(100).note(1.8e9 - 5)
    tools().budget(100).note(1.8e9 - 5)
    assert tools(account="team").budget(100).left(1.8e9) == 99
    tools(account="team").budget(100).note(1.8e9)
    assert (tools(account="team").budget(100).left(1.8e9), tools().budget(100).left(1.8e9)) == (98, 99)
    with pytest.raises(SourceError, match="`account` is a name"):
        tools(account=3)


def test_a_share_of_the_hour_ends_where_others_made_that_many_calls(store: Store, tmp_path: Path):
    whole, half = (
        tools_for(store, source(), edges=EDGES, keys=keys(tmp_path), share=share).budget(4)
        for share in (1.0, 0.5)
    )
    whole.note(1.8e9)
    assert (whole.wait(1.8e9), half.wait(1.8e9)) == (0.0, 0.0)
    half.note(1.8e9)
    assert whole.wait(1.8e9) == 0.0
    assert half.wait(1.8e9) > 0.0


def test_a_source_is_opened_as_the_wire_of_its_kind(store: Store, tmp_path: Path):
    wire = open_source(store, source(objects=["1"]), edges=EDGES, keys=keys(tmp_path))
    assert (type(wire), wire.name) == (Lasair, "night")
    wire.close()


def test_a_wait_ends_when_the_program_is_to_end():
    stop = threading.Event()
    real_edges(stop).wait(0.0)
    stop.set()
    with pytest.raises(Stopped):
        real_edges(stop).wait(60.0)
