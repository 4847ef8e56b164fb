import Cryptography
import Posix
import Publishing
import SystemPackage

/// The folder that is served: plain files below it, nothing whose name begins with a dot, no links, no listings.
struct SharedFolder: Sendable {
  private let directory: Directory

  init(_ path: FilePath) throws { directory = try Directory.open(FilePath(path.string + "/.")) }

  /// One open file.
  struct File: Sendable {
    let handle: OpenedFile
    /// Bytes.
    let length: Int64
    /// With its quotation marks.
    let tag: String
    let name: String
  }

  /// The file that a request's target names; nil when there is none to be seen.
  func file(_ target: String) -> File? {
    guard let path = Self.path(target), let descriptor = try? directory.open(path) else { return nil }
    let handle = OpenedFile(descriptor)
    guard let status = try? descriptor.status(path), status.kind == .file else { return nil }
    guard let tag = try? Self.tag(descriptor, status, path) else { return nil }
    return File(handle: handle, length: status.size, tag: tag, name: path)
  }

  /// The path below the folder; nil for what is no plain path. The kernel confines it once more when it is opened.
  static func path(_ target: String) -> String? {
    guard let decoded = percentDecoded(target.prefix { $0 != "?" && $0 != "#" }), decoded.hasPrefix("/") else {
      return nil
    }
    let parts = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { !$0.isEmpty && $0.first != "." && $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    return isPlain ? parts.joined(separator: "/") : nil
  }

  private static func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      rest = rest.dropFirst(2)
      bytes.append(value)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Small files are told apart by their bytes: a timestamp may be replaced twice in a second by one of equal length.
  private static func tag(_ file: FileDescriptor, _ status: FileStatus, _ path: String) throws -> String {
    guard status.size <= 1 << 20 else { return "\"\(status.inode)-\(status.modified)-\(status.size)\"" }
    var bytes = [UInt8](repeating: 0, count: Int(status.size))
    let count = try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0, path: path) }
    return "\"\(try sha256(Array(bytes.prefix(count))).hex.prefix(32))\""
  }
}

/// A descriptor that is closed with its last user.
final class OpenedFile: Sendable {
  let descriptor: FileDescriptor
  init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }
  deinit { try? descriptor.close() }
}
