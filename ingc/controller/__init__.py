"""The controller: objects of a cluster in, a proved nginx that follows them out.

Of ingc it uses the public library alone, as the controller of somebody else would. `loop` joins the
parts; `client` is the only module that knows a client library.
"""
