"""Limits files that ship with the package; every number names its source."""
