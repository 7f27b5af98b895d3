"""What becomes of each flag of the ingress-nginx controller (``pkg/flags/flags.go`` of 1.15)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Becomes(enum.Enum):
    """What becomes of a setting."""

    KEPT = "kept"
    """It has an effect here too, under the same name or another."""
    CHANGED = "changed"
    """It has an effect, and not the one that its value asks for."""
    NO_EFFECT = "no effect"
    """It asks for nothing that could happen here, and nothing is lost."""
    NOT_NEEDED = "not needed"
    """What it is for does not exist here."""
    NO_EQUIVALENT = "no equivalent"
    """What it does is lost, or has to be done by other means."""
    DECISION = "decision"
    """It works when somebody has decided something."""
    UNKNOWN = "unknown"
    """ingress-nginx does not know it either."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What is known of a flag."""

    becomes: Becomes
    why: str
    """A sentence for people, without its full stop; for an option of ours what it does."""
    option: str = ""
    """The field of `Options` that gets its value; empty: none does."""
    switch: bool = False
    """True for a flag that takes no value of its own: ``--x`` is ``--x=true``."""


def _same(option: str, why: str, *, switch: bool = False) -> Flag:
    return Flag(Becomes.KEPT, why, option, switch)


def _idle(why: str, *, switch: bool = False) -> Flag:
    return Flag(Becomes.NOT_NEEDED, why, switch=switch)


def _lost(why: str, *, switch: bool = False) -> Flag:
    return Flag(Becomes.NO_EQUIVALENT, why, switch=switch)


_CLUSTER = "the compiler reads files and standard input, and speaks to no cluster"
_LEADER = "nothing runs that could need a leader"
_STATUS = (
    "nobody writes the status of Ingresses any more: what reads it, such as external-dns, needs "
    "the address from elsewhere"
)
_METRICS = "Lua counted requests; here the access log and stub_status have the numbers"
_WEBHOOK = "ingc check in CI refuses what the webhook refused, before it reaches the cluster"
_LUA = "it belongs to the controller's Lua"
_LOG = "it is about the controller's own log"
_PROFILE = "it is about the controller's own process"
_GEO = "stock nginx has no GeoIP2, so no database is fetched"
_STOP = "who runs nginx stops it: nginx -s quit waits for connections"
_CHECKED = "each value is read by its grammar, always"

