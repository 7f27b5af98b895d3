"""Names and passwords."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ingc.diagnostics.catalogue.annotations_access import (
    AuthSecretUnusable,
    AuthSecretWithoutType,
    AuthTypeNeedsModule,
)
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import OBJECT, one_of
from ingc.frontend.declarations.namespaces import how_to_read, may_read
from ingc.frontend.wishes import Ask, BasicAuthWish

OPEN_PATHS = ("/.well-known/acme-challenge",)
"""Paths that begin so are open, unless the ConfigMap's ``no-auth-locations`` sets others."""


def _realm(tokens: tuple[str, ...]) -> str:
    # nginx would request no password at all.
    if tokens[0].lower() == "off":
        raise BadValue('nginx takes the realm "off" for no password at all')
    return tokens[0]


REALM = Grammar(
    name="realm",
    rule="realm",
    words='text of letters, digits, spaces and -._~/:, other than "off"',
    examples=("Staff only", "shop.example.com"),
    wrong=("", "off", 'a"b', "a;b", "$host"),
    make=_realm,
    write=str,
)
AUTH_TYPE = Annotation(
    "auth-type",
    "Ask for a name and a password.",
    one_of("basic", "digest"),
    rejects=True,
    see="auth_basic",
)
AUTH_SECRET = Annotation(
    "auth-secret",
    "The Secret with the names and passwords, of the Ingress's own namespace.",
    OBJECT,
    risk=Risk.MEDIUM,
    rejects=True,
    see="auth_basic_user_file",
)
AUTH_SECRET_TYPE = Annotation(
    "auth-secret-type",
    "What auth-secret holds: auth-file, a user file under auth; auth-map, a key for each user.",
    one_of("auth-file", "auth-map"),
    default="auth-file",
    rejects=True,
    needs="auth-type",
    see="auth_basic_user_file",
)
AUTH_REALM = Annotation(
    "auth-realm",
    "What the password is for, as clients display it.",
    REALM,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="auth-type",
    see="auth_basic",
)


def build(values: Values) -> Iterator[Ask]:
    """Request passwords; what would leave the paths open is an error."""
    kind, secret = values.get(AUTH_TYPE), values.own(AUTH_SECRET)
    if kind is None:
        if secret is not None and AUTH_TYPE.name not in values.wrong:
            values.report(AuthSecretWithoutType(secret=str(secret)), AUTH_SECRET)
        return
    if kind == "digest":
        values.report(AuthTypeNeedsModule(), AUTH_TYPE)
        return
    if secret is None:
        if AUTH_SECRET.name not in values.wrong:
            why, fix = "there is no annotation auth-secret", "name a Secret in auth-secret"
            values.report(AuthSecretUnusable(why=why, fix=fix), AUTH_TYPE)
        return
    if not may_read(secret.namespace, values.namespace, values.defaults):
        why = f"Secret {secret} is in another namespace than the Ingress"
        fix = how_to_read(values.namespace, secret.name)
        values.report(AuthSecretUnusable(why=why, fix=fix), AUTH_SECRET)
        return
    layout = values.get(AUTH_SECRET_TYPE) or "auth-file"
    yield BasicAuthWish(
        secret.namespace or values.namespace,
        secret.name,
        "auth-map" if layout == "auth-map" else "auth-file",
        values.get(AUTH_REALM) or "",
        tuple(cast("tuple[str, ...]", values.defaults.get("no-auth-locations", OPEN_PATHS))),
        values.place(AUTH_SECRET),
    )


FAMILY = Family("Passwords", (AUTH_TYPE, AUTH_SECRET, AUTH_SECRET_TYPE, AUTH_REALM), build)
