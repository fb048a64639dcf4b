"""Runs the composed updater with exactly the rights that its command needs."""
