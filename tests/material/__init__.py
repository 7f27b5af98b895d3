"""Odd certificates, keys and revocation lists, made by themselves: see `cases`."""
