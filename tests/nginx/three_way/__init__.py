"""The oracle, the model and real nginx on generated clusters: many requests to one nginx."""
