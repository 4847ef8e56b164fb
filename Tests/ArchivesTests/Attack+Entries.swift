@testable import Archives

extension Attack {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static func long(_ count: Int) -> String { String(repeating: "n", count: count) }

  /// Sixteen directories deep, each with a name of 240 bytes.
  private static func deep(_ levels: Int) -> [Member] {
    (1...levels).map { level in .directory((0..<level).map { _ in long(240) }.joined(separator: "/") + "/") }
  }

  static let names: [Attack] = [
    .init("absolute path", .absolutePath, "/victim", { $0.adding(.file("/victim", "x")) }),
    .init("path out of the tree", .parentReference, "../victim", { $0.adding(.file("../victim", "x")) }),
    .init("path out of the tree from within", .parentReference, "lib/../../victim") {
      $0.adding(.file("lib/../../victim", "x"))
    },
    .init("a directory named ..", .parentReference, "..", { $0.adding(.directory("../")) }),
    .init("the tree's own root", .invalidPath, ".", { $0.adding(.directory("./")) }),
    .init("a dot in the path", .invalidPath, "./lib/x", { $0.adding(.file("./lib/x", "x")) }),
    .init("an empty component", .invalidPath, "lib//x", { $0.adding(.file("lib//x", "x")) }),
    .init(
      "component of 256 bytes", .nameTooLong, long(256), { $0.adding(.file(long(256), "x")) },
      twin: { try .plain(with: [.file(long(255), "x")]) }),
    .init(
      "path of 4,096 bytes", .nameTooLong, "n/n/n/n",
      { $0.adding(.file(String(repeating: "n/", count: 2047) + "nn", "x")) },
      twin: { try .plain(with: deep(16)) }),
    .init(
      "name that is not UTF-8", .nameNotUTF8, "caf", { $0.adding(Member(name: bytes("caf") + [0xe9])) },
      twin: { try .plain(with: [.file("café", "x")]) }),
    .init("overlong UTF-8 for a slash", .nameNotUTF8, nil, { $0.adding(Member(name: [0xc0, 0xaf])) }),
    .init("line feed in a name", .controlCharacter, "a\nb", { $0.adding(.file("a\nb", "x")) }),
    .init("escape in a name", .controlCharacter, "a\u{1b}[2J", { $0.adding(.file("a\u{1b}[2J", "x")) }),
    .init(
      "C1 control in a name", .controlCharacter, "a\u{9b}", { $0.adding(.file("a\u{9b}b", "x")) },
      twin: { try .plain(with: [.file("a\u{a1}b", "x")]) }),
    .init("DEL in a directory's name", .controlCharacter, "a\u{7f}", { $0.adding(.directory("a\u{7f}/")) }),
  ]

  static let kinds: [Attack] = [
    .init(
      "link out of the tree", .escapingLink, "lib/current",
      { $0.changing("lib/current") { $0.target = bytes("../../victim") } }),
    .init(
      "absolute link", .escapingLink, "lib/current", { $0.changing("lib/current") { $0.target = bytes("/etc/passwd") } }
    ),
    .init("link that climbs through another link", .escapingLink, "lib/current") {
      $0.changing("lib/current") { $0.target = bytes("../bin/../../victim") }
    },
    .init(
      "long link out of the tree", .escapingLink, "lib/current",
      { $0.changing("lib/current") { $0.target = bytes(String(repeating: "../", count: 60)) } },
      twin: { try .plain(with: [.link("lib/long", long(120))]) }),
    .init(
      "link to another place", .wrongTarget, "lib/current",
      { $0.changing("lib/current") { $0.target = bytes("empty") } }),
    .init("control character in a target", .controlCharacter, "lib/current") {
      $0.changing("lib/current") { $0.target = bytes("da\u{1b}ta") }
    },
    .init(
      "target that is not UTF-8", .nameNotUTF8, "lib/current", { $0.changing("lib/current") { $0.target = [0xff] } }),
    .init("hard link inside", .hardLink, "lib/empty") {
      $0.changing("lib/empty") { ($0.type, $0.target) = ("1", bytes("lib/data")) }
    },
    .init("hard link to a file outside", .hardLink, "lib/empty") {
      $0.changing("lib/empty") { ($0.type, $0.target) = ("1", bytes("../victim")) }
    },
    .init("character device", .device, "lib/empty", { $0.changing("lib/empty") { $0.type = "3" } }),
    .init("block device", .device, "lib/empty", { $0.changing("lib/empty") { $0.type = "4" } }),
    .init("fifo", .fifo, "lib/empty", { $0.changing("lib/empty") { $0.type = "6" } }),
    .init("file where a directory belongs", .wrongType, "bin") {
      $0.changing("bin/") { ($0.type, $0.name) = ("0", bytes("bin")) }
    },
    .init("directory where a file belongs", .wrongType, "lib/empty", { $0.changing("lib/empty") { $0.type = "5" } }),
    .init("link where a directory belongs", .wrongType, "lib") {
      $0.changing("lib/") { ($0.type, $0.name, $0.target) = ("2", bytes("lib"), bytes("bin")) }
    },
    .init("escaping link where a directory belongs", .escapingLink, "lib") {
      $0.changing("lib/") { ($0.type, $0.name, $0.target) = ("2", bytes("lib"), bytes("..")) }
    },
    .init("file below a link", .belowLink, "lib/current/x", { $0.adding(.file("lib/current/x", "x")) }),
    .init(
      "GNU sparse file", .sparse, "lib/data",
      {
        $0.changing("lib/data") {
          $0.type = "S"
          // Nine bytes stored, to be spread over a megabyte.
          $0.patches = [386: Member.octal(1_000_000, 11), 398: Member.octal(9, 11), 483: Member.octal(1_000_009, 11)]
        }
      }),
  ]

