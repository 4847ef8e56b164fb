/// An http or https address, taken apart without looking anything up.
public struct WebAddress: Equatable, Sendable {
  public static let rule = "http://HOST[:PORT]/PATH or https://..., without user, query or fragment"

  public enum Scheme: String, Sendable { case http, https }

  public let scheme: Scheme
  /// Without the brackets of an IPv6 address.
  public let host: String
  public let port: Int
  /// Begins with "/".
  public let path: String

  public init?(_ text: String) {
    guard let colon = text.firstRange(of: "://"), let scheme = Scheme(rawValue: String(text[..<colon.lowerBound])),
      !Letters.hasControl(text), !text.utf8.contains(where: { " ?#\\@\"<>".utf8.contains($0) })
    else { return nil }
    let rest = text[colon.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    guard let (host, port) = WebAddress.split(authority), ValueRules.isHost(host) else { return nil }
    let path = rest.dropFirst(authority.count)
    self.scheme = scheme
    self.host = host
    self.port = port ?? (scheme == .http ? 80 : 443)
    self.path = path.isEmpty ? "/" : String(path)
  }

  /// `HOST:PORT`, the form in which proxies are given.
  public static func hostAndPort(_ text: String) -> (host: String, port: Int)? {
    guard let (host, port) = split(text[...]), let port, ValueRules.isHost(host) else { return nil }
    return (host, port)
  }

  private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
    var host = authority
    var port: Int?
    let bracket = authority.first == "[" ? authority.firstIndex(of: "]") : authority.startIndex
    guard let bracket else { return nil }
    if let colon = authority[bracket...].lastIndex(of: ":") {
      let digits = authority[authority.index(after: colon)...]
      guard digits.utf8.allSatisfy(Letters.digits.contains), let number = Int(digits), ValueRules.isPort(number) else {
        return nil
      }
      host = authority[..<colon]
      port = number
    }
    if host.first == "[" {
      guard host.last == "]", host.contains(":") else { return nil }
      return (String(host.dropFirst().dropLast()), port)
    }
    return host.contains(":") ? nil : (String(host), port)
  }
}
