"""Signing in at the county's own provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636).

Off unless an issuer is set. It never makes an account: who comes back must be an active one already, found by an e-mail
that the provider has verified. Whether the provider's own second factor counts is a setting; else ours still follows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from gateway.context import Context
from gateway.errors import BarazaError
from gateway.settings import Settings, is_safe_address
from gateway.staff import audit, sessions, tries
from gateway.staff.models import Staff
from gateway.staff.service import tidy_email
from gateway.staff.signing_in import Browser

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Signatures by a key of the provider alone: never `none`, nor one that our client secret could make."""

PATIENCE = 5.0
"""Seconds a request to the provider may take."""

TEN_MINUTES = 600
"""Seconds within which somebody must be back from the provider."""

AN_HOUR = 3600
"""Seconds for which the provider's description and keys are believed."""

LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""

_PLACE = "openid.begun"


class OpenIdRefused(BarazaError):
    """The provider says no: cancelled, or not signed in there."""

    code, status, title = "openid_refused", 401, "The provider did not sign you in"


class OpenIdStale(BarazaError):
    """No sign-in was begun in this browser within ten minutes, or another one was."""

    code, status, title = "openid_stale", 401, "This sign-in was not begun here"


class OpenIdUntrusted(BarazaError):
    """A token that is not of this provider, for us, for this sign-in, or not of now."""

    code, status, title = "openid_untrusted", 401, "What the provider sent cannot be trusted"


class OpenIdUnverified(BarazaError):
    code, status, title = "openid_unverified", 403, "The provider has not verified this e-mail"


class OpenIdUnknown(BarazaError):
    code, status, title = "openid_unknown", 403, "There is no account here with this e-mail"


class OpenIdAway(BarazaError):
    code, status, title = "openid_away", 503, "The provider does not answer"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way, kept sealed in the browser that began it."""

    state: str
    nonce: str
    verifier: str
    onward: str
    until: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the provider says of itself, and its keys."""

    about: Mapping[str, Any]
    keys: jwt.PyJWKSet
    until: float


_FOUND: dict[str, Found] = {}
"""By issuer: one for a deployment."""


def begin(context: Context, back: str, onward: str) -> tuple[str, str]:
    """Where to send the browser, and the cookie that it brings back to `back`. Raises `OpenIdAway`."""
    about = _provider(context.settings).about
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(state, nonce, verifier, onward, int(time.time()) + TEN_MINUTES)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": context.settings.oidc_client_id,
        "redirect_uri": back,
        "scope": "openid email",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    kind, _, value = context.settings.oidc_trusted_factor.partition(":")
    if kind == "acr":
        asked["acr_values"] = value
    address = str(about["authorization_endpoint"])
    sealed = context.vault.sealer.seal(json.dumps(asdict(begun)), _PLACE)
    return address + ("&" if "?" in address else "?") + urlencode(asked), base64.urlsafe_b64encode(sealed).decode()


@dataclass(frozen=True, slots=True)
class Back:
    """What the provider's redirect brings: `state` with `code`, or with `error`."""

    state: str
    code: str
    error: str


def finish(context: Context, cookie: str, answer: Back, back: str, browser: Browser) -> tuple[str, str]:
    """The cookie of a new session, and where to go on. Its second factor is given only if the provider's is trusted.

    Raises one of the errors above, or `TooManyTries`; each that is about an account leaves an audit row.
    """
    subject = context.vault.lookup.digest("sign_in_openid", browser.address)
    with context.work() as session:
        tries.count_try(session, subject, context.clock.now(), free=tries.FREE_ADDRESS)
    begun = _begun(context, cookie)
    if begun is None or not hmac.compare_digest(begun.state.encode(), answer.state.encode()):
        raise OpenIdStale
    if answer.error or not answer.code:
        raise OpenIdRefused
    claims = _claims(context.settings, begun, answer.code, back)
    email = _verified(context, claims)
    trusted = _is_trusted(context.settings.oidc_trusted_factor, claims)
    now = context.clock.now()
    with context.work() as session:
        staff = session.scalar(sa.select(Staff.id).where(Staff.email == email, Staff.active))
        if staff is not None:
            tries.forgive(session, subject)
            token = sessions.begin(
                session, context.vault, staff, address=browser.address, agent=browser.agent, now=now, proved=trusted
            )
            # Where our own second factor follows, signing in is written down when it was given, as with a password.
            action = "staff.signed_in" if trusted else "staff.openid_taken"
            audit.record(session, staff_id=staff, action=action, subject=str(staff), data={"by": "openid"})
            return token, begun.onward
    _refused(context, "unknown")
    raise OpenIdUnknown


