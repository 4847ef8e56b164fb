import Cryptography
import Glibc
import Posix
import SystemPackage
import TUF
import Transport

/// The folder of downloads: one file a target, named by its percent-encoded path, whole and verified before it has a name
/// there.
struct TargetFolder {
  let directory: Directory
  private let base: String
  private let downloader: Downloader

  init(_ path: FilePath, base: String, downloader: Downloader) throws {
    directory = try Directory.open(path)
    self.base = base
    self.downloader = downloader
  }

  /// Section 5.7: downloads `target`, unless it is here already. `hashInName`: the repository's files are called
  /// HASH.NAME, as with consistent snapshots.
  func bring(_ target: TargetInfo, hashInName: Bool) async throws {
    let name = PercentEncoding.component(target.path)
    if let present = try? directory.open(name), (try? verify(present, target)) != nil { return }
    let remote = try Self.remoteName(target, hashInName: hashInName)
    let scratch = try Scratch()
    defer { scratch.remove() }
    // 5.7.3: as many bytes as the metadata says, and no more.
    try await downloader.download(remote, from: [base], to: scratch.file, expectedLength: Int64(target.length))
    let file = try unnamedFile()
    defer { try? file.close() }
    try copy(scratch.file, into: file)
    try verify(file, target)
    try file.synchronize(name)
    try link(file, as: name)
  }

  /// Throws `lengthOrHash` unless `file` has the length and every known hash of `target`, of which there must be one.
  private func verify(_ file: FileDescriptor, _ target: TargetInfo) throws {
    let known = target.hashes.compactMap { name, hash in Digest.Algorithm(rawValue: name).map { ($0, hash) } }
    guard !known.isEmpty else {
      throw TUFError(.unsupported, role: target.role, "\(target.path): neither sha256 nor sha512 among the hashes")
    }
    let status = try file.status(target.path)
    guard status.kind == .file, status.size == Int64(target.length) else {
      throw TUFError(.lengthOrHash, role: target.role, "\(target.path): not \(target.length) bytes")
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    for (algorithm, expected) in known {
      var digest = try Digest(algorithm)
      var offset: Int64 = 0
      while true {
        let count = try buffer.withUnsafeMutableBytes { try file.read(at: offset, into: $0, path: target.path) }
        if count == 0 { break }
        try digest.update(Array(buffer[..<count]))
        offset += Int64(count)
      }
      guard Hex.encode(try digest.finish()) == expected else {
        throw TUFError(.lengthOrHash, role: target.role, "\(target.path): \(algorithm) differs from the listed one")
      }
    }
  }

  private func copy(_ path: FilePath, into copy: FileDescriptor) throws {
    let file = try FileDescriptor.open(path, .readOnly)
    defer { try? file.close() }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { return }
      try copy.writeFully(Array(buffer[..<count]), path: path.string)
    }
  }

  /// The target's place below the base URL. Throws `unsupported` for a path that leads out of it.
  private static func remoteName(_ target: TargetInfo, hashInName: Bool) throws -> String {
    var parts = target.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw TUFError(.unsupported, role: target.role, "\"\(target.path)\" is no path below a URL")
    }
    if hashInName {
      guard let hash = target.hashes["sha256"] ?? target.hashes["sha512"] else {
        throw TUFError(.unsupported, role: target.role, "\(target.path): neither sha256 nor sha512 among the hashes")
      }
      parts.append("\(hash).\(parts.removeLast())")
    }
    return parts.map(PercentEncoding.component).joined(separator: "/")
  }
}
