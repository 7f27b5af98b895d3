"""ING40x and ING41x: annotations of Ingresses."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING401", name="annotation-not-supported", severity=WARNING, strict=True)
class AnnotationNotSupported(Entry):
    """An annotation of ingress-nginx is known and not acted on; the routes work without it.

    `ingc annotations NAME` says why and what is nearest.

    Fix: check that the application does not depend on it.
    """

    annotation: str
    support: str
    why: str
    instead: str
    summary = "annotation {annotation} has no effect ({support})"
    label = "{why}"
    help = "{instead}"


@code("ING402", name="protection-not-supported", severity=ERROR)
class ProtectionNotSupported(Entry):
    """An annotation that keeps somebody out is not acted on.

    To ignore it could open what was closed (authentication, allow and deny lists, limits,
    snippets), so nothing is compiled until the operator says that this is acceptable.

    Fix: protect the route by other means, then pass `--accept-ignored NAME`.
    """

    annotation: str
    support: str
    why: str
    instead: str
    summary = "annotation {annotation} ({support}) can't be ignored: it could protect something"
    label = "{why}"
    help = "{instead}; or protect the route otherwise and pass --accept-ignored {annotation}"


@code("ING403", name="annotation-unknown", severity=WARNING, strict=True)
class AnnotationUnknown(Entry):
    """An annotation has the prefix of ours and a name that does not exist, mostly a misspelt one.

    ingress-nginx ignores it without a word. Some names are keys of the ConfigMap alone, which holds
    for everybody.

    Fix: correct the name, or remove the annotation.
    """

    annotation: str
    meant: str
    summary = "there is no annotation {annotation}"
    label = "has no effect"
    help = "{meant}"


@code("ING404", name="annotation-value-not-used", severity=WARNING, strict=True)
class AnnotationValueNotUsed(Entry):
    """An annotation has a value that it can't have, so what holds without it holds.

    ingress-nginx does the same, and says so only in its log.

    Fix: write a value of the form that the message names.
    """

    annotation: str
    value: str
    why: str
    words: str
    examples: tuple[str, ...]
    default: str
    summary = 'annotation {annotation} can not be "{value}"; {default}'
    label = "{why}"
    merges = False
    help = "it must be {words}; for example {examples}"


@code("ING405", name="annotation-value-wrong", severity=ERROR)
class AnnotationValueWrong(Entry):
    """An annotation has a value that it can't have, and its Ingress can't be served without it.

    In ingress-nginx such an Ingress is ignored as a whole, or its paths answer 503, or, worst, the
    annotation is dropped and what it protects lies open. Here it is an error; with `--on-error
    isolate` the paths of the Ingress answer 503.

    Fix: write a value of the form that the message names.
    """

    annotation: str
    value: str
    why: str
    words: str
    examples: tuple[str, ...]
    summary = 'annotation {annotation} can not be "{value}"'
    label = "{why}"
    merges = False
    help = "it must be {words}; for example {examples}"


@code("ING406", name="annotation-without-effect", severity=WARNING, strict=True)
class AnnotationWithoutEffect(Entry):
    """An annotation stands alone that works only together with another.

    Fix: add the other annotation, or remove this one.
    """

    annotation: str
    needs: str
    summary = "annotation {annotation} has no effect without {needs}"
    label = "has no effect"
    help = "add {needs}, or remove {annotation}"


@code("ING407", name="annotation-empty", severity=WARNING)
class AnnotationEmpty(Entry):
    """An annotation is there and empty, which counts as if it were absent.

    Fix: give it a value, or remove it.
    """

    annotation: str
    summary = "annotation {annotation} is empty"
    label = "counts as absent"
    help = "give it a value, or remove it"


@code("ING408", name="annotation-given-twice", severity=WARNING, strict=True)
class AnnotationGivenTwice(Entry):
    """An annotation is given under two of its names; only the newer name counts.

    Fix: remove the older one.
    """

    annotation: str
    alias: str
    summary = "annotation {alias} is an older name of {annotation}, which is given too"
    label = "has no effect"
    help = "remove {alias}"


@code("ING409", name="annotation-needs-newer-nginx", severity=ERROR)
class AnnotationNeedsNewerNginx(Entry):
    """An annotation asks for something that the nginx that is compiled for can't do.

    Fix: compile for a newer nginx with `--nginx-version`, or remove the annotation.
    """

    annotation: str
    needed: str
    target: str
    summary = "annotation {annotation} needs nginx {needed}; compiled for is {target}"
    label = "not in nginx {target}"
    help = "pass --nginx-version {needed} and run such an nginx, or remove the annotation"


@code("ING410", name="foreign-protection-unread", severity=WARNING, strict=True)
class ForeignProtectionUnread(Entry):
    """An annotation of another controller would keep somebody out, and it is not read.

    Its prefix is that of F5's controller, HAProxy's, Traefik's, Kong's, the AWS load balancer
    controller's or that of another kind of object with rules, or the one that ingress-nginx had
    before 2017, which it does not read either. On an object of such a kind it is any other's, or
    ingress-nginx's.

    Example: `nginx.org/basic-auth-secret` asks for no password here.

    Fix: protect the route with the annotations of ingress-nginx, and remove this one if no other
    controller reads it.
    """

    annotation: str
    owner: str
    fix: str
    summary = "annotation {annotation} protects nothing here"
    label = "read by {owner} alone"
    help = "{fix}"


@code("ING411", name="host-setting-conflict", severity=WARNING, strict=True)
class HostSettingConflict(Entry):
    """Two Ingresses of a host give an annotation that holds for the whole host different values.

    The first Ingress in order decides: the older one, then by namespace and name.

    Fix: give both the same value, or remove one of them.
    """

    annotation: str
    host: str
    winner: str
    summary = "{annotation} holds for all of {host}, and {winner} sets it differently"
    label = "is not used"
    help = "give both the same value, or remove one"


@code("ING413", name="foreign-annotations-unread", severity=NOTE)
class ForeignAnnotationsUnread(Entry):
    """An Ingress has annotations of another controller, which are not read.

    Fix: nothing, if another controller serves the Ingress too; else say the same with the
    annotations of ingress-nginx, which `ingc annotations` lists.
    """

    owner: str
    annotations: tuple[str, ...]
    summary = "annotations of {owner} are not read: {annotations}"
    label = "has no effect"
    help = "say the same with annotations of ingress-nginx, unless another controller reads them"


@code("ING415", name="regex-host-by-annotation", severity=NOTE, strict=True)
class RegexHostByAnnotation(Entry):
    """An annotation makes regexes of every path of a host, those of other Ingresses too.

    `use-regex`, and a `rewrite-target` that is not the path itself, switch the whole host: as in
    ingress-nginx its paths become caseless regexes that are anchored at the start only, but for
    those of other namespaces. The path that the finding is at takes other requests then than its
    `pathType` says.

    Fix: put the Ingress that needs regexes on a host of its own.
    """

    host: str
    by: str
    quirks: tuple[str, ...]
    requests: tuple[str, ...]
    summary = "on {host} {by} makes this path a regex, so it also takes {requests}"
    label = "{quirks}"
    help = "move the Ingress with the annotation to a host of its own, or rely on it knowingly"


@code("ING420", name="rewrite-swallows-paths", severity=WARNING)
class RewriteSwallowsPaths(Entry):
    """A `rewrite-target` without `$1` sends everything below a path to one and the same path.

    `rewrite-target` replaces the whole path. So with `/` in it `/app/style.css` is asked for as
    `/`, and a page gets itself for each of its styles and pictures.

    Fix: let a group of the path match what is below it, and name that group in the target; what is
    meant for one path alone needs `$` at its end.
    """

    target: str
    paths: tuple[str, ...]
    fix: str
    summary = "rewrite-target asks for {target} whatever is below {paths}"
    label = "what is below it is lost"
    help = "{fix}"


@code("ING419", name="regex-host-takes-less", severity=NOTE, strict=True)
class RegexHostTakesLess(Entry):
    """A path that an annotation made a regex no longer takes requests that it took.

    Paths of a host whose paths are regexes are not decoded: `%20` in one is three characters,
    while nginx matches the decoded path. And a slash at the end of one must be in the request.

    Fix: put the Ingress that needs regexes on a host of its own, or write the path as a regex.
    """

    host: str
    by: str
    request: str
    write: str
    summary = "on {host} {by} makes this path a regex, so it does not take {request}"
    label = "{request} goes elsewhere"
    help = "write {write}, or move the Ingress with the annotation to a host of its own"


@code("ING416", name="rewrite-group-missing", severity=WARNING, strict=True)
class RewriteGroupMissing(Entry):
    """A `rewrite-target` refers to a group that a path of the Ingress does not have.

    nginx puts nothing in its place.

    Fix: add the group to the path, such as `/app(/|$)(.*)` for `$2`.
    """

    group: str
    path: str
    summary = "rewrite-target refers to ${group}, which path {path} does not have"
    label = "${group} is always empty for {path}"
    help = "add the group to the path, or remove ${group}"


@code("ING417", name="redirect-target-unusable", severity=ERROR)
class RedirectTargetUnusable(Entry):
    """A redirect has a target that would be no redirect.

    ingress-nginx skips it without a word and passes the requests on to the backend.

    Fix: write a whole URL, such as https://example.com/new.
    """

    annotation: str
    value: str
    summary = 'annotation {annotation} can not redirect to "{value}"'
    label = "a whole URL with http:// or https:// is needed"
    help = "write it like https://example.com/new"


@code("ING418", name="host-name-taken", severity=WARNING, strict=True)
class HostNameTaken(Entry):
    """A name that an annotation wants for a host belongs to another one already.

    A rule's host beats an alias and the twin of `from-to-www-redirect`. Of two Ingresses that want
    a name the older has it; of one Ingress an alias beats a twin.

    Fix: remove the name from the annotation, or the annotation.
    """

    annotation: str
    alias: str
    owner: str
    fix: str
    summary = "{annotation} can not have {alias}: {owner} has it"
    label = "{alias} is not served here"
    help = "remove {fix}"


@code("ING422", name="annotation-works-otherwise", severity=NOTE)
class AnnotationWorksOtherwise(Entry):
    """An annotation is acted on, but not quite as in ingress-nginx: stock nginx can't.

    `ingc annotations NAME` says the same.

    Fix: nothing, where the difference does not matter.
    """

    annotation: str
    difference: str
    summary = "{annotation} {difference}"
    label = "works otherwise than in ingress-nginx"
    help = "check that the difference does not matter"
