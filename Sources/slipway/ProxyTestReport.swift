import Console
import Cryptography
import Installation
import Posix
import Product
import Proxies
import Transport

/// What `slipway proxy test` has found.
struct ProxyTestReport: Encodable {
  struct Step: Encodable {
    let step: String
    let milliseconds: Double
  }

  struct Certificate: Encodable {
    let subject: String
    let issuer: String

    init(_ presented: PresentedCertificate) { (subject, issuer) = (presented.subject, presented.issuer) }
  }

  struct Attempt: Encodable {
    let route: String
    let steps: [Step]
    let ok: Bool
    let error: String?
    let certificate: Certificate?
    /// All that came, the server's own first.
    let chain: [Certificate]
  }

  let schema = "slipway.proxy-test/1"
  let url: String
  let ok: Bool
  let mode: String
  let rule: String
  let routes: [String]
  let attempts: [Attempt]
  var remedy: String?

  init(url: String, _ decision: ProxyDecision, _ trials: [Trial]) {
    self.url = url
    mode = decision.mode.rawValue
    rule = decision.rule
    routes = decision.routes.map(\.description)
    attempts = trials.map { trial in
      let steps = trial.steps.map { Step(step: $0.step.rawValue, milliseconds: $0.milliseconds) }
      return Attempt(
        route: trial.route.description, steps: steps, ok: trial.error == nil, error: trial.error?.description,
        certificate: trial.certificate.map(Certificate.init), chain: trial.chain.map(Certificate.init))
    }
    ok = trials.last.map { $0.error == nil } ?? false
  }

  static func tell(_ decision: ProxyDecision) {
    Output.line("mode:        \(decision.mode.rawValue)")
    Output.line("rule:        \(decision.rule)")
    Output.line("routes:      \(decision.routes.map(\.description).joined(separator: "; "))")
  }

  static func tell(_ trial: Trial) {
    Output.line("trying:      \(trial.route)")
    for step in trial.steps {
      let failed = trial.error?.step == step.step ? " FAILED" : ""
      Output.line("  \(names[step.step] ?? step.step.rawValue): \(step.milliseconds) ms\(failed)")
    }
    if let error = trial.error { Output.line("  \(error.description.sanitized())") }
    for certificate in trial.chain.isEmpty ? [trial.certificate].compactMap(\.self) : trial.chain {
      Output.line("certificate: \(certificate.subject.sanitized()), signed by \(certificate.issuer.sanitized())")
    }
  }

  private static let names: [DialStep: String] = [
    .resolve: "name looked up", .connect: "connected", .proxyTLS: "TLS with the proxy", .proxy: "way through the proxy",
    .tls: "TLS with the server",
  ]

  /// - Parameter trial: the last attempt.
  static func failure(_ trial: Trial, _ origin: WebOrigin) -> Failure? {
    guard let error = trial.error else { return nil }
    let server = "\(origin.host):\(origin.port)"
    let outcome = if case .proxyOrServerAnswered = error.code { "perhaps not reached" } else { "not reached" }
    return Failure(
      .networkOrProxy, name: "proxy", "\(server) is \(outcome) by \(trial.route): \(error)",
      remedy: remedy(error, origin, trial))
  }

  private static func remedy(_ error: DialError, _ origin: WebOrigin, _ trial: Trial) -> String {
    let route = trial.route
    let server = "\(origin.host):\(origin.port)"
    guard case .through(let proxy) = route else {
      switch error.code {
      case .nameNotFound: return "check the name, and this device's DNS; where only a proxy may look names up, set it"
      case .notTrusted: return untrusted(error, origin, trial)
      case .identity: return identity
      case .tls: return "check that \(server) speaks TLS, and this device's clock"
      default: return "ask the network team to allow outgoing TCP to \(server), or set the proxy that is the way out"
      }
    }
    switch error.code {
    case .nameNotFound, .refused, .timedOut, .unreachable:
      return "check the proxy's address \(proxy.authority) (`slipway proxy show`), and that it runs"
    case .forbiddenByProxy: return "ask whoever runs the proxy \(proxy.authority) to allow \(server)"
    case .proxyCredentials:
      return "set the proxy's user and password: slipway proxy credentials \(proxy.authority) USER"
    case .proxyScheme:
      return
        "Slipway speaks Basic alone: ask whoever runs the proxy \(proxy.authority) to offer that, or to let this device "
        + "through without"
    case .proxyOrServerAnswered:
      return
        "try the address of a file that \(origin.host) has; if the answer is the same, ask whoever runs the proxy "
        + "\(proxy.authority) to allow \(server)"
    case .proxyAnswered: return "ask whoever runs the proxy \(proxy.authority) why it does not let \(server) through"
    case .proxyProtocol: return "check what kind of proxy \(proxy.authority) is: http, https, socks4 or socks5"
    case .notTrusted: return untrusted(error, origin, trial)
    case .identity: return identity
    case .tls: return "check that \(server) speaks TLS, and this device's clock"
    case .cancelled: return "try it again"
    }
  }

  private static let identity = "look at the device's key and at the TPM: slipway identity show"

  private static func untrusted(_ error: DialError, _ origin: WebOrigin, _ trial: Trial) -> String {
    guard case .notTrusted(.issuer) = error.code else {
      return "check this device's clock, and the server's certificate"
    }
    let signer = trial.signer?.sanitized() ?? "?"
    return
      "if '\(signer)' is your own inspecting proxy, have \(origin.host) exempted from inspection, or name the file of "
      + "that CA's certificate in config.toml: transport.caFile"
  }
}

extension Trial {
  var error: DialError? { if case .failure(let error) = outcome { error } else { nil } }
}

extension Trial.Step {
  /// To a tenth.
  var milliseconds: Double {
    let (seconds, attoseconds) = duration.components
    return ((Double(seconds) * 1e4 + Double(attoseconds) / 1e14).rounded()) / 10
  }
}
