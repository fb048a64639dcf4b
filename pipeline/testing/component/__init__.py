"""Tests of components: a pytest plugin that runs them in this process, with Python values.

plugin ─> factory ─> instance ─> (exports, imports, host) ─> abi ─> values ─> types
"""
