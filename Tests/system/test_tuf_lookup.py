"""`tuf-client lookup`: what it prints, of the names of a file too, and nothing that steers a terminal."""

import pytest

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401


def looked_up(client, *arguments: str) -> tuple[int, str]:
    process = client.start("--metadata-url", f"{client.shelf.address}/metadata", *arguments, "lookup")
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def test_role_length_and_path_of_each_target_are_printed(client, repository, tmp_path):
    for name in ("one", "a b", "three"):
        repository.add("targets", name, name.encode())
    repository.publish_all()
    names = tmp_path / "names"
    names.write_text("a b\nthree\n")
    assert looked_up(client, "--target-name", "one") == (0, "targets 3 one\n")
    assert looked_up(client, "--target-list", str(names)) == (0, "targets 3 a b\ntargets 5 three\n")
    both = looked_up(client, "--target-name", "one", "--target-list", str(names))
    assert both == (0, "targets 3 one\ntargets 3 a b\ntargets 5 three\n")
    assert client.downloaded() == {}


def test_a_target_that_nobody_signs_is_exit_code_1(client, repository, tmp_path):
    repository.publish_all()
    code, output = looked_up(client, "--target-name", "nothing")
    assert code == 1 and 'no trusted role signs a target "nothing"' in output
    code, output = looked_up(client, "--target-list", str(tmp_path / "missing"))
    assert code == 1 and output.count("\n") == 1


@pytest.mark.parametrize("path", ["a\u001b[2J", "a\u009b2J", "a\u202eb", "a\nforged line"])
def test_what_a_repository_says_steers_no_terminal(client, repository, path, tmp_path):
    repository.add("targets", path, b"bytes")
    repository.publish_all()
    code, output = looked_up(client, "--target-name", path)
    assert code == 0 and output.count("\n") == 1 and not set("\u001b\u009b\u202e") & set(output)
    code, output = looked_up(client, "--target-name", f"{path}, missing")
    assert code == 1 and output.count("\n") == 1 and not set("\u001b\u009b\u202e") & set(output)
