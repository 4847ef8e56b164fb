import Glibc

/// An IPv4 or IPv6 address, as four or sixteen bytes.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  public let bytes: [UInt8]

  public var isVersion6: Bool { bytes.count == 16 }

  /// In the textual forms of inet_pton(3): four decimal numbers, or RFC 4291, 2.2. Nil for anything else.
  public init?(parsing text: String) {
    guard text.utf8.count < 46, !text.utf8.contains(0) else { return nil }
    for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: size)
      if inet_pton(family, text, &bytes) == 1 {
        self.bytes = bytes
        return
      }
    }
    return nil
  }

  /// As inet_ntop(3) writes it; IPv6 without brackets.
  public var description: String {
    var text = [CChar](repeating: 0, count: 46)
    inet_ntop(isVersion6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether the first `bits` are those of `other`, an address of the same version.
  public func matches(_ other: IPAddress, bits: Int) -> Bool {
    guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(bits) else { return false }
    return zip(bytes, other.bytes).enumerated().allSatisfy { index, pair in
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> min(max(bits - index * 8, 0), 8))
      return pair.0 & mask == pair.1 & mask
    }
  }
}
