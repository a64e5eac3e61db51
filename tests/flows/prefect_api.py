"""What tests ask a Prefect server: its deployments, their runs, and what these have logged and shown."""

import time
from typing import Any

import httpx


class Api:
    """What a test asks a Prefect server."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._client = httpx.Client(
            base_url=environment["PREFECT_API_URL"], timeout=120
        )  # SQLite at times lets others wait

    def post(self, path: str, **body: object) -> Any:
        return self._request("POST", path, body)

    def post_list(self, path: str, *items: object) -> None:
        self._request("POST", path, items)

    def get(self, path: str) -> Any:
        return self._request("GET", path)

    def _request(self, method: str, path: str, body: object = None) -> Any:
        for _ in range(30):  # a database that is busy makes it a 503, which Prefect's own client repeats, too
            response = self._client.request(method, path, json=body)
            if response.status_code != 503:
                break
            time.sleep(1)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def deployment(self, name: str) -> Any:
        return self.get(f"/deployments/name/{name}")

    def start(self, deployment: str, **parameters: object) -> str:
        """Have a deployment run now; the id of the run."""
        path = f"/deployments/{self.deployment(deployment)['id']}/create_flow_run"
        return str(self.post(path, parameters=parameters)["id"])

    def runs(self, deployment: str, *states: str) -> list[Any]:
        """The runs of a deployment that are in one of these states, or in any, the oldest first."""
        chosen: dict[str, object] = {"deployments": {"id": {"any_": [self.deployment(deployment)["id"]]}}}
        if states:
            chosen["flow_runs"] = {"state": {"name": {"any_": list(states)}}}
        return list(self.post("/flow_runs/filter", sort="EXPECTED_START_TIME_ASC", limit=200, **chosen))

    def state(self, run: str) -> str:
        return str(self.get(f"/flow_runs/{run}")["state_name"])

    def has_completed(self, run: str) -> bool:
        """AssertionError with the run's log if it has ended otherwise."""
        state = self.state(run)
        assert state not in ("Failed", "Crashed", "TimedOut"), self.log(run)
        return state == "Completed"

    def log(self, run: str) -> str:
        rows = self.post(
            "/logs/filter", logs={"flow_run_id": {"any_": [run]}}, sort="TIMESTAMP_ASC", limit=200
        )
        return "\n".join(row["message"] for row in rows)

    def artifacts(self, run: str) -> list[Any]:
        return list(self.post("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}}, limit=200))
