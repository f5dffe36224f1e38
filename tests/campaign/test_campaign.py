"""Campaigns: the same shards for a seed, resumable, and whoever is lost, no shard is."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import distributed
import pytest

from dosekernel.campaign import places
from dosekernel.campaign.command import main, summed
from dosekernel.campaign.places import here, on_cluster
from dosekernel.campaign.shards import KINDS, MODULES, Plan, Shard, ShardError, perform, shards
from dosekernel.campaign.store import Store
from dosekernel.errors import InputError
from dosekernel.proofs.mutants.generate import mutants
from dosekernel.proofs.mutants.run import subject_of
from dosekernel.spec.obligations import OBLIGATIONS

FINDING, UNDECIDED = 1, 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_always_has_the_same_shards(kind: str) -> None:
    one, other = shards(Plan(kind, 7, 3)), shards(Plan(kind, 7, 3))
    assert one == other
    assert [shard.number for shard in one] == list(range(len(one)))
    assert len({shard.words for shard in one}) == len(one)


def test_another_seed_has_other_shards() -> None:
    assert {shard.words for shard in shards(Plan("fuzz", 4, 1))}.isdisjoint(
        shard.words for shard in shards(Plan("fuzz", 4, 5))
    )


def test_every_theorem_and_every_module_is_a_shard() -> None:
    assert [shard.title for shard in shards(Plan("prove", 1))] == list(OBLIGATIONS)
    subject = subject_of(None)
    found = {each.module for each in mutants(subject.kernel, subject.program)}
    assert sorted(found) == list(MODULES)


def test_a_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="--only moon: allowed: adoption, "):
        shards(Plan("mutants", 1, only=("moon",)))


def test_a_finding_is_the_answer_of_the_campaign() -> None:
    plan = Plan("fuzz", 3)
    good, found = ({"title": f"s{code}", "code": code, "said": {"steps": 5}} for code in (0, 1))
    assert summed(plan, [good, found], 2, 1.0)["code"] == FINDING
    assert summed(plan, [good], 2, 1.0)["code"] == UNDECIDED
    assert summed(plan, [good, good], 2, 1.0) == {
        "kind": "fuzz",
        "seed": 1,
        "shards": 2,
        "done": 2,
        "code": 0,
        "seconds": 1.0,
        "steps": 10,
        "findings": [],
        "undecided": [],
    }


def test_a_killed_process_loses_nothing() -> None:
    wanted = shards(Plan("fuzz", 3, seconds=1))
    begun: list[int] = []

    def kill_the_first(pid: int) -> None:
        begun.append(pid)
        if len(begun) == 1:
            os.kill(pid, signal.SIGKILL)

    answers = list(here(wanted, 2, kill_the_first))
    assert sorted(answer["number"] for answer in answers) == [0, 1, 2]
    assert all(answer["said"]["steps"] > 0 for answer in answers)
    assert len(begun) == len(wanted) + 1


def test_a_shard_that_fails_is_an_error_and_is_no_answer() -> None:
    with pytest.raises(ShardError, match="seed 1: ended with 2: .*moon: no such directory"):
        perform(Shard(0, "seed 1", ("fuzz", "--kernel", "moon")))
    with pytest.raises(InputError, match="--engine moon: allowed: libfuzzer, "):
        shards(Plan("fuzz", 1, engine="moon"))


def test_a_stopped_campaign_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan("prove", 8, only=("clock", "source"))
    wanted, store = shards(plan), Store(tmp_path, plan)
    store.keep(wanted[0], {"number": 0, "title": "clock", "code": 0, "said": {}})
    words = ["prove", "--only", "clock", "--only", "source", "--out", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    told = capsys.readouterr()
    assert "clock" not in told.err
    assert "2 of 2  source: good" in told.err
    assert json.loads(told.out)["done"] == 2
    assert main([*words, "--quiet"]) == 0
    with pytest.raises(InputError, match="holds another campaign"):
        main(["prove", "--only", "clock", "--out", str(tmp_path)])


def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CONNECTING", 0.5)
    with pytest.raises(InputError, match="no scheduler there"):
        list(on_cluster(shards(Plan("fuzz", 1)), "tcp://127.0.0.1:9"))


@pytest.mark.slow
def test_a_lost_worker_of_a_cluster_loses_nothing() -> None:
    wanted = shards(Plan("fuzz", 4, seconds=2))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        with distributed.Client(cluster) as client:
            pids = client.run(os.getpid)
        answers: Iterator[dict[str, object]] = on_cluster(wanted, cluster.scheduler_address)
        first = next(answers)
        os.kill(next(iter(pids.values())), signal.SIGKILL)
        begin = time.monotonic()
        found = [first, *answers]
    assert sorted(int(str(answer["number"])) for answer in found) == [0, 1, 2, 3]
    assert time.monotonic() - begin < 60
