"""The one machine that reads settings: declarations, grammars, values."""
