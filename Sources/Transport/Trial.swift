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
  /// All that was presented with it, the server's own first. Empty unless it was asked for, or nobody knows its issuer.
  public let chain: [PresentedCertificate]

  /// What was presented, trusted or not.
  public var certificate: PresentedCertificate? {
    switch outcome {
    case .success(let certificate): certificate
    case .failure(let error): error.certificate
    }
  }

  /// Who stands at the end of what was presented: the root that has to be known for it.
  public var signer: String? {
    (chain.reversed() + [certificate].compactMap(\.self)).map(\.issuer).first { !$0.isEmpty }
  }
}
