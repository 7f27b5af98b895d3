"""What became of each Ingress."""
