"""Where secrets come from, and that they are seen nowhere."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from vra_tui.sources.wires import credentials
from vra_tui.sources.wires.credentials import CredentialError, masked, secret, variable

SECRET = "0123456789abcdef"


def test_the_environment_comes_before_the_file(tmp_path: Path):
    file = tmp_path / "credentials.toml"
    file.write_text(f'[lasair-lsst]\ntoken = "{SECRET}"\n')
    file.chmod(0o600)
    found = secret("lasair-lsst", "token", {}, file)
    assert found is not None
    assert found.get_secret_value() == SECRET
    other = secret("lasair-lsst", "token", {"VRA_SOURCE_LASAIR_LSST_TOKEN": " other\n"}, file)
    assert other is not None
    assert other.get_secret_value() == "other"
    assert variable("lasair-lsst", "token") == "VRA_SOURCE_LASAIR_LSST_TOKEN"


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_can_read_is_refused(mode: int, tmp_path: Path):
    file = tmp_path / "credentials.toml"
    file.write_text(f'[atlas]\ntoken = "{SECRET}"\n')
    file.chmod(mode)
    with pytest.raises(CredentialError, match="chmod 600") as fault:
        secret("atlas", "token", {}, file)
    assert SECRET not in str(fault.value)


def test_a_broken_file_is_told_without_what_stands_in_it(tmp_path: Path):
    file = tmp_path / "credentials.toml"
    file.write_text(f"[atlas]\ntoken = {SECRET}zz\n")
    file.chmod(0o600)
    with pytest.raises(CredentialError, match="no TOML") as fault:
        secret("atlas", "token", {}, file)
    assert SECRET not in str(fault.value)


def test_the_keyring_is_asked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept = {("vra-tui", "tns.api_key"): SECRET}
    keyring = pytest.importorskip("keyring", reason="the extra `keyring` is not installed")
    monkeypatch.setattr(keyring, "get_password", lambda service, name: kept.get((service, name)))
    found = secret("tns", "api_key", {}, tmp_path / "none.toml")
    assert found is not None
    assert found.get_secret_value() == SECRET
    assert secret("tns", "password", {}, tmp_path / "none.toml") is None
    assert credentials.KEYRING_SERVICE == "vra-tui"


@pytest.mark.parametrize("value", ["two\nlines", "zero\u200bwidth", "bell\x07"])
def test_a_secret_that_no_header_can_carry_is_refused(value: str, tmp_path: Path):
    with pytest.raises(CredentialError, match="no server takes"):
        secret("a", "token", {"VRA_SOURCE_A_TOKEN": value}, tmp_path / "none")


def test_a_secret_is_masked_wherever_it_stands_and_shows_itself_nowhere():
    one, longer = SecretStr("abc"), SecretStr("abcdef")
    assert masked("abc abcdef", [one, longer]) == "*** ***"
    assert "abc" not in repr([one, longer])
