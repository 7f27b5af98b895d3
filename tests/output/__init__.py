"""The folder that a result is written into."""
