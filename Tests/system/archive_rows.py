"""Attacks in a release's archive, against a tree manifest that is signed and honest unless the row says otherwise."""

from attacks import ALL, Attack, Setup, refused
from trees import Archive, Member, compressed, octal, pax

CAPABILITY = bytes.fromhex("0100000200000000000000000000000000000000")
ACCESS = b"user::r--,group::r--,other::r--,user:nobody:rwx:65534"
DATA, LINK, BIN = "agent/lib/data", "agent/lib/current", "agent/bin/"
OUTSIDE = "/slipway-attack-victim"
MIB = 1 << 20


def row(name: str, spoil, **more) -> Attack:
    return refused(f"archive: {name}", 22, ALL, Setup(22, ALL), archive=spoil, **more)


def unreadable(name: str, spoil) -> Attack:
    """What keeps Setup from reading as far as the release's own `slipway`, the last member: it has touched nothing yet."""
    return refused(f"archive: {name}", 22, ALL, Setup(22), archive=spoil)


def adding(*members: Member):
    """Members where they do the most harm: before the first that is listed."""
    return lambda archive: archive.members.__setitem__(slice(0, 0), members)


def changing(member: str, /, **fields):
    return lambda archive: archive.change(member, **fields)


def after(name: str, *members: Member):
    def spoil(archive: Archive) -> None:
        place = archive.members.index(archive.member(name)) + 1
        archive.members[place:place] = members

    return spoil


def without(name: str):
    return lambda archive: archive.members.remove(archive.member(name))


def headed(*records, kind: bytes = b"x", member: str = DATA, **fields):
    """A pax header in front of a member, which then is one of pax's."""
    fields.setdefault("magic", b"ustar\x0000")
    return changing(member, before=pax(*records, kind=kind), **fields)


def stream(change):
    return lambda archive: setattr(archive, "stream", change)


def end(data: bytes):
    return lambda archive: setattr(archive, "end", data)


