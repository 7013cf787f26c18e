"""The settings a demo runs with: what the environment gives, what an earlier demo made, else made by chance."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.pack import Pack, PackError, load
from operations.data_folder import PREFIX
from operations.errors import Misconfigured

USUAL_PACK = "kakamega"

GOES_TO = {"africastalking": "BARAZA_AFRICASTALKING_URL", "nusantara": "BARAZA_NUSANTARA_URL"}
"""The setting that says where messages go, by channel."""


@dataclass(frozen=True)
class Stores:
    """Addresses of Postgres (libpq form) and Valkey."""

    database_url: str
    migration_database_url: str
    redis_url: str


def secrets_for(given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """The secrets: given in the environment, else kept from an earlier demo, else new."""
    made = {
        "BARAZA_CALLBACK_SECRETS": secrets.token_urlsafe(32),
        "BARAZA_SEALING_KEYS": f"1:{_random_key()}",
        "BARAZA_LOOKUP_KEY": _random_key(),
        "BARAZA_AFRICASTALKING_API_KEY": secrets.token_urlsafe(32),
        "BARAZA_NUSANTARA_PASSWORD": secrets.token_urlsafe(32),
    }
    return {name: given.get(name) or kept.get(name) or new for name, new in made.items()}


def demo_pack(given: Mapping[str, str]) -> Pack:
    """The pack that the environment names, else Kakamega. Raises Misconfigured with what is wrong in it."""
    name = given.get("BARAZA_PACK") or USUAL_PACK
    try:
        return load(name)
    except PackError as error:
        raise Misconfigured(f"BARAZA_PACK: {name}: {error.problems[0]}") from None


def demo_environment(
    given: Mapping[str, str], kept: Mapping[str, str], stores: Stores, provider: str | None
) -> dict[str, str]:
    """Every BARAZA_* setting of a demo; what is given in the environment wins.

    `provider` is the address of the demo's own stand-in, which speaks the protocol that the pack names. Without one,
    Misconfigured unless the environment says where messages go: a demo never sends to the real network by default.
    """
    codes = demo_pack(given).about.codes
    channel = given.get("BARAZA_CHANNEL") or codes.channel
    own = {
        "BARAZA_DATABASE_URL": stores.database_url,
        "BARAZA_MIGRATION_DATABASE_URL": stores.migration_database_url,
        "BARAZA_REDIS_URL": stores.redis_url,
        "BARAZA_PACK": USUAL_PACK,
        "BARAZA_CHANNEL": channel,
        **secrets_for(given, kept),
        "BARAZA_AFRICASTALKING_USERNAME": "sandbox",
        "BARAZA_AFRICASTALKING_FROM": codes.sms,
        "BARAZA_NUSANTARA_USER": "demo",
        "BARAZA_NUSANTARA_SENDER": codes.sms,
        "BARAZA_DEMO": "1",
    }
    if provider is not None:
        own |= {"BARAZA_AFRICASTALKING_URL": provider, "BARAZA_NUSANTARA_URL": f"{provider}/send"}
    environment = own | {name: value for name, value in given.items() if name.startswith(PREFIX)}
    goes_to = GOES_TO.get(channel, "BARAZA_CHANNEL")
    if goes_to not in environment:
        raise Misconfigured(f"{goes_to}: is not set; without the simulator it says where messages go")
    return environment


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
