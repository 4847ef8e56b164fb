import Bundles
import Cryptography
import Glibc
import Posix
import SystemPackage

extension Repository {
  /// Where a target lies below `targets/`: consistent snapshots put the hash before the last component (TUF, 6.2).
  static func place(of name: String, _ digest: SHA256Digest) -> (folder: [String], file: String) {
    var parts = name.split(separator: "/").map(String.init)
    let last = parts.popLast() ?? ""
    return (parts, "\(digest.hex).\(last)")
  }

  /// The same as a path.
  static func path(of target: TargetReference) -> String {
    let (folder, file) = place(of: target.name, target.sha256)
    return (folder + [file]).joined(separator: "/")
  }

  /// Stores a small target. Nothing is written when it is there already.
  func store(_ bytes: [UInt8], as name: String) throws -> TargetReference {
    let target = TargetReference(name: name, length: Int64(bytes.count), sha256: try sha256(bytes))
    let (folder, file) = Self.place(of: name, target.sha256)
    let directory = try targets.makeDirectories(folder)
    if try directory.status(file)?.size != target.length { try DurableFile.write(bytes, file, in: directory) }
    return target
  }

  /// Stores a target that `write` produces, under a temporary name until it is whole and on the disk.
  func store(as name: String, _ write: (FileDescriptor) throws -> Void) throws -> TargetReference {
    let (folder, last) = (name.split(separator: "/").dropLast().map(String.init), FilePath(name).lastComponent?.string)
    let directory = try targets.makeDirectories(folder)
    let temporary = ".\(last ?? "target").new"
    if try directory.status(temporary) != nil { try directory.unlink(temporary) }
    let file = try directory.create(temporary, mode: 0o644)
    do {
      defer { try? file.close() }
      try write(file)
      try file.synchronize("\(directory.path)/\(temporary)")
      let (length, digest) = try file.contentHash(path: "\(directory.path)/\(temporary)")
      let target = TargetReference(name: name, length: length, sha256: digest)
      try directory.rename(temporary, to: directory, as: Self.place(of: name, target.sha256).file)
      try directory.synchronize()
      return target
    } catch {
      try? directory.unlink(temporary)
      throw error
    }
  }

  /// Whether anything is there under the target's name.
  func hasFile(of target: TargetReference) throws -> Bool {
    let (folder, name) = Self.place(of: target.name, target.sha256)
    return try targets.directoryIfThere(folder)?.status(name) != nil
  }

  /// What is wrong with the stored target, in words; nil when it is as signed.
  func problem(of target: TargetReference) throws -> String? {
    let (folder, name) = Self.place(of: target.name, target.sha256)
    let shown = file(of: target).string
    guard let directory = try targets.directoryIfThere(folder), let status = try directory.status(name) else {
      return "\(shown) is missing"
    }
    guard status.kind == .file else { return "\(shown) is not a plain file" }
    let file = try directory.open(name)
    defer { try? file.close() }
    let (length, digest) = try file.contentHash(path: shown)
    guard length == target.length, digest == target.sha256 else {
      return "\(shown) has other bytes than signed (\(length) bytes, SHA-256 \(digest))"
    }
    return nil
  }

  /// Errors: damaged, unless the stored target is as signed.
  func require(_ target: TargetReference) throws {
    guard let problem = try problem(of: target) else { return }
    throw PublishingError(
      .damaged, "\(target.name): \(problem)",
      remedy: "restore the file from a copy of the repository, or pack the release again from the same tree")
  }

  /// The bytes of a small target, as signed. Errors: damaged.
  func bytes(of target: TargetReference, limit: Int = 64 << 20) throws -> [UInt8] {
    try require(target)
    let (folder, name) = Self.place(of: target.name, target.sha256)
    return try targets.directoryIfThere(folder)?.read(name, limit: limit) ?? []
  }

  /// Where a target's file is.
  func file(of target: TargetReference) -> FilePath {
    let (folder, file) = Self.place(of: target.name, target.sha256)
    return FilePath((["\(root.path)/targets"] + folder + [file]).joined(separator: "/"))
  }
}

extension Directory {
  func makeDirectories(_ names: [String]) throws(PosixError) -> Directory {
    var directory = self
    for name in names { directory = try directory.makeDirectory(name, mode: 0o755) }
    return directory
  }

  /// The folder below this one; nil where there is nothing of that name.
  func directoryIfThere(_ names: [String]) throws(PosixError) -> Directory? {
    var directory = self
    for name in names {
      guard try directory.status(name) != nil else { return nil }
      directory = try directory.directory(name)
    }
    return directory
  }
}

extension FileDescriptor {
  /// Length and SHA-256 of the whole file, whatever the current position.
  func contentHash(path: String) throws -> (length: Int64, sha256: SHA256Digest) {
    var digest = try Digest(.sha256)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var position: Int64 = 0
    while true {
      let count = try buffer.withUnsafeMutableBytes { try read(at: position, into: $0, path: path) }
      guard count > 0 else { break }
      try buffer.withUnsafeBytes { try digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      position += Int64(count)
    }
    guard let sha256 = SHA256Digest(bytes: try digest.finish()) else {
      throw CryptographyError(.failed, "digest length")
    }
    return (position, sha256)
  }
}
