"""Filter words that ask what classifiers said: `note:NEEDLE`, `needle.SLSN-I>0.5`."""

import re
import sqlite3

from vra_tui.store.filter_words import filter_words

#: A number of a classifier, `topic.number`, held against another; blanks in either name are written `_`.
_COMPARISON = re.compile(
    r"(?P<name>[^\s<>=:]+\.[^\s<>=:]+)(?P<operator><=|>=|<|>|=)(?P<value>[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)"
)
#: SQL: the name by which a number ``v`` of an answer ``n`` is asked for.
_NAME = "replace(lower(n.topic || '.' || v.key), ' ', '_')"
#: SQL: answers whose topic may begin the name that is asked for, and their numbers.
_NUMBERS = """annotations n, json_each(n.said, '$.numbers') v WHERE v.type IN ('real', 'integer')
    AND n.topic IN (SELECT DISTINCT topic FROM annotations
        WHERE instr(?, replace(lower(topic), ' ', '_') || '.') = 1)"""
#: SQL: whether no later answer of its topic stands beside the answer ``n``; the order as in `surroundings`.
_IS_LATEST = """NOT EXISTS (SELECT 1 FROM annotations o WHERE o.alert_id = n.alert_id AND o.topic = n.topic
    AND (coalesce(o.mjd, 0), o.said) > (coalesce(n.mjd, 0), n.said))"""
#: So many names of numbers are told when one is asked for that nobody gave.
_TOLD = 12


def topic_condition(text: str) -> tuple[str, list[object]]:
    """SQL on ``standing s``: whether a classifier whose topic holds a text has ever spoken of the alert."""
    return (
        """s.alert_id IN (SELECT n.alert_id FROM annotations n WHERE n.topic IN
        (SELECT DISTINCT topic FROM annotations WHERE instr(replace(lower(topic), ' ', '_'), ?)))""",
        [text.lower().replace(" ", "_")],
    )


def number_condition(word: str, is_narrow: bool = False) -> tuple[str, list[object]] | None:
    """SQL on ``standing s`` for `needle.SLSN-I>0.5`, with its values; None for a word of another form.

    The latest answer of the topic counts: one that lowers its probability takes the alert off again.
    ``is_narrow``: few alerts are looked at, each by itself; else all annotations are gone through once.
    """
    found = _COMPARISON.fullmatch(word.lower())
    if found is None:
        return None
    numbers = f"""SELECT n.alert_id FROM {_NUMBERS} AND {_NAME} = ?
        AND v.value {found["operator"]} ? AND {_IS_LATEST}"""
    sql = f"EXISTS ({numbers} AND n.alert_id = s.alert_id)" if is_narrow else f"s.alert_id IN ({numbers})"
    return sql, [found["name"], found["name"], float(found["value"])]


def numbers_never_given(connection: sqlite3.Connection, words: str) -> list[tuple[str, tuple[int, int]]]:
    """The numbers that filter words ask for and no classifier has ever given: mistyped, most likely.

    Each with its place in ``words``.
    """
    written = [(word, _COMPARISON.fullmatch(word.text.lower().lstrip("-"))) for word in filter_words(words)]
    asked = [(found["name"], (word.start, word.end)) for word, found in written if found]
    query = f"SELECT EXISTS (SELECT 1 FROM {_NUMBERS} AND {_NAME} = ?)"
    return [one for one in asked if not connection.execute(query, (one[0], one[0])).fetchone()[0]]


def numbers_given(connection: sqlite3.Connection) -> list[str]:
    """Names of numbers that filter words can ask for, some of them: from one answer of each topic."""
    rows = connection.execute(
        """SELECT DISTINCT t.topic || '.' || v.key FROM (SELECT DISTINCT topic FROM annotations) t,
            json_each((SELECT n.said FROM annotations n WHERE n.topic = t.topic LIMIT 1), '$.numbers') v
        ORDER BY 1 LIMIT ?""",
        (_TOLD,),
    )
    return [str(row[0]).replace(" ", "_") for row in rows]


def topics_given(connection: sqlite3.Connection) -> list[str]:
    """Topics of classifiers that ever spoke, as filter words name them; so many at most as are told."""
    rows = connection.execute("SELECT DISTINCT topic FROM annotations ORDER BY topic LIMIT ?", (_TOLD,))
    return [str(row[0]).replace(" ", "_") for row in rows]
