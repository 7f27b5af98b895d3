"""Passwords: from Secrets of the Ingress's own namespace alone."""

from __future__ import annotations

from ingc.diagnostics.catalogue.annotations_access import (
    AuthSecretUnusable,
    PasswordUnusable,
)
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import BasicAuthWish
from ingc.ir.features.basic_auth import BasicAuth
from ingc.resolve.features.client_certs import FOLDER, from_pattern
from ingc.resolve.features.context import Granting
from ingc.resolve.passwords import FILE_KEY, read_users


def grant_basic_auth(
    wish: BasicAuthWish, intent: IntentRoute, granting: Granting
) -> BasicAuth | tuple[()] | None:
    """Write the users into a file, or name the operator's; a path that is exempt has none."""
    if wish.exempts(intent.path):
        return ()
    secret = granting.store.find_secret(wish.namespace, wish.secret, granting.sink, wish.origin)
    if secret is not None and secret.broken:
        return None
    pattern = from_pattern(granting.options, wish.namespace, wish.secret)
    if secret is None and pattern is not None:
        return BasicAuth(wish.realm, pattern + ".htpasswd")
    why, fix, file = "", "", None
    if secret is None:
        absent = granting.store.no_secret(wish.namespace, wish.secret)
        why = f"Secret {wish.namespace}/{wish.secret} {absent.why}"
        fix = f"{absent.add}, or say where the files are with --auth-files"
    elif not secret.data or (wish.layout == "auth-file" and FILE_KEY not in secret.data):
        missing = f"key {FILE_KEY}" if wish.layout == "auth-file" else "keys"
        why = f"Secret {wish.namespace}/{wish.secret} has no {missing}"
        fix = "create it with kubectl create secret generic NAME --from-file auth"
    else:
        users = read_users(wish.layout, secret.data)
        for item in users.unusable:
            name = f"{secret.namespace}/{secret.name}"
            entry = PasswordUnusable(where=item.where, secret=name, why=item.why)
            granting.sink.report(entry, secret.place_of(item.key))
        place = (FOLDER, wish.namespace, wish.secret, "htpasswd")
        file = granting.files.add(*place, users.content, workers=True)
        if file is None and pattern is not None:
            file = pattern + ".htpasswd"
        if not users.content:
            why = f"Secret {wish.namespace}/{wish.secret} has no usable user"
            fix = "create users with htpasswd"
        elif file is None:
            why = f"Secret {wish.namespace}/{wish.secret} is written only to a folder"
            fix = "write to a folder with -d DIR, or say where the files are with --auth-files"
    if why or file is None:
        granting.sink.report(AuthSecretUnusable(why=why, fix=fix), wish.origin)
        return None
    return BasicAuth(wish.realm, file)
