"""What stands around the servers: main, events, http, and what every location inherits."""
