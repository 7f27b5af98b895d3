"""What the proof knows of each feature; its card lists which of these functions it has.

``check_…`` yields what a request has to pass, ``forward_…`` and ``answer_…`` the headers that the
backend and the client get, with their values. ``admit_…`` returns a request that the feature lets
in, and ``vary_…`` yields requests that it treats differently.

Where no request depends on a feature, a reader goes from what is in effect back to its value, the
other way than the planner of its column, and knows nothing of it. It comes in two functions:
``read_…`` returns a feature as nginx was given it, and ``seen_…`` what of the one that the IR has
can be seen there: a field that acts on nothing is left at a value that means so.
"""
