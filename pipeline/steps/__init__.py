"""Small programs that steps run: `python -m pipeline.steps.NAME`."""
