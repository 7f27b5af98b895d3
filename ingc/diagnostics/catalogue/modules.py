"""ING49x: what nginx's modules beyond stock need."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, code
from ingc.diagnostics.model import Entry


@code("ING497", name="firewall-file-missing", severity=ERROR)
class FirewallFileMissing(Entry):
    """A firewall is requested with rules that no option names.

    ingress-nginx has the rules in its image; here the operator says where they are:
    `--modsecurity-rules` for ModSecurity's settings and rules, `--owasp-rules` for the core rule
    set. Without rules ModSecurity would let everything pass.

    Fix: pass the option.
    """

    what: str
    option: str
    summary = "{what} needs rules, and {option} does not say where they are"
    label = "there are no rules for it"
    help = "pass {option} FILE"


@code("ING498", name="firewall-id-taken", severity=ERROR)
class FirewallIdTaken(Entry):
    """A rule has the id of one that holds for everybody, and nginx would not start with both.

    Fix: give it another id from 1 to 99999.
    """

    id: int
    summary = "a rule of the ConfigMap's modsecurity-snippet has the id {id} already"
    label = "nginx would not start"
    help = "give the rule another id from 1 to 99999"


@code("ING499", name="module-without-use", severity=NOTE)
class ModuleWithoutUse(Entry):
    """The operator says that nginx has a module, and there is nothing that it makes possible.

    No annotation and no key of ingress-nginx needs njs, so that it is never loaded.

    Fix: leave it out.
    """

    module: str
    summary = "--with-module {module} changes nothing: nothing needs it"
    label = "is not loaded"
    help = "leave it out"
