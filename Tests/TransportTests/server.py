"""A web server that misbehaves on request, for the tests of Transport.

Prints "PORT\n" when it listens on loopback and ends when its standard input is closed. The first part of the path
picks the behaviour, the rest is the file: /MODE/NAME?key=value. The bytes of NAME are made from the name and
the size (?size=N), so that both sides know them. GET /log answers with the requests so far, as JSON lines, and GET
/count/PATH with the number of requests for PATH.
"""

import json
import socket
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

requests = []
lock = threading.Lock()


def content(seed, size):
    """Bytes with no short period, the same in the tests' Swift half."""
    return bytes((i * 31 + (i >> 8) * 7 + len(seed)) & 0xFF for i in range(size))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        mode = url.path.split("/")[1]
        if mode == "log":
            with lock:
                body = "".join(json.dumps(r) + "\n" for r in requests).encode()
            return self.answer(200, body)
        with lock:
            times = sum(r["path"] == self.path for r in requests)
            requests.append({
                "path": self.path, "range": self.headers.get("Range"), "ifRange": self.headers.get("If-Range"),
                "host": self.headers.get("Host"), "encoding": self.headers.get("Accept-Encoding"),
                "agent": self.headers.get("User-Agent")})
        size = int(query.get("size", 0))
        body = content(url.path.rsplit("/", 1)[1], size)
        getattr(self, "mode_" + mode.replace("-", "_"))(body, query, times)

    def do_HEAD(self):
        """Any path: the status that it says."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        self.send_response(int(query.get("status", 200)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def ranged(self, body, tag, after=None, headers=(), every=0):
        """Answers a range if If-Range matches; `after`: hangs up after so many bytes of the body; `every`: seconds that
        64 KiB take."""
        start = 0
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") in (None, tag):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start and start >= len(body):
            return self.answer(416, headers=[("Content-Range", f"bytes */{len(body)}")])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if tag:
            self.send_header("ETag" if tag.startswith(('"', "W/")) else "Last-Modified", tag)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        rest = body[start:]
        pause = threading.Event()
        for offset in range(0, len(rest), 1 << 16) if every else ():
            self.wfile.write(rest[offset : offset + (1 << 16)])
            pause.wait(every)
        if not every:
            self.wfile.write(rest if after is None else rest[:after])
        self.wfile.flush()
        if after is not None and after < len(rest):
            self.hang_up()

    # The behaviours. `times`: how often this very path was asked for before.

    def mode_ok(self, body, query, times):
        self.ranged(body, query.get("tag", '"one"'))

    def mode_slow(self, body, query, times):
        """The first time at a pace that leaves nothing in buffers."""
        try:
            self.ranged(body, '"one"', every=0 if times else 0.03)
        except OSError:
            self.close_connection = True

    def mode_drop(self, body, query, times):
        """Hangs up after `after` bytes, the first `drops` times (default: always)."""
        drop = times < int(query.get("drops", 1 << 30))
        self.ranged(body, query.get("tag", '"one"'), int(query["after"]) if drop else None)

    def mode_untagged(self, body, query, times):
        self.ranged(body, None, int(query["after"]) if times == 0 else None)

    def mode_ignore(self, body, query, times):
        """Knows no ranges: always the whole file, hanging up the first time."""
        self.send_response(200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: int(query["after"])] if times == 0 else body)
        if times == 0:
            self.hang_up()

    def mode_changed(self, body, query, times):
        """Another version of the file, with another ETag, after the first answer was cut off."""
        if times == 0:
            self.ranged(bytes(len(body)), '"old"', int(query["after"]))
        else:
            self.ranged(body, '"new"')

    def mode_careless(self, body, query, times):
        """As `changed`, but ignores If-Range and answers a range of the new version."""
        if times == 0:
            return self.ranged(bytes(len(body)), '"old"', int(query["after"]))
        del self.headers["If-Range"]
        self.ranged(body, '"new"')

    def mode_unsatisfiable(self, body, query, times):
        if times == 0:
            return self.ranged(body, '"one"', int(query["after"]))
        if self.headers.get("Range"):
            return self.answer(416, headers=[("Content-Range", "bytes */1")])
        self.ranged(body, '"two"')

    def mode_wrong_range(self, body, query, times):
        """Answers a range that begins elsewhere."""
        if times == 0 or not self.headers.get("Range"):
            return self.ranged(body, '"one"', int(query["after"]) if times == 0 else None)
        part = body[1:]
        self.answer(206, part, [("Content-Range", f"bytes 1-{len(body) - 1}/{len(body)}"), ("ETag", '"one"')])

    def mode_endless(self, body, query, times):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        block = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        try:
            while True:
                self.wfile.write(block)
        except OSError:
            self.close_connection = True

    def mode_longer(self, body, query, times):
        self.answer(200, body + b"x")

    def mode_drip(self, body, query, times):
        """A byte whenever the client's window of patience is half over, until it gives up."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        pause = threading.Event()
        try:
            for byte in body:
                self.wfile.write(bytes([byte]))
                pause.wait(float(query["every"]))
        except OSError:
            self.close_connection = True

    def mode_silent(self, body, query, times):
        """The head and then nothing, until the client gives up."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.flush()
        self.connection.recv(1)
        self.close_connection = True

    def mode_mute(self, body, query, times):
        """Not even a head."""
        self.connection.recv(1)
        self.close_connection = True

    def mode_status(self, body, query, times):
        """`code` for the first `times` requests, then the file."""
        if times < int(query.get("times", 1 << 30)):
            headers = [("Retry-After", query["after"])] if "after" in query else []
            return self.answer(int(query["code"]), b"no", headers)
        self.ranged(body, '"one"')

    def mode_gzip(self, body, query, times):
        self.answer(200, body, [("Content-Encoding", "gzip")])

    def mode_redirect(self, body, query, times):
        """`left` redirects to itself, then to `to`."""
        left = int(query.get("left", 0))
        if left:
            rest = urllib.parse.urlencode({**query, "left": left - 1})
            return self.answer(302, b"moved", [("Location", f"?{rest}")])
        self.answer(int(query.get("code", 302)), b"moved", [("Location", query["to"])])

    def mode_nowhere(self, body, query, times):
        self.answer(302)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that hang up are what these tests are about."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 1:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
