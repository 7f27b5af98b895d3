"""Access logs: which rule took each request."""
