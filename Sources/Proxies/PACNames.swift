import CPosix
import Dispatch
import Glibc
import Synchronization

/// Name look-ups, which a script may ask for and its evaluator cannot make.
public struct PACNames: Sendable {
  /// The addresses of a name, within so many seconds; none where there are none.
  public var resolve: @Sendable (_ name: String, _ seconds: Double) -> [IPAddress]
  /// The machine's own addresses, those first that its traffic leaves by.
  public var own: @Sendable () -> [IPAddress]

  public init(
    resolve: @escaping @Sendable (String, Double) -> [IPAddress], own: @escaping @Sendable () -> [IPAddress]
  ) {
    self.resolve = resolve
    self.own = own
  }

  /// This machine's resolver, getaddrinfo(3), and its routes.
  public static let system = PACNames(
    resolve: { name, seconds in bounded(seconds) { resolve(name) } },
    own: { [AF_INET, AF_INET6].compactMap { ownAddress(Int32($0)) } })

  /// A look-up that takes too long goes on in its own thread; while this many do, no other is begun.
  private static let most = 16
  private static let running = Atomic<Int>(0)

  /// What `resolve` finds within so many seconds, and none after them.
  static func bounded(_ seconds: Double, _ resolve: @escaping @Sendable () -> [IPAddress]) -> [IPAddress] {
    guard running.add(1, ordering: .relaxed).newValue <= most else {
      running.subtract(1, ordering: .relaxed)
      return []
    }
    let answer = Answer()
    DispatchQueue.global().async {
      let found = resolve()
      answer.addresses.withLock { $0 = found }
      running.subtract(1, ordering: .relaxed)
      answer.done.signal()
    }
    _ = answer.done.wait(timeout: .now() + seconds)
    return answer.addresses.withLock { $0 }
  }

  private final class Answer: Sendable {
    let addresses = Mutex<[IPAddress]>([])
    let done = DispatchSemaphore(value: 0)
  }

  private static func resolve(_ name: String) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var result: [IPAddress] = []
    var next = list
    while let entry = next {
      if let address = address(entry.pointee.ai_addr, entry.pointee.ai_addrlen), !result.contains(address) {
        result.append(address)
      }
      next = entry.pointee.ai_next
    }
    return result
  }

  /// The address that traffic to the world would leave from: what a connected datagram socket is given, without a
  /// packet being sent. The world is stood for by addresses of documentation (RFC 5737, RFC 3849).
  private static func ownAddress(_ family: Int32) -> IPAddress? {
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        if family == AF_INET {
          address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            $0.pointee.sin_family = sa_family_t(AF_INET)
            $0.pointee.sin_port = in_port_t(9).bigEndian
            inet_pton(AF_INET, "192.0.2.1", &$0.pointee.sin_addr)
          }
        } else {
          address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
            $0.pointee.sin6_family = sa_family_t(AF_INET6)
            $0.pointee.sin6_port = in_port_t(9).bigEndian
            inet_pton(AF_INET6, "2001:db8::1", &$0.pointee.sin6_addr)
          }
        }
        guard connect(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0 else {
          return nil
        }
        return Self.address(address, length)
      }
    }
  }

  private static func address(_ pointer: UnsafePointer<sockaddr>?, _ length: socklen_t) -> IPAddress? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(pointer, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { return nil }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    // A link-local address names its interface behind a percent sign.
    return IPAddress(parsing: String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self))
  }
}
