/// A user and password for one proxy (Basic of RFC 7617, or RFC 1929 with SOCKS 5).
public struct ProxyCredentials: Sendable, Hashable, CustomStringConvertible {
  public let user: String
  public let password: String

  public init(user: String, password: String) {
    self.user = user
    self.password = password
  }

  /// Never the password: what is described ends up in logs.
  public var description: String { "credentials of '\(user)'" }
}
