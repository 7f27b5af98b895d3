"""Readers: from the directives in effect at a place back to the values of its features.

A reader goes the other way than the planner, and knows nothing of it. It returns the fields that
it can read, by their names; ``None`` where the text has nothing of the feature.
"""
