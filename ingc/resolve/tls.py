"""Certificates: from Secrets, from files that the operator names, or the default one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from ingc.diagnostics import Origin, Related, Sink
from ingc.diagnostics.catalogue.tls import (
    CertificateMissing,
    CertificateNotForHost,
    DefaultCertificateUnusable,
    ResponderRefused,
    WildcardOfAnotherNamespace,
)
from ingc.frontend.intent import IntentTls, TlsGroup
from ingc.ir import Certificate, Https
from ingc.k8s.secret import Secret
from ingc.k8s.store import Store
from ingc.kinds import TlsOf
from ingc.merge.hosts import MergedHost
from ingc.merge.tls import wildcard_over
from ingc.options import Options
from ingc.resolve.certificate import (
    CERTIFICATE_KEY,
    KeyPair,
    Refused,
    read_key_pair,
    report_dates,
)
from ingc.resolve.features.own_certificate import OwnCertificates, report_missing
from ingc.resolve.files import Files
from ingc.syntax.outside import refuse_responder

PairReader = Callable[[Secret], KeyPair | Refused]


@dataclass(slots=True)
class Certificates:
    """Finds the certificate of each host, and gathers the files that nginx needs for it."""

    store: Store
    sink: Sink
    options: Options
    files: Files
    stapling: bool = False
    """nginx queries the responder that a certificate names."""
    default: Certificate | None = None
    read: PairReader = read_key_pair
    pairs: dict[tuple[str, str], KeyPair | Refused] = field(default_factory=dict)
    """What is in each Secret that was looked at."""
    missing: dict[IntentTls, list[str]] = field(default_factory=dict)
    """The hosts for which there is no certificate, by their first entry."""
    dates: set[datetime] = field(default_factory=set)
    """At which certificates begin and end."""
    _passed: dict[int, list[IntentTls]] = field(default_factory=dict)
    """The first entries of a group that give no certificate to any host."""
    _by_name: dict[int, dict[str, IntentTls]] = field(default_factory=dict)
    """By the identity of a group."""
    _own: OwnCertificates = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing read."""
        self._own = OwnCertificates(self.sink, self.options, self.files, self.stapling, self.dates)

    def load_default(self) -> None:
        """Find the certificate of ``default_ssl_certificate``; an unusable one is an error."""
        wanted = self.options.default_ssl_certificate
        if not wanted:
            return
        if "," in wanted:
            certificate, _, key = wanted.partition(",")
            self.default = Certificate(certificate, key)
            return
        namespace, _, name = wanted.partition("/")
        secret = self.store.secrets.get((namespace, name))
        if secret is None:
            self.default = self._from_pattern(namespace, name)
            if self.default is None:
                why = f"it {self.store.no_secret(namespace, name).why}"
                self.sink.report(DefaultCertificateUnusable(secret=wanted, why=why), Origin())
            return
        pair = self._pair(secret, Origin())
        if isinstance(pair, Refused):
            entry = DefaultCertificateUnusable(secret=wanted, why="see the finding at the Secret")
            self.sink.report(entry, Origin())
            return
        self.default = self._found(pair, namespace, name)
        if self.default is None:
            why = "it is written only with an output folder"
            self.sink.report(DefaultCertificateUnusable(secret=wanted, why=why), Origin())

    def https_for(self, merged: MergedHost) -> Https | None:
        """Return how a host answers on https, also by its other names; ``None`` for http alone.

        Without entries of its own, as in ingress-nginx, a certificate of its Ingresses that names
        the host is its own, and it is redirected to https where those have any.
        """
        host, entries, beside = merged.name, merged.tls, merged.tls_beside
        if not entries:
            found = self._naming(host, beside) or self.default
            return Https(found, redirect=bool(beside)) if found else None
        for group in entries:
            passed = self._passed.setdefault(id(group), [])
            for entry in islice(group, len(passed), None):
                certificate = self._certificate(host, entry, merged.names_beside)
                if certificate is not None:
                    return Https(certificate, redirect=True)
                passed.append(entry)
        if self.default is None:
            self.missing.setdefault(entries[0][0], []).append(host)
        return Https(self.default, redirect=True)

    def look_at(self, entry: IntentTls, *, secret: bool) -> None:
        """Read what an entry has itself; with ``secret`` also the Secret that it names."""
        if entry.inline is not None and not entry.broken:
            self._own.read(entry, entry.inline)
        named = self.store.secrets.get((entry.namespace, entry.secret)) if secret else None
        if named is not None:
            self._pair(named, entry.origin.at("secretName"))

    def report_missing(self) -> None:
        """Report the hosts of ``tls`` entries for which there is no certificate."""
        for entry, hosts in self.missing.items():
            known = self.pairs.get((entry.namespace, entry.secret))
            if isinstance(known, Refused) or self._own.refuses(entry):
                continue  # what is wrong with it is an error there
            why, fix = self._own.why_missing(entry) or self._why_missing(entry)
            if entry.kind.tls is TlsOf.OBJECT:
                report_missing(entry, hosts[0], why, fix, self.sink)
                continue
            missing = CertificateMissing(hosts=tuple(hosts), why=why, fix=fix)
            self.sink.report(missing, entry.origin)

    def _naming(self, host: str, groups: tuple[TlsGroup, ...]) -> Certificate | None:
        """Return the first certificate of these entries that names a host."""
        for group in groups:
            by_name = self._by_name.get(id(group))
            if by_name is None:
                by_name = self._by_name[id(group)] = self._names_of(group)
            entry = by_name.get(host) or by_name.get(wildcard_over(host))
            if entry is not None:
                return self._certificate(host, entry)
        return None

    def _names_of(self, group: TlsGroup) -> dict[str, IntentTls]:
        """Return the names that certificates of these entries are for, each with the first."""
        found: dict[str, IntentTls] = {}
        for entry in group:
            secret = self.store.secrets.get((entry.namespace, entry.secret))
            if secret is None or entry.broken:
                continue
            pair = self._pair(secret, entry.origin.at("secretName"))
            for name in () if isinstance(pair, Refused) else pair.names:
                found.setdefault(name.lower(), entry)
        return found

    def _certificate(
        self, host: str, entry: IntentTls, beside: tuple[str, ...] = ()
    ) -> Certificate | None:
        if entry.inline is not None and not entry.broken:
            return self._own.find(host, entry, entry.inline)
        if not entry.secret or entry.broken:
            return None
        secret = self.store.secrets.get((entry.namespace, entry.secret))
        if secret is None:
            return self._from_pattern(entry.namespace, entry.secret)
        pair = self._pair(secret, entry.origin.at("secretName"))
        if isinstance(pair, Refused):
            return None
        found = self._found(pair, entry.namespace, entry.secret)
        for name in (host, *beside) if found is not None else ():
            self._check_pair(name, entry, pair)
        return found

    def _pair(self, secret: Secret, at: Origin) -> KeyPair | Refused:
        key = (secret.namespace, secret.name)
        if key not in self.pairs:
            secret.judge(self.sink, at)
            if secret.broken:
                return self.pairs.setdefault(key, Refused(secret.faults[0].entry, ""))
            pair = self._fit_to_ask(secret, self.read(secret))
            self.pairs[key] = pair
            if isinstance(pair, Refused):
                named = (Related(at, "named here"),) if at.object else ()
                self.sink.report(pair.why, secret.place_of(pair.key), named)
            else:
                name = f"Secret {secret.namespace}/{secret.name}"
                self.dates.update((pair.begins, pair.ends))
                report_dates(name, pair, self.options, secret.place_of("tls.crt"), self.sink)
        return self.pairs[key]

    def _fit_to_ask(self, secret: Secret, pair: KeyPair | Refused) -> KeyPair | Refused:
        """Refuse a certificate whose author would let nginx query what it may not."""
        if not self.stapling or isinstance(pair, Refused):
            return pair
        for url in pair.responders:
            why = refuse_responder(url)
            if why:
                name = f"Secret {secret.namespace}/{secret.name}"
                return Refused(ResponderRefused(whose=name, url=url, why=why), CERTIFICATE_KEY)
        return pair

    def _check_pair(self, host: str, entry: IntentTls, pair: KeyPair) -> None:
        if not pair.covers(host):
            name = f"Secret {entry.namespace}/{entry.secret}"
            names = pair.names or ("no name",)
            finding = CertificateNotForHost(whose=name, host=host, names=names)
            self.sink.report(finding, entry.origin.at("secretName"))

    def _found(self, pair: KeyPair, namespace: str, secret: str) -> Certificate | None:
        """Return the files of a Secret's pair, or those that the operator has put somewhere."""
        made = pair.as_files(self.files, namespace, secret)
        return made or self._from_pattern(namespace, secret)

    def _from_pattern(self, namespace: str, secret: str) -> Certificate | None:
        pattern = self.options.tls_files
        if not pattern:
            return None
        stem = pattern.replace("{namespace}", namespace).replace("{secret}", secret)
        return Certificate(stem + ".crt", stem + ".key")

    def _why_missing(self, entry: IntentTls) -> tuple[str, str]:
        """Return why an entry gives no certificate, and what to do."""
        name = f"{entry.namespace}/{entry.secret}"
        if entry.broken:
            name = entry.kind.name
            return f"its {name} has errors", f"correct the {name}"
        if not entry.secret:
            return "the tls entry names no Secret", "name one under secretName"
        if (entry.namespace, entry.secret) in self.store.secrets:
            return f"Secret {name} is written only to a folder", "write to a folder with -d DIR"
        elsewhere = self.store.secret_namespaces.get(entry.secret)
        if elsewhere:
            return (
                f"Secret {name} is not in the input, but there is one in {', '.join(elsewhere)}",
                "copy it: a Secret is read only from the Ingress's own namespace",
            )
        absent = self.store.no_secret(entry.namespace, entry.secret)
        return (
            f"Secret {name} {absent.why}",
            f"{absent.add} and use -d DIR, or pass --tls-files or --default-ssl-certificate",
        )


def report_uncovered(host: MergedHost, entry: IntentTls, sink: Sink) -> None:
    """Report a host that only the wildcard certificate of another namespace would cover."""
    finding = WildcardOfAnotherNamespace(
        host=host.name, wildcard=f"*.{host.name.partition('.')[2]}", namespace=entry.namespace
    )
    origins = [route.origin for route in (*host.routes, host.default) if route is not None]
    sink.report(finding, origins[0] if origins else Origin(), (Related(entry.origin, "this one"),))
