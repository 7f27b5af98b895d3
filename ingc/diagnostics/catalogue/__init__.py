"""Every kind of diagnostic: one class each, a module an area.

A stage imports its area's module. `index` knows all codes and loads all areas: only what looks
codes up imports it. Codes are never renumbered and never used again for something else.
"""
