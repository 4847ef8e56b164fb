extension BypassRule {
  /// Whether a server goes past the proxies. Nothing is looked up: addresses match only where the URL has one.
  public func matches(_ origin: WebOrigin) -> Bool {
    let address = IPAddress(parsing: origin.host)
    switch self {
    case .local: return address == nil && !origin.host.contains(".")
    case .name(let pattern, let port): return fits(port, origin) && Self.matches(pattern, origin.host)
    case .domain(let domain, let port):
      return fits(port, origin) && (origin.host == domain || origin.host.hasSuffix("." + domain))
    case .address(let wanted, let port): return fits(port, origin) && address == wanted
    case .network(let network, let bits): return address?.matches(network, bits: bits) == true
    }
  }

  private func fits(_ port: Int?, _ origin: WebOrigin) -> Bool { port == nil || port == origin.port }

  /// Goes back to the last asterisk only, so that it takes no more than the product of both lengths.
  private static func matches(_ pattern: String, _ text: String) -> Bool {
    let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
    var (p, t) = (0, 0)
    var back: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        back = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = back {
        back = (last.p, last.t + 1)
        (p, t) = (last.p + 1, last.t + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

extension IPAddress {
  /// The address with all but the first `bits` zero.
  func masked(bits: Int) -> IPAddress {
    IPAddress(
      bytes: bytes.enumerated().map { index, byte in
        byte & UInt8(truncatingIfNeeded: 0xFF00 >> min(max(bits - index * 8, 0), 8))
      })
  }
}
