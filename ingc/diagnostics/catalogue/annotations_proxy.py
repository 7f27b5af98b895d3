"""ING429 to ING434: annotations that say how requests are passed on."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING429", name="too-much-memory", severity=ERROR)
class TooMuchMemory(Entry):
    """One request would take more memory than an Ingress may ask for.

    nginx fills the proxy buffers for each client that reads more slowly than the backend answers,
    and the buffer of a body for each client that sends one, so without a limit an Ingress could
    take the memory of everybody. Either may hold 16 MB, or as much as `--configmap` gives to
    everybody, up to 1 GB.

    Fix: lower `proxy-buffers-number` and `proxy-buffer-size`, or `client-body-buffer-size`; what
    they can't hold goes to a file.
    """

    what: str
    total: str
    most: str
    summary = "{what} take {total} of memory for each request"
    label = "an Ingress may ask for {most}"
    help = "lower it; what does not fit into memory goes to a file"


@code("ING430", name="proxy-busy-buffers-too-large", severity=ERROR)
class ProxyBusyBuffersTooLarge(Entry):
    """More of the proxy buffers may be busy with sending than there are, less one.

    nginx keeps one buffer free to read into: of N buffers, N - 1 may be busy. Without
    `proxy-busy-buffers-size` two are, so there have to be three. nginx refuses the whole
    configuration otherwise, that of all other Ingresses too, whether buffering is on or off.

    Fix: raise `proxy-buffers-number`, or lower `proxy-busy-buffers-size`.
    """

    busy: str
    number: int
    size: str
    most: str
    least: int
    summary = "{busy} of busy buffers do not fit into {number} proxy buffers of {size}"
    label = "nginx keeps one buffer free, which leaves {most}"
    help = (
        'write proxy-buffers-number: "{least}" or more, or proxy-busy-buffers-size: {most} or less'
    )


@code("ING431", name="proxy-busy-buffers-too-small", severity=ERROR)
class ProxyBusyBuffersTooSmall(Entry):
    """Not even one proxy buffer may be busy with sending.

    nginx refuses the whole configuration then, that of all other Ingresses too.

    Fix: set `proxy-busy-buffers-size` to at least `proxy-buffer-size`, or remove it.
    """

    busy: str
    size: str
    summary = "{busy} of busy buffers is less than one proxy buffer of {size}"
    label = "must hold at least one buffer"
    help = "write proxy-busy-buffers-size: {size} or more, or remove it"


@code("ING432", name="proxy-temp-file-too-small", severity=ERROR)
class ProxyTempFileTooSmall(Entry):
    """A temporary file would be too small for one proxy buffer.

    nginx refuses the whole configuration then, that of all other Ingresses too.

    Fix: write `0`, which forbids temporary files, or at least `proxy-buffer-size`.
    """

    file: str
    size: str
    summary = "a temporary file of {file} is smaller than a proxy buffer of {size}"
    label = "must hold at least one buffer"
    help = 'write proxy-max-temp-file-size: {size} or more, or "0" for no file'


@code("ING433", name="proxy-redirect-default-idle", severity=NOTE)
class ProxyRedirectDefaultIdle(Entry):
    """The value `default` of `proxy-redirect-from` changes no redirect of the backend.

    nginx's `default` replaces the URL of `proxy_pass`. That is the name of an upstream, which no
    backend has heard of: it is told the client's Host. In ingress-nginx it does nothing either.

    Fix: write how the backend's redirects begin, and in `proxy-redirect-to` what they should
    begin with; or remove the annotation.
    """

    annotation: str
    summary = 'annotation {annotation} "default" changes nothing'
    label = "stands for the upstream's name, which no backend knows"
    help = "write how the Location begins, such as http://, and proxy-redirect-to: https://"


@code("ING434", name="connection-header-in-http2", severity=WARNING, strict=True)
class ConnectionHeaderInHttp2(Entry):
    """HTTP/2 has no Connection header, and backends refuse requests that have one.

    So `connection-proxy-header` is left out where `proxy-http-version` is 2.

    Fix: remove one of the two annotations.
    """

    annotation: str
    summary = "annotation {annotation} has no effect with proxy-http-version 2"
    label = "there is no such header in HTTP/2"
    help = 'remove it, or write proxy-http-version: "1.1"'
