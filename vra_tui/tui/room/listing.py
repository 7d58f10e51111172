"""Keys that open lists, sort and filter them, and keep views."""

from contextlib import suppress
from dataclasses import replace

from vra_tui.errors import VraError
from vra_tui.store import StoreFault
from vra_tui.store.filter_vocabulary import FilterVocabulary
from vra_tui.store.query import REVERSED, SORTS, ListQuery
from vra_tui.text import counted, printable
from vra_tui.tui.bars import query_title
from vra_tui.tui.list_columns import column_at
from vra_tui.tui.named_views import ViewError
from vra_tui.tui.order import Ids
from vra_tui.tui.picker import Picked
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.base import Room
from vra_tui.tui.tabs import LISTS
from vra_tui.tui.view_picker import DELETE, SAVE, ViewPicker
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
        await self.open_query(replace(self.session.query, sort=sort), at_top=True)
        if self.session.query.sort != sort:
            return  # and `open_query` has said why
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
        """Ask for words that narrow the list; words that mean nothing are told before the prompt goes."""
        found: dict[str, Ids] = {}

        async def check(text: str) -> None:
            query = self._narrowed(text)
            found[query.words] = await self.fetched(self.watcher.ids(query))

        async def narrow(text: str | None) -> None:
            if text is None:
                return
            query = self._narrowed(text)
            self.history.add("filter", query.words)
            await self.open_query(query, stay=True, ids=found.get(query.words))

        hint = "rank > 7 mag < 18 host:NGC -tns fast note:NEEDLE; nothing shows all"
        words = self.session.query.words
        prompt = Prompt(
            "Filter",
            f"{words} " if words else "",
            hint,
            check=check,
            vocabulary=FilterVocabulary(),
            history=self.history.lines("filter"),
        )
        await self.app.push_screen(prompt, narrow)
        self.run_worker(self._teach(prompt), name="filter words")

    def _narrowed(self, text: str) -> ListQuery:
        # As it is written: places in it are told, and what stands in quotes keeps its blanks.
        return replace(self.session.query, words=text.rstrip())

    async def _teach(self, prompt: Prompt) -> None:
        """Let the prompt complete what this store holds, too: its surveys, topics, scanners."""
        with suppress(StoreFault, VraError):  # the prompt works without
            prompt.learn(await self.watcher.vocabulary())

    async def action_view(self) -> None:
        """Choose a named view to open or delete, or keep the present list, order and filter under a name."""

        async def act(picked: Picked | None) -> None:
            if picked is None:
                return
            if picked.action == SAVE:
                await self._keep_view()
                return
            if picked.action == DELETE:
                self._delete_view(picked.id)
                return
            await self.open_query(views[picked.id])

        views = self.settings.views.read()
        await self.app.push_screen(ViewPicker(views), act)

    async def _keep_view(self) -> None:
        asked: list[str] = []

        async def check(text: str) -> None:
            name = printable(text, 60)
            if not name:
                raise ViewError("A view needs a name.")
            if name in self.settings.views.read() and name not in asked:
                asked.append(name)
                raise ViewError(f"There is a view {name} already. Enter again puts this one in its place.")

        def keep(text: str | None) -> None:
            if text is None:
                return
            name = printable(text, 60)
            try:
                self.settings.views.keep(name, self.session.query)
            except (VraError, OSError) as error:
                self.say(f"The view was not kept: {error}", "failure")
                return
            self.say(f"Kept as view {name}: {query_title(self.session.query)}.")

        shown = query_title(self.session.query)
        await self.app.push_screen(Prompt(f"Name of the view: {shown}", check=check), keep)

    def _delete_view(self, name: str) -> None:
        try:
            self.settings.views.delete(name)
        except (VraError, OSError) as error:
            self.say(f"The view was not deleted: {error}", "failure")
            return
        self.say(f"The view {printable(name, 60)} is deleted.")

    async def open_query(
        self, query: ListQuery, *, stay: bool = False, at_top: bool = False, ids: Ids | None = None
    ) -> None:
        """Show what a query selects, with the cursor where it was left there.

        ``stay``: on the same alert if it is among that; ``at_top``: on the first one. ``ids``: what it
        selects, where that was fetched already.
        """
        if query == self.session.query:
            return
        before = self.session.order.current
        try:
            if ids is None:
                ids = await self.fetched(self.watcher.ids(query))
            self.session.open(query, ids, before if stay else None, at_top)
        except VraError as error:
            self.say(str(error))
            return
        except StoreFault as error:
            self.say(f"The list cannot be read: {reason(error)}.", "failure")
            return
        self.meant.leapt(before, self.session.order.current)
        self.say(f"{query_title(query)}: {counted(len(ids), 'alert')}.")
        self.show_list()
