"""Each value that counts, with who says it."""

import json

import pytest


@pytest.fixture
def wished(lab, pristine):
    device = lab.clone(pristine, f"wished-{len(lab.devices)}")
    folder = device.root / "etc/slipway" / device.product
    yield device, folder
    device.remove()


def config(device, *options):
    program = device.versions / "current/slipway/bin/slipway"
    result = device.run(program, "config", "show", "--root", str(device.root), "--product", device.product, *options)
    assert result.returncode == 0, result.stderr
    return result


def test_each_value_names_its_file_and_line_or_manifest_or_default(wished):
    device, folder = wished
    (folder / "config.toml").write_text('# ours\nchannel = "beta"\n\n[updates]\n# rarely\ninterval = "2h"\nkeepVersions = 3\n')
    (folder / "config.d/50-site.toml").write_text('pin = "1.0.0"\n[updates]\ninterval = "90min"\n')
    document = json.loads(config(device, "--json").stdout)
    assert document["schema"] == "slipway.config/1"
    values = {one["key"]: one for one in document["values"]}
    first, site = str(folder / "config.toml"), str(folder / "config.d/50-site.toml")
    assert (values["channel"]["origin"], values["channel"]["line"]) == (first, 2)
    assert values["updates.keepVersions"] == {
        "key": "updates.keepVersions", "value": "3", "origin": first, "line": 7}
    assert values["updates.interval"] == {
        "key": "updates.interval", "value": '"5400s"', "origin": site, "line": 3}
    assert (values["pin.version"]["origin"], values["pin.version"]["line"]) == (site, 1)
    assert values["updates.catchUp"] == {"key": "updates.catchUp", "value": '"604800s"', "origin": "default"}
    assert values["updates.enabled"]["origin"] == "default"
    setup = str(folder / "config.d/80-setup.toml")
    assert values["repository.metadata"]["origin"] == setup
    shown = config(device, "--origin").stdout.splitlines()
    assert f'channel = "beta"    # {first}:2' in shown
    assert 'updates.catchUp = "604800s"    # default' in shown
    assert 'channel = "beta"' in config(device).stdout.splitlines()


def test_without_any_wish_the_product_has_the_word(wished):
    device, folder = wished
    (folder / "config.d/80-setup.toml").unlink()
    values = {one["key"]: one for one in json.loads(config(device, "--json").stdout)["values"]}
    assert {one["origin"] for one in values.values()} == {"manifest", "default"}
    for key in ("channel", "repository.metadata", "repository.targets"):
        assert values[key]["origin"] == "manifest" and "line" not in values[key]
