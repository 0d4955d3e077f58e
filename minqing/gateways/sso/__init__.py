"""Single sign-on by OpenID Connect: authorisation code with PKCE, and a provider made up for demonstrations and tests.

Invariants: an identity is believed only after the ID token's signature, issuer, audience, nonce and time were checked with a
key of the provider's own key set; algorithms are a short list without "none" and without symmetric ones; a phone counts only
where the provider says it is verified; nothing is fetched over plain HTTP, no redirect is followed.
Sources: OpenID Connect Core 1.0 §3.1.3.7; RFC 7636 (S256).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey

__all__ = ["FakeProvider", "Identity", "OidcProvider", "Provider", "SsoError", "Start", "begin"]

ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY = 60
MOST_BYTES = 256 * 1024
NOT_CHECKED = "统一身份认证的凭证没有通过核对，没有登录。请重新来一次，或用手机验证码登录。"


class SsoError(Exception):
    """Why the provider's word was not accepted, as a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is. `phone` is '' unless the provider has verified it."""

    issuer: str
    subject: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What one visit to the provider begins with; `state`, `nonce` and `verifier` stay with the browser that sets out."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def begin() -> Start:
    """Fresh random state, nonce and PKCE verifier."""
    return Start(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


class Provider(Protocol):
    """An identity provider, as the log-in page uses it."""

    name: str

    def authorise_url(self, start: Start, redirect: str) -> str: ...

    def identify(self, *, code: str, start: Start, redirect: str, now: float) -> Identity: ...


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the code and our secret to an address nobody configured."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def fetch(url: str, form: Mapping[str, str] | None = None, basic: str = "", timeout: float = 10.0) -> dict[str, Any]:
    """One JSON object over HTTPS. Raises SsoError for whatever goes wrong."""
    if urlsplit(url).scheme != "https":
        raise SsoError("统一身份认证的地址必须以 https:// 开头，请核对设置。")
    headers = {"Accept": "application/json"} | ({"Authorization": "Basic " + basic} if basic else {})
    request = urllib.request.Request(url, data=urlencode(form).encode() if form else None, headers=headers)  # noqa: S310 - https only, above
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise SsoError("统一身份认证现在连不上，请稍后再试，或用手机验证码登录。") from error
    if not isinstance(found, dict):
        raise SsoError("统一身份认证的回答看不懂，请用手机验证码登录。")
    return found


def read_token(token: str, *, keys: KeySet, issuer: str, client: str, nonce: str, now: float) -> Identity:
    """The identity in an ID token, or SsoError: one sentence for every fault, since the person can do nothing about it."""
    try:
        parsed = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        claims = parsed.claims
        jwt.JWTClaimsRegistry(
            now=int(now), leeway=LEEWAY, iss={"essential": True, "value": issuer}, aud={"essential": True, "value": client}, sub={"essential": True}, exp={"essential": True},
            iat={"essential": True}, nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SsoError(NOT_CHECKED) from error
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if len(audiences) > 1 and claims.get("azp") != client:
        raise SsoError("统一身份认证的凭证是给别的系统的，没有登录。")
    verified = claims.get("phone_number_verified") is True
    return Identity(issuer, str(claims["sub"])[:255], str(claims.get("name") or "")[:50], str(claims.get("phone_number") or "")[:20] if verified else "")


@dataclass
class OidcProvider:
    """A real provider, found by its issuer's discovery document."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    name: str = "统一身份认证"
    get: Any = fetch
    _found: dict[str, Any] = field(default_factory=dict, repr=False)

    def discover(self) -> dict[str, Any]:
        """The provider's own addresses; the document must be about this issuer."""
        if not self._found:
            found = self.get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise SsoError("统一身份认证的说明文件与设置的地址不符，请联系管理员。")
            self._found = found
        return self._found

    def authorise_url(self, start: Start, redirect: str) -> str:
        query = {"response_type": "code", "client_id": self.client, "redirect_uri": redirect, "scope": "openid profile phone", "state": start.state, "nonce": start.nonce,
                 "code_challenge": start.challenge, "code_challenge_method": "S256"}
        return str(self.discover()["authorization_endpoint"]) + "?" + urlencode(query)

    def identify(self, *, code: str, start: Start, redirect: str, now: float) -> Identity:
        """Exchange the code and check what comes back."""
        found = self.discover()
        basic = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        answer = self.get(str(found["token_endpoint"]), {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "client_id": self.client, "code_verifier": start.verifier}, basic)
        try:
            keys = KeySet.import_key_set(self.get(str(found["jwks_uri"])))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SsoError("统一身份认证的公钥看不懂，没有登录。") from error
        return read_token(str(answer.get("id_token") or ""), keys=keys, issuer=self.issuer, client=self.client, nonce=start.nonce, now=now)


@dataclass
class FakeProvider:
    """A provider among fictitious people: signs real tokens with a key of its own, so that everything after it is the real way.

    `page` is the address where a visitor of the demonstration says who he is; `secret` seals what he said into the code, so
    that any process may read it back.
    """

    page: str
    secret: str = field(repr=False)
    issuer: str = "https://sso.example/minqing"
    client: str = "minqing-demo"
    name: str = "统一身份认证（演示）"

    def authorise_url(self, start: Start, redirect: str) -> str:
        return self.page + "?" + urlencode({"state": start.state, "nonce": start.nonce, "code_challenge": start.challenge})

    def approve(self, *, name: str, phone: str, nonce: str, challenge: str, now: float) -> str:
        """The visitor said who he is: a code for the browser to bring back within a minute."""
        said = {"name": name, "phone": phone, "nonce": nonce, "challenge": challenge, "exp": int(now) + 60}
        return jwt.encode({"alg": "HS256"}, said, OctKey.import_key(self.secret), algorithms=["HS256"])

    def identify(self, *, code: str, start: Start, redirect: str, now: float) -> Identity:
        """As a real token endpoint: the code must be its own, and the verifier fit the challenge."""
        try:
            said = jwt.decode(code, OctKey.import_key(self.secret), algorithms=["HS256"]).claims
        except (JoseError, ValueError) as error:
            raise SsoError(NOT_CHECKED) from error
        if said.get("challenge") != start.challenge or int(said.get("exp", 0)) < now:
            raise SsoError(NOT_CHECKED)
        key = ECKey.generate_key("P-256", {"kid": "demo", "use": "sig"})
        token = jwt.encode({"alg": "ES256", "kid": "demo"}, {
            "iss": self.issuer, "aud": self.client, "sub": hashlib.sha256(str(said["phone"]).encode()).hexdigest()[:32], "iat": int(now), "exp": int(now) + 300, "nonce": said["nonce"],
            "name": said["name"], "phone_number": said["phone"], "phone_number_verified": bool(said["phone"]),
        }, key)
        return read_token(token, keys=KeySet([key]), issuer=self.issuer, client=self.client, nonce=start.nonce, now=now)
