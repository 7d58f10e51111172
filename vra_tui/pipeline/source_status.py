"""How the configured sources are: what the store knows of each, and what each answers when it is asked."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from vra_tui.config.alert_sources import AlertSource
from vra_tui.errors import VraError
from vra_tui.pipeline.sources import Keys, open_source, settings_of, tools_for
from vra_tui.sources.wires.base import Answered, Edges, Tools
from vra_tui.sources.wires.budget import Budget
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.store import Store
from vra_tui.store.following import SourceState, source_states

#: Sources that are tested at once.
_AT_ONCE = 16


@dataclass(frozen=True)
class SourceStatus:
    """A source as it is configured and as the store knows it; ``state`` is None where it was never asked.

    ``calls_left`` of ``calls_an_hour``: None where no limit is known. ``fault``: why it cannot be used as it
    is configured. ``is_configured``: whether it still is.
    """

    name: str
    kind: str
    state: SourceState | None
    calls_left: int | None = None
    calls_an_hour: int | None = None
    fault: str | None = None
    is_configured: bool = True


@dataclass(frozen=True)
class TestedSource:
    """What came of asking a source: what it answered, or why it did not."""

    name: str
    kind: str
    answered: Answered | None
    fault: str | None = None


def status_of_sources(
    store: Store, sources: Sequence[AlertSource], *, edges: Edges, keys: Keys
) -> list[SourceStatus]:
    """How each source is, without asking any; those that are configured no more stand behind the others."""
    states = {state.source: state for state in source_states(store)}
    found = [_status(store, source, states.get(source.name), edges, keys) for source in sources]
    names = {source.name for source in sources}
    return found + [
        SourceStatus(state.source, state.kind, state, is_configured=False)
        for state in states.values()
        if state.source not in names
    ]


def _status(
    store: Store, source: AlertSource, state: SourceState | None, edges: Edges, keys: Keys
) -> SourceStatus:
    budgets: list[Budget] = []
    try:
        tools = tools_for(store, source, edges=edges, keys=keys)
        wire = open_wire(settings_of(source), _noting(tools, budgets))
    except VraError as fault:
        return SourceStatus(source.name, source.kind, state, fault=str(fault))
    wire.close()
    # A wire that talks to several servers is as free as the one of which the least is left.
    known = [(left, one.an_hour) for one in budgets if (left := one.left(edges.now())) is not None]
    left, an_hour = min(known, default=(None, None), key=lambda one: one[0] or 0)
    return SourceStatus(source.name, source.kind, state, left, an_hour)


def _noting(tools: Tools, budgets: list[Budget]) -> Tools:
    """The tools, noting which budgets a wire asks for."""

    def budget(an_hour: int | None) -> Budget:
        budgets.append(tools.budget(an_hour))
        return budgets[-1]

    return replace(tools, budget=budget)


def check_sources(
    sources: Sequence[AlertSource], open_own: Callable[[], Store], *, edges: Edges, keys: Keys
) -> list[TestedSource]:
    """Ask all sources at once whether they answer; one that hangs holds up no other.

    ``open_own`` opens the store once more: each thread works with one of its own.
    """

    def check(source: AlertSource) -> TestedSource:
        store = open_own()
        try:
            wire = open_source(store, source, edges=edges, keys=keys)
            try:
                return TestedSource(source.name, source.kind, wire.check())
            finally:
                wire.close()
        except VraError as fault:
            return TestedSource(source.name, source.kind, None, str(fault))
        finally:
            store.close()

    if not sources:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(sources))) as pool:
        return list(pool.map(check, sources))
