"""What Dask's workers keep: the judge, loaded once on each. Imported only where Dask is used."""

from distributed import WorkerPlugin, get_worker

import vra_tui
from vra_tui.archive.judge import choose_judge
from vra_tui.errors import VraError
from vra_tui.scoring.model.judges import Judge

_NAME = "vra-judge"


class JudgeOnWorker(WorkerPlugin):
    """Dask's plugin: loads the judge when a worker starts, and again on one that joins later."""

    name = _NAME
    idempotent = False

    def __init__(self, model: str | None, survey: str) -> None:
        self.model, self.survey, self.version = model, survey, vra_tui.__version__
        self.judge: Judge | None = None

    def setup(self, worker: object) -> None:
        """Load it. Raises VraError on a worker with another version of this program, or without the model."""
        if vra_tui.__version__ != self.version:
            raise VraError(
                f"A worker has vra-tui {vra_tui.__version__}, this machine {self.version}. Install the same."
            )
        self.judge = choose_judge(self.model, self.survey)

    def teardown(self, worker: object) -> None:
        """Let go of it."""
        self.judge = None


def judge_here(model: str | None, survey: str) -> Judge:
    """The judge that this worker has loaded; loaded now where it is not the one asked for."""
    plugin = get_worker().plugins.get(_NAME)
    if plugin is not None and plugin.judge is not None and (plugin.model, plugin.survey) == (model, survey):
        judge: Judge = plugin.judge
        return judge
    return choose_judge(model, survey)
