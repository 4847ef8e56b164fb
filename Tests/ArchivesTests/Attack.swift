import Cryptography
import Testing

@testable import Archives

/// An archive and the manifest that it comes with.
struct Specimen {
  var members: [Member]
  var entries: [TreeManifest.Entry]
  var specialModes: Set<EntryPath> = []
  /// What follows the last member in the tar stream.
  var end: [UInt8] = .zeros(1024)
  /// Applied to the tar stream, then to the compressed one.
  var changeTar: ([UInt8]) -> [UInt8] = { $0 }
  var compress: ([UInt8]) -> [UInt8] = { $0.compressed() }

  var archive: [UInt8] { compress(changeTar(.tar(members, end: end))) }

  func manifest() throws -> TreeManifest {
    try TreeManifest(
      id: "agent", version: "1.0.0", platform: "linux-x86_64", entries: entries, specialModes: specialModes)
  }

  /// A small tree of every kind of entry. `with`: entries put in, in their right place, both in archive and manifest.
  static func plain(with more: [Member] = []) throws -> Specimen {
    let members: [Member] =
      [
        .directory("bin/"), .file("bin/tool", "#!/bin/sh\n", mode: 0o555), .directory("lib/"),
        .link("lib/current", "data"),
        .file("lib/data", "some data"), .file("lib/empty", ""),
      ] + more
    let listed = try members.map { (try entry($0), $0) }.sorted { $0.0.path < $1.0.path }
    return Specimen(members: listed.map(\.1), entries: listed.map(\.0))
  }

  private static func entry(_ member: Member) throws -> TreeManifest.Entry {
    switch member.type {
    case "5":
      return .init(try EntryPath(bytes: member.name.last == 47 ? member.name.dropLast() : member.name[...]), .directory)
    case "2":
      return .init(try EntryPath(bytes: member.name), .link(target: String(decoding: member.target, as: UTF8.self)))
    default:
      let digest = try sha256(member.data)
      return .init(
        try EntryPath(bytes: member.name), .file(mode: member.mode, size: Int64(member.data.count), sha256: digest))
    }
  }

  /// The index of the member with this name.
  func at(_ name: String) -> Int { members.firstIndex { $0.name == Array(name.utf8) } ?? 0 }

  /// With a member that the manifest does not know, at the end.
  func adding(_ member: Member) -> Specimen {
    var copy = self
    copy.members.append(member)
    return copy
  }

  func changing(_ name: String, _ change: (inout Member) -> Void) -> Specimen {
    var copy = self
    change(&copy.members[at(name)])
    return copy
  }

  func prefixing(_ name: String, _ blocks: [UInt8]) -> Specimen { changing(name) { $0.before = blocks } }

  func with(_ change: (inout Specimen) -> Void) -> Specimen {
    var copy = self
    change(&copy)
    return copy
  }
}

/// One way to hide something in an archive, and the same archive without it.
struct Attack: CustomTestStringConvertible, Sendable {
  let name: String
  let code: ArchiveError.Code
  /// What the error must name; nil where the stream as a whole is at fault.
  let entry: String?
  let hostile: @Sendable () throws -> Specimen
  let twin: @Sendable () throws -> Specimen

  init(
    _ name: String, _ code: ArchiveError.Code, _ entry: String?,
    _ hostile: @escaping @Sendable (Specimen) throws -> Specimen,
    twin: @escaping @Sendable () throws -> Specimen = { try .plain() }
  ) {
    self.name = name
    self.code = code
    self.entry = entry
    self.hostile = { try hostile(try .plain()) }
    self.twin = twin
  }

  var testDescription: String { name }
}
