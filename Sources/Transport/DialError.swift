import Cryptography

/// The steps of a connection, in their order. Those that a route does not have are left out.
public enum DialStep: String, Sendable, Hashable, Codable {
  /// The name of the proxy, or of the server on the direct way.
  case resolve
  /// TCP to it.
  case connect
  /// TLS to an https proxy.
  case proxyTLS
  /// CONNECT or SOCKS: the proxy is asked for the way to the server.
  case proxy
  /// TLS to the server.
  case tls
}

/// Why a connection could not be made. Equal by code and step; the rest is for people.
public struct DialError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    case nameNotFound
    case refused
    case timedOut
    /// No route, or a local rule forbids it.
    case unreachable
    /// By policy: 403, or SOCKS's "not allowed by ruleset".
    case forbiddenByProxy
    /// 407, or a SOCKS user and password that are missing or not accepted.
    case proxyCredentials
    /// 407 that offers only ways to log in that are not spoken here: anything but Basic.
    case proxyScheme
    /// An HTTP status that the proxy has answered with, or the server behind it: plain http does not always tell.
    case proxyOrServerAnswered(Int)
    /// Any other answer that is no yes: an HTTP status, or the code of a SOCKS reply.
    case proxyAnswered(Int)
    /// What came is no answer of such a proxy, or the connection was closed instead.
    case proxyProtocol
    case notTrusted(Distrust)
    /// The server asks for a client's certificate, and this side's key or certificates cannot be used.
    case identity
    /// TLS failed for another reason.
    case tls
    case cancelled
  }

  /// Why a certificate is not trusted.
  public enum Distrust: String, Sendable, Hashable, Codable {
    /// Signed by nobody whom this device knows: an inspecting proxy, most often.
    case issuer
    case expired
    case notYetValid
    /// It is for other names than the server's.
    case name
  }

  public let code: Code
  public let step: DialStep
  public let detail: String
  /// What was presented, where the certificate is why.
  public let certificate: PresentedCertificate?

  public init(_ code: Code, at step: DialStep, _ detail: String = "", certificate: PresentedCertificate? = nil) {
    self.code = code
    self.step = step
    self.detail = detail
    self.certificate = certificate
  }

  public static func == (a: DialError, b: DialError) -> Bool { a.code == b.code && a.step == b.step }

  /// True when the hop itself did not answer as it should: another way may do better. What a working proxy says, and
  /// what the server behind it presents, is true of every way.
  public var isHopDead: Bool {
    switch (step, code) {
    case (_, .cancelled), (.tls, _): false
    case (.resolve, _), (.connect, _), (.proxyTLS, _): true
    case (.proxy, .timedOut), (.proxy, .proxyProtocol): true
    case (.proxy, _): false
    }
  }

  /// True when a working proxy could not reach the server, or may not be to blame: what it answered is about that, and not about itself (the
  /// statuses of gateways; the replies of RFC 1928, 6; SOCKS 4 says no more than that it failed).
  var isBeyondProxy: Bool {
    if case .proxyOrServerAnswered = code { return true }
    guard case .proxyAnswered(let answer) = code else { return false }
    return [502, 503, 504, 1, 3, 4, 5, 6, 91].contains(answer)
  }

  public var description: String { detail.isEmpty ? summary : "\(summary): \(detail)" }

  private var summary: String {
    switch code {
    case .nameNotFound: "the name does not resolve"
    case .refused: "connection refused"
    case .timedOut: "timed out (\(step.rawValue))"
    case .unreachable: "unreachable"
    case .forbiddenByProxy: "the proxy forbids it"
    case .proxyCredentials: "the proxy wants other credentials"
    case .proxyScheme: "the proxy wants a way to log in that is not spoken here (407)"
    case .proxyOrServerAnswered(let code): "the proxy, or the server behind it, answered \(code)"
    case .proxyAnswered(let code): "the proxy answered \(code)"
    case .proxyProtocol: "no answer of a proxy of this kind"
    case .notTrusted(.issuer): "certificate signed by '\(certificate?.issuer ?? "?")', whom this device does not trust"
    case .notTrusted(.expired): "the certificate has expired"
    case .notTrusted(.notYetValid): "the certificate is not valid yet"
    case .notTrusted(.name): "the certificate is for '\(certificate?.subject ?? "?")'"
    case .identity: "the device's own key could not be used"
    case .tls: "no TLS"
    case .cancelled: "cancelled"
    }
  }
}
