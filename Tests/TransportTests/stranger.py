"""Runs a server for the tests of Transport, and sees to it that it ends.

usage: stranger.py PORT COMMAND...   Prints "PORT\n" when something listens there on loopback. When its standard input is
closed, also because the test process died, it kills the command with all that the command started.
"""

import os
import signal
import socket
import subprocess
import sys
import time

port, command = int(sys.argv[1]), sys.argv[2:]
child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True)
try:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            if child.poll() is not None or time.monotonic() > end:
                sys.exit(f"{command[0]} does not listen")
            time.sleep(0.02)
    print(port, flush=True)
    sys.stdin.read()
finally:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
