"""Read the tables ``[outbox.rule.NAME]`` of the configuration: which decisions and scores make which drafts.

What a rule makes stays a draft until somebody approves it, unless the rule says ``approve = true``.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from vra_tui.config.alert_sources import NAME, Refusal, is_credential
from vra_tui.config.toml_lines import KeyPath

#: The word for all scanners who are people.
PEOPLE = "people"


@dataclass(frozen=True)
class OutboxRule:
    """One table. ``makes``: a kind of draft; ``target``: the [source.NAME] that it goes to.

    ``lists``: decisions that make it; none: new scores do. ``actors``: whose decisions, `people` or names.
    ``filter``: words that select the alerts. ``approve``: what it makes may leave by itself. ``options``:
    all other keys, which belong to the kind. ``where``: file and line.
    """

    name: str
    makes: str
    target: str
    lists: tuple[str, ...] = ()
    actors: tuple[str, ...] = (PEOPLE,)
    filter: str = ""
    approve: bool = False
    options: Mapping[str, object] = field(default_factory=dict)
    where: str = ""

    def shown(self) -> dict[str, object]:
        """The table as it is followed, defaults and all."""
        words = {"lists": list(self.lists), "actors": list(self.actors)}
        return {
            "makes": self.makes, "target": self.target, **words, "filter": self.filter,
            "approve": self.approve, **self.options,
        }  # fmt: skip


_KEYS = tuple(one.name for one in fields(OutboxRule) if one.name not in ("name", "options", "where"))


def read_rules(section: object, refusal: Refusal, place: Callable[[KeyPath], str]) -> dict[str, OutboxRule]:
    """The rules by name from what ``outbox`` holds in the file; ``refusal`` makes what is raised."""
    if not isinstance(section, dict):
        raise refusal(("outbox",), "outbox is no value: write a table [outbox.rule.NAME] for each rule.")
    for key in section:
        if key != "rule":
            raise refusal(("outbox", key), f"[outbox] holds rules only: [outbox.rule.NAME], not `{key}`.")
    tables = section.get("rule", {})
    if not isinstance(tables, dict):
        raise refusal(("outbox", "rule"), "outbox.rule is no value: write a table [outbox.rule.NAME].")
    return {name: _rule(name, table, refusal, place) for name, table in tables.items()}


def _rule(name: str, table: object, refusal: Refusal, place: Callable[[KeyPath], str]) -> OutboxRule:
    path = ("outbox", "rule", name)
    if not isinstance(table, dict):
        raise refusal(path, f"[outbox.rule] holds tables only: write [outbox.rule.NAME] above `{name}`.")
    if not re.fullmatch(NAME, name):
        raise refusal(path, f"a rule is named by letters, digits, - and _, not {name!r}.")
    values: dict[str, object] = {}
    options: dict[str, object] = {}
    for key, value in table.items():
        if is_credential(key, value):
            raise refusal(
                (*path, key), f"`{key}` is a credential, and may leave with what the rule makes: not used."
            )
        (values if key in _KEYS else options)[key] = value
    for key in ("makes", "target"):
        if not isinstance(values.get(key), str) or not values[key]:
            close = difflib.get_close_matches(key, options, 1, 0.6)
            nearest = f"; did you mean it by `{close[0]}`?" if close else "."
            raise refusal(path, f'outbox.rule.{name} lacks {key} = "…"{nearest}')
    for key in ("lists", "actors"):
        if key in values:
            values[key] = _words(values[key], (*path, key), refusal)
            for word in values[key]:  # type: ignore[attr-defined]
                if key == "actors" and word != PEOPLE and difflib.get_close_matches(word, [PEOPLE], 1, 0.8):
                    raise refusal((*path, key), f"there are no `{word}`; did you mean `{PEOPLE}`?")
    for key, kind, said in (("filter", str, "text"), ("approve", bool, "true or false")):
        if not isinstance(values.get(key, kind()), kind):
            raise refusal((*path, key), f"outbox.rule.{name}.{key} is {said}, not {values[key]!r}.")
    for key in options:
        if close := difflib.get_close_matches(key, _KEYS, 1, 0.8):
            raise refusal((*path, key), f"there is no `{key}`; did you mean `{close[0]}`?")
    return OutboxRule(name, options=options, where=place(path), **values)  # type: ignore[arg-type]


def _words(value: object, path: KeyPath, refusal: Refusal) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise refusal(path, f'{".".join(path)} is a list of texts: ["good", "attic"].')
    return tuple(words)
