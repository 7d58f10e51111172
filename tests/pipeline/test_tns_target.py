"""Which configured bot reports to the TNS: the sandbox's, unless the real one is asked for."""

import pytest

from vra_tui.config.reading import load_config
from vra_tui.pipeline.sources import Keys
from vra_tui.pipeline.tns_target import survey_words, tns_target
from vra_tui.sources.wires.base import SourceError
from vra_tui.surveys import installed_surveys

BOT = '[source.{name}]\nkind = "tns"\nbot_id = 7\nbot_name = "vra"\n'


def config(tmp_path, text: str):
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    return load_config(path, {})


def test_the_sandbox_is_the_target_unless_the_real_one_is_asked_for(tmp_path):
    read = config(tmp_path, BOT.format(name="a-real") + BOT.format(name="b-try") + "sandbox = true\n")
    assert tns_target(read, is_real=False) == "b-try"
    keys = Keys({"VRA_SOURCE_A_REAL_API_KEY": "0f9a8b7c"}, tmp_path / "none.toml")
    assert tns_target(read, is_real=True, keys=keys) == "a-real"
    with pytest.raises(SourceError, match="need the key of `a-real`'s bot"):
        tns_target(read, is_real=True, keys=Keys({}, tmp_path / "none.toml"))


def test_a_bot_of_the_tns_itself_is_never_taken_for_the_sandbox(tmp_path):
    with pytest.raises(SourceError, match="names no bot for the TNS's sandbox"):
        tns_target(config(tmp_path, BOT.format(name="tns")), is_real=False)


def test_the_numbers_of_surveys_are_for_bands_and_sites_that_they_have():
    surveys = installed_surveys()
    for name in ("atlas", "ztf", "lsst"):
        title, numbers = survey_words(name)
        survey = surveys[name]
        assert title == survey.title
        assert set(numbers.filters) == set(survey.bands)
        assert set(numbers.instruments) == {site.instrument for site in survey.sites}
        assert len({*numbers.filters.values()}) == len(numbers.filters)
    assert survey_words("mine") == ("mine", None)
    assert survey_words("table")[1] is None
