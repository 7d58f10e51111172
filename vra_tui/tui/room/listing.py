"""Keys that open lists, sort and filter them, and keep views."""

from dataclasses import replace

from vra_tui.errors import VraError
from vra_tui.store import StoreFault
from vra_tui.store.query import REVERSED, SORTS, ListQuery
from vra_tui.tui.bars import query_title
from vra_tui.tui.list_columns import column_at
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.base import Room
from vra_tui.tui.session import LISTS
from vra_tui.tui.writer import reason


class ListingKeys(Room):
    """What a list shows is fetched in the watcher's thread; keys pressed meanwhile wait their turn."""

    async def action_open_list(self, number: int) -> None:
        """Open a list by its number."""
        await self.open_query(replace(self.session.query, list_name=LISTS[number]))

    async def action_step_list(self, step: int) -> None:
        """Open the next or the previous list."""
        await self.open_query(replace(self.session.query, list_name=self.session.neighbour(step)))

    async def action_refresh_list(self) -> None:
        """Sort anew: what is decided leaves, what is new comes in."""
        before = self.session.order.current
        self.session.refresh(await self.fetched(self.watcher.ids(self.session.query)))
        self.meant.leapt(before, self.session.order.current)
        self.say("List brought up to date.")
        self.show_list()

    async def action_sort(self) -> None:
        """Take the next order."""
        names = list(SORTS)
        now = self.session.query.sort.removeprefix(REVERSED)
        await self.sort_by(names[(names.index(now) + 1) % len(names)])

    async def action_reverse(self) -> None:
        """Take the same order the other way round."""
        now = self.session.query.sort
        await self.sort_by(now.removeprefix(REVERSED) if now.startswith(REVERSED) else REVERSED + now)

    async def sort_by(self, sort: str) -> None:
        """Sort the list, and go to its top: what an order puts first is what it was asked for."""
        await self.open_query(replace(self.session.query, sort=sort))
        words = SORTS[sort.removeprefix(REVERSED)]
        self.say(
            f"The other way round than {words}." if sort.startswith(REVERSED) else f"By {sort}: {words}."
        )

    async def action_sort_at(self, x: int) -> None:
        """Sort by the column whose title stands at a cell; asked once more, the other way round."""
        column = column_at(self.alerts.columns, x, self.panes["heading"].size.width)
        if column is None or column.sort is None:
            return
        is_again = self.session.query.sort == column.sort
        await self.sort_by(REVERSED + column.sort if is_again else column.sort)

    async def action_filter(self) -> None:
        """Ask for words that narrow the list."""

        async def narrow(words: str | None) -> None:
            if words is not None:
                await self.open_query(replace(self.session.query, words=" ".join(words.split())), stay=True)

        hint = "rank>7 mag<18 host:NGC -tns fast day<=2 unit:05; nothing shows all"
        await self.app.push_screen(Prompt("Filter", self.session.query.words, hint), narrow)

    async def action_view(self) -> None:
        """Open a named view, or keep the present list, order and filter under a new name."""
        views = self.settings.views.read()

        async def choose(text: str | None) -> None:
            name = (text or "").strip()
            if not name:
                return
            if name in views:
                await self.open_query(views[name])
                return
            try:
                self.settings.views.keep(name, self.session.query)
            except (VraError, OSError) as error:
                self.say(f"The view was not kept: {error}", "failure")
                return
            self.say(f"Kept as view {name}: {query_title(self.session.query)}.")

        known = ", ".join(views) or "none yet"
        await self.app.push_screen(Prompt("View to open, or a new name for what is shown", "", known), choose)

    async def open_query(self, query: ListQuery, stay: bool = False) -> None:
        """Show what a query selects; ``stay``: with the cursor on the same alert if it is among that."""
        if query == self.session.query:
            return
        before = self.session.order.current
        try:
            ids = await self.fetched(self.watcher.ids(query))
            self.session.open(query, ids, before if stay else None)
        except VraError as error:
            self.say(str(error))
            return
        except StoreFault as error:
            self.say(f"The list cannot be read: {reason(error)}.", "failure")
            return
        self.meant.leapt(before, self.session.order.current)
        self.say(f"{query_title(query)}: {len(ids)} alerts")
        self.show_list()
