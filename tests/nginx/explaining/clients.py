"""Generated clients of a site: their requests, and all that nginx learns of them beside."""

from __future__ import annotations

import random
import ssl
from base64 import b64encode
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingc.explain.question import Question
from ingc.syntax.host import twin_of
from ingc.syntax.request import Prelude, Presented
from tests.nginx.explaining.material import BURST, Ground
from tests.nginx.harness import Site
from tests.nginx.test_client_certs import ANNA, EVE
from tests.nginx.wire import Connection, Response, Tls, Unanswered, get
from tests.objects import Object

_RIGHT = ("Authorization", "Basic " + b64encode(b"joe:secret").decode())
_WRONG = ("Authorization", "Basic " + b64encode(b"joe:wrong").decode())
_IDENTITIES = {"": None, "anna": ANNA, "eve": EVE}
_MANY = BURST + 2
"""The requests that a client has sent before, where it sends more than a limit allows."""
_Headers = tuple[tuple[str, str], ...]
_ABOUT: dict[str, tuple[_Headers, ...]] = {
    "canary": (
        (("X-Canary", "always"),),
        (("X-Canary", "never"),),
        (("x_canary", "always"),),
        (("X-Canary", "v1"),),
        (("X-Canary", "never"), ("X-Canary", "always")),
        (("Cookie", "a=b; canary=always"),),
    ),
    "cors": ((("Origin", "https://x.p.test"),), (("Origin", "https://evil.test"),)),
    "password": ((_RIGHT,), (_RIGHT,), (_WRONG,)),
    "verdict": tuple((("X-Verdict", text),) for text in ("401", "403", "500", "302", "204")),
    "blocked": (
        (("User-Agent", "GoogleBot/2"),),
        (("User-Agent", "curl/8.0"),),
        (("Referer", "http://spam.test/"),),
    ),
    "dropped": ((("api_key", "1"),), (("x.y", "1"),)),
    "long": ((("X-Long", "a" * 2500),), (("X-Long", "a" * 9000),), (("X-Long", "a" * 1800),) * 3),
}
_FORWARDED = (
    *("198.51.100.7", "203.0.113.1", "127.0.2.3", "198.51.100.7, 127.0.1.9"),
    *("203.0.113.1, 198.51.100.7", "198.51.100.7, 203.0.113.1", "nobody", "198.51.100.7:81"),
    *("::ffff:198.51.100.7", "[2001:db8::1]:9", ""),
)
_TARGETS = (
    *("/", "/", "/?a=b", "/api", "/api/x", "/api/", "/API/x", "/one", "/one/", "/one/x?y=1&z=%2F"),
    *("/two/a%20b", "//api//x", "/api/../one", "/%61pi/x", "/app/y", "/nobody", "/.well-known/x"),
    *("/a;b+c?d=%25#e", "/" + "a" * 1200, "/" + "a" * 9000, "/%zz"),
)
_METHODS = (*["GET"] * 12, "POST", "PUT", "OPTIONS", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True)
class Client:
    """A request and who sends it."""

    host: str
    target: str
    scheme: str
    method: str
    headers: _Headers
    source: str
    """The connection's own address."""
    identity: str
    """Whose certificate it has; empty: none."""
    sni: str | None
    """``None``: that of the host; empty: none."""
    line: tuple[str, int] | None
    """The address and the port of a PROXY line."""
    over: bool
    """True where it has sent more requests just before than a limit allows."""
    known: bool
    """True where all of it is told to who explains; else its request alone."""

    @property
    def question(self) -> Question:
        """What is asked of who explains."""
        question = Question(
            self.method, self.scheme, self.host, self.target, self.headers, self.sni
        )
        if not self.known:
            named = Prelude(port=self.line[1]) if self.line else None
            return replace(question, presented=Presented(prelude=named))
        verdict = next((int(text) for name, text in self.headers if name == "X-Verdict"), 200)
        presented = Presented(
            verified=self.identity == "anna",
            subject=f"CN={self.identity}",
            rejected="unvouched" if self.identity == "eve" else "",
            password=_RIGHT in self.headers,
            prelude=Prelude(*self.line) if self.line else None,
            verdict=verdict,
            recent=_MANY if self.over else 0,
            parallel=0,
        )
        return replace(question, client_ip=self.source, presented=presented)


@dataclass(frozen=True)
class Sender:
    """Sends requests to a site."""

    site: Site
    _files: dict[str, Path] = field(default_factory=dict)

    def send(self, client: Client) -> Response | None:
        """Ask nginx; ``None``: it refuses the handshake."""
        secure = client.scheme == "https"
        name = client.question.host_name if client.sni is None else client.sni
        wire = Tls(name or None, identity=self._identity(client.identity)) if secure else None
        lines = (f"{name}: {value}".encode("latin-1") for name, value in client.headers)
        data = get(client.target, client.host, *lines, method=client.method.encode())
        address = self.site.https if secure else self.site.http
        try:
            # nginx closes some connections, and counts the requests of all.
            for left in reversed(range(_MANY + 1 if client.over else 1)):
                with Connection(
                    address, tls=wire, source=client.source, before=_line(client)
                ) as connection:
                    response = connection.request(data)
                if not left:
                    return response
            return None
        except ConnectionRefusedError:
            return None  # no host answers on https
        except (ssl.SSLError, Unanswered):
            if not secure:
                raise
            return None

    def _identity(self, name: str) -> Path | None:
        found = _IDENTITIES[name]
        if found is None:
            return None
        if name not in self._files:
            self._files[name] = found.file(self.site.prefix)
        return self._files[name]


