import Glibc
import Posix
import SystemPackage

/// One connection to a signer, in frames: the length in two bytes, then as many. All waiting ends at one deadline.
struct SignerConnection: ~Copyable {
  private let descriptor: Int32
  /// In nanoseconds of ``HostClock/monotonicNanoseconds()``.
  private let deadline: Int64
  private let place: String

  init(_ path: FilePath, patience: Duration) throws(SignerError) {
    place = path.string
    deadline = HostClock.monotonicNanoseconds() + Int64(patience / .nanoseconds(1))
    descriptor = try Self.connect(path)
  }

  deinit { close(descriptor) }

  /// What the other side has closed already is no error here: it may have said why before.
  func send(_ body: [UInt8]) throws(SignerError) {
    let frame = [UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    var done = 0
    while done < frame.count {
      let count = frame.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: done), frame.count - done, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        done += count
      } else if errno == EAGAIN {
        try wait(Int16(POLLOUT))
      } else if errno != EINTR {
        return
      }
    }
  }

  func receive() throws(SignerError) -> [UInt8] {
    let head = try take(2)
    let count = Int(head[0]) << 8 | Int(head[1])
    guard count > 0 else { throw SignerError(.malformed, "an answer of no bytes") }
    return try take(count)
  }

  private func take(_ count: Int) throws(SignerError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      try wait(Int16(POLLIN))
      let got = bytes.withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress?.advanced(by: done), count - done, Int32(MSG_DONTWAIT))
      }
      if got > 0 {
        done += got
      } else if got == 0 || errno == ECONNRESET {
        throw SignerError(.interrupted, place)
      } else if errno != EAGAIN && errno != EINTR {
        throw SignerError(.interrupted, "\(place): \(Errno(rawValue: errno))")
      }
    }
    return bytes
  }

  private func wait(_ events: Int16) throws(SignerError) {
    let rest = deadline - HostClock.monotonicNanoseconds()
    var poll = pollfd(fd: descriptor, events: events, revents: 0)
    guard rest > 0, Glibc.poll(&poll, 1, Int32(clamping: rest / 1_000_000 + 1)) != 0 else {
      throw SignerError(.overdue, place)
    }
  }

  private static func connect(_ path: FilePath) throws(SignerError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array(path.string.utf8)
    guard text.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SignerError(.unavailable, "\(path): the socket's path is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
    // Without waiting: a full queue of connections is an answer.
    let descriptor = Glibc.socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard descriptor >= 0, result == 0 else {
      let reason = Errno(rawValue: errno)
      if descriptor >= 0 { close(descriptor) }
      let code: SignerError.Code =
        switch reason {
        case .permissionDenied: .forbidden
        case .resourceTemporarilyUnavailable: .busy
        default: .unavailable
        }
      throw SignerError(code, "\(path): \(reason)")
    }
    return descriptor
  }
}
