import CPosix
import Cryptography
import Glibc
import Posix
import SystemPackage

/// Writes entries below one directory, each against the manifest's next one.
final class TreeExtractor {
  let manifest: TreeManifest
  let destination: Directory
  let progress: (@Sendable (Int64) -> Void)?
  /// Access and modification time of everything: 1970-01-01T00:00:00Z.
  private let epoch = [timespec(), timespec()]
  var next = 0
  var written: Int64 = 0
  /// The directory that the last entry went into: entries of one directory mostly come together.
  private var parent: (path: EntryPath?, directory: Directory)

  init(_ manifest: TreeManifest, into destination: Directory, progress: (@Sendable (Int64) -> Void)?) {
    self.manifest = manifest
    self.destination = destination
    self.progress = progress
    parent = (nil, destination)
  }

  /// Checks one entry, makes it, and reads its data.
  func add(_ entry: TarEntry, from reader: TarReader) throws(ArchiveError) {
    let listed = try match(entry)
    let path = listed.path
    next += 1
    switch (listed.kind, entry.kind) {
    case (.directory, .directory):
      try check(entry.mode, TreeManifest.directoryMode, path)
      try makeDirectory(path)
    case (.link(let target), .link(let found)):
      guard found.elementsEqual(target.utf8) else {
        throw ArchiveError(.wrongTarget, path.string, "\(String(decoding: found, as: UTF8.self)), not \(target)")
      }
      try makeLink(path, target)
    case (.file(let mode, let size, let digest), .file):
      try check(entry.mode, mode, path)
      guard entry.size == size else { throw ArchiveError(.wrongSize, path.string, "\(entry.size), not \(size) bytes") }
      try writeFile(path, mode: mode, size: size, digest: digest, from: reader)
    default:
      throw ArchiveError(.wrongType, path.string)
    }
  }

  /// Checks that nothing is missing and gives the directories their final mode and time.
  func finish() throws(ArchiveError) {
    guard next == manifest.entries.count else { throw ArchiveError(.missing, manifest.entries[next].path.string) }
    for entry in manifest.entries.reversed() {
      guard case .directory = entry.kind else { continue }
      let path = entry.path
      try system(path) { () throws(PosixError) in
        try destination.directory(path.string).withDescriptor { (fd) throws(PosixError) in
          try seal(fd, mode: TreeManifest.directoryMode, path)
        }
      }
    }
  }

  /// The manifest's entry that this one must be.
  private func match(_ entry: TarEntry) throws(ArchiveError) -> TreeManifest.Entry {
    let path = try entry.path
    try entry.checkKind(path)
    if next < manifest.entries.count, manifest.entries[next].path == path { return manifest.entries[next] }
    if let above = manifest.linkAbove(path) { throw ArchiveError(.belowLink, path.string, "below \(above)") }
    guard let index = manifest.index(of: path) else { throw ArchiveError(.unlisted, path.string) }
    if index < next { throw ArchiveError(.duplicate, path.string) }
    throw ArchiveError(.missing, manifest.entries[next].path.string, "\(path) stands in its place")
  }

  private func check(_ found: UInt32, _ expected: UInt32, _ path: EntryPath) throws(ArchiveError) {
    guard found != expected else { return }
    let detail = "\(TreeManifest.octal(found)), not \(TreeManifest.octal(expected))"
    throw ArchiveError(found & 0o7000 & ~expected != 0 ? .specialMode : .wrongMode, path.string, detail)
  }

  func directory(above path: EntryPath) throws(PosixError) -> Directory {
    let above = path.parent
    if parent.path != above {
      parent = (
        above, try above.map { (path) throws(PosixError) in try destination.directory(path.string) } ?? destination
      )
    }
    return parent.directory
  }

  func makeDirectory(_ path: EntryPath) throws(ArchiveError) {
    try system(path) { () throws(PosixError) in
      // Writable for its owner until its content is there.
      let made = try directory(above: path).withDescriptor { mkdirat($0, path.name, 0o700) }
      guard made == 0 else { throw PosixError("mkdir", path.string, code: errno) }
    }
  }

  func makeLink(_ path: EntryPath, _ target: String) throws(ArchiveError) {
    try system(path) { () throws(PosixError) in
      let above = try directory(above: path)
      try above.makeLink(path.name, to: target)
      try above.withDescriptor { (fd) throws(PosixError) in
        guard utimensat(fd, path.name, epoch, AT_SYMLINK_NOFOLLOW) == 0 else {
          throw PosixError("utimensat", path.string, code: errno)
        }
      }
    }
  }

  private func writeFile(_ path: EntryPath, mode: UInt32, size: Int64, digest: SHA256Digest, from reader: TarReader)
    throws(ArchiveError)
  {
    let file = try system(path) { () throws(PosixError) in
      try directory(above: path).create(path.name, mode: mode_t(mode & 0o777))
    }
    defer { try? file.close() }
    var hash = try ContentHash()
    var offset: Int64 = 0
    while let data = try reader.data(at: offset) {
      offset += Int64(data.count)
      guard offset <= size else { throw ArchiveError(.wrongSize, path.string, "more than \(size) bytes") }
      try hash.update(data)
      try system(path) { () throws(PosixError) in try file.writeFully(data, path: path.string) }
      written += Int64(data.count)
      progress?(written)
    }
    guard offset == size else { throw ArchiveError(.wrongSize, path.string, "\(offset), not \(size) bytes") }
    guard try hash.finish() == digest else { throw ArchiveError(.wrongDigest, path.string) }
    try system(path) { () throws(PosixError) in
      try seal(file.rawValue, mode: mode & 0o7000 == 0 ? nil : mode, path)
    }
  }

  /// Mode (unless it is as it should be already) and time, which writing would change. The owner is whoever extracts:
  /// root in production, where apply's sandbox lets nobody change owners.
  func seal(_ fd: Int32, mode: UInt32?, _ path: EntryPath) throws(PosixError) {
    if let mode, fchmod(fd, mode) != 0 { throw PosixError("chmod", path.string, code: errno) }
    guard futimens(fd, epoch) == 0 else { throw PosixError("futimens", path.string, code: errno) }
  }
}

extension TarEntry {
  /// The validated name; a directory's single trailing slash is taken off.
  var path: EntryPath {
    get throws(ArchiveError) {
      if kind == .directory, name.count > 1, name.last == UInt8(ascii: "/") {
        return try EntryPath(bytes: name.dropLast())
      }
      return try EntryPath(bytes: name)
    }
  }

  /// Refuses what no manifest can allow.
  func checkKind(_ path: EntryPath) throws(ArchiveError) {
    switch kind {
    case .file, .directory: break
    case .link(let target):
      guard let text = String(validating: target, as: UTF8.self) else {
        throw ArchiveError(.nameNotUTF8, path.string, "link target")
      }
      try path.checkTarget(text)
    case .hardLink: throw ArchiveError(.hardLink, path.string)
    case .device: throw ArchiveError(.device, path.string)
    case .fifo: throw ArchiveError(.fifo, path.string)
    case .socket: throw ArchiveError(.socket, path.string)
    case .unknown: throw ArchiveError(.specialFile, path.string)
    }
    if let refused { throw ArchiveError(refused, path.string) }
  }
}
