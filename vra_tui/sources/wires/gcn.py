"""GCN, NASA's network of notices: gravitational-wave alerts with their sky maps, by Kafka with OAuth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.sky_maps import MapNotice, read_map, read_notice
from vra_tui.sources.wires.base import Delivery, SourceError
from vra_tui.sources.wires.kafka import Kafka, KafkaOptions, Topics
from vra_tui.sources.wires.messages import Messages
from vra_tui.surveys.base import Packet

_BROKERS = "kafka.gcn.nasa.gov"
#: Events of tests and of drills, of which there is one an hour.
_NOT_REAL = ("TS", "MS")


class GcnOptions(KafkaOptions):
    """Which notices are taken, and who one is at GCN.

    ``client_id``: of a client made at gcn.nasa.gov, whose secret is the credential `client_secret`; without
    one nobody is asked for a token. ``significant``: only alerts that the collaboration calls so. ``drills``:
    events of tests and drills, too.
    """

    brokers: str = _BROKERS
    topic: Topics = ("igwn.gwalert",)
    client_id: str | None = None
    token_url: str = "https://auth.gcn.nasa.gov/oauth2/token"
    significant: bool = True
    drills: bool = False


class Gcn(Kafka):
    """The alerts of LIGO, Virgo and KAGRA as they are sent: preliminary, initial, update, retraction.

    What it delivers are notices; what cannot be read is refused, with its bytes put aside.
    """

    kind: ClassVar[str] = "gcn"
    secrets: Sequence[str] = ("client_secret",)
    _options_of: ClassVar[type[KafkaOptions]] = GcnOptions

    def follow(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """What the topics hold and what comes. In which order does not matter: what was told last counts."""
        from vra_tui.sources.wires.kafka_reader import Reader

        notices = _Notices(self.name, self.tools.reading, options=self._gcn)
        reader = Reader(self.name, self.options, self.client_options(), notices, positions, self.tools.edges)
        try:
            for delivery in reader.deliveries():
                yield replace(delivery, notices=notices.take())
        finally:
            reader.close()

    def client_options(self) -> dict[str, Any]:
        """What the client is told: who it is, and where it gets its tokens."""
        options = self._gcn
        if options.client_id is None:
            if options.brokers == _BROKERS:
                raise SourceError(
                    f"[source.{self.name}]: GCN lets nobody in without a client: make one at "
                    "https://gcn.nasa.gov/quickstart, and give its id here as `client_id`."
                )
            return super().client_options()
        if not options.token_url.startswith(("https://", "http://127.0.0.1:")):
            raise SourceError(f"[source.{self.name}]: `token_url` begins with https://.")
        told = {
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "OAUTHBEARER",
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.token.endpoint.url": options.token_url,
            "sasl.oauthbearer.client.id": options.client_id,
            "sasl.oauthbearer.client.secret": self._secret("client_secret", "the secret of its client"),
        }
        if options.ca_file:
            told |= {"ssl.ca.location": options.ca_file, "https.ca.location": options.ca_file}
        return told

    @property
    def _gcn(self) -> GcnOptions:
        assert isinstance(self.options, GcnOptions)
        return self.options


@dataclass
class _Notices(Messages):
    """Reads messages into notices, which are kept until they are taken, instead of packets."""

    options: GcnOptions = field(default_factory=GcnOptions)
    _found: list[MapNotice] = field(default_factory=list)

    def _pieces(self, value: bytes, key: bytes | None, position: str) -> Iterator[Packet | Refusal]:
        """Nothing but refusals."""
        try:
            notice = read_notice(value, position)
            if not self._is_wanted(notice):
                return
            if notice.content is not None:
                # Here, where the message is at hand to be put aside.
                read_map(notice.content)
            self._found.append(notice)
        except Refused as refused:
            yield Refusal(self.source, position, str(refused))

    def take(self) -> list[MapNotice]:
        """The notices since this was called last."""
        found, self._found = self._found, []
        return found

    def _is_wanted(self, notice: MapNotice) -> bool:
        if notice.event.startswith(_NOT_REAL) and not self.options.drills:
            return False
        return not (self.options.significant and notice.about.get("significant") is False)
