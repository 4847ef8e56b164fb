import Bundles
import Cryptography
import Posix
import SystemPackage

@testable import Archives

extension FuzzTarget {
  static let containers = [bundle, setup, tree, tar, archive]

  /// The one-file bundle. What is listed in it can be read, whole and nothing else.
  private static let bundle = FuzzTarget("bundle", maximumLength: 65_536) { (bytes) throws(Finding) in
    let file = try Scratch.file(bytes)
    guard let bundle = try? FileBundle(file, range: 0..<Int64(bytes.count), name: "input") else { return false }
    try check(bundle, size: Int64(bytes.count))
    return true
  }

  /// A Setup file: executable, root, bundle, footer.
  private static let setup = FuzzTarget("setup", maximumLength: 65_536) { (bytes) throws(Finding) in
    guard let file = try? SetupFile(try Scratch.file(bytes), name: "input") else { return false }
    let end = file.bundleRange.upperBound
    try require(end <= bytes.count && file.bundleRange.lowerBound >= 0, "bundle at \(file.bundleRange)")
    try require(file.root.count <= 512_000, "a root of \(file.root.count) bytes")
    try check(file.bundle, size: end)
    return true
  }

  private static func check(_ bundle: FileBundle, size: Int64) throws(Finding) {
    guard let digest = SHA256Digest(hex: String(repeating: "00", count: 32)) else { return }
    guard let target = try? bundle.target(digest) else { return }
    try require(target.offset >= 0 && target.length >= 0 && target.length <= size - target.offset, "\(target)")
  }

  /// The tree manifest: parse, encode, parse gives the same, and its entries are confined.
  private static let tree = FuzzTarget("tree") { (bytes) throws(Finding) in
    guard let manifest = try? TreeManifest(parsing: bytes) else { return false }
    let text = try mustSucceed("encoded") { () throws in try manifest.encoded() }
    let again = try mustSucceed("parsed again") { () throws in try TreeManifest(parsing: text) }
    try require(again == manifest, "differs after writing and reading")
    try require(try mustSucceed("encoded again") { () throws in try again.encoded() } == text, "bytes differ")
    for entry in manifest.entries {
      try require(manifest.index(of: entry.path) != nil, "\(entry.path) is not found")
      let parts = entry.path.string.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      try require(!parts.contains { $0.isEmpty || $0.elementsEqual("..".utf8) }, "path \(entry.path)")
    }
    return true
  }

  /// A tar as the extractor reads it, behind a decoder that is fed stored blocks: mutations reach the tar reader.
  private static let tar = FuzzTarget("tar", maximumLength: 32_768) { (bytes) throws(Finding) in
    guard !bytes.isEmpty else { return false }
    return try extract(stored(bytes))
  }

  /// The same with the compression's own bytes as input.
  private static let archive = FuzzTarget("archive", maximumLength: 8192) { (bytes) throws(Finding) in
    try extract(bytes)
  }

  /// Whatever the archive holds: extraction succeeds only with exactly the manifest's tree, and never leaves its folder.
  private static func extract(_ bytes: [UInt8]) throws(Finding) -> Bool {
    let file = try Scratch.file(bytes)
    return try Scratch.withFolder { (folder) throws(Finding) in
      let inside = try mustSucceed("folder") { () throws in
        try Directory.open(folder).makeDirectory("in", mode: 0o755)
      }
      let taken =
        (try? TreeArchive.extract(
          file.descriptor, length: Int64(bytes.count), manifest: try manifest(), into: inside)) != nil
      let names = try mustSucceed("names") { () throws in try Directory.open(folder).names() }
      try require(names == ["in"], "something was made outside: \(names)")
      guard taken else { return false }
      let differences = try mustSucceed("comparing") { () throws in
        try manifest().differences(in: inside, checkHashes: true)
      }
      try require(differences.isEmpty, "accepted, but the tree differs: \(differences)")
      return true
    }
  }

  /// The tree of the seeds: a directory, two files, a link.
  private static func manifest() throws(Finding) -> TreeManifest {
    try mustSucceed("manifest") { () throws in
      func file(_ path: String, _ mode: UInt32, _ text: String) throws -> TreeManifest.Entry {
        TreeManifest.Entry(
          try EntryPath(path), .file(mode: mode, size: Int64(text.utf8.count), sha256: try sha256(Array(text.utf8))))
      }
      return try TreeManifest(
        id: "fuzz", version: "1.0.0", platform: "linux-x86_64",
        entries: [
          TreeManifest.Entry(try EntryPath("bin"), .directory),
          try file("bin/agent", 0o555, "#!/bin/sh\necho agent\n"),
          try file("readme", 0o444, "read me\n"),
          TreeManifest.Entry(try EntryPath("start"), .link(target: "bin/agent")),
        ])
    }
  }

  /// One zstd frame of stored blocks (RFC 8878, 3.1.1): single segment, content size in four bytes.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    func littleEndian(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xA0] + littleEndian(bytes.count, 4)
    var start = 0
    while start < bytes.count {
      // A block holds at most as much as the window, which is the content's size here, and never over 128 KiB.
      let end = min(start + 65_536, bytes.count)
      frame += littleEndian((end - start) << 3 | (end == bytes.count ? 1 : 0), 3) + bytes[start..<end]
      start = end
    }
    return frame
  }
}
