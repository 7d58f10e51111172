"""HTTP for all wires: configured hosts alone, masked secrets, retries, budgets, bounded answers."""

import email.utils
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from vra_tui.sources.wires.base import Answered, CutOff, Edges, ServerOptions, Tools, WireFault
from vra_tui.sources.wires.budget import Budget, backoff, unlimited
from vra_tui.sources.wires.credentials import masked
from vra_tui.text import printable

if TYPE_CHECKING:
    import httpx

#: An answer is at most so many bytes when unpacked, unless a call allows more.
MOST_BYTES = 256 << 20
_ATTEMPTS = 5
_REDIRECTS = 3
#: A server that asks to be left alone for longer than that is reported rather than waited for.
_LONGEST_WAIT = 900.0
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOO_MUCH = frozenset({413, 500, 502, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Limits:
    """How long a server may take, seconds: to connect, between two pieces of an answer, and for all of it."""

    connect: float = 10.0
    read: float = 30.0
    whole: float = 300.0


def is_too_much(fault: WireFault) -> bool:
    """Whether a question may have been too much for the server: a smaller one may be answered."""
    return fault.status in _TOO_MUCH or isinstance(fault, CutOff)


@dataclass(frozen=True)
class Body:
    """A whole answer: its bytes, unpacked, and its headers in lower case."""

    content: bytes
    headers: Mapping[str, str]

    def json(self, what: str) -> Any:
        """Its JSON; NaN is taken for what is missing. Raises WireFault, ``what`` naming the answer."""
        try:
            return json.loads(self.content, parse_constant=lambda word: None)
        except (ValueError, RecursionError) as error:
            begin = printable(self.content[:80].decode("utf-8", "replace"), 80)
            raise WireFault(f"{what} is no JSON ({error}); it begins `{begin}`.") from None


@dataclass
class Http:
    """Talks to one server, and to further ``hosts`` that the configuration names.

    ``base``: its address, `https://…/api/`; plain http is taken on this machine alone. ``headers`` may hold
    secrets: they go to the base's own host and to no other. ``secrets`` appear in no message. ``ca_file``:
    certificates to trust besides the system's. Use it as a context, or close it.
    """

    base: str
    edges: Edges
    headers: Mapping[str, str] = field(default_factory=dict)
    hosts: Sequence[str] = ()
    secrets: Sequence[SecretStr] = ()
    budget: Budget = field(default_factory=unlimited)
    limits: Limits = field(default_factory=Limits)
    #: So many redirects are followed; 0: none, also not to the same host.
    redirects: int = _REDIRECTS
    ca_file: str | None = None
    #: Whether a used-up budget is waited for (a stream) or told (a command).
    is_patient: bool = False
    #: How often something is tried; 1: whatever goes wrong is raised at once, for one who keeps the rest.
    attempts: int = _ATTEMPTS

    def __post_init__(self) -> None:
        self._client: httpx.Client | None = None
        self._home = self._checked(self.base, allowed=None)

    @classmethod
    def of(cls, options: ServerOptions, tools: Tools, address: str = "", **more: Any) -> "Http":
        """The client of a source as it is configured; ``address``: of its kind's own server."""
        return cls(
            options.url or address,
            tools.edges,
            budget=tools.budget(options.calls_an_hour),
            ca_file=options.ca_file,
            is_patient=tools.is_patient,
            **more,
        )

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def answered(self, who: str | None = None) -> Answered:
        """What is told of a server that has just answered: its address, and what is left of the hour."""
        return Answered(
            f"{self.base} answers",
            who=who,
            calls_left=self.budget.left(self.edges.now()),
            calls_an_hour=self.budget.an_hour,
        )

    def get(self, path: str, params: Mapping[str, Any] | None = None, most_bytes: int = MOST_BYTES) -> Body:
        """GET ``path``, relative to the base or a whole address on an allowed host. Raises WireFault."""
        return self._ask("GET", path, most_bytes, params=params)

    def post(
        self,
        path: str,
        data: Mapping[str, Any],
        most_bytes: int = MOST_BYTES,
        is_read: bool = True,
        is_large: bool = False,
    ) -> Body:
        """POST a form. ``is_read``: it changes nothing there, so that it may be sent again when it fails.

        ``is_large``: what servers answer to a question that is too much for them (`is_too_much`) is raised at
        once, for a caller who has something better to do than to ask it again.
        """
        return self._ask("POST", path, most_bytes, is_read, is_large, data=data)

    def post_json(self, path: str, value: Any, most_bytes: int = MOST_BYTES) -> Body:
        """POST a value as JSON, which changes something there. Raises WireFault."""
        return self._ask("POST", path, most_bytes, is_read=False, json=value)

    def _ask(
        self,
        method: str,
        path: str,
        most_bytes: int,
        is_read: bool = True,
        is_large: bool = False,
        **form: Any,
    ) -> Body:
        import httpx

        url = httpx.URL(self.base).join(path)
        for attempt in range(self.attempts):
            is_last = attempt == self.attempts - 1
            self._keep_to_budget()
            try:
                status, body = self._follow(method, url, most_bytes, form)
            except httpx.HTTPError as error:
                # Before it was sent nothing happened; afterwards only a question may be asked again.
                was_sent = not isinstance(
                    error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
                )
                if is_last or (was_sent and (is_large or not is_read)):
                    raise self._fault(_in_words(error), kind=CutOff if was_sent else WireFault) from None
                self.edges.wait(backoff(attempt, self.edges.chance()))
                continue
            if status < 300:
                return body
            wait = _asked_to_wait(body, self.edges.now())
            if status not in _TRANSIENT or is_last or not (is_read or status == 429):
                raise self._refused(status, body, wait)
            if is_large and status in _TOO_MUCH:
                raise self._refused(status, body, wait)
            if wait is not None and wait > _LONGEST_WAIT:
                raise self._refused(status, body, wait)
            self.edges.wait(backoff(attempt, self.edges.chance()) if wait is None else wait + 1.0)
        raise AssertionError("the last attempt returns or raises")

    def _keep_to_budget(self) -> None:
        wait = self.budget.wait(self.edges.now())
        while wait > 0.0:
            if not self.is_patient:
                raise WireFault(
                    f"{self._name} allows {self.budget.an_hour} calls an hour, which are used up. "
                    f"Try again in {_duration(wait)}.",
                    wait,
                )
            self.edges.wait(wait)
            wait = self.budget.wait(self.edges.now())

    def _follow(
        self, method: str, url: "httpx.URL", most_bytes: int, form: Mapping[str, Any]
    ) -> tuple[int, Body]:
        """One call with the redirects that stay on allowed hosts."""
        for _ in range(self.redirects + 1):
            self._checked(str(url), allowed=self._allowed)
            self.budget.note(self.edges.now())
            status, body = self._call(method, url, most_bytes, form)
            target = body.headers.get("location")
            if status not in _MOVED or not target:
                return status, body
            if not self.redirects:
                raise self._fault("it sends on to another address, which was not followed", status=status)
            url = url.join(target)
            if (
                (form.get("data") or form.get("json"))
                and _origin(url) != self._home
                and status not in (301, 302, 303)
            ):
                raise self._fault("it sends a form on to another host, which may hold secrets: not sent")
            if method != "GET" and status in (301, 302, 303):
                method, form = "GET", {}
        raise self._fault(f"more than {self.redirects} redirects")

    def _call(
        self, method: str, url: "httpx.URL", most_bytes: int, form: Mapping[str, Any]
    ) -> tuple[int, Body]:
        ends = self.edges.now() + self.limits.whole
        is_home = _origin(url) == self._home
        headers = {"accept-encoding": "gzip", **(self.headers if is_home else _harmless(self.headers))}
        with self._connected().stream(method, url, headers=headers, **form) as response:
            unpacked = _Bounded(response.headers.get("content-encoding", ""), most_bytes)
            for piece in response.iter_raw():
                unpacked.add(piece)
                if unpacked.fault:
                    break
                if self.edges.now() > ends:
                    late = f"the answer was not whole after {_duration(self.limits.whole)}"
                    raise self._fault(late, kind=CutOff)
            found = {name.lower(): value for name, value in response.headers.items()}
            try:
                return response.status_code, Body(unpacked.whole(), found)
            except ValueError as error:
                raise self._fault(str(error), kind=CutOff) from None

    def _connected(self) -> "httpx.Client":
        import ssl

        import httpx

        if self._client is None:
            trusted = ssl.create_default_context()
            if self.ca_file:
                trusted.load_verify_locations(self.ca_file)
            limits = self.limits
            self._client = httpx.Client(
                verify=trusted,
                follow_redirects=False,
                # The environment's proxies stay in force; its netrc must not add credentials of its own.
                timeout=httpx.Timeout(limits.read, connect=limits.connect),
                auth=None,
            )
        return self._client

    @property
    def _allowed(self) -> frozenset[str]:
        return frozenset({self._home, *(self._checked(host, allowed=None) for host in self.hosts)})

    @property
    def _name(self) -> str:
        return self._home.partition("://")[2]

    def _checked(self, address: str, allowed: frozenset[str] | None) -> str:
        """The origin of an address. Raises WireFault where it may not be talked to."""
        import httpx

        try:
            url = httpx.URL(address if "://" in address else f"https://{address}")
        except httpx.InvalidURL as error:
            raise WireFault(f"`{printable(address, 120)}` is no address: {error}.") from None
        origin = _origin(url)
        if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOCAL):
            raise WireFault(f"{printable(origin, 120)} is not asked: only https addresses are.")
        if url.userinfo:
            raise WireFault(f"{printable(origin, 120)} is not asked: its address holds a name or a password.")
        if allowed is not None and origin not in allowed:
            raise WireFault(
                f"{self._name} sends on to {printable(origin, 120)}, which is not configured: not asked."
            )
        return origin

    def masked(self, text: str) -> str:
        """A text by the server in which none of its secrets stands: what was sent may come back."""
        return masked(text, list(self.secrets))

    def _fault(
        self,
        why: str,
        retry_after: float | None = None,
        status: int | None = None,
        kind: type[WireFault] = WireFault,
    ) -> WireFault:
        told = f"{self._name}: {printable(self.masked(why), 400)}."
        return kind(told, retry_after, status)

    def _refused(self, status: int, body: Body, wait: float | None) -> WireFault:
        said = printable(
            re.sub(r"<[^>]{0,500}>|\s+", " ", body.content[:2000].decode("utf-8", "replace")), 200
        )
        words = {
            401: "it does not accept the credentials",
            403: "it does not allow this to the account",
            404: "it does not know what was asked for",
            429: "too many calls",
        }.get(status, "it answered with an error")
        later = f"; it asks to wait for {_duration(wait)}" if wait else ""
        return self._fault(
            f"{words} (HTTP {status}{later}): {said.strip() or 'no more was said'}", wait, status
        )


class _Bounded:
    """The bytes of an answer, unpacked as they come; more than allowed is refused before it is unpacked."""

    def __init__(self, encoding: str, most_bytes: int) -> None:
        packed = encoding.strip().lower()
        self._unpacker = zlib.decompressobj(wbits=47) if packed in ("gzip", "x-gzip", "deflate") else None
        self.fault = None if packed in ("", "identity") or self._unpacker else f"it is packed as {packed}"
        self._most, self._pieces, self._size = most_bytes, list[bytes](), 0

    def add(self, piece: bytes) -> None:
        """Take one piece from the network."""
        if self.fault:
            return
        if self._unpacker is not None:
            try:
                piece = self._unpacker.decompress(piece, self._most - self._size + 1)
            except zlib.error as error:
                self.fault = f"the packed answer is damaged ({error})"
                return
        self._size += len(piece)
        self._pieces.append(piece)
        if self._size > self._most:
            self.fault = f"the answer is longer than {self._most >> 20:,} MB"
            self._pieces.clear()

    def whole(self) -> bytes:
        """All of it. Raises ValueError with what is wrong."""
        if self.fault is None and self._unpacker is not None and self._size and not self._unpacker.eof:
            self.fault = "the packed answer was cut off"
        if self.fault:
            raise ValueError(self.fault)
        return b"".join(self._pieces)


def _origin(url: "httpx.URL") -> str:
    port = f":{url.port}" if url.port is not None else ""
    return f"{url.scheme}://{url.host}{port}"


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in ("user-agent", "accept")}


def _in_words(error: "httpx.HTTPError") -> str:
    import httpx

    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return "it does not answer"
    if isinstance(error, httpx.TimeoutException):
        return "it stopped answering in the middle"
    if isinstance(error, httpx.ConnectError):
        certificate = "certificate" in str(error).lower()
        return f"its certificate is not accepted ({error})" if certificate else f"no connection ({error})"
    return f"the connection broke ({error or type(error).__name__})"


def _asked_to_wait(body: Body, now: float) -> float | None:
    """Seconds that an answer asks to wait: its Retry-After, seconds or a date, or what its text says."""
    told = body.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", told):
        return float(told)
    if told and (when := email.utils.parsedate_tz(told)) is not None:
        return max(0.0, email.utils.mktime_tz(when) - now)
    text = re.search(rb"available in (\d{1,6}) (second|minute|hour)", body.content[:2000])
    return float(text[1]) * {b"second": 1, b"minute": 60, b"hour": 3600}[text[2]] if text else None


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
