import Proxies

/// The helpers that compare addresses: Mozilla's for IPv4, Microsoft's `Ex` set for both ("Extensions to the Navigator
/// Proxy Auto-Config File Format"), where addresses of different versions meet as in Chromium.
enum AddressRules {
  /// `mask` as four numbers: 255 for a part that must be equal.
  static func isIn(_ address: IPAddress, pattern: String, mask: String) -> Bool {
    guard let pattern = IPAddress(parsing: pattern), let mask = IPAddress(parsing: mask),
      !address.isVersion6, !pattern.isVersion6, !mask.isVersion6
    else { return false }
    return zip(zip(address.bytes, pattern.bytes), mask.bytes).allSatisfy { $0.0 & $1 == $0.1 & $1 }
  }

  /// `prefix` as `ADDRESS/BITS`. An IPv4 address is compared with an IPv6 one in its mapped form (RFC 4291, 2.5.5.2).
  static func isIn(_ address: String, prefix: String) -> Bool {
    let parts = prefix.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...3).contains(parts[1].count), parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
      let bits = Int(String(Substring(parts[1]))),
      let address = IPAddress(parsing: address), let network = IPAddress(parsing: String(Substring(parts[0]))),
      bits <= network.bytes.count * 8
    else { return false }
    if address.isVersion6 == network.isVersion6 { return address.matches(network, bits: bits) }
    return network.isVersion6
      ? address.mapped.matches(network, bits: bits) : address.matches(network.mapped, bits: bits + 96)
  }

  /// IPv6 before IPv4, each in numeric order; every address stays written as it was. Nil unless all are addresses.
  static func sorted(_ list: String) -> String? {
    var entries: [(text: String, address: IPAddress)] = []
    for piece in list.split(separator: ";") {
      let text = String(piece.split { $0 == " " || $0 == "\t" }.joined(separator: " "))
      if text.isEmpty { continue }
      guard let address = IPAddress(parsing: text) else { return nil }
      entries.append((text, address))
    }
    guard !entries.isEmpty else { return nil }
    return entries.enumerated().sorted { a, b in
      let (x, y) = (a.element.address, b.element.address)
      if x == y { return a.offset < b.offset }
      return x.isVersion6 != y.isVersion6 ? x.isVersion6 : x.bytes.lexicographicallyPrecedes(y.bytes)
    }.map(\.element.text).joined(separator: ";")
  }

  static func list(_ addresses: [IPAddress]) -> String {
    addresses.map(\.description).joined(separator: ";")
  }

  /// An IPv4 address as one number; nil for anything else.
  static func number(_ text: String) -> Double? {
    guard let address = IPAddress(parsing: text), !address.isVersion6 else { return nil }
    return address.bytes.reduce(0) { $0 * 256 + Double($1) }
  }
}

extension IPAddress {
  /// `::ffff:a.b.c.d` of an IPv4 address.
  fileprivate var mapped: IPAddress { IPAddress(parsing: "::ffff:\(self)") ?? self }
}
