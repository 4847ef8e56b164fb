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
    let separator = url.utf8.firstRange(of: Array("://".utf8))
    guard let separator else {
      (self.url, origin) = (url, url)
      return
    }
    let scheme = String(url[..<separator.lowerBound]).lowercased()
    let rest = url[separator.upperBound...]
    let end = rest.utf8.firstIndex { "/?#\\".utf8.contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    let place = authority.utf8.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.utf8.index(after: $0)...] }
    origin = "\(scheme)://\((place ?? authority).lowercased())"
    let path = rest[end...].prefix { $0 != "#" }
    self.url = scheme == "http" && path.hasPrefix("/") ? origin + path : origin + "/"
  }
}
