/// What a script is asked: no more of a URL than it needs to know.
struct PACQuestion: Hashable, Sendable {
  /// Without user, password and fragment; of other schemes than http without path and query, too, which TLS keeps from
  /// everybody else on the way.
  let url: String
  /// In lower case; IPv6 without brackets.
  let host: String
  /// Answers are remembered by scheme, host and port.
  let origin: String

  init(url: String, host: String) {
    let host = host.lowercased()
    self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    guard let separator = url.utf8.firstRange(of: Array("://".utf8)),
      url.utf8[..<separator.lowerBound].allSatisfy(Self.isSchemeByte)
    else {
      // No URL, and nobody knows what in it may be told.
      (self.url, origin) = ("", "//" + self.host)
      return
    }
    let scheme = String(url[..<separator.lowerBound]).lowercased()
    let rest = url[separator.upperBound...]
    let end = rest.utf8.firstIndex { "/?#\\".utf8.contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    let place = authority.utf8.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.utf8.index(after: $0)...] }
    origin = "\(scheme)://\(Self.withoutOwnPort((place ?? authority).lowercased(), scheme))"
    let path = rest[end...].prefix { $0 != "#" }
    self.url = scheme == "http" && path.hasPrefix("/") ? origin + path : origin + "/"
  }

  /// As browsers write it: the port that the scheme has anyway is left out, so that both spellings are one question.
  private static func withoutOwnPort(_ authority: String, _ scheme: String) -> String {
    for (name, port) in [("http", ":80"), ("https", ":443"), ("ftp", ":21")]
    where scheme == name && authority.hasSuffix(port) { return String(authority.dropLast(port.count)) }
    return authority
  }

  /// RFC 3986, 3.1.
  private static func isSchemeByte(_ b: UInt8) -> Bool {
    (0x30...0x39).contains(b) || (0x41...0x5A).contains(b) || (0x61...0x7A).contains(b) || "+-.".utf8.contains(b)
  }
}
