"""Write a message as people read it. What strangers wrote in it calls nobody, styles and links nothing."""

from collections.abc import Mapping
from typing import Any

from vra_tui.text import printable

#: Shown in place of what calls people, styles a text or makes a link in one of the programs that take
#: Slack's form (Slack, Mattermost, Discord, Rocket.Chat).
_HARMLESS = str.maketrans({"@": "＠", "`": "ˋ", "*": "∗", "~": "∼", "[": "(", "]": ")", "|": "¦", "\\": "∖"})


def lines(content: Mapping[str, Any]) -> list[str]:
    """A message as people read it: what it is about, a line an alert, and how many more there are."""
    found = [_plain(content["text"], 300)]
    found += [alert_line(alert) for alert in content["alerts"]]
    if content["more"]:
        found.append(f"and {content['more']:,} more")
    return found


def alert_line(alert: Mapping[str, Any]) -> str:
    """One alert: its name, what it is worth, where it stands, and its page."""
    identifier = f"{_plain(alert['survey'], 20)}:{_plain(alert['object_id'], 60)}"
    name = _plain(alert["name"], 60)
    facts = [f"{name} ({identifier})" if name and name != alert["object_id"] else identifier]
    for word, digits in (("rank", 1), ("mag", 1)):
        if alert[word] is not None:
            facts.append(f"{word} {alert[word]:.{digits}f}")
    if alert["list"]:
        facts.append(_plain(alert["list"], 40))
    if alert["host"]:
        apart = f" at {alert['sep_arcsec']:.1f}″" if alert["sep_arcsec"] is not None else ""
        facts.append(f"host {_plain(alert['host'], 40)}{apart}")
    if alert["is_tns_match"]:
        facts.append("on TNS")
    facts.append(f"{alert['ra']:.5f} {alert['dec']:+.5f}")
    return ", ".join(facts) + (f" {printable(alert['url'], 500)}" if alert["url"] else "")


def _plain(text: object, limit: int) -> str:
    """Text by strangers that calls nobody, styles nothing and makes no link."""
    return printable(text, limit).translate(_HARMLESS).replace("://", ":∕∕")
