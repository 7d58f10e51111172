"""What Dask's workers keep for a run: the judge, loaded once on each. Imported only where Dask is used."""

import socket
from collections.abc import Sequence

from distributed import Worker, WorkerPlugin, get_worker

import vra_tui
from vra_tui.archive.folder import JOB_FILE, Pixel
from vra_tui.archive.judge import choose_judge, fingerprint
from vra_tui.archive.reading import Reader
from vra_tui.archive.task import Counts, Job, work
from vra_tui.errors import VraError
from vra_tui.scoring.model.judges import Judge


class WorkerUnfit(VraError):
    """A worker that cannot take part in a run: ``address`` is its name for Dask, ``why`` a sentence."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address, self.why = address, why

    def __str__(self) -> str:
        return self.why


class RunOnWorker(WorkerPlugin):
    """Dask's plugin: readies a worker for a run when that begins, or when the worker joins later.

    ``fault``: why the worker cannot take part. Dask lets a worker that joins late go on whatever a plugin
    raises: what is wrong is kept, and told by its first task.
    """

    idempotent = False

    def __init__(self, job: Job) -> None:
        self.name = job.run
        self.job, self.version = job, vra_tui.__version__
        self.judge: Judge | None = None
        self.fault: str | None = None

    def setup(self, worker: Worker) -> None:
        """Load the judge, and see whether the worker fits."""
        where = f"The worker {worker.address} on {socket.gethostname()}"
        if vra_tui.__version__ != self.version:
            self.fault = (
                f"{where} has vra-tui {vra_tui.__version__}, this machine {self.version}. Install the same."
            )
        elif not (self.job.out / JOB_FILE).is_file():
            self.fault = f"{where} does not see {self.job.out}: results go into one folder that all share."
        elif self.job.what == "score":
            try:
                self.judge = choose_judge(self.job.model, self.job.survey)
            except VraError as error:
                self.fault = f"{where} cannot rank: {error}"
                return
            if self.job.judge not in (None, fingerprint(self.judge)):
                who = f"model {self.job.model}" if self.job.model else "starter"
                self.fault = f"{where} has another {who} than this machine. Copy it there."

    def teardown(self, worker: Worker) -> None:
        """Let go of the judge."""
        self.judge = None


def fault_here(run: str, dask_worker: Worker) -> str | None:
    """Why this worker cannot take part in a run; called on each by Dask, which hands the worker in."""
    plugin: RunOnWorker = dask_worker.plugins[run]
    return plugin.fault


def work_here(pixels: Sequence[Pixel], reader: Reader, job: Job) -> dict[Pixel, Counts | str]:
    """`work` by the judge that this worker keeps. Raises WorkerUnfit, CannotWrite."""
    worker = get_worker()
    plugin: RunOnWorker = worker.plugins[job.run]
    if plugin.fault is not None:
        raise WorkerUnfit(worker.address, plugin.fault)
    return work(pixels, reader, job, plugin.judge)
