"""Tests of the model of nginx."""
