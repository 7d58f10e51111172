"""Tables `[source.NAME]` are read with their lines; credentials need a private file, and are never shown."""

import json

import pytest

from vra_tui.config.reading import ConfigError, load_config

LASAIR = """
[source.lasair]
kind = "lasair"
topic = "sn_like"
lists = [1, 2]
since = 2026-11-28

[source.lasair.limits]
per_hour = 100

[source."atlas-2"]
kind = "atlas"
"""


def read(tmp_path, text, mode=0o600):
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return load_config(path, {})


def test_a_source_has_its_kind_its_other_keys_and_its_place(tmp_path):
    sources = read(tmp_path, LASAIR).alert_sources
    assert list(sources) == ["lasair", "atlas-2"]
    assert (sources["lasair"].kind, sources["lasair"].options["lists"]) == ("lasair", [1, 2])
    assert sources["lasair"].options["limits"] == {"per_hour": 100}
    assert sources["lasair"].where == f"{tmp_path / 'config.toml'}, line 2"
    assert sources["atlas-2"].where.endswith("line 11")


def test_other_options_and_keys_stand_beside_sources(tmp_path):
    config = read(tmp_path, f"[screen]\nbell = false\n{LASAIR}")
    assert config.screen().bell is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[source.a]\nkid = 'x'\n", "line 1: source.a has no kind: add a line kind = .*did you mean.*`kid`"),
        ("[source.a]\nurl = 'x'\n", "line 1: source.a has no kind"),
        ("[source.a]\n\nkind = 3\n", "line 3: source.a.kind is the name of a kind"),
        ("[source.a]\nkind = ''\n", "line 2: source.a.kind is the name of a kind"),
        ("[source]\nkind = 'x'\n", r"line 2: \[source\] holds tables only"),
        ("x = 1\nsource = 3\n", "line 1: there is no option `x`"),
        ("\nsource = 3\n", "line 2: source is no value"),
        ("[[source]]\nkind = 'x'\n", "line 1: source is no value"),
        ("\n[source.'a b']\nkind = 'x'\n", "line 2: a source is named by"),
        ("\n[source.'']\nkind = 'x'\n", "line 2: a source is named by"),
        ("[sourse.a]\nkind = 'x'\n", "did you mean `source`"),
    ],
)
def test_what_is_wrong_with_a_source_is_named_with_its_line(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        read(tmp_path, text)


SECRETS = [
    ('token = "s3cret"', 3),
    ('url = "https://amy:s3cret@example.org/"', 3),
    ('urls = ["https://amy:s3cret@example.org/"]', 3),
    ('[source.a.login]\nAPI_KEY = "s3cret"', 4),
    ('login = {password = "s3cret"}', 3),
    ('[[source.a.brokers]]\nsasl_password = "s3cret"', 4),
]


@pytest.mark.parametrize(("line", "number"), SECRETS)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_credential_is_not_taken_from_a_file_that_others_can_reach(tmp_path, line, number, mode):
    with pytest.raises(ConfigError, match=f"line {number}: source.*is a credential.*chmod 600") as error:
        read(tmp_path, f'[source.a]\nkind = "x"\n{line}\n', mode)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(("line", "number"), SECRETS)
def test_a_credential_is_taken_from_a_private_file_and_shown_to_nobody(tmp_path, line, number):
    config = read(tmp_path, f'[source.a]\nkind = "x"\n{line}\n')
    assert "s3cret" in str(config.alert_sources["a"].options)
    assert "s3cret" not in repr(config)
    assert "s3cret" not in str(config.alert_sources["a"].shown())
    assert "****" in str(config.alert_sources["a"].shown())


def test_what_is_shown_goes_into_json(tmp_path):
    shown = read(tmp_path, LASAIR).alert_sources["lasair"].shown()
    assert json.loads(json.dumps(shown))["since"] == "2026-11-28"
