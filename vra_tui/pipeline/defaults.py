"""Defaults of the store and the scanner: from the environment, else the user's own."""

import getpass
import os
import platform
from pathlib import Path

from vra_tui.config.locations import default_store
from vra_tui.store.decisions import Author
from vra_tui.store.scanners import ScannerNameError, scanner_called


def store_path(named: Path | None = None) -> Path:
    """The store's file: the one named, else VRA_DB, else the user data directory's."""
    return named or (Path(found) if (found := os.environ.get("VRA_DB")) else default_store())


def scanner_name(named: str | None = None, said_by: str = "--scanner") -> str:
    """Tell who decides: the one named, else VRA_SCANNER, else the login name. Raises ScannerNameError.

    ``said_by``: where the name comes from, for the message.
    """
    if named is not None:
        return scanner_called(named, said_by)
    if found := os.environ.get("VRA_SCANNER"):
        return scanner_called(found, "VRA_SCANNER")
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # in a container the user may have no name
        raise ScannerNameError(
            "There is no login name to decide under. Nothing was written; say who decides with "
            "--scanner NAME."
        ) from None
    return scanner_called(login, "The login name")


def author(named: str | None = None, said_by: str = "--scanner") -> Author:
    """Tell who decides, on which host. Raises ScannerNameError."""
    return Author(scanner_name(named, said_by), platform.node())
