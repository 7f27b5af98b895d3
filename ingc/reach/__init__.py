"""Why a request reaches nobody: from a rule's Service to the Pods behind it.

One pure function for each cause, in the order of `causes`; each reads the objects of the input and
returns a `Cause`, one sentence with its evidence, or nothing. It decides nothing of a
configuration: `explain` and ``check --reach`` use it.
"""
