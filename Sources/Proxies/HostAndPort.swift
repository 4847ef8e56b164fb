/// `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`, taken apart without looking anything up.
struct HostAndPort: Hashable, Sendable {
  /// In lower case, IPv6 without brackets; a single dot at a name's end is left out.
  let host: String
  let port: Int?

  init?(_ text: some StringProtocol) {
    guard let (name, port) = Self.split(text), let host = Self.host(name) else { return nil }
    (self.host, self.port) = (host, port)
  }

  /// A name or address, and what follows the colon behind it; the name is not looked at, brackets included.
  static func split(_ text: some StringProtocol) -> (name: String, port: Int?)? {
    let bytes = Array(text.utf8)
    var end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
    if bytes.first == UInt8(ascii: "[") {
      guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      end = bracket + 1
    }
    let name = String(decoding: bytes[..<end], as: UTF8.self)
    guard end < bytes.endIndex else { return (name, nil) }
    guard bytes[end] == UInt8(ascii: ":"), let port = port(bytes[(end + 1)...]) else { return nil }
    return (name, port)
  }

  /// 1 to 65535, in decimal digits.
  static func port(_ digits: some Collection<UInt8>) -> Int? {
    guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(number)
    else { return nil }
    return number
  }

  private static func host(_ name: String) -> String? {
    if name.hasPrefix("["), name.hasSuffix("]") {
      guard let address = IPAddress(parsing: String(name.dropFirst().dropLast())), address.isVersion6 else {
        return nil
      }
      return address.description
    }
    let name = (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()
    return isName(name) ? name : nil
  }

  /// Names as resolvers take them (RFC 1123, with the underscore that some networks use), and IPv4 addresses. What has
  /// nothing but digits and dots must be such an address, or it would be somebody's slip.
  static func isName(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= 253 else { return false }
    if name.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) { return IPAddress(parsing: name) != nil }
    return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D && label.allSatisfy(isNameByte)
    }
  }

  static func isNameByte(_ b: UInt8) -> Bool {
    (0x30...0x39).contains(b) || (0x41...0x5A).contains(b) || (0x61...0x7A).contains(b) || b == 0x2D || b == 0x5F
  }
}