def zeros(count: int) -> bytes:
    """So many MiB of zeros, compressed: frames may stand in a row."""
    return compressed(bytes(16 * MIB)) * (count // 16)


def names() -> list[Attack]:
    def named(what: str, name: bytes) -> Attack:
        return unreadable(what, adding(Member(name, data=b"x")))

    deep = b"/".join([b"d" * 200] * 21)
    return [
        named("absolute path", OUTSIDE.encode()),
        named("path out of the tree", b"../victim"),
        named("path out of the tree from within", b"agent/../../victim"),
        named("path that ends in ..", b"agent/.."),
        named("path beginning with a dot", b"./agent/x"),
        named("empty component", b"agent//x"),
        named("component of 256 bytes", b"n" * 256),
        named("path of more than 4,095 bytes", deep),
        named("name that is not UTF-8", b"agent/caf\xe9"),
        named("overlong UTF-8 for a slash", b"agent\xc0\xafx"),
        named("line feed in a name", b"agent/a\nb"),
        named("escape in a name", b"agent/a\x1b[2J"),
        named("C1 control in a name", "agent/a\u009bb".encode()),
        named("DEL in a name", b"agent/a\x7f"),
        unreadable("the root of the tree itself", adding(Member(b"./", b"5", 0o777))),
        row("name with other accents", changing("agent/lib/caf\u00e9", name="agent/lib/cafe\u0301".encode())),
    ]


def kinds() -> list[Attack]:
    def typed(what: str, kind: bytes, **fields) -> Attack:
        return row(what, changing("agent/lib/empty", type=kind, **fields))

    # A tar has no type for sockets, and what has a type of nobody's is a plain file (pax(1)).
    sparse = {386: octal(1_000_000, 11), 398: octal(9, 11), 483: octal(1_000_009, 11)}
    return [
        row("link out of the tree", changing(LINK, target=b"../../../victim")),
        row("absolute link", changing(LINK, target=b"/etc/passwd")),
        row("link that climbs through a directory", changing(LINK, target=b"../bin/../../../victim")),
        row("link to another file than the manifest says", changing(LINK, target=b"empty")),
        row("file below a link", after(LINK, Member(f"{LINK}/x".encode(), data=b"x"))),
        row("link in a directory's place", changing(BIN, type=b"2", name=b"agent/bin", target=b"lib")),
        row("file in a directory's place", changing(BIN, type=b"0", name=b"agent/bin")),
        row("directory in a file's place", changing("agent/lib/empty", type=b"5")),
        typed("hard link inside the tree", b"1", target=DATA.encode()),
        typed("hard link to a file outside", b"1", target=b"/etc/shadow"),
        typed("character device", b"3", patches={329: b"0000001\0", 337: b"0000003\0"}),
        typed("block device", b"4", patches={329: b"0000010\0", 337: b"0000000\0"}),
        typed("fifo", b"6"),
        row("GNU sparse file", changing(DATA, type=b"S", patches=sparse)),
        row("GNU multi-volume piece", changing(DATA, type=b"M")),
    ]


def attributes() -> list[Attack]:
    def moded(what: str, mode: int, name: str = DATA) -> Attack:
        return row(what, changing(name, mode=mode))

    return [
        moded("setuid that is not listed", 0o4555, "agent/bin/agent"),
        moded("setgid that is not listed", 0o2555, "agent/bin/agent"),
        moded("sticky file", 0o1444),
        moded("setgid directory", 0o2555, BIN),
        moded("file that anybody may write", 0o666),
        moded("directory that anybody may write", 0o777, BIN),
        moded("program where the manifest has none", 0o555),
        moded("setuid that is listed, left out", 0o555, "agent/lib/privileged"),
        row("extended attribute", headed(("SCHILY.xattr.user.note", b"x"))),
        row("extended attribute as libarchive writes it", headed(("LIBARCHIVE.xattr.user.note", b"eA=="))),
        row("file capability", headed(("SCHILY.xattr.security.capability", CAPABILITY), member="agent/bin/agent")),
        row("access control list", headed(("SCHILY.acl.access", ACCESS))),
        row("immutable flag", headed(("SCHILY.fflags", b"immutable"))),
        unreadable("pax path out of the tree", headed(("path", b"../victim"))),
        row("pax path of another member", headed(("path", b"agent/lib/empty"))),
        row("pax size", headed(("size", b"8"))),
        row("pax link target", headed(("linkpath", b"../victim"), type=b"1")),
        row("pax sparse map", headed(("GNU.sparse.map", b"100,9"), ("GNU.sparse.size", b"109"))),
        row("pax record that does nothing", headed(("comment", b"hello"))),
        row("pax global header", headed(("path", b"elsewhere"), kind=b"g")),
        row("volume label", changing(DATA, before=Member(b"label", b"V").bytes())),
        row("owner that is not root", headed(("uid", b"1000"))),
    ]


def lists() -> list[Attack]:
    twice = Member(DATA.encode(), data=b"some data")
    return [
        row("file that is not in the manifest", after(DATA, Member(b"agent/lib/data2", data=b"x"))),
        row("file listed twice", after(DATA, twice)),
        row("directory listed twice", after(DATA, Member(BIN.encode(), b"5", 0o555))),
        row("file in another's place under its name", changing("agent/lib/empty", name=DATA.encode(), data=b"other")),
        unreadable("20,000 entries more", adding(*[Member(b"x%d" % number) for number in range(20_000)])),
        row("file missing", without(DATA)),
        unreadable("last file missing", without("slipway/bin/slipway")),
        unreadable("nothing at all", lambda archive: archive.members.clear()),
        row("file too short", changing(DATA, data=b"some dat")),
        row("file too long", changing(DATA, data=b"some data ")),
        row("one bit of a file changed", changing(DATA, data=b"some dat\x60")),
        unreadable("file of 8 GiB", changing(DATA, size=octal(0o77777777777, 11))),
        unreadable("file of 8 EiB", changing(DATA, size=b"\x80\0\0\0\x7f" + b"\xff" * 7)),
        unreadable("file of less than nothing", changing(DATA, size=b"\xff" * 12)),
        unreadable("header with a wrong checksum", changing(DATA, checksum=b"000000\0 ")),
    ]


def streams() -> list[Attack]:
    hole = bytes(2 * 512)
    second = compressed(Member(b"x").bytes() + hole)

    def wide(archive: Archive) -> None:
        archive.compress = lambda tar: compressed(tar, window_log=27)

    return [
        unreadable("compressed stream cut", stream(lambda data: data[:-7])),
        unreadable("compressed stream cut in the middle", stream(lambda data: data[: len(data) // 2])),
        unreadable("empty file", stream(lambda data: b"")),
        row("no end-of-archive mark", end(b"")),
        row("bytes after the end-of-archive mark", end(hole + b"payload")),
        row("second tar after the first", end(hole + Member(b"../victim", data=b"x").bytes() + hole)),
        unreadable("one byte after the last frame", stream(lambda data: data + b"\0")),
        unreadable("text after the last frame", stream(lambda data: data + b"hello")),
        row("second archive in a frame of its own", stream(lambda data: data + second)),
        unreadable("skippable frame", stream(lambda data: data + b"\x50\x2a\x4d\x18\4\0\0\0abcd")),
        unreadable("frame without content", stream(lambda data: data + compressed(b""))),
        unreadable("not compressed", lambda archive: setattr(archive, "compress", lambda tar: tar)),
        unreadable("another compression", stream(lambda data: b"\x1f\x8b\x08" + data)),
        unreadable("window of 128 MiB", wide),
        row("bomb: 1 GiB of zeros after the end", stream(lambda data: data + zeros(1024))),
        unreadable("bomb: 1 GiB in a file of 9 bytes", bomb_in_file),
        unreadable(
            "bomb: a long name of 64 MiB", stream(lambda data: compressed(long_name(64 * MIB)) + zeros(64) + data)
        ),
    ]


def bomb_in_file(archive: Archive) -> None:
    """The header of the tar says a GiB, the manifest nine bytes."""
    place = archive.members.index(archive.member(DATA))
    head, tail = archive.members[:place], archive.members[place:]
    header = Member(DATA.encode(), size=octal(1 << 30, 11)).header()
    first = compressed(b"".join(member.bytes() for member in head) + header)
    archive.members = tail
    archive.stream = lambda data: first + zeros(1024) + data


def long_name(size: int) -> bytes:
    return Member(b"././@LongLink", b"L", size=octal(size, 11)).header()


ROWS = names() + kinds() + attributes() + lists() + streams()
