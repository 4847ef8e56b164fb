import NIOCore
import Proxies

/// SOCKS 4A: the proxy resolves the name (an address 0.0.0.x announces that one follows).
struct SOCKS4: ProxyDialect {
  let greeting: [UInt8]

  init(_ origin: Origin, user: String) throws(DialError) {
    guard !user.utf8.contains(0), !origin.host.utf8.contains(0) else {
      throw DialError(.proxyProtocol, at: .proxy, "SOCKS 4 cannot say this user or host")
    }
    var bytes: [UInt8] = [4, 1] + origin.portBytes
    let address = origin.addressBytes
    let isFour = address?.count == 4
    bytes += isFour ? address ?? [] : [0, 0, 0, 1]
    bytes += Array(user.utf8) + [0]
    if !isFour { bytes += Array(origin.host.utf8) + [0] }
    greeting = bytes
  }

  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    if let version = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), version != 0 {
      throw DialError(.proxyProtocol, at: .proxy, "not an answer of SOCKS 4")
    }
    guard let reply = buffer.readBytes(length: 8) else { return nil }
    switch reply[1] {
    case 90: return .through
    case 92, 93: throw DialError(.proxyCredentials, at: .proxy, "SOCKS reply \(reply[1])")
    default: throw DialError(.proxyAnswered(Int(reply[1])), at: .proxy, "refused or failed")
    }
  }
}

/// SOCKS 5 (RFC 1928), with a user and password where they are given (RFC 1929). The proxy resolves names.
struct SOCKS5: ProxyDialect {
  private enum State { case methods, login, reply }

  private var state = State.methods
  private let login: [UInt8]?
  private let request: [UInt8]

  init(_ origin: Origin, _ credentials: ProxyCredentials?) throws(DialError) {
    if let credentials {
      let (user, password) = (Array(credentials.user.utf8), Array(credentials.password.utf8))
      guard (1...255).contains(user.count), (1...255).contains(password.count) else {
        throw DialError(.proxyCredentials, at: .proxy, "SOCKS wants a user and a password of 1 to 255 bytes each")
      }
      login = [1, UInt8(user.count)] + user + [UInt8(password.count)] + password
    } else {
      login = nil
    }
    let name = Array(origin.host.utf8)
    let target: [UInt8]
    switch origin.addressBytes {
    case let address? where address.count == 4: target = [1] + address
    case let address?: target = [4] + address
    case nil:
      guard name.count <= 255 else { throw DialError(.proxyProtocol, at: .proxy, "a name of more than 255 bytes") }
      target = [3, UInt8(name.count)] + name
    }
    request = [5, 1, 0] + target + origin.portBytes
  }

  var greeting: [UInt8] { login == nil ? [5, 1, 0] : [5, 2, 0, 2] }

  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    let first: UInt8 = state == .login ? 1 : 5
    if let version = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), version != first {
      throw DialError(.proxyProtocol, at: .proxy, "not an answer of SOCKS 5")
    }
    switch state {
    case .methods:
      guard let answer = buffer.readBytes(length: 2) else { return nil }
      if answer[1] == 0 {
        state = .reply
        return .say(request)
      }
      guard answer[1] == 2, let login else {
        throw DialError(.proxyCredentials, at: .proxy, login == nil ? "none are set" : "it wants another kind")
      }
      state = .login
      return .say(login)
    case .login:
      guard let answer = buffer.readBytes(length: 2) else { return nil }
      guard answer[1] == 0 else { throw DialError(.proxyCredentials, at: .proxy, "not accepted") }
      state = .reply
      return .say(request)
    case .reply: return try hearReply(&buffer)
    }
  }

  private func hearReply(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    guard let head = buffer.getBytes(at: buffer.readerIndex, length: 5) else { return nil }
    guard head[1] == 0 else { throw Self.refusal(head[1]) }
    // The address that the proxy connects from: of no use here, but its length decides where the origin's bytes begin.
    let address =
      switch head[3] {
      case 1: 4
      case 4: 16
      case 3: 1 + Int(head[4])
      default: throw DialError(.proxyProtocol, at: .proxy, "an address of unknown kind")
      }
    return buffer.readBytes(length: 4 + address + 2) == nil ? nil : .through
  }

  private static func refusal(_ code: UInt8) -> DialError {
    let words = [
      "general failure", "not allowed", "network unreachable", "host unreachable", "connection refused", "expired",
      "command not supported", "address type not supported",
    ]
    let word = words.indices.contains(Int(code) - 1) ? words[Int(code) - 1] : ""
    return code == 2
      ? DialError(.forbiddenByProxy, at: .proxy, "SOCKS reply 2")
      : DialError(.proxyAnswered(Int(code)), at: .proxy, word)
  }
}

extension Origin {
  var portBytes: [UInt8] { [UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port)] }

  /// In network order, 4 or 16; nil for a name.
  var addressBytes: [UInt8]? {
    switch try? SocketAddress(ipAddress: host, port: port) {
    case .v4(let address): withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address): withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
    default: nil
    }
  }
}
