"""Real servers on unix sockets, and real jobs, for the tests of the engine."""

import threading
import time
from contextlib import contextmanager

import httpx
import uvicorn

from companion.engine.memory import Memory
from companion.engine.model import Outcome
from companion.engine.parking import Parking
from companion.engine.queue import Job
from companion.engine.request import (
    ChatMessage,
    EngineFailed,
    Finished,
    GenerationRequest,
    Text,
)
from companion.engine.runner import Runner
from companion.engine.scheduler import Scheduler
from companion.engine.scripted import Scripted
from companion.engine.server import app_for

PATIENCE = 20


@contextmanager
def listening(app, path, port=0):
    """Serve `app` at `path`, or at a port, in a thread; yields the URL for a client."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            uds=None if port else str(path),
            port=port,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=2,
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{port}" if port else f"unix://{path}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def engine(speaker, path, **options):
    """Our own engine with `speaker`; yields its URL and its runner."""
    runner = Runner(lambda: speaker, **options)
    runner.start()
    wait_for(lambda: runner.status == "ok")
    try:
        with listening(app_for(runner), path) as url:
            yield url, runner
            runner.close()
    finally:
        runner.close()


@contextmanager
def caller(url):
    wire = httpx.HTTPTransport(uds=url.removeprefix("unix://"))
    with httpx.Client(transport=wire, base_url="http://engine", timeout=20) as http:
        yield http


def wait_for(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)


def asked(*said, system="", **options):
    """A request whose last message is the newest."""
    roles = ["user", "assistant"] * len(said)
    messages = [
        ChatMessage(role, text) for role, text in zip(roles, said, strict=False)
    ]
    if system:
        messages.insert(0, ChatMessage("system", system))
    return GenerationRequest(messages=tuple(messages), **options)


class Heard:
    """What one job said, as the model's thread told it."""

    def __init__(self):
        self.events = []
        self.ended = threading.Event()

    def tell(self, event):
        self.events.append(event)
        if isinstance(event, Finished | EngineFailed):
            self.ended.set()

    @property
    def text(self):
        return "".join(e.text for e in self.events if isinstance(e, Text))

    @property
    def last(self):
        return self.events[-1]

    def wait(self):
        assert self.ended.wait(PATIENCE), self.events
        return self


class Odd(Scripted):
    """Says now and then that it is full, or that it was told to stop half-way."""

    def __init__(self, **options):
        super().__init__(delay=0, **options)
        self.says = []

    def step(self, rows, is_over):
        said = self.says.pop() if self.says else None
        if said is Outcome.FULL:
            return said
        done = super().step(rows, is_over)
        return said or done


class Desk:
    """A model with its scheduler, driven step by step by the test's own thread."""

    def __init__(self, model, *, parking=None, heads=2, **options):
        self.model = model
        self.parking = parking or Parking()
        self.memory = Memory(model, self.parking, heads=heads)
        self.scheduler = Scheduler(model, self.memory, **options)

    @property
    def read(self):
        return self.scheduler.counts.read

    @property
    def running(self):
        return self.scheduler.running

    def job(self, request):
        """A job that was not seated yet."""
        heard = Heard()
        job = Job(request=request, tell=heard.tell, prompt=self.model.prepare(request))
        return job, heard

    def seated(self, request):
        job, heard = self.job(request)
        assert self.scheduler.seat(job)
        return job, heard

    def finish(self):
        for _ in range(5000):
            if not self.running:
                return
            self.scheduler.step()
        raise AssertionError("it never ended")

    def speak(self, request):
        _, heard = self.seated(request)
        self.finish()
        return heard

    def read_by(self, request):
        """How many tokens of a prompt had to be computed for it."""
        begun = self.read
        self.speak(request)
        return self.read - begun


def started(speaker, **options):
    runner = Runner(lambda: speaker, **options)
    runner.start()
    wait_for(lambda: runner.status == "ok")
    return runner


def ask(runner, request):
    heard = Heard()
    return runner.submit(request, heard.tell), heard
