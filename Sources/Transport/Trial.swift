import Cryptography
import Proxies

/// How it went to make one connection, step by step.
public struct Trial: Sendable, Equatable {
  public struct Step: Sendable, Equatable {
    public let step: DialStep
    public let duration: Duration
  }

  public let host: String
  public let port: Int
  public let route: ProxyRoute
  /// In order; when it failed, the last one is where.
  public let steps: [Step]
  /// What the server, or an inspecting proxy in its place, presented: its issuer is who signed it. nil without TLS.
  public let outcome: Result<PresentedCertificate?, DialError>
}
