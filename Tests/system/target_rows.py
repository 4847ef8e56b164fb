"""Attacks on what is signed: changed targets, mix-ups of products and platforms, a rollout role that oversteps."""

import product
from attacks import ALL, PRODUCT, ROLLOUT, Attack, Setup, refused
from lab import NEW
from publisher import Publisher, Repository, Target
from trees import document
from web import endless

INSTALLS = Setup(0)
LEAVES = ("policy.json", "stable.json", "product.json", "tree.json", "tar.zst")


def target(leaf: str, change):
    """Changes the bytes of a published target; what is signed of it stays."""

    def spoil(repository: Repository, history: list[Repository]) -> None:
        found = repository.target(leaf)
        found.data = change(found.data)

    return spoil


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def contents() -> list[Attack]:
    """Setup looks at all of it before anything is touched."""
    rows = []
    for leaf in LEAVES:
        setup = Setup(20)
        small = leaf in ("policy.json", "stable.json")
        rows.append(
            refused(f"changed byte: {leaf}", 20, ALL, setup, by="apply" if small else "fetch",
                    repository=target(leaf, flip))
        )  # fmt: skip
        rows.append(
            refused(f"cut short: {leaf}", 20 if small else 23, ALL, setup, by="apply" if small else "fetch",
                    repository=target(leaf, lambda data: data[:-1]))
        )  # fmt: skip
        rows.append(
            refused(f"too long: {leaf}", 23, ALL - ALL if small else ALL, setup, by="fetch",
                    repository=target(leaf, lambda data: data + b" "))
        )  # fmt: skip
    rows.append(
        refused("endless archive", 23, ALL, Setup(20), by="fetch",
                web=lambda web: web.answers.update({"tar.zst": endless}),
                repository=target("tar.zst", lambda data: data + b"x" * 65536))
    )  # fmt: skip
    rows.append(
        refused("missing archive", 23, ALL, Setup(20), by="fetch",
                repository=lambda made, history: made.targets.pop(made.target("tar.zst").consistent_name))
    )  # fmt: skip
    return rows


def mixups() -> list[Attack]:
    """Validly signed, and not for this device."""

    def says(**fields):
        return lambda value: value.update(fields)

    def channel(**fields):
        return lambda publisher: publisher.channel.update(fields)

    rows = []
    for key, value in (("id", "other-agent"), ("version", "1.2.0"), ("platform", "linux-aarch64")):
        platforms = {"platforms": [value]} if key == "platform" else {}
        rows.append(refused(f"product manifest with another {key}", 24, ALL, product=says(**{key: value}, **platforms)))
        rows.append(refused(f"tree manifest with another {key}", 24, ALL, manifest=says(**{key: value})))
    return rows + [
        refused("another product's whole release", 24, ALL, product=says(id="other-agent"),
                manifest=says(id="other-agent")),
        refused("another product's policy", 24, ALL, publisher=lambda p: p.policy.update(id="other-agent")),
        refused("another product's channel", 24, ALL, publisher=channel(id="other-agent")),
        refused("another channel under this one's name", 24, ALL, publisher=channel(channel="beta")),
        refused("product manifest of a later schema", 24, ALL, product=says(schema="slipway.product/2")),
        refused("product manifest that requires what is not known", 24, ALL, product=says(requires=["teleport"])),
        refused("policy of a later schema", 24, ALL, publisher=lambda p: p.policy.update(schema="slipway.policy/2")),
        refused("channel of a later schema", 24, ALL, publisher=channel(schema="slipway.channel/2")),
        refused("tree manifest of a later schema", 24, ALL, manifest=says(schema="slipway.tree/2")),
        refused("product manifest without services", 65, ALL, product=says(services=[])),
        refused("agent that would run as the user who fetches", 65, ALL,
                product=lambda p: p["services"][0].update(user=f"slipway-{PRODUCT}")),
        refused("policy with a version that is none", 65, ALL, publisher=lambda p: p.policy.update(floor="1.0")),
        refused("tree manifest whose totals are wrong", 22, ALL, manifest=lambda m: m["totals"].update(bytes=1)),
        refused("only another platform's release", None, ALL, Setup(24), publisher=other_platform_only),
    ]  # fmt: skip


def other_platform_only(publisher: Publisher) -> None:
    for path, found in list(publisher.releases.items()):
        if NEW in path:
            moved = path.replace("linux-x86_64", "linux-aarch64")
            del publisher.releases[path]
            publisher.releases[moved] = Target(moved, found.length, found.digest, found.data)
    publisher.channel["platforms"] = {"linux-aarch64": {"version": NEW}}


def rollout() -> list[Attack]:
    """A rollout key in the wrong hands chooses only among what the offline role allows."""

    def offers(version: str):
        return lambda publisher: publisher.channel["platforms"].update({"linux-x86_64": {"version": version}})

    def policy(**fields):
        return lambda publisher: publisher.policy.update(fields)

    def halted(publisher: Publisher) -> None:
        publisher.channel["platforms"]["linux-x86_64"]["halts"] = [{"version": NEW, "reason": "it burns"}]

    def signs_release(publisher: Publisher) -> None:
        mine = [path for path in publisher.releases if NEW in path]
        publisher.extra[ROLLOUT] = [publisher.releases.pop(path) for path in mine]

    def signs_policy(publisher: Publisher) -> None:
        path = f"products/{PRODUCT}/policy.json"
        publisher.extra[ROLLOUT] = [Target.of(path, document({**publisher.policy, "floor": "0.0.1"}))]
        publisher.policy["floor"] = "2.0.0"

    def targets_sign_policy(publisher: Publisher) -> None:
        path = f"products/{PRODUCT}/policy.json"
        publisher.extra["targets"] = [Target.of(path, document(publisher.policy))]

    def for_other_platform(publisher: Publisher) -> None:
        """1.2.0 is signed, for another platform; the channel offers it to this one."""
        tree = product.tree("1.2.0", b"not for here")
        publisher.pack("1.2.0", tree, product.manifest(PRODUCT, "1.2.0", "linux-aarch64"), platform="linux-aarch64")
        offers("1.2.0")(publisher)

    return [
        refused("channel naming what nobody signed", 20, ALL, INSTALLS, publisher=offers("9.9.9")),
        refused("channel naming another platform's release", 20, ALL, INSTALLS, publisher=for_other_platform),
        refused("channel naming an unlisted release", 20, ALL, Setup(70), publisher=policy(releases=["1.0.0"])),
        refused("channel naming a release below the floor", 20, ALL, Setup(70), publisher=policy(floor="1.2.0")),
        refused("channel naming a blocked release", None, ALL, Setup(70), waiting="blocked",
                publisher=policy(blocked=[NEW])),
        refused("channel naming a halted release", None, ALL, Setup(70), waiting="halted", publisher=halted),
        refused("rollout role signing a release", 20, ALL, Setup(20), publisher=signs_release),
        refused("rollout role signing a policy", 20, ALL, Setup(70), publisher=signs_policy),
        refused("targets role signing a policy", 20, ALL - {PRODUCT}, publisher=targets_sign_policy),
    ]  # fmt: skip


ROWS = contents() + mixups() + rollout()
