import CPosix
import Cryptography
import Glibc
import Posix
import SystemPackage

extension Directory {
  /// Lends the descriptor: the directory, which closes it, lives at least as long as `body` runs.
  package func withDescriptor<T, E>(_ body: (Int32) throws(E) -> T) throws(E) -> T {
    let result = try body(descriptor.rawValue)
    extendLifetime(self)
    return result
  }

  /// The directory that holds `path`.
  package func above(_ path: EntryPath) throws(PosixError) -> Directory {
    guard let parent = path.parent else { return self }
    return try directory(parent.string)
  }

  /// What `path` is, no link followed on the way; nil where there is nothing.
  package func confinedStatus(_ path: EntryPath) throws(PosixError) -> FileStatus? { try above(path).status(path.name) }

  /// The bytes of a link's target.
  package func confinedTarget(_ path: EntryPath) throws(PosixError) -> [UInt8] {
    let directory = try above(path)
    var bytes = [UInt8](repeating: 0, count: EntryPath.maximumLength + 1)
    let count = bytes.withUnsafeMutableBytes { raw in
      raw.withMemoryRebound(to: CChar.self) { text in
        directory.withDescriptor { fd in text.baseAddress.map { readlinkat(fd, path.name, $0, text.count) } ?? -1 }
      }
    }
    guard count >= 0 else { throw PosixError("readlink", path.string, code: errno) }
    return Array(bytes.prefix(count))
  }
}

extension FileDescriptor {
  /// Reads a file to its end, hashing it; `body` sees each stretch and the offset just after it.
  package func digest(
    _ path: EntryPath, buffer: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer, Int64) throws(ArchiveError) -> Void = { (_, _) in }
  ) throws(ArchiveError) -> (size: Int64, sha256: SHA256Digest) {
    var hash = try ContentHash()
    var offset: Int64 = 0
    while true {
      let count = try system(path) { () throws(PosixError) in
        try read(at: offset, into: buffer, path: path.string)
      }
      if count == 0 { break }
      offset += Int64(count)
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      try hash.update(bytes)
      try body(bytes, offset)
    }
    return (offset, try hash.finish())
  }

  /// The names of the extended attributes that a release may not have. Labels that the kernel's own security modules put
  /// on every file of a system are none of them.
  package func extendedAttributes(_ path: EntryPath) throws(ArchiveError) -> [String] {
    var list = [UInt8](repeating: 0, count: 65536)
    let count = list.withUnsafeMutableBytes { raw in
      flistxattr(rawValue, raw.bindMemory(to: CChar.self).baseAddress, raw.count)
    }
    guard count >= 0 else {
      if errno == ENOTSUP { return [] }
      throw ArchiveError(.system, path.string, underlying: PosixError("listxattr", path.string, code: errno))
    }
    let labels: Set = ["security.selinux", "security.SMACK64", "security.ima", "security.evm"]
    return list.prefix(count).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      .filter { !labels.contains($0) }
  }
}
