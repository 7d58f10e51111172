"""What a report to the TNS needs to know from outside the store: whose bot sends it, the survey's numbers."""

from vra_tui.config.reading import Config
from vra_tui.domain.tns_numbers import TnsNumbers
from vra_tui.pipeline.sources import Keys
from vra_tui.sources.wires.base import SourceError
from vra_tui.sources.wires.credentials import variable
from vra_tui.surveys import UnknownSurvey, installed_surveys

_KIND = "tns"


def survey_words(name: str) -> tuple[str, TnsNumbers | None]:
    """A survey's name for people and its numbers at the TNS; of one that is not installed here, neither."""
    try:
        found = installed_surveys()[name]
    except UnknownSurvey:  # somebody's table, or a survey whose package is not here
        return name, None
    return found.title, found.tns


def tns_target(config: Config, is_real: bool, keys: Keys | None = None) -> str:
    """The name of the source. Raises SourceError where there is none, or no key for the real one."""
    found = [
        one
        for _, one in sorted(config.alert_sources.items())
        if one.kind == _KIND and (one.options.get("sandbox") is not True) == is_real
    ]
    if not found:
        name, line = ("tns", "") if is_real else ("tns-sandbox", "\nsandbox = true")
        which = "the TNS" if is_real else "the TNS's sandbox"
        raise SourceError(
            f'{config.path} names no bot for {which}. Add one there:\n[source.{name}]\nkind = "tns"\n'
            f'bot_id = …\nbot_name = "…"{line}'
        )
    chosen = found[0]
    if is_real and (keys or Keys.beside(config)).of(chosen, "api_key") is None:
        raise SourceError(
            f"Reports to the TNS need the key of `{chosen.name}`'s bot: put it into "
            f"{variable(chosen.name, 'api_key')}, or into credentials.toml beside the configuration."
        )
    return chosen.name
