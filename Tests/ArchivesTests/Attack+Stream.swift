@testable import Archives

extension Attack {
  static let lists: [Attack] = [
    .init("file listed twice", .duplicate, "lib/data", { $0.adding(.file("lib/data", "some data")) }),
    .init("directory listed twice", .duplicate, "bin", { $0.adding(.directory("bin/")) }),
    .init("second file under another's name", .duplicate, "lib/data") { specimen in
      specimen.with { $0.members.insert(.file("lib/data", "other data"), at: $0.at("lib/empty")) }
    },
    .init("file that is not in the manifest", .unlisted, "lib/more", { $0.adding(.file("lib/more", "x")) }),
    .init(
      "name that differs only in its composition", .unlisted, nil, { $0.adding(.file("cafe\u{301}", "x")) },
      twin: { try .plain(with: [.file("cafe\u{301}", "x"), .file("caf\u{e9}", "y")]) }),
    .init("last file missing", .missing, "lib/empty", { specimen in specimen.with { $0.members.removeLast() } }),
    .init("file missing in the middle", .missing, "bin/tool") { specimen in
      specimen.with { $0.members.remove(at: $0.at("bin/tool")) }
    },
    .init("members out of order", .missing, "lib/data") { specimen in
      specimen.with { $0.members.swapAt($0.at("lib/data"), $0.at("lib/empty")) }
    },
    .init("no members at all", .missing, "bin", { specimen in specimen.with { $0.members = [] } }),
    .init("file too short", .wrongSize, "lib/data", { $0.changing("lib/data") { $0.data.removeLast() } }),
    .init("file too long", .wrongSize, "lib/data", { $0.changing("lib/data") { $0.data.append(0) } }),
    .init("one bit of a file changed", .wrongDigest, "lib/data", { $0.changing("lib/data") { $0.data[3] ^= 1 } }),
    .init(
      "file of 8 GiB", .wrongSize, "lib/data", { $0.changing("lib/data") { $0.size = Member.octal(0o77777777777, 11) } }
    ),
    .init("file of 8 EiB", .corrupt, nil) {
      $0.changing("lib/data") { $0.size = [0x80, 0, 0, 0, 0x7f] + [UInt8](repeating: 0xff, count: 7) }
    },
    .init("negative size", .corrupt, nil) {
      $0.changing("lib/data") { $0.size = [UInt8](repeating: 0xff, count: 12) }
    },
  ]

  static let streams: [Attack] = [
    .init("compressed stream cut", .truncated, nil, { compressing($0) { Array($0.dropLast(7)) } }),
    .init("compressed stream cut to nothing", .truncated, nil, { compressing($0) { _ in [] } }),
    .init("compressed stream cut in its first bytes", .truncated, nil, { compressing($0) { Array($0.prefix(5)) } }),
    .init(
      "tar cut in a file", .truncated, nil, { tar($0) { Array($0.prefix(512 * 2 + 3)) } }),
    .init("tar cut in a header", .truncated, nil, { tar($0) { Array($0.prefix(512 + 100)) } }),
    .init("no end-of-archive mark", .truncated, nil, { specimen in specimen.with { $0.end = [] } }),
    .init(
      "half an end-of-archive mark", .truncated, nil, { specimen in specimen.with { $0.end = .zeros(512) } },
      twin: { try Specimen.plain().with { $0.end = .zeros(10240) } }),
    .init("bytes after the end-of-archive mark", .trailingData, nil) { specimen in
      specimen.with { $0.end = .zeros(1024) + Array("payload".utf8) }
    },
    .init("a second tar after the first", .trailingData, nil) { specimen in
      specimen.with { $0.end = .zeros(1024) + .tar([.file("../victim", "x")]) }
    },
    .init("bytes in the second block of the mark", .trailingData, nil) { specimen in
      specimen.with { $0.end = .zeros(700) + [1] + .zeros(2000) }
    },
    .init("one byte after the frame", .trailingData, nil, { compressing($0) { $0 + [0] } }),
    .init("text after the frame", .trailingData, nil, { compressing($0) { $0 + Array("hello, world".utf8) } }),
    .init(
      "a second archive in a frame of its own", .trailingData, nil,
      { compressing($0) { $0 + [UInt8].tar([.file("x", "x")]).compressed() } },
      twin: {
        compressingTar(try .plain()) { tar in
          Array(tar.prefix(1300)).compressed() + Array(tar.dropFirst(1300)).compressed()
        }
      }),
    .init("a skippable frame", .trailingData, nil) {
      compressing($0) { $0 + [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4] }
    },
    .init("a skippable frame in front", .corrupt, nil) {
      compressing($0) { [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4] + $0 }
    },
    .init("an empty frame", .trailingData, nil, { compressing($0) { $0 + [UInt8]().compressed() } }),
    .init("not compressed at all", .corrupt, nil, { compressingTar($0) { $0 } }),
    .init("one bit of the checksum changed", .corrupt, nil) {
      compressing($0) { Array($0.dropLast()) + [$0[$0.count - 1] ^ 1] }
    },
    .init("header with a wrong checksum", .corrupt, nil, { $0.changing("lib/data") { $0.breaksChecksum = true } }),
    .init(
      "window of 128 MiB", .windowTooLarge, nil, { compressingTar($0) { $0.compressed(windowLog: 27) } },
      twin: { compressingTar(try .plain()) { $0.compressed(windowLog: 24) } }),
    .init("a bomb of 64 MiB of zeros behind the end", .tooLarge, nil) { specimen in
      specimen.with { $0.end = .zeros(64 << 20) }
    },
    .init("a bomb inside a file", .wrongSize, "lib/data", { $0.changing("lib/data") { $0.data = .zeros(16 << 20) } }),
    .init("a bomb in a long name", .nameTooLong, nil) {
      $0.adding(Member(name: [UInt8](repeating: 97, count: 900_000)))
    },
  ]

  static let all = names + kinds + attributes + lists + streams

  private static func compressing(_ specimen: Specimen, _ change: @escaping ([UInt8]) -> [UInt8]) -> Specimen {
    specimen.with { $0.compress = { change($0.compressed()) } }
  }
  private static func compressingTar(_ specimen: Specimen, _ change: @escaping ([UInt8]) -> [UInt8]) -> Specimen {
    specimen.with { $0.compress = change }
  }
  private static func tar(_ specimen: Specimen, _ change: @escaping ([UInt8]) -> [UInt8]) -> Specimen {
    specimen.with { $0.changeTar = change }
  }
}
