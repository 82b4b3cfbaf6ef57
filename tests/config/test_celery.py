"""What Celery is told: nothing acknowledged before it is done, nothing fetched ahead,
no words in a task."""

import inspect
from uuid import UUID

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from config.celery import app
from config.programs import programs
from config.schedule import TRANSPORT

APPS = {"config", "compliance", "guardians", "companion", "accounts", "safety", "vault"}
IDS = {UUID, "UUID", int, "int"}  # what a task may be told


def own_tasks():
    app.loader.import_default_modules()
    named = sorted(name for name in app.tasks if name.partition(".")[0] in APPS)
    assert "safety.tasks.run_due" in named
    return [app.tasks[name] for name in named]


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_a_task_survives_its_worker_and_is_told_ids_at_most(task):
    assert (task.acks_late, task.reject_on_worker_lost) == (True, True)
    assert task.ignore_result
    told = inspect.signature(task.run).parameters.values()
    assert {parameter.annotation for parameter in told} <= IDS


def test_a_worker_fetches_one_task_at_a_time_and_a_lost_one_comes_back():
    assert app.conf.worker_prefetch_multiplier == 1
    assert (
        app.conf.task_time_limit
        < app.conf.broker_transport_options["visibility_timeout"]
    )


def test_who_wakes_a_worker_through_a_dead_broker_is_told_without_waiting(
    tmp_path, monkeypatch
):
    waits = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waits.append)
    dead = Celery(broker=f"redis+socket://{tmp_path}/gone.sock")
    dead.conf.broker_transport_options = TRANSPORT
    with pytest.raises(OperationalError):
        dead.send_task("safety.tasks.run_due", retry=False)
    assert waits == []


def test_duties_run_every_two_seconds_on_a_queue_and_a_worker_of_their_own():
    beat = app.conf.beat_schedule["run-due"]
    assert (beat["task"], beat["schedule"]) == ("safety.tasks.run_due", 2.0)
    route = app.amqp.router.route({}, "safety.tasks.run_due")
    assert route["queue"].name == "urgent"
    other = app.amqp.router.route({}, "accounts.tasks.send_letters")
    assert other.get("queue", app.amqp.queues[app.conf.task_default_queue]).name == (
        "celery"
    )
    started = programs({"PUBLIC_URL": "http://localhost:8000"})
    queues = {
        program.name: program.command[program.command.index("--queues") + 1]
        for program in started
        if "--queues" in program.command
    }
    assert queues == {"worker": "celery", "urgent": "urgent"}
