import Prerequisites
import Transport

extension EndpointReport {
  /// What a trial means to whoever has to mend it.
  init(_ address: NetworkJob.Address, _ trial: Trial) {
    self.init(host: address.host, port: address.port, isRepository: address.isRepository, way: "\(trial.route)")
    signer = trial.signer
    if case .failure(let error) = trial.outcome {
      (obstacle, detail) = Self.meaning(error, throughProxy: trial.route != .direct)
    }
  }

  private static func meaning(_ error: DialError, throughProxy: Bool) -> (Obstacle, String) {
    if throughProxy, error.isHopDead { return (.proxyUnreachable, error.description) }
    return switch error.code {
    case .nameNotFound: (.dns, "")
    case .refused: (.refused, "")
    case .unreachable: (.unreachable, error.detail)
    case .timedOut, .cancelled: (.timedOut, error.step == .tls ? "in the TLS handshake" : "")
    case .forbiddenByProxy: (.proxyRefused, error.detail)
    case .proxyCredentials: (.proxyAuthentication, error.detail)
    case .proxyScheme: (.proxyScheme, error.detail)
    case .proxyOrServerAnswered(let code): (.proxyOrServer, "\(code)")
    case .proxyAnswered(let code): (.proxyRefused, "\(code)")
    case .proxyProtocol: (.proxyUnreachable, error.description)
    case .notTrusted(.issuer): (.inspected, "")
    case .notTrusted: (.certificate, error.description)
    case .identity: (.tls, error.description)
    case .tls: (.tls, "")
    }
  }
}
