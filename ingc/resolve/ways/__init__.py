"""The ways from nginx to a Pod: for each backend mode, which addresses lead there."""
