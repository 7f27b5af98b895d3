"""One planner for each feature of a route: a feature → pieces of configuration."""
