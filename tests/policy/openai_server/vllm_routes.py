"""The routes by which vLLM's server takes new weights and adapters, besides those of the protocol."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request

from tests.policy.openai_server.worker import Worker


def add_vllm_routes(api: FastAPI, worker: Worker, given: argparse.Namespace) -> None:
    version = "default"

    @api.post("/collective_rpc")
    async def collective_rpc(request: Request) -> Any:
        body = await request.json()
        assert body["method"] == "reload_weights"
        await asyncio.wrap_future(worker.put(Path(body["kwargs"]["weights_path"])))
        return {"results": [None]}

    @api.post("/v1/load_lora_adapter")
    async def load_lora_adapter(request: Request) -> Any:
        """The tests' adapters name whole checkpoints, and the server has the last one, whatever it is asked for."""
        body = await request.json()
        adapter = json.loads((Path(body["lora_path"]) / "adapter_config.json").read_text())
        await asyncio.wrap_future(worker.put(Path(adapter["whole"])))
        given.models.append(body["lora_name"])
        return {}

    @api.get("/server_info")
    async def server_info() -> Any:
        return {"vllm_config": {"device_config": {"device": "other"}}}

    @api.post("/reset_prefix_cache")
    async def reset_prefix_cache() -> Any:
        return {"success": True}

    @api.post("/update_weight_version")
    async def update_weight_version(request: Request) -> Any:
        nonlocal version
        version = (await request.json())["new_version"]
        return {"success": True}

    @api.get("/weight_info")
    async def weight_info() -> Any:
        return {"weight_version": version}
