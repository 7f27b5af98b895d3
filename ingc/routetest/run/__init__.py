"""Runs route tests: by the oracle, by the model, or against a server."""
