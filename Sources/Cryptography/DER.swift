/// The few values in DER (X.690) that keys and signatures are put together from.
public enum DER {
  public static func sequence(_ parts: [[UInt8]]) -> [UInt8] { tagged(0x30, parts.flatMap(\.self)) }

  /// A number that is not negative, big-endian with any leading zeros.
  public static func integer(_ magnitude: [UInt8]) -> [UInt8] {
    let digits = Array(magnitude.drop { $0 == 0 })
    return tagged(0x02, (digits.first ?? 0x80) & 0x80 != 0 ? [0] + digits : digits)
  }

  static func bitString(_ bytes: [UInt8]) -> [UInt8] { tagged(0x03, [0] + bytes) }

  private static func tagged(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    var length = [UInt8(truncatingIfNeeded: contents.count)]
    if contents.count >= 0x80 {
      var rest = contents.count
      length = []
      while rest > 0 {
        length.insert(UInt8(rest & 0xFF), at: 0)
        rest >>= 8
      }
      length.insert(0x80 | UInt8(length.count), at: 0)
    }
    return [tag] + length + contents
  }
}
