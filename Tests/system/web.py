"""A web server for the tests: it serves what stands in a folder, and answers some paths as it is told."""

import http.server
import threading
from pathlib import Path
from typing import Callable


class Web:
    """Serves `folder`, which a test may replace at any time, on loopback."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        #: Answers instead of files, by a part of the path.
        self.answers: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        web = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.requests.append(self.path)
                for part, answer in web.answers.items():
                    if part in self.path:
                        self.close_connection = True
                        return answer(self)
                super().do_GET()

            def translate_path(self, path: str) -> str:
                return str(web.folder) + path if web.folder and ".." not in path else "/nowhere"

            def log_message(self, *arguments) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    """An answer without length that goes on until the client has had enough."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass
