"""Measures tuf-client and python-tuf's client at the same work: compare.py EXECUTABLES RUNS

Whole processes, interleaved, over one web server on the loopback interface, each from a metadata folder of its own that is
laid anew for every run. Prints medians and their ratio.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = {"prefixes": "path_hash_prefixes", "succinct": "succinct roles"}


def measured(command, report):
    """Seconds and peak MiB of one run."""
    start = time.perf_counter()
    done = subprocess.run(["/usr/bin/time", "-f", "%M", "-o", report, *command], capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"the measured command failed: {command[:6]}\n{done.stderr.decode()[-2000:]}")
    return seconds, int(report.read_text().split()[-1]) / 1024


class Bench:
    def __init__(self, executables, runs, work):
        self.executables, self.runs, self.work = executables, runs, work

    def laid(self, start):
        """A folder that nothing was deleted for: ext4 is slow to give out inodes that have just become free."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        shutil.copytree(start, folder, dirs_exist_ok=True)
        return folder

    def clients(self, url, names):
        def ours(folder):
            verb = ["refresh"]
            if names:
                verb = ["--target-list", names, "lookup"]
            return [self.executables / "tuf-client", "--metadata-dir", folder, "--metadata-url", url, *verb]

        def theirs(folder):
            return [sys.executable, HERE / "ngclient.py", folder, url, *([names] if names else [])]

        return {"tuf-client": ours, "python-tuf": theirs}

    def compare(self, title, start, url, names=None):
        figures = {}
        for _ in range(self.runs):
            for name, command in self.clients(url, names).items():
                folder = self.laid(start)
                figures.setdefault(name, []).append(measured(command(folder), self.work / "memory"))
        for name, rows in figures.items():
            seconds = [row[0] for row in rows]
            print(
                f"{title:34} {name:11} {statistics.median(seconds):9.4f} {min(seconds):9.4f} {max(seconds):9.4f}"
                f" {max(row[1] for row in rows):9.1f}"
            )
        ratios = [a[0] / b[0] for a, b in zip(figures["tuf-client"], figures["python-tuf"], strict=True)]
        print(f"{title:34} ratio, median of the pairs' {statistics.median(ratios):.3f} (goal: at most 0.1)", flush=True)

    def measure(self, kind):
        repository = self.work / kind
        subprocess.run([sys.executable, HERE / "make_repository.py", repository, kind], check=True)
        command = [self.executables / "slipway-release", "serve", "--repository", repository, "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            try:
                url = server.stdout.readline().strip().rstrip("/") + "/metadata/"
                root = self.work / f"{kind}-root"
                root.mkdir()
                shutil.copy(repository / "metadata" / "1.root.json", root / "root.json")
                fresh = self.laid(root)
                names = repository / "names"
                subprocess.run(self.clients(url, None)["tuf-client"](fresh), check=True)
                self.compare(f"{KINDS[kind]}: nothing new", fresh, url)
                count = len(names.read_text().splitlines())
                self.compare(f"{KINDS[kind]}: {count} look-ups", root, url, names)
            finally:
                server.terminate()


def main():
    executables, runs = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    print(f"{'':46} median s       min       max  peak MiB   ({runs} runs)", flush=True)
    with tempfile.TemporaryDirectory(prefix="slipway-bench.") as work:
        bench = Bench(executables, runs, Path(work))
        for kind in KINDS:
            bench.measure(kind)


main()
