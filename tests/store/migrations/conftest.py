"""Stores of older versions, which are made and not copied."""

from contextlib import closing

import pytest

from tests.store import older
from tests.store.migrations.filled import filled


@pytest.fixture(autouse=True)
def new_stores_are_copied() -> None:
    """Here they are made: that is what is tested."""


@pytest.fixture
def before(store_path):
    """All rows of a store of version 4, that lies at ``store_path``."""
    with closing(filled(store_path)) as store:
        return older.dump(store)
