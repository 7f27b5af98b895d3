"""The routing proof: what nginx makes of the text equals what the IR expects.

For each host, witnesses are looked up on both sides: the oracle's route and the model's location.
What the two then do with a request is compared in full, once for each pair of equal contents; what
no request can reveal is read back from what is in effect there (`ingc.prove.readers`).
It compares and decides nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from ingc.ir import ANY_HOST, Config, Host, Redirect
from ingc.ir.features.external_auth import remembers
from ingc.ir.features.redirects import HttpsRedirect
from ingc.match import Oracle
from ingc.match.trie import path_matcher
from ingc.model import Model, NotModelled
from ingc.model.tree import Statement
from ingc.prove.agreement import Agreement
from ingc.prove.canonical import likeness
from ingc.prove.equivalence import Keys
from ingc.prove.flat import NotFlat
from ingc.prove.flat_levels import FlatLevels
from ingc.prove.proofs import Context, Proofs
from ingc.prove.readers import FeatureDifference, Readers
from ingc.prove.route_pairs import Pair, pairs_of, regexes_differ
from ingc.prove.sites import NamedSite, Sites
from ingc.prove.structure import Reading
from ingc.prove.told_apart import told_apart
from ingc.prove.unequal import Unequal
from ingc.prove.variants import requests_for
from ingc.prove.witnesses import near_names, target_for
from ingc.syntax.pcre import TooManySteps, given_up


@dataclass(frozen=True, slots=True)
class RoutingDifference:
    """A request that the text and the IR disagree about."""

    host: Host
    """The host whose names or paths it is a witness of."""
    request: str
    expected: str
    """What the IR expects."""
    found: str
    """What nginx would do."""
    server: Statement | None = None
    """The server that takes the request; ``None``: none does."""
    line: int = 0
    """Within the server's block, from 1 on; 0: not known."""
    unequal: Unequal | None = None
    """The field that explains it; ``None``: none was found."""

    def __str__(self) -> str:
        why = f" ({self.unequal})" if self.unequal is not None else ""
        return f"{self.request} should give {self.expected}, but nginx would give {self.found}{why}"


Difference = RoutingDifference | FeatureDifference


