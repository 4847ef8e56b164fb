"""The publisher of these tests against python-tuf's own client: what it calls honest must be so for strangers too."""

import tarfile
import io

import pytest
import zstandard
from tuf.api.exceptions import RepositoryError
from tuf.ngclient import Updater

import product
from publisher import Publisher
from trees import Entry, Tree


def small_tree() -> Tree:
    tree = Tree([])
    tree.add(Entry("bin/tool", data=b"#!/bin/sh\n", mode=0o555), Entry("lib/" + "n" * 200, data=b"x"))
    tree.add(Entry("lib/link", "link", target="n" * 120))
    return tree


def published(spoil=lambda publisher: None) -> tuple[Publisher, object]:
    publisher = Publisher()
    publisher.pack("1.0.0", small_tree(), product.manifest(publisher.product, "1.0.0"))
    spoil(publisher)
    return publisher, publisher.publish()


def download(repository, web, folder) -> bytes:
    """The archive of 1.0.0, brought by python-tuf's client."""
    repository.write(folder / "site")
    web.folder = folder / "site"
    for name in ("metadata", "targets"):
        (folder / "client" / name).mkdir(parents=True)
    updater = Updater(
        str(folder / "client/metadata"), f"{web.address}/metadata/", str(folder / "client/targets"),
        f"{web.address}/targets/", bootstrap=repository.metadata["1.root.json"],
    )  # fmt: skip
    updater.refresh()
    info = updater.get_targetinfo(repository.target("tar.zst").path)
    return open(updater.download_target(info), "rb").read()


def test_python_tuf_takes_what_it_publishes(tmp_path, web):
    _, repository = published()
    assert download(repository, web, tmp_path) == repository.target("tar.zst").data


def test_python_tuf_refuses_one_signature_short(tmp_path, web):
    def spoil(publisher):
        publisher.signers["targets"] = publisher.keys["targets"][:1]

    _, repository = published(spoil)
    with pytest.raises(RepositoryError):
        download(repository, web, tmp_path)


def test_python_tuf_follows_a_rotation(tmp_path, web):
    _, repository = published(lambda publisher: publisher.sign_root())
    assert "2.root.json" in repository.metadata
    assert download(repository, web, tmp_path) == repository.target("tar.zst").data


def test_tarfile_reads_what_it_packs():
    tree = small_tree()
    data = zstandard.ZstdDecompressor().decompressobj().decompress(tree.archive().bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = [(member.name, member.mode, member.linkname) for member in tar]
    listed = [(entry.path, {"directory": 0o555, "link": 0o777}.get(entry.kind, entry.mode), entry.target)
              for entry in tree.entries]  # fmt: skip
    assert found == listed
