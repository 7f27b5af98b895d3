"""The story of a request to an nginx.conf: nginx's rules over what crossplane has read."""
