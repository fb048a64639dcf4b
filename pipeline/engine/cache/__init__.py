"""The action cache: what each key made."""
