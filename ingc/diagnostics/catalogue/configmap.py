"""ING48x, ING490: the ConfigMap of global settings."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING480", name="configmap-missing", severity=ERROR)
class ConfigMapMissing(Entry):
    """The ConfigMap that `--configmap` names is not in the input.

    It may hold allow lists and limits, so nothing is compiled without it.

    Fix: give the file with the ConfigMap too, or leave the option out.
    """

    config_map: str
    summary = "the ConfigMap {config_map} is not in the input"
    label = "named by --configmap"
    help = "add its manifest to the input, or leave --configmap out"


@code("ING481", name="configmap-not-named", severity=NOTE)
class ConfigMapNotNamed(Entry):
    """A ConfigMap looks like ingress-nginx's global settings, and no option names it.

    Nobody but the operator may change the settings of all Ingresses, so it is read only when
    `--configmap NAMESPACE/NAME` names it.

    Fix: pass the option.
    """

    config_map: str
    summary = "the ConfigMap {config_map} looks like global settings and is not used"
    label = "has keys of ingress-nginx"
    help = "pass --configmap {config_map} to use it"


@code("ING482", name="configmap-key-unknown", severity=WARNING, strict=True)
class ConfigMapKeyUnknown(Entry):
    """The ConfigMap has a key that does not exist, mostly a misspelt one.

    ingress-nginx ignores it without a word.

    Fix: correct the key, or remove it.
    """

    key: str
    meant: str
    summary = "there is no ConfigMap key {key}"
    label = "has no effect"
    help = "{meant}"


@code("ING483", name="configmap-value-not-used", severity=WARNING, strict=True)
class ConfigMapValueNotUsed(Entry):
    """A key of the ConfigMap has a value that it can't have, so its default holds.

    Fix: write a value of the form that the message names.
    """

    key: str
    value: str
    why: str
    words: str
    examples: tuple[str, ...]
    default: str
    summary = 'ConfigMap key {key} can not be "{value}"; {default}'
    label = "{why}"
    help = "it must be {words}; for example {examples}"


@code("ING484", name="configmap-value-wrong", severity=ERROR)
class ConfigMapValueWrong(Entry):
    """A key of the ConfigMap that protects something has a value that it can't have.

    The default could open what was meant to be closed. With `--on-error isolate` every route
    answers 503.

    Fix: write a value of the form that the message names.
    """

    key: str
    value: str
    why: str
    words: str
    examples: tuple[str, ...]
    summary = 'ConfigMap key {key} can not be "{value}"'
    label = "{why}"
    help = "it must be {words}; for example {examples}"


@code("ING485", name="configmap-key-not-supported", severity=WARNING, strict=True)
class ConfigMapKeyNotSupported(Entry):
    """A key of the ConfigMap is known and not acted on; the routes work without it.

    Fix: check that the applications do not depend on it.
    """

    key: str
    support: str
    why: str
    instead: str
    summary = "ConfigMap key {key} has no effect ({support})"
    label = "{why}"
    help = "{instead}"


@code("ING486", name="configmap-protection-not-supported", severity=ERROR)
class ConfigMapProtectionNotSupported(Entry):
    """A key of the ConfigMap that keeps somebody out is not acted on.

    To ignore it could open what was closed (authentication, firewalls, snippets), so nothing is
    compiled until the operator says that this is acceptable.

    Fix: protect the routes by other means, then pass `--accept-ignored KEY`.
    """

    key: str
    support: str
    why: str
    instead: str
    summary = "ConfigMap key {key} ({support}) can't be ignored: it could protect something"
    label = "{why}"
    help = "{instead}; or protect the routes otherwise and pass --accept-ignored {key}"


@code("ING487", name="configmap-key-without-effect", severity=NOTE)
class ConfigMapKeyWithoutEffect(Entry):
    """A key of the ConfigMap can't change anything here, or works only with another key.

    Fix: remove it, or add the other key.
    """

    key: str
    why: str
    summary = "ConfigMap key {key} has no effect"
    label = "{why}"
    help = "remove {key}, or rely on that knowingly"


@code("ING488", name="annotation-forbidden", severity=ERROR)
class AnnotationForbidden(Entry):
    """The ConfigMap forbids an annotation: it is riskier than `annotations-risk-level` allows, or
    its value holds a word of `annotation-value-word-blocklist`.

    ingress-nginx drops such an Ingress as a whole. Here it is an error; with `--on-error isolate`
    the paths of the Ingress answer 503.

    Fix: remove the annotation, or change the key of the ConfigMap.
    """

    annotation: str
    why: str
    key: str
    summary = "the ConfigMap forbids annotation {annotation}"
    label = "{why}"
    help = "remove {annotation}, or change {key} in the ConfigMap"


@code("ING489", name="header-map-unusable", severity=ERROR)
class HeaderMapWrong(Entry):
    """A ConfigMap of headers has a name or a value that no header can have.

    `add-headers` and `proxy-set-headers` name such a ConfigMap: its keys are names of headers. A
    value may name variables that tell of the request, such as `$request_id`, and no others.

    Fix: correct the name or the value.
    """

    header: str
    why: str
    summary = 'header "{header}" can not be set'
    label = "{why}"
    help = "correct it; a header is like X-Name with a value like $request_id or some text"


@code("ING495", name="configmap-file-unusable", severity=ERROR)
class ConfigMapFileUnusable(Entry):
    """A key of the ConfigMap is for something that nginx reads from a file, and there is none.

    `ssl-dh-param` names a Secret (`namespace/name`) with DH parameters of at least 2048 bits under
    `dhparam.pem`; `ssl-session-ticket-key` holds 48 or 80 random bytes in base64. They are written
    beside nginx.conf with `-d DIR`; else `--tls-files PATTERN` says where they are, with
    `.dhparam.pem` added for the Secret, and `.tickets.key` for the ConfigMap.

    Fix: `kubectl create secret generic dh --from-file dhparam.pem`, or a new ticket key.
    """

    key: str
    why: str
    fix: str
    summary = "ConfigMap key {key} can't be used: {why}"
    label = "nginx needs a file for it"
    help = "{fix}"


@code("ING496", name="ocsp-without-resolver", severity=WARNING)
class StaplingWithoutResolver(Entry):
    """With `enable-ocsp` nginx asks the authorities of certificates, whose names it has to resolve.

    Without `--resolver` it does so once, when it starts: it goes on asking old addresses, and asks
    nobody whose name could not be resolved then. Clients are served in any case.

    Fix: pass `--resolver` with a DNS server.
    """

    summary = "enable-ocsp resolves the names of authorities only when nginx starts"
    label = "there is no resolver to ask later"
    help = "pass --resolver ADDRESS"


@code("ING490", name="configmap-annotated", severity=WARNING, strict=True)
class ConfigMapAnnotated(Entry):
    """The ConfigMap of global settings has an annotation that is meant for an Ingress.

    Annotations of a ConfigMap are not read, by ingress-nginx neither: settings for everybody are
    keys of its `data`, without the prefix.

    Fix: write the key under `data` where there is such a key, or annotate the Ingresses.
    """

    annotation: str
    key: str
    summary = "annotation {annotation} has no effect on a ConfigMap"
    label = "not read"
    help = "write {key} under data, or annotate the Ingresses"
