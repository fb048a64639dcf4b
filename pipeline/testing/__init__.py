"""What tests of pipelines and of release pollers need: a fake GitHub, with a pytest fixture."""
