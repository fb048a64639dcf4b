"""Pins for another version, and what others say of a pinned file."""