def _line(client: Client) -> bytes:
    if client.line is None:
        return b""
    address, port = client.line
    return f"PROXY TCP4 {address} 192.0.2.1 5555 {port}\r\n".encode()


def clients(ground: Ground, chance: random.Random, number: int) -> list[Client]:
    """Draw so many clients."""
    return [_client(ground, place, chance) for place in range(number)]


def _client(ground: Ground, place: int, chance: random.Random) -> Client:
    item = chance.choice(ground.ingresses)
    asked = {
        name.rpartition("/")[2]: value for name, value in item["metadata"]["annotations"].items()
    }
    host = _host(item, asked, chance)
    secured = bool(item["spec"].get("tls"))
    scheme = "https" if chance.random() < (0.6 if secured else 0.05) else "http"
    headers = _headers(ground, asked, chance)
    target = chance.choice(_TARGETS)
    # Each has an address of its own, so that no limit is reached by chance.
    third, fourth = chance.choice((1, 2)), place % 250 + 1
    limited = asked.get("limit-rpm") is not None
    return Client(
        host,
        target,
        scheme,
        "OPTIONS" if "enable-cors" in asked and chance.random() < 0.3 else chance.choice(_METHODS),
        headers,
        f"127.{place // 250 + 1 if limited else 0}.{third}.{fourth}",
        chance.choice(("", "anna", "anna", "eve")) if scheme == "https" else "",
        _sni(host, chance) if scheme == "https" else None,
        _proxied(ground, place, chance, limited=limited),
        limited and chance.random() < 0.4,
        chance.random() < 0.65,
    )


def _host(item: Object, asked: dict[str, str], chance: random.Random) -> str:
    own = item["spec"]["rules"][0]["host"].replace("*", "x")
    names = [own, own, own, own.upper(), f"{own}:8443", "nobody.test"]
    if "from-to-www-redirect" in asked:
        names += [twin_of(own) or own] * 3
    alias = asked.get("server-alias", "")
    if alias.startswith("~"):
        names += [alias[2:].replace("[0-9]", "7").replace(r"\.", ".").removesuffix("$")] * 3
    elif alias:
        names += [alias.replace("*", "x")] * 3
    return chance.choice(names)


def _sni(host: str, chance: random.Random) -> str | None:
    odds = chance.random()
    if odds < 0.9:
        return None
    return "" if odds < 0.94 else chance.choice(("h0.test", "h1.test", "nobody.test"))


def _headers(ground: Ground, asked: dict[str, str], chance: random.Random) -> _Headers:
    found: list[tuple[str, str]] = []
    odds = {
        "canary": 0.3,
        "cors": 0.6 if "enable-cors" in asked else 0.05,
        "password": 0.5 if "auth-type" in asked else 0.05,
        "verdict": 0.6 if "auth-url" in asked else 0.02,
        "blocked": 0.3 if "block-user-agents" in ground.settings else 0.02,
        "dropped": 0.1,
        "long": 0.05,
    }
    for about, share in odds.items():
        if chance.random() < share:
            found += chance.choice(_ABOUT[about])
    if chance.random() < 0.6:
        found += _of_balancer(chance, names_client="limit-rpm" not in asked)
    return tuple(found)


def _of_balancer(chance: random.Random, *, names_client: bool) -> list[tuple[str, str]]:
    found = []
    for name, values in (
        ("X-Forwarded-For", _FORWARDED),
        ("X-Client", _FORWARDED),
        ("X-Forwarded-Proto", ("https", "http", "https", "HTTPS", "gopher")),
        ("X-Forwarded-Port", ("443", "80", "8443", "1@evil.test", "")),
        ("X-Forwarded-Host", ("b.test", "b.test:81, c.test", "evil@b.test", "")),
    ):
        # Whom a limit counts is nobody else: its address is its own.
        if chance.random() < 0.5 and (names_client or values is not _FORWARDED):
            found.append((name, chance.choice(values)))
            if chance.random() < 0.1:
                found.append((name, chance.choice(values)))
    return found


def _proxied(
    ground: Ground, place: int, chance: random.Random, *, limited: bool
) -> tuple[str, int] | None:
    if "use-proxy-protocol" not in ground.settings:
        return None
    third = chance.choice((1, 2))
    own = f"127.{place // 250 + 1}.{third}.{place % 250 + 1}"
    address = own if limited else chance.choice(("198.51.100.7", "203.0.113.1", own))
    return address, chance.choice((80, 443, 8080))
