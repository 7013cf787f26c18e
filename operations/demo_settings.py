"""The settings a demo runs with: what the environment gives, what an earlier demo made, else made by chance."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from operations.data_folder import PREFIX
from operations.errors import Misconfigured

USSD_CODE, SMS_CODE = "*384*1#", "22384"
"""The codes of the demo (reserved for trying out; marked as demo in the pack)."""


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
    }
    return {name: given.get(name) or kept.get(name) or new for name, new in made.items()}


def demo_environment(
    given: Mapping[str, str], kept: Mapping[str, str], stores: Stores, provider: str | None
) -> dict[str, str]:
    """Every BARAZA_* setting of a demo; what is given in the environment wins.

    `provider` is the address of the demo's own stand-in. Without one, Misconfigured unless the environment says where
    messages go: a demo never sends to the real network by default.
    """
    own = {
        "BARAZA_DATABASE_URL": stores.database_url,
        "BARAZA_MIGRATION_DATABASE_URL": stores.migration_database_url,
        "BARAZA_REDIS_URL": stores.redis_url,
        "BARAZA_PACK": "kakamega",
        **secrets_for(given, kept),
        "BARAZA_AFRICASTALKING_USERNAME": "sandbox",
        "BARAZA_AFRICASTALKING_FROM": SMS_CODE,
        "BARAZA_DEMO": "1",
    }
    if provider is not None:
        own["BARAZA_AFRICASTALKING_URL"] = provider
    environment = own | {name: value for name, value in given.items() if name.startswith(PREFIX)}
    if "BARAZA_AFRICASTALKING_URL" not in environment:
        raise Misconfigured("BARAZA_AFRICASTALKING_URL: is not set; without the simulator it says where messages go")
    return environment


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
