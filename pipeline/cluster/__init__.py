"""Runs steps on the workers of a Dask cluster; files travel through the remote cache."""
