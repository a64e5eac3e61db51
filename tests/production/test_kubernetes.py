"""The pool's template makes jobs that Kubernetes' schema accepts, and Prefect accepts the template."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from prefect.server.schemas.actions import WorkPoolCreate
from prefect.utilities.templating import apply_values, find_placeholders
from prefect.workers.base import BaseJobConfiguration

FOLDER = Path(__file__).parents[2] / "examples/production/kubernetes"
TEMPLATE: dict[str, Any] = json.loads((FOLDER / "gpu-pool.json").read_text())
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((FOLDER / "homes-and-secret.yaml").read_text()))
EXECUTE = ["prefect", "flow-run", "execute"]  # what Prefect's worker fills in where no command is given


def job(**given: object) -> dict[str, Any]:
    """The manifest as the worker makes it: defaults, what a deployment says, then its own command and environment."""
    jsonschema.validate(given, TEMPLATE["variables"])
    values = BaseJobConfiguration._get_base_config_defaults(TEMPLATE["variables"]["properties"]) | given
    made: dict[str, Any] = apply_values(TEMPLATE["job_configuration"], values)["job_manifest"]
    container = made["spec"]["template"]["spec"]["containers"][0]
    container["args"] = str(container.get("args", "")).split() or EXECUTE
    container["env"] = [{"name": name, "value": value} for name, value in container["env"].items()]
    assert not find_placeholders(json.dumps(made))
    return made


def valid(manifest: dict[str, Any]) -> None:
    schemas = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    schemas.validate(manifest, schemas.latest_version(), strict=True)


def pod(**given: object) -> dict[str, Any]:
    spec: dict[str, Any] = job(**given)["spec"]["template"]["spec"]
    return spec


GIVEN: list[dict[str, object]] = [
    {},
    {"gpus": 8, "memory": "512Gi", "env": {"CUDA_LAUNCH_BLOCKING": "1"}, "labels": {"team": "reasoning"}},
    {"host_users": False, "proc_mount": "Unmasked", "seccomp": "Unconfined", "gpus": 0},
    {"command": "prefect flow-run execute", "image": "elsewhere/edgework@sha256:" + "0" * 64},
]


@pytest.mark.parametrize("given", GIVEN)
def test_the_job_is_one_by_kubernetes_schema(given: dict[str, object]) -> None:
    valid(job(**given))


def test_the_schema_would_say_so_if_it_were_not() -> None:
    broken = job()
    broken["spec"]["template"]["spec"]["completions"] = 1
    with pytest.raises(Exception, match="completions"):
        valid(broken)


@pytest.mark.parametrize("manifest", OBJECTS, ids=lambda manifest: manifest["kind"])
def test_the_volume_s_claim_and_the_secret_are_ones(manifest: dict[str, Any]) -> None:
    valid(manifest)


def test_the_job_names_the_claim_and_the_secret_that_the_example_makes() -> None:
    named = {manifest["kind"]: manifest for manifest in OBJECTS}
    assert job()["metadata"]["namespace"] == named["Namespace"]["metadata"]["name"]
    for kind in ("PersistentVolumeClaim", "Secret"):
        assert named[kind]["metadata"]["namespace"] == job()["metadata"]["namespace"]
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    claim = volumes["homes"]["persistentVolumeClaim"]["claimName"]
    assert claim == named["PersistentVolumeClaim"]["metadata"]["name"]
    assert named["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
    (secret,) = pod()["containers"][0]["envFrom"]
    assert secret["secretRef"]["name"] == named["Secret"]["metadata"]["name"]


def test_a_pod_has_its_gpus_its_memory_its_home_and_time_to_stop() -> None:
    container = pod(gpus=2, memory="100Gi")["containers"][0]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": 2, "memory": "100Gi"}
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/srv/edgework", "/dev/shm"}
    assert pod()["terminationGracePeriodSeconds"] >= 60
    shm = next(volume for volume in pod()["volumes"] if volume["name"] == "shm")
    assert shm["emptyDir"] == {"medium": "Memory", "sizeLimit": "16Gi"}


def test_a_pod_that_fails_is_not_started_again_by_kubernetes() -> None:
    assert job()["spec"]["backoffLimit"] == 0
    assert pod()["restartPolicy"] == "Never"


def test_a_pod_has_no_more_rights_than_it_asks_for() -> None:
    security = pod()["containers"][0]["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert (security["procMount"], security["seccompProfile"]["type"]) == ("Default", "RuntimeDefault")
    assert pod()["securityContext"]["runAsNonRoot"] is True


def test_prefect_takes_the_template_and_every_variable_is_used() -> None:
    WorkPoolCreate(name="edgework-gpu", type="kubernetes", base_job_template=TEMPLATE)
    used = {found.name for found in find_placeholders(json.dumps(TEMPLATE["job_configuration"]))}
    assert used == set(TEMPLATE["variables"]["properties"])


def test_the_variables_are_a_schema_that_their_defaults_fit() -> None:
    jsonschema.Draft202012Validator.check_schema(TEMPLATE["variables"])
    for variable in TEMPLATE["variables"]["properties"].values():
        assert variable["title"]
        if "default" in variable:
            jsonschema.validate(variable["default"], variable)


@pytest.mark.parametrize(
    "wrong", [{"gpus": "two"}, {"proc_mount": "None"}, {"env": {"A": 1}}, {"stop_seconds": 1}]
)
def test_a_wrong_value_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        job(**wrong)
