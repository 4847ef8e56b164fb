import Glibc
import SystemPackage

/// journald's own socket (systemd's "Native Journal Protocol"): a datagram of fields. Where nobody listens nothing is said,
/// and nothing fails.
struct JournalSocket {
  var path: FilePath = "/run/systemd/journal/socket"

  func send(_ fields: [(name: String, value: String)]) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array(path.string.utf8)
    guard text.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let message = Self.message(fields)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
        // A journal that is full or stopped keeps nobody waiting.
        sendto(
          descriptor, message, message.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), target,
          socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// A value is in one line (`sanitized`): that of several would need another form.
  static func message(_ fields: [(name: String, value: String)]) -> [UInt8] {
    fields.flatMap { Array("\($0.name)=\($0.value.sanitized(limit: .max))\n".utf8) }
  }
}
