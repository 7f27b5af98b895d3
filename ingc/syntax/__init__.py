"""What several stages must agree on: request targets, host names, regexes, nginx tokens.

Part of the foundation: pure functions over text and bytes; imports no stage.
"""
