"""Credentials of sources: from the environment, a file for the user alone, or the system's keyring."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from vra_tui.errors import VraError

#: The name under which secrets lie in the system's keyring.
KEYRING_SERVICE = "vra-tui"


class CredentialError(VraError):
    """Credentials that cannot be used; the message names the place and never the secret."""


def variable(source: str, word: str) -> str:
    """The environment variable that holds a secret: ``VRA_SOURCE_``, the source's name, ``_``, the word."""
    return f"VRA_SOURCE_{re.sub(r'[^A-Za-z0-9]', '_', source)}_{word}".upper()


def secret(source: str, word: str, environment: Mapping[str, str], file: Path) -> SecretStr | None:
    """One secret of a source (``word``: `token`, `password`, `api_key`), None where there is none.

    Looked for in the environment (`variable`), in ``file`` (TOML, a table for each source), in the keyring.
    Raises CredentialError where the file can be read by others, or is no TOML.
    """
    if found := environment.get(variable(source, word)):
        return _clean(found, variable(source, word))
    kept = _in_file(file).get(source, {})
    if isinstance(kept, Mapping) and isinstance(found := kept.get(word), str) and found:
        return _clean(found, f"{file}, [{source}] {word}")
    found = _in_keyring(source, word)
    return _clean(found, "the keyring") if found else None


def keep_in_keyring(source: str, word: str, value: str) -> None:
    """Put a secret of a source into the system's keyring. Raises CredentialError where there is none."""
    try:
        import keyring
    except ImportError:
        raise CredentialError(
            "There is no keyring: `pip install 'vra-tui[keyring]'` brings what it needs. No secret was kept."
        ) from None
    try:
        keyring.set_password(KEYRING_SERVICE, f"{source}.{word}", value)
    except Exception as error:  # backends raise what they like
        raise CredentialError(
            f"The keyring did not take it ({type(error).__name__}). No secret was kept: leave --keyring out."
        ) from None


def masked(text: str, secrets: list[SecretStr]) -> str:
    """A text in which no secret stands: each is replaced by `***`."""
    for one in sorted((one.get_secret_value() for one in secrets), key=len, reverse=True):
        if one:
            text = text.replace(one, "***")
    return text


def _clean(value: str, place: str) -> SecretStr:
    # A line break pasted along would end the header that carries it.
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        raise CredentialError(f"The secret in {place} holds characters that no server takes.")
    return SecretStr(value)


def _in_file(file: Path) -> Mapping[str, object]:
    try:
        status = file.stat()
        if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
            raise CredentialError(
                f"{file} holds secrets and can be read by others. Nothing was read: `chmod 600 {file}` first."
            )
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialError(f"{file} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        # Its message may quote the line, and with it a secret: the place alone is told.
        place = re.search(r"\(at [^()]*\)$", str(error))
        raise CredentialError(f"{file} is no TOML {place[0] if place else ''}".rstrip() + ".") from None


def _in_keyring(source: str, word: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, f"{source}.{word}")
    except Exception:  # backends raise what they like; a keyring that does not open holds nothing for us
        return None
