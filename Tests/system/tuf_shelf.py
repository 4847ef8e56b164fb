"""A web server for one TUF repository of plain files, which notes what was asked for."""

import http.server
import threading
from pathlib import Path
from typing import Callable


class Shelf:
    """Serves the files below `folder` on loopback by exactly the path that is asked for, percent signs included."""

    def __init__(self) -> None:
        self.folder = Path("/nonexistent")
        self.requests: list[str] = []
        #: Answers instead of files, by path.
        self.answers: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        shelf = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                shelf.requests.append(self.path)
                if answer := shelf.answers.get(self.path):
                    self.close_connection = True
                    return answer(self)
                file = Path(f"{shelf.folder}{self.path}")
                inside = "/../" not in self.path and file.is_file()
                body = file.read_bytes() if inside else b"no such file"
                self.send_response(200 if inside else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *arguments) -> None:
                """A client that hangs up, or is killed, is what some tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def metadata_requests(self) -> list[str]:
        """The names of the metadata files asked for since the last call, without ".json"."""
        names = [path.removeprefix("/metadata/") for path in self.requests if path.startswith("/metadata/")]
        self.requests.clear()
        return [name.removesuffix(".json") for name in names]

    def delegated_requests(self) -> list[str]:
        """The same, of delegated roles only."""
        own = ("root", "timestamp", "snapshot", "targets")
        return [name for name in self.metadata_requests() if name.partition(".")[2] not in own and name not in own]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
