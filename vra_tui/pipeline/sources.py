"""Opening what the configuration names as sources: settings, secrets, budgets, and so their wires."""

import difflib
import os
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from vra_tui.config.alert_sources import AlertSource, is_credential
from vra_tui.config.locations import user_config_dir
from vra_tui.config.reading import Config
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.base import Edges, SourceError, SourceSettings, Stopped, Tools, Wire
from vra_tui.sources.wires.budget import Budget
from vra_tui.sources.wires.credentials import secret, variable
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.store import Store
from vra_tui.store.following import calls_of, note_call
from vra_tui.store.intake import is_seen

#: The option by which several sources share one account, and with it one budget of calls.
_ACCOUNT = "account"


def chosen_sources(config: Config, names: Sequence[str] = ()) -> list[AlertSource]:
    """The sources of these names, all where none is named. Raises SourceError for one that is not there."""
    known = config.alert_sources
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            there = f"There are: {', '.join(sorted(known))}." if known else "It names none yet."
            hint = f" Is it `{near[0]}`?" if near else ""
            raise SourceError(f"{config.path} has no [source.{name}]. {there}{hint}")
    return [known[name] for name in dict.fromkeys(names or known)]


def settings_of(source: AlertSource) -> SourceSettings:
    """What the wire of a source gets to see of its table: neither its secrets nor its account."""
    options = {
        key: value
        for key, value in source.options.items()
        if key != _ACCOUNT and not (isinstance(value, str) and is_credential(key, ""))
    }
    return SourceSettings(source.name, source.kind, options)


def real_edges(stop: threading.Event | None = None) -> Edges:
    """Time and chance as they are; setting ``stop`` ends every wait with `Stopped`."""
    told = stop or threading.Event()

    def wait(seconds: float) -> None:
        if told.wait(seconds):
            raise Stopped

    return Edges(time.time, wait, random.random)


@dataclass(frozen=True)
class Keys:
    """Where secrets are looked for: the environment, the source's own table, ``file``, the keyring."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    file: Path = field(default_factory=lambda: user_config_dir() / "credentials.toml")

    @classmethod
    def beside(cls, config: Config) -> "Keys":
        """With `credentials.toml` in the folder of the configuration."""
        return cls(file=config.path.parent / "credentials.toml")

    def of(self, source: AlertSource, word: str) -> SecretStr | None:
        """One secret of a source (`token`), None where there is none. Raises CredentialError."""
        own = source.options.get(word)
        table = {variable(source.name, word): own} if isinstance(own, str) else {}
        return secret(source.name, word, {**table, **self.environment}, self.file)


def tools_for(
    store: Store,
    source: AlertSource,
    *,
    edges: Edges,
    keys: Keys,
    is_patient: bool = False,
    share: float = 1.0,
) -> Tools:
    """The tools of a source's wire, which lives in the thread that opened ``store``.

    Calls are kept by the store under the source's name, or under what its option `account` says. ``share``:
    the part of an hour's calls up to which it may go, whoever made them: the rest is left to others.
    """
    account = source.options.get(_ACCOUNT, source.name)
    if not isinstance(account, str) or not account:
        raise SourceError(f"[source.{source.name}]: `{_ACCOUNT}` is a name, not {account!r}.")
    return Tools(
        edges,
        lambda word: keys.of(source, word),
        lambda an_hour: Budget(
            None if an_hour is None else max(1, int(an_hour * share)),
            lambda: calls_of(store, account, edges.now()),
            lambda at: note_call(store, account, at),
        ),
        Reading(is_known=lambda digest: is_seen(store, digest)),
        is_patient,
    )


def open_source(
    store: Store,
    source: AlertSource,
    *,
    edges: Edges,
    keys: Keys,
    is_patient: bool = False,
    share: float = 1.0,
) -> Wire:
    """The wire of a source; nothing is connected yet. Raises SourceError and CredentialError."""
    tools = tools_for(store, source, edges=edges, keys=keys, is_patient=is_patient, share=share)
    return open_wire(settings_of(source), tools)
