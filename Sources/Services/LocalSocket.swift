import CPosix
import FoundationEssentials
import Glibc
import SystemPackage

/// Unix sockets at paths of any length.
///
/// A socket's address holds 108 bytes (unix(7)), which a folder for tests easily exceeds. The folder is therefore opened,
/// and the address given as `/proc/self/fd/N/NAME`.
enum LocalSocket {
  /// Messages longer than this are refused, in bytes.
  static let messageLimit = 1 << 20

  /// Listens at `path`, replacing a socket left there by somebody who was killed. Only root, this user and `group` may
  /// connect.
  static func listen(at path: FilePath, group: gid_t? = nil) throws(ServicesError) -> Int32 {
    try open(path, SOCK_NONBLOCK.rawValue) { descriptor, address, length, name, folder in
      if unlinkat(folder, name, 0) != 0, errno != ENOENT { return -1 }
      guard bind(descriptor, address, length) == 0 else { return -1 }
      // Nobody can connect before listen. (umask would change the mode of what other threads make meanwhile.)
      if let group, fchownat(folder, name, .max, group, AT_SYMLINK_NOFOLLOW) != 0 { return -1 }
      return fchmodat(folder, name, group == nil ? 0o600 : 0o660, 0) == 0 ? Glibc.listen(descriptor, 16) : -1
    }
  }

  /// Connects to `path`. Throws `unreachable` when nobody listens there.
  static func connect(to path: FilePath) throws(ServicesError) -> Int32 {
    try open(path, 0) { descriptor, address, length, _, _ in Glibc.connect(descriptor, address, length) }
  }

  private static func open(
    _ path: FilePath, _ flags: UInt32,
    _ use: (Int32, UnsafePointer<sockaddr>, socklen_t, String, Int32) -> Int32
  ) throws(ServicesError) -> Int32 {
    func failure() -> ServicesError {
      ServicesError(errno == EACCES || errno == EPERM ? .refused : .unreachable, "\(path): \(Errno(rawValue: errno))")
    }
    guard let name = path.lastComponent?.string else { throw ServicesError(.malformed, "\(path): no socket's name") }
    let folder = shim_openat(AT_FDCWD, path.removingLastComponent().string, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard folder >= 0 else { throw failure() }
    defer { close(folder) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | flags), 0)
    guard descriptor >= 0 else { throw failure() }

    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array("/proc/self/fd/\(folder)/\(name)".utf8)
    guard text.count < MemoryLayout.size(ofValue: address.sun_path) else {
      close(descriptor)
      throw ServicesError(.malformed, "\(path): the socket's name is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size), name, folder)
      }
    }
    guard result == 0 else {
      let error = failure()
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// One line of JSON, with its line feed.
  static func encode(_ message: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(message)) + [0x0A] }

  static func decode<Message: Decodable>(_ type: Message.Type, _ line: [UInt8]) throws(ServicesError) -> Message {
    do {
      return try JSONDecoder().decode(type, from: Data(line))
    } catch {
      throw ServicesError(.malformed, "not a message of the supervisor: \(error)")
    }
  }
}
