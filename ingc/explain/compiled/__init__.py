"""The story of a request to a compiled input: the oracle's answer, and the objects behind it."""
