/// What a DHCP client has written down of its lease: where the network's proxy script is, and the domains to look in.
///
/// These files are their clients' own affair; what cannot be read in them counts as absent.
struct DHCPLease: Sendable, Hashable {
  /// Option 252, the de facto one of WPAD (draft-ietf-wrec-wpad-01, 4.4.1).
  var script: String?
  /// Options 119 and 15.
  var domains: [String] = []

  /// The most bytes of a file that are looked at.
  static let limit = 1 << 20

  /// A lease of systemd-networkd: `KEY=VALUE` lines, `OPTION_252` in hexadecimal.
  /// networkd writes it where `RequestOptions=252` makes it ask (systemd.network(5)).
  init(networkd bytes: [UInt8]) {
    for line in bytes.prefix(Self.limit).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let value = line[(equals + 1)...]
      switch String(decoding: line[..<equals], as: UTF8.self) {
      case "OPTION_252": script = Self.hexadecimal(value).flatMap(Self.text)
      case "DOMAIN_SEARCH_LIST", "DOMAINNAME":
        domains += value.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      default: continue
      }
    }
  }

  init(script: String? = nil, domains: [String] = []) {
    self.script = script
    self.domains = domains
  }

  /// The option's bytes as text: servers send a zero or a newline behind it.
  static func text(_ bytes: [UInt8]) -> String? {
    let end = bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
    return end == 0 ? nil : String(validating: bytes[..<end], as: UTF8.self)
  }

  /// Two digits a byte, with or without colons between them.
  static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let digits = text.filter { $0 != UInt8(ascii: ":") }
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func nibble(_ b: UInt8) -> UInt8? {
    switch b {
    case 0x30...0x39: b - 0x30
    case 0x41...0x46: b - 0x37
    case 0x61...0x66: b - 0x57
    default: nil
    }
  }
}
