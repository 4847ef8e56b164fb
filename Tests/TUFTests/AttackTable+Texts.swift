import Cryptography

@testable import TUF

extension Attack {
  /// Texts in the place of a value, each signed as far as that is possible, in each role. The twin has a string there.
  private static let literals: [(Kind, String, [UInt8])] = [
    (.floats, "1.5", Array("1.5".utf8)), (.floats, "1e3", Array("1e3".utf8)), (.floats, "-0.0", Array("-0.0".utf8)),
    (.floats, "NaN", Array("NaN".utf8)), (.hugeIntegers, "2^63", Array("9223372036854775808".utf8)),
    (.hugeIntegers, "below -2^63", Array("-9223372036854775809".utf8)),
    (.hugeIntegers, "5,000 digits", [UInt8](repeating: UInt8(ascii: "9"), count: 5000)),
    (.invalidUTF8, "byte FF", [0x22, 0xFF, 0x22]), (.invalidUTF8, "overlong slash", [0x22, 0xC0, 0xAF, 0x22]),
    (.invalidUTF8, "half a surrogate pair", Array(#""\ud800""#.utf8)),
    (.duplicateKeys, "twice", Array(#"1, "x-probe": 2"#.utf8)),
    (.duplicateKeys, "once escaped", Array(#"1, "\u0078-probe": 2"#.utf8)),
    (.duplicateKeys, "the version again", Array(#"1, "version": 3"#.utf8)),
    (.deepNesting, "arrays", Array((String(repeating: "[", count: 70) + String(repeating: "]", count: 70)).utf8)),
    (
      .deepNesting, "objects",
      Array((String(repeating: #"{"a":"#, count: 70) + "1" + String(repeating: "}", count: 70)).utf8)
    ),
  ]

  static let texts = ["root", "timestamp", "snapshot", "targets", "agent"].flatMap { role in
    literals.map { kind, name, literal in
      Attack(kind, "\(name) in \(role)", .malformed, role) { fixture in
        try fixture.change(role) { $0["x-probe"] = .string("PROBE") }
        fixture.splice(literal, into: Fixture.fileName(role))
      }.with { $0.twin = { try $0.change(role) { $0["x-probe"] = .string("PROBE") } } }
    }
  }

  /// Versions at the ends of what an integer holds.
  static let fastForwards = [
    Attack(.fastForward, "the last version there can be", .malformed, "timestamp") {
      try $0.change("timestamp") { $0["version"] = .integer(.max) }
    }.with { $0.twin = { try $0.change("timestamp") { $0["version"] = .integer(.max - 1) } } },
    Attack(.fastForward, "the last version of root", .malformed, "root") {
      try $0.change("root") { $0["version"] = .integer(.max) }
    },
    Attack(.fastForward, "a far version by a stranger", .signature, "timestamp") {
      try $0.forge("timestamp.json", keys: [PrivateKey.generate()]) { $0["version"] = .integer(1_000_000) }
    }.with { $0.twin = { try $0.change("timestamp") { $0["version"] = .integer(1_000_000) } } },
    Attack(.fastForward, "a far snapshot that is not there", .missing, "snapshot") {
      try $0.change("timestamp") { $0["meta"]?["snapshot.json"]?["version"] = .integer(1_000_000) }
    },
    Attack(.fastForward, "a root far ahead", .wrongVersion, "root") {
      try $0.change("root") { $0["version"] = .integer(1_000_000) }
    },
  ]
}

extension Fixture {
  fileprivate mutating func splice(_ literal: [UInt8], into name: String) {
    let text = files[name] ?? []
    let mark = Array("\"PROBE\"".utf8)
    guard let start = text.indices.first(where: { text[$0...].starts(with: mark) }) else { return }
    files[name] = Array(text[..<start] + literal + text[(start + mark.count)...])
  }
}
