"""A little OpenID provider on loopback: real HTTP, real RS256 signatures, and lies where a test asks for them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "baraza-desk", "a secret of the provider's"


class Provider:
    """What it says of whoever signs in, and what it was asked."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with: Any = self.key
        self.says: dict[str, Any] = {}
        """Claims instead of the right ones; None leaves one out."""
        self.asked: dict[str, dict[str, str]] = {}
        """What each code was asked with."""

    def token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "248289761001",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": "Officer@Kakamega.example",
            "email_verified": True,
        } | self.says
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.signs_with, algorithm="RS256", headers={"kid": "one"})

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        """To a GET: the description, the keys, or the way back with a code."""
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return 200, {}, {"issuer": self.issuer} | {name: f"{self.issuer}/{end}" for name, end in ends.items()}
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {}, {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}
        code = secrets.token_urlsafe(16)
        self.asked[code] = query
        return 303, {"Location": f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"}, {}

    def redeem(self, body: dict[str, str], authorization: str) -> tuple[int, dict[str, str], Any]:
        """A code for a token, once, to whoever has the verifier and the secret."""
        asked = self.asked.pop(body["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body["code_verifier"].encode()).digest()).rstrip(b"=")
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or challenge.decode() != asked["code_challenge"] or authorization != f"Basic {known}":
            return 400, {}, {"error": "invalid_grant"}
        return 200, {}, {"access_token": "-", "token_type": "Bearer", "id_token": self.token(asked)}


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, while the block runs."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            self._send(*provider.answer(split.path, {name: one[0] for name, one in parse_qs(split.query).items()}))

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = {name: one[0] for name, one in parse_qs(said).items()}
            self._send(*provider.redeem(body, self.headers.get("Authorization", "")))

        def _send(self, status: int, headers: dict[str, str], body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
