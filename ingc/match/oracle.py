"""The oracle: a request → what becomes of it, and the route that takes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ingc.ir import ANY_HOST, Config, Host, Proxy, Redirect, Route
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import SignIn
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import LocationProgram, ServerProgram
from ingc.match.answer import ClientRefusal, Match
from ingc.match.canary import choose
from ingc.match.client import SeenClient, header_rules, own_host, reported_client, with_address
from ingc.match.cors import is_preflight
from ingc.match.heard import (
    HeardRequest,
    https_location,
    location_of,
    to_twin,
    written_location,
)
from ingc.match.lean import Lean, Plain
from ingc.match.pages import kept_out, kept_out_of_route, on_error_page, own_error, replied
from ingc.match.programs import MOST_ROUNDS
from ingc.match.refusal import (
    NO_SUBJECT,
    limit_statuses,
    misdirected,
    refused_by_host,
    refused_by_route,
    requested_certificates,
)
from ingc.match.rewriting import redirected_to, sent_upstream
from ingc.match.sign_in import longest_escaped, sign_in_location
from ingc.match.snippets import SentOn, acted_on
from ingc.match.trie import HostTable, PathMatcher, path_matcher
from ingc.syntax.header_rules import read_headers
from ingc.syntax.regex.reading import TooManySteps
from ingc.syntax.request import NO_PRELUDE, Request, headers_as_sent, read_request, tls_name
from ingc.syntax.uri import BadTarget, RequestTarget

APP_ROOT = "app-root redirects"
"""Why a request for the root of a host is redirected before any route is tried."""
_CLIENT = Request._fields.index("address")
_NOTHING_KNOWN = Request(b"", b"")[_CLIENT:]
_TOO_MANY_STEPS = "a regex takes more steps than PCRE allows"


class Oracle:
    """Answers which route takes a request. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        self._settings = config.settings
        self._hosts = HostTable(config.hosts)
        self._any = next(host for host in config.hosts if host.name == ANY_HOST)
        self._matchers: dict[str, PathMatcher] = {}
        self._lean = Lean(self._hosts, self._any, config.settings, self._matcher)
        policies = config.settings.policies
        self._front, self._maps = policies.front, policies.maps
        self._blocked = blocked = policies.blocked
        self._longest = longest_escaped(config.settings)
        self._statuses = limit_statuses(config.settings)
        self._rules = header_rules(config.settings)
        self._blocks = bool(blocked.networks or blocked.agents or blocked.referers)
        health = config.settings.health_check_path
        self._health = health.encode() if health and not config.settings.fragment else None

    def match(
        self,
        host: str | bytes,
        target: str | bytes,
        *,
        scheme: str = "http",
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = (),
    ) -> Match:
        """Return what becomes of a request of an unknown client; see `answer`.

        ``host`` is the Host header as sent, ``target`` the request target as sent (``/a%20b?c``
        or ``http://host/a``); text is encoded as UTF-8, that of headers too. On https the TLS
        name is taken to be the Host's. ``headers`` decide between a route and its canary.
        """
        raw_host = host.encode("utf-8", "surrogateescape") if isinstance(host, str) else host
        raw = target.encode("utf-8", "surrogateescape") if isinstance(target, str) else target
        return self.answer(Request(raw_host, raw, scheme, method, headers_as_sent(headers)))

    def answer(self, request: Request, *, taken: Route | None = None) -> Match:
        """Return what becomes of a request.

        What is not known of its client refuses nobody. ``taken`` is a route that takes the
        request in place of the one of its host that would.
        """
        return self.judge(self.seen(request), taken)

    def seen(self, request: Request) -> Request:
        """Return a request as nginx judges it: with the client that a proxy in front names."""
        if not self._front.address_header:
            return request
        address = with_address(self._settings, self._heard(request)).address
        return request._replace(address=address)

    def _heard(self, request: Request) -> Request:
        """Return a request without the headers that nginx drops."""
        kept = read_headers(request.headers, self._rules, self._settings.target)
        return request if kept is request.headers else request._replace(headers=kept)

    def judge(self, request: Request, taken: Route | None = None) -> Match:
        """Return what becomes of a request that `seen` returned; see `answer`."""
        if self._front.proxy_protocol and request.prelude == NO_PRELUDE:
            why = "the connection does not begin with a PROXY line"
            return Match(None, None, None, None, why=why)
        secure = request.scheme == "https"
        try:
            name, target = read_request(request, self._settings.target, self._rules)
        except BadTarget as error:
            return self._unread(request, error)
        if request.headers:
            request = self._heard(request)
        try:
            host, twin = self._host(name)
            if secure and not (target.host is request.server_name is None and self._opens(host)):
                unheard = self._over_tls(request, name, target, host, twin=twin)
                if unheard is not None:
                    return unheard
        except TooManySteps:
            return Match(500, None, None, None, why=_TOO_MANY_STEPS)
        if twin or self._front.tells_scheme:
            client = reported_client(self._settings, request, name, twin=twin)
        else:
            client = SeenClient(request.scheme, name, "")
        read = HeardRequest(request, name, target, client, maps=self._maps)
        match = to_twin(host, read) if twin else self._answer(read, host, taken)
        if not host.features and not self._blocks:
            return match
        refusal = self._refusal(request, name, host, twin=twin)
        return match if refusal is None else kept_out(match, refusal)

    def _host(self, name: bytes) -> tuple[Host, bool]:
        """Return the host of a name, and whether the name is the twin that is redirected to it."""
        hosts = self._hosts
        twin = hosts.redirected(name)
        return (hosts.find(name) or self._any, False) if twin is None else (twin, True)

    def _opens(self, host: Host) -> bool:
        """Return whether nginx agrees upon TLS for the names of a host."""
        if host is self._any:
            return self._settings.default_certificate is not None
        return host.answers_https

    def _unread(self, request: Request, error: BadTarget) -> Match:
        """Return the answer to a request that can't be read: TLS comes before its line."""
        found = Match(error.status, None, None, None, why=error.why)
        if request.scheme != "https":
            return found
        unheard = self._handshake(request)
        if unheard is not None or error.host is None:
            return unheard or found
        refusal = self._misdirected(request, error.host)
        return found if refusal is None else kept_out(found, refusal)

    def _handshake(self, request: Request) -> Match | None:
        """Return the answer where TLS is refused or passed on unopened, ``None`` elsewhere."""
        name = tls_name(request, self._settings.target)
        try:
            host, twin = self._host(name)
        except TooManySteps:
            return None
        found = self._unheard(request, host, b"/", twin=twin)
        return dataclasses.replace(found, unread=True) if found is not None else None

    def _over_tls(
        self, request: Request, name: bytes, target: RequestTarget, host: Host, *, twin: bool
    ) -> Match | None:
        """Return the answer where TLS comes to nothing, or to a host that has none."""
        if request.server_name is None and target.host is None:
            return self._unheard(request, host, target.uri, twin=twin)
        requested = tls_name(request, self._settings.target)
        by_tls, its_twin = self._host(requested)
        unheard = self._unheard(request, by_tls, target.uri, twin=its_twin)
        if unheard is not None or self._opens(host):
            return unheard
        text = requested.decode("latin-1")
        why = f"TLS was agreed upon for {text}; the host itself has no https"
        return Match(404, None, None, None, host, target.uri, why=why)

    def _unheard(self, request: Request, host: Host, uri: bytes, *, twin: bool) -> Match | None:
        if self._opens(host):
            return None
        passed = host.feature(Passthrough) if host.features and not twin else None
        if passed is not None and passed.upstream is not None:
            why = "TLS of this host is passed on unopened"
            return Match(None, None, None, None, host, uri, why=why, unopened=passed.upstream)
        if request.server_name:
            text = request.server_name.decode("utf-8", "backslashreplace")
            why = f"TLS asks for {text}, for which https is refused"
        else:
            named = host is not self._any or self._hosts.find(
                tls_name(request, self._settings.target)
            )
            why = f"https is refused for this {'host' if named else 'name'}"
        return Match(None, None, None, None, host, uri, why=why)

    def _refusal(
        self, request: Request, name: bytes, host: Host, *, twin: bool
    ) -> ClientRefusal | None:
        """Return what refuses a client whichever route it requests."""
        verified = request.verified
        wanted = requested_certificates(host) if not twin else None
        if request.scheme == "https" and wanted is not None and request.server_name is not None:
            refusal = self._misdirected(request, name)
            if refusal is not None:
                return refusal
            if tls_name(request, self._settings.target) != name:
                # The default server has agreed upon TLS, and requested none.
                verified, request = False, request._replace(rejected="")
        return refused_by_host(request, host, self._blocked, verified=verified, twin=twin)

    def _misdirected(self, request: Request, name: bytes) -> ClientRefusal | None:
        """Return what refuses a request on https whose TLS was agreed upon for another name."""
        if request.server_name is None:
            return None
        host, twin = self._host(name)
        wanted = requested_certificates(host) if not twin else None
        by_tls = tls_name(request, self._settings.target)
        if wanted is None or by_tls == name:
            return None
        known = self._hosts.redirected(by_tls) or self._hosts.find(by_tls)
        return misdirected(wanted) if known else None

    @property
    def blocked(self) -> tuple[str, ...]:
        """The networks whose clients are refused everywhere."""
        return self._blocked.networks

    def plain(self, host: bytes, target: bytes, scheme: str, method: str) -> Plain | None:
        """Return where a plain request goes, fast; ``None``: only `match` knows."""
        return self._lean.find(host, target, scheme, method)

    def _matcher(self, host: Host) -> PathMatcher:
        matcher = self._matchers.get(host.name)
        return matcher or self._matchers.setdefault(host.name, path_matcher(host))

    def _answer(self, read: HeardRequest, host: Host, taken: Route | None) -> Match:
        matcher = self._matcher(host)
        uri, scheme = read.target.uri, read.request.scheme
        certificates = host.feature(ClientCertificates) if host.features else None
        if certificates is not None and certificates.subject and scheme == "http":
            forbidden = Match(403, None, None, None, host, uri, None, "", (), matcher)
            return kept_out(forbidden, ClientRefusal(certificates, 403, NO_SUBJECT))
        program = host.feature(ServerProgram) if host.features else None
        if program is not None:
            acted = acted_on(program.steps, read, None, host, matcher)
            if isinstance(acted, Match):
                return acted
            read = acted
        return self._routed(read, host, taken, matcher)

    def _routed(
        self, read: HeardRequest, host: Host, taken: Route | None, matcher: PathMatcher
    ) -> Match:
        """Return what the route does; a snippet may send the request on to another one."""
        for _ in range(MOST_ROUNDS):
            match = self._at_route(read, host, taken, matcher)
            course = match.course if isinstance(match, SentOn) else None
            if course is None:
                return match
            read, taken = read._replace(course=course, target=course.read), None
        why = "a snippet sends the request on and on"
        return Match(500, None, None, None, host, read.target.uri, None, why, (), matcher)

    def _at_route(
        self, read: HeardRequest, host: Host, taken: Route | None, matcher: PathMatcher
    ) -> Match:
        uri = read.target.uri
        root = host.feature(AppRoot) if host.features else None
        if root is not None and uri == b"/" and taken is None:
            location = (
                f"{read.request.scheme}://{own_host(read.request.host, read.name)}{root.path}"
            )
            return Match(302, None, None, location, host, uri, why=APP_ROOT)
        try:
            route = taken or matcher.find(uri)
        except TooManySteps:
            return Match(500, None, None, None, host, uri, why=_TOO_MANY_STEPS)
        if route is None and uri == self._health and host is self._any:
            return Match(
                200, None, None, None, host, uri, None, "the health check answers", (), matcher
            )
        return self._outcome(route or host.default, read, host, matcher)

    def _outcome(self, route: Route, read: HeardRequest, host: Host, matcher: PathMatcher) -> Match:
        request, uri = read.request, read.target.uri
        action = route.action
        if not route.features and isinstance(action, Proxy):
            return Match(
                None, route, action.upstream, None, host, uri, read.passed, "", (), matcher
            )
        named = route if route.origin.name else None
        cors = route.feature(Cors) if route.features else None
        if cors is not None and is_preflight(cors, request.method, request.headers):
            return Match(204, named, None, None, host, uri, None, "", (), matcher)
        program = route.feature(LocationProgram) if route.features else None
        if program is not None and program.before_https:
            acted = acted_on(program.steps, read, named, host, matcher)
            if isinstance(acted, Match):
                return acted
            read = acted
        if isinstance(action, Redirect):
            location = location_of(action, route, read, self._settings)
            return Match(action.status, named, None, location, host, uri, None, "", (), matcher)
        return self._beyond_http(route, read, host, matcher)

    def _beyond_http(
        self, route: Route, read: HeardRequest, host: Host, matcher: PathMatcher
    ) -> Match:
        """Return the outcome of a request that no answer comes before the redirect to https."""
        action, request, uri = route.action, read.request, read.target.uri
        named = route if route.origin.name else None
        program = route.feature(LocationProgram) if route.features else None
        plain = read.client.scheme == "http"
        to_https = route.feature(HttpsRedirect) if plain and route.features else None
        if to_https is not None:
            first = isinstance(action, Proxy) and (program is None or program.before_https)
            early = redirected_to(route, read.target) if first else None
            if early is not None:
                return Match(
                    302, named, None, written_location(early), host, uri, None, "", (), matcher
                )
            location = https_location(to_https, read, self._settings)
            return Match(to_https.status, route, None, location, host, uri, None, "", (), matcher)
        only = route.feature(HttpsOnly) if request.scheme == "http" and route.features else None
        if only is not None:
            forbidden = Match(only.status, named, None, None, host, uri, None, "", (), matcher)
            refusal = ClientRefusal(only, only.status, "")
            return kept_out_of_route(forbidden, refusal, route, read)
        if program is not None and not program.before_https:
            acted = acted_on(program.steps, read, named, host, matcher)
            if isinstance(acted, Match):
                return acted
            read = acted
            uri = read.target.uri
        if isinstance(action, Proxy):
            return self._passed(action, route, read, host, matcher)
        errors = route.feature(CustomErrors) if route.features else None
        if errors is not None and action.status in errors.codes:
            sent = on_error_page(read.target)
            return Match(None, route, errors.upstream, None, host, uri, sent, "", (), matcher)
        found = Match(action.status, named, None, None, host, uri, None, "", (), matcher)
        return own_error(found, route, read)

    def _passed(
        self, action: Proxy, route: Route, read: HeardRequest, host: Host, matcher: PathMatcher
    ) -> Match:
        """Return what becomes of a request whose route passes it on to an upstream."""
        named = route if route.origin.name else None
        uri = read.target.uri
        sent: bytes | None = read.passed
        if route.feature(Rewrite) is not None and not read.stopped:
            redirect = redirected_to(route, read.target)
            if redirect is not None:
                return Match(
                    302, named, None, written_location(redirect), host, uri, None, "", (), matcher
                )
            sent = sent_upstream(route, read.target, read.passed)
            if sent == b"":
                why = "the rewrite leaves no path"
                return Match(500, named, None, None, host, uri, None, why, (), matcher)
        chosen, others = choose(route, action.upstream, read.request)
        match = Match(None, route, chosen, None, host, uri, sent, "", others, matcher)
        signed = route.feature(SignIn)
        if signed is not None:
            match = dataclasses.replace(match, sign_in=self._sign_in(signed, read))
        if read.request[_CLIENT:] == _NOTHING_KNOWN:
            return match  # whoever it is may pass
        refusal = refused_by_route(read.request, route, self._statuses)
        if refusal is not None:
            return kept_out_of_route(match, refusal, route, read)
        reply = read.request.reply
        return match if reply is None else replied(match, route, reply, read)

    def _sign_in(self, feature: SignIn, read: HeardRequest) -> str | None:
        """Return the Location that a 401 has, or would have."""
        own, scheme = own_host(read.request.host, read.name), read.client.scheme
        return sign_in_location(feature, read.target, scheme, own, read.name, self._longest)
