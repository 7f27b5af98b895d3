"""The features of routes, hosts and upstreams: a module for each column."""