def _refused(context: Context, why: str) -> None:
    """A sign-in that led to no account; whose it was stays with the provider."""
    with context.work() as session:
        audit.record(session, staff_id=None, action="staff.openid_refused", subject=why)


def _begun(context: Context, cookie: str) -> Begun | None:
    """The sign-in that this browser began; None for none, one of long ago, or a cookie that is none of ours."""
    try:
        begun = Begun(**json.loads(context.vault.sealer.open(base64.urlsafe_b64decode(cookie), _PLACE)))
    except (ValueError, LookupError, TypeError, InvalidTag):  # whatever is wrong with a cookie, it begins nothing
        return None
    return begun if begun.until > time.time() else None


def _provider(settings: Settings, *, anew: bool = False) -> Found:
    """The provider's description (OpenID Connect Discovery 1.0, section 4) and keys. Raises `OpenIdAway`."""
    issuer = settings.oidc_issuer or ""
    known = _FOUND.get(issuer)
    if known is not None and known.until > time.time() and not anew:
        return known
    about = _ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    endpoints = [str(about.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if about.get("issuer") != issuer or not all(is_safe_address(one) for one in endpoints):
        raise OpenIdAway
    try:
        keys = jwt.PyJWKSet.from_dict(_ask("GET", endpoints[2]))
    except jwt.PyJWTError:
        raise OpenIdAway from None
    _FOUND[issuer] = Found(about, keys, time.time() + AN_HOUR)
    return _FOUND[issuer]


def _ask(method: str, address: str, **options: Any) -> dict[str, Any]:
    """A JSON object of the provider's. Raises `OpenIdAway`; `OpenIdUntrusted` when it refuses what was sent."""
    try:
        answer = httpx.request(method, address, timeout=PATIENCE, headers={"Accept": "application/json"}, **options)
        if answer.status_code in {400, 401, 403}:
            raise OpenIdUntrusted
        body = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        raise OpenIdAway from None
    if not isinstance(body, dict):
        raise OpenIdAway
    return body


def _claims(settings: Settings, begun: Begun, code: str, back: str) -> dict[str, Any]:
    """What the identity token says, once it is known to be this provider's, for us, of now, for this sign-in."""
    about = _provider(settings).about
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": begun.verifier}
    secret = settings.oidc_secret
    options: dict[str, Any] = {"data": body | {"client_id": settings.oidc_client_id}}
    if secret and "client_secret_basic" in about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        options["auth"] = (settings.oidc_client_id, secret)
    elif secret:
        options["data"] |= {"client_secret": secret}
    token = str(_ask("POST", str(about["token_endpoint"]), **options).get("id_token", ""))
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(settings, token),
            algorithms=list(ALGORITHMS),
            audience=settings.oidc_client_id,
            issuer=settings.oidc_issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError:
        raise OpenIdUntrusted from None
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()):
        raise OpenIdUntrusted
    if (several or "azp" in claims) and claims.get("azp") != settings.oidc_client_id:
        raise OpenIdUntrusted
    return claims


def _key(settings: Settings, token: str) -> jwt.PyJWK:
    """The key that a token names; the provider is asked once more when it has changed its keys."""
    wanted = jwt.get_unverified_header(token).get("kid")
    for anew in (False, True):
        keys = _provider(settings, anew=anew).keys.keys
        for key in keys:
            if key.key_id == wanted or (wanted is None and len(keys) == 1):
                return key
    raise OpenIdUntrusted


def _verified(context: Context, claims: Mapping[str, Any]) -> str:
    """The e-mail, if the provider has verified it."""
    if claims.get("email_verified") not in (True, "true") or not claims.get("email"):
        _refused(context, "unverified")
        raise OpenIdUnverified
    return tidy_email(str(claims["email"]))[:254]


def _is_trusted(factor: str, claims: Mapping[str, Any]) -> bool:
    """Whether the token says that the second factor which the setting names (`amr:mfa`, `acr:VALUE`) was given."""
    kind, _, value = factor.partition(":")
    if kind == "amr":
        named = claims.get("amr")
        return isinstance(named, list) and value in named
    return kind == "acr" and claims.get("acr") == value
