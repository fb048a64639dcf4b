"""The remote cache: results that machines share through a server of Bazel's cache protocol."""
