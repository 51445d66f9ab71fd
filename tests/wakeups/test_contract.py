"""What every engine promises. A new engine joins by standing in ``ENGINES``."""

import asyncio
from collections import Counter

import pytest

from monitor.wakeups import Task
from monitor.wakeups.memory import MemoryWakeups

ENGINES = {"memory": MemoryWakeups}


@pytest.fixture(params=ENGINES)
async def engine(request):
    crashes = []
    made = ENGINES[request.param](per_lane=2, at_once=8, crashed=lambda task, problem: crashes.append((task, problem)))
    made.crashes = crashes
    carried = []
    made.running = carried

    def start(**handlers):
        by_row = {kind: lambda task, handle=handle: handle(task.id) for kind, handle in handlers.items()}
        carried.append(asyncio.create_task(made.run(by_row)))

    made.start = start
    yield made
    await made.stop(1)
    for task in carried:
        await asyncio.wait_for(task, 5)


async def test_every_task_is_carried_once(engine):
    seen = Counter()

    async def poll(row):
        seen[row] += 1
        await asyncio.sleep(0)

    engine.wake(Task("poll_feed", n % 50, f"host{n % 7}") for n in range(200))
    engine.start(poll_feed=poll)
    await asyncio.wait_for(engine.idle(), 5)
    assert seen == dict.fromkeys(range(50), 1)
    assert engine.waiting("poll_feed") == 0


async def test_a_task_woken_while_it_runs_runs_once_more(engine):
    seen, gate = [], asyncio.Event()

    async def poll(row):
        seen.append(row)
        await gate.wait()

    engine.start(poll_feed=poll)
    engine.wake([Task("poll_feed", 1)])
    await asyncio.sleep(0.01)
    engine.wake([Task("poll_feed", 1), Task("poll_feed", 1)])
    gate.set()
    await asyncio.wait_for(engine.idle(), 5)
    assert seen == [1, 1]


async def test_lanes_are_bounded_and_fair(engine):
    running, most, order = Counter(), Counter(), []

    async def poll(row):
        lane = "slow" if row < 100 else "other"
        running[lane] += 1
        most[lane] = max(most[lane], running[lane])
        order.append(lane)
        await asyncio.sleep(0.001)
        running[lane] -= 1

    engine.start(poll_feed=poll)
    engine.wake(Task("poll_feed", n, "slow") for n in range(100))
    engine.wake(Task("poll_feed", n, f"host{n}") for n in range(100, 110))
    await asyncio.wait_for(engine.idle(), 10)
    assert most["slow"] == 2
    assert order.index("other") < 10, "a long lane must not hold the others up"
    assert len(order) == 110


async def test_the_whole_is_bounded(engine):
    running, most = 0, 0

    async def poll(row):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    engine.start(poll_feed=poll)
    engine.wake(Task("poll_feed", n, f"host{n}") for n in range(60))
    await asyncio.wait_for(engine.idle(), 10)
    assert most == 8


async def test_a_crash_ends_only_its_own_task(engine):
    seen = []

    async def poll(row):
        if row == 3:
            raise ZeroDivisionError
        seen.append(row)

    engine.start(poll_feed=poll)
    engine.wake(Task("poll_feed", n, "one") for n in range(6))
    await asyncio.wait_for(engine.idle(), 5)
    assert seen == [0, 1, 2, 4, 5]
    [(task, problem)] = engine.crashes
    assert task == Task("poll_feed", 3, "one")
    assert isinstance(problem, ZeroDivisionError)


async def test_kinds_do_not_share_ids_or_bounds(engine):
    seen = []
    gate = asyncio.Event()

    async def poll(row):
        await gate.wait()

    async def deliver(row):
        seen.append(row)
        if row == 1:
            gate.set()

    engine.start(poll_feed=poll, deliver=deliver)
    engine.wake(Task("poll_feed", n, f"host{n}") for n in range(20))
    engine.wake([Task("deliver", 1)])
    await asyncio.wait_for(engine.idle(), 5)
    assert seen == [1]


async def test_some_kinds_are_cut_off_sooner(engine):
    ended = []

    async def carry(row):
        await asyncio.sleep(0.3 if row == 1 else 60)
        ended.append(row)

    engine.start(deliver=carry, poll_feed=carry)
    engine.wake([Task("poll_feed", 2), Task("deliver", 1)])
    await asyncio.sleep(0.01)
    assert await engine.stop(30, {"poll_feed": 0.1}) == 1
    assert ended == [1]


async def test_stop_waits_then_cancels_and_takes_no_more(engine):
    ended = []

    async def poll(row):
        try:
            await asyncio.sleep(0.02 if row == 1 else 60)
            ended.append(row)
        except asyncio.CancelledError:
            ended.append(-row)
            raise

    engine.start(poll_feed=poll)
    engine.wake([Task("poll_feed", 1, "a"), Task("poll_feed", 2, "b")])
    await asyncio.sleep(0.01)
    assert await engine.stop(0.2) == 1
    assert ended == [1, -2]
    engine.wake([Task("poll_feed", 3)])
    await asyncio.sleep(0.01)
    assert engine.waiting("poll_feed") == 0
