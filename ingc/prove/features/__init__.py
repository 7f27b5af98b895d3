"""What the proof knows of each feature; its card says which of these functions it has.

``check_…`` yields what a request has to pass, ``forward_…`` and ``answer_…`` the headers that the
backend and the client get, with their values. ``admit_…`` returns a request that the feature lets
in, and ``vary_…`` yields requests that it tells apart.

Where no request shows a feature, a reader goes from what is in effect back to the feature's value,
the other way than the planner of its column, and knows nothing of it. It comes in two functions:
``read_…`` returns a feature as nginx was given it, and ``seen_…`` what of the one that the IR asks
for can be seen there: a field that acts on nothing is left at a value that says so.
"""
