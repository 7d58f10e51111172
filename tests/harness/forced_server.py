"""An ATLAS forced-photometry server in a test's hand: a queue of tasks, light curves, zips of images.

It answers as the code of the server does (atlasserver): a task is finished once it has a `finishtimestamp`,
and has a result only where it has no `error_msg`.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy.io import fits

from tests.harness.server import Call, Reply

TOKEN = "f0rced5e41"
HEADER = (
    "###MJD          m      dm   uJy   duJy F err chi/N   RA       Dec        x        y     maj  min   phi  "
    "apfit  mag5sig Sky   Obs\n"
)


def row(mjd: float, name: str, flux: float = 200.0) -> str:
    """One line of a light curve."""
    return (
        f"{mjd:.6f} 18.15 0.05 {flux:.0f} 12 {name[-1]} 0 1.05 150.10000 2.20000 4912.10 5033.20 2.11 1.95 "
        f"-31.2 -0.402 19.42 21.30 {name}\n"
    )


def image(width: int = 400, value: float = 1.0) -> bytes:
    """A FITS image with one bright pixel in the middle."""
    pixels = np.zeros((width, width), dtype=np.float32)
    pixels[width // 2, width // 2] = value
    written = io.BytesIO()
    header = fits.Header({"CRPIX1": width / 2 + 0.5, "CRPIX2": width / 2 + 0.5})
    fits.PrimaryHDU(pixels, header).writeto(written)
    return written.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip, packed as the server does."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return written.getvalue()


@dataclass
class ForcedServer:
    """The server: ``tasks`` by number with their forms, and what came of those that are finished.

    ``lost``: tasks whose results it names and does not have. ``throttled``: so many calls to come are
    answered by 429, whose text says how long. ``results_at``: where results lie, when not here.
    """

    token: str = TOKEN
    user: str = "summit"
    password: str = "s3cret"
    tasks: dict[int, dict[str, str]] = field(default_factory=dict)
    results: dict[int, bytes] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    throttled: int = 0
    results_at: str | None = None
    base: str = ""

    def finish(self, number: int, content: bytes = b"", fault: str | None = None) -> None:
        """End a task with a result or an error."""
        if fault is None:
            self.results[number] = content
        else:
            self.faults[number] = fault

    def __call__(self, call: Call) -> Reply:
        path = call.path.rpartition("/forcedphot/")[2]
        if path == "api-token-auth/":
            if (call.form.get("username"), call.form.get("password")) != (self.user, self.password):
                return _json({"non_field_errors": ["Unable to log in with provided credentials."]}, 400)
            return _json({"token": self.token})
        if path.startswith("static/"):
            number = int(path.partition("job")[2].partition(".")[0])
            is_there = number in self.results and number not in self.lost
            return Reply(self.results[number]) if is_there else Reply(b"no", 404)
        if call.headers.get("authorization") != f"Token {self.token}":
            return _json({"detail": "Invalid token."}, 401)
        if self.throttled:
            self.throttled -= 1
            return _json({"detail": "Request was throttled. Expected available in 23 seconds."}, 429)
        if path == "queue/" and call.method == "POST":
            return self._put(call)
        if path == "queue/":
            return _json({"next": None, "previous": None, "results": [self._task(one) for one in self.tasks]})
        number = int(path.removeprefix("queue/").strip("/"))
        if number not in self.tasks:
            return _json({"detail": "No Task matches the given query."}, 404)
        return _json(self._task(number))

    def _put(self, call: Call) -> Reply:
        if call.form.get("request_type") == "IMGZIP":
            parent = int(call.form.get("parent_task_id", 0))
            if parent not in self.results:
                return _json({"parent_task_id": "IMGZIP requests must have a parent_task_id"}, 400)
        number = 1001 + len(self.tasks)
        self.tasks[number] = dict(call.form)
        return _json(self._task(number), 201)

    def _task(self, number: int) -> dict[str, Any]:
        is_images = self.tasks[number].get("request_type") == "IMGZIP"
        is_finished = number in self.results or number in self.faults
        host = self.results_at or self.base
        url = f"{host}forcedphot/static/results/job{number}.{'zip' if is_images else 'txt'}"
        found = url if number in self.results else None
        return {
            "url": f"{self.base}forcedphot/queue/{number}/",
            "id": number,
            "username": self.user,
            "timestamp": "2026-11-22T01:00:00Z",
            "starttimestamp": "2026-11-22T01:00:05Z" if is_finished else None,
            "finishtimestamp": "2026-11-22T01:02:00Z" if is_finished else None,
            "error_msg": self.faults.get(number),
            "result_url": None if is_images else found,
            "result_imagezip_url": found if is_images else None,
            "queuepos": None if is_finished else 3,
        }


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status)
