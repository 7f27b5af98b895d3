"""The machine that reads annotations and ConfigMap keys by their declarations.

`declare` defines a declaration, `grammar` and `grammars` what values may be; `reading` reads
texts and reports what is wrong with them, in the `words` of annotations or of keys.
"""
