"""Providers for tests: real sockets that keep what they got and answer as told."""

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gateway(ThreadingHTTPServer):
    """`got`: (path, headers, body); `answer`: (status, body), "hang" or "cut"."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got, self.answer, self.release = [], (200, b"{}"), threading.Event()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.got.append((self.path, dict(self.headers), body))
        if self.server.answer == "hang":
            self.server.release.wait(20)
            return
        if self.server.answer == "cut":
            self.connection.close()
            return
        status, content = self.server.answer
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://{self.server.address}/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@contextmanager
def http_gateway():
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Post(socketserver.ThreadingTCPServer):
    """An SMTP server; `recipient` and `data` are its answers to RCPT and DATA."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.got, self.recipient, self.data = [], "250 ok", "250 ok"

    @property
    def port(self):
        return self.server_address[1]


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 test")
        while line := self.rfile.readline().strip().upper():
            if line.startswith(b"RCPT"):
                self._say(self.server.recipient)
            elif line == b"DATA":
                self._say("354 go on")
                self.server.got.append(self._mail())
                self._say(self.server.data)
            elif line == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _mail(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines).decode()

    def _say(self, words):
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def smtp_server():
    server = Post()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def as_json(body):
    return json.loads(body)


@contextmanager
def phone_gateway(settings):
    """The one of a provider, for texts and for calls."""
    settings.NOTICE_PRIVATE_HOSTS = ["127.0.0.1"]
    with http_gateway() as server:
        settings.NOTICE_SMS_URL = f"json://{server.address}/sms/{{number}}"
        settings.NOTICE_VOICE_URL = f"json://{server.address}/call/{{number}}"
        yield server
