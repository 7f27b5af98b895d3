"""What came of route tests: text, JSON, JUnit, coverage."""
