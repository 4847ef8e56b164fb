import CDuktape
import Glibc
import Proxies
import Synchronization

/// The one descriptor that an evaluator has: its standard input, a socket. When the other side has gone, so is this one.
enum Channel {
  private static let buffer = Mutex(PACFrameBuffer())

  static func send(_ frame: PACFrame) {
    let bytes = frame.encoded
    shim_duktape_set_writing(true)
    defer { shim_duktape_set_writing(false) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(0, $0.baseAddress?.advanced(by: done), bytes.count - done) }
      guard count > 0 else { exit(EXIT_FAILURE) }
      done += count
    }
  }

  static func fail(_ code: PACError.Code, line: Int = 0, _ message: String) {
    send(PACFrame(.failure, code.rawValue, "\(line)", message))
  }

  static func receive() -> PACFrame {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while true {
      do {
        if let frame = try buffer.withLock({ try $0.next() }) { return frame }
      } catch {
        exit(EXIT_FAILURE)
      }
      let count = read(0, &bytes, bytes.count)
      guard count > 0 else { exit(EXIT_SUCCESS) }
      buffer.withLock { $0.append(bytes.prefix(count)) }
    }
  }

  /// Asks the other side for addresses.
  static func addresses(_ kind: String, _ name: String) -> [IPAddress] {
    send(PACFrame(.lookup, kind, name))
    let frame = receive()
    guard frame.kind == .addresses else { exit(EXIT_FAILURE) }
    return frame.fields.indices.compactMap { frame.text($0).flatMap { IPAddress(parsing: $0) } }
  }
}
