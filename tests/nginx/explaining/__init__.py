"""Generated sites and clients, to hold what is explained against what nginx does."""