class RoutingProof:
    """The proof of one configuration."""

    def __init__(self, config: Config, reading: Reading, proofs: Proofs) -> None:
        self._config = config
        self._proofs = proofs
        self._model = Model((reading.whole_http(),), config.settings.target)
        self._any = next(host for host in config.hosts if host.name == ANY_HOST)
        self._sites = Sites(config, self._model)
        self._keys = Keys(self._model)
        self._main = reading.main
        stream = next((item for item in reading.main if item.name == "stream"), None)
        self._readers = Readers(config, self._model, stream, reading.looked_up)
        # Where a proxy in front sends the scheme, plain http may be a client's https.
        self._scheme_from_front = config.settings.policies.front.tells_scheme
        self._comparison = Agreement(config, Oracle(config), self._model)
        # Beside the log, only these read the route's name.
        self._sends_route = config.settings.echo or bool(config.settings.debug_header)
        self._pairs: dict[tuple[int, str], tuple[Pair, ...]] = {}
        self._compared: dict[object, dict[object, Difference | None]] = {}
        self._alike: set[str] = set()
        self._covered: set[Hashable] = set()
        self._levels = FlatLevels(self._model)
        around = self._keys.frame(reading), config.settings, _outside(config)
        proofs.begin_hosts(around)

    def differences(self) -> Iterator[Difference]:
        """Yield the first difference of each host that has one."""
        alike = self._unlike_sockets()
        if alike is not None:
            yield alike
            return
        wrong: set[str] = set()
        others = (
            *self._readers.frame(self._main),
            *self._told_apart(),
            *self._readers.blocks(),
            *self._readers.passthroughs(self._sites.in_tls()),
        )
        for other in others:
            if other.host is None or other.host.name not in wrong:
                yield other
            wrong.update(() if other.host is None else (other.host.name,))
        for shared in self._shared_keys():
            wrong.add(shared.host.name)
            yield shared
        for host in self._config.hosts:
            found = self._own(host) if host.name not in wrong else None
            if found is not None:
                wrong.add(host.name)
                yield found
        for host in self._config.hosts:
            found = self._near(host) if host.name not in wrong else None
            if found is not None:
                yield found

    def _shared_keys(self) -> Iterator[RoutingDifference]:
        """Yield each host where answers of an auth service are remembered under a key of another.

        It is checked for all hosts together, alike or proved before: each is right by itself.
        """
        owners: dict[str, tuple[str, str, str]] = {}
        for host in filter(remembers, self._config.hosts):
            sites = [
                (name, site) for name in self._sites.names(host) for site in self._sites.of(name)
            ]
            for name, site in sites:
                for pair in self._pairs_of(site.server, site.host) if site.server else ():
                    route = pair.route or site.host.default
                    if pair.found is None or site.server is None or not route.features:
                        continue
                    key = self._readers.remembered(route, site.server, pair.found)
                    mine = site.host.name, str(route.origin), route.path
                    if key is not None and owners.setdefault(key, mine) != mine:
                        printed, server = (
                            _printed_url(name, site, target_for(pair.uri)),
                            site.server,
                        )
                        expected, found = (
                            "an answer of its own",
                            f"one remembered for {owners[key]}",
                        )
                        yield RoutingDifference(host, printed, expected, found, server)
                        break

    def _unlike_sockets(self) -> RoutingDifference | None:
        """All sockets of a scheme have to lead to the same servers; one of them is compared."""
        for socket in self._model.all_sockets:
            scheme = "https" if socket.ssl else "http"
            chosen = self._sites.sockets[scheme]
            if chosen is None or chosen is socket:
                continue
            if socket.servers != chosen.servers or socket.default is not chosen.default:
                expected = f"the servers of {chosen.address}:{chosen.port}"
                where = f"{scheme} on {socket.address}:{socket.port}"
                return RoutingDifference(self._any, where, expected, "others")
        return None

    def _told_apart(self) -> Iterator[Difference]:
        unequal = told_apart(self._model.http, self._config, self._keys.by_host_alone)
        if unequal is not None:
            yield FeatureDifference(None, "the frame", unequal)

    def _own(self, host: Host) -> Difference | None:
        """Prove the names of a host, and its paths."""
        sites = [(name, site) for name in self._sites.names(host) for site in self._sites.of(name)]
        mine = all(site.host is host for _, site in sites)
        context = self._context(sites) if mine else ()
        if mine and self._proofs.is_proved(host, context):
            self._covered.update(self._covering(*item) for item in sites)
            return None
        like = likeness(host, context) if mine and host is not self._any else ""
        if like in self._alike:
            self._covered.update(self._covering(*item) for item in sites)
        else:
            found = self._first(host, sites)
            if found is not None:
                return found
        if mine:
            if like:
                self._alike.add(like)
            self._proofs.keep_host(host, context)
        return None

    def _near(self, host: Host) -> Difference | None:
        """Prove that names near a host's are somebody else's."""
        near = ((name, site) for name in near_names(host.name) for site in self._sites.of(name))
        return self._first(host, near)

    def _first(self, blamed: Host, sites: Iterable[tuple[bytes, NamedSite]]) -> Difference | None:
        compared = (self._compare(blamed, name, site) for name, site in sites)
        return next((found for found in compared if found is not None), None)

    def _context(self, sites: list[tuple[bytes, NamedSite]]) -> Context:
        """Return all that decides what becomes of requests at the sites, beside the host."""
        return tuple(
            [
                (name, site.scheme, site.twin, site.server and self._keys.body(site.server, name))
                for name, site in sites
            ]
        )

    def _covering(self, name: bytes, site: NamedSite) -> Hashable:
        """Return what decides about a site: the name of a host matters where a map looks at it."""
        server = site.server
        by_host = self._keys.by_host(server, name) if server is not None else ()
        return site.scheme, id(server), site.host.name, site.twin, by_host

    def _compare(self, blamed: Host, name: bytes, site: NamedSite) -> Difference | None:
        covering = self._covering(name, site)
        if covering in self._covered:
            return None
        server, host = site.server, site.host
        of_host = self._regex_order(blamed, name, site) or self._read_host(blamed, site)
        if of_host is not None:
            return of_host
        around = self._keys.server(server), self._keys.host(host, self._any)
        for pair in self._pairs_of(server, host):
            if server is not None and (self._sends_route or self._keys.logs_route):
                other = self._misnamed(pair, host, name)
                if other is not None:
                    uri = target_for(pair.uri)
                    return RoutingDifference(blamed, _printed_url(name, site, uri), *other, server)
            known = self._known(around, name, site, pair)
            if isinstance(known, RoutingDifference):
                return replace(known, host=blamed, server=server)
            if known is not None:
                # Of these contents; the place is this one.
                return self._at(site, pair, known.unequal, blamed)
        self._covered.add(covering)
        return None

    def _known(
        self, around: tuple[Hashable, Hashable], name: bytes, site: NamedSite, pair: Pair
    ) -> Difference | None:
        """Compare a pair in full, unless one of equal contents was."""
        *content, form = pair.key("https" if self._scheme_from_front else site.scheme)
        key = (site.scheme, site.twin, *around, *content)
        forms = self._compared.setdefault(key, {})
        if form in forms:
            return forms[form]
        first = not forms
        before = given_up()
        known: Difference | None = self._requests(site.host, name, site, pair, first=first)
        if isinstance(known, RoutingDifference):
            known = replace(known, unequal=self._why(site, pair))
        elif first:
            known = self._read(site, pair)
        if given_up() == before:
            forms[form] = known
        return known

    def _read_host(self, blamed: Host, site: NamedSite) -> FeatureDifference | None:
        """Read back what a server does for all of its host."""
        server, host = site.server, site.host
        if server is None:
            return None
        unequal = self._readers.around_host(host, server, site.scheme, twin=site.twin)
        if unequal is None and (self._opens(site) if site.twin else self._serves(site)):
            unequal = self._readers.at_server(host, server, site.scheme, twin=site.twin)
        if unequal is None:
            return None
        where = f"{site.scheme}://{host.name or '*'}"
        return FeatureDifference(blamed, where, unequal, server, server.line)

    def _read(self, site: NamedSite, pair: Pair) -> FeatureDifference | None:
        """Read back what a location does for its route, where its requests get so far."""
        unequal = self._unequal(site, pair)
        return None if unequal is None else self._at(site, pair, unequal, site.host)

    def _unequal(self, site: NamedSite, pair: Pair) -> Unequal | None:
        server, host, route = site.server, site.host, pair.route or site.host.default
        if server is None or pair.found is None or site.twin:
            return None
        where = host, route, server, pair.found, site.scheme
        plain = site.scheme == "http"
        if (plain or self._scheme_from_front) and self._opens(site):
            unequal = self._readers.on_plain_http(*where)
            if unequal is not None:
                return unequal
        if not self._serves(site):
            return None
        if plain and not self._scheme_from_front:
            redirected = route.feature(HttpsRedirect) if route.features else None
            if redirected is not None and not isinstance(route.action, Redirect):
                return None
        return self._readers.at_location(*where)

    def _why(self, site: NamedSite, pair: Pair) -> Unequal | None:
        """Return the field that explains a request's difference, if one can be read."""
        try:
            return self._unequal(site, pair)
        except NotModelled:
            return None

    def _at(self, site: NamedSite, pair: Pair, unequal: Unequal, blamed: Host) -> FeatureDifference:
        """Return a difference with the place where it is."""
        host, route = site.host, pair.route or site.host.default
        path = pair.uri.decode("latin-1")
        where = f"{site.scheme}://{host.name or '*'}{path} ({route.origin})"
        location = pair.found.location if pair.found is not None else None
        line = location.line if location is not None else 0
        return FeatureDifference(blamed, where, unequal, site.server, line)

    def _serves(self, site: NamedSite) -> bool:
        server = site.server
        return server is not None and self._opens(site) and not self._keys.only_redirects(server)

    def _opens(self, site: NamedSite) -> bool:
        return site.scheme == "http" or site.host.answers_https

    def _misnamed(self, pair: Pair, host: Host, name: bytes) -> tuple[str, str] | None:
        """Return the name that a location should give its route, and the one that it gives.

        What answers by itself, such as a redirect of all paths, need not name any.
        """
        location = pair.found.location if pair.found is not None else None
        origin = (pair.route or host.default).origin
        expected = str(origin) if origin.name else None
        if location is None or pair.found is None:
            return None
        found = self._keys.named(pair.found, name, pair.uri)
        if found == expected:
            return None
        if found is None and location.first("return") is not None:
            return None
        if found is None and not self._sends_route and self._keys.is_silent(location):
            return None
        return f"the route {expected}", f"{found}"

    def _regex_order(self, blamed: Host, name: bytes, site: NamedSite) -> RoutingDifference | None:
        server, host = site.server, site.host
        if server is None or site.twin or not self._serves(site):
            return None
        try:
            flat = self._levels.flat(server, host)
            why = regexes_differ(flat, host) if host.regex else None
        except NotFlat as error:
            why = "what the paths do one by one, in order", str(error)
        return why and RoutingDifference(blamed, _printed_url(name, site, b"/"), *why, server)

    def _pairs_of(self, server: Statement | None, host: Host) -> tuple[Pair, ...]:
        key = (id(server), host.name)
        found = self._pairs.get(key)
        if found is None:
            found = self._pairs[key] = tuple(self._made_pairs(server, host))
        return found

    def _made_pairs(self, server: Statement | None, host: Host) -> Iterator[Pair]:
        level = flat = None if server is None else self._model.level(server)
        with suppress(NotFlat):  # a difference, which is found where the regexes are compared
            flat = None if server is None else self._levels.flat(server, host)
        return pairs_of(level, host, path_matcher(host), self._keys, flat)

    def _requests(
        self, host: Host, name: bytes, site: NamedSite, pair: Pair, *, first: bool
    ) -> RoutingDifference | None:
        """Compare in full what becomes of a witness, the first time with other headers too."""
        target = target_for(pair.uri)
        route, settings = pair.route or host.default, self._config.settings
        seen_by = settings.policies.blocked, settings.debug_header
        witnesses = requests_for(
            host, route, name, target, site.scheme, *seen_by, only_path=not first
        )
        for witness in witnesses:
            before = given_up()
            try:
                why = self._comparison.compare(witness, host, pair)
            except TooManySteps:
                continue
            except NotModelled as error:
                why = ("what the model knows", str(error), error.line)
            if why is not None and given_up() == before:
                printed = _printed_url(name, site, witness.request.target, witness.label)
                return RoutingDifference(host, printed, *why[:2], site.server, why[2])
        return None


def _outside(config: Config) -> tuple[object, ...]:
    """Return what decides how a location speaks of an upstream, beside its block."""
    found = (item for item in config.upstreams if item.endpoints and item.endpoints[0].dns)
    return tuple([(item.name, str(item.endpoints[0]), item.service.service) for item in found])


def _printed_url(name: bytes, site: NamedSite, target: bytes, label: str = "") -> str:
    host = name.decode("latin-1")
    with_what = f" with {label}" if label else ""
    return f"{site.scheme}://{host}{target.decode('latin-1')}{with_what}"
