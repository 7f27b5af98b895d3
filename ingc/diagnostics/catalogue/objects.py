"""ING1xx: Kubernetes objects as such: kinds, versions, names, fields, classes."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING101", name="field-missing", severity=ERROR)
class FieldMissing(Entry):
    """A field that the API requires is missing or empty.

    Example: an Ingress path without `backend`, a Service port without `port`.

    Fix: add the field. `kubectl explain ingress.spec` lists what is required.
    """

    field_name: str
    summary = "{field_name} is missing"
    label = "{field_name} belongs here"
    help = "add {field_name}; the API server refuses the object without it"


@code("ING102", name="field-wrong-type", severity=ERROR)
class FieldWrongType(Entry):
    """A field has a value of another type than the API gives it.

    Example: an annotation `ssl-redirect: true`. Annotations are strings, so the API server wants
    `"true"`, in quotes; YAML reads the bare word as a bool.

    Fix: write a value of the type that the message names.
    """

    field_name: str
    wanted: str
    found: str
    fix: str
    summary = "{field_name} must be {wanted}, not {found}"
    label = "this is {found}"
    help = "{fix}"


@code("ING103", name="name-invalid", severity=ERROR)
class NameInvalid(Entry):
    """A name of an object, a namespace or a reference is not what Kubernetes allows.

    Names are lower-case letters, digits and `-` (objects other than Services may have dots),
    and begin and end with a letter or digit.

    Fix: write the name as `kubectl get` shows it.
    """

    field_name: str
    value: str
    rule: str
    summary = '{field_name} "{value}" is not a valid name'
    label = "must be {rule}"
    help = "write the name as kubectl get shows it"


@code("ING104", name="object-repeated", severity=ERROR)
class ObjectRepeated(Entry):
    """Two documents describe the same object (kind, namespace and name) in different ways.

    Only one of them can be what the cluster holds. Equal copies count once, without a word.

    Fix: remove one. With `--on-error isolate` the later in the input is dropped.
    """

    ref: str
    summary = "{ref} is defined twice, with different content"
    label = "this one differs"
    help = "remove one of the two, or give one another name or namespace"


@code("ING105", name="api-version-old", severity=NOTE)
class ApiVersionOld(Entry):
    """The Ingress is written for an API version that Kubernetes 1.22 removed.

    It is read as `networking.k8s.io/v1`: `serviceName` and `servicePort` become
    `service.name` and `service.port`, and a missing pathType becomes ImplementationSpecific.

    Fix: write it for `networking.k8s.io/v1`, which every supported cluster wants.
    """

    api_version: str
    summary = "{api_version} Ingress was converted to networking.k8s.io/v1"
    label = "removed in Kubernetes 1.22"
    help = "rewrite it for networking.k8s.io/v1; a cluster refuses this version"


@code("ING106", name="api-version-unknown", severity=ERROR)
class ApiVersionUnknown(Entry):
    """The object has a kind that is read here, in an API version that is not.

    Example: `apiVersion: networking.k8s.io/v2`, or `apiVersion: v1` at an Ingress.

    Fix: write the version that the message names.
    """

    object_kind: str
    api_version: str
    wanted: str
    summary = '{object_kind} of apiVersion "{api_version}" is not known'
    label = "not a version of {object_kind}"
    help = "write apiVersion: {wanted}"


@code("ING107", name="kinds-passed-over", severity=NOTE)
class KindsPassedOver(Entry):
    """The input holds objects of kinds that play no part in a configuration.

    They are counted and passed over.

    Fix: nothing, unless the list shows a kind that is misspelt, such as `Ingres`.
    """

    kinds: tuple[str, ...]
    summary = "passed over objects of other kinds: {kinds}"


@code("ING108", name="kind-missing", severity=ERROR)
class KindMissing(Entry):
    """A document has no `kind` or no `apiVersion`, so it is no Kubernetes object.

    Example: a Helm values file, a Kustomize patch, or a stray `---` inside an object.

    Fix: add `apiVersion` and `kind`, or leave the file out of the input.
    """

    missing: str
    summary = "the document has no {missing}"
    label = "not a Kubernetes object"
    help = "add {missing}, or leave this file out of the input"


@code("ING120", name="ingress-empty", severity=ERROR)
class IngressEmpty(Entry):
    """An Ingress has neither rules nor a default backend; the API server refuses it.

    Fix: add `spec.rules` or `spec.defaultBackend`.
    """

    summary = "the Ingress has neither rules nor a defaultBackend"
    label = "nothing to route"
    help = "add spec.rules or spec.defaultBackend"


@code("ING121", name="paths-empty", severity=ERROR)
class PathsEmpty(Entry):
    """A rule's `http` has no paths; the API server refuses it.

    Fix: add a path, or leave `http` out to send the whole host to the default backend.
    """

    summary = "the rule has an http section without paths"
    label = "paths must not be empty"
    help = "add a path, or remove http to use the default backend for the host"


@code("ING122", name="class-named-twice", severity=ERROR)
class ClassNamedTwice(Entry):
    """The class field and the old class annotation name different classes.

    The API server refuses to create such an Ingress.

    Fix: keep `spec.ingressClassName` and remove the annotation.
    """

    field_class: str
    annotation_class: str
    summary = 'ingressClassName is "{field_class}", the annotation says "{annotation_class}"'
    label = "differs from spec.ingressClassName"
    help = "remove the annotation kubernetes.io/ingress.class"


@code("ING130", name="class-passed-over", severity=NOTE)
class ClassPassedOver(Entry):
    """Some Ingresses belong to a class that is not compiled here.

    The rules are those of ingress-nginx. The annotation `kubernetes.io/ingress.class` has to be a
    name of `--ingress-class`, `nginx` without it. The field `ingressClassName` names an
    IngressClass: where that is in the input, its controller has to be that of
    `--controller-class`, or `--ingress-class-by-name` names it; where it is not, the name counts.
    Without both an Ingress is taken with `--watch-ingress-without-class`, or where the input has no
    IngressClass and `--ingress-class` is not given.

    Fix: if they are meant to be served, name their class with `--ingress-class`, or the controller
    of their IngressClass with `--controller-class`.
    """

    count: int
    classes: tuple[str, ...]
    summary = "passed over Ingresses of other classes ({count}): {classes}"
    help = "to take them too, pass --ingress-class NAME (and --controller-class), or '*' for all"


@code("ING131", name="nothing-selected", severity=NOTE)
class NothingSelected(Entry):
    """No Ingress of the input was taken, so every request is answered with 404.

    The command line makes an error of it: an empty result is hardly meant there, and would replace
    a configuration that serves. `ingc serve` goes on with a note.

    Fix: check the input, or name the class of your Ingresses with `--ingress-class`. Where nothing
    but 404 is what you want, pass `--allow-empty`.
    """

    found: str
    fix: str
    summary = "no Ingress to compile: {found}"
    help = "{fix}; --allow-empty accepts a configuration that answers 404"


@code("ING132", name="class-unknown", severity=WARNING)
class ClassUnknown(Entry):
    """An IngressClass has a field that can't be read, so its Ingresses are judged by name.

    Fix: give it `spec.controller`.
    """

    class_name: str
    summary = 'IngressClass "{class_name}" has no controller'
    label = "no spec.controller"
    help = "add spec.controller, such as k8s.io/ingress-nginx"


@code("ING133", name="ingresses-left-out", severity=NOTE)
class IngressesLeftOut(Entry):
    """An option leaves Ingresses out, whatever their class is.

    `--watch-namespace` takes one namespace alone, `--watch-namespace-selector` those whose labels
    match, and `--disable-catch-all` no Ingress with a default backend.

    Fix: nothing, unless they are meant to be served; then leave the option out.
    """

    count: int
    reasons: tuple[str, ...]
    summary = "left out Ingresses ({count}) by {reasons}"


@code("ING144", name="namespaces-unknown", severity=WARNING, strict=True)
class NamespacesUnknown(Entry):
    """The option `--watch-namespace-selector` asks for labels of namespaces not in the input.

    What labels those have is not known, so their Ingresses are left out: the selector may be what
    keeps them from being served.

    Fix: add the Namespace objects to the input: `kubectl get namespaces -o yaml`.
    """

    namespaces: tuple[str, ...]
    summary = "left out the Ingresses of namespaces with unknown labels: {namespaces}"
    help = "add these Namespaces to the input: kubectl get namespaces -o yaml"
