"""scripts/offboard.sh in plain temporary roots: what it removes, what it never touches, and that it can be repeated."""

import contextlib
import fcntl
import os
import pathlib
import subprocess
import tempfile

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "offboard.sh"
ID = "room-agent"
#: As Sources/Installation/Dispatcher.swift begins it.
DISPATCHER = "#!/bin/sh\n# Runs the slipway of an installed product. Made by Slipway; removed with the last product.\n"


def run(root, *arguments):
    return subprocess.run(
        ["sh", str(SCRIPT), "--root", str(root), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def put(path, text="x\n", mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def picture(root):
    """Everything below `root` with what matters of it."""
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(root))] = (oct(status.st_mode), status.st_uid, status.st_gid, content)
    return found


def bare(root):
    """A machine before Slipway."""
    put(root / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nmeeting:x:1000:1000::/home/meeting:/bin/sh\n")
    put(root / "etc/group", "root:x:0:\naudio:x:29:meeting\nmeeting:x:1000:\n")
    put(root / "etc/shadow", "root:*:1:0:9:7:::\nmeeting:*:1:0:9:7:::\n", 0o640)
    put(root / "etc/gshadow", "root:*::\naudio:*::meeting\nmeeting:!::\n", 0o640)
    put(root / "etc/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd\n")
    put(root / "etc/systemd/system/multi-user.target.wants/README")
    for folder in ("opt", "run", "var/lib/dpkg", "var/log", "usr/bin", "etc/sysusers.d"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    put(root / "var/lib/dpkg/status")


@contextlib.contextmanager
def supervised(root):
    """As `slipway run` holds it."""
    lock = root / "run/slipway" / ID / "supervisor.lock"
    put(lock, "")
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def install(root, product=ID, number=998):
    """What an installation of `product` leaves on the machine, the list of it first."""
    user, agent = f"slipway-{product}", f"{product}-user"
    units = [f"slipway-{kind}@{product}.{suffix}" for kind, suffix in (
        ("fetch", "timer"), ("fetch", "service"), ("apply", "path"), ("apply", "service"), ("prove", "timer"),
        ("prove", "service"), ("recover", "service"), ("rescue", "service"))]
    units += [f"slipway-pac-{product}.socket", f"slipway-pac-{product}@.service", f"{product}-main.service"]
    state = root / "var/lib/slipway" / product
    put(state / "undo.list", "".join(f"{line}\n" for line in [
        f"user\t{user}", f"group\t{user}", f"user\t{agent}", f"group\t{agent}",
        f"path\t/etc/sysusers.d/slipway-{product}.conf",
        f"data\t/var/lib/{product}-main", f"data\t/var/lib/{product}", f"path\t/run/{product}-main",
        *(f"unit\t{unit}" for unit in units), "path\t/usr/bin/slipway"]))
    for offset, name in enumerate((user, agent)):
        append(root / "etc/passwd", f"{name}:x:{number - offset}:{number - offset}::/:/usr/sbin/nologin\n")
        append(root / "etc/group", f"{name}:x:{number - offset}:\n")
        append(root / "etc/shadow", f"{name}:!*:1::::::\n")
        append(root / "etc/gshadow", f"{name}:!*::\n")
    group = root / "etc/group"
    group.write_text(group.read_text().replace("audio:x:29:meeting", f"audio:x:29:meeting,{agent}"))
    for unit in units:
        put(root / "etc/systemd/system" / unit, f"[Service]\nExecStart=/opt/slipway/{product}/current/run\n")
    for target, unit in (("multi-user", units[-1]), ("timers", units[0])):
        link = root / f"etc/systemd/system/{target}.target.wants/{unit}"
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(f"../{unit}")
    versions = root / "opt/slipway" / product
    put(versions / "app-1.0.0/agent/run", mode=0o555)
    put(versions / "app-1.0.0/a name with spaces", mode=0o444)
    (versions / "app-1.0.0").chmod(0o555)
    for link in ("current", "proven"):
        (versions / link).symlink_to("app-1.0.0")
    put(state / "trusted/metadata/root.json", mode=0o600)
    put(state / "state.json")
    put(root / "etc/slipway" / product / "config.toml")
    put(root / "etc/sysusers.d" / f"slipway-{product}.conf")
    put(root / "var/log/slipway" / product / "install.log")
    put(root / "run/slipway" / product / "lock")
    put(root / "run" / f"{product}-main" / "socket")
    put(root / "var/lib" / product / "data")
    put(root / "var/lib" / f"{product}-main" / "data")
    put(root / "usr/bin/slipway", DISPATCHER, 0o755)


@pytest.fixture
def root(tmp_path):
    bare(tmp_path)
    return tmp_path


def same_accounts(root, before):
    """The memberships that other lines had are part of the picture."""
    for name in ("passwd", "group", "shadow", "gshadow"):
        assert picture(root)[f"etc/{name}"] == before[f"etc/{name}"]


def test_leaves_nothing(root):
    before = picture(root)
    install(root)
    result = run(root, "--yes", ID)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert picture(root) == before
    assert run(root, "--yes", ID).returncode == 60


def test_dry_run_names_everything_and_touches_nothing(root):
    bare_picture = picture(root)
    install(root)
    before = picture(root)
    result = run(root, "--dry-run", ID)
    assert result.returncode == 0
    assert picture(root) == before
    lines = set(result.stdout.splitlines())
    for name in set(before) - set(bare_picture):
        shared = name in ("opt/slipway", "etc/slipway", "var/lib/slipway", "var/log/slipway", "run/slipway") \
            or name.endswith(".wants")
        assert shared or f"would remove {root}/{name}" in lines
    assert f"would stop and disable slipway-apply@{ID}.path" in lines
    assert f"would remove user and group slipway-{ID}" in lines


@pytest.mark.parametrize("damage", ["no list", "empty list", "half a line", "no links", "no tree", "no state"])
def test_works_on_a_damaged_installation(root, damage):
    before = picture(root)
    install(root)
    state = root / "var/lib/slipway" / ID
    match damage:
        case "no list": (state / "undo.list").unlink()
        case "empty list": (state / "undo.list").write_text("")
        case "half a line": append(state / "undo.list", f"data\t/var/lib/{ID}-extra-and-not-who")
        case "no links": subprocess.run(["rm", "-r", root / "etc/systemd/system/timers.target.wants"], check=True)
        case "no tree": subprocess.run(["rm", "-rf", root / "opt/slipway"], check=True)
        case "no state": subprocess.run(["rm", "-rf", root / "var/lib/slipway"], check=True)
    assert run(root, "--yes", ID).returncode == 0
    after = picture(root)
    left = set(after) - set(before)
    if damage in ("no list", "empty list", "no state"):
        # Without the list the agent's own user and folders are not known to be ours.
        left -= {f"run/{ID}-main", f"run/{ID}-main/socket", f"var/lib/{ID}-main", f"var/lib/{ID}-main/data"}
    else:
        same_accounts(root, before)
    assert left == set()
    assert f"slipway-{ID}:" not in (root / "etc/passwd").read_text()


@pytest.mark.parametrize("id", [
    "../x", "..", ".", "", "/", "a/b", "Room", "-x", "1x", "a" * 24, "a b", "a*", "root", "targets", "snapshot", "timestamp",
    "x-rollout", "a\nb", "ä"])
def test_hostile_ids_are_refused(root, id):
    install(root)
    before = picture(root)
    result = run(root, "--yes", "--", id) if id.startswith("-") else run(root, "--yes", id)
    assert result.returncode == 64
    assert picture(root) == before


@pytest.mark.parametrize("line", [
    "path\t/etc/passwd", "path\t/", "path\t/etc", "path\t/opt/slipway", f"path\t/opt/slipway/{ID}/../../../etc/passwd",
    "path\t../../../etc/passwd", "path\tetc/passwd", f"path\t/opt/slipway/{ID}2", "path\t/var/lib/dpkg",
    "data\t/var/lib/dpkg", "data\t/var/lib", "data\t/etc", "data\t/var/lib/../../etc", "data\t/var/lib/slipway",
    "path\t/etc/systemd/system/ssh.service", "path\t/etc/systemd/system", "unit\tssh.service", "unit\t../../passwd",
    f"unit\tslipway-x@{ID}.service/../../../passwd", "user\troot", "user\tmeeting", "group\taudio", "group\troot",
    "user\t-r", "user\tx:y", "what\t/etc/passwd", "/etc/passwd", "path", "path\t", "\t\t\t", "takenOver\t--now\tenabled\tactive",
    "takenOver\tcups.service\tenabled\tactive", "path\t/etc/passwd\textra", "path\t/etc/systemd/system/x.wants/../../passwd",
])
def test_a_line_that_names_what_is_not_ours_is_passed_over(root, line):
    before = picture(root)
    install(root)
    append(root / "var/lib/slipway" / ID / "undo.list", line + "\n")
    result = run(root, "--yes", ID)
    assert result.returncode == 0, result.stderr
    assert picture(root) == before


def test_a_link_where_a_folder_is_expected_is_not_followed(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    put(outside / "precious")
    install(root)
    for folder in (root / "var/lib" / ID, root / "etc/slipway" / ID, root / "opt/slipway" / ID):
        subprocess.run(["rm", "-rf", folder], check=True)
        folder.symlink_to(outside)
    (root / "var/log/slipway" / ID / "elsewhere").symlink_to(outside)
    assert run(root, "--yes", ID).returncode == 0
    assert (outside / "precious").exists()
    assert not (root / "opt/slipway").exists()


@pytest.mark.parametrize("folder", ["opt/slipway", "var/lib", "etc/slipway", "etc/systemd"])
def test_a_link_above_stops_the_removal_of_what_lies_behind(root, tmp_path_factory, folder):
    install(root)
    outside = tmp_path_factory.mktemp("outside") / "moved"
    (root / folder).rename(outside)
    (root / folder).symlink_to(outside)
    before = picture(outside)
    result = run(root, "--yes", ID)
    assert result.returncode == 31
    assert "symbolic link" in result.stderr
    assert picture(outside) == before


def test_the_list_behind_a_link_is_not_read(root, tmp_path_factory):
    install(root)
    state = root / "var/lib/slipway" / ID
    elsewhere = tmp_path_factory.mktemp("outside") / "undo.list"
    elsewhere.write_text(f"data\t/var/lib/{ID}-main\n")
    (state / "undo.list").unlink()
    (state / "undo.list").symlink_to(elsewhere)
    assert run(root, "--yes", ID).returncode == 0
    assert (root / "var/lib" / f"{ID}-main").exists()
    assert elsewhere.exists()


def test_another_product_stays(root):
    install(root, "room", 998)
    before = picture(root)
    install(root, ID, 990)
    # The dispatcher is shared, and `room` is the beginning of `room-agent`.
    assert run(root, "--yes", ID).returncode == 0
    after = picture(root)
    assert after == before
    install(root, ID, 990)
    assert run(root, "--yes", "room").returncode == 0
    assert (root / "usr/bin/slipway").exists()
    assert (root / "etc/systemd/system" / f"{ID}-main.service").exists()
    assert (root / "var/lib" / ID / "data").exists()
    assert f"slipway-{ID}:" in (root / "etc/passwd").read_text()


def test_logs_and_data_are_kept_on_request(root):
    install(root)
    assert run(root, "--yes", "--keep-logs", "--keep-data", ID).returncode == 0
    assert (root / "var/log/slipway" / ID / "install.log").exists()
    assert (root / "var/lib" / ID / "data").exists()
    assert (root / "var/lib" / f"{ID}-main" / "data").exists()
    assert not (root / "opt/slipway").exists()
    assert run(root, "--yes", "--keep-logs", "--keep-data", ID).returncode == 60


def test_a_data_folder_of_another_name_is_known_by_its_owner(root):
    if os.geteuid() != 0:
        pytest.skip("needs root to give a folder away")
    install(root)
    for name, owner in (("recordings", 997), ("strangers", 500)):
        put(root / "var/lib" / name / "file")
        os.chown(root / "var/lib" / name, owner, owner)
        append(root / "var/lib/slipway" / ID / "undo.list", f"data\t/var/lib/{name}\n")
    result = run(root, "--yes", ID)
    assert result.returncode == 0
    assert not (root / "var/lib/recordings").exists()
    assert (root / "var/lib/strangers/file").exists()
    assert "strangers" in result.stderr


@pytest.mark.parametrize("steps", range(1, 40, 3))
def test_an_interrupted_run_can_be_repeated(root, tmp_path_factory, steps):
    """Killed before one of the programs that it calls: find removes, mv replaces."""
    before = picture(root)
    install(root)
    shims = tmp_path_factory.mktemp("shims")
    count = shims / "count"
    for name in ("find", "mv"):
        real = subprocess.run(["sh", "-c", f"command -v {name}"], capture_output=True, text=True).stdout.strip()
        put(shims / name, f"""#!/bin/sh
n=$(($(cat {count} 2>/dev/null || echo 0) + 1))
echo $n >{count}
if [ $n -ge {steps} ]; then kill -KILL $PPID; exit 137; fi
exec {real} "$@"
""", 0o755)
    interrupted = subprocess.run(
        ["sh", str(SCRIPT), "--root", str(root), "--yes", ID], stdin=subprocess.DEVNULL, capture_output=True,
        env={**os.environ, "PATH": f"{shims}:{os.environ['PATH']}"})
    if interrupted.returncode != 0:
        assert (root / "var/lib/slipway" / ID).exists()
        assert run(root, "--yes", ID).returncode == 0
    assert picture(root) == before


def test_what_cannot_be_removed_keeps_the_list(root):
    if os.geteuid() != 0 or subprocess.run(["mountpoint", "-q", "/proc"]).returncode != 0:
        pytest.skip("needs root to mount something")
    install(root)
    mounted = root / "var/lib" / ID / "mounted"
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", mounted], capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        put(mounted / "precious")
        result = run(root, "--yes", ID)
        assert result.returncode == 31
        assert (mounted / "precious").exists()
        assert (root / "var/lib/slipway" / ID / "undo.list").exists()
        assert f"slipway-{ID}:" in (root / "etc/passwd").read_text()
    finally:
        subprocess.run(["umount", mounted], check=True)
    assert run(root, "--yes", ID).returncode == 0


def test_nothing_there_is_said_and_changes_nothing(root):
    before = picture(root)
    result = run(root, "--yes", ID)
    assert result.returncode == 60
    assert result.stderr.startswith(f"ERROR: {ID} is not installed here\n")
    assert picture(root) == before


def test_the_last_folders_of_an_interrupted_run_go_without_a_claim_of_no_change(root):
    before = picture(root)
    for folder in ("opt", "etc", "var/lib"):
        (root / folder / "slipway").mkdir(parents=True)
    result = run(root, "--yes", ID)
    assert result.returncode == 60
    assert "Nothing was changed" not in result.stderr
    assert picture(root) == before


@pytest.mark.parametrize("root_option", [["--root", ""], ["--root="]])
def test_an_empty_root_is_not_the_machine(root_option):
    """As in `offboard.sh --root "$unset" ID`."""
    result = subprocess.run(
        ["sh", str(SCRIPT), *root_option, "--dry-run", "no-such-product"], capture_output=True, text=True)
    assert result.returncode == 64
    assert result.stderr.startswith("ERROR: --root needs a folder\n")


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_program_of_the_admins_own_stays(root, kind):
    install(root)
    path = root / "usr/bin/slipway"
    path.unlink()
    match kind:
        case "file": put(path, "#!/bin/sh\necho mine\n", 0o755)
        case "link": path.symlink_to("elsewhere")
        case "folder": put(path / "mine")
    before = picture(path.parent)
    result = run(root, "--yes", ID)
    assert result.returncode == 0
    assert picture(path.parent) == before
    assert "was not made by Slipway" in result.stderr
    assert not (root / "opt/slipway").exists()


@pytest.mark.parametrize("arguments", [[], ["--what", ID], [ID, "other"], ["--root"]])
def test_usage(root, arguments):
    install(root)
    assert run(root, *arguments).returncode == 64


def test_without_yes_and_without_a_terminal_nothing_is_removed(root):
    install(root)
    before = picture(root)
    assert run(root, ID).returncode == 64
    assert picture(root) == before


def test_the_machine_itself_needs_root():
    command = ["sh", str(SCRIPT), "--yes", "no-such-product"]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=65534", "--clear-groups", "sh", "-s", "--", *command[2:]]
    result = subprocess.run(command, input=SCRIPT.read_text(), capture_output=True, text=True)
    assert result.returncode == 11
    assert result.stderr.startswith("ERROR: Please run this application with elevated privileges\n")


def test_an_unprivileged_owner_can_remove_a_root_of_his_own(root):
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    install(root)
    subprocess.run(["chown", "-R", "65534:65534", root], check=True)
    for parent in [root, *root.parents]:
        if parent == pathlib.Path(tempfile.gettempdir()):
            break
        parent.chmod(0o755)
    result = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-s", "--", "--root", str(root), "--yes", ID],
        input=SCRIPT.read_text(), capture_output=True, text=True, cwd="/")
    assert result.returncode == 0, result.stderr
    assert not (root / "opt/slipway").exists()


def test_what_is_supervised_is_left_alone_until_that_has_ended(root):
    install(root)
    with supervised(root):
        before = picture(root)
        result = run(root, "--yes", ID)
        assert result.returncode == 32 and "slipway run" in result.stderr
        assert picture(root) == before
        assert run(root, "--dry-run", ID).returncode == 0
    assert run(root, "--yes", ID).returncode == 0
