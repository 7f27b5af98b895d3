"""The certificate that an OpenShift Route holds itself, and Routes for https that have none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.openshift import RouteMaterialUnusable, RouteWithoutCertificate
from ingc.diagnostics.catalogue.tls import CertificateNotForHost
from ingc.frontend.intent import InlineCertificate, IntentTls
from ingc.frontend.wishes import HttpsPolicy
from ingc.ir import Certificate, Https
from ingc.kinds import TlsOf
from ingc.merge.hosts import MergedHost
from ingc.options import Options
from ingc.resolve.certificate import (
    BadPair,
    KeyPair,
    PairSource,
    Refused,
    read_pair,
    report_dates,
)
from ingc.resolve.files import Files
from ingc.resolve.pem import is_issued_by, read_certificates
from ingc.syntax.outside import refuse_responder

_FIELDS = ("certificate", "caCertificate", "key")


@dataclass(slots=True)
class OwnCertificates:
    """Reads what objects hold themselves, each once."""

    sink: Sink
    options: Options
    files: Files
    stapling: bool
    dates: set[datetime]
    """At which certificates begin and end."""
    _pairs: dict[IntentTls, KeyPair | Refused] = field(default_factory=dict)

    def find(self, host: str, entry: IntentTls, inline: InlineCertificate) -> Certificate | None:
        """Return the files of what an entry brings itself."""
        pair = self.read(entry, inline)
        if isinstance(pair, Refused):
            return None
        found = pair.as_files(self.files, f"route_{entry.namespace}", inline.name)
        if found is not None and not pair.covers(host):
            names = pair.names or ("no name",)
            finding = CertificateNotForHost(whose="the Route", host=host, names=names)
            self.sink.report(finding, entry.origin.at("certificate"))
        return found

    def refuses(self, entry: IntentTls) -> bool:
        """Return whether what an entry brings is of no use, which is reported."""
        return isinstance(self._pairs.get(entry), Refused)

    def why_missing(self, entry: IntentTls) -> tuple[str, str] | None:
        """Return why an entry gives no certificate, and what to do; ``None``: as of any other."""
        if entry.broken:
            return None
        if entry.inline is not None:
            return "that of the Route is written only to a folder", "write to a folder with -d DIR"
        if entry.kind.tls is TlsOf.OBJECT and not entry.secret:
            why = "the Route has none of its own, and the router's default one is not known"
            return why, "pass --default-ssl-certificate"
        return None

    def read(self, entry: IntentTls, inline: InlineCertificate) -> KeyPair | Refused:
        """Read what an entry brings, and report what is wrong with it."""
        if entry not in self._pairs:
            pair = read_inline_pair(inline)
            if not isinstance(pair, Refused):
                self.dates.update((pair.begins, pair.ends))
                pair = self._judged(pair, inline)
            self._pairs[entry] = pair
            if isinstance(pair, Refused):
                self.sink.report(pair.why, entry.origin.at(pair.key))
            else:
                place = entry.origin.at("certificate")
                report_dates("the Route", pair, self.options, place, self.sink)
        return self._pairs[entry]

    def _judged(self, pair: KeyPair, inline: InlineCertificate) -> KeyPair | Refused:
        name, why = "certificate", self._why_not_to_ask(pair)
        fix = "use a certificate of an authority with a public OCSP service"
        if not why and self._is_strange(pair, inline):
            name, why = "caCertificate", "none in it has signed the certificate"
            fix = "write the certificate that signed yours, and those up to its root"
        if not why:
            return pair
        return Refused(RouteMaterialUnusable(field_name=name, why=why, fix=fix), name)

    def _is_strange(self, pair: KeyPair, inline: InlineCertificate) -> bool:
        """Return whether a Route's authorities are not those of its certificate.

        As in the router, which verifies the first certificate by them alone, its host's name
        apart, and lets one pass that is not valid now.
        """
        now = self.options.now or datetime.now(UTC)
        if not inline.authorities or not pair.begins <= now <= pair.ends:
            return False
        leaf = read_certificates(inline.certificate)[0]
        return not any(is_issued_by(leaf, item) for item in read_certificates(inline.authorities))

    def _why_not_to_ask(self, pair: KeyPair) -> str:
        refused = ((url, refuse_responder(url)) for url in pair.responders if self.stapling)
        return next((f'it lets nginx ask "{url}": {why}' for url, why in refused if why), "")


def read_inline_pair(inline: InlineCertificate) -> KeyPair | Refused:
    """Read the key pair that a Route holds itself.

    As in the router, the key may stand beside the certificate.
    """
    source = PairSource(
        inline.certificate, inline.authorities, inline.key or inline.certificate, _FIELDS
    )
    try:
        return read_pair(source)
    except BadPair as error:
        fix = "write the PEM text as openssl prints it, the key without a passphrase"
        entry = RouteMaterialUnusable(field_name=error.name, why=error.why, fix=fix)
        return Refused(entry, error.name)


def report_missing(entry: IntentTls, host: str, why: str, fix: str, sink: Sink) -> None:
    """Report a host without a certificate; where the Route has errors, those report why."""
    if not entry.broken:
        sink.report(RouteWithoutCertificate(host=host, why=why, fix=fix), entry.origin)


def report_closed(host: MergedHost, https: Https | None, sink: Sink) -> None:
    """Report Routes for https alone on a host of another namespace that has no certificate."""
    if host.tenancy is None or host.tls or (https is not None and https.certificate is not None):
        return
    owner = host.tenancy.owner
    for route in host.routes:
        policy = route.asks(HttpsPolicy)
        by_itself = route.kind.tls is TlsOf.OBJECT
        if by_itself and policy is not None and (policy.refused or policy.always):
            why = f"the host belongs to namespace {owner}, which has none"
            fix = f"let {owner} ask for one, or use a host of your own"
            report = RouteWithoutCertificate(host=host.name, why=why, fix=fix)
            sink.report(report, route.origin.at("tls"))
