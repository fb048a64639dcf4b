"""The manifests of the documentation: valid, consistent, and with options that the servers have."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from workshop import REPOSITORY

FILE = REPOSITORY / "docs/howto/kubernetes.yaml"
OBJECTS = list(yaml.safe_load_all(FILE.read_text(encoding="utf-8")))
VERSION = "1.37"


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == kind}


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, deployment in of("Deployment").items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        yield name, container


@pytest.mark.parametrize(
    "made", OBJECTS, ids=lambda made: f"{made['kind']}-{made['metadata']['name']}"
)
def test_each_object_is_one_of_kubernetes(made: dict[str, Any]) -> None:
    kubernetes_validate.validate(made, VERSION, strict=True)
    assert made["kind"] == "Namespace" or made["metadata"]["namespace"] == "doit-wasm"


def test_a_wrong_field_is_found() -> None:
    made = yaml.safe_load(FILE.read_text(encoding="utf-8").split("---")[3])
    made["spec"]["replica"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(made, VERSION, strict=True)


def test_services_lead_to_ports_that_are_open() -> None:
    for name, service in of("Service").items():
        deployment = of("Deployment")[name]["spec"]
        labels = deployment["template"]["metadata"]["labels"]
        assert service["spec"]["selector"] == labels == deployment["selector"]["matchLabels"]
        container = dict(containers())[name]
        opened = {one["name"]: one["containerPort"] for one in container["ports"]}
        served = {one["name"]: one["port"] for one in service["spec"]["ports"]}
        assert served == opened
        words = " ".join(container.get("args", []) + container.get("command", []))
        assert all(str(port) in words for port in opened.values() if port != 8787)  # Dask's own


def test_what_a_pod_names_is_there() -> None:
    for name, container in containers():
        pod = of("Deployment")[name]["spec"]["template"]["spec"]
        volumes = {one["name"]: one for one in pod.get("volumes", [])}
        assert {one["name"] for one in container.get("volumeMounts", [])} == set(volumes)
        claims = [
            one["persistentVolumeClaim"]["claimName"]
            for one in volumes.values()
            if "persistentVolumeClaim" in one
        ]
        assert set(claims) <= set(of("PersistentVolumeClaim"))
        text = str(container)
        hosts = re.findall(r"(?:http|tcp)://([a-z]+):(\d+)", text)
        for host, port in hosts:
            assert int(port) in [one["port"] for one in of("Service")[host]["spec"]["ports"]]


def test_the_cache_has_these_options(program: Callable[[str], str]) -> None:
    words = [program("bazel-remote"), "--help"]
    shown = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    cache = dict(containers())["cache"]
    options = {word.partition("=")[0] for word in cache["args"]}
    assert options <= set(re.findall(r"(--[a-z0-9_.]+)", shown))
    assert {"--max_size", "--s3.bucket"} <= options
    compose = (REPOSITORY / "docs/howto/compose.yaml").read_text(encoding="utf-8")
    assert cache["image"] in compose


@pytest.mark.parametrize("name", ["scheduler", "worker"])
def test_dask_has_these_options(name: str) -> None:
    command = dict(containers())[name]["command"]
    assert command[:2] == ["dask", name]
    help_ = [sys.executable, "-m", "dask", name, "--help"]
    shown = subprocess.run(help_, check=True, stdout=subprocess.PIPE, text=True).stdout
    options = {word for word in command if word.startswith("--")}
    assert options <= set(re.findall(r"(--[a-z-]+)", shown))
