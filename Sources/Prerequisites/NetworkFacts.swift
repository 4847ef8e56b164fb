/// What came of trying the addresses that a product needs, by the way that fetch would take.
public struct NetworkFacts: Sendable, Equatable, Codable {
  /// How the device reaches servers, in one line, such as `manual proxy.example.com:3128`.
  public var proxy: String
  /// Whether that way is the one that the variables of a person's shell name: what runs in the background has none.
  public var isOfShell = false
  /// Why that way cannot be used at all: the script does not load, credentials are refused; nil when it can.
  public var proxyFault: Fault?
  public var endpoints: [EndpointReport] = []
  /// The time by the repository's clock (the Date of its answer), in seconds since 1970; nil when it did not answer.
  public var repositoryTime: Int64?

  public struct Fault: Sendable, Equatable, Codable {
    public var reason: String
    public var remedy: String

    public init(_ reason: String, remedy: String) {
      self.reason = reason
      self.remedy = remedy
    }
  }

  public init(proxy: String, proxyFault: Fault? = nil) {
    self.proxy = proxy
    self.proxyFault = proxyFault
  }
}

/// One address, and what stands before it.
public struct EndpointReport: Sendable, Equatable, Codable {
  /// The step that failed, and how.
  public enum Obstacle: String, Sendable, Codable, CaseIterable {
    /// The host's name, or the proxy's, does not resolve.
    case dns
    /// The connection was refused.
    case refused
    /// No answer.
    case timedOut
    /// No route, or a local rule forbids it.
    case unreachable
    /// The proxy does not answer.
    case proxyUnreachable
    /// The proxy refuses this host (403 and the like).
    case proxyRefused
    /// The proxy wants credentials, or other ones (407).
    case proxyAuthentication
    /// The proxy offers only ways to log in that Slipway does not speak.
    case proxyScheme
    /// An answer that is no yes came through the proxy, and nothing says whether it is the proxy's or the server's.
    case proxyOrServer
    /// What answers does not speak TLS.
    case tls
    /// The certificate is not for this host, or its time is over or has not come.
    case certificate
    /// The certificate comes from a signer that this device does not trust: somebody reads along.
    case inspected
  }

  public var host: String
  public var port: Int
  /// Needed by the repository alone: without it the agent works, and is not updated.
  public var isRepository: Bool
  /// As in a proxy script's answer: `DIRECT`, `PROXY host:port`.
  public var way: String
  public var obstacle: Obstacle?
  /// What the system or the server said.
  public var detail: String
  /// Who signed the certificate that came back.
  public var signer: String?

  public init(
    host: String, port: Int, isRepository: Bool = false, way: String = "DIRECT", obstacle: Obstacle? = nil,
    detail: String = "", signer: String? = nil
  ) {
    self.host = host
    self.port = port
    self.isRepository = isRepository
    self.way = way
    self.obstacle = obstacle
    self.detail = detail
    self.signer = signer
  }

  public var name: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
