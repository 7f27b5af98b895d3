"""One reader for each feature that no request shows: what is in effect → the feature's value.

A reader goes the other way than the planner of its column, and knows nothing of it. It comes in two
functions: ``read_…`` returns a feature as nginx was given it, and ``seen_…`` what of the one that
the IR asks for can be seen there: a field that acts on nothing is left at a value that says so.
"""
