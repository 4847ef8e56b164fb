"""A small HTTP proxy for the tests of Transport: plain requests in absolute form, and CONNECT.

usage: proxy.py TARGET_PORT [deny|authenticate]. Every host name leads to TARGET_PORT on loopback. Prints "PORT\n" when it
listens; ends when its standard input is closed. GET /log without a host answers with the request lines so far.
"""

import socket
import socketserver
import sys
import threading

seen = []
lock = threading.Lock()
target = int(sys.argv[1])
temper = sys.argv[2] if len(sys.argv) > 2 else ""


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        head = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            head.append(line)
        if not head:
            return
        method, uri, _ = head[0].decode().split(" ", 2)
        if uri == "/log":
            with lock:
                body = "\n".join(seen).encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            return
        with lock:
            seen.append(f"{method} {uri}")
        if temper:
            status = b"407 Proxy Authentication Required" if temper == "authenticate" else b"403 Forbidden"
            self.wfile.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return
        upstream = socket.create_connection(("127.0.0.1", target))
        if method == "CONNECT":
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            # What an origin server may see, and one request a connection.
            path = "/" + uri.split("://", 1)[1].split("/", 1)[1]
            kept = [h for h in head[1:] if not h.lower().startswith(b"connection:")]
            upstream.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + b"".join(kept) + b"Connection: close\r\n\r\n")
        forth = threading.Thread(target=pump, args=(self.connection, upstream), daemon=True)
        forth.start()
        pump(upstream, self.connection)
        upstream.close()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_):
        """Clients that hang up are what these tests are about."""


with Server(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
