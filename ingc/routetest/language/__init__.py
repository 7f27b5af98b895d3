"""The language of route tests: from lines to tests, and back to text."""
