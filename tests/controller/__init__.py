"""The controller, part by part."""
