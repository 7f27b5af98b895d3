"""Regexes of users, as PCRE2 reads them: their tree, their cost, texts that match."""
