"""The cells of feature x floor, and what they look at: inputs with and without it, the source."""
