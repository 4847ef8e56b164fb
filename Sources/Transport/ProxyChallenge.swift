/// The fields of Proxy-Authenticate: challenges, each a scheme and its parameters, all of them separated by commas
/// (RFC 9110, 11.6.1).
enum ProxyChallenge {
  /// The names of all schemes, each cut to what the longest one that is registered needs.
  static func schemes(_ values: [String]) -> [String] { values.flatMap { parts($0) }.compactMap { scheme($0) } }

  /// Between the commas, those in quotation marks left aside.
  private static func parts(_ value: String) -> [Substring.UTF8View] {
    var isQuoted = false
    var isEscaped = false
    return Substring(value).utf8.split { byte in
      defer { isEscaped = isQuoted && !isEscaped && byte == UInt8(ascii: "\\") }
      if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
      return byte == UInt8(ascii: ",") && !isQuoted
    }
  }

  /// A word with nothing behind it, or a space; a parameter has `=` there.
  private static func scheme(_ part: Substring.UTF8View) -> String? {
    let text = part.drop(while: isBlank)
    let word = text.prefix(while: isTokenByte)
    let rest = text[word.endIndex...].drop(while: isBlank)
    guard !word.isEmpty, rest.first != UInt8(ascii: "=") else { return nil }
    return String(decoding: word.prefix(24), as: UTF8.self)
  }

  private static func isBlank(_ b: UInt8) -> Bool { b == 0x20 || b == 0x09 || b == 0x0D }

  private static func isTokenByte(_ b: UInt8) -> Bool {
    (0x30...0x39).contains(b) || (0x41...0x5A).contains(b) || (0x61...0x7A).contains(b) || b == UInt8(ascii: "-")
  }
}
