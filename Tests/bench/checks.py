"""All checks of manifests/teams-rooms.toml against local stand-ins for its hosts: TLS with a test's own authority, each name
with an address of its own, in namespaces that end with this program. Prints seconds; judges nothing."""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests/system"))

import rooms  # noqa: E402
from stand import Authority, Stand, standing  # noqa: E402


def timed(stand: Stand, program: Path, *options: str) -> float:
    start = time.monotonic()
    result = stand.run(program, "check", "--manifest", rooms.MANIFEST, "--json", *options)
    seconds = time.monotonic() - start
    verdicts = {check["id"]: check["verdict"] for check in json.loads(result.stdout)["checks"]}
    # There is no TPM behind a stand-in; that it is missed takes its time too.
    if {verdict for id, verdict in verdicts.items() if id != "tpm"} != {"pass"}:
        raise SystemExit(f"not everything was measured: {result.stdout}{result.stderr}")
    return seconds


def measure(program: Path, runs: int) -> None:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name:
        folder = Path(name)
        authority = Authority("Bench Root CA")
        with standing(folder) as stand:
            rooms.furnish(stand, authority)
            certificate = authority.server(folder / "server.pem", *rooms.ADDRESSES)
            stand.serve(*rooms.everyone(certificate))
            stand.tinyproxy(3128)
            configuration = folder / "config.toml"
            configuration.write_text(rooms.manual())
            for title, options in [("directly", []), ("through a proxy", ["--config", str(configuration)])]:
                seconds = [timed(stand, program, *options) for _ in range(runs)]
                print(f"{title:24} {statistics.median(seconds):8.3f} {min(seconds):8.3f} {max(seconds):8.3f}")


if __name__ == "__main__":
    print(f"{'all checks':24} {'median s':>8} {'min':>8} {'max':>8}   ({sys.argv[2]} runs)")
    measure(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