FLAGS: Mapping[str, Flag] = {
    # What chooses Ingresses.
    "ingress-class": _same("ingress_class", "takes Ingresses of this class"),
    "controller-class": _same("controller_class", "takes IngressClasses of this controller"),
    "ingress-class-by-name": _same(
        "ingress_class_by_name", "takes a class by its name alone", switch=True
    ),
    "watch-ingress-without-class": _same(
        "watch_ingress_without_class", "takes Ingresses without a class too", switch=True
    ),
    "watch-namespace": _same("watch_namespace", "takes Ingresses of one namespace"),
    "watch-namespace-selector": _same(
        "watch_namespace_selector", "takes Ingresses of namespaces with these labels"
    ),
    "disable-catch-all": _same(
        "disable_catch_all", "passes over Ingresses with a default backend", switch=True
    ),
    "annotations-prefix": _same("annotations_prefix", "reads annotations of this prefix"),
    # What shapes the configuration.
    "configmap": _same("configmap", "reads the settings for everybody from this ConfigMap"),
    "tcp-services-configmap": _same("tcp_services_configmap", "listens on these TCP ports"),
    "udp-services-configmap": _same("udp_services_configmap", "listens on these UDP ports"),
    "default-backend-service": _same(
        "default_backend_service", "serves what no rule takes by this Service"
    ),
    "default-ssl-certificate": _same(
        "default_ssl_certificate", "presents this certificate where a host has none of its own"
    ),
    "enable-ssl-passthrough": _same(
        "enable_ssl_passthrough", "heeds the annotation ssl-passthrough", switch=True
    ),
    "ssl-passthrough-proxy-port": _same(
        "ssl_passthrough_proxy_port", "opens the TLS of the other hosts on this port"
    ),
    "disable-svc-external-name": _same(
        "disable_svc_external_name", "answers 503 for Services of type ExternalName", switch=True
    ),
    "http-port": _same("http_port", "listens for http here"),
    "https-port": _same("https_port", "listens for https here"),
    "health-check-path": _same("health_check_path", "answers 200 at this path"),
    "enable-topology-aware-routing": Flag(
        Becomes.DECISION,
        "add --enable-topology-aware-routing --topology-zone ZONE: no Node says here where nginx "
        "runs",
        switch=True,
    ),
    # What the controller did beside nginx.
    "publish-service": _lost(_STATUS),
    "publish-status-address": _lost(_STATUS),
    "update-status": _lost(_STATUS, switch=True),
    "update-status-on-shutdown": _lost(_STATUS, switch=True),
    "report-node-internal-ip-address": _lost(_STATUS, switch=True),
    "status-update-interval": _idle("nothing writes the status of Ingresses"),
    "election-id": _idle(_LEADER),
    "election-ttl": _idle(_LEADER),
    "disable-leader-election": _idle(_LEADER, switch=True),
    "apiserver-host": _idle(_CLUSTER),
    "kubeconfig": _idle(_CLUSTER),
    "certificate-authority": _idle(_CLUSTER),
    "sync-period": _idle(_CLUSTER),
    "sync-rate-limit": _idle(_CLUSTER),
    "disable-sync-events": _idle("nothing writes Events", switch=True),
    "validating-webhook": _idle(_WEBHOOK),
    "validating-webhook-certificate": _idle(_WEBHOOK),
    "validating-webhook-key": _idle(_WEBHOOK),
    "disable-full-test": _idle(_WEBHOOK, switch=True),
    "enable-annotation-validation": _idle(_CHECKED, switch=True),
    "deep-inspect": _idle(
        "no value can become a directive: each is printed by its type", switch=True
    ),
    "enable-ssl-chain-completion": _lost(
        "nothing is fetched: put the certificates between into the Secret's tls.crt", switch=True
    ),
    "enable-metrics": _lost(_METRICS, switch=True),
    "metrics-per-host": _lost(_METRICS, switch=True),
    "metrics-per-undefined-host": _lost(_METRICS, switch=True),
    "report-status-classes": _lost(_METRICS, switch=True),
    "exclude-socket-metrics": _lost(_METRICS),
    "monitor-max-batch-size": _lost(_METRICS),
    "time-buckets": _lost(_METRICS),
    "length-buckets": _lost(_METRICS),
    "size-buckets": _lost(_METRICS),
    "bucket-factor": _lost(_METRICS),
    "max-buckets": _lost(_METRICS),
    "healthz-port": _idle("nginx answers probes itself, at --health-check-path on its http port"),
    "healthz-host": _idle("nginx answers probes itself, at --health-check-path on its http port"),
    "health-check-timeout": _idle("nobody asks nginx whether it lives but the probe"),
    "default-server-port": _idle("the 404 is nginx's own answer, without a server of its own"),
    "status-port": _lost("there is no status server; add a location with stub_status if need be"),
    "stream-port": _idle(_LUA),
    "dynamic-configuration-retries": _idle(_LUA),
    "internal-logger-address": _idle("it belongs to the chroot image"),
    "maxmind-license-key": _lost(_GEO),
    "maxmind-edition-ids": _lost(_GEO),
    "maxmind-mirror": _lost(_GEO),
    "maxmind-retries-count": _lost(_GEO),
    "maxmind-retries-timeout": _lost(_GEO),
    "shutdown-grace-period": _idle(_STOP),
    "post-shutdown-grace-period": _idle(_STOP),
    "profiling": _idle(_PROFILE, switch=True),
    "profiler-port": _idle(_PROFILE),
    "profiler-address": _idle(_PROFILE),
    "version": _idle("it prints a version and ends", switch=True),
    "v": _idle(_LOG),
    "vmodule": _idle(_LOG),
    "stderrthreshold": _idle(_LOG),
    "log_dir": _idle(_LOG),
    "log_file": _idle(_LOG),
    "log_file_max_size": _idle(_LOG),
    "log_backtrace_at": _idle(_LOG),
    "logtostderr": _idle(_LOG, switch=True),
    "alsologtostderr": _idle(_LOG, switch=True),
    "add_dir_header": _idle(_LOG, switch=True),
    "skip_headers": _idle(_LOG, switch=True),
    "skip_log_headers": _idle(_LOG, switch=True),
    "one_output": _idle(_LOG, switch=True),
}
"""By the flag's name without its dashes."""