  static let attributes: [Attack] = [
    .init(
      "setuid", .specialMode, "bin/tool", { $0.changing("bin/tool") { $0.mode = 0o4555 } },
      twin: {
        try Specimen.plain(with: [.file("bin/privileged", "x", mode: 0o4555)]).with {
          if let path = try? EntryPath("bin/privileged") { $0.specialModes = [path] }
        }
      }),
    .init("setgid", .specialMode, "bin/tool", { $0.changing("bin/tool") { $0.mode = 0o2555 } }),
    .init("sticky", .specialMode, "bin/tool", { $0.changing("bin/tool") { $0.mode = 0o1555 } }),
    .init("setgid directory", .specialMode, "lib", { $0.changing("lib/") { $0.mode = 0o2555 } }),
    .init("writable file", .wrongMode, "lib/data", { $0.changing("lib/data") { $0.mode = 0o666 } }),
    .init("writable directory", .wrongMode, "lib", { $0.changing("lib/") { $0.mode = 0o777 } }),
    pax("extended attribute", .extendedAttribute, "SCHILY.xattr.user.note", "x"),
    pax("extended attribute as libarchive writes it", .extendedAttribute, "LIBARCHIVE.xattr.user.note", "eA=="),
    pax(
      "file capability", .fileCapability, "SCHILY.xattr.security.capability",
      "\u{1}\0\0\u{2}\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    pax(
      "access control list", .accessControlList, "SCHILY.acl.access",
      "user::r--,group::r--,other::r--,user:nobody:rwx:65534"),
    pax("default access control list", .accessControlList, "SCHILY.acl.default", "user::rwx,group::r-x,other::r-x"),
    pax("file flags", .fileFlags, "SCHILY.fflags", "immutable"),
    pax("pax path", .extendedHeader, "path", "lib/empty", named: "lib/empty"),
    pax("pax path out of the tree", .parentReference, "path", "../victim", named: "../victim"),
    pax("pax size", .extendedHeader, "size", "8"),
    pax("pax link target", .hardLink, "linkpath", "../victim", type: "1"),
    pax("pax sparse map", .sparse, "GNU.sparse.map", "100,9", and: ("GNU.sparse.size", "109")),
    pax("harmless pax record", .extendedHeader, "comment", "hello"),
    .init("pax global header", .extendedHeader, "lib/data") {
      $0.prefixing("lib/data", Member.pax([("path", bytes("elsewhere"))], type: "g"))
    },
    .init("pax global header before a ustar member", .extendedHeader, "lib/data") {
      $0.prefixing("lib/data", Member.pax([("comment", bytes("x"))], type: "g"))
        .changing("lib/data") { $0.magic = "ustar\u{0}00" }
    },
    .init("volume label", .extendedHeader, "lib/data") {
      $0.prefixing("lib/data", Member(name: bytes("label"), type: "V").bytes)
    },
    .init("long name for a short one", .extendedHeader, "lib/data") {
      $0.prefixing("lib/data", Member(name: bytes("././@LongLink"), type: "L", data: bytes("lib/data\0")).bytes)
    },
  ]

  /// A record in front of `lib/data`.
  private static func pax(
    _ name: String, _ code: ArchiveError.Code, _ key: String, _ value: String, and more: (String, String)? = nil,
    named entry: String = "lib/data", type: Character = "0"
  ) -> Attack {
    let records = ([(key, value)] + (more.map { [$0] } ?? [])).map { ($0.0, Array($0.1.utf8)) }
    return Attack(
      name, code, entry, { $0.prefixing("lib/data", Member.pax(records)).changing("lib/data") { $0.type = type } })
  }
}
