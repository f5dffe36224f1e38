"""What a campaign has done so far: a file for each shard, so that a stopped one goes on."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from .shards import Plan, Shard

PLAN = "campaign.json"


class Store:
    """A folder of answers for one plan."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / PLAN
        if path.exists():
            if json.loads(path.read_text(encoding="utf-8")) != plan.data():
                raise InputError(f"--out {folder}: holds another campaign; take a new folder")
        else:
            self._write(path, plan.data())

    def path(self, shard: Shard) -> Path:
        """Where a shard's answer is kept."""
        return self.folder / f"shard-{shard.number:05}.json"

    def left(self, shards: Sequence[Shard]) -> list[Shard]:
        """Those that are still to be done."""
        return [shard for shard in shards if not self.path(shard).exists()]

    def keep(self, shard: Shard, answer: dict[str, Any]) -> None:
        """Keep an answer, whole or not at all."""
        self._write(self.path(shard), answer)

    def answers(self, shards: Sequence[Shard]) -> list[dict[str, Any]]:
        """All that were kept."""
        paths = (self.path(shard) for shard in shards)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]

    def _write(self, path: Path, data: dict[str, Any]) -> None:
        fresh = path.with_suffix(".fresh")
        fresh.write_text(json.dumps(data, indent=1), encoding="utf-8")
        fresh.replace(path)
