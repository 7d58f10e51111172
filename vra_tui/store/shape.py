"""Check that a file's schema is the one this program makes, since SQLite runs what stands in a schema.

A trigger can drop what is written without a word, a view in a table's place can say anything or never end,
a constraint ON CONFLICT IGNORE drops rows. Files by others are compared whole before anything is taken in.
"""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

from vra_tui.store.schema import SCHEMA_VERSION, TRIGGERS, migrate, step_after

# A text, an identifier in quotes, a comment, a word or number, any other character.
_TOKEN = re.compile(
    r"""('(?:[^']|'')*')|"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|(--[^\n]*|/\*.*?\*/)|(\w+)|(\S)""", re.S
)
_OBJECTS = """SELECT type, name, tbl_name, sql FROM sqlite_master
    WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"""
#: Made by the library that migrates, whose versions write it differently; nothing of ours is in it.
_NOT_OURS = "_sqlite_migrations"


@dataclass(frozen=True)
class SchemaObject:
    """A table, index, trigger or view, as it was made."""

    type: str
    name: str
    table: str
    sql: str

    @property
    def words(self) -> str:
        """What to call it in a message."""
        return f"{self.type} {self.name}"


@dataclass
class SchemaDifference:
    """What is not as this program makes it.

    ``foreign``: what others put in and SQLite obeys unseen. ``changed``: ours by name, made otherwise.
    ``missing``: of ours. ``additions``: tables, views and indexes of others that nothing here reads.
    """

    foreign: list[SchemaObject] = field(default_factory=list)
    changed: list[SchemaObject] = field(default_factory=list)
    missing: list[SchemaObject] = field(default_factory=list)
    additions: list[SchemaObject] = field(default_factory=list)

    @property
    def why_unfit(self) -> str | None:
        """Why nothing is to be taken from the file, with names; None where it is as it should be."""
        # Triggers and views first: they are what would be obeyed.
        parts = [
            f"{what} {', '.join(sorted((one.words for one in found), reverse=True)[:_NAMED])}"
            + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
            for what, found in (
                ("it holds what is not of this program:", self.foreign),
                ("it holds in another form:", self.changed),
                ("it lacks", self.missing),
            )
            if found
        ]
        return "; ".join(parts) or None


_NAMED = 6


def objects(connection: sqlite3.Connection) -> dict[str, SchemaObject]:
    """Everything in a file's schema by name, without what SQLite makes for itself."""
    rows = connection.execute(_OBJECTS)
    return {row[1]: SchemaObject(row[0], row[1], row[2], row[3] or "") for row in rows}


def reference(version: int = SCHEMA_VERSION) -> dict[str, SchemaObject]:
    """The schema of a version as the migrations make it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made, stop_before=step_after(version))
        return objects(made)


def difference(connection: sqlite3.Connection, version: int) -> SchemaDifference:
    """Return what in a file's schema is not as the migrations make that version. Writes nothing."""
    ours, theirs, found = reference(version), objects(connection), SchemaDifference()
    for name, one in ours.items():
        held = theirs.get(name)
        if held is None:
            found.missing.append(one)
        elif name != _NOT_OURS and not _is_same(one, held):
            found.changed.append(held)
    for name, one in theirs.items():
        if name not in ours:
            (found.additions if _is_harmless(one, ours) else found.foreign).append(one)
    return found


def obeyed(connection: sqlite3.Connection) -> list[SchemaObject]:
    """Triggers that are not of this program, under whatever name: what every opening looks for.

    It takes no reference: a store is opened with each command. `difference` compares the whole.
    """
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = [SchemaObject(*row) for row in rows]
    return [one for one in found if not _mean_the_same(one.sql, TRIGGERS.get(one.name, ""))]


def normal(sql: str) -> str:
    """A statement without what means nothing: white space, comments, case of words, quotes of identifiers."""
    parts = []
    for match in _TOKEN.finditer(sql):
        text, *quoted, comment, word, other = match.groups()
        identifier = next((one for one in quoted if one is not None), None)
        if comment is None:
            parts.append(text or (word or identifier or "").lower() or other or "")
    return " ".join(parts)


def _is_same(one: SchemaObject, held: SchemaObject) -> bool:
    is_alike = (one.type, one.table) == (held.type, held.table)
    return is_alike and _mean_the_same(one.sql, held.sql)


def _mean_the_same(one: str, other: str) -> bool:
    # Nearly always they are the same letter by letter, and need not be taken apart.
    return one == other or normal(one) == normal(other)


def _is_harmless(one: SchemaObject, ours: dict[str, SchemaObject]) -> bool:
    """Tell whether an addition changes nothing that is read or written here.

    Tables and views of others are never read. An index on a table of ours may only help to find: a unique one
    refuses rows, and one on an expression computes with each.
    """
    if one.type == "index":
        plain = re.fullmatch(
            r"create index .*? on \w+ \( \w+(?: asc| desc)?(?: , \w+(?: asc| desc)?)* \)", normal(one.sql)
        )
        return one.table not in ours or plain is not None
    return one.type in ("table", "view")
