import Glibc

/// The service's side of sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names.
enum Notification {
  /// Sends `state`; without NOTIFY_SOCKET, or when nobody listens, nothing happens.
  static func send(_ state: String) {
    guard let value = getenv("NOTIFY_SOCKET") else { return }
    var name = Array(String(cString: value).utf8)
    var address = sockaddr_un()
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard name.count > 1, name.count < capacity, name[0] == UInt8(ascii: "/") || name[0] == UInt8(ascii: "@") else {
      return
    }
    // A leading @ stands for the abstract namespace, whose names begin with a zero byte.
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)

    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let message = Array(state.utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        _ = sendto(descriptor, message, message.count, CInt(MSG_NOSIGNAL), generic, length)
      }
    }
  }
}
