"""A real HTTP server on loopback that answers as a test tells it: recorded answers, delays, faults."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Call:
    """A request as it arrived: header names in lower case, the values of query and form as last given."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What the server sends. ``cut``: it hangs up after so many bytes; ``pause``: seconds before the body."""

    content: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    pause: float = 0.0


@dataclass
class Served:
    """A running server: its address, and what it was asked."""

    url: str
    calls: list[Call] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[Call], Reply], context: Any = None) -> Iterator[Served]:
    """Serve what ``answer`` gives; with an SSL ``context`` by https."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else the body waits 40 ms for the other side to acknowledge the headers.
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # whoever asked is gone
                self.close_connection = True
                return
            form = parse_qs(body.decode())
            parts = urlsplit(self.path)
            call = Call(
                self.command,
                parts.path,
                {name: values[-1] for name, values in parse_qs(parts.query).items()},
                {name: values[-1] for name, values in form.items()},
                {name.lower(): value for name, value in self.headers.items()},
                body,
            )
            served.calls.append(call)
            reply = answer(call)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            time.sleep(reply.pause)
            self.wfile.write(reply.content[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        do_GET = do_POST = _answer

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing on standard error."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    served = Served(f"{scheme}://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
